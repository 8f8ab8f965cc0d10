"""Pair rows by codes with kernels: those of one side are sorted by counting, and read out for the other's.

Parts of the rows are sorted by threads of their own, each to its own places, which follow from how many rows
of a code the parts before have: so the pairs do not depend on how the rows were divided.
"""

from __future__ import annotations

import numpy as np

from lazyframe import settings
from lazyframe.codegen import emit_pairs
from lazyframe.codegen.kernel import Kernel
from lazyframe.run import morsels, tiers
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow

_ROWS_A_PART = 1 << 18
"""Rows for which it pays to count apart."""


def pair_by_counting(
    codes: np.ndarray, others: np.ndarray, size: int, keep: bool
) -> tuple[np.ndarray, np.ndarray] | None:
    """The positions on both sides of each pair of rows with equal codes, in the order of the first side.

    Parameters
    ----------
    codes, others : numpy.ndarray
        int64, at least 0 and less than ``size``.
    size : int
        Memory and time are proportional to it as well.
    keep : bool
        Whether a row of the first side without partner has a pair, of itself and -1.

    Returns
    -------
    tuple of numpy.ndarray or None
        int64; None where there are no kernels.
    """
    rows = len(codes) + len(others)
    sources = (emit_pairs.count_codes, emit_pairs.put_by_codes, emit_pairs.count_pairs, emit_pairs.list_pairs)
    count, put, count_pairs, list_pairs = [tiers.scan_for(source(), rows) for source in sources]
    if count is None or put is None or count_pairs is None or list_pairs is None or rows >= 1 << 31:
        return None
    codes, others = np.ascontiguousarray(codes), np.ascontiguousarray(others)
    totals, numbers = _sorted(others, size, count, put)
    ends = np.cumsum(totals)
    length = morsels.morsel_rows(len(codes))
    cuts = [*range(0, len(codes), length), len(codes)]
    tasks = [range(k, k + 1) for k in range(len(cuts) - 1)]
    counted = np.zeros(len(tasks), np.int64)
    fixed, least = (address(codes), address(totals)), int(keep)

    def count_some(k: int) -> None:
        count_pairs(cuts[k], cuts[k + 1], *fixed, least, address(counted[k:]))

    threads = settings.current().threads
    morsels.run(tasks, count_some, threads)
    behind = np.cumsum(counted)
    pairs = int(counted.sum())
    own, partners = borrow(pairs, np.int64), borrow(pairs, np.int64)
    tables = address(ends), address(numbers)

    def list_some(k: int) -> None:
        first = int(behind[k] - counted[k])
        list_pairs(cuts[k], cuts[k + 1], *fixed, *tables, least, first, address(own), address(partners))

    morsels.run(tasks, list_some, threads)
    return own, partners


def _sorted(codes: np.ndarray, size: int, count: Kernel, put: Kernel) -> tuple[np.ndarray, np.ndarray]:
    """How many rows each code has, and the numbers of the rows by their codes, in order among equal ones."""
    threads = settings.current().threads
    parts = max(1, min(threads, len(codes) // max(_ROWS_A_PART, size)))
    bounds = np.linspace(0, len(codes), parts + 1).astype(int).tolist()
    each = [range(part, part + 1) for part in range(parts)]
    counts = np.zeros((parts, size), np.int64)

    def count_part(part: int) -> None:
        count(bounds[part], bounds[part + 1], address(codes), address(counts[part]))

    morsels.run(each, count_part, threads)
    totals = counts.sum(axis=0)
    behind = np.cumsum(totals) - totals + np.cumsum(counts, axis=0) - counts
    numbers = borrow(len(codes), np.int32)

    def put_part(part: int) -> None:
        put(bounds[part], bounds[part + 1], address(codes), address(behind[part]), address(numbers))

    morsels.run(each, put_part, threads)
    return totals, numbers
