"""The kernels that pair rows of two sides by codes: those of a code are put side by side, and read out."""

from __future__ import annotations

import functools

from lazyframe.codegen.kernel import KernelSource


@functools.cache
def count_codes() -> KernelSource:
    """Count the rows of each code.  Arguments: the codes and the counts."""
    text = """\
def kernel(lo, hi, codes, counts):
    for i in range(lo, hi):
        counts[codes[i]] += 1
    return 0
"""
    return KernelSource(text, ("int64", "int64", "int64*", "int64*"), "count_codes")


@functools.cache
def put_by_codes() -> KernelSource:
    """Write the numbers of rows, those of a code behind each other.

    Arguments: the codes, where those of each continue, and the numbers.
    """
    text = """\
def kernel(lo, hi, codes, behind, numbers):
    for i in range(lo, hi):
        code = codes[i]
        at = behind[code]
        behind[code] = at + 1
        numbers[at] = int32(i)
    return 0
"""
    return KernelSource(text, ("int64", "int64", "int64*", "int64*", "int32*"), "put_by_codes")


@functools.cache
def count_pairs() -> KernelSource:
    """Count the pairs of some rows.

    Arguments: their codes, how many rows each code has on the other side, how many pairs a row has at least,
    and the count.
    """
    text = """\
def kernel(lo, hi, codes, counts, least, counted):
    count = 0
    for i in range(lo, hi):
        count += maximum(counts[codes[i]], least)
    counted[0] = count
    return 0
"""
    return KernelSource(text, ("int64", "int64", "int64*", "int64*", "int64", "int64*"), "count_pairs")


@functools.cache
def list_pairs() -> KernelSource:
    """List the pairs of some rows, -1 for a partner that there is not.

    Arguments: their codes; how many rows each code has on the other side, and behind the last of them; their
    numbers; how many pairs a row has at least; the place of the first pair; both positions of each pair.
    """
    text = """\
def kernel(lo, hi, codes, counts, ends, numbers, least, first, own, others):
    at = first
    for i in range(lo, hi):
        code = codes[i]
        count = counts[code]
        start = ends[code] - count
        for k in range(count):
            own[at + k] = i
            others[at + k] = int64(numbers[start + k])
        at += count
        if count < least:
            own[at] = i
            others[at] = int64(-1)
            at += 1
    return 0
"""
    kinds = (*["int64"] * 2, *["int64*"] * 3, "int32*", *["int64"] * 2, *["int64*"] * 2)
    return KernelSource(text, kinds, "list_pairs")
