"""``select_dtypes`` and ``filter``: columns by their dtypes or names, of frames that are not computed yet."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any

import pandas

from lazyframe.api.recording import lazy_frame, overriding, table_of
from lazyframe.pandas_internals import blame_caller
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.groupby_schema import one_row_frame
from lazyframe.record.table import ColumnsOf

DataFrame: Any = pandas.DataFrame


@blame_caller
def _picked(self: Any, pick: Callable[[Any], Any]) -> Any:
    """The columns that ``pick`` gives of a frame that pandas made of one row of the same dtypes."""
    table = None if "_mgr" in self.__dict__ else table_of(self)
    if table is None:
        return NotImplemented
    labels = table.columns
    if labels.nlevels > 1 or not labels.is_unique:
        return NotImplemented
    columns = pick(one_row_frame(labels, table.dtypes)).columns
    positions = [int(position) for position in labels.get_indexer(columns)]
    if not positions or min(positions) < 0:
        return NotImplemented
    return lazy_frame(table.derived(columns=ColumnLabels(columns), source=ColumnsOf(table, positions)))


@blame_caller
def _select_dtypes(self: Any, include: Any = None, exclude: Any = None) -> Any:
    return _picked(self, methodcaller("select_dtypes", include, exclude))


def _filter(self: Any, items: Any = None, *, like: Any = None, regex: Any = None, axis: Any = None) -> Any:
    if axis not in (None, 1, "columns") or type(axis) is bool:
        return NotImplemented
    if not (items is None or (type(items) is list and all(type(item) is str for item in items))):
        return NotImplemented
    return _picked(self, lambda one: one.filter(items, like=like, regex=regex))


class PickingFrame:
    """Mixin of the frame."""

    select_dtypes = overriding(DataFrame.select_dtypes, _select_dtypes)
    filter = overriding(DataFrame.filter, _filter)


MIXINS = {"DataFrame": PickingFrame}
