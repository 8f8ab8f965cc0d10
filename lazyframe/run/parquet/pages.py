"""Decode pages of a row group with kernels of our own, which take half the time that pyarrow takes.

The kernels (`lazyframe.codegen.decode_pages`) know what most files have, and so does what is here: what is
encoded or compressed in another way, has missing values, or is not exactly as the format says, is left to
pyarrow, which reads it or says what is wrong.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow
from numpy.typing import DTypeLike

from lazyframe import settings
from lazyframe.codegen import compiler, decode_pages
from lazyframe.codegen.kernel import CompileError, Kernel, KernelSource
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow
from lazyframe.run.parquet.footer import Footer, FooterError

if TYPE_CHECKING:
    from lazyframe.run.parquet.scan import RowGroup

UNITS = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}
"""As a file has them and as NumPy has them."""

_COMPRESSIONS = {"SNAPPY": True, "UNCOMPRESSED": False}

_MOST_EXPANSION = 32
"""Times that Snappy can make bytes more, at most: a copy of 64 bytes takes three."""

_ROWS_TO_COMPILE_FOR = 1 << 16

_ARGUMENTS_WITH_MISSING = len(decode_pages.decode_pages(8, missing=True).arguments)

_FEWEST_PAGES = 256


class Chunk(NamedTuple):
    """Where a column of a row group is in its file.

    Parameters
    ----------
    start, size : int
        Its bytes.
    before : int
        How many of them are before the first page with values: a dictionary.
    packed : bool
        Whether they are compressed with Snappy; otherwise they are not.
    levels : bool
        Whether values may be missing by the schema.
    missing : bool
        Whether some are, by the statistics.
    """

    start: int
    size: int
    before: int
    packed: bool
    levels: bool
    missing: bool


def decode_into(
    kernel: Kernel, raw: np.ndarray, pages: np.ndarray, chunk: Chunk, dictionary: np.ndarray, out: np.ndarray
) -> bool:
    """Decode pages with values, which are as many as there are in ``out``; whether that was possible.

    Parameters
    ----------
    kernel : Kernel
        Of `lazyframe.codegen.decode_pages.decode_pages`, for the width of ``out``.
    raw : numpy.ndarray
        Bytes that the pages are in.
    pages : numpy.ndarray
        Some of what `list_pages` gave.
    chunk : Chunk
        Theirs.
    dictionary : numpy.ndarray
        What indices stand for, of the dtype of ``out``.
    out : numpy.ndarray
        Written to.
    """
    if not len(pages) or pages[:, decode_pages.VALUES].max() > len(out):
        return False
    page = memory_for(pages)
    where = address(raw), address(pages), chunk.packed, chunk.levels, address(page)
    known = address(dictionary) if len(dictionary) else address(_NOTHING), len(dictionary)
    marks = _marks_for(kernel, pages)
    more = () if marks is None else (address(marks), _bits_of_missing(out.dtype))
    return not kernel(0, len(pages), *where, *known, address(out), len(out), *more)


def _marks_for(kernel: Kernel, pages: np.ndarray) -> np.ndarray | None:
    """Where a kernel that knows values that are missing notes which are."""
    if len(kernel.arguments) < _ARGUMENTS_WITH_MISSING:
        return None
    return borrow(int(pages[:, decode_pages.VALUES].max()), np.uint8)


def _bits_of_missing(dtype: np.dtype) -> int:
    missing = np.array("NaT" if dtype.kind == "M" else np.nan, dtype)
    return int(missing.view(f"u{dtype.itemsize}"))


def unpack_dictionary(
    kernel: Kernel, raw: np.ndarray, pages: np.ndarray, chunk: Chunk, dtype: DTypeLike, count: int
) -> np.ndarray | None:
    """The page of a dictionary, as an array of so many numbers; None if that is not what it is."""
    found = np.empty(count, dtype)
    own = pages[:1].copy()
    own[0, decode_pages.VALUES] = count
    if found.nbytes != int(own[0, decode_pages.UNCOMPRESSED]):
        return None
    page = memory_for(own)
    where = address(raw), address(own), chunk.packed, False, address(page)
    room = address(found) if count else address(_NOTHING)
    marks = _marks_for(kernel, own)
    more = () if marks is None else (address(marks), _bits_of_missing(found.dtype))
    return None if kernel(0, 1, *where, address(_NOTHING), 0, room, count, *more) else found


_NOTHING = np.zeros(8, np.uint8)


def memory_for(pages: np.ndarray) -> np.ndarray:
    """What the longest of some pages is unpacked to."""
    longest = int(pages[:, decode_pages.UNCOMPRESSED].max())
    return borrow(longest + decode_pages.SPARE_BYTES, np.uint8)


def list_pages(raw: np.ndarray, chunk: Chunk, size: int, rows: int) -> np.ndarray | None:
    """What is known of each page in the first bytes of a column, a row for each.

    None unless all of them are such that kernels can decode them, and there is nothing else in so many bytes.
    """
    pages = pages_in(raw, size, rows)
    if pages is None or not len(pages):
        return None
    if pages[-1, decode_pages.BODY] + pages[-1, decode_pages.COMPRESSED] != size:
        return None
    return pages if are_known(pages, raw, chunk, begins=True) else None


def pages_in(raw: np.ndarray, size: int, rows: int) -> np.ndarray | None:
    """What is known of each page in so many bytes, before the first that is odd or not all there.

    None where there is no kernel that finds them.
    """
    listing = kernel_for(decode_pages.list_pages(), rows)
    if listing is None:
        return None
    room = _FEWEST_PAGES
    found = np.zeros(1, np.int64)
    while True:
        table = np.empty((room, decode_pages.PAGE_FIELDS), np.int64)
        status = listing(0, size, address(raw), address(table), room, address(found))
        if not status or found[0] < room:
            return table[: int(found[0])]
        room *= 16


def are_known(pages: np.ndarray, raw: np.ndarray, chunk: Chunk, begins: bool) -> bool:
    """Whether kernels can decode pages; the first may be a dictionary if it ``begins`` the column."""
    first = pages[0]
    has_dictionary = begins and first[decode_pages.KIND] == decode_pages.DICTIONARY_PAGE
    data = pages[1:] if has_dictionary else pages
    if (data[:, decode_pages.KIND] != decode_pages.DATA_PAGE).any():
        return False
    if chunk.levels and (data[:, decode_pages.LEVELS] != decode_pages.RLE).any():
        return False
    encoding = data[:, decode_pages.ENCODING]
    indices = (encoding == decode_pages.PLAIN_DICTIONARY) | (encoding == decode_pages.RLE_DICTIONARY)
    if not (indices | (encoding == decode_pages.PLAIN)).all():
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


def read_bytes(handle: Any, start: int, size: int) -> np.ndarray | None:
    """Bytes of a file, and some room behind them; None if there are not so many."""
    raw = borrow(size + decode_pages.SPARE_BYTES, np.uint8)
    raw[size:] = 0
    if isinstance(handle, pyarrow.OSFile):
        target = memoryview(raw)[:size]  # type: ignore[arg-type]
        return raw if os.preadv(handle.fileno(), [target], start) == size else None
    content = handle.read_at(size, start)
    if len(content) != size:
        return None
    raw[:size] = np.frombuffer(content, np.uint8)
    return raw


def chunk_of(footer: Footer, group: RowGroup, leaf: int) -> Chunk | None:
    """Where a column is, if it is not nested, and compressed as kernels know."""
    stored = footer.column(leaf)
    if stored.max_repetition_level or stored.max_definition_level > 1:
        return None
    try:
        chunk = footer.chunk(group.number, leaf)
        elsewhere = bool(chunk.file_path)
    except (FooterError, UnicodeDecodeError):
        return None
    statistics = chunk.statistics
    missing = bool(statistics is not None and statistics.has_null_count and statistics.null_count)
    packed = _COMPRESSIONS.get(chunk.compression)
    if packed is None or elsewhere or chunk.num_values != group.rows:
        return None
    start, size, before = chunk.data_page_offset, chunk.total_compressed_size, 0
    dictionary = chunk.dictionary_page_offset if chunk.has_dictionary_page else None
    if dictionary is not None and 0 < dictionary < start:
        start, before = dictionary, start - dictionary
    if not (start > 0 and 0 <= before < size):
        return None
    return Chunk(start, size, before, packed, stored.max_definition_level == 1, missing)


def kernel_for(source: KernelSource, rows: int) -> Kernel | None:
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
