"""What is known while a program runs: the data of inputs, what steps have left, and lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lazyframe.codegen.emit_steps import inverse_and_shift
from lazyframe.run.bindings import bound_to
from lazyframe.run.late import LateColumn
from lazyframe.run.profile import Computation
from lazyframe.run.progress import Progress
from lazyframe.run.runs import SortedColumn, as_integers, sorted_column
from passes.facts.progressions import Progression
from passes.ir.loops import GroupPlan, is_leaf
from passes.ir.node import Token
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.values import Literal, LookupTable, Parameter, Read, RowNumber, Stored, Value

SMALL_TABLE = 1 << 16
"""Slots that a table may have however few rows there are."""

_SLOTS_A_ROW = 2


def is_too_wide(slots: int, rows: int) -> bool:
    """Whether a table of so many slots is too large to group so many rows with.

    Numbering rows by hashing takes several words for each row, and as much for each group.
    """
    return slots > max(_SLOTS_A_ROW * rows, SMALL_TABLE)


def slots_of(spans: Sequence[int]) -> int:
    """Slots of a table with one for each combination of keys."""
    slots = 1
    for span in spans:
        slots *= span
    return slots


def strides_of(spans: Sequence[int]) -> tuple[int, ...]:
    """From one value of each key to the next, in slots."""
    return tuple([slots_of(spans[k + 1 :]) for k in range(len(spans))])


class GroupsPlannedWronglyError(Exception):
    """What was found of keys while a program ran asks for another one.

    Parameters
    ----------
    numbers : frozenset of int
        Of the groups, as in `GroupPlan`.
    """

    def __init__(self, numbers: frozenset[int]) -> None:
        super().__init__(numbers)
        self.numbers = numbers


class GroupTooWideError(GroupsPlannedWronglyError):
    """The keys' range is too wide for direct addressing: plan again, and number these groups by hashing."""


class GroupInRunsError(GroupsPlannedWronglyError):
    """Keys were fetched from a file, and are sorted: plan again, and find rows of these groups by runs."""


@dataclass(slots=True)
class GroupState:
    """A group's table, once its bounds are known."""

    size: int
    positions: np.ndarray | slice | None = None
    """The slots that are groups, in the order of the groups; a slice when all are, in their order."""
    keys: list[np.ndarray] | None = None
    """Of keys that were numbered: those of each slot."""
    keys_of_rows: list[np.ndarray] | None = None
    """Those of each row, in their place."""
    firsts: np.ndarray | None = None
    """Of keys that were numbered row by row: the first row of each slot."""
    leading: np.ndarray | None = None
    """Of keys that were numbered row by row: the first of each row, if it ascends."""
    strides: tuple[int, ...] = ()
    """Of keys that are addressed, from one value of each to the next: in slots."""
    steps: tuple[int, ...] = ()
    """The same in the keys themselves."""


@dataclass(slots=True)
class Environment:
    """One run of a program.

    Parameters
    ----------
    data : dict
        From the plan's tokens to arrays, scalars and pandas objects, and to late columns until they are
        fetched.
    extents : mapping
        From the names of lengths to lengths.
    tokens : mapping
        From the plan's tokens to the user's.
    computation : Computation
        Told what runs.
    """

    data: dict[Token, Any]
    extents: Mapping[str, int]
    tokens: Mapping[Token, Token]
    computation: Computation
    stored: dict[Value, Any] = field(default_factory=dict)
    lengths: dict[Rows, int] = field(default_factory=dict)
    groups: dict[Group, GroupState] = field(default_factory=dict)
    parts: set[Value] = field(default_factory=set)
    """Of what is stored, arrays that have not all of their rows."""
    joins: dict[Join, list[np.ndarray | None]] = field(default_factory=dict)
    """Positions on both sides, found together; None where a step has taken them."""
    parameters: dict[Value, np.generic] = field(default_factory=dict)
    """Of the kernels that address groups by their keys."""
    progressions: Mapping[int, tuple[Progression, ...]] = field(default_factory=dict)
    """What the keys of groups, by their numbers, were found to be before this ran."""
    plans: Mapping[Group, GroupPlan] = field(default_factory=dict)
    lends: bool = False
    """Whether results are columns of frames, which need not own their memory: it may be lent."""
    progress: Progress = field(default_factory=Progress)

    def extent(self, rows: Rows) -> int:
        """How many rows there are; those of other rows are known once a column of theirs is."""
        if type(rows) is Range:
            extent = rows.extent
            return extent if type(extent) is int else self.extents[extent]  # type: ignore[index]  # a name
        if type(rows) is Product:
            return self.extent(rows.left) * self.extent(rows.right)
        if type(rows) is Concat and rows not in self.lengths:
            return sum([self.extent(part) for part in rows.parts])
        return self.lengths[rows]

    def extent_before_filters(self, rows: Rows) -> int:
        """A bound on how many rows there are, known before any filter has run."""
        while isinstance(rows, (Filter, Slice, Sort)):
            rows = rows.parent
        return self.extent(rows)

    def store(self, value: Value, result: Any, is_part: bool = False) -> None:
        """Keep what a step left; a part of its rows does not say how many there are."""
        self.stored[value] = result
        if is_part:
            self.parts.add(value)
        if is_part or isinstance(value, LookupTable):
            return
        if value.rows is not None and value.rows not in self.lengths:
            self.lengths[value.rows] = len(result)

    def get(self, value: Value) -> Any:
        """The array, pandas object or scalar of a leaf or of a value that a step has left."""
        if isinstance(value, Read):
            found = self.data[value.token]
            if isinstance(found, LateColumn):
                found = self.data[value.token] = found.whole()
            return found
        if isinstance(value, Stored):
            return self.stored[value.value]
        match value:
            case Parameter():
                return self.data[value.token] if value.token in self.data else self._parameter(value)
            case Literal():
                return value.value
            case RowNumber(_, Range() | Product() as rows) if is_leaf(value):
                return np.arange(self.extent(rows))
        return self.stored[value]

    def _parameter(self, value: Parameter) -> np.generic:
        if value not in self.parameters:
            self.open_group(next(plan for plan in self.plans.values() if value in plan.parameters))
        return self.parameters[value]

    def open_group(self, plan: GroupPlan) -> GroupState:
        """Find a group table's size and strides, from the bounds of its keys.

        Raises
        ------
        GroupTooWideError
            When the table would be too large for the number of rows.
        """
        state = self.groups.get(plan.group)
        if state is not None and self.parameters.keys() >= set(plan.parameters):
            return state
        if plan.runs is not None:
            return self._open_runs(plan, plan.runs.column)
        assert plan.dense, "hashing leaves the state of its groups"
        if plan.stepped:
            found = self._open_stepped(plan, self.progressions[plan.number])
        else:
            found = self._open_addressed(plan)
        if is_too_wide(found.size, self.extent_before_filters(plan.group.parent)):
            raise GroupTooWideError(frozenset({plan.number}))
        return self.groups.setdefault(plan.group, found)

    def _open_addressed(self, plan: GroupPlan) -> GroupState:
        spans = [
            max(int(self.get(high)) - int(self.get(low)) + 1, 0)
            for low, high in zip(plan.lows, plan.highs, strict=True)
        ]
        strides = strides_of(spans)
        for parameter, stride in zip(plan.strides, strides, strict=True):
            self.parameters[parameter] = np.int64(min(stride, 1 << 62))
        return GroupState(slots_of(spans), strides=strides, steps=(1,) * len(strides))

    def _open_stepped(self, plan: GroupPlan, keys: tuple[Progression, ...]) -> GroupState:
        strides = strides_of([key.slots for key in keys])
        for k, (key, stride) in enumerate(zip(keys, strides, strict=True)):
            factor = stride
            if (shift := plan.shifts[k]) is not None:
                inverse, bits = inverse_and_shift(key.step)
                self.parameters[shift] = np.uint64(bits)
                factor *= inverse
            self.parameters[plan.strides[k]] = np.uint64(factor % (1 << 64)).astype(np.int64)
            self.parameters[plan.lows[k]] = plan.lows[k].dtype.type(key.low)
            if (behind := plan.behind[k]) is not None:
                self.parameters[behind] = np.int64(key.numbers * stride)
        size = slots_of([key.slots for key in keys])
        return GroupState(size, strides=strides, steps=tuple([max(key.step, 1) for key in keys]))

    def ascends(self, column: Value) -> bool | None:
        """Whether an input is in ascending order, which is found out once; None of any other column."""
        token = self.tokens.get(column.token) if isinstance(column, Read) else None
        if token is None or not isinstance(bound_to(token), np.ndarray):
            return None
        array = as_integers(self.get(column))
        return sorted_column(token, array) is not None if array.dtype.kind in "iu" else None

    def runs(self, column: Read) -> SortedColumn:
        """What is known of an input that is in ascending order."""
        found = sorted_column(self.tokens[column.token], as_integers(self.get(column)))
        assert found is not None, "it was found to be sorted when this was planned"
        return found

    def _open_runs(self, plan: GroupPlan, column: Read) -> GroupState:
        runs = self.runs(column)
        values = runs.values(as_integers(self.get(column)))
        state = self.groups[plan.group] = GroupState(runs.count, keys=[values])
        if plan.group.parent is column.rows:
            state.positions = slice(None)
            self.lengths[plan.group] = runs.count
        return state
