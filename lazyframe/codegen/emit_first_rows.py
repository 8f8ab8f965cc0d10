"""The kernel that marks the rows that are the first with their keys, where one key ascends."""

from __future__ import annotations

import functools

import numpy as np

from lazyframe.codegen.emit_operations import memory_type
from lazyframe.codegen.kernel import KernelSource

BLOCK_ROWS = 512
"""Rows whose marks are gathered in whole words, as vectors compare them."""

LONGEST_RUN = 32
"""Rows of one key that are compared all with all; where there are more, hashing is quicker."""

NOT_MARKED = 1
"""The status of a kernel that stopped as keys did not ascend, or too many rows had one."""


@functools.cache
def mark_first_rows(ascending: np.dtype, others: tuple[np.dtype, ...]) -> KernelSource:
    """Mark the first row of each combination of keys, by comparing rows that lie near each other.

    Blocks of rows are compared with the rows one before them, two before them, and on until none of a block
    has the ascending key of the row so far before it.  No branch depends on where runs begin.

    Arguments: the ascending key, the other keys, the marks, and a word for each row of a block.
    """
    names = ["leading", *[f"a{k}" for k in range(len(others))], "found", "seen"]
    kinds = [f"{memory_type(dtype)}*" for dtype in (ascending, *others)]
    same = "".join([f" & int64(a{k}[i] == a{k}[i - distance])" for k in range(len(others))])
    text = f"""\
def kernel(lo, hi, {", ".join(names)}):
    for begin in range(lo, hi, {BLOCK_ROWS}):
        end = min(begin + {BLOCK_ROWS}, hi)
        falls = int64(0)
        for i in range(max(begin, lo + 1), end):
            falls |= int64(leading[i] < leading[i - 1])
        if falls != 0:
            return {NOT_MARKED}
        for i in range(begin, end):
            seen[i - begin] = int64(0)
        distance = 1
        near = int64(1)
        while near != 0:
            if distance > {LONGEST_RUN}:
                return {NOT_MARKED}
            near = int64(0)
            for i in range(max(begin, lo + distance), end):
                run = int64(leading[i] == leading[i - distance])
                near |= run
                seen[i - begin] |= run{same}
            distance += 1
        for i in range(begin, end):
            found[i] = seen[i - begin] == 0
    return 0
"""
    return KernelSource(text, ("int64", "int64", *kinds, "bool*", "int64*"), "mark_first_rows")
