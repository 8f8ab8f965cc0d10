"""Inputs that are sorted: rows of equal values lie side by side, in runs, and runs can be numbered.

Whether a column is sorted is found out once, and most that are not show it among their first rows.  What is
found is remembered as long as the column is bound.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from lazyframe import settings
from lazyframe.codegen.number_runs import number_runs
from lazyframe.run import morsels
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow
from passes.ir.node import Token

_FIRST = 4096
"""Rows that are looked at before all are."""

_SHORT_RUN = 64
"""Rows among which one run as a rule ends."""

_CHUNK_ROWS = 1 << 15
"""Rows whose comparisons stay in a cache near the processor."""


class SortedColumn:
    """A column in ascending order.

    Parameters
    ----------
    array : numpy.ndarray
        Its values.
    before : numpy.ndarray
        int64, how many runs begin before each chunk of `_CHUNK_ROWS` rows, and behind the last.
    """

    def __init__(self, array: np.ndarray, before: np.ndarray) -> None:
        self._before = before
        self.low, self.high = (int(array[0]), int(array[-1])) if len(array) else (0, -1)
        self._numbers: np.ndarray | None = None
        self._values: np.ndarray | None = None

    @property
    def count(self) -> int:
        """How many runs there are."""
        return int(self._before[-1])

    def numbers(self, array: np.ndarray) -> np.ndarray:
        """int32, of each row its run; ``array`` is the column's."""
        if self._numbers is None:
            self._number(array)
        assert self._numbers is not None
        return self._numbers

    def values(self, array: np.ndarray) -> np.ndarray:
        """Of each run its value; ``array`` is the column's."""
        if self._values is None:
            self._number(array)
        assert self._values is not None
        return self._values

    def _number(self, array: np.ndarray) -> None:
        from lazyframe.run.tiers import scan_for  # which knows programs, and these know what is sorted

        numbers = borrow(len(array), np.int32)
        values = borrow(self.count, array.dtype)
        is_plain = array.flags.c_contiguous and array.dtype.kind in "iu" and array.dtype.isnative
        kernel = scan_for(number_runs(array.dtype), len(array)) if is_plain else None

        def one(chunk: int) -> None:
            low, high = chunk * _CHUNK_ROWS, min((chunk + 1) * _CHUNK_ROWS, len(array))
            first, behind = int(self._before[chunk]), int(self._before[chunk + 1])
            if kernel is not None:
                kernel(low, high, address(array), first, address(numbers), address(values))
                return
            begins = _begins(array, low, high)
            np.cumsum(begins, dtype=np.int32, out=numbers[low:high])
            numbers[low:high] += first - 1
            np.compress(begins, array[low:high], out=values[first:behind])  # a mask takes four times as long

        _in_chunks(len(array), one)
        self._numbers, self._values = numbers, values


_known: WeakKeyDictionary[Token, SortedColumn | None] = WeakKeyDictionary()


def sorted_column(token: Token, array: np.ndarray) -> SortedColumn | None:
    """What is known of an input if it is in ascending order; None if it is not.

    Parameters
    ----------
    token : Token
        The user's.
    array : numpy.ndarray
        What is bound to it: integers, in one dimension.
    """
    if token not in _known:
        _known[token] = _if_sorted(array)
    return _known[token]


def _if_sorted(array: np.ndarray) -> SortedColumn | None:
    if not begins_sorted(array):
        return None
    chunks = -(-len(array) // _CHUNK_ROWS)
    counts = np.zeros(chunks + 1, np.int64)
    fails: list[int] = []

    def one(chunk: int) -> None:
        low, high = chunk * _CHUNK_ROWS, min((chunk + 1) * _CHUNK_ROWS, len(array))
        if fails:
            return
        if not ascends(array[max(low - 1, 0) : high]):
            fails.append(chunk)
        counts[chunk + 1] = np.count_nonzero(_begins(array, low, high))

    _in_chunks(len(array), one)
    return None if fails else SortedColumn(array, np.cumsum(counts))


def begins_sorted(array: np.ndarray) -> bool:
    """Whether the first rows of an array do not show that it is not sorted."""
    return ascends(array[:_FIRST])


def ascends(part: np.ndarray) -> bool:
    """Whether no value is less than the one before it."""
    return bool((part[1:] >= part[:-1]).all())


def ascends_throughout(array: np.ndarray) -> bool:
    """What `ascends` says, a part after the other: the first that shows that it does not ends the search."""
    return _is_in_order(array, np.greater_equal)


def ascends_strictly(array: np.ndarray) -> bool:
    """Whether each value is greater than the one before it."""
    return _is_in_order(array, np.greater)


def _is_in_order(array: np.ndarray, compare: np.ufunc) -> bool:
    """Whether each value and the one before it compare so."""
    low, high = 0, _FIRST
    while low < len(array):
        part = array[max(low - 1, 0) : high]
        if not compare(part[1:], part[:-1]).all():
            return False
        low, high = high, high + _CHUNK_ROWS
    return True


def cuts_between_runs(array: np.ndarray, about: int, most: int) -> list[int] | None:
    """Rows at which ``array`` rises, about so many rows apart, with 0 and its length at the ends.

    None where it falls at a cut, or ``most`` rows in a row show no rise near one.
    """
    cuts = [0]
    for row in range(about, len(array), about):
        if row <= cuts[-1]:
            continue
        part = array[row - 1 : row + min(most, _SHORT_RUN)]
        rises = np.flatnonzero(part[1:] > part[:-1])
        if len(rises) == 0:
            part = array[row - 1 : row + most]
            rises = np.flatnonzero(part[1:] > part[:-1])
        until = int(rises[0]) if len(rises) else len(part) - 1
        if not ascends(part[: until + 2]) or (len(rises) == 0 and row + most < len(array)):
            return None
        cuts.append(row + until)
    return [*cuts, len(array)] if len(array) > cuts[-1] else cuts


def _begins(array: np.ndarray, low: int, high: int) -> np.ndarray:
    """Which of some rows begin a run."""
    begins = np.empty(high - low, np.bool_)
    begins[0] = low == 0 or array[low] != array[low - 1]
    np.not_equal(array[low + 1 : high], array[low : high - 1], out=begins[1:])
    return begins


def _in_chunks(rows: int, work_on: Any) -> None:
    chunks = range(-(-rows // _CHUNK_ROWS))
    morsels.run([range(k, k + 1) for k in chunks], work_on, settings.current().threads)


def as_integers(array: np.ndarray) -> np.ndarray:
    """An input as the integers that its groups have as keys."""
    return array.view(np.int64) if array.dtype.kind in "mM" else array
