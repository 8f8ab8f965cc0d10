"""Columns of text, and some rows of them: pages without any are not unpacked, and no others become strings.

A query that joins and sorts wants the names of a few rows.  Reading a column for them means making all of its
strings, and then pandas' array of them: for comments that is most of what a query takes.  Where all of a
column is wanted its strings are made by kernels, which take half the time that pyarrow takes, or less.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas
import pyarrow

from lazyframe import settings
from lazyframe.codegen import decode_pages
from lazyframe.codegen.take_text import NO_ROOM, look_text_up, take_text
from lazyframe.run import morsels
from lazyframe.run.addresses import address
from lazyframe.run.encode import is_text
from lazyframe.run.memory import borrow, shortened
from lazyframe.run.parquet.codes import dictionary_of
from lazyframe.run.parquet.pages import (
    Chunk,
    chunk_of,
    decode_into,
    kernel_for,
    memory_for,
    read_bytes,
    whole_pages,
)
from lazyframe.run.parquet.parts import DecodePart, divided
from lazyframe.run.parquet.unpack import unpacked

if TYPE_CHECKING:
    from lazyframe.run.parquet.readers import Readers
    from lazyframe.run.parquet.scan import RowGroup, Scan, ScanColumn

_FEW = 4
"""Rows are few where they are no more than this part of all: from there on all may as well be read."""


_LONGEST_TEXT = 1 << 31


def read_text(scan: Scan, column: ScanColumn, positions: np.ndarray, readers: Readers) -> Any:
    """Pandas' array of some rows of a column of text.

    Parameters
    ----------
    scan, column
        Which.
    positions : numpy.ndarray
        Integers, all in range.
    readers : Readers
        Entered.

    Returns
    -------
    pandas extension array or None
        None where rows are not few, or the column is not as kernels know it.
    """
    kind = column.field.type
    if not is_text(kind):
        return None
    if not isinstance(column.shown, pandas.StringDtype):
        return None
    if len(positions) * _FEW > scan.rows:
        return None
    wanted, places = np.unique(positions, return_inverse=True)
    groups = [group for group in scan.row_groups if group.rows]
    bounds = np.searchsorted(wanted, [*[group.first for group in groups], scan.rows])
    some = [
        (group, low, high) for group, low, high in zip(groups, bounds, bounds[1:], strict=False) if low < high
    ]
    found: list[Any] = [None] * len(some)

    def read(k: int) -> None:
        group, low, high = some[k]
        rows = wanted[low:high].astype(np.int64, copy=False) - group.first
        found[k] = _rows_of(readers.handle(group.source), group, column, rows)

    morsels.run([range(k, k + 1) for k in range(len(some))], read, settings.current().threads)
    if any(part is None for part in found):
        return None
    array: Any = column.shown.__from_arrow__(pyarrow.chunked_array(found, kind))  # type: ignore[attr-defined]
    return array.take(places)


def whole_text(handle: Any, group: RowGroup, column: ScanColumn) -> Any:
    """A column of text of a row group as a ``pyarrow.ChunkedArray``; None where kernels cannot read it."""
    kind = column.field.type
    if not is_text(kind):
        return None
    found = _pages_of(handle, group, column)
    indices = None if found is None else _pages_with_indices(found[2])
    if found is None or indices is None:
        return None
    chunk, raw, pages = found
    parts: list[Any] = []
    if indices:
        words = dictionary_of(handle, group, chunk, kind) if chunk.before else None
        parts.append(_all_words(raw, pages[:indices], chunk, words))
    if indices < len(pages):
        parts.append(_all_plain(raw, pages[indices:], chunk, kind))
    return None if any(part is None for part in parts) else pyarrow.chunked_array(parts, kind)


def parts_of_text(
    readers: Readers, group: RowGroup, column: ScanColumn, found: list[Any], count: int
) -> list[DecodePart] | None:
    """What decodes so many parts of that, each to its place in ``found``; None where kernels cannot.

    The first has what is in a dictionary, which is little where there is more; the others have the rest.
    """
    kind = column.field.type
    if not is_text(kind):
        return None
    handle = readers.handle(group.source)
    where = _pages_of(handle, group, column)
    indices = None if where is None else _pages_with_indices(where[2])
    if where is None or indices is None:
        return None
    chunk, raw, pages = where

    def decode_words() -> bool:
        if not indices:
            return True
        words = dictionary_of(readers.handle(group.source), group, chunk, kind) if chunk.before else None
        found[0] = _all_words(raw, pages[:indices], chunk, words)
        return found[0] is not None

    def decode_plain(k: int, which: slice) -> bool:
        own = pages[indices:][which]
        if len(own):
            found[k] = _all_plain(raw, own, chunk, kind)
        return not len(own) or found[k] is not None

    plain = divided(pages[indices:], count - 1)
    return [decode_words, *[partial(decode_plain, k, which) for k, which in enumerate(plain, start=1)]]


def _pages_with_indices(pages: np.ndarray) -> int | None:
    """How many pages have indices into a dictionary, all before those that have none; None if they do not."""
    if pages[:, decode_pages.UNCOMPRESSED].sum() >= _LONGEST_TEXT:
        return None  # offsets of 32 bits
    plain = pages[:, decode_pages.ENCODING] == decode_pages.PLAIN
    indices = int(np.argmax(plain)) if plain.any() else len(pages)
    return indices if plain[indices:].all() else None


def _all_plain(raw: np.ndarray, pages: np.ndarray, chunk: Chunk, kind: Any) -> Any:
    """All rows of pages that have text as it is."""
    counts = pages[:, decode_pages.VALUES]
    return _plain(raw, pages, np.cumsum(counts) - counts, chunk, np.arange(int(counts.sum())), kind)


def _all_words(raw: np.ndarray, pages: np.ndarray, chunk: Chunk, words: Any) -> Any:
    """All rows of pages that have indices into a dictionary."""
    kernel = kernel_for(look_text_up(), chunk.size)
    indices = None if kernel is None or words is None else _indices(raw, pages, chunk, len(words))
    if kernel is None or indices is None:
        return None
    large = pyarrow.types.is_large_string(words.type)
    _, offset_buffer, text_buffer = words.buffers()
    starts = np.frombuffer(offset_buffer, np.int64 if large else np.int32).astype(np.int64)
    starts = np.append(starts, starts[-1])  # what is missing has no text
    room = int(np.diff(starts)[indices].sum())
    if room >= _LONGEST_TEXT:
        return None
    offsets, text = np.empty(len(indices) + 1, np.int64), np.empty(room + decode_pages.SPARE_BYTES, np.uint8)
    known = address(indices), address(starts), text_buffer.address
    if kernel(0, len(indices), *known, address(offsets), address(text), room):
        return None
    return _array(words.type, offsets, text, indices < len(words) if chunk.missing else None)


def _array(kind: Any, offsets: np.ndarray, text: np.ndarray, there: np.ndarray | None) -> Any:
    bits = None if there is None else pyarrow.py_buffer(np.packbits(there, bitorder="little"))
    narrow = offsets if pyarrow.types.is_large_string(kind) else offsets.astype(np.int32)
    buffers = [bits, pyarrow.py_buffer(narrow), pyarrow.py_buffer(text)]
    return pyarrow.Array.from_buffers(kind, len(offsets) - 1, buffers)


def _pages_of(
    handle: Any, group: RowGroup, column: ScanColumn
) -> tuple[Chunk, np.ndarray, np.ndarray] | None:
    """Where a column of text is, its bytes, and the pages that have rows; None if kernels do not know it."""
    footer = group.source.footer
    leaf = footer.leaves.get(column.name)
    if leaf is None or footer.column(leaf).physical_type != "BYTE_ARRAY":
        return None
    chunk = chunk_of(footer, group, leaf)
    if chunk is None:
        return None
    raw = read_bytes(handle, chunk.start, chunk.size)
    pages = None if raw is None else whole_pages(raw, chunk, chunk.size, group.rows)
    if raw is None or pages is None:
        return None
    data = pages[1:] if pages[0, decode_pages.KIND] == decode_pages.DICTIONARY_PAGE else pages
    if not len(data) or data[:, decode_pages.VALUES].sum() != group.rows:
        return None
    return chunk, raw, data


def _rows_of(handle: Any, group: RowGroup, column: ScanColumn, rows: np.ndarray) -> Any:
    """Rows of a row group, ascending, as a ``pyarrow.Array``; None where kernels cannot find them."""
    pages = _pages_of(handle, group, column)
    if pages is None:
        return None
    chunk, raw, data = pages
    ends = np.cumsum(data[:, decode_pages.VALUES])
    page_of = np.searchsorted(ends, rows, side="right")
    plain = data[page_of, decode_pages.ENCODING] == decode_pages.PLAIN
    firsts = ends - data[:, decode_pages.VALUES]
    kind = column.field.type
    parts: list[Any] = []
    if plain.any():
        own = np.unique(page_of[plain])
        parts.append(_plain(raw, data[own], firsts[own], chunk, rows[plain], kind))
    if not plain.all():
        words = dictionary_of(handle, group, chunk, kind) if chunk.before else None
        own = np.unique(page_of[~plain])
        parts.append(_of_words(raw, data[own], firsts[own], chunk, rows[~plain], words))
    if any(part is None for part in parts):
        return None
    if len(parts) == 1:
        return parts[0]
    order = np.argsort(np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)]))
    return pyarrow.concat_arrays(parts).take(pyarrow.array(order))


def _of_words(
    raw: np.ndarray, pages: np.ndarray, firsts: np.ndarray, chunk: Chunk, rows: np.ndarray, words: Any
) -> Any:
    """Rows of pages that have indices into a dictionary."""
    indices = None if words is None else _indices(raw, pages, chunk, len(words))
    if indices is None:
        return None
    counts = pages[:, decode_pages.VALUES]
    page_of = np.searchsorted(firsts, rows, side="right") - 1
    before = np.cumsum(counts) - counts
    own = indices[rows - firsts[page_of] + before[page_of]]
    return words.take(pyarrow.array(own, mask=own == len(words)))


def _indices(raw: np.ndarray, pages: np.ndarray, chunk: Chunk, entries: int) -> np.ndarray | None:
    """The indices of pages, all of them those of an entry, or of the place behind the last if missing."""
    indices = np.empty(int(pages[:, decode_pages.VALUES].sum()), np.int32)
    kernel = kernel_for(decode_pages.decode_pages(4, chunk.missing), len(indices))
    pages, itself = np.ascontiguousarray(pages), np.arange(entries, dtype=np.int32)
    if kernel is None or not decode_into(kernel, raw, pages, chunk, itself, indices, missing=entries):
        return None
    return indices


def _plain(
    raw: np.ndarray, pages: np.ndarray, firsts: np.ndarray, chunk: Chunk, rows: np.ndarray, kind: Any
) -> Any:
    """Rows of pages that have text as it is."""
    kernel = kernel_for(take_text(chunk.missing), chunk.size)
    if kernel is None:
        return None
    pages, firsts, rows = [np.ascontiguousarray(array) for array in (pages, firsts, rows)]
    offsets = np.empty(len(rows) + 1, np.int64)
    values = int(pages[:, decode_pages.VALUES].sum())
    most = int(pages[:, decode_pages.UNCOMPRESSED].sum())
    room = min(most, 2 * len(rows) * (most // max(values, 1) + 1))
    page = memory_for(pages)
    content = unpacked(raw, pages, chunk)
    if content is None:
        return None
    where = *content.where, chunk.levels, address(page)
    marks = np.empty(int(pages[:, decode_pages.VALUES].max()) if chunk.missing else 0, np.uint8)
    there = np.empty(len(rows) if chunk.missing else 0, np.uint8)
    known = (address(marks), address(there)) if chunk.missing else ()
    while True:
        text = borrow(room + decode_pages.SPARE_BYTES, np.uint8)
        wanted = address(firsts), address(rows), len(rows)
        status = kernel(0, len(pages), *where, *wanted, address(offsets), address(text), room, *known)
        if status != NO_ROOM or room >= most:
            break
        room = min(most, 2 * room)
    if status:
        return None
    text = shortened(text, int(offsets[-1]) + decode_pages.SPARE_BYTES)
    return _array(kind, offsets, text, there if chunk.missing else None)
