"""Aggregations of groups whose values are made when they are needed, and calls that are known to be such."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.api.groupby_asking import (
    column_as_grouped,
    is_frame,
    key_of_call,
    plainly_named,
    table_as_grouped,
)
from lazyframe.api.recording import lazy_frame, lazy_series
from lazyframe.record.ask_once import freeze
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.groupby import (
    AGGREGATIONS,
    Options,
    aggregate,
    dtype_of_aggregate,
    is_narrowed,
    is_of_points,
)
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.groupby_schema import Answer
from lazyframe.record.origin import Line, stamp_line, user_line
from lazyframe.record.reductions import Grouped
from lazyframe.record.row_labels import RowLabels, default_labels
from lazyframe.record.table import Column, Table, UnmadeColumn
from lazyframe.record.zoned_times import zone_dtype_of
from passes.ir.node import Token
from passes.ir.rows import Range
from passes.ir.values import Read, Value

NO_ARGUMENTS: Hashable = freeze({})
NO_COLUMN = -1
"""The position of what is no column of a frame."""


class Wanted(NamedTuple):
    """One column of a result: an aggregation of a column of the data."""

    column: Value
    operation: str | Callable[[Any], Any]
    options: Options
    position: int = 0
    """Where in the frame the column is."""

    @property
    def narrowed(self) -> np.dtype | None:
        """The integer dtype that pandas stores the result at if all of it fits; None for any other result."""
        named = isinstance(self.operation, str) and is_narrowed(self.operation, self.column.dtype)
        return self.column.dtype if named else None

    @property
    def zoned(self) -> pandas.DatetimeTZDtype | None:
        """The dtype of times of a zone that `value` gives in UTC; None for any other result."""
        return zone_dtype_of(self.column) if is_of_points(self.operation, self.column) else None

    def value(self, by: Grouped, column: Value) -> Value | None:
        """What it gives for each group, of ``column`` in the place of its own."""
        if isinstance(self.operation, str):
            return aggregate(self.operation, by, column, self.options)
        from lazyframe.record.groupby_tracing import trace_series

        return trace_series(self.operation, by, column)

    def known_dtype(self, dtype: Any) -> np.dtype | None:
        """The dtype of `value`, where that can be made later; ``dtype`` is what pandas gives for one row."""
        if self.operation not in AGGREGATIONS or self.narrowed is not None or self.is_widened(dtype):
            return None
        assert isinstance(self.operation, str)
        return dtype_of_aggregate(self.operation, self.column.dtype, self.options)

    def gives(self, dtype: Any) -> bool:
        """Whether `value` can be made later, and is of the dtype that pandas gives for one row."""
        known = self.known_dtype(dtype)
        return known is not None and isinstance(dtype, np.dtype) and known == dtype

    def is_widened(self, dtype: Any) -> bool:
        """Whether a float32 mean is a float64 one where pandas finds the rows in the order of the groups.

        One row always is, and ``dtype`` is what pandas gives for it.
        """
        return self.operation == "mean" and self.column.dtype == np.float32 and bool(dtype == np.float64)


def can_wait(grouping: Grouping, wanted: list[Wanted], dtypes: Sequence[Any]) -> bool:
    """Whether pandas' dtypes are known to be those that the values of a result will have."""
    if grouping.bins is not None:
        return False
    for key in grouping.keys:
        if key.categories is not None:
            return False
    return all(one.gives(dtype) for one, dtype in zip(wanted, dtypes, strict=True))


def made_later(self: Any, wanted: list[Wanted], inserted: list[int], answer: Answer) -> Any:
    """The same where all values can be made when they are needed."""
    labels = None if answer.columns is None else ColumnLabels(answer.columns)
    return _made_later(self, wanted.__getitem__, inserted, answer, labels)


def _made_later(
    self: Any,
    wanted: Callable[[int], Wanted],
    inserted: list[int],
    answer: Answer,
    columns: ColumnLabels | None,
) -> Any:
    grouping: Grouping = self._grouped.grouping
    line = user_line()

    def make(position: int) -> Value:
        if position < len(inserted):
            return grouping.column(inserted[position])
        return _value(grouping, wanted(position - len(inserted)), line)

    rows = grouping.group
    labels: RowLabels
    if columns is None:
        labels = group_labels(grouping)
        return lazy_series(UnmadeColumn(rows, labels, answer.name, answer.dtypes[0], lambda: make(0)))
    labels = group_labels(grouping) if self.as_index else default_labels(rows)
    return lazy_frame(Table(rows, columns, labels, source=make))


def _value(grouping: Grouping, wanted: Wanted, line: Line | None) -> Value:
    value = wanted.value(Grouped(grouping.group), grouping.seen(wanted.column))
    assert value is not None
    stamp_line(value, f"groupby {wanted.operation}", line)
    return value


class _Call(NamedTuple):
    """What a call gives: aggregations of the columns at some positions, keys in front of them, its schema."""

    wanted: tuple[tuple[int, Any, Options], ...]
    inserted: list[int]
    answer: Answer
    labels: ColumnLabels | None


_calls: dict[Hashable, _Call] = {}
_MOST_CALLS = 1024


def remember_call(key: Hashable, wanted: Sequence[Wanted], inserted: list[int], answer: Answer) -> None:
    """Let `record_remembered` know a call, whose values can wait, by all that decides what it gives."""
    if key is None or any(one.position == NO_COLUMN for one in wanted):
        return
    if len(_calls) >= _MOST_CALLS:
        _calls.clear()
    labels = None if answer.columns is None else ColumnLabels(answer.columns)
    asked = tuple([(one.position, one.operation, one.options) for one in wanted])
    _calls[key] = _Call(asked, inserted, answer, labels)


def record_remembered(self: Any, what: str, arguments: Hashable) -> Any:
    """The result of a call like an earlier one, what tells its arguments apart being given; else None."""
    now: Any
    if is_frame(self):
        now = table_as_grouped(self)
    else:
        now = column_as_grouped(self)
        if now is not None and arguments == NO_ARGUMENTS and self.as_index:
            return _one_named(self, now, what)
    key = None if now is None else key_of_call(self, what, arguments, now)
    known = _calls.get(key)
    if known is None:
        return None

    def value(k: int) -> Wanted:
        position, operation, options = known.wanted[k]
        return Wanted(now.value(position) if isinstance(now, Table) else now.value, operation, options)

    return _made_later(self, value, known.inserted, known.answer, known.labels)


def _one_named(self: Any, column: Column, name: str) -> Any:
    """One aggregation of one column, by its name alone, if its value can wait; else None."""
    grouping: Grouping = self._grouped.grouping
    dtype = _dtype_of_named(name, column.value.dtype)
    if dtype is None or any(key.is_listed for key in grouping.keys):
        return None
    line, wanted = user_line(), Wanted(column.value, name, Options())
    labels = group_labels(grouping)
    return lazy_series(
        UnmadeColumn(grouping.group, labels, column.name, dtype, lambda: _value(grouping, wanted, line))
    )


@lru_cache(maxsize=1024)
def _dtype_of_named(name: str, dtype: np.dtype) -> np.dtype | None:
    """The dtype of an aggregation of a column, where its value can wait."""
    answer = plainly_named(name, dtype)
    if answer is None:
        return None
    wanted = Wanted(Read(Token(), dtype, Range("rows")), name, Options())
    (expected,) = answer.dtypes
    return expected if wanted.gives(expected) else None
