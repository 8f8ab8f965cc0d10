"""A string column with one entry more, a missing one: what rows without partner are given in a merge."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any
from weakref import WeakKeyDictionary, ref

import pandas

from lazyframe.record.capture import dtype_of
from lazyframe.record.dictionaries import end_to_end
from lazyframe.run.bindings import bind_late, data_of
from lazyframe.run.late import Bounds, LateColumn, LateSource, ReadPiece
from passes.ir.values import OPAQUE, Read

_made: WeakKeyDictionary[Read, ref[Read]] = WeakKeyDictionary()


class _OneMissingMore(LateSource):
    """The strings of an input and a missing one behind them, put together when somebody needs them."""

    def __init__(self, read: Read) -> None:
        self._read = read

    @property
    def name(self) -> str:
        return "strings"

    @property
    def pieces(self) -> Sequence[tuple[int, int]]:
        return ()

    def bounds(self, column: LateColumn, piece: int) -> Bounds | None:
        return None

    def reading(self, columns: Sequence[LateColumn]) -> AbstractContextManager[ReadPiece]:
        raise NotImplementedError("no loop reads strings")

    def fetch(self, columns: Sequence[LateColumn]) -> list[Any]:
        strings = data_of(self._read.token)
        together = end_to_end(strings, pandas.array([None], dtype=strings.dtype))
        return [together for _ in columns]


def one_missing_more(read: Read) -> Read:
    """An input of pandas' ``str`` dtype with a missing entry behind the others, the same each time."""
    known = _made.get(read)
    found = None if known is None else known()
    if found is None:
        rows = read.rows.extent  # type: ignore[attr-defined]  # an input is read over a Range
        found = bind_late(LateColumn(_OneMissingMore(read), "strings", OPAQUE, dtype_of(read), rows + 1))
        _made[read] = ref(found)
    return found
