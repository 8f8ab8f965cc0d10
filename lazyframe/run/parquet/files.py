"""A Parquet file that was found when a program asked for it and is read when its data is needed.

Between the two somebody may replace, change or delete it.  A local file is held open, so that one that was
deleted, or replaced by another under its name, is read as it was found, which is what pandas gives; one that
was written over in place is noticed by its size, its time or its footer.
"""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from typing import Any
from weakref import WeakSet

import pyarrow
from pyarrow import parquet

from lazyframe.run.parquet.footer import Footer

MOST_HELD = 128
"""Files of this process that are held open at once; others are opened again by their names."""

FOOTERS_KEPT = 64
"""Footers that are remembered, for programs that read the same files again."""

_footers: OrderedDict[bytes, tuple[Footer, Any]] = OrderedDict()
_held: WeakSet[ParquetSource] = WeakSet()


class ChangedFileError(OSError):
    """A file is no longer the one that the program asked for."""


class ParquetSource:
    """One file.

    Parameters
    ----------
    name : str
        As messages have it: a path, a URI, or ``<BytesIO>``.
    where : str or pyarrow.Buffer
        A path in ``filesystem``, or the bytes themselves.
    filesystem : pyarrow.fs.FileSystem, optional
        By default the local one.

    Attributes
    ----------
    footer : Footer
        What it says of its row groups.
    metadata : pyarrow.parquet.FileMetaData
        The same as pyarrow has it, some of whose questions are better asked of ``footer``.
    schema : pyarrow.Schema
        Of its columns, with pandas' metadata.

    Raises
    ------
    OSError, pyarrow.ArrowException
        If there is no such file, or it is no Parquet file.
    """

    def __init__(self, name: str, where: Any, filesystem: Any = None) -> None:
        self.name = name
        self._where = where
        self._filesystem = filesystem
        handle = self._open()
        self._state = self._state_of(handle)
        self._raw_footer = _raw_footer(handle)
        self.footer, self.schema = _opened(self._raw_footer, handle)
        self.metadata = self.footer.metadata
        self._handle = handle if len(_held) < MOST_HELD else None
        if self._handle is not None:
            _held.add(self)

    def _open(self) -> Any:
        if isinstance(self._where, pyarrow.Buffer):
            return pyarrow.BufferReader(self._where)
        if self._filesystem is None:
            return pyarrow.OSFile(self._where, "rb")
        return self._filesystem.open_input_file(self._where)

    def _state_of(self, handle: Any) -> tuple[int, ...]:
        if self._filesystem is not None:
            found = self._filesystem.get_file_info(self._where)
            return (found.size or 0, found.mtime_ns or 0)
        if isinstance(self._where, str):
            found = os.fstat(handle.fileno())
            return (found.st_size, found.st_mtime_ns)
        return ()

    def opened(self) -> Any:
        """The file, as it was: for as many threads as like if it is held open, else for one."""
        if self._handle is not None:
            return self._handle
        try:
            handle = self._open()
        except FileNotFoundError:
            raise ChangedFileError(self._complaint("there is no such file any more")) from None
        self.check(handle)
        return handle

    def closed(self, handle: Any) -> None:
        """The reverse of `opened`: checks that what was read until now was the same file."""
        if handle is self._handle:
            return
        self.check(handle)
        handle.close()

    def check(self, handle: Any = None) -> None:
        """See that nobody has written to the file.

        Raises
        ------
        ChangedFileError
            If somebody has.
        """
        if handle is None:
            if self._handle is None:
                self.closed(self.opened())
                return
            handle = self._handle
        now = self._state_of(handle)
        if now[:1] != self._state[:1]:
            raise ChangedFileError(self._complaint(f"it has {now[0]:,} bytes and had {self._state[0]:,}"))
        if now != self._state:
            raise ChangedFileError(self._complaint("it was written to since"))
        if _raw_footer(handle) != self._raw_footer:
            raise ChangedFileError(self._complaint("its footer is another one"))

    def _complaint(self, what: str) -> str:
        return (
            f"{self.name} changed after it was asked for and before its data was needed: {what}. "
            "Read it again, or compute what is needed of it before it is changed"
        )

    def reader(self, handle: Any, dictionaries: list[str] | None = None) -> Any:
        """A reader for one thread.

        Parameters
        ----------
        handle
            What `opened` gave.
        dictionaries : list of str, optional
            Text columns that are wanted as dictionary and codes.
        """
        return parquet.ParquetFile(
            handle,
            metadata=self.metadata,
            read_dictionary=dictionaries,
            pre_buffer=False,
            page_checksum_verification=True,
        )


def _raw_footer(handle: Any) -> bytes:
    """The Thrift at the end of a file; of one that is no Parquet file nothing."""
    size = handle.size()
    end = handle.read_at(8, max(size - 8, 0))
    length = int.from_bytes(end[:4], "little") if end[4:] == b"PAR1" else 0
    found: bytes = handle.read_at(length, size - 8 - length) if 0 < length <= size - 8 else b""
    return found


def _opened(raw: bytes, handle: Any) -> tuple[Footer, Any]:
    """The footer and the schema of a file; what it took to find out is kept for files of the same footer."""
    known = _footers.get(raw)
    if known is None:
        reader = parquet.ParquetFile(handle)
        known = Footer(raw, reader.metadata), reader.schema_arrow
        _footers[raw] = known
        while len(_footers) > FOOTERS_KEPT:
            _footers.popitem(last=False)
    return known


def source_of_buffer(source: Any) -> ParquetSource:
    """What a file object holds, which its owner may close or change afterwards."""
    name = getattr(source, "name", None)
    source.seek(0)
    content = source.read()
    if isinstance(source, io.TextIOBase) or not isinstance(content, bytes):
        raise TypeError(f"not a binary file: {type(source).__name__}")
    described = name if isinstance(name, str) else f"<{type(source).__name__}>"
    return ParquetSource(described, pyarrow.py_buffer(content))
