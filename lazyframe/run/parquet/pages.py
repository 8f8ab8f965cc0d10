"""Decode pages of a row group with kernels of our own, which take half the time that pyarrow takes.

The kernels (`lazyframe.codegen.decode_pages`) know what most files have, and so does what is here: what is
encoded in another way, or is not exactly as the format says, is left to pyarrow, which reads it or says what
is wrong.  Pages that are compressed otherwise than with Snappy are unpacked for the kernels one by one.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow
from numpy.typing import DTypeLike

from lazyframe import settings
from lazyframe.codegen import compiler, decode_pages, list_pages, unpack_by_turns
from lazyframe.codegen.kernel import CompileError, Kernel, KernelSource
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow
from lazyframe.run.parquet.footer import Footer, FooterError
from lazyframe.run.parquet.unpack import UNPACKED_BEFORE, unpacked

if TYPE_CHECKING:
    from lazyframe.run.parquet.scan import RowGroup

UNITS = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}
"""As a file has them and as NumPy has them."""

_COMPRESSIONS = frozenset({"SNAPPY", "UNCOMPRESSED", *UNPACKED_BEFORE})

_ROWS_TO_COMPILE_FOR = 1 << 16

_ARGUMENTS_WITH_MISSING = len(decode_pages.decode_pages(8, missing=True).arguments)

_FEWEST_PAGES = 256

_SHAPES = np.array(unpack_by_turns.SHAPES, np.uint64)

_LONGEST_BY_TURNS = 1 << 20
"""Bytes of a page up to which there is room for two: of longer ones no two stay in the cache."""


class Workspace:
    """Memory of one thread, for one column after another: bytes of a file, its pages, and one unpacked."""

    def __init__(self) -> None:
        self.pages = np.empty((_FEWEST_PAGES, decode_pages.PAGE_FIELDS), np.int64)
        self.found = np.zeros(list_pages.FOUND, np.int64)
        self._raw = self._page = _NOTHING

    def raw(self, size: int) -> np.ndarray:
        """Room for so many bytes, and some behind them."""
        if len(self._raw) < size + decode_pages.SPARE_BYTES:
            self._raw = borrow(size + decode_pages.SPARE_BYTES, np.uint8)
        return self._raw

    def page(self, size: int) -> np.ndarray:
        """Likewise, for a page, or two."""
        if len(self._page) < _room_for_pages(size):
            self._page = borrow(_room_for_pages(size), np.uint8)
        return self._page


_NOTHING = np.zeros(8, np.uint8)


class Pages(NamedTuple):
    """Some pages of a column, one behind the other.

    Parameters
    ----------
    table : numpy.ndarray
        What is known of each, as `lazyframe.codegen.list_pages` has it; a dictionary is the first of them.
    rows : int
        How many values they have, without a dictionary's.
    longest : int
        Bytes of the longest, uncompressed.
    end : int
        The byte behind the last.
    """

    table: np.ndarray
    rows: int
    longest: int
    end: int

    @property
    def has_dictionary(self) -> bool:
        """Whether the first page has what indices stand for."""
        return bool(self.table[0, decode_pages.KIND] == decode_pages.DICTIONARY_PAGE)


class Chunk(NamedTuple):
    """Where a column of a row group is in its file.

    Parameters
    ----------
    start, size : int
        Its bytes.
    before : int
        How many of them are before the first page with values: a dictionary.
    compression : str
        One of those that kernels know, or that pages are unpacked of before.
    levels : bool
        Whether values may be missing by the schema.
    missing : bool
        Whether some are, by the statistics.
    stored : str
        The kind of integers whose bits in the file are not those that are computed on.
    """

    start: int
    size: int
    before: int
    compression: str
    levels: bool
    missing: bool
    stored: str = ""

    @property
    def is_packed(self) -> bool:
        """Whether kernels have to unpack pages."""
        return self.compression == "SNAPPY"

    @property
    def is_dear(self) -> bool:
        """Whether unpacking takes so much longer than loading that it is better not done twice."""
        return self.compression in UNPACKED_BEFORE


def decode_into(
    kernel: Kernel,
    raw: np.ndarray,
    pages: np.ndarray,
    chunk: Chunk,
    dictionary: np.ndarray,
    out: np.ndarray,
    page: np.ndarray | None = None,
    missing: int | None = None,
) -> bool:
    """Decode pages with values, which are as many as there are in ``out``; whether that was possible.

    Parameters
    ----------
    kernel : Kernel
        Of `lazyframe.codegen.decode_pages.decode_pages`, for the width of ``out``.
    raw : numpy.ndarray
        Bytes that the pages are in.
    pages : numpy.ndarray
        Some of what `whole_pages` gave.
    chunk : Chunk
        Theirs.
    dictionary : numpy.ndarray
        What indices stand for, of the dtype of ``out``.
    out : numpy.ndarray
        Written to.
    page : numpy.ndarray, optional
        Memory for the longest page.
    missing : int, optional
        What stands for a missing value, if ``out`` has not NaN or NaT.
    """
    if not len(pages):
        return False
    if page is None:
        page = memory_for(pages)
    if chunk.compression in UNPACKED_BEFORE and len(pages) > 1:
        ends = np.cumsum(pages[:, decode_pages.VALUES]).tolist()
        return ends[-1] == len(out) and all(
            decode_into(kernel, raw, pages[k : k + 1], chunk, dictionary, out[low:high], page, missing)
            for k, (low, high) in enumerate(zip([0, *ends], ends, strict=False))
        )
    content = unpacked(raw, pages, chunk)
    if content is None:
        return False
    where = *content.where, chunk.levels, address(page), len(page) // 2, address(_SHAPES)
    known = address(dictionary) if len(dictionary) else address(_NOTHING), len(dictionary)
    marks = _marks_for(kernel, pages, len(out))
    more = (
        () if marks is None else (address(marks), _bits_of_missing(out.dtype) if missing is None else missing)
    )
    return not kernel(0, len(pages), *where, *known, address(out), len(out), *more)


def _marks_for(kernel: Kernel, pages: np.ndarray, most: int) -> np.ndarray | None:
    """Where a kernel that knows values that are missing notes which are, at most so many of a page."""
    if len(kernel.arguments) < _ARGUMENTS_WITH_MISSING:
        return None
    return borrow(min(int(pages[:, decode_pages.VALUES].max()), most), np.uint8)


def _bits_of_missing(dtype: np.dtype) -> int:
    missing = np.array("NaT" if dtype.kind == "M" else np.nan, dtype)
    return int(missing.view(f"u{dtype.itemsize}"))


def unpack_dictionary(
    kernel: Kernel,
    raw: np.ndarray,
    pages: np.ndarray,
    chunk: Chunk,
    dtype: DTypeLike,
    count: int,
    page: np.ndarray | None = None,
) -> np.ndarray | None:
    """The page of a dictionary, as an array of so many numbers; None if that is not what it is."""
    own = pages[:1].copy()
    own[0, decode_pages.VALUES] = count
    itemsize = decode_pages.stored_bytes(chunk.stored) if chunk.stored else np.dtype(dtype).itemsize
    if count * itemsize != int(own[0, decode_pages.UNCOMPRESSED]):
        return None
    found = borrow(count, dtype)
    if page is None:
        page = memory_for(own)
    content = unpacked(raw, own, chunk)
    if content is None:
        return None
    where = *content.where, False, address(page), 0, address(_SHAPES)
    room = address(found) if count else address(_NOTHING)
    marks = _marks_for(kernel, own, count)
    more = () if marks is None else (address(marks), _bits_of_missing(found.dtype))
    return None if kernel(0, 1, *where, address(_NOTHING), 0, room, count, *more) else found


def memory_for(pages: np.ndarray) -> np.ndarray:
    """What the longest of some pages is unpacked to."""
    longest = int(pages[:, decode_pages.UNCOMPRESSED].max())
    return borrow(
        _room_for_pages(longest) if len(pages) > 1 else longest + decode_pages.SPARE_BYTES, np.uint8
    )


def _room_for_pages(longest: int) -> int:
    """Bytes for a page, or for two, each with some behind it."""
    count = 2 if longest <= _LONGEST_BY_TURNS else 1
    return count * (longest + decode_pages.SPARE_BYTES)


def whole_pages(raw: np.ndarray, chunk: Chunk, size: int, rows: int) -> np.ndarray | None:
    """What is known of each page in the first bytes of a column, a row for each.

    None unless all of them are such that kernels can decode them, and there is nothing else in so many bytes.
    """
    pages = pages_in(raw, chunk, size, rows, begins=True)
    return None if pages is None or pages.end != size else pages.table


def pages_in(
    raw: np.ndarray,
    chunk: Chunk,
    size: int,
    rows: int,
    begins: bool,
    enough: int = 1 << 62,
    workspace: Workspace | None = None,
) -> Pages | None:
    """What is known of the first pages in so many bytes.

    Parameters
    ----------
    raw, size
        The bytes, and how many.
    chunk : Chunk
        Theirs.
    rows : int
        Of the row group.
    begins : bool
        Whether they begin the column, and a dictionary may be the first page.
    enough : int
        Values after which no more pages are wanted.
    workspace : Workspace, optional
        What is found is good until this is used again.

    Returns
    -------
    Pages or None
        Those before the first that kernels cannot decode, or is not all there.  None where there is not one
        such page, no kernel that finds them, or one has another checksum than it should.
    """
    listing = kernel_for(list_pages.list_pages(), rows)
    if listing is None:
        return None
    work = workspace or Workspace()
    others = chunk.compression in UNPACKED_BEFORE
    expansion = decode_pages.MOST_EXPANSION_OF_OTHERS if others else decode_pages.MOST_EXPANSION
    given = (begins, chunk.levels, expansion, enough, address(work.found))
    while True:
        room = len(work.pages)
        status = listing(0, size, address(raw), address(work.pages), room, *given)
        count, values, longest, end, summed = work.found.tolist()
        if not status or count < room:
            break
        work.pages = np.empty((room * 16, decode_pages.PAGE_FIELDS), np.int64)
    pages = work.pages[:count]
    if not count or (summed and not _are_sound(pages, raw)):
        return None
    return Pages(pages, values, longest, end)


def _are_sound(pages: np.ndarray, raw: np.ndarray) -> bool:
    """Whether those pages that have a checksum have the right one."""
    for page in pages[pages[:, decode_pages.CHECKSUM] >= 0].tolist():
        body = page[decode_pages.BODY]
        content = memoryview(raw)[body : body + page[decode_pages.COMPRESSED]]  # type: ignore[arg-type]
        if zlib.crc32(content) != page[decode_pages.CHECKSUM]:
            return False
    return True


def read_bytes(handle: Any, start: int, size: int, workspace: Workspace | None = None) -> np.ndarray | None:
    """Bytes of a file, and some room behind them; None if there are not so many.

    Those in a ``workspace`` are good until it is used again.
    """
    raw = borrow(size + decode_pages.SPARE_BYTES, np.uint8) if workspace is None else workspace.raw(size)
    raw[size : size + decode_pages.SPARE_BYTES] = 0
    if isinstance(handle, pyarrow.OSFile):
        target = memoryview(raw)[:size]  # type: ignore[arg-type]
        return raw if os.preadv(handle.fileno(), [target], start) == size else None
    content = handle.read_at(size, start)
    if len(content) != size:
        return None
    raw[:size] = np.frombuffer(content, np.uint8)
    return raw


def chunk_of(footer: Footer, group: RowGroup, leaf: int, kind: str = "") -> Chunk | None:
    """Where a column is, if it is not nested, and compressed in a way that is known; as `Chunk` has it."""
    stored = footer.column(leaf)
    if stored.max_repetition_level or stored.max_definition_level > 1:
        return None
    try:
        chunk = footer.chunk(group.number, leaf)
        elsewhere = bool(chunk.file_path)
    except (FooterError, UnicodeDecodeError):
        return None
    statistics = chunk.statistics
    levels = stored.max_definition_level == 1
    missing = bool(levels and statistics and statistics.has_null_count and statistics.null_count)
    if chunk.compression not in _COMPRESSIONS or elsewhere or chunk.num_values != group.rows:
        return None
    start, size, before = chunk.data_page_offset, chunk.total_compressed_size, 0
    dictionary = chunk.dictionary_page_offset if chunk.has_dictionary_page else None
    if dictionary is not None and 0 < dictionary < start:
        start, before = dictionary, start - dictionary
    if not (start > 0 and 0 <= before < size):
        return None
    return Chunk(start, size, before, chunk.compression, levels, missing, kind)


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
