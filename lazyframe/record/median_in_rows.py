"""The median across the columns of each row, by a network of comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, is_missing, negate, select
from passes.ir.values import Literal, Value


def median_in_rows(columns: Sequence[Value], skipna: bool = True) -> Value:
    """``frame.median(axis=1)`` of columns of one dtype: float32 of these, else float64.

    Parameters
    ----------
    columns : sequence of Value
        Of numbers, of one row space.
    skipna : bool
        Whether what is missing is left out; else a row that has anything missing has no median.
    """
    dtype = columns[0].dtype if columns[0].dtype.kind == "f" else FLOAT64
    values = [cast(column, dtype) for column in columns]
    missing = [gone for value in values if (gone := is_missing(value)) is not None]
    if columns[0].dtype.kind != "f":
        missing = []
    if not missing:
        return _middle(_sorted(values), skipna)
    count: Value = Literal(0, INT64)
    for gone in missing:
        count = apply("add", count, cast(negate(gone), INT64))
    nothing = Literal(np.nan, dtype)
    if not skipna:
        whole = negate(missing[0])
        for gone in missing[1:]:
            whole = both(whole, negate(gone))
        return select(whole, _middle(_sorted(values), skipna), nothing)
    last = Literal(np.inf, dtype)
    ascending = _sorted([select(gone, last, value) for gone, value in zip(missing, values, strict=True)])
    low = high = ascending[0]
    for place in range(1, len(columns) // 2 + 1):
        high = select(_is_at_least(count, 2 * place), ascending[place], high)
        if 2 * place < len(columns):
            low = select(_is_at_least(count, 2 * place + 1), ascending[place], low)
    return select(_is_at_least(count, 1), _mean(low, high), nothing)


def _is_at_least(count: Value, least: int) -> Value:
    return apply("greater_equal", count, Literal(least, INT64), dtype=BOOL)


def _mean(low: Value, high: Value) -> Value:
    return apply("divide", apply("add", low, high), Literal(2.0, low.dtype))


def _middle(ascending: Sequence[Value], skipna: bool) -> Value:
    """Of values none of which is missing.

    NumPy halves the sum of an odd row's middle with itself, unless it is asked row by row, as pandas does
    without ``skipna``: the two differ where the sum is infinite.
    """
    low, high = ascending[(len(ascending) - 1) // 2], ascending[len(ascending) // 2]
    return low if low is high and not skipna else _mean(low, high)


def _sorted(values: Sequence[Value]) -> list[Value]:
    """Values in ascending order in each row; none is NaN."""
    found = list(values)
    for one, other in _comparisons(len(found)):
        left, right = found[one], found[other]
        swapped = apply("less", right, left, dtype=BOOL)
        found[one], found[other] = select(swapped, right, left), select(swapped, left, right)
    return found


@lru_cache(maxsize=64)
def _comparisons(count: int) -> tuple[tuple[int, int], ...]:
    return tuple(_merge_exchange(count))


def _merge_exchange(count: int) -> Iterator[tuple[int, int]]:
    """The places to compare: Knuth, "The Art of Computer Programming" 3, 5.2.2, algorithm M (Batcher)."""
    top = 1 << max(count - 1, 0).bit_length() >> 1
    p = top
    while p > 0:
        q, r, d = top, 0, p
        while True:
            for i in range(count - d):
                if i & p == r:
                    yield i, i + d
            if q == p:
                break
            q, r, d = q // 2, p, q - p
        p //= 2
