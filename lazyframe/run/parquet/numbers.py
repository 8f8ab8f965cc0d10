"""Columns of numbers of a row group, decoded a few pages at a time.

No more than some pages are in memory at once, as they are in the file and as numbers, unless a page is as
long as the row group.  A page that two slices need is decoded once: what the next one needs of it is copied.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow

from lazyframe.codegen import decode_pages
from lazyframe.codegen.kernel import Kernel
from lazyframe.run.memory import borrow
from lazyframe.run.parquet.pages import (
    UNITS,
    Chunk,
    are_known,
    chunk_of,
    decode_into,
    kernel_for,
    pages_in,
    read_bytes,
    unpack_dictionary,
)

if TYPE_CHECKING:
    from lazyframe.run.parquet.scan import RowGroup, ScanColumn

_WIDTHS = {"INT32": 4, "INT64": 8, "FLOAT": 4, "DOUBLE": 8}

_ROWS_AT_ONCE = 1 << 17
_MORE_BYTES = 1 << 16
"""That are read besides what so many rows take on average: most pages are shorter."""


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
        self._chunk = chunk
        self._kernel = kernel
        self._dictionary = np.empty(0, column.dtype)
        self._at = 0  # bytes of the chunk that were gone through
        self._end = 0  # rows that were decoded
        self._array = np.empty(0, column.dtype)
        self._first = 0

    def between(self, handle: Any, low: int, high: int) -> tuple[np.ndarray, int] | None:
        """An array that has some rows, and its first row; None where no kernel can decode them.

        Parameters
        ----------
        handle
            The open file.
        low, high : int
            The first row, and the one behind the last: no earlier than those that were asked for before.
        """
        if high > self._end:
            found = self._next_pages(handle, high - self._end)
            if found is None:
                return None
            kept = self._array[low - self._first :]
            count = int(found[1][:, decode_pages.VALUES].sum())
            array = borrow(len(kept) + count, self._array.dtype)
            array[: len(kept)] = kept
            if not self._decode(*found, array[len(kept) :]):
                return None
            self._array, self._first = array, low
        return self._array, self._first

    def first_rows(self, handle: Any, out: np.ndarray) -> bool:
        """Write as many rows as there is room for, of a column of which none was decoded yet; or False."""
        done = 0
        while done < len(out):
            found = self._next_pages(handle, min(len(out) - done, _ROWS_AT_ONCE))
            if found is None:
                return False
            count = int(found[1][:, decode_pages.VALUES].sum())
            if count <= len(out) - done:
                if not self._decode(*found, out[done : done + count]):
                    return False
            else:
                array = borrow(count, out.dtype)
                if not self._decode(*found, array):
                    return False
                out[done:] = array[: len(out) - done]
            done += count
        return True

    def _decode(self, raw: np.ndarray, pages: np.ndarray, out: np.ndarray) -> bool:
        self._end += len(out)
        if self._end > self._rows or (self._end == self._rows and self._at != self._chunk.size):
            return False
        return decode_into(self._kernel, raw, pages, self._chunk, self._dictionary, out)

    def _next_pages(self, handle: Any, rows: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Bytes of the file, and which pages in them are the next that have so many rows, or some more."""
        chunk = self._chunk
        left = chunk.size - self._at
        before = 0 if self._at else chunk.before
        share = (left - before) * rows // max(self._rows - self._end, 1)
        size = min(left, before + share + share // 8 + _MORE_BYTES)
        while True:
            raw = read_bytes(handle, chunk.start + self._at, size)
            pages = None if raw is None else pages_in(raw, size, self._rows)
            if raw is None or pages is None:
                return None
            begin = int(self._at == 0 and bool(len(pages)) and is_dictionary(pages[0]))
            ends = np.cumsum(pages[begin:, decode_pages.VALUES])
            enough = begin + int(np.searchsorted(ends, rows)) + 1
            if enough <= len(pages):
                break
            if size == left:
                return None
            size = min(left, 2 * size)
        pages = pages[:enough]
        if not are_known(pages, raw, chunk, begins=self._at == 0):
            return None
        if begin and not self._take_dictionary(raw, pages):
            return None
        self._at += int(pages[-1, decode_pages.BODY] + pages[-1, decode_pages.COMPRESSED])
        return raw, pages[begin:]

    def _take_dictionary(self, raw: np.ndarray, pages: np.ndarray) -> bool:
        count = int(pages[0, decode_pages.VALUES])
        found = unpack_dictionary(self._kernel, raw, pages, self._chunk, self._dictionary.dtype, count)
        if found is None:
            return False
        self._dictionary = found
        return True


def is_dictionary(page: np.ndarray) -> bool:
    """Whether a page has what indices stand for."""
    return bool(page[decode_pages.KIND] == decode_pages.DICTIONARY_PAGE)


def number_pages(group: RowGroup, column: ScanColumn) -> NumberPages | None:
    """The pages of a column of numbers; None where kernels do not know it, or are not there yet."""
    chunk = _chunk_of_numbers(group, column)
    if chunk is None:
        return None
    kernel = kernel_for(decode_pages.decode_pages(column.dtype.itemsize, chunk.missing), group.rows)
    return None if kernel is None else NumberPages(group, column, chunk, kernel)


def decode_numbers(handle: Any, group: RowGroup, column: ScanColumn, out: np.ndarray) -> bool:
    """Decode a column of numbers of one row group, or of its first rows; whether that was possible.

    Parameters
    ----------
    handle
        The open file.
    group, column
        Which.
    out : numpy.ndarray
        Of the column's dtype, contiguous, and of the row group's length or less: what is in it is lost in any
        case.
    """
    if not len(out):
        return False
    pages = number_pages(group, column)
    return pages is not None and pages.first_rows(handle, out)


def _chunk_of_numbers(group: RowGroup, column: ScanColumn) -> Chunk | None:
    """Where a column is, if its numbers are stored as they are in memory."""
    footer = group.source.footer
    leaf = footer.leaves.get(column.name)
    if leaf is None:
        return None
    key = group.number, leaf, column.dtype
    if key not in footer.chunks_known:
        chunk = chunk_of(footer, group, leaf) if _are_as_stored(footer.column(leaf), column) else None
        known = chunk is not None and (not chunk.missing or column.dtype.kind in "fM")
        footer.chunks_known[key] = chunk if known else None
    found: Chunk | None = footer.chunks_known[key]
    return found


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
