"""Kernels that number groups of rows by hashing their keys: open addressing with linear probing.

Keys are one int64 column, of several combined by mixed radix, so that a table's entry is a key and what
belongs to it.  Hashes are mixed with a seed of the process by the finaliser of MurmurHash3 (Austin Appleby,
public domain), which is a bijection: every bit of a key reaches every bit of its hash.
"""

from __future__ import annotations

import functools

import numpy as np

from lazyframe.codegen.emit_operations import memory_type
from lazyframe.codegen.kernel import KernelSource

FULL = 1
"""The status of a kernel that stopped before a row because its table is as full as it may be."""

_HASH = (
    "mixed = uint64(key) ^ seed",
    "mixed = wrap_multiply(mixed ^ (mixed >> uint64(33)), uint64(0xFF51AFD7ED558CCD))",
    "mixed = wrap_multiply(mixed ^ (mixed >> uint64(33)), uint64(0xC4CEB9FE1A85EC53))",
    "mixed = mixed ^ (mixed >> uint64(33))",
)

_FIND = (
    "at = int64(mixed & uint64(mask))",
    "found = table[2 * at + 1]",
    "while found != 0 and table[2 * at] != key:",
    "    at = (at + 1) & mask",
    "    found = table[2 * at + 1]",
)
"""``found`` is what belongs to the key plus one; 0 where ``at`` is a free place for it."""


@functools.cache
def combine_keys(dtypes: tuple[np.dtype, ...]) -> KernelSource:
    """Combine several columns into one. Arguments: each column, its low bound and its stride; the result."""
    names: list[str] = []
    types: list[str] = []
    lines = ["for i in range(lo, hi):", "    key = int64(0)"]
    for k, dtype in enumerate(dtypes):
        names += [f"a{k}", f"low{k}", f"stride{k}"]
        types += [f"{memory_type(dtype)}*", "int64", "int64"]
        offset = f"wrap_subtract(int64(a{k}[i]), low{k})"
        lines.append(f"    key = wrap_add(key, wrap_multiply({offset}, stride{k}))")
    return _source("combine_keys", [*names, "keys"], [*types, "int64*"], [*lines, "    keys[i] = key"])


@functools.cache
def number_rows() -> KernelSource:
    """Number rows in order of the first appearance of their keys, on from what ``state`` says.

    Arguments: the keys; the table, its mask and the seed; ``state``: how many groups there are, and the row
    it stopped at; the most groups that the table may hold; for each group its key and first row; for each row
    the number of its group.
    """
    names = ["rows", "table", "mask", "seed", "state", "limit", "keys", "firsts", "numbers"]
    types = ["int64*", "int64*", "int64", "uint64", "int64*", "int64", "int64*", "int64*", "int64*"]
    lines = [
        "count = state[0]",
        "for i in range(lo, hi):",
        *_indented(
            "key = rows[i]",
            *_HASH,
            *_FIND,
            "if found == 0:",
            "    if count == limit:",
            "        state[0] = count",
            "        state[1] = i",
            f"        return {FULL}",
            "    keys[count] = key",
            "    firsts[count] = i",
            "    count += 1",
            "    found = count",
            "    table[2 * at] = key",
            "    table[2 * at + 1] = count",
            "numbers[i] = found - 1",
        ),
        "state[0] = count",
        "state[1] = hi",
    ]
    return _source("number_rows", names, types, lines)


@functools.cache
def insert_keys() -> KernelSource:
    """Put the keys of groups ``lo`` to ``hi`` into a larger table.

    Arguments: the keys, the table, its mask and the seed.
    """
    names = ["keys", "table", "mask", "seed"]
    lines = [
        "for i in range(lo, hi):",
        *_indented(
            "key = keys[i]",
            *_HASH,
            "at = int64(mixed & uint64(mask))",
            "while table[2 * at + 1] != 0:",
            "    at = (at + 1) & mask",
            "table[2 * at] = key",
            "table[2 * at + 1] = i + 1",
        ),
    ]
    return _source("insert_keys", names, ["int64*", "int64*", "int64", "uint64"], lines)


@functools.cache
def renumber_rows() -> KernelSource:
    """Put ``new[numbers[i]]`` in the place of ``numbers[i]``. Arguments: ``new`` and ``numbers``."""
    lines = ["for i in range(lo, hi):", "    numbers[i] = new[numbers[i]]"]
    return _source("renumber_rows", ["new", "numbers"], ["int64*", "int64*"], lines)


@functools.cache
def count_partitions() -> KernelSource:
    """Count the rows of each partition. Arguments: the keys, the seed, a shift and the counts."""
    names = ["keys", "seed", "shift", "counts"]
    types = ["int64*", "uint64", "int64", "int64*"]
    lines = [
        "for i in range(lo, hi):",
        *_indented("key = keys[i]", *_HASH, "counts[int64(mixed >> uint64(shift))] += 1"),
    ]
    return _source("count_partitions", names, types, lines)


@functools.cache
def scatter_rows() -> KernelSource:
    """Write each row's key and number where its partition continues.

    Arguments: the keys, the seed, a shift, where each partition continues, and the keys and rows written.
    """
    names = ["given", "seed", "shift", "behind", "keys", "rows"]
    types = ["int64*", "uint64", "int64", "int64*", "int64*", "int32*"]
    lines = [
        "for i in range(lo, hi):",
        *_indented(
            "key = given[i]",
            *_HASH,
            "partition = int64(mixed >> uint64(shift))",
            "at = behind[partition]",
            "behind[partition] = at + 1",
            "keys[at] = key",
            "rows[at] = int32(i)",
        ),
    ]
    return _source("scatter_rows", names, types, lines)


@functools.cache
def lead_rows() -> KernelSource:
    """For each row of a partition find the first row of the same key, its leader.

    Arguments: the partitions' keys and rows, an empty table, its mask and the seed, the most groups that it
    may hold, and each row's leader.
    """
    names = ["keys", "rows", "table", "mask", "seed", "limit", "leaders"]
    types = ["int64*", "int32*", "int64*", "int64", "uint64", "int64", "int32*"]
    lines = [
        "count = 0",
        "for i in range(lo, hi):",
        *_indented(
            "key = keys[i]",
            "row = int64(rows[i])",
            *_HASH,
            *_FIND,
            "if found == 0:",
            "    if count == limit:",
            f"        return {FULL}",
            "    count += 1",
            "    found = row + 1",
            "    table[2 * at] = key",
            "    table[2 * at + 1] = found",
            "leaders[row] = int32(found - 1)",
        ),
    ]
    return _source("lead_rows", names, types, lines)


@functools.cache
def number_leaders() -> KernelSource:
    """Number rows in order of their leaders. Arguments: leaders, ``state``, first rows and numbers."""
    names = ["leaders", "state", "firsts", "numbers"]
    types = ["int32*", "int64*", "int64*", "int64*"]
    lines = [
        "count = state[0]",
        "for i in range(lo, hi):",
        *_indented(
            "leader = int64(leaders[i])",
            "if leader == i:",
            "    numbers[i] = count",
            "    firsts[count] = i",
            "    count += 1",
            "else:",
            "    numbers[i] = numbers[leader]",
        ),
        "state[0] = count",
    ]
    return _source("number_leaders", names, types, lines)


LONG_RUN = 2
"""The status of a kernel that stopped as first keys did not ascend, or too many rows in a row had one."""

LONGEST_RUN = 64
"""Rows of one first key that are compared with each other, not hashed."""


@functools.cache
def number_in_runs(leading: np.dtype) -> KernelSource:
    """Number rows whose first key ascends, from 0, by comparing them with those before of the same first key.

    Arguments: the first key, all others as one, for each group its first row, for each row the number of its
    group, and how many groups there are.
    """
    names = ["leading", "keys", "firsts", "numbers", "counted"]
    types = [f"{memory_type(leading)}*", "int64*", "int64*", "int64*", "int64*"]
    lines = [
        "count = 0",
        "start = lo",
        "for i in range(lo, hi):",
        *_indented(
            "if i > start and leading[i] != leading[start]:",
            "    if leading[i] < leading[start]:",
            f"        return {LONG_RUN}",
            "    start = i",
            "key = keys[i]",
            f"if i - start > {LONGEST_RUN}:",
            f"    return {LONG_RUN}",
            "j = start",
            "while keys[j] != key:",
            "    j += 1",
            "if j == i:",
            "    firsts[count] = i",
            "    numbers[i] = count",
            "    count += 1",
            "else:",
            "    numbers[i] = numbers[j]",
        ),
        "counted[0] = count",
    ]
    return _source("number_in_runs", names, types, lines)


def _indented(*lines: str) -> list[str]:
    return ["    " + line for line in lines]


def _source(name: str, names: list[str], types: list[str], lines: list[str]) -> KernelSource:
    text = "\n".join([f"def kernel({', '.join(['lo', 'hi', *names])}):", *_indented(*lines, "return 0"), ""])
    return KernelSource(text, ("int64", "int64", *types), name)
