"""Methods of grouped frames and series that give something for each row, or some of the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lazyframe.api.groupby_aggregating import columns_of, is_frame, schema_of, table_as_grouped
from lazyframe.api.recording import column_of, lazy_frame, lazy_series
from lazyframe.record import groupby_rows
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.groupby import AGGREGATIONS
from lazyframe.record.groupby_tracing import is_pure, trace_rows
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped
from lazyframe.record.selection import filter_rows, pick_columns, positions_of
from lazyframe.record.table import Column, Table
from passes.ir.values import Value


def record_transform(
    self: Any, func: Any = None, *args: Any, engine: Any = None, engine_kwargs: Any = None, **kwargs: Any
) -> Any:
    """``grouped.transform("sum")`` and its kin."""
    if args or kwargs or engine is not None or engine_kwargs is not None:
        return NotImplemented
    if not isinstance(func, str):
        return _transform_by_function(self, func)
    if func in groupby_rows.CUMULATIVE or func in groupby_rows.SHIFTED or func == "cumcount":
        return getattr(self, func)()
    if func not in AGGREGATIONS or (func == "size" and is_frame(self)):
        return NotImplemented
    return _rowwise(
        self,
        f"transform {func}",
        lambda column: groupby_rows.transform(_group(self), column, func),
        lambda grouped: grouped.transform(func),
    )


def _transform_by_function(self: Any, func: Any) -> Any:
    """``series.groupby(by).transform(lambda x: x - x.mean())``."""
    if is_frame(self) or not self.observed or not is_pure(func):
        return NotImplemented
    return _rowwise(
        self,
        "transform",
        lambda column: trace_rows(func, Grouped(_group(self)), column),
        lambda grouped: grouped.transform(func),
        [func],
    )


def recording_cumulative(name: str) -> Callable[..., Any]:
    """The recorder of ``cumsum`` or one of its kin."""

    def record(self: Any, numeric_only: Any = False, skipna: Any = True) -> Any:
        if numeric_only is not False or skipna is not True:
            return NotImplemented
        return _rowwise(
            self,
            name,
            lambda column: groupby_rows.cumulative(_group(self), column, name),
            lambda grouped: getattr(grouped, name)(),
        )

    return record


def recording_shifted(name: str) -> Callable[..., Any]:
    """The recorder of ``shift`` or ``diff``."""

    def record(self: Any, periods: Any = 1) -> Any:
        if type(periods) is not int:
            return NotImplemented
        return _rowwise(
            self,
            name,
            lambda column: groupby_rows.shifted(_group(self), column, name, periods),
            lambda grouped: getattr(grouped, name)(periods),
        )

    return record


def record_cumcount(self: Any, ascending: Any = True) -> Any:
    """``grouped.cumcount()``."""
    if type(ascending) is not bool or not _all_in_groups(self):
        return NotImplemented
    group = _group(self)
    value = groupby_rows.count_before(group) if ascending else groupby_rows.count_behind(group)
    return _numbers(self, value, "cumcount")


def record_ngroup(self: Any, ascending: Any = True) -> Any:
    """``grouped.ngroup()``."""
    if ascending is not True or not _all_in_groups(self) or not self.observed:
        return NotImplemented
    return _numbers(self, groupby_rows.number(_group(self)), "ngroup")


def record_head(self: Any, n: Any = 5) -> Any:
    """``grouped.head(n)``."""
    return _ends(self, n, last=False)


def record_tail(self: Any, n: Any = 5) -> Any:
    """``grouped.tail(n)``."""
    return _ends(self, n, last=True)


def _ends(self: Any, count: Any, last: bool) -> Any:
    source = _source(self)
    if type(count) is not int or count < 0 or source is None or not _all_in_groups(self):
        return NotImplemented
    if isinstance(source, Table) and self._selection is not None:
        positions = positions_of(source, self._selection)
        if positions is None:
            return NotImplemented
        source = pick_columns(source, positions)
    mask = groupby_rows.ends(_group(self), count, last)
    stamp(mask, f"groupby {'tail' if last else 'head'}")
    if isinstance(source, Table):
        return lazy_frame(filter_rows(source, mask))
    return lazy_series(filter_rows(source, mask))


def _group(self: Any) -> Any:
    return self._grouped.grouping.group


def _source(self: Any) -> Table | Column | None:
    """The frame or series as it is now, if its rows are still those that were grouped."""
    if is_frame(self):
        return table_as_grouped(self)
    column = column_of(self.obj)
    return column if column is not None and column.rows is self._grouped.grouping.rows else None


def _all_in_groups(self: Any) -> bool:
    """Whether every row has all keys: else pandas puts NaN where rows are in no group."""
    grouping = self._grouped.grouping
    return grouping.group.parent is grouping.rows


def _numbers(self: Any, value: Value, what: str) -> Any:
    source = _source(self)
    if source is None:
        return NotImplemented
    stamp(value, f"groupby {what}")
    return lazy_series(Column(value, source.labels, None))


def _rowwise(
    self: Any,
    what: str,
    make: Callable[[Value], Value | None],
    call: Callable[[Any], Any],
    arguments: Sequence[Any] = (),
) -> Any:
    source = _source(self)
    columns = columns_of(self) if source is not None and _all_in_groups(self) else None
    answer = None if columns is None else schema_of(self, what, call, list(arguments))
    if source is None or columns is None or answer is None or len(answer.dtypes) != len(columns):
        return NotImplemented
    values = []
    for column, dtype in zip(columns, answer.dtypes, strict=True):
        value = make(column)
        if value is None or value.dtype != dtype:
            return NotImplemented
        stamp(value, f"groupby {what}")
        values.append(value)
    if answer.columns is None:
        return lazy_series(Column(values[0], source.labels, answer.name))
    return lazy_frame(Table(source.rows, ColumnLabels(answer.columns), source.labels, values))
