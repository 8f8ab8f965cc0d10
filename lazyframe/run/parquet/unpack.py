"""Unpack pages that are compressed in ways that kernels do not know, with the libraries that do."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow

from lazyframe.codegen import decode_pages
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow

if TYPE_CHECKING:
    from lazyframe.run.parquet.pages import Chunk


Unpack = Callable[[np.ndarray, int], np.ndarray | None]
"""Makes so many bytes of a page that is compressed, or None if there are not so many in it."""


class Unpacked(NamedTuple):
    """Pages that kernels can read.

    Parameters
    ----------
    raw : numpy.ndarray
        Bytes that they are in.
    pages : numpy.ndarray
        What is known of them.
    is_packed : bool
        Whether they are compressed with Snappy.
    """

    raw: np.ndarray
    pages: np.ndarray
    is_packed: bool

    @property
    def where(self) -> tuple[int, int, bool]:
        """As kernels are told it."""
        return address(self.raw), address(self.pages), self.is_packed


def unpacked(raw: np.ndarray, pages: np.ndarray, chunk: Chunk) -> Unpacked | None:
    """Pages where they are, or unpacked in memory of their own; None if they are not as they should be.

    Parameters
    ----------
    raw, pages
        Bytes, and what is known of the pages in them.
    chunk : Chunk
        Whose they are.
    """
    unpack = UNPACKED_BEFORE.get(chunk.compression)
    if unpack is None:
        return Unpacked(raw, pages, chunk.is_packed)
    if len(pages) == 1 and pages[0, decode_pages.LEVEL_BYTES] <= 0 and pages[0, decode_pages.PACKED]:
        return _alone(raw, pages, unpack)
    lengths = pages[:, decode_pages.UNCOMPRESSED]
    found = borrow(int(lengths.sum()) + decode_pages.SPARE_BYTES, np.uint8)
    put = 0
    table = pages.copy()
    for page, own in zip(pages.tolist(), table, strict=True):
        body, length = page[decode_pages.BODY], page[decode_pages.UNCOMPRESSED]
        begin, stop = body + max(page[decode_pages.LEVEL_BYTES], 0), body + page[decode_pages.COMPRESSED]
        end = put + length
        first = put + begin - body
        found[put:first] = raw[body:begin]
        if page[decode_pages.PACKED] and begin < stop:
            content = unpack(raw[begin:stop], end - first)
            if content is None:
                return None
            found[first:end] = content
        elif stop - begin != end - first:
            return None
        else:
            found[first:end] = raw[begin:stop]
        own[decode_pages.BODY], own[decode_pages.COMPRESSED] = put, length
        put = end
    return Unpacked(found, table, False)


def _alone(raw: np.ndarray, pages: np.ndarray, unpack: Unpack) -> Unpacked | None:
    """A page all of which is compressed, as it is unpacked: kernels read nothing behind such a one."""
    body, length = int(pages[0, decode_pages.BODY]), int(pages[0, decode_pages.UNCOMPRESSED])
    content = unpack(raw[body : body + int(pages[0, decode_pages.COMPRESSED])], length)
    table = pages.copy()
    table[0, [decode_pages.BODY, decode_pages.COMPRESSED]] = 0, length
    return None if content is None else Unpacked(content, table, False)


def _of_zstandard(packed: np.ndarray, length: int) -> np.ndarray | None:
    try:
        content = pyarrow.decompress(packed, decompressed_size=length, codec="zstd")
    except (OSError, pyarrow.ArrowException):
        return None
    return np.frombuffer(content, np.uint8)


def _of_gzip(packed: np.ndarray, length: int) -> np.ndarray | None:
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        content = unpacking.decompress(packed, length + 1)  # type: ignore[arg-type]
    except zlib.error:
        return None
    return np.frombuffer(content, np.uint8) if len(content) == length and unpacking.eof else None


UNPACKED_BEFORE: dict[str, Unpack] = {
    "ZSTD": _of_zstandard,
    "GZIP": _of_gzip,
}
"""By what files call them: what unpacks a page of a known length."""
