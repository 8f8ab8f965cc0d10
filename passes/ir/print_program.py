"""Print loop programs in the style of graphs, deterministically: for ``explain`` and golden files.

::

    t  = source(a: float64, b: int64)
    p0 = parameter(float64)
    loop over t:
        v0 = t.a * t.a
        a0 = append v0 where t.b == p0, selected
        s0 = merge sum(v0)
    s1 = host s0 / 2.0  # scalar
    return a0, s1

``a`` names arrays, ``s`` scalars, ``g`` groups and ``g0.sum0`` the table of an aggregate.  A row space that
is derived by a filter is named when an array over it is built: ``over r0``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from passes.ir.loops import Builder, Host, Loop, Program, row_inputs, row_values, step_targets
from passes.ir.node import Node, Token
from passes.ir.printer import ATOM, Printout
from passes.ir.rows import Filter, Join, Product, Range, Rows, Slice, Sort
from passes.ir.sorts import partly_sorted
from passes.ir.values import (
    Aggregate,
    Chain,
    Fold,
    Gather,
    HashedSlot,
    IsFirst,
    Key,
    LookupTable,
    Map,
    Parameter,
    Position,
    Read,
    Reduce,
    SlotNumber,
    SlotTable,
    SortedRun,
    Stored,
    Take,
    Value,
    View,
    Window,
    WithinGroup,
)
from passes.ir.walk import children, topological


def print_program(program: Program) -> str:
    """The text of a loop program.

    Parameters
    ----------
    program : Program
        Before, between or after loop passes.

    Returns
    -------
    str
        Without a trailing newline; the same for equal programs whose tokens have equal hints.
    """
    return ProgramPrintout(program).text


class ProgramPrintout(Printout):
    """A printed loop program and the names that it gave.

    Attributes
    ----------
    text : str
    steps : tuple of str
        The text of each step of the program, in order.
    steps_of : dict
        The same by step.
    """

    def __init__(self, program: Program) -> None:
        self._start()
        self._uses = Counter()
        values = _values(program)
        spaces = _spaces(program, values)
        inputs = [value for value in values if isinstance(value, (Read, Parameter))]
        self._name_inputs([*[rows for rows in spaces if isinstance(rows, Range)], *inputs])
        for node in [*spaces, *[value for value in values if isinstance(value, Parameter)]]:
            if isinstance(node, (Range, Parameter)):
                self._add(node)
        for rows in spaces:
            if not isinstance(rows, Range):
                self._pieces[rows] = (self._row_name(rows), ATOM, 0)
        for value in values:
            if isinstance(value, Read):
                self._add(value)
        head = self._aligned()
        self.steps = tuple([self._step(step) for step in program.steps])
        self.steps_of = dict(zip(program.steps, self.steps, strict=True))
        returned = ", ".join([self._result(value) for value in program.results])
        self.text = "\n".join([*head, *self.steps, f"return {returned}".rstrip()])

    def names_of(self, values: Iterable[Value]) -> list[str]:
        """The names of those of ``values`` that the text mentions."""
        return [self.expression(value) for value in values if value in self._pieces]

    def _start(self) -> None:
        self._returned: frozenset[Value] = frozenset()
        self._built: set[Value] = set()
        self.tokens: dict[str, Token] = {}
        self._token_names: dict[Token, str] = {}
        self._columns: dict[Node, str] = {}
        self._pieces: dict[Node, tuple[str, int, int]] = {}
        self._lines: list[tuple[str, str]] = []
        self._counters: Counter[str] = Counter()

    # -- steps

    def _step(self, step: Host | Loop) -> str:
        if isinstance(step, Loop):
            return self._loop(step)
        text = self._host(step.target)
        return f"{self._target(step.target)} = host {text}  # {step.why}"

    def _loop(self, loop: Loop) -> str:
        lines = self._fed(loop.builders)
        if loop.side is not None and loop.behind:
            behind = self._fed(loop.behind)
            lines += [
                f"behind each row of {self.expression(loop.side)}:",
                *[f"    {line}" for line in behind],
            ]
        return "\n    ".join([f"loop over {self.expression(loop.domain)}:", *lines])

    def _fed(self, builders: Sequence[Builder]) -> list[str]:
        self._lines = []
        order = row_values([root for builder in builders for root in builder.roots()])
        # what an earlier loop left is read as `Stored`; the value itself is computed again here
        left: dict[Node, tuple[str, int, int]]
        left = {node: self._pieces.pop(node) for node in order if node in self._built}
        self._uses = Counter(child for node in order for child in row_inputs(node))
        self._uses.update(root for builder in builders for root in set(builder.roots()))
        numbered = self._counters["v"]
        self._counters["v"] = 0
        here = [node for node in order if node not in self._pieces]
        for node in here:
            self._add(node)
        lines = [f"v{k} = {text}" for k, (_, text) in enumerate(self._lines)]
        texts = [self._builder(builder) for builder in builders]
        self._counters["v"] = numbered
        for node in here:
            del self._pieces[node]
        self._pieces.update(left)
        names = [self._target(builder.target) for builder in builders]
        return lines + [f"{name} = {text}" for name, text in zip(names, texts, strict=True)]

    def _builder(self, builder: Builder) -> str:
        target, x = builder.target, self.expression(builder.expression)
        match target:
            case Reduce(operation):
                text = f"merge {operation}({x})"
            case Fold(operation, _, axis):
                text = f"fold {operation}({x}), axis={axis}"
            case SlotTable(aggregate):
                text = f"merge {aggregate.operation}({x}) at {self.expression(builder.slot)}"
            case _:
                text = f"append {x}"
        if builder.guards:
            text += f" where {' and '.join([self.expression(guard) for guard in builder.guards])}"
            text += ", selected" if builder.select else ", branching"
        if builder.guards and builder.appends and not builder.sized:
            text += ", in pieces"
        if builder.appends and isinstance(target.rows, Filter):
            text += f", over {self.expression(target.rows)}"
        return text

    def _host(self, target: Value) -> str:
        name = self._read
        match target:
            case Map():
                for argument in target.arguments:
                    if argument not in self._pieces:
                        self._add(argument)
                self._add(target)
                return self._pieces.pop(target)[0]
            case Take(Position(_, _, Sort() as sort), _, Slice(_, start, stop)) if partly_sorted(target):
                return f"positions of sort by {self._sorted_by(sort)}, {start}:{stop}"
            case Take(column, _, Slice(_, start, stop, step)):
                return f"slice({name(column)}, {start}, {stop}, {step})"
            case View(column, start, step):
                return f"view({name(column)}, start={start}, step={step})"
            case Take(column) | Gather(column):
                return f"take({name(column)})"
            case Reduce(operation, column) | Window(operation, column):
                return f"{operation}({name(column)})"
            case LookupTable(keys, _, rows):
                return f"table of {self.expression(rows)} by {', '.join([name(key) for key in keys])}"
            case Chain(columns):
                return f"chain({', '.join(map(name, columns))})"
            case Position(side, _, Join(_, _, left_keys, right_keys, how)):
                pairs = zip(left_keys, right_keys, strict=True)
                on = ", ".join([f"{name(one)} == {name(other)}" for one, other in pairs])
                return f"{('left', 'right')[side]} positions of {how} join on {on}"
            case Position(_, _, Sort() as sort):
                return f"positions of sort by {self._sorted_by(sort)}"
            case WithinGroup(operation, column, group, argument):
                more = "" if argument is None else f", {argument!r}"
                return f"{operation}({name(column)}{more}) within {self.expression(group)}"
            case HashedSlot(group):
                return f"number_keys({', '.join([name(key) for key in group.keys])})"
            case IsFirst(group):
                return f"is_first({', '.join([name(key) for key in group.keys])})"
            case SortedRun(column):
                return f"number_runs({name(column)})"
            case SlotNumber(_, _, rows):
                return f"number_slots({self.expression(rows)})"
            case Aggregate():
                return f"compact({name(SlotTable(target))})"
            case Key(position, _, rows):
                return f"{self.expression(rows)}.key({position})"
        return type(target).__name__.lower()

    def _sorted_by(self, sort: Sort) -> str:
        ways = zip(sort.keys, sort.ascending, strict=True)
        return ", ".join([f"{self._read(key)}{'' if up else ' descending'}" for key, up in ways])

    # -- names

    def _target(self, target: Value) -> str:
        if target in self._pieces:
            return self.expression(target)
        if isinstance(target, SlotTable):
            group = self.expression(target.rows)
            prefix = f"{group}.{target.aggregate.operation}"
        else:
            prefix = "s" if target.rows is None else "a"
        self._pieces[target] = self._pieces[Stored(target)] = (self._fresh(prefix), ATOM, 0)
        self._built.add(target)
        return self.expression(target)

    def _read(self, value: Value) -> str:
        """A value that a host step reads: by name, and for an opaque column the input that it is of."""
        while value not in self._pieces and isinstance(value, (Take, View, Gather)):
            value = value.column
        return self._pieces[value][0] if value in self._pieces else type(value).__name__.lower()

    def _result(self, value: Value) -> str:
        if value not in self._pieces:
            self._add(value)
        return self.expression(value)

    def _row_name(self, rows: Rows) -> str:
        if isinstance(rows, Product):
            return f"product({self.expression(rows.left)}, {self.expression(rows.right)})"
        return super()._row_name(rows)


def _values(program: Program) -> list[Value]:
    """Every value that the steps and results mention, each once, inputs as they are met."""
    found: dict[Value, None] = {}
    for step in program.steps:
        if isinstance(step, Loop):
            found.update(dict.fromkeys(step.values()))
            found.update(dict.fromkeys([bound for b in step.all_builders for bound in b.bounds]))
            found.update(dict.fromkeys(step_targets(step)))
        else:
            found.update(dict.fromkeys(_of_host(step)))
    found.update(dict.fromkeys(program.results))
    return list(found)


def _of_host(step: Host) -> Iterable[Value]:
    yield from step.reads
    value = step.target
    if isinstance(value, Map):
        yield from value.arguments
    while isinstance(value, (Take, View, Gather, Window, Reduce, SortedRun)):
        value = value.column
        yield value
    yield step.target


def _spaces(program: Program, values: list[Value]) -> list[Rows]:
    """The row spaces of ``values`` and loops, each after those that it is derived from."""
    roots: dict[Node, None] = {}
    for value in values:
        rows = value.column.rows if isinstance(value, (Reduce, Fold)) else None
        if isinstance(value, WithinGroup):
            rows = value.group
        roots.update(dict.fromkeys([r for r in (value.rows, rows) if r is not None]))
    roots.update(dict.fromkeys([loop.domain for loop in program.loops]))
    return [node for node in topological(roots, _row_parents) if isinstance(node, Rows)]


def _row_parents(node: Node) -> tuple[Node, ...]:
    return tuple([child for child in children(node) if isinstance(child, Rows)])


__all__ = ["ProgramPrintout", "print_program"]
