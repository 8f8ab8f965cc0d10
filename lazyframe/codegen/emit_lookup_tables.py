"""The kernel that fills the hashed tables that `lazyframe.codegen.emit_lookups` searches."""

from __future__ import annotations

import functools

import numpy as np

from lazyframe.codegen.emit_lookups import hash_lines
from lazyframe.codegen.emit_operations import memory_type
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
