"""Several columns of integers as one, by mixed radix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lazyframe.codegen import compiler, emit_numbering
from lazyframe.codegen.kernel import Kernel
from lazyframe.run import morsels
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow

INT64 = np.dtype(np.int64)

_WIDEST = 1 << 62

Span = tuple[int, int]
"""The least key, and how many there are from it to the greatest."""


def span_of(column: np.ndarray) -> Span:
    """The least key, and how many there are from it to the greatest."""
    if len(column) == 0:
        return 0, 1
    low = int(column.min())
    return low, int(column.max()) - low + 1


def fit(spans: Sequence[Span]) -> bool:
    """Whether one int64 holds columns with so many values."""
    size = 1
    for _, span in spans:
        size *= span
    return size <= _WIDEST


def _strides(spans: Sequence[Span]) -> list[int]:
    strides = [1]
    for _, span in reversed(spans[1:]):
        strides.append(strides[-1] * span)
    return strides[::-1]


def _wrapped(low: int) -> int:
    """The int64 of the same bits."""
    return (low + (1 << 63)) % (1 << 64) - (1 << 63)


def combine(columns: Sequence[np.ndarray], spans: Sequence[Span], threads: int) -> np.ndarray:
    """Columns as one of int64, whose spans fit it."""
    columns = [np.ascontiguousarray(column) for column in columns]
    rows = len(columns[0])
    source = emit_numbering.combine_keys(tuple([column.dtype for column in columns]))
    if rows <= morsels.LEAST_MORSEL_ROWS:
        kernel = compiler.at_hand(source)
    else:
        kernel = compiler.find(source)
        if kernel is None:
            compiler.prepare(source)
    if kernel is None:
        return _combine_in_numpy(columns, spans)
    combined = borrow(rows, INT64)
    arguments: list[int] = []
    for column, (low, _), stride in zip(columns, spans, _strides(spans), strict=True):
        arguments += [address(column), _wrapped(low), stride]
    _in_morsels(kernel, rows, threads, *arguments, address(combined))
    return combined


def _combine_in_numpy(columns: Sequence[np.ndarray], spans: Sequence[Span]) -> np.ndarray:
    combined = np.zeros(len(columns[0]), INT64)
    for column, (low, _), stride in zip(columns, spans, _strides(spans), strict=True):
        combined += (as_int64(column) - np.int64(_wrapped(low))) * np.int64(stride)
    return combined


def as_int64(column: np.ndarray) -> np.ndarray:
    """The integers as int64, or of uint64 the same bits."""
    return column.view(INT64) if column.dtype.itemsize == 8 else column.astype(INT64)


def _in_morsels(kernel: Kernel, rows: int, threads: int, *arguments: int) -> None:
    length = morsels.morsel_rows(rows)

    def one(morsel: int) -> None:
        kernel(morsel * length, min(rows, (morsel + 1) * length), *arguments)

    morsels.run([range(m, m + 1) for m in range(-(-rows // length))], one, threads)
