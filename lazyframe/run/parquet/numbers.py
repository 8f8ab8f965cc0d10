"""Columns of numbers of a row group, decoded a few pages at a time.

No more than some pages are in memory at once, as they are in the file and as numbers, unless a page is as
long as the row group.  A page that two slices need is decoded once: what the next one needs of it is copied.
"""

from __future__ import annotations

import json
import threading
from functools import partial
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow

from lazyframe.codegen import decode_pages
from lazyframe.codegen.kernel import Kernel
from lazyframe.run.memory import borrow
from lazyframe.run.parquet.pages import (
    UNITS,
    Chunk,
    Pages,
    Workspace,
    chunk_of,
    decode_into,
    kernel_for,
    pages_in,
    read_bytes,
    unpack_dictionary,
    whole_pages,
)
from lazyframe.run.parquet.parts import DecodePart, divided

if TYPE_CHECKING:
    from lazyframe.run.parquet.readers import Readers
    from lazyframe.run.parquet.scan import RowGroup, ScanColumn

_WIDTHS = {"INT32": 4, "INT64": 8, "FLOAT": 4, "DOUBLE": 8}

_ROWS_AT_ONCE = 1 << 17
_MORE_BYTES = 1 << 16
"""That are read besides what so many rows take on average: most pages are shorter."""


def _references(arrays: list[np.ndarray], k: int) -> int:
    return getrefcount(arrays[k])


_ALONE = _references([np.empty(0)], 0)
"""References to an array that a list has and nobody else, neither it nor a view of it."""

_OWN_VIEWS = 2
"""Of what was decoded last, and of those of its rows that are needed again."""


class NumberPages:
    """The pages of one column of a row group, from the first on; one thread at a time.

    Parameters
    ----------
    group, column
        Which.
    chunk : Chunk
        Where it is in its file.
    kernel : Kernel
        Decodes its pages.
    """

    def __init__(self, group: RowGroup, column: ScanColumn, chunk: Chunk, kernel: Kernel) -> None:
        self.name = column.name
        self._rows = group.rows
        self.chunk = chunk
        self.kernel = kernel
        self._dictionary = np.empty(0, column.dtype)
        self._at = 0  # bytes of the chunk that were gone through
        self._end = 0  # rows that were decoded
        self._buffers = [np.empty(0, column.dtype)]
        self._array = self._buffers[0][:]
        self._first = 0

    def between(
        self, handle: Any, workspace: Workspace, low: int, high: int
    ) -> tuple[np.ndarray, int] | None:
        """An array that has some rows, and its first row; None where no kernel can decode them.

        Parameters
        ----------
        handle
            The open file.
        workspace : Workspace
            Of this thread.
        low, high : int
            The first row, and the one behind the last: no earlier than those that were asked for before.
        """
        if high > self._end:
            found = self._next_pages(handle, workspace, high - self._end)
            if found is None:
                return None
            kept = self._array[low - self._first :]
            array = self._room_for(kept, found[1].rows)
            if not self._decode(workspace, *found, array[len(kept) :]):
                return None
            self._array, self._first = array, low
        return self._array[:], self._first

    def first_rows(self, handle: Any, workspace: Workspace, out: np.ndarray) -> bool:
        """Write as many rows as there is room for, of a column of which none was decoded yet; or False."""
        done = 0
        while done < len(out):
            found = self._next_pages(handle, workspace, min(len(out) - done, _ROWS_AT_ONCE))
            if found is None:
                return False
            count = found[1].rows
            if count <= len(out) - done:
                if not self._decode(workspace, *found, out[done : done + count]):
                    return False
            else:
                array = borrow(count, out.dtype)
                if not self._decode(workspace, *found, array):
                    return False
                out[done:] = array[: len(out) - done]
            done += count
        return True

    def _room_for(self, kept: np.ndarray, rows: int) -> np.ndarray:
        """Room for more rows, beginning with those that are kept: where they are, if that can be."""
        total = len(kept) + rows
        if _references(self._buffers, 0) > _ALONE + _OWN_VIEWS or len(self._buffers[0]) < total:
            self._buffers = [borrow(total + total // 8, kept.dtype)]
        array = self._buffers[0][:total]
        array[: len(kept)] = kept
        return array

    def _decode(self, workspace: Workspace, raw: np.ndarray, pages: Pages, out: np.ndarray) -> bool:
        self._end += len(out)
        if self._end > self._rows or (self._end == self._rows and self._at != self.chunk.size):
            return False
        data = pages.table[1:] if pages.has_dictionary else pages.table
        page = workspace.page(pages.longest)
        return decode_into(self.kernel, raw, data, self.chunk, self._dictionary, out, page)

    def _next_pages(self, handle: Any, workspace: Workspace, rows: int) -> tuple[np.ndarray, Pages] | None:
        """Bytes of the file, and the next pages in them, that have so many rows, or some more."""
        chunk = self.chunk
        left = chunk.size - self._at
        before = 0 if self._at else chunk.before
        share = (left - before) * rows // max(self._rows - self._end, 1)
        size = min(left, before + share + share // 8 + _MORE_BYTES)
        while True:
            raw = read_bytes(handle, chunk.start + self._at, size, workspace)
            if raw is None:
                return None
            pages = pages_in(raw, chunk, size, self._rows, self._at == 0, rows, workspace)
            if pages is not None and pages.rows >= rows:
                break
            if size == left:
                return None
            size = min(left, 2 * size)
        if pages.has_dictionary and not self._take_dictionary(workspace, raw, pages):
            return None
        self._at += pages.end
        return raw, pages

    def _take_dictionary(self, workspace: Workspace, raw: np.ndarray, pages: Pages) -> bool:
        count = int(pages.table[0, decode_pages.VALUES])
        dtype, page = self._dictionary.dtype, workspace.page(pages.longest)
        found = unpack_dictionary(self.kernel, raw, pages.table, self.chunk, dtype, count, page)
        if found is None:
            return False
        self._dictionary = found
        return True


def number_pages(group: RowGroup, column: ScanColumn) -> NumberPages | None:
    """The pages of a column of numbers; None where kernels do not know it, or are not there yet."""
    chunk = _chunk_of_numbers(group, column)
    if chunk is None:
        return None
    missing = chunk.missing or bool(chunk.stored and column.dtype.kind == "f")  # in some row group
    kernel = kernel_for(decode_pages.decode_pages(column.dtype.itemsize, missing, chunk.stored), group.rows)
    return None if kernel is None else NumberPages(group, column, chunk, kernel)


def decode_numbers(
    handle: Any, workspace: Workspace, group: RowGroup, column: ScanColumn, out: np.ndarray
) -> bool:
    """Decode a column of numbers of one row group, or of its first rows; whether that was possible.

    Parameters
    ----------
    handle
        The open file.
    workspace : Workspace
        Of this thread.
    group, column
        Which.
    out : numpy.ndarray
        Of the column's dtype, contiguous, and of the row group's length or less: what is in it is lost in any
        case.
    """
    if not len(out):
        return False
    pages = number_pages(group, column)
    return pages is not None and pages.first_rows(handle, workspace, out)


def parts_of_numbers(
    readers: Readers, group: RowGroup, column: ScanColumn, out: np.ndarray, count: int
) -> list[DecodePart] | None:
    """What decodes so many parts of a column of numbers of one row group; None where kernels do not know it.

    Parameters
    ----------
    readers : Readers
        Entered, until all parts are decoded.
    group, column
        Which.
    out : numpy.ndarray
        As long as the row group, and as for `decode_numbers`.
    count : int
        How many parts.
    """
    known = number_pages(group, column)
    if known is None:
        return None
    chunk, kernel = known.chunk, known.kernel
    raw = read_bytes(readers.handle(group.source), chunk.start, chunk.size)
    table = None if raw is None else whole_pages(raw, chunk, chunk.size, group.rows)
    if raw is None or table is None:
        return None
    has_dictionary = bool(table[0, decode_pages.KIND] == decode_pages.DICTIONARY_PAGE)
    pages = table[1:] if has_dictionary else table
    ends = np.cumsum(pages[:, decode_pages.VALUES])
    if not len(ends) or ends[-1] != len(out):
        return None
    longest = int(table[:, decode_pages.UNCOMPRESSED].max())
    entries: list[np.ndarray | None] = []
    lock = threading.Lock()

    def dictionary(page: np.ndarray) -> np.ndarray | None:
        with lock:
            if not entries:
                values = int(table[0, decode_pages.VALUES])
                entries.append(unpack_dictionary(kernel, raw, table, chunk, out.dtype, values, page))
            return entries[0]

    def decode(which: slice) -> bool:
        own = pages[which]
        if not len(own):
            return True
        page = readers.workspace().page(longest)
        words: np.ndarray | None = _NO_ENTRIES
        if has_dictionary and (own[:, decode_pages.ENCODING] != decode_pages.PLAIN).any():
            words = dictionary(page)
        first = int(ends[which.start] - own[0, decode_pages.VALUES])
        part = out[first : int(ends[which.stop - 1])]
        return words is not None and decode_into(kernel, raw, own, chunk, words, part, page)

    return [partial(decode, which) for which in divided(pages, count)]


_NO_ENTRIES = np.empty(0, np.int64)


def _chunk_of_numbers(group: RowGroup, column: ScanColumn) -> Chunk | None:
    """Where a column is, if its numbers are stored as they are in memory, or as kernels convert them."""
    footer = group.source.footer
    leaf = footer.leaves.get(column.name)
    if leaf is None:
        return None
    key = group.number, leaf, column.dtype
    if key not in footer.chunks_known:
        stored = _stored_as(footer.column(leaf), column)
        chunk = None if stored is None else chunk_of(footer, group, leaf, stored)
        known = chunk is not None and (not chunk.missing or column.dtype.kind in "fM")
        footer.chunks_known[key] = chunk if known else None
    found: Chunk | None = footer.chunks_known[key]
    return found


def _stored_as(stored: Any, column: ScanColumn) -> str | None:
    """The kind of integers that kernels convert, "" where the bits in the file are those that they load.

    None where they do not know them.
    """
    if _are_as_stored(stored, column):
        return ""
    kind = column.field.type
    if not pyarrow.types.is_integer(kind):
        return None
    own = np.dtype(kind.to_pandas_dtype())
    if {"INT32": 4, "INT64": 8}.get(stored.physical_type) != decode_pages.stored_bytes(own.name):
        return None
    converted = column.dtype == np.float64 or (own.itemsize < 4 and column.dtype == own)  # some are missing
    return own.name if converted else None


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
