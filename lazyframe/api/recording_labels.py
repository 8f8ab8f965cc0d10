"""``reset_index``, ``set_index`` and new column labels."""

from __future__ import annotations

from typing import Any

import pandas

from lazyframe.api.lazy import lazy_axis
from lazyframe.api.recording import become, column_of, lazy_frame, lazy_series, overriding, table_of
from lazyframe.record.capture import is_captured
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.dropped_levels import level_numbers
from lazyframe.record.merging import tell_rows_apart
from lazyframe.record.relabelling import columns_to_levels, drop_levels, levels_to_columns
from lazyframe.record.selection import renumbered
from lazyframe.record.table import Column, Table
from lazyframe.run.bindings import data_of
from passes.ir.values import Read, Value

DataFrame: Any = pandas.DataFrame
Series: Any = pandas.Series
NOTHING: Any = pandas.api.extensions.no_default


def _reset_frame(self: Any, level: Any = None, *, drop: Any = False, names: Any = None) -> Any:
    table = None if "_mgr" in self.__dict__ else table_of(self)
    if table is None or type(drop) is not bool:
        return NotImplemented
    if drop:
        left = renumbered(table) if level is None else drop_levels(table, level, all_of_them=True)
        return NotImplemented if left is None else lazy_frame(left)
    return _levels_as_columns(table, table.current_columns(), level, names)


def _levels_as_columns(data: Table | Column, columns: ColumnLabels, level: Any, names: Any = None) -> Any:
    numbers = None if level is None else level_numbers(data.labels, level)
    if level is not None and numbers is None:
        return NotImplemented
    made = levels_to_columns(data, columns, names, numbers)
    return NotImplemented if made is None else lazy_frame(made)


def _reset_series(self: Any, level: Any = None, *, drop: Any = False, name: Any = NOTHING) -> Any:
    column = None if "_mgr" in self.__dict__ else column_of(self)
    if column is None or type(drop) is not bool:
        return NotImplemented
    if drop:
        if name is not NOTHING:
            return NotImplemented
        named = Column(column.value, column.labels, self._name)
        left = renumbered(named) if level is None else drop_levels(named, level, all_of_them=True)
        return NotImplemented if left is None else lazy_series(left)
    label = self._name if name is NOTHING else name
    # pandas itself labels the one column of a series that has no rows
    columns = Series([], dtype=float).to_frame(0 if label is None and name is NOTHING else label).columns
    return _levels_as_columns(column, ColumnLabels(columns), level)


def _droplevel(self: Any, level: Any, axis: Any = 0) -> Any:
    if "_mgr" in self.__dict__ or axis not in (0, "index"):
        return NotImplemented
    if isinstance(self, Series):
        column = column_of(self)
        left = None if column is None else drop_levels(column.named(self._name), level)
        return NotImplemented if left is None else lazy_series(left)
    table = table_of(self)
    dropped = None if table is None else drop_levels(table, level)
    return NotImplemented if dropped is None else lazy_frame(dropped)


def _set_index(
    self: Any, keys: Any, *, drop: Any = True, append: Any = False, verify_integrity: Any = False
) -> Any:
    flags = all(type(flag) is bool for flag in (drop, append, verify_integrity))
    table = table_of(self) if flags else None
    if table is None:
        return NotImplemented
    levels = [_level_of(key, table) for key in (keys if isinstance(keys, list) else [keys])]
    if any(level is NotImplemented for level in levels):
        return NotImplemented
    made = columns_to_levels(table, levels, drop, append)
    if made is None or (verify_integrity and not _are_distinct(made)):
        return NotImplemented
    return lazy_frame(made)


def _level_of(key: Any, table: Table) -> Any:
    """A label as it is, a series as the column that it is; ``NotImplemented`` for what only pandas takes."""
    if not isinstance(key, _ARRAYS):
        return key
    column = column_of(key) if isinstance(key, Series) else None
    return NotImplemented if column is None or column.rows is not table.rows else column


def _are_distinct(table: Table) -> bool:
    """Whether no label is there twice; pandas says which ones are."""
    levels = table.labels.levels()
    if levels is None or (len(levels) == 1 and _ascends(levels[0].value)):
        return False
    return tell_rows_apart([level.value for level in levels])


def _ascends(column: Value) -> bool:
    """Whether numbers in memory begin in ascending order: pandas sees in no time that they are distinct."""
    if not isinstance(column, Read) or not is_captured(column.token) or column.dtype.kind not in "iuf":
        return False
    first = data_of(column.token)[:_SOME]
    return bool((first[1:] > first[:-1]).all())


_SOME = 1 << 10


_ARRAYS = (list, pandas.Series, pandas.Index, pandas.DataFrame)


class _Columns:
    """pandas' property ``columns``, but that new labels compute nothing."""

    __doc__ = DataFrame.columns.__doc__

    def __set__(self, owner: Any, labels: Any) -> None:
        table = None if "_mgr" in owner.__dict__ else table_of(owner)
        if table is None:
            DataFrame.__dict__["columns"].__set__(owner, labels)
            return
        # pandas itself labels, and counts, the columns of a frame that has no rows
        example = DataFrame(columns=range(len(table)))
        example.columns = labels
        become(owner, table.derived(columns=ColumnLabels(example.columns)))


class LabellingFrame:
    """Mixin of the frame."""

    columns = lazy_axis("columns", 0, _Columns())
    reset_index = overriding(DataFrame.reset_index, _reset_frame)
    set_index = overriding(DataFrame.set_index, _set_index)
    droplevel = overriding(DataFrame.droplevel, _droplevel)


class LabellingSeries:
    """Mixin of the series."""

    reset_index = overriding(Series.reset_index, _reset_series)
    droplevel = overriding(Series.droplevel, _droplevel)
