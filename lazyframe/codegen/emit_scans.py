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


@functools.cache
def find_least_in_groups() -> KernelSource:
    """Find the rows with the least keys of each group, the first of equal ones first.

    Arguments: the groups' numbers; the keys; how many rows are wanted of each; how many each has so far; the
    keys and the row numbers of these, as many places as are wanted for each group.
    """
    text = """\
def kernel(lo, hi, numbers, keys, wanted, seen, least, rows):
    for i in range(lo, hi):
        number = numbers[i]
        key = keys[i]
        first = number * wanted
        place = seen[number]
        if place < wanted:
            seen[number] = place + 1
        else:
            place = wanted - 1
            if key >= least[first + place]:
                continue
        while place > 0 and key < least[first + place - 1]:
            least[first + place] = least[first + place - 1]
            rows[first + place] = rows[first + place - 1]
            place -= 1
        least[first + place] = key
        rows[first + place] = i
    return 0
"""
    kinds = ("int64", "int64", "int64*", "int64*", "int64", "int64*", "int64*", "int64*")
    return KernelSource(text, kinds, "find_least_in_groups")


@functools.cache
def count_present(dtype: np.dtype) -> KernelSource:
    """Count the slots that have rows.  Arguments: how many rows each has, or not 0 for any; the count."""
    text = """\
def kernel(lo, hi, rows, counted):
    count = 0
    for i in range(lo, hi):
        count += int64(rows[i] != 0)
    counted[0] = count
    return 0
"""
    return KernelSource(text, ("int64", "int64", f"{memory_type(dtype)}*", "int64*"), "count_present")


@functools.cache
def find_present(dtype: np.dtype) -> KernelSource:
    """List the slots that have rows.  Arguments: as for counting; the list; a place for the others."""
    text = """\
def kernel(lo, hi, rows, found, nowhere):
    count = 0
    for i in range(lo, hi):
        there = rows[i] != 0
        found[select(there, count, nowhere)] = i
        count += int64(there)
    return 0
"""
    kinds = ("int64", "int64", f"{memory_type(dtype)}*", "int64*", "int64")
    return KernelSource(text, kinds, "find_present")


@functools.cache
def add_what_was_lost() -> KernelSource:
    """Add to sums what their rounding lost, unless that is nothing or unknown.

    Arguments: the first sum, how many numbers further the next is, and how many what it lost; the results.
    """
    text = """\
def kernel(lo, hi, sums, step, lost, results):
    for i in range(lo, hi):
        total = sums[i * step]
        carry = sums[i * step + lost]
        results[i] = select((carry == carry) & (carry != 0.0), total + carry, total)
    return 0
"""
    kinds = ("int64", "int64", "float64*", "int64", "int64", "float64*")
    return KernelSource(text, kinds, "add_what_was_lost")
