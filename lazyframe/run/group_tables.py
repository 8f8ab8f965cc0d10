"""The memory of group tables, and how the tables that threads filled become one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lazyframe.codegen.emitted import EmittedLoop
from lazyframe.codegen.group_tables import SPARE_SLOTS, Bank
from lazyframe.run.environment import Environment
from passes.ir.operations import REDUCTIONS, neutral
from passes.ir.values import SlotTable

_ALIGNMENT = 64
"""Bytes of a cache line: a slot's accumulators should not straddle two."""


def allocate_banks(emitted: EmittedLoop, parts: int, environment: Environment) -> list[np.ndarray]:
    """Memory for each bank, of shape (parts, slots, layers, columns), filled with neutral elements."""
    return [_filled(bank, parts, environment) for bank in emitted.banks]


def _filled(bank: Bank, parts: int, environment: Environment) -> np.ndarray:
    size = environment.groups[bank.destination.rows].size  # type: ignore[index]  # the rows of a table: a group
    shape = bank.shape(parts, size)
    count = int(np.prod(shape))
    memory = np.empty(count + _ALIGNMENT // bank.dtype.itemsize, bank.dtype)
    skipped = -memory.ctypes.data % _ALIGNMENT // bank.dtype.itemsize
    table = memory[skipped : skipped + count].reshape(shape)
    table.fill(neutral(bank.operation, bank.dtype))
    if bank.compensated:
        table[:, :, -1] = 0.0
    return table


def columns_of(emitted: EmittedLoop, banks: list[np.ndarray]) -> Mapping[int, np.ndarray]:
    """By the number of its builder, each aggregate's part of its bank: of shape (parts, slots, layers)."""
    return {
        k: table[:, :, :, column]
        for bank, table in zip(emitted.banks, banks, strict=True)
        for column, k in enumerate(bank.members)
    }


def combine_banks(emitted: EmittedLoop, banks: list[np.ndarray]) -> dict[SlotTable, np.ndarray]:
    """Each aggregate's value in each slot, from the parts in their order."""
    found: dict[SlotTable, np.ndarray] = {}
    for bank, table in zip(emitted.banks, banks, strict=True):
        whole = _combined(bank, table[:, : table.shape[1] - SPARE_SLOTS])
        for column, k in enumerate(bank.members):
            target = emitted.builders[k].target
            assert isinstance(target, SlotTable)
            found[target] = whole[:, column].astype(target.dtype)
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
