"""Readers of Parquet files, one a thread, and what they complain of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow

from lazyframe.run.parquet.files import ChangedFileError, ParquetSource
from lazyframe.run.parquet.numbers import NumberPages, decode_numbers, parts_of_numbers
from lazyframe.run.parquet.pages import Workspace
from lazyframe.run.parquet.parts import DecodePart
from lazyframe.run.parquet.text import parts_of_text, whole_text

if TYPE_CHECKING:
    from lazyframe.run.parquet.scan import RowGroup, ScanColumn


class Readers:
    """A context in which row groups are read; files that are written to meanwhile are reported at its end.

    Parameters
    ----------
    dictionaries : sequence of str
        Text columns that are wanted as dictionaries and indices.
    """

    def __init__(self, dictionaries: Sequence[str] = ()) -> None:
        self._dictionaries = list(dictionaries)
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
        return self._explained(
            group, names, lambda reader: reader.read_row_group(group.number, list(names), use_threads=False)
        )

    def read_into(self, group: RowGroup, column: ScanColumn, array: np.ndarray) -> bool:
        """Numbers of a row group, written to an array, as many as it has room for; False if Arrow has to."""
        try:
            return decode_numbers(self.handle(group.source), self.workspace(), group, column, array)
        except ChangedFileError:
            raise
        except (OSError, MemoryError):
            return False  # the reader will say what is wrong

    def parts_of_numbers(
        self, group: RowGroup, column: ScanColumn, array: np.ndarray, count: int
    ) -> Sequence[DecodePart] | None:
        """What decodes so many parts of that; None if Arrow has to."""
        return self._unless_arrow_has_to(partial(parts_of_numbers, self, group, column, array, count))

    def parts_of_text(
        self, group: RowGroup, column: ScanColumn, found: list[Any], count: int
    ) -> Sequence[DecodePart] | None:
        """What decodes so many parts of a column of text of a row group; None if Arrow has to.

        Each puts its ``pyarrow.Array`` in its place in ``found``.
        """
        return self._unless_arrow_has_to(partial(parts_of_text, self, group, column, found, count))

    def _unless_arrow_has_to(
        self, prepare: Callable[[], Sequence[DecodePart] | None]
    ) -> Sequence[DecodePart] | None:
        try:
            return prepare()
        except ChangedFileError:
            raise
        except (OSError, MemoryError):
            return None  # the reader will say what is wrong

    def read_text(self, group: RowGroup, column: ScanColumn) -> Any:
        """A column of text of a row group as a ``pyarrow.ChunkedArray``; None if Arrow has to read it."""
        try:
            return whole_text(self.handle(group.source), group, column)
        except ChangedFileError:
            raise
        except (OSError, MemoryError):
            return None  # the reader will say what is wrong

    def read_between(
        self, group: RowGroup, pages: NumberPages, low: int, high: int
    ) -> tuple[np.ndarray, int] | None:
        """Some rows of a column of a row group, as `NumberPages.between` has them; None if Arrow has to."""
        try:
            return pages.between(self.handle(group.source), self.workspace(), low, high)
        except ChangedFileError:
            raise
        except (OSError, MemoryError):
            return None  # the reader will say what is wrong

    def first_rows(self, group: RowGroup, names: Sequence[str], count: int) -> Any:
        """Some columns of the first rows of a row group, as a ``pyarrow.RecordBatch``."""
        given = {
            "batch_size": count,
            "row_groups": [group.number],
            "columns": list(names),
            "use_threads": False,
        }
        return self._explained(group, names, lambda reader: next(iter(reader.iter_batches(**given))))

    def _explained(self, group: RowGroup, names: Sequence[str], read: Callable[[Any], Any]) -> Any:
        try:
            return read(self._reader(group.source))
        except ChangedFileError:
            raise
        except (OSError, pyarrow.ArrowException) as error:
            group.source.check()  # a file that was written to is the better explanation
            message = f"{error} (in {group.place}, columns {', '.join(map(repr, names))})"
            raise _same_class(error, message) from error

    def _reader(self, source: ParquetSource) -> Any:
        handle = self.handle(source)
        if self._open.reader is None:
            self._open.reader = source.reader(handle, self._dictionaries)
        return self._open.reader

    def handle(self, source: ParquetSource) -> Any:
        """The file, open, and known to be the one that was asked for."""
        if getattr(self._open, "source", None) is not source:
            self._leave()
            if source not in self._used:
                self._used[source] = None
                source.check()
            self._open.handle = source.opened()
            self._open.reader = None
            self._open.source = source
        return self._open.handle

    def workspace(self) -> Workspace:
        """This thread's memory."""
        found: Workspace | None = getattr(self._open, "workspace", None)
        if found is None:
            found = self._open.workspace = Workspace()
        return found

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
            self.check()

    def check(self) -> None:
        """See that nobody has written to the files that were read."""
        for source in self._used:
            source.check()


def _same_class(error: Exception, message: str) -> Exception:
    try:
        return type(error)(message)
    except TypeError:
        return OSError(message)
