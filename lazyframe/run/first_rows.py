"""Which rows are the first with their keys: what counting distinct values asks for."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from lazyframe.run import morsels
from lazyframe.run.numbering import number_rows

LONGEST_RUN = 32
"""Rows of one key that are compared all with all; where there are more, hashing is quicker."""

RUN_MORSEL_ROWS = 1 << 15
"""What NumPy makes of so many rows stays in the cache."""

_SAMPLE_ROWS = 4096


def first_rows(keys: Sequence[np.ndarray], threads: int) -> np.ndarray:
    """Whether each row is the first that has its combination of keys.

    Where one of the keys is sorted, equal rows are near each other, and only neighbours are compared: that
    takes no memory.  Otherwise the rows are numbered by hashing.

    Parameters
    ----------
    keys : sequence of numpy.ndarray
        At least one, of integers or booleans, all of one length.
    threads : int
        At most how many work.

    Returns
    -------
    numpy.ndarray
        Of bool.
    """
    for k, key in enumerate(keys):
        found = _among_neighbours(key, [*keys[:k], *keys[k + 1 :]], threads)
        if found is not None:
            return found
    found = np.zeros(len(keys[0]), np.bool_)
    found[number_rows(keys, threads).firsts] = True
    return found


def _among_neighbours(key: np.ndarray, others: Sequence[np.ndarray], threads: int) -> np.ndarray | None:
    """The answer where ``key`` is ascending, and no value of it has many rows; else None."""
    if not _is_ascending(key[:_SAMPLE_ROWS]):
        return None
    found = np.ones(len(key), np.bool_)
    failed = threading.Event()

    def mark(morsel: int) -> None:
        if not failed.is_set() and not _mark_morsel(key, others, found, morsel):
            failed.set()

    tasks = [range(morsel, morsel + 1) for morsel in range(-(-len(key) // RUN_MORSEL_ROWS))]
    morsels.run(tasks, mark, threads)
    return None if failed.is_set() else found


def _mark_morsel(key: np.ndarray, others: Sequence[np.ndarray], found: np.ndarray, morsel: int) -> bool:
    """Mark the rows of a morsel, which begins and ends with whole runs; whether that could be done."""
    low, high = [_run_from(key, min(m * RUN_MORSEL_ROWS, len(key))) for m in (morsel, morsel + 1)]
    if low is None or high is None or not _is_ascending(key[max(low - 1, 0) : high]):
        return False
    return _mark(key[low:high], [other[low:high] for other in others], found[low:high])


def _run_from(key: np.ndarray, row: int) -> int | None:
    """The first row from ``row`` on that has another key than the one before it; None if it is far behind."""
    for at in range(row, row + LONGEST_RUN + 1):
        if at in (0, len(key)) or key[at] != key[at - 1]:
            return at
    return None


def _mark(key: np.ndarray, others: Sequence[np.ndarray], found: np.ndarray) -> bool:
    """Say in ``found`` which rows of ascending keys are no first ones; whether no key has too many."""
    for distance in range(1, len(key)):
        same = key[distance:] == key[:-distance]
        if not same.any():
            return True
        if distance > LONGEST_RUN:
            return False
        for other in others:
            same &= other[distance:] == other[:-distance]
        found[distance:] &= ~same
    return True


def _is_ascending(key: np.ndarray) -> bool:
    return bool((key[1:] >= key[:-1]).all())
