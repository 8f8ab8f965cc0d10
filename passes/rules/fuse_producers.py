"""Inline what one loop stores into the loops that read it."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import (
    Builder,
    Loop,
    Program,
    Step,
    is_leaf,
    same_row_inputs,
    step_reads,
    step_targets,
    stored_in,
)
from passes.ir.node import Node, carry_origin
from passes.ir.rows import Filter, Rows
from passes.ir.values import Gather, Literal, Map, Probe, Stored, Take, Value
from passes.ir.walk import rebuild, topological


def fuse_producers(program: Program) -> Program:
    """Loop that stores an array + loop that reads it -> the reader computes the value itself.

    A loop over filtered rows becomes a loop over the rows before the filter with the filter's mask as a
    guard, provided that everything it reads can be computed there; its builders then count rows of their own.
    Results that are still asked for, or kept to be shared, stay where they are, and filtered rows whose
    columns are kept are walked as they are.  Only what can run in the very loop that leaves what is kept
    computes it itself, which costs nothing there, ``sum(v)`` beside ``v``, unless kernels are cut there.

    Safe because expressions have no effects: evaluating one more often, or for rows that a guard discards,
    changes no result.
    """
    fusion = _Inlining(program.kept)
    beside = _Beside(program.kept, program.cuts) if program.kept != program.cuts else None
    waits: dict[Value, tuple[Value, ...]] = {}
    steps: list[Step] = []
    for step in program.steps:
        fused = step
        if isinstance(step, Loop):
            (builder,) = step.builders
            if waits or builder.bounds:
                builder = _waiting(builder, step.domain, waits)
            fused = fusion.fuse(builder, step.domain)
            if beside is not None:
                fused = beside.unless_it_waits(fused, builder, step.domain)
        elif beside is not None:
            beside.note(step)
        steps.append(fused)
    return replace(program, steps=tuple(steps))


def _waiting(builder: Builder, domain: Rows, waits: dict[Value, tuple[Value, ...]]) -> Builder:
    """``builder``, waiting for all that the loops wait for whose work it may take over."""
    inlined = [value for root in builder.roots() for value in stored_in(root)]
    while waits and isinstance(domain, Filter):
        inlined.append(domain.mask)
        domain = domain.parent
    bounds = tuple(dict.fromkeys([*builder.bounds, *[b for v in inlined for b in waits.get(v, ())]]))
    if builder.appends and bounds:
        waits[builder.target] = bounds
    return builder._replace(bounds=bounds)


class _Beside:
    """Loops that read what is kept, and may as well be part of the loop that leaves it.

    ``places`` are the loops that leave what is kept: their rows, what is left behind each guard, and how many
    loops in turn they wait for.
    """

    def __init__(self, kept: frozenset[Value], cuts: frozenset[Value]) -> None:
        self.kept = kept - cuts
        self.all = _Inlining(cuts)
        self.stages: dict[Value, int] = {}
        self.places: dict[Value, tuple[Rows, tuple[Value, ...], int]] = {}

    def unless_it_waits(self, fused: Loop, builder: Builder, domain: Rows) -> Loop:
        """``fused``, or the loop that computes all itself if it can run where what it reads is computed."""
        whole = self.all.fuse(builder, domain)
        places = {self.places[read] for read in step_reads(fused) if read in self.kept}
        if len(places) == 1:
            ((rows, guards, stage),) = places
            same = whole.domain is rows and whole.builders[0].guards[: len(guards)] == guards
            if same and self.stage(whole) == stage:
                fused = whole
        self.note(fused)
        if builder.target in self.kept:
            self.places[builder.target] = (fused.domain, fused.builders[0].guards, self.stage(fused))
        return fused

    def stage(self, step: Step) -> int:
        """How many loops in turn have to run before a step."""
        return max([self.stages.get(read, 0) for read in step_reads(step)], default=0)

    def note(self, step: Step) -> None:
        """Note when what a step leaves is there."""
        stage = self.stage(step) + isinstance(step, Loop)
        for target in step_targets(step):
            self.stages[target] = stage


class _Inlining:
    """Expressions found so far for values that earlier loops store.

    ``own`` are expressions over a value's own rows.  ``base`` are expressions over the rows that its row
    space was filtered from, all the way down to rows that are not a filter's, or that are stored.
    """

    def __init__(self, kept: frozenset[Value]) -> None:
        self.kept = kept
        self.stored = {value.rows for value in kept if isinstance(value, Take)}
        self.own: dict[Value, Value] = {}
        self.base: dict[Value, Value] = {}
        self.roots: dict[Rows, tuple[Rows, tuple[Value, ...]]] = {}

    def root(self, rows: Rows) -> tuple[Rows, tuple[Value, ...]]:
        """The rows below all filters, and the guards that the filters are there."""
        chain: list[Filter] = []
        below = rows
        while self.is_filtered(below) and below not in self.roots:
            assert isinstance(below, Filter)
            chain.append(below)
            below = below.parent
        base, guards = self.roots.get(below, (below, ()))
        for link in reversed(chain):
            mask = self.at_base(link.mask)
            if mask is None:
                base, guards = link.parent, (self.at_own(link.mask),)
            else:
                guards = (*guards, mask)
            self.roots[link] = (base, guards)
        return base, guards

    def is_filtered(self, rows: Rows | None) -> bool:
        """Whether rows are what a filter leaves of others, and can be walked with these."""
        return isinstance(rows, Filter) and rows not in self.stored

    def at_own(self, value: Value) -> Value:
        """An expression for ``value`` over its own rows."""
        if is_leaf(value):
            return value
        found = self.own.get(value)
        return Stored(value) if found is None else found

    def at_base(self, value: Value) -> Value | None:
        """An expression for ``value`` over the root of its rows, if there is one."""
        if value in self.base:
            return self.base[value]
        if self.is_filtered(value.rows):
            return None
        return self.at_own(value)

    def fuse(self, builder: Builder, domain: Rows) -> Loop:
        """A loop over ``domain`` with one builder, which computes what it read."""
        if not self.is_filtered(domain):
            fused = self.inlined(builder)
            if builder.appends and builder.target.rows is domain:
                self.own[builder.target] = self.unless_kept(builder.target, fused.expression)
            elif builder.appends and builder.target not in self.kept:
                self.base[builder.target] = fused.expression
            return Loop(domain, (fused,))
        base, guards = self.root(domain)
        at_base = [self.lift(root) for root in builder.roots()]
        if builder.appends and builder.target.rows is domain:
            self.own[builder.target] = self.unless_kept(builder.target, self.inline(builder.expression))
        if None in at_base:
            return Loop(domain, (self.inlined(builder),))
        lifted = _over(builder, [root for root in at_base if root is not None])
        if builder.appends and builder.target not in self.kept:
            self.base[builder.target] = lifted.expression
        return Loop(base, (lifted._replace(guards=(*guards, *lifted.guards)),))

    def unless_kept(self, target: Value, expression: Value) -> Value:
        return Stored(target) if target in self.kept else expression

    def inlined(self, builder: Builder) -> Builder:
        target, expression, guards, slot, select, sized, bounds = builder
        if not guards and slot is None:
            return Builder(target, self.inline(expression), guards, slot, select, sized, bounds)
        return _over(builder, [self.inline(root) for root in builder.roots()])

    def inline(self, expression: Value) -> Value:
        """``expression`` with loads replaced by what computes them, over the same rows."""
        if isinstance(expression, Stored):
            return self.own.get(expression.value, expression)
        if type(expression) is Map and _IS_WORK.isdisjoint(map(type, expression.arguments)):
            own = self.own
            loaded = [own.get(a.value, a) if type(a) is Stored else a for a in expression.arguments]
            fused = Map(expression.operation, tuple(loaded), expression.dtype)
            carry_origin(expression, fused)
            return fused
        became: dict[Node, Node] = {}
        for node in topological([expression], same_row_inputs):
            if isinstance(node, Stored):
                became[node] = self.own.get(node.value, node)
            elif type(node) in _IS_WORK:
                became[node] = rebuild(node, lambda child: became.get(child, child))
                carry_origin(node, became[node])
            else:
                became[node] = node
        return became[expression]  # type: ignore[return-value]  # a value stays a value

    def lift(self, expression: Value) -> Value | None:
        """``expression`` over the root of its rows, or None where a part exists only after the filter."""
        if not self.is_filtered(expression.rows):
            return self.inline(expression)
        became: dict[Node, Node] = {}
        for node in topological([expression], same_row_inputs):
            if isinstance(node, Stored) and node.rows is not None:
                found = self.base.get(node.value)
                if found is None:
                    return None
                became[node] = found
            elif isinstance(node, Gather) and not _is_found(became.get(node.positions)):
                return None  # positions are in range for the rows that are left, and perhaps for no others
            elif type(node) in _IS_WORK:
                became[node] = rebuild(node, lambda child: became.get(child, child))
                carry_origin(node, became[node])
            elif node.rows is not None:  # type: ignore[attr-defined]  # a value
                return None
            else:
                became[node] = node
        return became[expression]  # type: ignore[return-value]  # a value stays a value


_IS_WORK = frozenset({Map, Gather, Probe})
"""What is computed at a row, of its parts."""


def _is_found(positions: Node | None) -> bool:
    """Whether positions are those of a lookup, 0 for what was not found: in range whatever the row.

    Where there are no rows to be found, row 0 is read of an array without rows, which runners allow.
    """
    match positions:
        case Map("maximum", (Probe(), Literal() as least)):
            return bool(least.value == 0)
    return False


def _over(builder: Builder, roots: list[Value]) -> Builder:
    """``builder`` over new expressions, given in the order of `Builder.roots`."""
    guards = tuple(roots[: len(builder.guards)])
    slot = roots[len(builder.guards)] if builder.slot is not None else None
    return Builder(builder.target, roots[-1], guards, slot, builder.select, builder.sized, builder.bounds)
