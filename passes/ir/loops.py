"""Loop programs: what a graph is lowered to, and what kernels are emitted from.

A program is a sequence of steps.  A `Loop` walks the rows of one domain and feeds builders: append to an
array, merge into a cell, merge into a group table, fold one side of a product.  A `Host` step is done by
NumPy or pandas between loops.  Expressions are the graph's own values, whose leaves are what a loop can load
at a row: `Read`, `RowNumber`, `View`, `Outer` or `Gather` of these, `Stored` (what an earlier step left) and
scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from passes.ir.node import Node
from passes.ir.rows import Group, Product, Range, Rows
from passes.ir.values import (
    Fold,
    Gather,
    Literal,
    Map,
    Outer,
    Parameter,
    Probe,
    Read,
    Reduce,
    RowNumber,
    SlotTable,
    SortedRun,
    Stored,
    Value,
    View,
)
from passes.ir.walk import topological

_MERGED = frozenset({Reduce, SlotTable, Fold})


class Builder(NamedTuple):
    """One result of a loop.

    Parameters
    ----------
    target : Value
        What is built.  A `Reduce` is merged into a cell, a `SlotTable` into its slots, a `Fold` into
        a row of the side that stays; anything else is appended to an array.
    expression : Value
        What each row of the domain contributes.
    guards : tuple of Value
        Boolean values of the domain; a row contributes where all are true.
    slot : Value or None
        The row of the table, for a `SlotTable`.
    select : bool
        Whether guards choose between the contribution and a neutral one, or between the slot and a spare one,
        instead of branching around it.
    sized : bool
        Whether the array may be allocated before the loop runs: its length, or a bound, is known by then.
    bounds : tuple of Value
        Scalars that the size or the strides of a group's table follow from.
    """

    target: Value
    expression: Value
    guards: tuple[Value, ...] = ()
    slot: Value | None = None
    select: bool = False
    sized: bool = False
    bounds: tuple[Value, ...] = ()

    def roots(self) -> tuple[Value, ...]:
        """The expressions this builder evaluates at a row."""
        if self.slot is None:
            return (*self.guards, self.expression)
        return (*self.guards, self.slot, self.expression)

    @property
    def appends(self) -> bool:
        """Whether an array of values is built."""
        return type(self.target) not in _MERGED


class Loop(NamedTuple):
    """One pass over the rows of ``domain``: one kernel.

    Parameters
    ----------
    domain : Rows
        Whose.
    builders : tuple of Builder
        Fed by each row.
    behind : tuple of Builder
        Of a loop over a `Product`: fed by each row of the side that stays, when its folds are complete.
    """

    domain: Rows
    builders: tuple[Builder, ...]
    behind: tuple[Builder, ...] = ()

    @property
    def folded_axis(self) -> int | None:
        """For a loop over a `Product`: the axis of the inner loop.  None when the domain has one axis."""
        if not isinstance(self.domain, Product):
            return None
        return inner_axis(self.builders[0])

    @property
    def side(self) -> Rows | None:
        """For a loop over a `Product`: the side that stays while the inner loop walks the other."""
        axis = self.folded_axis
        if axis is None:
            return None
        assert isinstance(self.domain, Product)
        return (self.domain.right, self.domain.left)[axis]

    @property
    def all_builders(self) -> tuple[Builder, ...]:
        """All that leave a result."""
        return (*self.builders, *self.behind) if self.behind else self.builders

    @property
    def folds(self) -> tuple[Value, ...]:
        """What those `behind` find in registers."""
        return tuple([builder.target for builder in self.builders if isinstance(builder.target, Fold)])

    def values(self) -> list[Value]:
        """Every value that the loop evaluates or loads, each after its arguments."""
        found = row_values([root for builder in self.all_builders for root in builder.roots()])
        if not self.behind:
            return found
        own = frozenset(self.folds)
        return [value for value in found if not (type(value) is Stored and value.value in own)]


class Host(NamedTuple):
    """A value that NumPy or pandas computes between loops; ``reads`` are the steps' values it needs."""

    target: Value
    reads: tuple[Value, ...]
    why: str


Step = Loop | Host


class GroupPlan(NamedTuple):
    """How rows find their group: ``slot = sum((key - low) * stride)`` in a dense table, or slots are numbers.

    Keys that are known to be ``low, low + step, ..., high`` are divided by their steps, if these are greater
    than 1: ``slot = sum(((key - low) >> shift) * stride)``, modulo 2**64, where ``step`` is ``2**shift``
    times an odd number, and the inverse of that is a factor of ``stride``.

    Parameters
    ----------
    group : Group
        The row space planned for.
    lows, highs : tuple of Value
        Scalars, one per key: bounds of its values.  Empty when keys are numbered.  Of keys that are known
        ``lows`` are bound when the program runs, and there are no ``highs``.
    strides : tuple of Parameter
        Bound when the program runs, from the bounds; one per key, the last is 1.
    slot : Value
        int64 column of the group's parent.
    presence : SlotTable
        Of each slot whether it has rows, or how many.
    first : SlotTable
        The first row of each slot, of one without rows the largest integer: in the place of ``presence`` when
        groups come in order of appearance.
    number : int
        Of the group among those of the graph.
    runs : SortedRun or None
        Numbers of the runs of a sorted input that the one key is a part of: its slots.
    shifts : tuple of (Parameter or None)
        Bound when the program runs, one per key that is divided by its step.  Empty unless keys are known.
    behind : tuple of (Parameter or None)
        Likewise, of keys that may be missing: what is in the place of their products with the stride.
    """

    group: Group
    lows: tuple[Value, ...]
    highs: tuple[Value, ...]
    strides: tuple[Parameter, ...]
    slot: Value
    presence: SlotTable
    first: SlotTable
    number: int = 0
    runs: SortedRun | None = None
    shifts: tuple[Parameter | None, ...] = ()
    behind: tuple[Parameter | None, ...] = ()

    @property
    def dense(self) -> bool:
        """Whether slots are computed from the keys themselves."""
        return bool(self.lows)

    @property
    def stepped(self) -> bool:
        """Whether bounds of keys are known before, and what they are multiples of."""
        return bool(self.shifts)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What is bound when the program runs."""
        if not self.stepped:
            return self.strides
        some = [parameter for parameter in (*self.shifts, *self.behind) if parameter is not None]
        return (*self.strides, *some, *self.lows)  # type: ignore[arg-type]  # parameters, too

    @property
    def hashed(self) -> bool:
        """Whether slots are numbers given out by hashing."""
        return not self.dense and self.runs is None

    @property
    def in_order(self) -> bool:
        """Whether a slot's number is that of its group."""
        if self.runs is not None:
            return self.group.parent is self.runs.rows
        return self.hashed and not self.group.sort

    @property
    def waits(self) -> tuple[Value, ...]:
        """What has to be known before rows can be sent to slots."""
        if self.runs is not None:
            return (self.runs,)
        if self.stepped:
            return ()
        return (*self.lows, *self.highs) if self.dense else (self.slot,)

    @property
    def order(self) -> tuple[Value, ...]:
        """What tells which slots are groups, and in which order."""
        if self.runs is not None:
            return (self.runs,) if self.in_order else (self.runs, self.presence)
        if not self.dense:
            return (self.slot,)
        return (self.presence,) if self.group.sort else (self.first,)


@dataclass(frozen=True, slots=True)
class Program:
    """A lowered graph.

    Parameters
    ----------
    steps : tuple of Step
        Each after the steps whose results it reads.
    results : tuple of Value
        What the user asked for.
    kept : frozenset of Value
        Values that must be stored once rather than computed again in each loop that needs them.
    groups : mapping of Group to GroupPlan
        One for each group row space.
    inputs : tuple of Value
        The `Read` and `Parameter` leaves that data is bound to.
    cuts : frozenset of Value
        Those of ``kept`` at which kernels end, as they would be too long.
    """

    steps: tuple[Step, ...]
    results: tuple[Value, ...]
    kept: frozenset[Value] = frozenset()
    groups: Mapping[Group, GroupPlan] = field(default_factory=lambda: MappingProxyType({}))
    inputs: tuple[Value, ...] = ()
    cuts: frozenset[Value] = frozenset()

    @property
    def loops(self) -> list[Loop]:
        """The steps that become kernels."""
        return [step for step in self.steps if isinstance(step, Loop)]


def is_leaf(value: Value) -> bool:
    """Whether a loop can load ``value`` without anything being computed before.

    The numbers of rows that a filter, a slice or a grouping leaves are no leaf: somebody has to count them.
    """
    if type(value) is RowNumber:
        return not derived_sides(value.rows)
    return type(value) in _LEAVES


_LEAVES = frozenset({Read, Literal, Parameter, Stored})


def derived_sides(rows: Rows | None) -> list[Rows]:
    """The row spaces that ``rows`` is, or is a product of, whose length follows from data."""
    found: list[Rows] = []
    sides = [rows]
    while sides:
        side = sides.pop()
        if isinstance(side, Product):
            sides += [side.right, side.left]
        elif side is not None and not isinstance(side, Range):
            found.append(side)
    return found


_ROW_INPUTS: dict[type[Node], Callable[[Any], tuple[Node, ...]]] = {
    Map: lambda node: node.arguments,
    View: lambda node: (node.column,),
    Outer: lambda node: (node.column,),
    Gather: lambda node: (node.column, node.positions),
    Probe: lambda node: (node.table, *node.keys),
}


def row_inputs(node: Node) -> tuple[Node, ...]:
    """What ``node`` needs at a row, for `topological`: row spaces are not walked into."""
    known = _ROW_INPUTS.get(type(node))
    return () if known is None else known(node)


def same_row_inputs(node: Node) -> tuple[Node, ...]:
    """What is evaluated at the row of ``node``; a `View`, an `Outer` and a `Gather` load from other rows."""
    match node:
        case Map():
            return node.arguments
        case Gather():
            return (node.positions,)
        case Probe():
            return node.keys
    return ()


def row_values(roots: Iterable[Value]) -> list[Value]:
    """Every value that a row of ``roots`` evaluates, each after its arguments."""
    return topological(roots, row_inputs)  # type: ignore[return-value]  # row_inputs of values are values


def loaded_from_other_rows(values: Iterable[Value]) -> set[Value]:
    """What earlier steps have left that ``values`` load at other rows than the one that they are at."""
    columns = [value.column for value in values if isinstance(value, (View, Outer, Gather))]
    return {left for column in columns for left in stored_in(column)}


def stored_in(root: Value) -> tuple[Value, ...]:
    """The values whose stored results a row of ``root`` reads; remembered, as builders share expressions."""
    if type(root) is Stored:
        return (root.value,)
    if type(root) not in _ROW_INPUTS:
        return ()
    known = root._stored_in
    if known is not None:
        return known
    for part in row_inputs(root):
        if type(part) in _ROW_INPUTS and part._stored_in is None:  # type: ignore[attr-defined]  # a value
            for node in topological([root], _unknown_inputs):
                if type(node) in _ROW_INPUTS:
                    known = _remember_stored_in(node)
            assert known is not None
            return known
    return _remember_stored_in(root)


def _remember_stored_in(node: Node) -> tuple[Value, ...]:
    """What is stored in a node, of whose parts that is known."""
    known: tuple[Value, ...] = ()
    for part in node.arguments if type(node) is Map else row_inputs(node):
        if type(part) is Stored:
            more: tuple[Value, ...] = (part.value,)
        elif type(part) in _ROW_INPUTS:
            more = part._stored_in or ()  # type: ignore[attr-defined]  # a value, and known
        else:
            continue
        if not known:
            known = more  # most have one such part: then all along a chain share what they read
        elif more is not known and more:
            known = tuple(dict.fromkeys((*known, *more)))
    _set_stored_in(node, known)
    return known


_set_stored_in = vars(Value)["_stored_in"].__set__


def _unknown_inputs(node: Node) -> tuple[Node, ...]:
    inputs = _ROW_INPUTS.get(type(node))
    known = inputs is None or node._stored_in is not None  # type: ignore[attr-defined]  # a value
    return () if inputs is None or known else inputs(node)


def builder_reads(builder: Builder) -> tuple[Value, ...]:
    """The values whose stored results a row of a builder reads, bounds not among them."""
    if not builder.guards and builder.slot is None:
        return stored_in(builder.expression)
    return tuple(dict.fromkeys([read for root in builder.roots() for read in stored_in(root)]))


def step_reads(step: Step) -> list[Value]:
    """The values that a step reads from earlier steps."""
    if isinstance(step, Host):
        return list(step.reads)
    if len(step.builders) == 1 and not step.builders[0].bounds and not step.behind:
        return list(builder_reads(step.builders[0]))
    reads: dict[Value, None] = {}
    for builder in step.all_builders:
        reads.update(dict.fromkeys(builder_reads(builder)))
        if builder.bounds:
            reads.update(dict.fromkeys([v for v in builder.bounds if not isinstance(v, Literal)]))
    if step.behind:
        for fold in step.folds:
            reads.pop(fold, None)
    return list(reads)


def step_targets(step: Step) -> list[Value]:
    """The values that a step leaves behind."""
    return [step.target] if isinstance(step, Host) else [builder.target for builder in step.all_builders]


def inner_axis(builder: Builder) -> int:
    """The axis of a product that the inner loop walks for ``builder``: a fold's own, else the fast one."""
    return builder.target.axis if isinstance(builder.target, Fold) else 1
