"""``pandas.get_dummies``: a column for each value, true where a row has it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import column_of, lazy_frame, table_of
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.distinct import distinct_group, first_of
from lazyframe.record.elementwise import BOOL, apply, cast, is_missing
from lazyframe.record.origin import stamp
from lazyframe.record.row_counts import has_rows
from lazyframe.record.selection import positions_of
from lazyframe.record.string_entries import as_entries, map_entries_apart
from lazyframe.record.string_rows import Apart, run_apart
from lazyframe.record.table import Table
from passes.ir.values import OPAQUE, Gather, Literal, Value

MOST_NUMBERS = 256
"""With more different numbers, each row would be compared with too many."""


def record_get_dummies(
    data: Any,
    prefix: Any = None,
    prefix_sep: Any = "_",
    dummy_na: Any = False,
    columns: Any = None,
    sparse: Any = False,
    drop_first: Any = False,
    dtype: Any = None,
) -> Any:
    """``pandas.get_dummies(data, ...)``; ``NotImplemented`` where pandas is to decide."""
    flags = (dummy_na, drop_first)
    plain = sparse is False and type(prefix_sep) is str and all(type(flag) is bool for flag in flags)
    if not plain or not (dtype is None or isinstance(dtype, (str, type))):
        return NotImplemented

    def dummies(prefix: Any) -> Callable[[pandas.Series], Any]:
        return lambda values: pandas.get_dummies(
            values, prefix, prefix_sep, dummy_na, drop_first=drop_first, dtype=dtype
        )

    key = ("get_dummies", prefix_sep, dummy_na, drop_first, dtype)
    if isinstance(data, pandas.DataFrame):
        return _of_frame(data, prefix, columns, dummies, key)
    mine = column_of(data) if isinstance(data, pandas.Series) else None
    if mine is None or columns is not None or not (prefix is None or type(prefix) is str):
        return NotImplemented
    found = _apart(mine.value, dummies(prefix), (*key, prefix))
    if found is None:
        return NotImplemented
    labels, values = found
    return lazy_frame(Table(mine.rows, ColumnLabels(labels), mine.labels, values))


def _of_frame(
    data: Any,
    prefix: Any,
    columns: Any,
    dummies: Callable[[Any], Callable[[pandas.Series], Any]],
    key: tuple[Hashable, ...],
) -> Any:
    table = table_of(data)
    labels = None if table is None else table.current_columns().index()
    if table is None or labels is None or labels.nlevels > 1 or not labels.is_unique:
        return NotImplemented
    if columns is None:
        columns = [label for label, dtype in zip(labels, table.dtypes, strict=True) if _is_encoded(dtype)]
    positions = positions_of(table, columns) if type(columns) is list and columns else None
    prefixes = _prefixes(prefix, columns)
    if positions is None or len(set(positions)) < len(positions) or prefixes is None:
        return NotImplemented
    kept = [position for position in range(len(table)) if position not in positions]
    names, values = labels.take(kept), [table.value(position) for position in kept]
    parts = [pandas.DataFrame(columns=names)] if kept else []
    for position, one in zip(positions, prefixes, strict=True):
        found = _apart(table.value(position), dummies(one), (*key, one))
        if found is None:
            return NotImplemented
        parts.append(pandas.DataFrame(columns=found[0]))
        values += found[1]
    # pandas itself labels the columns, of parts without rows
    whole = pandas.concat(parts, axis=1).columns
    return lazy_frame(Table(table.rows, ColumnLabels(whole), table.labels, values))


def _is_encoded(dtype: Any) -> bool:
    """Whether ``get_dummies`` of a frame replaces columns of a dtype."""
    return dtype == OPAQUE or isinstance(dtype, (pandas.StringDtype, pandas.CategoricalDtype))


def _prefixes(prefix: Any, columns: Any) -> list[Any] | None:
    if prefix is None:
        return list(columns)
    if type(prefix) is str:
        return [prefix] * len(columns)
    if type(prefix) not in (list, dict) or len(prefix) != len(columns):
        return None
    if type(prefix) is list:
        return prefix
    return [prefix[label] for label in columns] if all(label in prefix for label in columns) else None


def _apart(column: Value, method: Callable[[pandas.Series], Any], key: Hashable) -> Apart | None:
    if column.dtype == OPAQUE:
        found = map_entries_apart(column, method, key) if as_entries(column) is not None else None
    else:
        found = _of_numbers(column, method)
    for value in found[1] if found else ():
        stamp(value, "get_dummies")
    return found


def _of_numbers(column: Value, method: Callable[[pandas.Series], Any]) -> Apart | None:
    if column.dtype.kind not in "biuf" or column.rows is None or not has_rows(column.rows):
        return None
    group = distinct_group([column])
    assert group is not None
    (distinct,) = compute([Gather(column, first_of(group))])
    if len(distinct) > MOST_NUMBERS:
        return None
    made = run_apart(method, distinct)
    if made is None:
        return None
    values: list[Value] = []
    for answers in made[1]:
        there = np.flatnonzero(answers)
        if answers.dtype.kind not in "biuf" or len(there) != 1:
            return None
        one = distinct[there[0]]
        missing = is_missing(column) if one != one else None
        here = apply("equal", column, Literal(one, column.dtype), dtype=BOOL) if missing is None else missing
        values.append(cast(here, answers.dtype))
    return made[0], values
