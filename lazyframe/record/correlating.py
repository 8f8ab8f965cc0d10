"""Correlations and covariances of the rows in which both columns of a pair are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, select
from lazyframe.record.reductions import Whole, count_rows, highest, lowest, mean
from passes.ir.rows import Rows
from passes.ir.values import Literal, Reduce, Value

_TRUSTED = 1e-4
"""What is left of a sum of squares, at the least, once its mean is taken out: no more than four digits of the
sixteen are lost then."""

_ZERO, _NAN = Literal(0.0, FLOAT64), Literal(np.nan, FLOAT64)


class Pairs(NamedTuple):
    """What was found out of each pair of columns; every array has a row and a column for each.

    Parameters
    ----------
    counts : ndarray of float64
        Rows in which both are known.
    products : ndarray of float64
        Sums of products of distances from the means over these rows.
    squares : ndarray of float64
        At ``[i, j]`` sums of squared distances of column ``i`` from its mean over the rows it has with ``j``.
    trusted : ndarray of bool
        Whether that is exact enough; where it is not, the pair may be constant.
    """

    counts: np.ndarray
    products: np.ndarray
    squares: np.ndarray
    trusted: np.ndarray


def paired(
    rows: Rows, columns: Sequence[Value], known: Sequence[Value | None], stamp: Callable[[Value], None]
) -> Pairs:
    """The sums that make the correlations of columns, in one pass over values shifted by their means.

    Parameters
    ----------
    rows : Rows
        Of the columns.
    columns : sequence of Value
        float64.
    known : sequence of Value or None
        For each whether a row counts; None where all do.
    stamp : callable
        Called with one of the scalars that are computed.
    """
    whole = Whole(rows)
    clean = [_where(here, column, _NAN) for column, here in zip(columns, known, strict=True)]
    shifted = [
        _where(here, apply("subtract", column, mean(whole, kept, skipna=here is not None)), _ZERO)
        for column, kept, here in zip(columns, clean, known, strict=True)
    ]
    count = len(columns)
    pairs = [(i, j) for i in range(count) for j in range(i, count)]
    values: list[Value] = []
    for i, j in pairs:
        mine, theirs = _where(known[j], shifted[i], _ZERO), _where(known[i], shifted[j], _ZERO)
        values += [
            _counted(whole, known[i], known[j]),
            _sum(apply("multiply", shifted[i], shifted[j])),
            _sum(mine),
            _sum(theirs),
            _sum(apply("multiply", mine, mine)),
            _sum(apply("multiply", theirs, theirs)),
        ]
    stamp(values[1])
    ends = [end(whole, one, skipna=True) for one in clean for end in (lowest, highest)]
    found = np.array(compute([*values, *ends]), np.float64)
    sums = found[: len(values)].reshape(-1, 6)
    least, most = found[len(values) :: 2], found[len(values) + 1 :: 2]
    counts, products, firsts, seconds = (np.zeros((count, count)) for _ in range(4))
    for (i, j), (size, product, my_first, their_first, my_second, their_second) in zip(
        pairs, sums, strict=True
    ):
        counts[i, j] = counts[j, i] = size
        products[i, j] = products[j, i] = product
        firsts[i, j], firsts[j, i] = my_first, their_first
        seconds[i, j], seconds[j, i] = my_second, their_second
    return _pairs(counts, products, firsts, seconds, least == most)


_ROWS_AT_ONCE = 1 << 11

_PRODUCTS_AT_ONCE = 200_000
"""OpenBLAS gives more multiplications than 262,144 to several threads, which takes longer than they do."""


def paired_in_blocks(columns: Sequence[np.ndarray]) -> Pairs:
    """`paired` of arrays, of which what is not finite does not count, by products of small matrices.

    A loop would have six sums for each pair, which compiles slowly and leaves no registers.
    """
    count, rows = len(columns), len(columns[0])
    sums = np.zeros((4, count, count))
    step = max(1, min(rows, _ROWS_AT_ONCE, _PRODUCTS_AT_ONCE // count**2))
    block = np.empty((count, step))
    shift = np.array([_near(column[:_ROWS_AT_ONCE]) for column in columns])[:, None]
    for start in range(0, rows, step):
        part = block[:, : min(rows - start, step)]
        for place, column in enumerate(columns):
            part[place] = column[start : start + step]
        known = np.isfinite(part)
        part -= shift
        np.copyto(part, 0.0, where=~known)
        mask = known.astype(np.float64)
        sums[0] += mask @ mask.T
        sums[1] += part @ part.T
        sums[2] += part @ mask.T
        part *= part
        sums[3] += part @ mask.T
    counts, products, firsts, seconds = sums
    return _pairs(counts, products, firsts, seconds, np.zeros(count, np.bool_))


def _near(sample: np.ndarray) -> float:
    """A number among those of a column: the mean of some, and the very number where they are equal."""
    numbers = sample[np.isfinite(sample)].astype(np.float64)
    if not len(numbers):
        return 0.0
    with np.errstate(over="ignore"):
        middle = float(numbers[0] if (numbers == numbers[0]).all() else numbers.mean())
    return middle if np.isfinite(middle) else 0.0


def _pairs(
    counts: np.ndarray, products: np.ndarray, firsts: np.ndarray, seconds: np.ndarray, constant: np.ndarray
) -> Pairs:
    """What follows from sums over the rows that pairs share, of values that are shifted.

    ``firsts[i, j]`` is the sum of column ``i`` over the rows it has with ``j``, ``seconds`` of its squares.
    """
    with np.errstate(all="ignore"):
        products = products - firsts * firsts.T / counts
        squares = np.maximum(seconds - firsts * firsts / counts, 0.0)
        exact = (squares >= _TRUSTED * seconds) & np.isfinite(seconds)
    exact[constant] = True
    squares[constant] = 0.0
    products[np.logical_or.outer(constant, constant)] = 0.0
    return Pairs(counts, products, squares, (exact & exact.T) | (counts == 0))


def _where(here: Value | None, column: Value, other: Literal) -> Value:
    return column if here is None else select(here, column, other)


def _sum(column: Value) -> Value:
    return Reduce("sum", column, FLOAT64)


def _counted(whole: Whole, one: Value | None, other: Value | None) -> Value:
    if one is None and other is None:
        return count_rows(whole)
    here = one if other is None else other if one is None else both(one, other)
    assert here is not None
    return Reduce("sum", cast(here, INT64), INT64)


def finite(column: Value) -> Value | None:
    """Whether each number is neither NaN nor infinite; None of integers and booleans, which all are."""
    return apply("is_finite", column, dtype=BOOL) if column.dtype.kind == "f" else None


def not_missing(column: Value) -> Value | None:
    """Whether each number is not NaN; None of integers and booleans."""
    return apply("equal", column, column, dtype=BOOL) if column.dtype.kind == "f" else None


def correlation(pairs: Pairs) -> np.ndarray:
    """Of each pair, NaN where one of it is constant."""
    with np.errstate(all="ignore"):
        found: np.ndarray = np.clip(pairs.products / np.sqrt(pairs.squares * pairs.squares.T), -1.0, 1.0)
    found[(pairs.squares == 0) | (pairs.squares.T == 0)] = np.nan
    return found


def covariance(pairs: Pairs, ddof: int) -> np.ndarray:
    """Of each pair, with the divisor ``count - ddof``; NaN where that is 0."""
    with np.errstate(all="ignore"):
        freedom = pairs.counts - ddof
        return np.where(freedom == 0, np.nan, pairs.products / freedom)
