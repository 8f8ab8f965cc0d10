"""Which rows are the first with their keys: what counting distinct values asks for."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from lazyframe.codegen.emit_first_rows import BLOCK_ROWS, LONGEST_RUN, mark_first_rows
from lazyframe.codegen.kernel import Kernel
from lazyframe.run import morsels, tiers
from lazyframe.run.addresses import address
from lazyframe.run.numbering import number_rows
from lazyframe.run.runs import cuts_between_runs

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
    columns = [column.view(np.uint8) if column.dtype.kind == "b" else column for column in (key, *others)]
    source = mark_first_rows(columns[0].dtype, tuple([column.dtype for column in columns[1:]]))
    kernel = tiers.scan_for(source, len(key))
    if kernel is not None and all(column.flags.c_contiguous for column in columns):
        return _marked(kernel, columns, threads)
    found = np.ones(len(key), np.bool_)
    failed = threading.Event()

    def mark(morsel: int) -> None:
        if not failed.is_set() and not _mark_morsel(key, others, found, morsel):
            failed.set()

    tasks = [range(morsel, morsel + 1) for morsel in range(-(-len(key) // RUN_MORSEL_ROWS))]
    morsels.run(tasks, mark, threads)
    return None if failed.is_set() else found


def _marked(kernel: Kernel, columns: Sequence[np.ndarray], threads: int) -> np.ndarray | None:
    """The answer of a kernel, of columns the first of which is thought to ascend."""
    rows = len(columns[0])
    cuts = cuts_between_runs(columns[0], morsels.morsel_rows(rows), LONGEST_RUN)
    if cuts is None:
        return None
    found = np.empty(rows, np.bool_)
    pointers = [address(column) for column in (*columns, found)]
    statuses = [0] * (len(cuts) - 1)

    def mark(morsel: int) -> None:
        if not any(statuses):
            seen = np.empty(BLOCK_ROWS, np.int64)
            statuses[morsel] = kernel(cuts[morsel], cuts[morsel + 1], *pointers, address(seen))

    morsels.run([range(morsel, morsel + 1) for morsel in range(len(statuses))], mark, threads)
    return None if any(statuses) else found


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
