"""``filter`` of grouped frames and series: the rows of groups that a function says yes to."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import shows_others
from lazyframe.api.groupby_rows import mask_of_groups, rows_where, source_of_rows
from lazyframe.api.recording import lazy_frame, lazy_series
from lazyframe.record.elementwise import BOOL, INT64, both, select
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.groupby_tracing import is_pure, trace_frame, trace_series
from lazyframe.record.groupby_whole import WholeGroups
from lazyframe.record.merge_missing import Positions
from lazyframe.record.missing import where, where_widened
from lazyframe.record.reductions import Grouped
from lazyframe.record.table import Column, Table
from lazyframe.record.zoned_times import zone_dtype_of
from passes.ir.values import Literal, RowNumber, Value


def record_filter(self: Any, func: Any, dropna: Any = True) -> Any:
    """``grouped.filter(lambda g: g["x"].mean() > 3)``; with ``dropna=False`` other rows are missing."""
    if type(dropna) is not bool or not is_pure(func):
        return NotImplemented
    source, grouping = source_of_rows(self), self._grouped.grouping
    if source is None or _loses_groups(grouping):
        return NotImplemented
    if isinstance(source, Table):
        chosen = None if self._selection is None else set(self._selection)
        value, columns = None, _columns_in(source, chosen)
    else:
        value, columns = source.value, lambda label: None

    def mask_of(groups: WholeGroups) -> Value | None:
        by = Grouped(groups.group)
        choice = trace_frame(func, by, columns) if value is None else trace_series(func, by, value)
        if choice is None or choice.dtype != BOOL:
            return None
        mask = groups.chosen(choice)
        lost = not grouping.dropna and _loses_missing(grouping)
        return both(mask, grouping.keys[0].present()) if lost else mask

    found = mask_of_groups(self, mask_of, "filter")
    if found is None or (shows_others(self) and not _leaves_out_nothing(func, found[0])):
        return NotImplemented
    return rows_where(*found) if dropna else _kept(*found)


def _leaves_out_nothing(func: Callable[[Any], Any], source: Table | Column) -> bool:
    """Whether a function says no to a group without rows, which pandas calls it with, too."""
    nothing: list[Any] = [pandas.Series([], dtype=dtype) for dtype in source.dtypes]
    if isinstance(source, Table):
        frame = pandas.DataFrame(dict(enumerate(nothing)))
        frame.columns = source.current_columns().index()
        nothing = [frame]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            answer = func(nothing[0])
    except Exception:  # which is pandas' to raise, where a category has no rows
        return False
    return bool(pandas.api.types.is_bool(answer)) and not answer


def _kept(source: Table | Column, mask: Value) -> Any:
    """All rows, those where ``mask`` is false with nothing in them."""
    columns = source.values() if isinstance(source, Table) else [source.value]
    values = [_or_missing(column, mask) for column in columns]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return NotImplemented
    if isinstance(source, Table):
        return lazy_frame(source.derived(known))
    return lazy_series(Column(known[0], source.labels, source.name))


def _or_missing(column: Value, mask: Value) -> Value | None:
    if zone_dtype_of(column) is not None:
        position = select(mask, RowNumber(column.rows), Literal(-1, INT64))  # type: ignore[arg-type]  # a column
        return Positions(position, partial=True).seen(column)
    found = where(column, mask, np.nan)
    return where_widened(column, mask, np.nan) if found is None else found


def _loses_groups(grouping: Grouping) -> bool:
    """Whether pandas' filter does not find the rows of each group again: of missing categories, or times."""
    if grouping.dropna or _loses_missing(grouping):
        return False
    several = len(grouping.keys) > 1
    return any(
        key.may_be_missing and (key.categories is not None or (several and _is_time(key.dtype)))
        for key in grouping.keys
    )


def _loses_missing(grouping: Grouping) -> bool:
    """Whether pandas' filter never finds the rows without a key: those of a category that is missing."""
    keys = grouping.keys
    return len(keys) == 1 and keys[0].categories is not None and keys[0].may_be_missing


def _is_time(dtype: Any) -> bool:
    return getattr(dtype, "kind", "O") in "mM"


def _columns_in(table: Table, chosen: set[Any] | None) -> Callable[[Any], Value | None]:
    def column(label: Any) -> Value | None:
        return table.column_named(label) if chosen is None or label in chosen else None

    return column
