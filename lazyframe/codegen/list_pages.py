"""The kernel that finds the pages of a column in the bytes of a Parquet file.

References
----------
The format: apache/parquet-format, parquet.thrift; apache/thrift, thrift-compact-protocol.md.
"""

from __future__ import annotations

import functools

from lazyframe.codegen.decode_pages import (
    BODY,
    CHECKSUM,
    COMPRESSED,
    DATA_PAGE,
    DATA_PAGE_OF_VERSION_2,
    DICTIONARY_PAGE,
    ENCODING,
    KIND,
    LEVEL_BYTES,
    LEVELS,
    PACKED,
    PAGE_FIELDS,
    PLAIN,
    PLAIN_DICTIONARY,
    RLE,
    RLE_DICTIONARY,
    UNCOMPRESSED,
    VALUES,
)
from lazyframe.codegen.kernel import KernelSource
from lazyframe.codegen.unpack_pages import SEVEN_BITS_A_BYTE

FOUND = 5
"""Numbers that are written of all pages."""

PAGES, ROWS, LONGEST, END, SUMMED = range(FOUND)
"""Where among them: how many pages; their values, without a dictionary's; the bytes of the longest,
uncompressed; the byte behind the last; how many have a checksum."""


@functools.cache
def list_pages() -> KernelSource:
    """Find the pages in bytes ``lo`` to ``hi`` of memory, as far as they have so many values.

    Arguments: the memory; a table of `PAGE_FIELDS` numbers for each page; room in the table, for pages;
    whether the first page may be a dictionary; whether levels come before values; how many times as many
    bytes compressed ones may become; how many values are enough; where `FOUND` numbers are written to.  They
    count the pages before the first that is odd, not all there or not such that kernels can decode it, if
    there is one, and say what is in these.
    """
    source = f"""
def kernel(lo, hi, chunk, table, room, begins, levels, expansion, enough, found):
    at = lo
    pages = int64(0)
    values = int64(0)
    longest = int64(0)
    summed = int64(0)
    while at < hi and values < enough:
        found[{PAGES}] = pages
        if pages >= room:
            return 1
        row = pages * {PAGE_FIELDS}
        for k in range({PAGE_FIELDS}):
            table[row + k] = -1
        field = int64(0)
        inside = int64(0)
        outer = int64(0)
        while True:
            if at >= hi:
                return 1
            header = int64(chunk[at])
            at += 1
            if header == 0:
                if inside == 0:
                    break
                inside = int64(0)
                field = outer
                continue
            if header >> 4 == 0:
                return 1
            field += header >> 4
            kind = header & 15
            if kind == 12 and inside == 0 and (field == 5 or field == 7 or field == 8):
                inside = field
                outer = field
                field = int64(0)
                continue
            if kind == 12 and (inside == 5 or inside == 8) and field == inside:
                depth = int64(1)
                while True:
                    if at >= hi:
                        return 1
                    header = int64(chunk[at])
                    at += 1
                    if header == 0:
                        break
                    kind = header & 15
                    if header >> 4 == 0:
                        return 1
                    if kind == 8:
{SEVEN_BITS_A_BYTE.format(" " * 24, "chunk", "hi", 56)}
                        if number > hi - at:
                            return 1
                        at += number
                    elif kind == 5 or kind == 6:
{SEVEN_BITS_A_BYTE.format(" " * 24, "chunk", "hi", 56)}
                    elif kind != 1 and kind != 2:
                        return 1
                continue
            if kind == 1 or kind == 2:
                if inside == 8 and field == 7:
                    table[row + {PACKED}] = select(kind == 1, int64(1), int64(0))
                elif inside != 7 or field != 3:
                    return 1
                continue
            if kind != 5:
                return 1
{SEVEN_BITS_A_BYTE.format(" " * 12, "chunk", "hi", 56)}
            number = (number >> 1) ^ -(number & 1)
            if inside == 0:
                if field == 1:
                    table[row + {KIND}] = number
                elif field == 2:
                    table[row + {UNCOMPRESSED}] = number
                elif field == 3:
                    table[row + {COMPRESSED}] = number
                elif field == 4:
                    table[row + {CHECKSUM}] = number & 4294967295
                else:
                    return 1
            elif field == 1:
                table[row + {VALUES}] = number
            elif inside == 8:
                if field == 4:
                    table[row + {ENCODING}] = number
                elif field == 5:
                    table[row + {LEVEL_BYTES}] = number
                elif field > 6 or field == 6 and number != 0:
                    return 1
            elif field == 2:
                table[row + {ENCODING}] = number
            elif inside == 5 and field == 3:
                table[row + {LEVELS}] = number
            elif inside != 5 or field != 4:
                return 1
        size = table[row + {COMPRESSED}]
        if size < 0 or size > hi - at or table[row + {UNCOMPRESSED}] < 0 or table[row + {VALUES}] < 0:
            return 1
        length = table[row + {UNCOMPRESSED}]
        if length > size * expansion:
            return 1
        encoding = table[row + {ENCODING}]
        if table[row + {KIND}] == {DICTIONARY_PAGE}:
            if pages > 0 or not begins or encoding != {PLAIN} and encoding != {PLAIN_DICTIONARY}:
                return 1
            table[row + {ENCODING}] = {PLAIN}
        else:
            before = table[row + {LEVEL_BYTES}]
            if table[row + {KIND}] == {DATA_PAGE_OF_VERSION_2}:
                if before < 0 or before > length or before > size or before > 0 and not levels:
                    return 1
            elif table[row + {KIND}] != {DATA_PAGE} or before >= 0:
                return 1
            elif levels and table[row + {LEVELS}] != {RLE}:
                return 1
            if encoding != {PLAIN} and encoding != {PLAIN_DICTIONARY} and encoding != {RLE_DICTIONARY}:
                return 1
            values += table[row + {VALUES}]
            if values < 0:
                return 1
        summed += int64(table[row + {CHECKSUM}] >= 0)
        if length > longest:
            longest = length
        table[row + {BODY}] = at
        at += size
        pages += 1
        found[{ROWS}] = values
        found[{LONGEST}] = longest
        found[{END}] = at
        found[{SUMMED}] = summed
    found[{PAGES}] = pages
    return 0
"""
    types = ("int64", "int64", "uint8*", "int64*", "int64", "bool", "bool", "int64", "int64", "int64*")
    return KernelSource(source, types, "list_pages")
