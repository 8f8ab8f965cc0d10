"""Columns of text as codes of one sorted dictionary, of files that have indices into dictionaries.

The dictionaries of all row groups are read first, and sorted together.  Then indices become codes as they are
decoded, without a string being made for any row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow

from lazyframe import settings
from lazyframe.codegen import decode_pages
from lazyframe.run import morsels
from lazyframe.run.addresses import address
from lazyframe.run.encode import code_dtype, is_text, merge_dictionaries
from lazyframe.run.parquet.pages import (
    Chunk,
    chunk_of,
    decode_into,
    kernel_for,
    read_bytes,
    unpack_dictionary,
    whole_pages,
)

if TYPE_CHECKING:
    from lazyframe.run.parquet.readers import Readers
    from lazyframe.run.parquet.scan import RowGroup, Scan, ScanColumn

_MOST_ENTRIES = 0.25
"""Entries a row up to which a dictionary is worth having."""

_FEW_ENTRIES = 1024
_LEVELS_AND_HEADERS = 1 << 16


def read_codes(scan: Scan, column: ScanColumn, readers: Readers) -> tuple[np.ndarray, Any] | None:
    """Number the text of a column in the order of its code points, as `lazyframe.run.encode.encode` does.

    Parameters
    ----------
    scan : Scan
        The files.
    column : ScanColumn
        Of text.
    readers : Readers
        Entered.

    Returns
    -------
    tuple or None
        The codes, and the distinct strings, ascending, as a ``pyarrow.Array``; None where text is not stored
        as indices in a way that kernels know.
    """
    groups = [group for group in scan.row_groups if group.rows]
    kind = column.field.type
    if not groups or not is_text(kind):
        return None
    chunks: list[Chunk] = []
    dictionaries: list[Any] = []
    for group in groups:
        chunk = _chunk_of_text(group, column)
        page = None if chunk is None else _page_of_dictionary(readers.handle(group.source), group, chunk)
        if chunk is None or page is None:
            return None
        if not _are_enough(group, column, page[1]):  # nothing is unpacked yet
            column.has_plain_text = True
            return None
        words = _words_in(*page, group, chunk, kind)
        if words is None:
            return None
        chunks.append(chunk)
        dictionaries.append(words)
    words, ranks = merge_dictionaries(kind, dictionaries, distinct=False)
    dtype = code_dtype(len(words) + 1)
    codes = np.empty(scan.rows, dtype)
    odd: list[int] = []

    def decode(k: int) -> None:
        group = groups[k]
        out = codes[group.first : group.first + group.rows]
        handle, own = readers.handle(group.source), ranks[k].astype(dtype)
        if not odd and not _decode(handle, group, chunks[k], own, out, len(words)):
            odd.append(k)

    morsels.run([range(k, k + 1) for k in range(len(groups))], decode, settings.current().threads)
    return None if odd else (codes, words)


def _decode(
    handle: Any, group: RowGroup, chunk: Chunk, ranks: np.ndarray, out: np.ndarray, missing: int
) -> bool:
    kernel = kernel_for(decode_pages.decode_pages(out.itemsize, chunk.missing), group.rows)
    raw = read_bytes(handle, chunk.start, chunk.size)
    if kernel is None or raw is None:
        return False
    pages = whole_pages(raw, chunk, chunk.size, group.rows)
    if pages is None or (pages[1:, decode_pages.ENCODING] == decode_pages.PLAIN).any():
        return False
    return decode_into(kernel, raw, pages[1:], chunk, ranks, out, missing=missing)


def _chunk_of_text(group: RowGroup, column: ScanColumn) -> Chunk | None:
    """Where a column of text is in a row group, if there is a dictionary before it."""
    footer = group.source.footer
    leaf = footer.leaves.get(column.name)
    if leaf is None or footer.column(leaf).physical_type != "BYTE_ARRAY":
        return None
    chunk = chunk_of(footer, group, leaf)
    return chunk if chunk is not None and chunk.before else None


def _are_enough(group: RowGroup, column: ScanColumn, pages: np.ndarray) -> bool:
    """Whether the words of a dictionary are few, and by the bytes beside them all: a writer may give up."""
    size, entries = int(pages[0, decode_pages.UNCOMPRESSED]), int(pages[0, decode_pages.VALUES])
    if entries > max(_FEW_ENTRIES, _MOST_ENTRIES * group.rows):
        return False
    footer = group.source.footer
    stored = footer.chunk(group.number, footer.leaves[column.name]).total_uncompressed_size
    indices = group.rows * max(entries.bit_length(), 1) // 8 + group.rows // 4
    return bool(stored <= size + indices + _LEVELS_AND_HEADERS)


def dictionary_of(handle: Any, group: RowGroup, chunk: Chunk, kind: Any) -> Any:
    """The words of a row group as a ``pyarrow.Array``; None where they are not as kernels know them."""
    page = _page_of_dictionary(handle, group, chunk)
    return None if page is None else _words_in(*page, group, chunk, kind)


def _page_of_dictionary(handle: Any, group: RowGroup, chunk: Chunk) -> tuple[np.ndarray, np.ndarray] | None:
    """Bytes of the page of a dictionary, and what is known of it."""
    raw = read_bytes(handle, chunk.start, chunk.before)
    pages = None if raw is None else whole_pages(raw, chunk, chunk.before, group.rows)
    if raw is None or pages is None or len(pages) != 1:
        return None
    return (raw, pages) if pages[0, decode_pages.KIND] == decode_pages.DICTIONARY_PAGE else None


def _words_in(raw: np.ndarray, pages: np.ndarray, group: RowGroup, chunk: Chunk, kind: Any) -> Any:
    unpacking = kernel_for(decode_pages.decode_pages(1), group.rows)
    splitting = kernel_for(decode_pages.split_text(), group.rows)
    if unpacking is None or splitting is None:
        return None
    size, entries = int(pages[0, decode_pages.UNCOMPRESSED]), int(pages[0, decode_pages.VALUES])
    if not 0 < entries <= size // 4:
        return None
    page = unpack_dictionary(unpacking, raw, pages, chunk, np.uint8, size)
    if page is None:
        return None
    offsets = np.empty(entries + 1, np.int64)
    text = np.empty(size + decode_pages.SPARE_BYTES, np.uint8)
    if splitting(0, size, address(page), entries, address(offsets), address(text)):
        return None
    narrow = offsets if pyarrow.types.is_large_string(kind) else offsets.astype(np.int32)
    buffers = [None, pyarrow.py_buffer(narrow), pyarrow.py_buffer(text)]
    return pyarrow.Array.from_buffers(kind, entries, buffers)
