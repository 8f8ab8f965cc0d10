"""A kernel that numbers the runs of equal values that lie side by side."""

from __future__ import annotations

import functools

import numpy as np

from lazyframe.codegen.kernel import KernelSource


@functools.cache
def number_runs(dtype: np.dtype) -> KernelSource:
    """Number the runs that rows ``lo`` to ``hi``, at least one, are in.

    Arguments: the values; the number of the first run that begins at row ``lo`` or behind it; where a number
    is written for each row, and a value for each run, those of the run that row ``lo`` is in among them.
    """
    source = """
def kernel(lo, hi, values, first, numbers, distinct):
    run = first - 1
    last = values[lo]
    if lo > 0:
        last = values[lo - 1]
    else:
        run += 1
    for row in range(lo, hi):
        value = values[row]
        run += select(value != last, 1, 0)
        numbers[row] = int32(run)
        distinct[run] = value
        last = value
    return 0
"""
    own = f"{dtype.name}*"
    types = ("int64", "int64", own, "int64", "int32*", own)
    return KernelSource(source, types, f"number runs of {dtype.name}")
