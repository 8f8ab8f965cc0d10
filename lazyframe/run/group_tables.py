"""The memory of group tables, and how the tables that threads filled become one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lazyframe.codegen.emitted import EmittedLoop
from lazyframe.codegen.group_tables import SPARE_SLOTS, Bank
from lazyframe.run import morsels
from lazyframe.run.environment import Environment
from lazyframe.run.memory import borrow
from passes.ir.operations import REDUCTIONS, neutral
from passes.ir.values import SlotTable

_ALIGNMENT = 64
"""Bytes of a cache line: a slot's accumulators should not straddle two."""

_COMBINED_SLOTS = 8192
"""Slots whose parts are added up at once: what NumPy makes between its operations stays in the cache."""


def allocate_banks(emitted: EmittedLoop, parts: int, environment: Environment) -> list[np.ndarray]:
    """Memory for each bank, of shape (parts, slots, layers, columns); `empty_part` makes it a table."""
    return [_allocated(bank, parts, environment) for bank in emitted.banks]


def _allocated(bank: Bank, parts: int, environment: Environment) -> np.ndarray:
    size = environment.groups[bank.destination.rows].size  # type: ignore[index]  # the rows of a table: a group
    shape = bank.shape(parts, size)
    count = math.prod(shape)
    memory = borrow(count + _ALIGNMENT // bank.dtype.itemsize, bank.dtype)
    skipped = -memory.ctypes.data % _ALIGNMENT // bank.dtype.itemsize
    return memory[skipped : skipped + count].reshape(shape)


def empty_part(emitted: EmittedLoop, banks: list[np.ndarray], part: int) -> None:
    """Fill one part of each bank with neutral elements: the thread that will merge into it does."""
    for bank, table in zip(emitted.banks, banks, strict=True):
        table[part] = neutral(bank.operation, bank.dtype)
        if bank.compensated:
            table[part, :, -1] = 0.0


def columns_of(emitted: EmittedLoop, banks: list[np.ndarray]) -> Mapping[int, np.ndarray]:
    """By the number of its builder, each aggregate's part of its bank: of shape (parts, slots, layers)."""
    return {
        k: table[:, :, :, column]
        for bank, table in zip(emitted.banks, banks, strict=True)
        for column, k in enumerate(bank.members)
    }


def combine_banks(emitted: EmittedLoop, banks: list[np.ndarray], threads: int) -> dict[SlotTable, np.ndarray]:
    """Each aggregate's value in each slot, from the parts in their order; ranges of slots by many threads."""
    found: dict[SlotTable, np.ndarray] = {}
    for bank, table in zip(emitted.banks, banks, strict=True):
        slots = table.shape[1] - SPARE_SLOTS
        targets = [emitted.builders[k].target for k in bank.members]
        results = [borrow(slots, target.dtype) for target in targets]

        def one(number: int, bank: Bank = bank, table: np.ndarray = table, results: Any = results) -> None:
            low = number * _COMBINED_SLOTS
            high = min(low + _COMBINED_SLOTS, len(results[0]))
            whole = _combined(bank, table[:, low:high])
            for column, result in enumerate(results):
                result[low:high] = whole[:, column]

        ranges = -(-slots // _COMBINED_SLOTS)
        morsels.run([range(number, number + 1) for number in range(ranges)], one, threads)
        found.update(zip(targets, results, strict=True))  # type: ignore[arg-type]  # a bank's are SlotTables
    return found


def _combined(bank: Bank, table: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        if bank.compensated:
            return _add_up(table[:, :, -2], table[:, :, -1])
        reduction = REDUCTIONS[bank.operation]
        lanes = table[:, :, 0]
        for lane in range(1, bank.layers):
            lanes = reduction.combine(lanes, table[:, :, lane])
        whole: np.ndarray = lanes[0] if len(lanes) == 1 else reduction.whole(lanes, axis=0)
        return whole


def _add_up(totals: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """Sums of parts that carry what their own rounding lost: neighbours first, then neighbours of those.

    What rounding loses here is Knuth's two-sum, exact whichever of the two is larger.
    """
    while len(totals) > 1:
        even = len(totals) & ~1
        a, b = totals[0:even:2], totals[1:even:2]
        grown = a + b
        b_part = grown - a
        carried = (a - (grown - b_part)) + (b - b_part)
        carried += lost[0:even:2]
        carried += lost[1:even:2]
        totals = np.concatenate([grown, totals[even:]])
        lost = np.concatenate([carried, lost[even:]])
    total, carry = totals[0], lost[0]
    # an infinite sum loses NaN, and adding a lost 0.0 would turn -0.0 into 0.0
    corrected: np.ndarray = np.where((carry == carry) & (carry != 0.0), total + carry, total)
    return corrected
