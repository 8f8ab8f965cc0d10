"""The memory of group tables, and how the tables that threads filled become one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lazyframe.codegen import emit_scans
from lazyframe.codegen.emitted import EmittedLoop
from lazyframe.codegen.group_tables import SPARE_SLOTS, SPARE_SPACING, Bank
from lazyframe.codegen.kernel import Kernel
from lazyframe.run import morsels, tiers
from lazyframe.run.addresses import address
from lazyframe.run.environment import Environment
from lazyframe.run.memory import borrow
from lazyframe.run.outputs import Layout
from passes.ir.operations import REDUCTIONS, neutral
from passes.ir.values import SlotTable

_ALIGNMENT = 64
"""Bytes of a cache line: a slot's accumulators should not straddle two."""

_COMBINED_SLOTS = 8192
"""Slots whose parts are added up at once: what NumPy makes between its operations stays in the cache."""


def allocate_banks(emitted: EmittedLoop, layout: Layout, environment: Environment) -> list[np.ndarray]:
    """Memory for each bank, of shape (parts, slots, layers, columns); `empty_slots` makes it a table.

    There is a part for each task, or one that all morsels share, each with spare slots of its own.
    """
    return [_allocated(bank, layout, environment) for bank in emitted.banks]


def _allocated(bank: Bank, layout: Layout, environment: Environment) -> np.ndarray:
    size = environment.groups[bank.destination.rows].size  # type: ignore[index]  # the rows of a table: a group
    if bank.destination.rows in layout.edges:
        shape = bank.shape(1, size + SPARE_SPACING * layout.morsels)
    else:
        shape = bank.shape(max(len(layout.tasks), 1), size + SPARE_SLOTS)
    count = math.prod(shape)
    memory = borrow(count + _ALIGNMENT // bank.dtype.itemsize, bank.dtype)
    skipped = -address(memory) % _ALIGNMENT // bank.dtype.itemsize
    return memory[skipped : skipped + count].reshape(shape)


def empty_slots(emitted: EmittedLoop, banks: list[np.ndarray], layout: Layout, morsel: int) -> None:
    """Fill with neutral elements what a morsel is the first to merge into."""
    part, begins = layout.task_of(morsel)
    for bank, table in zip(emitted.banks, banks, strict=True):
        edges = layout.edges.get(bank.destination.rows)
        if edges is not None:
            spare = edges[-1] + SPARE_SPACING * morsel
            _empty(bank, table[0, edges[morsel] : edges[morsel + 1]])
            _empty(bank, table[0, spare : spare + SPARE_SLOTS])
        elif begins:
            _empty(bank, table[part])


def _empty(bank: Bank, slots: np.ndarray) -> None:
    slots[...] = neutral(bank.operation, bank.dtype)
    if bank.compensated:
        slots[..., -1, :] = 0.0


def combine_banks(
    emitted: EmittedLoop, banks: list[np.ndarray], environment: Environment, threads: int
) -> dict[SlotTable, np.ndarray]:
    """Each aggregate's value in each slot, from the parts in their order; ranges of slots by many threads."""
    found: dict[SlotTable, np.ndarray] = {}
    for bank, table in zip(emitted.banks, banks, strict=True):
        slots = environment.groups[bank.destination.rows].size  # type: ignore[index]  # the rows are a group
        targets = [emitted.builders[k].target for k in bank.members]
        if table.shape[0] == table.shape[2] == table.shape[3] == 1 and table.dtype == targets[0].dtype:
            found[targets[0]] = table[0, :slots, 0, 0]  # type: ignore[index]  # a bank's are SlotTables
            continue
        results = [borrow(slots, target.dtype) for target in targets]
        kernel = _corrects(bank, table, results)

        def one(
            low: int,
            high: int,
            bank: Bank = bank,
            table: np.ndarray = table,
            results: Any = results,
            kernel: Kernel | None = kernel,
        ) -> None:
            if kernel is not None:
                _correct(kernel, bank, table, results, low, high)
                return
            whole = _combined(bank, table[:, low:high])
            for column, result in enumerate(results):
                result[low:high] = whole[:, column]

        in_ranges(slots, one, threads)
        found.update(zip(targets, results, strict=True))  # type: ignore[arg-type]  # a bank's are SlotTables
    return found


def in_ranges(slots: int, one: Callable[[int, int], None], threads: int) -> None:
    """Call ``one`` with the first slot, and the one behind the last, of each range of slots."""

    def run(number: int) -> None:
        low = number * _COMBINED_SLOTS
        one(low, min(low + _COMBINED_SLOTS, slots))

    morsels.run([range(number, number + 1) for number in range(-(-slots // _COMBINED_SLOTS))], run, threads)


def _corrects(bank: Bank, table: np.ndarray, results: list[np.ndarray]) -> Kernel | None:
    """What adds up totals that are all of one part, and what they lost, if it is there."""
    alone = bank.compensated and len(table) == 1
    if not alone or any(result.dtype != table.dtype for result in results):
        return None
    return tiers.scan_for(emit_scans.add_what_was_lost(), table.shape[1])


def _correct(
    kernel: Kernel, bank: Bank, table: np.ndarray, results: list[np.ndarray], low: int, high: int
) -> None:
    first = address(table) + (bank.layers - 2) * table.strides[2]
    step = table.strides[1] // table.itemsize
    for column, result in enumerate(results):
        kernel(low, high, first + column * table.itemsize, step, bank.width, address(result))


def _combined(bank: Bank, table: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        if bank.compensated:
            return add_up_parts(table[:, :, -2], table[:, :, -1])
        reduction = REDUCTIONS[bank.operation]
        lanes = table[:, :, 0]
        for lane in range(1, bank.layers):
            lanes = reduction.combine(lanes, table[:, :, lane])
        whole: np.ndarray = lanes[0] if len(lanes) == 1 else reduction.whole(lanes, axis=0)
        return whole


def add_up_parts(totals: np.ndarray, lost: np.ndarray) -> np.ndarray:
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
