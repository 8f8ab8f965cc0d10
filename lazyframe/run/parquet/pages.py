"""Decode numbers of a row group with kernels of our own, which take half the time that pyarrow takes.

The kernels (`lazyframe.codegen.decode_pages`) know what most files have, and so does what is here: what is
encoded or compressed in another way, has missing values, or is not exactly as the format says, is left to
pyarrow, which reads it or says what is wrong.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow

from lazyframe import settings
from lazyframe.codegen import compiler, decode_pages
from lazyframe.codegen.kernel import CompileError, Kernel, KernelSource
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow
from lazyframe.run.parquet.footer import Footer, FooterError

if TYPE_CHECKING:
    from lazyframe.run.parquet.scan import RowGroup, ScanColumn

UNITS = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}
"""As a file has them and as NumPy has them."""

_WIDTHS = {"INT32": 4, "INT64": 8, "FLOAT": 4, "DOUBLE": 8}
_COMPRESSIONS = {"SNAPPY": True, "UNCOMPRESSED": False}

_MOST_EXPANSION = 32
"""Times that Snappy can make bytes more, at most: a copy of 64 bytes takes three."""

_ROWS_TO_COMPILE_FOR = 1 << 16

_FEWEST_PAGES = 256


class Chunk(NamedTuple):
    """Where a column of a row group is in its file.

    Parameters
    ----------
    start, size : int
        Its bytes.
    packed : bool
        Whether they are compressed with Snappy; otherwise they are not.
    levels : bool
        Whether values may be missing by the schema.
    """

    start: int
    size: int
    packed: bool
    levels: bool


def decode_numbers(handle: Any, group: RowGroup, column: ScanColumn, out: np.ndarray) -> bool:
    """Decode a column of numbers of one row group; whether that was possible.

    Parameters
    ----------
    handle
        The open file.
    group, column
        Which.
    out : numpy.ndarray
        Of the row group's length and the column's dtype, contiguous: what is in it is lost in any case.
    """
    chunk = _chunk_of(group, column)
    if chunk is None or not len(out):
        return False
    listing = _kernel(decode_pages.list_pages(), len(out))
    decoding = _kernel(decode_pages.decode_pages(out.itemsize), len(out))
    if listing is None or decoding is None:
        return False
    raw = _read(handle, chunk)
    pages = None if raw is None else _pages(listing, raw, chunk)
    if raw is None or pages is None:
        return False
    return _decode(decoding, raw, pages, chunk, out)


def _decode(decoding: Kernel, raw: np.ndarray, pages: np.ndarray, chunk: Chunk, out: np.ndarray) -> bool:
    longest = int(pages[:, decode_pages.UNCOMPRESSED].max())
    page = borrow(longest + decode_pages.SPARE_BYTES, np.uint8)
    where = address(raw), address(pages), chunk.packed
    first = int(pages[0, decode_pages.KIND] == decode_pages.DICTIONARY_PAGE)
    entries = 0
    dictionary = page
    if first:
        entries = int(pages[0, decode_pages.VALUES])
        if entries * out.itemsize != int(pages[0, decode_pages.UNCOMPRESSED]):
            return False
        dictionary = borrow(entries or 1, out.dtype)
        known = address(page), address(_NOTHING), 0
        if decoding(0, 1, *where, False, *known, address(dictionary), entries):
            return False
    known = address(page), address(dictionary), entries
    return not decoding(first, len(pages), *where, chunk.levels, *known, address(out), len(out))


_NOTHING = np.zeros(8, np.uint8)


def _pages(listing: Kernel, raw: np.ndarray, chunk: Chunk) -> np.ndarray | None:
    """What is known of each page, if all of them are such that kernels can decode them."""
    room = _FEWEST_PAGES
    found = np.zeros(1, np.int64)
    table = np.empty((room, decode_pages.PAGE_FIELDS), np.int64)
    while listing(0, chunk.size, address(raw), address(table), room, address(found)):
        room *= 16
        if room > chunk.size:
            return None
        table = np.empty((room, decode_pages.PAGE_FIELDS), np.int64)
    pages = table[: int(found[0])]
    return pages if len(pages) and _are_known(pages, raw, chunk) else None


def _are_known(pages: np.ndarray, raw: np.ndarray, chunk: Chunk) -> bool:
    first = pages[0]
    has_dictionary = first[decode_pages.KIND] == decode_pages.DICTIONARY_PAGE
    data = pages[1:] if has_dictionary else pages
    if (data[:, decode_pages.KIND] != decode_pages.DATA_PAGE).any():
        return False
    if chunk.levels and (data[:, decode_pages.LEVELS] != decode_pages.RLE).any():
        return False
    indices = (decode_pages.PLAIN_DICTIONARY, decode_pages.RLE_DICTIONARY)
    if not np.isin(data[:, decode_pages.ENCODING], (decode_pages.PLAIN, *indices)).all():
        return False
    if has_dictionary:
        if first[decode_pages.ENCODING] not in (decode_pages.PLAIN, decode_pages.PLAIN_DICTIONARY):
            return False
        first[decode_pages.ENCODING] = decode_pages.PLAIN
    packed, unpacked = pages[:, decode_pages.COMPRESSED], pages[:, decode_pages.UNCOMPRESSED]
    if (unpacked > packed * _MOST_EXPANSION).any():
        return False
    return _are_sound(pages, raw)


def _are_sound(pages: np.ndarray, raw: np.ndarray) -> bool:
    """Whether those pages that have a checksum have the right one."""
    for page in pages[pages[:, decode_pages.CHECKSUM] >= 0].tolist():
        body = page[decode_pages.BODY]
        content = memoryview(raw)[body : body + page[decode_pages.COMPRESSED]]  # type: ignore[arg-type]
        if zlib.crc32(content) != page[decode_pages.CHECKSUM]:
            return False
    return True


def _read(handle: Any, chunk: Chunk) -> np.ndarray | None:
    """The bytes of a column, and some room behind them."""
    raw = borrow(chunk.size + decode_pages.SPARE_BYTES, np.uint8)
    raw[chunk.size :] = 0
    if isinstance(handle, pyarrow.OSFile):
        target = memoryview(raw)[: chunk.size]  # type: ignore[arg-type]
        return raw if os.preadv(handle.fileno(), [target], chunk.start) == chunk.size else None
    content = handle.read_at(chunk.size, chunk.start)
    if len(content) != chunk.size:
        return None
    raw[: chunk.size] = np.frombuffer(content, np.uint8)
    return raw


def _chunk_of(group: RowGroup, column: ScanColumn) -> Chunk | None:
    """Where a column is, if its numbers are stored as they are in memory and none may be missing."""
    footer = group.source.footer
    leaf = footer.leaves.get(column.name)
    if leaf is None:
        return None
    key = group.number, leaf, column.dtype
    if key not in footer.chunks_of_numbers:
        footer.chunks_of_numbers[key] = _found(footer, group, leaf, column)
    found: Chunk | None = footer.chunks_of_numbers[key]
    return found


def _found(footer: Footer, group: RowGroup, leaf: int, column: ScanColumn) -> Chunk | None:
    stored = footer.column(leaf)
    if stored.max_repetition_level or stored.max_definition_level > 1 or not _are_as_stored(stored, column):
        return None
    try:
        chunk = footer.chunk(group.number, leaf)
        elsewhere = bool(chunk.file_path)
    except (FooterError, UnicodeDecodeError):
        return None
    statistics = chunk.statistics
    if statistics is not None and statistics.has_null_count and statistics.null_count:
        return None
    packed = _COMPRESSIONS.get(chunk.compression)
    if packed is None or elsewhere or chunk.num_values != group.rows:
        return None
    start, size = chunk.data_page_offset, chunk.total_compressed_size
    before = chunk.dictionary_page_offset if chunk.has_dictionary_page else None
    if before is not None and 0 < before < start:
        start = before
    return Chunk(start, size, packed, stored.max_definition_level == 1) if start > 0 < size else None


def _are_as_stored(stored: Any, column: ScanColumn) -> bool:
    """Whether the bits of a column's values in the file are those that kernels load."""
    kind, dtype = column.field.type, column.dtype
    if _WIDTHS.get(stored.physical_type) != dtype.itemsize:
        return False
    if pyarrow.types.is_timestamp(kind):
        if dtype.kind != "M" or stored.logical_type.type != "TIMESTAMP":
            return False
        unit = UNITS.get(json.loads(stored.logical_type.to_json())["timeUnit"])
        return bool(unit == np.datetime_data(dtype)[0] == kind.unit)
    if not (pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind)):
        return False
    is_float = stored.physical_type in ("FLOAT", "DOUBLE")
    return bool(dtype == np.dtype(kind.to_pandas_dtype()) and is_float == (dtype.kind == "f"))


def _kernel(source: KernelSource, rows: int) -> Kernel | None:
    """The kernel if it is there; if it would pay it will be the next time."""
    if settings.current().min_rows == 0:
        try:
            return compiler.obtain(source)
        except CompileError:
            return None
    kernel = compiler.find(source)
    if kernel is None and rows >= _ROWS_TO_COMPILE_FOR:
        compiler.prepare(source)
    return kernel
