"""``reset_index``, ``set_index`` and new column labels."""

from __future__ import annotations

from typing import Any

import pandas

from lazyframe.api.lazy import lazy_axis
from lazyframe.api.recording import become, column_of, lazy_frame, lazy_series, overriding, table_of
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.relabelling import columns_to_levels, levels_to_columns
from lazyframe.record.selection import renumbered
from lazyframe.record.table import Column

DataFrame: Any = pandas.DataFrame
Series: Any = pandas.Series
NOTHING: Any = pandas.api.extensions.no_default


def _reset_frame(self: Any, *, drop: Any = False, names: Any = None) -> Any:
    table = None if "_mgr" in self.__dict__ else table_of(self)
    if table is None or type(drop) is not bool:
        return NotImplemented
    if drop:
        return lazy_frame(renumbered(table))
    made = levels_to_columns(table, table.current_columns(), names)
    return NotImplemented if made is None else lazy_frame(made)


def _reset_series(self: Any, *, drop: Any = False, name: Any = NOTHING) -> Any:
    column = None if "_mgr" in self.__dict__ else column_of(self)
    if column is None or type(drop) is not bool:
        return NotImplemented
    if drop:
        if name is not NOTHING:
            return NotImplemented
        return lazy_series(renumbered(Column(column.value, column.labels, self._name)))
    label = self._name if name is NOTHING else name
    # pandas itself labels the one column of a series that has no rows
    columns = Series([], dtype=float).to_frame(0 if label is None and name is NOTHING else label).columns
    made = levels_to_columns(column, ColumnLabels(columns))
    return NotImplemented if made is None else lazy_frame(made)


def _set_index(self: Any, keys: Any, *, drop: Any = True, append: Any = False) -> Any:
    labels = keys if isinstance(keys, list) else [keys]
    flags = type(drop) is bool and type(append) is bool
    if not flags or any(isinstance(label, _ARRAYS) for label in labels):
        return NotImplemented
    table = table_of(self)
    made = None if table is None else columns_to_levels(table, labels, drop, append)
    return NotImplemented if made is None else lazy_frame(made)


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


class LabellingSeries:
    """Mixin of the series."""

    reset_index = overriding(Series.reset_index, _reset_series)
