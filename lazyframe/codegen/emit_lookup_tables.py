"""The kernels that fill the tables that `lazyframe.codegen.emit_lookups` searches, and one that searches."""

from __future__ import annotations

import functools

import numpy as np

from lazyframe.codegen.emit_lookups import hash_lines
from lazyframe.codegen.emit_operations import memory_type
from lazyframe.codegen.emit_steps import quotient_text
from lazyframe.codegen.kernel import KernelSource


@functools.cache
def insert_rows(dtypes: tuple[np.dtype, ...]) -> KernelSource:
    """Put rows ``lo`` to ``hi`` into a table, each in the first free slot from that of its hash.

    Arguments: each key's column; the table, of the keys and a position for each slot, and what hashes are
    masked with.
    """
    keys = [f"key{k}" for k in range(len(dtypes))]
    width = len(keys) + 1
    lines = [
        *[f"{key} = int64(a{k}[i])" for k, key in enumerate(keys)],
        *hash_lines("bits", keys),
        "at = int64(bits) & mask",
        f"while table[{width} * at + {len(keys)}] >= 0:",
        "    at = (at + 1) & mask",
        *[f"table[{width} * at + {k}] = {key}" for k, key in enumerate(keys)],
        f"table[{width} * at + {len(keys)}] = i",
    ]
    names = ["lo", "hi", *[f"a{k}" for k in range(len(keys))], "table", "mask"]
    types = ["int64", "int64", *[f"{memory_type(dtype)}*" for dtype in dtypes], "int64*", "int64"]
    body = ["    for i in range(lo, hi):", *[f"        {line}" for line in lines], "    return 0", ""]
    source = "\n".join([f"def kernel({', '.join(names)}):", *body])
    return KernelSource(source, tuple(types), "insert_rows")


@functools.cache
def find_rows(count: int) -> KernelSource:
    """Where rows ``lo`` to ``hi`` are found in a table, -1 where they are not.

    Arguments: ``count`` keys' columns of int64; the table as `insert_rows` fills it, and what hashes are
    masked with; what is written to.
    """
    keys = [f"key{k}" for k in range(count)]
    width = count + 1
    others = " or ".join([f"table[{width} * at + {k}] != {key}" for k, key in enumerate(keys)])
    lines = [
        *[f"{key} = a{k}[i]" for k, key in enumerate(keys)],
        *hash_lines("bits", keys),
        "at = int64(bits) & mask",
        f"while table[{width} * at + {count}] >= 0 and ({others}):",
        "    at = (at + 1) & mask",
        f"found[i] = table[{width} * at + {count}]",
    ]
    names = ["lo", "hi", *[f"a{k}" for k in range(count)], "table", "mask", "found"]
    types = ("int64", "int64", *["int64*"] * (count + 1), "int64", "int64*")
    body = ["    for i in range(lo, hi):", *[f"        {line}" for line in lines], "    return 0", ""]
    source = "\n".join([f"def kernel({', '.join(names)}):", *body])
    return KernelSource(source, types, "find_rows")


@functools.cache
def mark_codes(dtypes: tuple[np.dtype, ...], stepped: bool) -> KernelSource:
    """Set the bits of the codes of rows ``lo`` to ``hi``.  Arguments: as of `_by_code`."""
    return _by_code(
        "mark_codes", dtypes, stepped, "uint64", "written[code >> 6] |= uint64(1) << uint64(code & 63)"
    )


@functools.cache
def place_rows(dtypes: tuple[np.dtype, ...], stepped: bool) -> KernelSource:
    """Write the numbers of rows ``lo`` to ``hi`` where their codes are.  Arguments: as of `_by_code`."""
    return _by_code("place_rows", dtypes, stepped, "int32", "written[code] = int32(i)")


def _by_code(name: str, dtypes: tuple[np.dtype, ...], stepped: bool, word: str, last: str) -> KernelSource:
    """A kernel that writes for each row where its code is.

    Arguments: of each key its column, low and stride, and where keys are divided a factor and a shift; what
    is written to.
    """
    names, types, lines = ["lo", "hi"], ["int64", "int64"], ["code = int64(0)"]
    for k, dtype in enumerate(dtypes):
        names += [f"a{k}", f"low{k}", f"stride{k}"]
        types += [f"{memory_type(dtype)}*", "int64", "int64"]
        lines.append(f"offset = wrap_subtract(int64(a{k}[i]), low{k})")
        if stepped:
            names += [f"factor{k}", f"shift{k}"]
            types += ["uint64", "uint64"]
            lines += [
                "distance = uint64(offset)",
                f"offset = int64({quotient_text('distance', f'factor{k}', f'shift{k}')})",
            ]
        lines.append(f"code = code + offset * stride{k}" if len(dtypes) > 1 else "code = offset")
    body = [
        "    for i in range(lo, hi):",
        *[f"        {line}" for line in [*lines, last]],
        "    return 0",
        "",
    ]
    source = "\n".join([f"def kernel({', '.join([*names, 'written'])}):", *body])
    return KernelSource(source, (*types, f"{word}*"), name)


@functools.cache
def find_starts(dtype: np.dtype) -> KernelSource:
    """Find where the rows of each value begin, of keys that ascend; the status says whether they do not.

    Arguments: the keys; the least of all; the first row of each value, or of the next that there is.
    """
    text = """\
def kernel(lo, hi, keys, low, starts):
    before = int64(-1)
    if lo > 0:
        before = wrap_subtract(int64(keys[lo - 1]), low)
    for i in range(lo, hi):
        code = wrap_subtract(int64(keys[i]), low)
        if code < before:
            return 1
        while before < code:
            before += 1
            starts[before] = int32(i)
    return 0
"""
    kinds = ("int64", "int64", f"{memory_type(dtype)}*", "int64", "int32*")
    return KernelSource(text, kinds, "find_starts")
