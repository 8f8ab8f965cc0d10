"""Run a loop in NumPy, a morsel at a time: what runs before there is a kernel, or when one would not pay.

Intermediate results are as long as a morsel and stay in the cache, so this is no slower than NumPy itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lazyframe.codegen.emit_reductions import accumulator_dtype, compensated
from lazyframe.codegen.emitted import EmittedLoop
from lazyframe.run.asked import AskedRows, walk
from lazyframe.run.environment import Environment
from lazyframe.run.group_tables import empty_slots
from lazyframe.run.outputs import Layout, Output
from lazyframe.run.streaming import Pieces
from passes.ir.loops import Loop, row_values
from passes.ir.operations import REDUCTIONS, evaluate, neutral
from passes.ir.rows import Product
from passes.ir.values import (
    Fold,
    Gather,
    LookupTable,
    Map,
    Outer,
    Probe,
    Reduce,
    RowNumber,
    SlotTable,
    Stored,
    Value,
    View,
)


def run_interpreted(
    loop: Loop,
    emitted: EmittedLoop,
    outputs: list[Output],
    banks: list[np.ndarray],
    counts: np.ndarray,
    layout: Layout,
    environment: Environment,
    threads: int,
    pieces: Pieces,
    asked: AskedRows | None = None,
) -> None:
    """As `lazyframe.run.kernels.run_kernel`, with NumPy in the place of the kernel."""

    def one(morsel: int) -> None:
        low, high = layout.bounds(morsel)
        part, _ = layout.task_of(morsel)
        empty_slots(emitted, banks, layout, morsel)
        rows = _Morsel(loop, environment, low, high, layout, pieces.at(low) if pieces.leaves else {})
        for output in outputs:
            _feed(output, rows, morsel, part, emitted.counters, counts)

    walk(layout, one, threads, environment.progress, counts, asked)


class _Morsel:
    """The values of one morsel's rows, each computed once; those of a product are outer x inner."""

    def __init__(
        self,
        loop: Loop,
        environment: Environment,
        low: int,
        high: int,
        layout: Layout,
        loaded: Mapping[Value, tuple[np.ndarray, int]],
    ) -> None:
        self.loop = loop
        self.loaded = loaded
        self.environment = environment
        self.low, self.high = low, high
        self.inner = layout.inner
        self.outer = layout.outer
        self.product = isinstance(loop.domain, Product)
        self.shape = (high - low, layout.inner) if self.product else (high - low,)
        self.done: dict[Value, Any] = {}

    def get(self, root: Value) -> np.ndarray:
        """One value of every row of the morsel."""
        for value in row_values([root]):
            if value not in self.done and not self.loaded_elsewhere(value):
                self.done[value] = self.one(value)
        return np.broadcast_to(self.done[root], self.shape)

    def loaded_elsewhere(self, value: Value) -> bool:
        is_table = isinstance(value, Stored) and isinstance(value.value, LookupTable)
        return is_table or (value.rows is not None and value.rows is not self.loop.domain)

    def one(self, value: Value) -> Any:
        match value:
            case Map(operation, arguments, dtype):
                return evaluate(operation, [self.done[a] for a in arguments], dtype)
            case RowNumber():
                return self.positions()
            case View() | Outer():
                return self.load(value)
            case Gather(column, positions):
                return _gathered(np.asarray(self.environment.get(column)), self.done[positions])
            case Probe(table, keys):
                columns = [np.broadcast_to(self.done[key], self.shape).ravel() for key in keys]
                return self.environment.get(table).find(columns).reshape(self.shape)
        if value.rows is None:
            return self.environment.get(value)
        return self.load(value)

    def positions(self) -> np.ndarray:
        outer = np.arange(self.low, self.high)
        if not self.product:
            return outer
        inner = np.arange(self.inner)
        if self.loop.folded_axis == 1:
            return outer[:, None] * self.inner + inner[None, :]
        return inner[None, :] * self.outer + outer[:, None]

    def load(self, value: Value) -> Any:
        if value in self.loaded:
            array, first = self.loaded[value]
            return array[self.low - first : self.high - first]
        column, start, step = value, 0, 1
        along_outer = True
        if isinstance(column, Outer):
            along_outer = column.axis == 1 - (self.loop.folded_axis or 0)
            column = column.column
        elif self.product:
            return np.asarray(self.environment.get(column))[self.positions()]
        while isinstance(column, View):
            start, step = column.start + column.step * start, column.step * step
            column = column.column
        low, high = (self.low, self.high) if along_outer else (0, self.inner)
        if isinstance(column, RowNumber):
            part = np.arange(low, high) * step + start
        else:
            part = _strided(self.environment.get(column), start, step, low, high)
        if not self.product:
            return part
        return part[:, None] if along_outer else part[None, :]


def _gathered(array: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """``array[positions]``; anything where there are no rows, as none of a lookup's are then found."""
    return array[positions] if len(array) else np.zeros(np.shape(positions), array.dtype)


def _strided(array: np.ndarray, start: int, step: int, low: int, high: int) -> np.ndarray:
    first, behind = start + step * low, start + step * high
    return array[first : behind if behind >= 0 else None : step] if high > low else array[:0]


def _feed(
    output: Output,
    rows: _Morsel,
    morsel: int,
    table: int,
    counters: tuple[tuple[Value, ...], ...],
    counts: np.ndarray,
) -> None:
    builder = output.builder
    target = builder.target
    x = rows.get(builder.expression)
    alive: np.ndarray | None = None
    for guard in builder.guards:
        mask = rows.get(guard)
        alive = mask if alive is None else alive & mask
    if isinstance(target, Fold):
        output.parts[rows.low : rows.high] = _reduce(target.operation, target.dtype, x, alive, axis=1)
    elif isinstance(target, Reduce):
        x = x.ravel() if alive is None else x[alive]
        output.parts[morsel, 0] = _reduce(target.operation, target.dtype, x, None, axis=0)
        output.parts[morsel, 1:] = 0
    elif isinstance(target, SlotTable):
        assert builder.slot is not None
        slot = rows.get(builder.slot)
        if alive is not None:
            x, slot = x[alive], slot[alive]
        _merge_slots(target, output.parts[table if len(output.parts) > 1 else 0], slot, x)
    elif alive is None:
        _write_all(output.parts, x, rows)
    else:
        survivors = x[alive]
        counts[counters.index(builder.guards), morsel] = len(survivors)
        if output.pieces is not None:
            output.pieces[morsel] = survivors
        else:
            begin = rows.low * rows.inner
            output.parts[begin : begin + len(survivors)] = survivors


def _write_all(array: np.ndarray, x: np.ndarray, rows: _Morsel) -> None:
    if rows.product:
        array[rows.positions()] = x
    else:
        array[rows.low : rows.high] = x


def _reduce(operation: str, dtype: np.dtype, x: np.ndarray, alive: np.ndarray | None, axis: int) -> Any:
    held = accumulator_dtype(operation, dtype)
    start = neutral(operation, held)
    if alive is not None:
        x = np.where(alive, x, start)
    with np.errstate(all="ignore"):
        whole = REDUCTIONS[operation].whole
        if x.shape[axis] == 0:
            return np.full(x.shape[:axis] + x.shape[axis + 1 :], start)[()]
        return whole(x.astype(held, copy=False), axis=axis)


def _merge_slots(target: SlotTable, table: np.ndarray, slot: np.ndarray, x: np.ndarray) -> None:
    operation = target.aggregate.operation
    with np.errstate(all="ignore"):
        if compensated(operation, target.dtype):
            # a sum of the morsel's own, so that NaN and infinity stay where they are, over its slots only:
            # a table may have more of them than the morsel has rows, and keys often come in runs
            first = int(slot.min()) if len(slot) else 0
            sums = np.bincount(slot - first, x)
            table[first : first + len(sums), -2] += sums
            return
        REDUCTIONS[operation].combine.at(table[:, 0], slot, x)  # type: ignore[attr-defined]  # a ufunc
