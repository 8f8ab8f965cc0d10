"""Number rows whose first key ascends: rows of one group lie close together, and none is hashed.

Groups are numbered in order of first appearance, as `lazyframe.run.numbering` does it.  Morsels are cut where
the first key changes, so that no group has rows in two; each numbers its rows from 0, and numbers are moved
up by how many groups the morsels before have.
"""

from __future__ import annotations

import numpy as np

from lazyframe.codegen import emit_numbering
from lazyframe.codegen.kernel import Kernel
from lazyframe.run import morsels, tiers
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow
from lazyframe.run.runs import begins_sorted, cuts_between_runs

INT64 = np.dtype(np.int64)


def numbered_in_runs(
    leading: np.ndarray, keys: np.ndarray, threads: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """Each row's number and each group's first row; None where the first key does not ascend in short runs.

    Parameters
    ----------
    leading : numpy.ndarray
        The first key, of integers.
    keys : numpy.ndarray
        int64, all other keys as one; where there are none the first.
    threads : int
        At most how many work.
    """
    if not begins_sorted(leading):
        return None
    rows = len(leading)
    kernel = tiers.scan_for(emit_numbering.number_in_runs(leading.dtype), rows)
    cuts = cuts_between_runs(leading, morsels.morsel_rows(rows), emit_numbering.LONGEST_RUN)
    if kernel is None or cuts is None:
        return None
    return _number(kernel, leading, keys, cuts, threads)


def _number(
    kernel: Kernel, leading: np.ndarray, keys: np.ndarray, cuts: list[int], threads: int
) -> tuple[np.ndarray, np.ndarray] | None:
    numbers, firsts = borrow(len(keys), INT64), borrow(len(keys), INT64)
    counts = np.zeros(len(cuts) - 1, INT64)
    statuses = [0] * len(counts)
    each = [range(k, k + 1) for k in range(len(counts))]

    def number(k: int) -> None:
        if any(statuses):
            return
        own = address(firsts) + cuts[k] * firsts.itemsize
        pointers = address(leading), address(keys), own, address(numbers), address(counts[k:])
        statuses[k] = kernel(cuts[k], cuts[k + 1], *pointers)

    morsels.run(each, number, threads)
    if any(statuses):
        return None
    ends = np.cumsum(counts)
    all_firsts = borrow(int(ends[-1]), INT64)

    def move(k: int) -> None:
        low, before = cuts[k], int(ends[k] - counts[k])
        numbers[low : cuts[k + 1]] += before
        all_firsts[before : ends[k]] = firsts[low : low + counts[k]]

    morsels.run(each, move, threads)
    return numbers, all_firsts
