"""``idxmin`` and ``idxmax`` of grouped frames and series: the labels of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lazyframe.api.groupby_asking import columns_of, is_frame, schema_of, shows_others, table_as_grouped
from lazyframe.api.recording import column_of, lazy_frame, lazy_series
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import reductions
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute, found_of
from lazyframe.record.dictionaries import string_dtype_of
from lazyframe.record.elementwise import BOOL, INT64, is_missing
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_keys import Grouping, level_column
from lazyframe.record.groupby_strings import numbers_in_order
from lazyframe.record.missing import notna
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped
from lazyframe.record.row_labels import RowLabels, default_labels
from lazyframe.record.table import Column, Table
from lazyframe.record.zoned_times import points_of, zone_dtype_of
from passes.ir.values import Gather, Literal, Map, Reduce, Value

_POSITIONS: dict[str, Callable[..., Value]] = {
    "idxmin": reductions.first_position_of_minimum,
    "idxmax": reductions.first_position_of_maximum,
}


def recording_extreme(name: str) -> Callable[..., Any]:
    """The recorder of ``idxmin`` or ``idxmax``."""

    def record(self: Any, skipna: Any = True, numeric_only: Any = False) -> Any:
        flags = type(skipna) is type(numeric_only) is bool and (
            skipna or SINCE_3_1
        )  # 3.0 makes labels floats
        grouping: Grouping = self._grouped.grouping
        if not flags or shows_others(self):
            return NotImplemented
        source = table_as_grouped(self) if is_frame(self) else column_of(self.obj)
        columns = None if source is None else columns_of(self, numeric_only)
        if columns is None or not (skipna or all(map(_is_complete, columns))):
            return NotImplemented  # of what is missing pandas raises
        given = {"numeric_only": True} if numeric_only else {}  # which a series does not know
        answer = schema_of(self, name, lambda g: getattr(g, name)(**given), given)
        if source is None or columns is None or answer is None:
            return NotImplemented
        keys = [] if self.as_index or answer.columns is None else list(range(len(grouping.keys)))
        if len(answer.dtypes) != len(keys) + len(columns):
            return NotImplemented
        labels = _labels(source.labels)
        values = None if labels is None else _values(self, name, columns, labels)
        if values is None:
            return NotImplemented
        if answer.columns is None:
            return lazy_series(Column(values[0], group_labels(grouping), answer.name))
        index = group_labels(grouping) if self.as_index else default_labels(grouping.group)
        shown = [*map(grouping.as_column, keys), *values]
        return lazy_frame(Table(grouping.group, ColumnLabels(answer.columns), index, shown))

    return record


def _is_complete(column: Value) -> bool:
    """Whether no value is missing, which is computed once."""
    present = notna(points_of(column))
    return present is not None and found_of(column, "is complete", lambda: Reduce("all", present, BOOL))


def _labels(labels: RowLabels) -> Value | None:
    """The index as a column, if it has one level of numbers, times or text."""
    found = level_column(labels, 0) if len(labels.names) == 1 else None
    if found is None:
        return None
    value = found[0]
    known = value.dtype.kind in "biufmM" or string_dtype_of(value) is not None
    return value if known or zone_dtype_of(value) is not None else None


def _ordered(column: Value) -> Value | None:
    """Numbers or times in the order of a column, if its values have one."""
    column = points_of(column)
    return column if column.dtype.kind in "biufmM" else numbers_in_order(column, force=True)


def _values(self: Any, name: str, columns: list[Value], labels: Value) -> list[Value] | None:
    grouping = self._grouped.grouping
    by = Grouped(grouping.group)
    ordered = [one for column in columns if (one := _ordered(column)) is not None]
    if len(ordered) < len(columns):
        return None
    positions = [_POSITIONS[name](by, grouping.seen(column), skipna=True) for column in ordered]
    loose = [p for p, c in zip(positions, ordered, strict=True) if is_missing(c) is not None]
    if loose and not _all_found(loose):
        return None  # a group has no value, which is an error, and pandas' to raise
    values = [Gather(grouping.seen(labels), position) for position in positions]
    for value in values:
        stamp(value, f"groupby {name}")
    return list(values)


def label_of_extreme(self: Any, name: str, column: Value) -> Value | None:
    """The label of the row of each group's least or greatest value; None where pandas has to look."""
    source = table_as_grouped(self) if is_frame(self) else column_of(self.obj)
    labels = None if source is None else _labels(source.labels)
    found = None if labels is None else _values(self, name, [column], labels)
    return None if found is None else found[0]


def _all_found(positions: list[Value]) -> bool:
    none = Literal(np.iinfo(np.int64).max, INT64)
    found = [Reduce("all", Map("less", (position, none), BOOL), BOOL) for position in positions]
    return all(compute(found))
