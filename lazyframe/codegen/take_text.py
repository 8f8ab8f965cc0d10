"""Kernels that take rows of text out of pages of Parquet files that have it as it is, or as indices.

They keep to what `lazyframe.codegen.decode_pages` says of its kernels.
"""

from __future__ import annotations

import functools

from lazyframe.codegen.decode_pages import EACH_PAGE, PAGE_TYPES
from lazyframe.codegen.kernel import KernelSource
from lazyframe.codegen.unpack_pages import MARKED_LEVELS, PAST_LEVELS, unpack

NO_ROOM = 2
"""The status where the text is longer than there is room for."""

_PUT_WORD = f"""
{{0}}if size > room - written:
{{0}}    return {NO_ROOM}
{{0}}offsets[{{1}}] = written
{{0}}for j in range(0, size, 16):
{{0}}    copy_bytes(text, written + j, {{2}}, at + j)
{{0}}written += size
"""


_PRESENT = """
                present[taken] = uint8(1)
"""
_PAST_MISSING = """
            if marks[k] == 0:
                if taken < wanted and rows[taken] == first + k:
                    offsets[taken] = written
                    present[taken] = uint8(0)
                    taken += 1
                continue
"""


@functools.cache
def take_text(missing: bool = False) -> KernelSource:
    """Some rows of plain pages of text: of pages ``lo`` to ``hi`` of the table, each of which has some.

    Arguments: as `PAGE_TYPES` says; the first row of each page; the rows that are wanted, ascending, and how
    many; where one offset more than rows, and the bytes of text, are written to, and how many bytes there is
    room for, with `SPARE_BYTES` behind.  The status is `NO_ROOM` if that is too little.  If text may be
    ``missing``: memory for a byte for each row of the page that has the most; and where a byte for each row
    that is wanted is written to, 0 if it is missing.
    """
    levels, more = (MARKED_LEVELS, ", marks, present") if missing else (PAST_LEVELS, "")
    source = f"""
def kernel(lo, hi, chunk, table, packed, levels, page, firsts, rows, wanted, offsets, text, room{more}):
    taken = int64(0)
    written = int64(0)
{EACH_PAGE}
{unpack()}
{levels}
        first = firsts[which]
        for k in range(values):
{_PAST_MISSING * missing}
            if stop - at < 4:
                return 1
            size = int64(load_bytes(page, at, uint32(0)))
            at += 4
            if size > stop - at:
                return 1
            if taken < wanted and rows[taken] == first + k:
{_PUT_WORD.format(" " * 16, "taken", "page")}
{_PRESENT * missing}
                taken += 1
            at += size
        if at != stop:
            return 1
    if taken != wanted:
        return 1
    offsets[wanted] = written
    return 0
"""
    own = ("int64*", "int64*", "int64", "int64*", "uint8*", "int64", *("uint8*", "uint8*") * missing)
    return KernelSource(source, (*PAGE_TYPES, *own), f"take_text{', some missing' if missing else ''}")


@functools.cache
def look_text_up() -> KernelSource:
    """The words that indices ``lo`` to ``hi`` stand for, one behind the other.

    Arguments: the indices, all in range; where each word begins, and the last ends; the words; where one
    offset more than indices, and the text, are written to, and how many bytes there is room for.  Words and
    text have `SPARE_BYTES` behind.
    """
    source = f"""
def kernel(lo, hi, indices, starts, words, offsets, text, room):
    written = int64(0)
    for k in range(lo, hi):
        index = int64(indices[k])
        at = starts[index]
        size = starts[index + 1] - at
{_PUT_WORD.format(" " * 8, "k", "words")}
    offsets[hi] = written
    return 0
"""
    types = ("int64", "int64", "int32*", "int64*", "uint8*", "int64*", "uint8*", "int64")
    return KernelSource(source, types, "look_text_up")
