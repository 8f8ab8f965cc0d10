"""Columns whose data is fetched when a computation first needs it: the columns of a file.

The graph sees an ordinary input.  What is fetched is kept as long as the input can be asked for again, within
a budget: the columns used longest ago are dropped first, and fetched again when they are needed.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple, Protocol
from weakref import WeakValueDictionary, ref

import numpy as np
import pandas

from lazyframe.pandas_internals import column_array, column_references, series_manager

ReadRows = Callable[[int, int], list[tuple[np.ndarray, int]]]
"""From the first row and the one behind the last, no earlier than those asked for before, to arrays that have
them, and the first row of each."""

ReadPiece = Callable[[int], ReadRows]
"""From the number of a piece to what reads its rows, for one thread at a time."""


class Bounds(NamedTuple):
    """Limits of some values of one dtype; NaN may be among them as well.

    Parameters
    ----------
    low, high : numpy.generic
        No value is less or greater.
    """

    low: Any
    high: Any


class Fetching(NamedTuple):
    """Data that is being fetched: work that threads can share, and what is left when it is done.

    Parameters
    ----------
    tasks : sequence of (int, callable)
        How much each is beside others, and what does it; in any order, on any thread.
    finish : callable
        Gives what was fetched, after all tasks.
    """

    tasks: Sequence[tuple[int, Callable[[], None]]]
    finish: Callable[[], list[Any]]


def fetch_together(fetchings: Sequence[Fetching]) -> list[list[Any]]:
    """What each gives: on all threads, the longest first, so that all of them are done at about one time."""
    tasks = sorted([task for fetching in fetchings for task in fetching.tasks], key=lambda task: -task[0])
    if tasks:
        from lazyframe import settings  # not with every program over small arrays
        from lazyframe.run import morsels

        ranges = [range(k, k + 1) for k in range(len(tasks))]
        morsels.run(ranges, lambda k: tasks[k][1](), settings.current().threads)
    return [fetching.finish() for fetching in fetchings]


class WrongLimitsError(Exception):
    """A source has other limits for a column than its values have: they must be found by reading it.

    Parameters
    ----------
    column : LateColumn
        Which.
    """

    def __init__(self, column: LateColumn) -> None:
        super().__init__(column.name)
        self.column = column


class LateSource(ABC):
    """Where late columns come from: those that one computation needs are fetched together."""

    in_files = True
    """Whether a file has to be read for them."""

    @abstractmethod
    def fetch(self, columns: Sequence[LateColumn]) -> list[Any]:
        """The data of each of ``columns``: a one-dimensional array, or a pandas extension array."""

    def start(self, columns: Sequence[LateColumn]) -> Fetching:
        """The same, together with what other sources fetch."""
        return Fetching((), partial(self.fetch, columns))

    @property
    @abstractmethod
    def name(self) -> str:
        """As messages have it."""

    @property
    @abstractmethod
    def pieces(self) -> Sequence[tuple[int, int]]:
        """First row and number of rows of the pieces that can be read one without the others."""

    @abstractmethod
    def bounds(self, column: LateColumn, piece: int) -> Bounds | None:
        """What is known, without reading it, of the values of a column in a piece."""

    def first_rows(self, columns: Sequence[LateColumn], count: int) -> list[np.ndarray] | None:
        """At most ``count`` of the first rows of columns that kernels load; None where that is not cheap."""
        return None

    @abstractmethod
    def reading(self, columns: Sequence[LateColumn]) -> AbstractContextManager[ReadPiece]:
        """A context with a function, for any thread, that begins to read ``columns`` of a piece."""


class MadeSource(LateSource):
    """What the host makes of inputs once somebody needs it; no loop reads it piece by piece."""

    in_files = False

    @property
    def pieces(self) -> Sequence[tuple[int, int]]:
        return ()

    def bounds(self, column: LateColumn, piece: int) -> Bounds | None:
        return None

    def reading(self, columns: Sequence[LateColumn]) -> AbstractContextManager[ReadPiece]:
        raise NotImplementedError("no loop reads what only the host can touch")


OFTEN = 2
"""Loops that have read a column after which the next one keeps what it reads: many programs end with one or
two numbers of a file, and what is kept is several times what is in the file."""


class LateColumn:
    """One column of a source.

    Parameters
    ----------
    source : LateSource
        Fetches it.
    name : str
        As messages have it.
    dtype : numpy.dtype
        That the graph has for it; object when only the host can touch it.
    shown : dtype or None
        That pandas shows for it; None when that depends on the data.
    rows : int
        Its length.
    """

    __slots__ = (
        "__weakref__",
        "_held",
        "dtype",
        "limits_hold",
        "name",
        "pieces",
        "rows",
        "shown",
        "source",
        "times_read",
    )

    def __init__(self, source: LateSource, name: str, dtype: np.dtype, shown: Any, rows: int) -> None:
        self.source = source
        self.name = name
        self.dtype = dtype
        self.shown = shown
        self.rows = rows
        self._held: Any = None
        self.pieces: dict[int, np.ndarray] = {}
        """What loops have read of it so far, by the numbers of the source's pieces."""
        self.limits_hold = True
        """Whether all that was read of it has had the limits that its source knows."""
        self.times_read = 0
        """How many loops have read what they need of it."""

    def hold(self, array: Any) -> Any:
        """Keep the data, and return it as it is kept."""
        # a manager, so that pandas counts it: frames that are given the array copy before they write
        manager = self._held = series_manager(array, pandas.RangeIndex(len(array)))
        self.pieces = {}
        found = self._array_of(manager)
        _arrays[id(found)] = self
        _budget.add(self)
        return found

    def hold_piece(self, piece: int, array: np.ndarray, dear: bool) -> None:
        """Keep a piece, if it was ``dear`` to read or is read often, and that is within what may be kept."""
        if (dear or self.is_read_often) and self._held is None and _budget.admits(self, array.nbytes):
            self.pieces[piece] = array

    @property
    def is_read_often(self) -> bool:
        """Whether the next loop that reads it is not likely to be the last."""
        return self.times_read >= OFTEN

    def kept_pieces(self) -> list[np.ndarray] | None:
        """What was read piece by piece, in order, if it is all there is; else None."""
        filled = [piece for piece, (_, rows) in enumerate(self.source.pieces) if rows]
        found = [self.pieces.get(piece) for piece in filled]
        known = [array for array in found if array is not None]
        return known if known and len(known) == len(filled) else None

    def forget(self) -> None:
        """Drop the data; it can be fetched again."""
        self._held = None
        self.pieces = {}

    def limits(self) -> Bounds | None:
        """What is known, without reading it, of all values."""
        if not self.limits_hold:
            return None
        found = [
            self.source.bounds(self, piece) for piece, (_, rows) in enumerate(self.source.pieces) if rows
        ]
        known = [bounds for bounds in found if bounds is not None]
        if not known or len(known) < len(found):
            return None
        return Bounds(min([bounds.low for bounds in known]), max([bounds.high for bounds in known]))

    def whole(self) -> Any:
        """The data, fetched if it is not there."""
        return fetch_all([self])[0]

    def rows_at(self, positions: np.ndarray) -> Any:
        """Rows by their positions, of a column that only the host can touch."""
        from lazyframe.run.taking import take  # not with every program over small arrays

        return take(self.whole(), positions)

    def missing_count(self) -> int | None:
        """How many values are missing, if the source knows without reading them."""
        return None

    def as_codes(self) -> tuple[np.ndarray, Any] | None:
        """Text as `lazyframe.run.encode.encode` numbers it, if it is kept as indices."""
        return None

    def as_dictionary(self) -> Any:
        """Text as a ``pyarrow.ChunkedArray`` of dictionaries and indices, if that is how it is kept."""
        return None

    def held(self) -> Any:
        """The data if it is there, else None."""
        manager = self._held
        if manager is None:
            return None
        _budget.used(self)
        return self._array_of(manager)

    def _array_of(self, manager: Any) -> Any:
        found = column_array(manager, 0)
        return getattr(found, "_ndarray", found) if self.dtype != object else found

    @property
    def nbytes(self) -> int:
        """Memory that is held."""
        manager = self._held
        if manager is None:
            return sum([piece.nbytes for piece in list(self.pieces.values())])
        return int(self._array_of(manager).nbytes)

    def shown_dtype(self) -> Any:
        """The dtype that pandas shows, which for a category is known when the data is."""
        if self.shown is None:
            self.shown = self.whole().dtype
        return self.shown


_arrays: WeakValueDictionary[int, LateColumn] = WeakValueDictionary()
"""By the address of the array that is held."""


def references_of_late(array: Any) -> Any:
    """Copy-on-write's count of who shares an array that a column holds; None for any other array."""
    column = _arrays.get(id(array))
    manager = None if column is None else column._held
    if manager is None or column is None or column._array_of(manager) is not array:
        return None
    return column_references(manager, 0)


def fetch_all(columns: Sequence[LateColumn]) -> list[Any]:
    """The data of each column, of those that are not there all together."""
    arrays = [column.held() for column in columns]
    missing: dict[int, list[int]] = {}
    for position, column in enumerate(columns):
        if arrays[position] is None:
            missing.setdefault(id(column.source), []).append(position)
    fetchings = [
        columns[positions[0]].source.start([columns[position] for position in positions])
        for positions in missing.values()
    ]
    for positions, found in zip(missing.values(), fetch_together(fetchings), strict=True):
        for position, array in zip(positions, found, strict=True):
            arrays[position] = columns[position].hold(array)
    return arrays


class Forgettable(Protocol):
    """What may be dropped, as it can be made again."""

    @property
    def nbytes(self) -> int:
        """Memory that is held."""

    def forget(self) -> None:
        """Let go of it."""


class Budget:
    """How much fetched data is kept in case it is needed again.

    Parameters
    ----------
    limit_bytes : int
        Of all columns together.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._order: OrderedDict[int, Any] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, column: Forgettable) -> None:
        """Count a column, and forget others, longest unused first, until all fit."""
        with self._lock:
            self._order[id(column)] = ref(column)
            self._order.move_to_end(id(column))
            kept = [(key, found) for key, known in self._order.items() if (found := known()) is not None]
            self._order = OrderedDict((key, ref(found)) for key, found in kept)
            total = sum([found.nbytes for _, found in kept])
            for key, found in kept:
                if total <= self.limit_bytes or found is column:
                    break
                total -= found.nbytes
                found.forget()
                del self._order[key]

    def admits(self, column: LateColumn, nbytes: int) -> bool:
        """Count a column that keeps more, unless that would make others be forgotten."""
        with self._lock:
            total = sum([found.nbytes for known in self._order.values() if (found := known()) is not None])
            if total + nbytes > self.limit_bytes:
                return False
            known = self._order.get(id(column))
            if known is None or known() is not column:  # another may have had its place in memory
                self._order[id(column)] = ref(column)
            return True

    def forget_all(self) -> None:
        """Forget every column; those that a computation works on live as long as it does."""
        with self._lock:
            columns = [column for known in self._order.values() if (column := known()) is not None]
            self._order.clear()
        for column in columns:
            column.forget()

    def used(self, column: LateColumn) -> None:
        """A column was asked for again."""
        with self._lock:
            if id(column) in self._order:
                self._order.move_to_end(id(column))


_SHARE = 8
"""One part in so many of the memory that the process may use is for columns that might be needed again."""


def _share_of_memory() -> int:
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        memory = 1 << 32
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    except (ImportError, OSError):
        return memory // _SHARE
    return (memory if limit == -1 else min(memory, limit)) // _SHARE


_budget = Budget(_share_of_memory())


_SHARE_OF_ONE = 4


def most_bytes() -> int:
    """What one column of rows that a filter has left may take if it is kept beside those of files."""
    return _budget.limit_bytes // _SHARE_OF_ONE


def keep_within_budget(found: Forgettable) -> None:
    """Have ``found``, which somebody else holds, forgotten when there is no room for it any more."""
    _budget.add(found)


def forget_all() -> None:
    """Drop all that is kept of files: it can be read again."""
    _budget.forget_all()
