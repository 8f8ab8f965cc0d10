"""Kernels that decode the pages of Parquet files: of numbers, and of text as dictionary and indices.

What they know is what most files have: pages of either version, of values that are plain or indices into a
dictionary, compressed with Snappy or not (what is compressed in another way somebody unpacks before), and
numbers some of which are missing.  Of whatever else, and of all that is not exactly as the
format has it, they say so with a status that is not 0, and somebody else reads it, and complains.  They write
no byte outside the memory that they are given and read at most `SPARE_BYTES` behind what is in it.

References
----------
The format: apache/parquet-format, Encodings.md and parquet.thrift.
Snappy: google/snappy, format_description.txt.
"""

from __future__ import annotations

import functools

from lazyframe.codegen.kernel import KernelSource
from lazyframe.codegen.unpack_by_turns import NONE_AHEAD, ROUNDS
from lazyframe.codegen.unpack_pages import (
    MARKED_LEVELS,
    MISSING,
    PAST_LEVELS,
    SEVEN_BITS_A_BYTE,
    spread_present,
    unpack,
)

SPARE_BYTES = 64
"""That memory to decode from, and memory for one page, has behind its end."""

PAGE_FIELDS = 10
"""Numbers that `lazyframe.codegen.list_pages` writes for each page."""

BODY, COMPRESSED, UNCOMPRESSED, KIND, VALUES, ENCODING, CHECKSUM, LEVELS, LEVEL_BYTES, PACKED = range(10)
"""Where among them: the first byte of the body; its bytes, compressed and not; what kind of page; how many
values it has, in which encoding; a checksum of the compressed bytes or -1; the encoding of levels; how many
bytes of levels, which are never compressed, a page of version 2 begins with, of others -1; 0 if it is not
compressed though others are."""

MOST_EXPANSION = 32
"""Times that Snappy can make bytes more, at most: a copy of 64 bytes takes three."""

MOST_EXPANSION_OF_OTHERS = 1 << 15
"""Times that others can: a block of Zstandard of 128 KiB takes four bytes."""

PAGE_TYPES = ("int64", "int64", "uint8*", "int64*", "bool", "bool", "uint8*")
"""Of what a kernel over pages ``lo`` to ``hi`` is told of them: the memory that they are in; the table that
`list_pages` has made; whether they are compressed with Snappy, else they are not; whether definition levels
come before the values; memory for the longest page, uncompressed."""

EACH_PAGE = f"""
    for which in range(lo, hi):
        row = which * {PAGE_FIELDS}
        at = table[row + {BODY}]
        stop = at + table[row + {COMPRESSED}]
        length = table[row + {UNCOMPRESSED}]
        values = table[row + {VALUES}]
        level_bytes = table[row + {LEVEL_BYTES}]
        is_packed = packed and table[row + {PACKED}] != 0
        base = int64(0)
"""

DATA_PAGE, DICTIONARY_PAGE, DATA_PAGE_OF_VERSION_2 = 0, 2, 3
PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY = 0, 2, 3, 8


@functools.cache
def split_text() -> KernelSource:
    """Take apart ``lo`` to ``hi`` bytes of a dictionary of text: a length of four bytes before each.

    Arguments: the bytes; how many entries there are; where one offset more than entries, and the bytes of
    text, are written to, with `SPARE_BYTES` behind.
    """
    source = """
def kernel(lo, hi, page, entries, offsets, text):
    at = lo
    put = int64(0)
    for k in range(entries):
        offsets[k] = put
        if hi - at < 4:
            return 1
        size = int64(load_bytes(page, at, uint32(0)))
        at += 4
        if size > hi - at:
            return 1
        if hi - at >= size + 16:
            for j in range(0, size, 16):
                copy_bytes(text, put + j, page, at + j)
        else:
            for j in range(size):
                text[put + j] = page[at + j]
        put += size
        at += size
    offsets[entries] = put
    if at != hi:
        return 1
    return 0
"""
    return KernelSource(source, ("int64", "int64", "uint8*", "int64", "int64*", "uint8*"), "split_text")


_BASE = """
        base = select(which == ahead, half, int64(0))
"""

# A page of which some was unpacked with the one before it is in the upper half of the memory; else another
# page may follow that can be unpacked with this one.
_BY_TURNS = f"""
            following = row + {PAGE_FIELDS}
            if which == ahead:
                at = ahead_at
                put = ahead_put
            elif (
                which + 1 < hi
                and encoding == {PLAIN}
                and table[following + {ENCODING}] == {PLAIN}
                and table[following + {PACKED}] != 0
                and length + {SPARE_BYTES} <= half
                and table[following + {UNCOMPRESSED}] + {SPARE_BYTES} <= half
            ):
                at_0, stop_0, put_0, base_0, end_0 = at, stop, put, base, end
                levels_1 = table[following + {LEVEL_BYTES}]
                levels_1 = select(levels_1 > 0, levels_1, int64(0))
                at = table[following + {BODY}]
                stop_1 = at + table[following + {COMPRESSED}]
                at += levels_1
{SEVEN_BITS_A_BYTE.format(" " * 16, "chunk", "stop_1", 28)}
                if number != table[following + {UNCOMPRESSED}] - levels_1:
                    return 1
                at_1, put_1, base_1, end_1 = at, half, half, half + number
{ROUNDS}
                at, stop, put, base, end = at_0, stop_0, put_0, base_0, end_0
                ahead = which + 1
                ahead_at = at_1
                ahead_put = put_1
"""

_LOOKED_UP = """
{0}index = int64(word & mask)
{0}if index >= entries:
{0}    return 1
{0}value = load_bytes(dictionary, index * {2}, uint{3}(0))
{0}store_bytes(out, (target + {1}) * {2}, value)
"""


def _unrolled(count: int, width: int) -> str:
    """Look up so many indices that are in one word."""
    one = [_LOOKED_UP.format(" " * 28, k, width, 8 * width) for k in range(count)]
    return f"{' ' * 28}word >>= uint64(bits)".join(one)


def _plain(width: int, stored: str) -> str:
    """The values of a plain page, of which there are ``here``."""
    if not stored:
        return f"""
            if stop - at != here * {width}:
                return 1
            target = first * {width}
            for k in range(here * {width}):
                out[target + k] = page[at + k]
"""
    own = stored_bytes(stored)
    return f"""
            if stop - at != here * {own}:
                return 1
            for k in range(here):
                number = {stored}(load_bytes(page, at + k * {own}, int{8 * own}(0)))
                store_bytes(out, (first + k) * {width}, {"float64" if width == 8 else stored}(number))
"""


def stored_bytes(kind: str) -> int:
    """Bytes that an integer of a kind takes in a file."""
    return 8 if kind.endswith("64") else 4


@functools.cache
def decode_pages(width: int, missing: bool = False, stored: str = "") -> KernelSource:
    """Decode pages ``lo`` to ``hi``, of values of ``width`` bytes, one page behind the other.

    Arguments: as `PAGE_TYPES` says; where the upper half of the memory for pages begins, for a second one;
    `lazyframe.codegen.unpack_by_turns.SHAPES`; what indices into the dictionary stand for, and how many there
    are; where values are written to, and how many there is room for.  If values may be ``missing``: memory
    for a byte for each of the page that has the most; and what is written in the place of those that are.
    Integers of the kind ``stored``, if that is given, become float64 if ``width`` is 8, else they are as
    short as their kind is, and take four bytes in the file.
    """
    levels = MARKED_LEVELS if missing else PAST_LEVELS
    by_turns = width == 8  # what is shorter is hardly compressed, or is what text stands for
    more = MISSING * missing
    source = f"""
def kernel(lo, hi, chunk, table, packed, levels, page, half, shapes, dictionary, entries, out, room{more}):
    first = int64(0)
{NONE_AHEAD * by_turns}
{EACH_PAGE}
{_BASE * by_turns}
        encoding = table[row + {ENCODING}]
        if values > room - first:
            return 1
{unpack(_BY_TURNS * by_turns)}
{levels}
        if encoding == {PLAIN}:
{_plain(width, stored)}
        elif here > 0:
            if at >= stop:
                return 1
            bits = int64(page[at])
            at += 1
            if bits > 32:
                return 1
            mask = (uint64(1) << uint64(bits)) - uint64(1)
            done = int64(0)
            while done < here:
{SEVEN_BITS_A_BYTE.format(" " * 16, "page", "stop", 28)}
                if number & 1:
                    size = (number >> 1) * bits
                    count = (number >> 1) << 3
                    if size > stop - at or count == 0:
                        return 1
                    if count > here - done:
                        count = here - done
                    begin = int64(0)
                    if bits <= 8:
                        for k in range(count >> 3):
                            word = load_bytes(page, at + k * bits, uint64(0))
                            target = first + done + (k << 3)
{_unrolled(8, width)}
                        begin = count & -8
                    elif bits <= 16:
                        bit = at << 3
                        for k in range(count >> 2):
                            word = load_bytes(page, bit >> 3, uint64(0)) >> uint64(bit & 7)
                            bit += bits << 2
                            target = first + done + (k << 2)
{_unrolled(4, width)}
                        begin = count & -4
                    bit = (at << 3) + begin * bits
                    for k in range(begin, count):
                        word = load_bytes(page, bit >> 3, uint64(0)) >> uint64(bit & 7)
                        bit += bits
                        target = first + done + k
{_LOOKED_UP.format(" " * 24, 0, width, 8 * width)}
                    at += size
                    done += count
                else:
                    count = number >> 1
                    size = (bits + 7) >> 3
                    if size > stop - at or count == 0:
                        return 1
                    index = int64(load_bytes(page, at, uint64(0)))
                    index &= (int64(1) << (size << 3)) - 1
                    if index >= entries:
                        return 1
                    at += size
                    if count > here - done:
                        count = here - done
                    value = load_bytes(dictionary, index * {width}, uint{8 * width}(0))
                    for k in range(count):
                        store_bytes(out, (first + done + k) * {width}, value)
                    done += count
{spread_present(width) * missing}
        first += values
    if first != room:
        return 1
    return 0
"""
    types = (
        *PAGE_TYPES,
        "int64",
        "uint64*",
        "uint8*",
        "int64",
        "uint8*",
        "int64",
        *(("uint8*", "uint64") if missing else ()),
    )
    named = f"{width} bytes{f' of {stored}' if stored else ''}{', some missing' if missing else ''}"
    return KernelSource(source, types, f"decode_pages of {named}")
