"""Pair the rows of two sides by their keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lazyframe import settings
from lazyframe.pandas_internals import pair_codes
from lazyframe.run import morsels
from lazyframe.run.aside import call_aside
from lazyframe.run.lookups import table_of
from lazyframe.run.memory import borrow_full
from lazyframe.run.pairing import pair_by_counting
from lazyframe.run.runs import ascends, begins_sorted

_MOST_CODES = 1 << 22
"""Codes that may be counted however few rows there are, which costs milliseconds."""

_MOST_ROWS = 1 << 31
_CODES_A_ROW = 16
_SAMPLE = 1024

_FEW_ROWS = 1 << 12
"""Among so many, most codes that repeat do."""

_ROWS_A_SEARCH = 16
"""Rows on the right that are counted in the time of searching among them once."""

_INT64_LIMIT = 1 << 62


def join_positions(
    left_keys: Sequence[np.ndarray],
    right_keys: Sequence[np.ndarray],
    how: str,
    right_ascends: bool | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The positions on both sides of each pair of rows with equal keys.

    Parameters
    ----------
    left_keys, right_keys : sequence of numpy.ndarray
        Integer or boolean columns, of equal dtypes pair by pair.
    how : str
        One of `passes.ir.rows.JOIN_KINDS`, which says the order as well.
    right_ascends : bool, optional
        Whether the first key on the right is in ascending order, where that is known.

    Returns
    -------
    tuple of numpy.ndarray
        int64; -1 where there is no partner.
    """
    if how == "inner" and len(left_keys) == 1:
        pairs = _into_runs(_integers(left_keys[0]), _integers(right_keys[0]), right_ascends)
        if pairs is not None:
            return pairs
    left, right, size = _codes(left_keys, right_keys, ordered=how == "outer")
    if how == "right":
        found = _found(right, left, size)
        return (found, np.arange(len(right))) if found is not None else _pair(left, right, size, how)
    found = None if how == "outer" else _found(left, right, size)
    if found is None:
        return _inner(left, right, size) if how == "inner" else _pair(left, right, size, how)
    if how == "left":
        return np.arange(len(left)), found
    paired = np.flatnonzero(found >= 0)
    return paired, found[paired]


def _pair(left: np.ndarray, right: np.ndarray, size: int, how: str) -> tuple[np.ndarray, np.ndarray]:
    if how != "outer":
        sides = (right, left) if how == "right" else (left, right)
        found = pair_by_counting(*sides, size, keep=how != "inner")
        if found is not None:
            return found if how != "right" else (found[1], found[0])
    return call_aside(len(left) + len(right), pair_codes, left, right, size, how)


def _into_runs(
    left: np.ndarray, right: np.ndarray, known: bool | None = None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Pairs where the right side's key ascends: its rows of one key lie side by side; None where it does not.

    Where a run begins and ends is searched for where there are few rows on the left, else counted.
    """
    if len(left) == 0 or len(right) == 0 or known is False:
        return None
    if known is None and not (begins_sorted(right) and ascends(right)):
        return None
    low, span = int(right[0]), int(right[-1]) - int(right[0]) + 1
    if _ROWS_A_SEARCH * len(left) < len(right) or span > max(_MOST_CODES, _CODES_A_ROW * len(right)):
        first = np.searchsorted(right, left, "left")
        count = np.searchsorted(right, left, "right") - first
    else:
        counts = np.bincount(_from(right, low), minlength=span)
        codes = _from(left, low)
        inside = codes.view(np.uint64) < np.uint64(span)
        codes = np.where(inside, codes, 0)
        first = (np.cumsum(counts) - counts)[codes]
        count = np.where(inside, counts[codes], 0)
    ends = np.cumsum(count)
    found = np.repeat(first - (ends - count), count)
    found += np.arange(len(found))
    return np.repeat(np.arange(len(left)), count), found


def _integers(key: np.ndarray) -> np.ndarray:
    return key.view(np.uint8) if key.dtype.kind == "b" else key


def _found(codes: np.ndarray, others: np.ndarray, size: int) -> np.ndarray | None:
    """For each of ``codes`` where it is among ``others``, or -1; None where one is there twice.

    Pairing looks at each row of both sides several times, this once, and many threads do.
    """
    if len(others) > size or len(others) >= _MOST_ROWS:
        return None
    some = others[:_FEW_ROWS]
    if len(others) > _FEW_ROWS and len(np.unique(some)) < len(some):
        return None
    table = borrow_full(size, -1, np.int32)
    numbers = np.arange(len(others), dtype=np.int32)
    table[others] = numbers
    if not np.array_equal(table[others], numbers):
        return None
    found = np.empty(len(codes), np.int64)
    length = morsels.morsel_rows(len(codes))

    def find(morsel: int) -> None:
        part = slice(morsel * length, (morsel + 1) * length)
        found[part] = table.take(codes[part])

    tasks = [range(morsel, morsel + 1) for morsel in range(-(-len(codes) // length))]
    morsels.run(tasks, find, settings.current().threads)
    return found


def _inner(left: np.ndarray, right: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of equal codes: rows whose code the other side does not have are left out first.

    That takes a look at one byte a row, where pairing sorts both sides by their codes.
    """
    left_rows, right_rows = _among(left, right, size), _among(right, left, size)
    if left_rows is not None:
        left = left[left_rows]
    if right_rows is not None:
        right = right[right_rows]
    if size > _CODES_A_ROW * (len(left) + len(right)):
        left, right, size = _factorised(left, right, ordered=False)
    one, other = _pair(left, right, size, "inner")
    return (
        one if left_rows is None else left_rows[one],
        other if right_rows is None else right_rows[other],
    )


def _among(codes: np.ndarray, others: np.ndarray, size: int) -> np.ndarray | None:
    """The rows whose code is among ``others``; None where most are."""
    there = borrow_full(size, False, np.bool_)
    there[others] = True
    if 2 * int(np.count_nonzero(there[codes[:: len(codes) // _SAMPLE + 1]])) > min(len(codes), _SAMPLE):
        return None
    found = there[codes]
    if 2 * int(np.count_nonzero(found)) > len(codes):
        return None
    return np.flatnonzero(found)


def _codes(
    left_keys: Sequence[np.ndarray], right_keys: Sequence[np.ndarray], ordered: bool
) -> tuple[np.ndarray, np.ndarray, int]:
    """A code for each row of both sides, from 0, equal where keys are, and ``ordered`` as they are."""
    left, right, size = _single(left_keys[0], right_keys[0], ordered)
    for one, other in zip(left_keys[1:], right_keys[1:], strict=True):
        left_codes, right_codes, span = _single(one, other, ordered)
        if size * span >= _INT64_LIMIT:
            left, right, size = _factorised(left, right, ordered)
            left_codes, right_codes, span = _factorised(left_codes, right_codes, ordered)
        left, right, size = left * span + left_codes, right * span + right_codes, size * span
    if size > max(_MOST_CODES, 4 * (len(left) + len(right))):
        return _factorised(left, right, ordered)
    return left, right, size


def _single(left: np.ndarray, right: np.ndarray, ordered: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """A key's values counted from the least of both sides."""
    left, right = _integers(left), _integers(right)
    bounds = [(int(key.min()), int(key.max())) for key in (left, right) if len(key)]
    if not bounds:
        return np.empty(0, np.int64), np.empty(0, np.int64), 1
    low, high = min([least for least, _ in bounds]), max([most for _, most in bounds])
    if high - low >= _INT64_LIMIT:
        return _factorised(left, right, ordered)
    return _from(left, low), _from(right, low), high - low + 1


def _from(key: np.ndarray, low: int) -> np.ndarray:
    """``key - low``, which fits int64 however the parts wrap."""
    if key.dtype.itemsize < 8:
        return key.astype(np.int64) - low
    return np.asarray(key - key.dtype.type(low)).view(np.int64)


def _factorised(left: np.ndarray, right: np.ndarray, ordered: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """Codes without gaps, ``ordered`` as the values are; or such that rows of the two sides are as equal.

    Of the side with more rows those whose value the other does not have are then no row's equals.
    """
    if not ordered and len(left) < len(right):
        right, left, size = _factorised(right, left, ordered)
        return left, right, size
    if not ordered and len(right):
        codes, distinct = call_aside(len(right), pd.factorize, right)
        found = call_aside(len(left), table_of([distinct]).find, [left])
        nowhere = np.flatnonzero(found < 0)
        size = len(distinct) + len(nowhere)
        found[nowhere] = np.arange(len(distinct), size)
        return found, codes.astype(np.int64, copy=False), size
    both = np.concatenate([left, right])
    codes, distinct = call_aside(len(both), pd.factorize, both, sort=ordered)
    codes = codes.astype(np.int64, copy=False)
    return codes[: len(left)], codes[len(left) :], max(len(distinct), 1)
