"""Readers of Parquet files, one a thread, and what they complain of."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow

from lazyframe.run.parquet.files import ChangedFileError, ParquetSource

if TYPE_CHECKING:
    from lazyframe.run.parquet.scan import RowGroup


class Readers:
    """A context in which row groups are read; files that are written to meanwhile are reported at its end."""

    def __init__(self) -> None:
        self._open = threading.local()
        self._used: dict[ParquetSource, None] = {}

    def __enter__(self) -> Readers:
        return self

    def read(self, group: RowGroup, names: Sequence[str]) -> Any:
        """Some columns of a row group, as a ``pyarrow.Table`` that may have others as well.

        Raises
        ------
        OSError, pyarrow.ArrowException
            Of the class that the reader raises, with the file and the row group.
        """
        try:
            reader = self._reader(group.source)
            return reader.read_row_group(group.number, columns=list(names), use_threads=False)
        except ChangedFileError:
            raise
        except (OSError, pyarrow.ArrowException) as error:
            group.source.check()  # a file that was written to is the better explanation
            message = f"{error} (in {group.place}, columns {', '.join(map(repr, names))})"
            raise _same_class(error, message) from error

    def _reader(self, source: ParquetSource) -> Any:
        if getattr(self._open, "source", None) is not source:
            self._leave()
            if source not in self._used:
                self._used[source] = None
                source.check()
            self._open.handle = source.opened()
            self._open.reader = source.reader(self._open.handle)
            self._open.source = source
        return self._open.reader

    def _leave(self) -> None:
        """Close what this thread read last."""
        source = getattr(self._open, "source", None)
        if source is not None:
            self._open.source = None
            source.closed(self._open.handle)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            for source in self._used:
                source.check()


def _same_class(error: Exception, message: str) -> Exception:
    try:
        return type(error)(message)
    except TypeError:
        return OSError(message)
