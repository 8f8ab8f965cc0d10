"""The tables of group-bys as NumPy fills them: one accumulator a slot and part, without what kernels need.

A table may be larger than all that is ever written to it otherwise, and memory that is new costs more than
what is done with it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from lazyframe.codegen.emit_reductions import accumulator_dtype, compensated
from lazyframe.run.environment import Environment
from lazyframe.run.group_tables import add_up_parts, in_ranges
from lazyframe.run.memory import borrow
from lazyframe.run.outputs import Layout
from passes.ir.loops import Loop
from passes.ir.operations import REDUCTIONS, neutral
from passes.ir.rows import Group
from passes.ir.values import SlotTable

Tables = dict[SlotTable, np.ndarray]
"""For each aggregate an array of parts by slots."""

_TERMS_IN_A_ROW = 16
"""As many lose no more than a few units in the last place; NumPy's pairwise sum adds as many in a row."""

_OF_BITS = {"any": np.maximum, "maximum": np.maximum, "all": np.minimum, "minimum": np.minimum}
"""What merges booleans as bytes: NumPy has no fast way for booleans themselves."""


def allocate_tables(loop: Loop, layout: Layout, environment: Environment) -> Tables:
    """Memory for the tables of a loop, with a part for each task or one that all share; not empty yet."""
    found: Tables = {}
    for builder in loop.builders:
        target = builder.target
        if isinstance(target, SlotTable):
            group = target.rows
            assert isinstance(group, Group)
            parts = 1 if group in layout.edges else max(len(layout.tasks), 1)
            size = environment.groups[group].size
            found[target] = borrow((parts, size), accumulator_dtype(target.aggregate.operation, target.dtype))
    return found


def empty_slots(tables: Tables, layout: Layout, morsel: int) -> None:
    """Fill with neutral elements what a morsel is the first to merge into."""
    part, begins = layout.task_of(morsel)
    for target, table in tables.items():
        edges = layout.edges.get(target.rows)
        if edges is not None:
            table[0, edges[morsel] : edges[morsel + 1]] = _neutral(target, table)
        elif begins:
            table[part] = _neutral(target, table)


def empty_tables(tables: Tables) -> None:
    """Fill all tables with neutral elements."""
    for target, table in tables.items():
        table[...] = _neutral(target, table)


def _neutral(target: SlotTable, table: np.ndarray) -> Any:
    return neutral(target.aggregate.operation, table.dtype)


def part_of(table: np.ndarray, part: int) -> np.ndarray:
    """What a task merges into: its own part, or the one that all share."""
    mine: np.ndarray = table[part if len(table) > 1 else 0]
    return mine


class Slots:
    """Where some rows merge, one slot or more.

    Parameters
    ----------
    slots : numpy.ndarray
        int64, the slot of each row.
    """

    def __init__(self, slots: np.ndarray) -> None:
        self.slots = slots

    @cached_property
    def first(self) -> int:
        """The least of them."""
        return int(self.slots.min())

    @cached_property
    def are_near(self) -> bool:
        """Whether there are no more slots between the first and the last than rows."""
        return int(self.slots.max()) - self.first < len(self.slots)

    @cached_property
    def offsets(self) -> np.ndarray:
        """How far each is from the first."""
        return self.slots - self.first if self.first else self.slots

    @cached_property
    def lanes(self) -> int:
        """How many sums of each slot are added up apart, so that each has few terms: a power of two."""
        terms = len(self.slots) // (int(self.offsets.max()) + 1)
        return 1 << max((terms // _TERMS_IN_A_ROW).bit_length() - 1, 0)

    @cached_property
    def offsets_in_lanes(self) -> np.ndarray:
        """The lane of each row's slot that it merges into, of all slots' lanes."""
        if self.lanes == 1:
            return self.offsets
        return self.offsets * self.lanes + np.arange(len(self.slots)) % self.lanes

    def sums(self, x: np.ndarray) -> np.ndarray:
        """The sums of the terms of the slots from the first to the last, where these `are_near`."""
        sums = np.bincount(self.offsets_in_lanes, x, (int(self.offsets.max()) + 1) * self.lanes)
        return sums.reshape(-1, self.lanes).sum(axis=1) if self.lanes > 1 else sums


def merge(target: SlotTable, table: np.ndarray, slots: Slots, x: np.ndarray) -> None:
    """Merge what rows contribute into their slots of one part of a table."""
    operation = target.aggregate.operation
    with np.errstate(all="ignore"):
        if compensated(operation, target.dtype) and slots.are_near:
            # sums of these rows first, so that fewer terms are added one after another
            sums = slots.sums(x)
            table[slots.first : slots.first + len(sums)] += sums
        elif table.dtype.kind == "b" and operation in _OF_BITS:
            bits = x.astype(np.bool_, copy=False).view(np.uint8)
            _OF_BITS[operation].at(table.view(np.uint8), slots.slots, bits)
        else:
            if x.strides == (0,):
                x = x[0]
            REDUCTIONS[operation].combine.at(table, slots.slots, x)  # type: ignore[attr-defined]  # a ufunc


def combine_tables(tables: Tables, threads: int) -> Tables:
    """Each aggregate's value in each slot, from the parts in their order."""
    return {target: _combined(target, table, threads) for target, table in tables.items()}


def _combined(target: SlotTable, table: np.ndarray, threads: int) -> np.ndarray:
    operation = target.aggregate.operation
    if len(table) == 1:
        whole: np.ndarray = table[0].astype(target.dtype, copy=False)
        return whole
    result = borrow(table.shape[1], target.dtype)

    def one(low: int, high: int) -> None:
        parts = table[:, low:high]
        with np.errstate(all="ignore"):
            if compensated(operation, target.dtype):
                result[low:high] = add_up_parts(parts, np.zeros_like(parts))
            else:
                result[low:high] = REDUCTIONS[operation].whole(parts, axis=0)

    in_ranges(table.shape[1], one, threads)
    return result
