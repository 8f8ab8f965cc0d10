"""Merging frames: ``DataFrame.merge`` and ``pandas.merge``."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import pandas

from lazyframe.api.deferred import is_large
from lazyframe.api.recording import column_of, fitting, lazy_frame, table_of
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import SINCE_3_1, blame_caller
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.merging import merge_tables
from lazyframe.record.origin import stamp
from lazyframe.record.table import Table
from passes.ir.rows import JOIN_KINDS

DataFrame: Any = pandas.DataFrame


def _operand(source: Any) -> Table | None:
    """A frame, or a series as the frame of its one column."""
    if isinstance(source, pandas.DataFrame):
        return table_of(source)
    column = column_of(source) if isinstance(source, pandas.Series) else None
    if column is None or column.name is None:
        return None
    return Table(column.rows, ColumnLabels(pandas.Index([column.name])), column.labels, [column.value])


def _labels(on: Any) -> Sequence[Any] | None:
    """Key labels as a list; None for anything but labels."""
    keys = on if isinstance(on, list) else [on]
    return keys if keys and all(isinstance(key, (str, int)) for key in keys) else None


def _keys(
    left: Table, right: Table, on: Any, left_on: Any, right_on: Any
) -> tuple[Sequence[Any] | None, Sequence[Any] | None]:
    """The labels of the keys of both sides; None for a combination that pandas has to judge."""
    if on is None and left_on is None and right_on is None:
        columns = left.current_columns().index(), right.current_columns().index()
        common = _labels(list(columns[0].intersection(columns[1])))
        return common, common
    if on is not None:
        common = _labels(on) if left_on is None and right_on is None else None
        return common, common
    return _labels(left_on), _labels(right_on)


def record_merge(
    left: Any,
    right: Any,
    how: Any = "inner",
    on: Any = None,
    left_on: Any = None,
    right_on: Any = None,
    left_index: Any = False,
    right_index: Any = False,
    sort: Any = False,
    suffixes: Any = ("_x", "_y"),
    indicator: Any = False,
    validate: Any = None,
) -> Any:
    """``pandas.merge(left, right, ...)``."""
    if not SINCE_3_1:
        return NotImplemented  # rows come in another order
    flags = (left_index, sort, indicator)
    if how not in JOIN_KINDS or any(flag is not False for flag in flags) or validate is not None:
        return NotImplemented
    one, other = _operand(left), _operand(right)
    if one is None or other is None:
        return NotImplemented
    if right_index is not False:
        if right_index is not True or on is not None or right_on is not None:
            return NotImplemented
        left_keys, right_keys = _labels(left_on), None
    else:
        left_keys, right_keys = _keys(one, other, on, left_on, right_on)
    if left_keys is None or (right_keys is None and right_index is False):
        return NotImplemented
    arguments = {"on": on, "left_on": left_on, "right_on": right_on, "suffixes": suffixes}
    if right_index:
        arguments["right_index"] = True
    merged = merge_tables(one, other, left_keys, right_keys, arguments, how)
    if merged is None:
        return NotImplemented
    for value in merged.values():
        stamp(value, "merge")
    return lazy_frame(merged)


_fits = fitting(record_merge)


@blame_caller
def merge(left: Any, right: Any, *args: Any, **kwargs: Any) -> Any:
    """``pandas.merge``, recorded where one of the frames is worth it."""
    if (is_large(left) or is_large(right)) and _fits((right, *args), kwargs):
        recorded = record_merge(left, right, *args, **kwargs)
        if recorded is not NotImplemented:
            return recorded
    return wrap(pandas.merge(left, right, *args, **kwargs))


class MergingFrame:
    """Mixin of the frame."""

    @functools.wraps(DataFrame.merge)
    @blame_caller
    def merge(self, right: Any, *args: Any, **kwargs: Any) -> Any:
        return merge(self, right, *args, **kwargs)
