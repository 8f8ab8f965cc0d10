"""``pandas.concat`` of rows one behind the other, and of columns of the same rows side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas
from pandas.api.extensions import no_default

from lazyframe.api.deferred import holds_large
from lazyframe.api.recording import column_of, fitting, lazy_frame, lazy_series, table_of
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import SINCE_3_1, blame_caller
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.concat_by_pandas import align_by_pandas
from lazyframe.record.concatenating import Request, concat_tables
from lazyframe.record.merge_missing import Positions
from lazyframe.record.merge_rows import seen
from lazyframe.record.selection import renumbered
from lazyframe.record.table import Column, Table


def _part(source: Any) -> Table | Column | None:
    if isinstance(source, pandas.DataFrame):
        return table_of(source)
    return column_of(source) if isinstance(source, pandas.Series) else None


def _without_rows(source: Any) -> Any:
    """An object of the same kind and labels of columns."""
    if isinstance(source, pandas.DataFrame):
        return pandas.DataFrame(columns=source.columns)
    return pandas.Series([], dtype=float, name=source.name)


def record_concat(
    objs: Any,
    *,
    axis: Any = 0,
    join: Any = "outer",
    ignore_index: Any = False,
    sort: Any = no_default,
    keys: Any = None,
    names: Any = None,
) -> Any:
    """``pandas.concat(objs)`` of frames or of series, or of columns of one row space."""
    if type(objs) is dict and keys is None:
        keys, objs = list(objs), list(objs.values())
    if isinstance(keys, pandas.Index):
        if names is not None or set(keys.names) != {None}:
            return NotImplemented  # whose names name the levels
        again = pandas.Index(list(keys))
        if type(again) is not type(keys) or again.dtype != keys.dtype or getattr(keys, "freq", None):
            return NotImplemented  # the level is of their dtype, which a list of them does not know
    if isinstance(keys, (pandas.Index, np.ndarray, tuple)):
        keys = list(keys)
    if type(objs) not in (list, tuple) or join not in ("outer", "inner"):
        return NotImplemented
    if type(sort) is not bool and sort is not no_default:
        return NotImplemented
    if axis in (0, "index") and type(axis) is not bool:
        if not all(given is None or type(given) in (list, tuple) for given in (keys, names)):
            return NotImplemented
        if type(ignore_index) is not bool or (keys is None and names is not None) or (keys and ignore_index):
            return NotImplemented
        return _one_behind_the_other(objs, Request(join, ignore_index, sort is True, keys, names))
    if axis not in (1, "columns"):
        return NotImplemented
    if not (keys is None or (type(keys) is list and len(keys) == len(objs))):
        return NotImplemented
    return _side_by_side(objs, join, sort, ignore_index, {"keys": keys, "names": names})


def _one_behind_the_other(objs: Any, asked: Request) -> Any:
    if len(objs) < 2:
        return _alone(objs, asked)
    only_series = all(isinstance(source, pandas.Series) for source in objs)
    parts = [_part(source) for source in objs]
    tables = [
        _of_one_column(part, "values" if only_series else part.name) if isinstance(part, Column) else part
        for part in parts
    ]
    asked = replace(asked, only_series=only_series)
    made = None if None in tables else concat_tables(tables, asked)  # type: ignore[arg-type]  # no None
    if made is None:
        return NotImplemented
    if not only_series:
        return lazy_frame(made)
    # pandas itself names a series of others
    name = pandas.concat([pandas.Series([0], name=source.name) for source in objs]).name
    return lazy_series(Column(made.value(0), made.labels, name))


def _alone(objs: Any, asked: Request) -> Any:
    """A frame or series that is put together with nothing else."""
    part = _part(objs[0]) if objs else None
    if part is None or asked.keys is not None or asked.sort or not part.labels.holds_whole_numbers():
        return NotImplemented
    if isinstance(part, Column):
        column = renumbered(part) if asked.ignore_index else part
        return lazy_series(Column(column.value, column.labels, objs[0].name))
    return lazy_frame(renumbered(part) if asked.ignore_index else part.derived())


def _of_one_column(column: Column, label: Any) -> Table:
    # of a series without a name, among frames, pandas makes column 0
    labels = pandas.RangeIndex(1) if label is None else pandas.DataFrame({label: []}).columns
    return Table(column.rows, ColumnLabels(labels), column.labels, [column.value])


def _side_by_side(objs: Any, join: Any, sort: Any, ignore_index: Any, outer: dict[str, Any]) -> Any:
    parts: list[Any] = [_part(source) for source in objs]
    if not parts or None in parts or type(ignore_index) is not bool:
        return NotImplemented
    rows, labels, sides = parts[0].rows, parts[0].labels, [Positions(None, False) for _ in parts]
    if sort is True or not _are_of_one_row_space(parts, join):
        aligned = align_by_pandas(parts, join, sort)
        if aligned is None:
            return NotImplemented
        rows, labels, sides = aligned
    # pandas itself labels the columns, of parts without rows
    empty = [_without_rows(source) for source in objs]
    columns = pandas.concat(empty, axis=1, ignore_index=ignore_index, **outer).columns
    values = [
        seen(value, positions, rows)
        for part, positions in zip(parts, sides, strict=True)
        for value in (part.values() if isinstance(part, Table) else [part.value])
    ]
    return (
        NotImplemented if None in values else lazy_frame(Table(rows, ColumnLabels(columns), labels, values))
    )


def _are_of_one_row_space(parts: list[Any], join: str) -> bool:
    """Whether all parts have the same rows, with the same labels, which pandas leaves as they are."""
    first = parts[0]
    for part in parts[1:]:
        if part.rows is not first.rows or not first.labels.same_as(part.labels):
            return False
        if part.labels.names != first.labels.names or _kind(part) != _kind(first):
            return False
    if join != "inner":
        return True
    known = first.labels.known()  # equal labels that repeat are an error where they are two indexes
    is_one = all(
        getattr(part.labels, "value", part) is getattr(first.labels, "value", first) for part in parts
    )
    return known.is_unique or (SINCE_3_1 and is_one) if known is not None else SINCE_3_1


def _kind(part: Table | Column) -> Any:
    """The class and dtype of an index, which equal ones may differ in."""
    known = part.labels.known()
    return None if known is None else (type(known), known.dtype)


_fits = fitting(record_concat)


@blame_caller
def concat(objs: Any, *args: Any, **kwargs: Any) -> Any:
    """``pandas.concat``, recorded where one of the parts is worth it."""
    if type(objs) is list and any(part is None for part in objs) and kwargs.get("keys") is None:
        objs = [part for part in objs if part is not None] or objs  # of which pandas takes no notice
    if holds_large(objs.values() if type(objs) is dict else [objs]) and _fits(args, kwargs):
        recorded = record_concat(objs, *args, **kwargs)
        if recorded is not NotImplemented:
            return recorded
    return wrap(pandas.concat(objs, *args, **kwargs))
