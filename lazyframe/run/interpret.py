"""Run a loop in NumPy, some rows at a time: what runs before there is a kernel, or when one would not pay.

Intermediate results are short and stay in the cache, so this is no slower than NumPy itself; and what is
behind guards is computed of the rows that these leave only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe.codegen.emit_reductions import accumulator_dtype, compensated
from lazyframe.run.asked import AskedRows, walk
from lazyframe.run.environment import Environment
from lazyframe.run.interpreted_rows import Order, Rows
from lazyframe.run.interpreted_tables import (
    Slots,
    Tables,
    allocate_tables,
    combine_tables,
    empty_slots,
    empty_tables,
    merge,
    part_of,
)
from lazyframe.run.outputs import Layout, Output, add_up
from lazyframe.run.streaming import Pieces
from passes.ir.loops import Builder, Loop
from passes.ir.operations import REDUCTIONS, neutral
from passes.ir.values import Fold, Reduce, SlotTable, Stored, Value

_ROWS_AT_ONCE = 1 << 16
"""Half a megabyte a value: long enough for threads to work beside each other."""


def run_interpreted(
    loop: Loop,
    counters: tuple[tuple[Value, ...], ...],
    outputs: list[Output],
    counts: np.ndarray,
    layout: Layout,
    environment: Environment,
    threads: int,
    pieces: Pieces,
    asked: AskedRows | None = None,
) -> Tables:
    """Leave in ``outputs`` and ``counts`` what `lazyframe.run.kernels.run_kernel` does.

    Parameters
    ----------
    loop : Loop
        What to run.
    counters : tuple of tuple of Value
        Guard sets, one for each row of ``counts``.
    outputs : list of Output
        One for each builder that is no group table's.
    counts : numpy.ndarray
        int64, a row per guard set and a column per morsel.
    layout : Layout
        Of the morsels.
    environment : Environment
        Where inputs are found.
    threads : int
        At most how many work.
    pieces : Pieces
        What is read of files as the loop comes to it.
    asked : AskedRows, optional
        Of what is appended, the part that anybody looks at: no more morsels than have it are walked.

    Returns
    -------
    dict
        For each aggregate its value in each slot.
    """
    for output in outputs:
        if output.in_place and output.builder.guards:
            # few rows of each morsel, far apart, would touch a page of memory each, which may be a large one
            output.pieces = [None] * layout.morsels
    fed, behind = outputs[: len(outputs) - len(loop.behind)], outputs[len(outputs) - len(loop.behind) :]
    tables = allocate_tables(loop, layout, environment)
    merging: dict[tuple[Any, ...], list[Builder]] = {}
    for builder in loop.builders:
        if isinstance(builder.target, SlotTable):
            merging.setdefault((builder.guards, builder.slot), []).append(builder)
    at_once = max(_ROWS_AT_ONCE // max(layout.inner, 1), 1)
    order = Order(loop)
    side = None if loop.side is None else Loop(loop.side, loop.behind)
    order_behind = None if side is None or not behind else Order(side)

    def one(morsel: int) -> None:
        low, high = layout.bounds(morsel)
        part, _ = layout.task_of(morsel)
        empty_slots(tables, layout, morsel)
        loaded = pieces.at(low, high) if pieces.leaves else {}
        left: list[list[Any]] = [[] for _ in fed]
        for first in range(low, high, at_once):
            last = min(first + at_once, high)
            rows = Rows(loop, environment, first, last, layout.outer, layout.inner, loaded, order)
            for builders in merging.values():
                _merge(builders, rows, tables, part)
            for output, results in zip(fed, left, strict=True):
                _feed(output, rows, results)
            rows.forget()
            if side is not None and order_behind is not None:
                _feed_behind(side, order_behind, rows, fed, behind)
        for output, results in zip(fed, left, strict=True):
            _leave(output, results, morsel, counters, counts)

    if layout.morsels == 0:
        empty_tables(tables)
    walk(layout, one, threads, environment.progress, counts, asked)
    return combine_tables(tables, threads)


def _merge(builders: list[Builder], rows: Rows, tables: Tables, part: int) -> None:
    """Merge into the tables of builders with the same guards and slots."""
    chosen = rows.left_by(builders[0].guards)
    if chosen.count == 0:
        return
    assert builders[0].slot is not None
    slots = Slots(_in_a_row(chosen.get(builders[0].slot)))
    for builder in builders:
        target = builder.target
        assert isinstance(target, SlotTable)
        merge(target, part_of(tables[target], part), slots, _in_a_row(chosen.get(builder.expression)))


def _in_a_row(values: np.ndarray) -> np.ndarray:
    return values if values.ndim == 1 else values.ravel()


def _feed(output: Output, rows: Rows, results: list[Any]) -> None:
    """Write what rows give, or put it with what other rows of the morsel gave."""
    builder = output.builder
    target = builder.target
    if isinstance(target, Fold):
        x, alive = rows.get(builder.expression), rows.mask(builder.guards)
        output.parts[rows.low : rows.high] = reduced(target.operation, target.dtype, x, alive, axis=1)
        return
    if not builder.guards and not isinstance(target, Reduce):
        where = rows.positions() if rows.product else slice(rows.low, rows.high)
        output.parts[where] = rows.get(builder.expression)
        return
    chosen = rows.left_by(builder.guards)
    if chosen.count == 0:
        return
    x = _in_a_row(chosen.get(builder.expression))
    results.append(reduced(target.operation, target.dtype, x) if isinstance(target, Reduce) else x)


def _feed_behind(loop: Loop, order: Order, rows: Rows, folded: list[Output], outputs: list[Output]) -> None:
    """Write what is computed of the folds of rows of the side that stays."""
    folds: dict[Value, tuple[np.ndarray, int]] = {
        Stored(one.builder.target): (one.parts, 0) for one in folded
    }
    side = Rows(loop, rows.environment, rows.low, rows.high, rows.outer, 1, folds, order)
    for output in outputs:
        _feed(output, side, [])


def _leave(
    output: Output,
    results: list[Any],
    morsel: int,
    counters: tuple[tuple[Value, ...], ...],
    counts: np.ndarray,
) -> None:
    """Put together what the rows of a morsel gave."""
    builder = output.builder
    target = builder.target
    if isinstance(target, Reduce):
        output.parts[morsel, 0] = _combined(target, results)
        output.parts[morsel, 1:] = 0
        return
    if not builder.appends or not builder.guards:
        return
    assert output.pieces is not None
    piece = output.pieces[morsel] = np.concatenate(results) if results else np.empty(0, target.dtype)
    counts[counters.index(builder.guards), morsel] = len(piece)


def _combined(target: Reduce, results: list[Any]) -> Any:
    held = accumulator_dtype(target.operation, target.dtype)
    if not results:
        return neutral(target.operation, held)
    if compensated(target.operation, target.dtype):
        return add_up([float(result) for result in results], [0.0] * len(results))
    with np.errstate(all="ignore"):
        return REDUCTIONS[target.operation].whole(np.array(results, held))


def reduced(
    operation: str, dtype: np.dtype, x: np.ndarray, alive: np.ndarray | None = None, axis: int = 0
) -> Any:
    """Reduce along an axis what is ``alive``, in the dtype that a reduction to ``dtype`` holds."""
    held = accumulator_dtype(operation, dtype)
    start = neutral(operation, held)
    if alive is not None:
        x = np.where(alive, x, start)
    with np.errstate(all="ignore"):
        whole = REDUCTIONS[operation].whole
        if x.shape[axis] == 0:
            return np.full(x.shape[:axis] + x.shape[axis + 1 :], start)[()]
        return whole(x.astype(held, copy=False), axis=axis)
