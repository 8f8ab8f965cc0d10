"""Kernels for what the host finds in one pass over a column."""

from __future__ import annotations

import functools

import numpy as np

from lazyframe.codegen.emit_operations import memory_type
from lazyframe.codegen.kernel import KernelSource


@functools.cache
def find_bounds(dtype: np.dtype) -> KernelSource:
    """The least and the greatest of some numbers, at least one.  Arguments: the numbers; both limits."""
    text = """\
def kernel(lo, hi, numbers, limits):
    low = numbers[lo]
    high = low
    for i in range(lo, hi):
        number = numbers[i]
        low = minimum(low, number)
        high = maximum(high, number)
    limits[0] = low
    limits[1] = high
    return 0
"""
    own = f"{memory_type(dtype)}*"
    return KernelSource(text, ("int64", "int64", own, own), "find_bounds")


@functools.cache
def count_before() -> KernelSource:
    """Count the rows of its group before each row.

    Arguments: the groups' numbers; how many rows of each group there have been; the counts.
    """
    text = """\
def kernel(lo, hi, numbers, seen, counts):
    for i in range(lo, hi):
        number = numbers[i]
        count = seen[number]
        counts[i] = count
        seen[number] = count + 1
    return 0
"""
    return KernelSource(text, ("int64", "int64", "int64*", "int64*", "int64*"), "count_before")
