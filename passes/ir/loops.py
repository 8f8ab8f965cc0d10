"""Loop programs: what a graph is lowered to, and what kernels are emitted from.

A program is a sequence of steps.  A `Loop` walks the rows of one domain and feeds builders: append to an
array, merge into a cell, merge into a group table, fold one side of a product.  A `Host` step is done by
NumPy or pandas between loops.  Expressions are the graph's own values, whose leaves are what a loop can load
at a row: `Read`, `RowNumber`, `View`, `Outer` or `Gather` of these, `Stored` (what an earlier step left) and
scalars.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType

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
    Stored,
    Value,
    View,
)
from passes.ir.walk import topological


@dataclass(frozen=True, slots=True)
class Builder:
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
        slot = () if self.slot is None else (self.slot,)
        return (*self.guards, *slot, self.expression)

    @property
    def appends(self) -> bool:
        """Whether an array of values is built."""
        return not isinstance(self.target, (Reduce, SlotTable, Fold))


@dataclass(frozen=True, slots=True)
class Loop:
    """One pass over the rows of ``domain``: one kernel."""

    domain: Rows
    builders: tuple[Builder, ...]

    @property
    def folded_axis(self) -> int | None:
        """For a loop over a `Product`: the axis of the inner loop.  None when the domain has one axis."""
        if not isinstance(self.domain, Product):
            return None
        return inner_axis(self.builders[0])


@dataclass(frozen=True, slots=True)
class Host:
    """A value that NumPy or pandas computes between loops; ``reads`` are the steps' values it needs."""

    target: Value
    reads: tuple[Value, ...]
    why: str


Step = Loop | Host


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """How rows find their group: ``slot = sum((key - low) * stride)`` in a dense table, or by hashing.

    Parameters
    ----------
    group : Group
        The row space planned for.
    lows, highs : tuple of Value
        Scalars, one per key: bounds of its values.  Empty when keys are numbered by hashing.
    strides : tuple of Parameter
        Bound when the program runs, from the bounds; one per key, the last is 1.
    slot : Value
        int64 column of the group's parent.
    presence : SlotTable
        The number of rows in each slot.
    first : SlotTable
        The first row of each slot.  Live only when groups come in order of appearance.
    number : int
        Of the group among those of the graph.
    """

    group: Group
    lows: tuple[Value, ...]
    highs: tuple[Value, ...]
    strides: tuple[Parameter, ...]
    slot: Value
    presence: SlotTable
    first: SlotTable
    number: int = 0

    @property
    def dense(self) -> bool:
        """Whether slots are computed from the keys themselves."""
        return bool(self.lows)

    @property
    def order(self) -> tuple[Value, ...]:
        """What tells which slots are groups, and in which order."""
        if not self.dense:
            return (self.slot,)
        return (self.presence,) if self.group.sort else (self.presence, self.first)


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
    """

    steps: tuple[Step, ...]
    results: tuple[Value, ...]
    kept: frozenset[Value] = frozenset()
    groups: Mapping[Group, GroupPlan] = field(default_factory=lambda: MappingProxyType({}))
    inputs: tuple[Value, ...] = ()

    @property
    def loops(self) -> list[Loop]:
        """The steps that become kernels."""
        return [step for step in self.steps if isinstance(step, Loop)]


def is_leaf(value: Value) -> bool:
    """Whether a loop can load ``value`` without anything being computed before.

    The numbers of rows that a filter, a slice or a grouping leaves are no leaf: somebody has to count them.
    """
    if isinstance(value, RowNumber):
        return not derived_sides(value.rows)
    return isinstance(value, (Read, Literal, Parameter, Stored))


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


def row_inputs(node: Node) -> tuple[Node, ...]:
    """What ``node`` needs at a row, for `topological`: row spaces are not walked into."""
    match node:
        case Map():
            return node.arguments
        case View() | Outer():
            return (node.column,)
        case Gather():
            return (node.column, node.positions)
        case Probe():
            return (node.table, *node.keys)
    return ()


def row_values(roots: Iterable[Value]) -> list[Value]:
    """Every value that a row of ``roots`` evaluates, each after its arguments."""
    return topological(roots, row_inputs)  # type: ignore[return-value]  # row_inputs of values are values


def stored_in(root: Value) -> tuple[Value, ...]:
    """The values whose stored results a row of ``root`` reads; remembered, as builders share expressions."""
    if not hasattr(root, "_stored_in"):
        for node in topological([root], _unknown_inputs) if any(map(row_inputs, row_inputs(root))) else ():
            _remember_stored_in(node)
        _remember_stored_in(root)
    return root._stored_in


def _remember_stored_in(node: Node) -> None:
    if isinstance(node, Stored):
        found: tuple[Value, ...] = (node.value,)
    else:
        parts = [stored_in(part) for part in row_inputs(node)]  # type: ignore[arg-type]  # of a value: values
        found = parts[0] if len(parts) == 1 else tuple(dict.fromkeys(chain(*parts)))
    object.__setattr__(node, "_stored_in", found)


def _unknown_inputs(node: Node) -> tuple[Node, ...]:
    return () if hasattr(node, "_stored_in") else row_inputs(node)


def step_reads(step: Step) -> list[Value]:
    """The values that a step reads from earlier steps."""
    if isinstance(step, Host):
        return list(step.reads)
    reads: dict[Value, None] = {}
    for builder in step.builders:
        for root in builder.roots():
            reads.update(dict.fromkeys(stored_in(root)))
        reads.update(dict.fromkeys([v for v in builder.bounds if not isinstance(v, Literal)]))
    return list(reads)


def step_targets(step: Step) -> list[Value]:
    """The values that a step leaves behind."""
    return [step.target] if isinstance(step, Host) else [builder.target for builder in step.builders]


def inner_axis(builder: Builder) -> int:
    """The axis of a product that the inner loop walks for ``builder``: a fold's own, else the fast one."""
    return builder.target.axis if isinstance(builder.target, Fold) else 1
