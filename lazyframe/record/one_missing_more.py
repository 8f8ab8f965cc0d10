"""A column of strings or objects with one entry more, a missing one, for a merge's rows without partner."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
import pandas

from lazyframe.record.capture import dtype_of
from lazyframe.record.dictionaries import end_to_end
from lazyframe.run.bindings import bind_late, data_of
from lazyframe.run.late import Bounds, LateColumn, LateSource, ReadPiece
from passes.ir.values import OPAQUE, Read

_made: WeakKeyDictionary[Read, ref[Read]] = WeakKeyDictionary()


class _OneMissingMore(LateSource):
    """The entries of an input and a missing one behind them, put together when somebody needs them."""

    def __init__(self, read: Read) -> None:
        self._read = read

    @property
    def name(self) -> str:
        return "entries"

    @property
    def pieces(self) -> Sequence[tuple[int, int]]:
        return ()

    def bounds(self, column: LateColumn, piece: int) -> Bounds | None:
        return None

    def reading(self, columns: Sequence[LateColumn]) -> AbstractContextManager[ReadPiece]:
        raise NotImplementedError("no loop reads what only the host can touch")

    def fetch(self, columns: Sequence[LateColumn]) -> list[Any]:
        entries = data_of(self._read.token)
        together = end_to_end(entries, missing_entry(entries.dtype))
        return [together for _ in columns]


def missing_entry(dtype: Any) -> Any:
    """An array of the one missing value that pandas fills a column of objects or of its own dtypes with."""
    if dtype == np.dtype(object):
        return np.array([np.nan], object)
    return pandas.array([None], dtype=dtype)


def one_missing_more(read: Read) -> Read:
    """An opaque input with a missing entry behind the others, the same each time."""
    known = _made.get(read)
    found = None if known is None else known()
    if found is None:
        rows = read.rows.extent  # type: ignore[attr-defined]  # an input is read over a Range
        found = bind_late(LateColumn(_OneMissingMore(read), "entries", OPAQUE, dtype_of(read), rows + 1))
        _made[read] = ref(found)
    return found
