"""``sort_values``, ``sort_index``, ``nlargest`` and ``nsmallest``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import column_of, lazy_frame, lazy_series, overriding, series_of, table_of
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.asking_pandas import over
from lazyframe.record.capture import dtype_of
from lazyframe.record.categories import category_codes
from lazyframe.record.computing import compute
from lazyframe.record.dropped_levels import level_numbers
from lazyframe.record.elementwise import BOOL, apply
from lazyframe.record.missing import holds_missing
from lazyframe.record.row_labels import RowLabels, bind_labels, default_labels, length_of
from lazyframe.record.selection import (
    filter_rows,
    gather_rows,
    pick_columns,
    positions_of,
    renumbered,
    slice_rows,
)
from lazyframe.record.sorting import sort_key, sort_rows
from lazyframe.record.strings import as_inferred
from lazyframe.record.table import Column, Table
from lazyframe.record.zoned_times import points_of
from lazyframe.run.bindings import bind_array
from passes.ir.rows import Sort
from passes.ir.values import OPAQUE, Literal, Position, RowNumber, Take, Value

DataFrame: Any = pandas.DataFrame
Series: Any = pandas.Series

_KINDS = frozenset({"quicksort", "mergesort", "heapsort", "stable"})


def _lazy(made: Table | Column | None) -> Any:
    if made is None:
        return NotImplemented
    return lazy_series(made) if isinstance(made, Column) else lazy_frame(made)


def _is_plain(axis: Any, kind: Any, na_position: Any, ignore_index: Any) -> bool:
    """Whether pandas takes these options: every sort here is stable, as any kind of sort may be."""
    if ignore_index and not SINCE_3_1:
        return False  # of no rows pandas keeps the index
    known = isinstance(kind, str) and kind in _KINDS and isinstance(na_position, str)
    return axis in (0, "index") and known and na_position in ("first", "last") and type(ignore_index) is bool


def _ways(ascending: Any, count: int) -> list[bool] | None:
    ways = ascending if isinstance(ascending, list) else [ascending] * count
    return ways if len(ways) == count and all(type(way) is bool for way in ways) else None


def _sort_frame(
    self: Any,
    by: Any,
    *,
    axis: Any = 0,
    ascending: Any = True,
    kind: Any = "quicksort",
    na_position: Any = "last",
    ignore_index: Any = False,
    key: Any = None,
) -> Any:
    if not _is_plain(axis, kind, na_position, ignore_index):
        return NotImplemented
    labels = by if isinstance(by, list) else [by]
    ways = _ways(ascending, len(labels))
    table = None if ways is None else table_of(self)
    values = None if table is None or ways is None else _columns_or_levels(table, labels)
    if table is None or ways is None or not values:
        return NotImplemented
    # pandas begins with the last
    pairs = reversed(list(zip(values, labels, strict=True)))
    columns = [_keyed(value, label, key) for value, label in pairs][::-1]
    if None in columns:
        return NotImplemented
    return _lazy(sort_rows(table, columns, ways, na_position == "last", ignore_index))  # type: ignore[arg-type]


def _columns_or_levels(table: Table, labels: list[Any]) -> list[Value] | None:
    """What each of ``labels`` calls, a column or a level of the index; None where pandas has to decide."""
    names = table.labels.names
    values: list[Value | None] = []
    for label in labels:
        if label not in names:
            positions = positions_of(table, [label])
            values.append(table.value(positions[0]) if positions else None)
            continue
        numbers = level_numbers(table.labels, label)
        levels = table.labels.levels() if numbers is not None and type(label) is str else None
        if numbers is None or levels is None or label in table.current_columns().index():
            return None
        values.append(levels[numbers[0]].value)
    return None if None in values else values  # type: ignore[return-value]  # no None


def _sort_series(
    self: Any,
    *,
    axis: Any = 0,
    ascending: Any = True,
    kind: Any = "quicksort",
    na_position: Any = "last",
    ignore_index: Any = False,
    key: Any = None,
) -> Any:
    ways = _ways(ascending, 1)
    if ways is None or not _is_plain(axis, kind, na_position, ignore_index):
        return NotImplemented
    data = _series_data(self)
    by = None if data is None else _keyed(data.value, self._name, key)
    if data is None or by is None:
        return NotImplemented
    last = na_position == "last"
    if dtype_of(data.value) == OPAQUE:
        return _lazy(_sort_objects(data, by, ways, last, ignore_index))
    return _lazy(sort_rows(data, [by], ways, last, ignore_index))


def _sort_objects(
    data: Column, by: Value, ways: list[bool], missing_last: bool, renumber: bool
) -> Column | None:
    """Sorted objects, of which pandas infers what they are, unless they were in order."""
    inferred = as_inferred(data.value)
    numbers = Column(RowNumber(data.rows), default_labels(data.rows))
    order = None if inferred is None else sort_rows(numbers, [by], ways, missing_last)
    if inferred is None or order is None:
        return None
    (positions,) = compute([order.value])
    made: Column | None = data.named(data.name)
    if not (positions == np.arange(len(positions))).all():
        moved = Column(inferred, data.labels, data.name)
        made = gather_rows(moved, bind_array(positions, "positions"), "sort_values")
    return renumbered(made) if renumber and made is not None else made


def _keyed(column: Value, name: Any, key: Any) -> Value | None:
    """What rows are sorted by in place of a column: what ``key`` makes of it, if that is recorded."""
    if key is None:
        return column
    assert column.rows is not None
    made = key(lazy_series(Column(column, default_labels(column.rows), name)))
    found = column_of(made) if isinstance(made, pandas.Series) else None
    return found.value if found is not None and found.rows is column.rows else None


def _sort_index(data_of: Callable[[Any], Any]) -> Callable[..., Any]:
    def record(
        self: Any,
        *,
        axis: Any = 0,
        level: Any = None,
        ascending: Any = True,
        kind: Any = "quicksort",
        na_position: Any = "last",
        sort_remaining: Any = True,
        ignore_index: Any = False,
        key: Any = None,
    ) -> Any:
        if axis in (1, "columns") and type(axis) is not bool and not ignore_index:
            return _sort_columns(self, level, ascending, kind, na_position, sort_remaining, key)
        if not _is_plain(axis, kind, na_position, ignore_index) or type(sort_remaining) is not bool:
            return NotImplemented
        data = data_of(self)
        numbers = None if data is None or level is None else level_numbers(data.labels, level)
        if data is None or (level is not None and numbers is None):
            return NotImplemented
        last = na_position == "last"
        order: _Order | None
        if len(data.labels.names) == 1:
            order = _by_level(data.labels, ascending, last, key)
        elif key is None:
            order = _by_levels(data.labels, numbers, ascending, last, sort_remaining)
        else:
            order = None  # pandas takes no longer
        if order is None:
            return NotImplemented
        return _lazy(sort_rows(data, *order, last, ignore_index, "sort_index", of_labels=True))

    return record


def _sort_columns(self: Any, level: Any, ascending: Any, kind: Any, na_position: Any, *others: Any) -> Any:
    table = table_of(self) if isinstance(self, DataFrame) else None
    if table is None or not len(table):
        return NotImplemented
    # pandas itself sorts the labels, of which each stands for its place
    places = Series(range(len(table)), index=table.current_columns().index())
    remaining, key = others
    order = places.sort_index(
        level=level,
        ascending=ascending,
        kind=kind,
        na_position=na_position,
        sort_remaining=remaining,
        key=key,
    )
    return lazy_frame(pick_columns(table, order.tolist()))


_Order = tuple[list[Value], list[bool]]
"""What rows are sorted by, and which way each goes."""


def _by_level(labels: RowLabels, ascending: Any, last: bool, key: Any) -> _Order | None:
    """The order of labels of one level."""
    ways = [ascending] if type(ascending) is bool else None  # of a list pandas asks whether it is empty
    known = labels.known()
    if key is not None:
        known = _keyed_labels(known, key)
        if known is None:
            return None
        labels = bind_labels(known)
    if ways is None or (known is not None and _is_sorted(known, ways[0])):
        return None  # pandas finds the rows sorted already, and shares them
    levels = labels.levels()
    if levels is None or (known is None and _is_sorted_by_codes(levels[0].value, ways[0], last)):
        return None
    return [levels[0].value], ways


def _is_sorted_by_codes(level: Value, ascending: bool, last: bool) -> bool:
    """Whether pandas takes labels for sorted by their categories' codes, of which that of none is the least.

    That is where it is asked to put these elsewhere: then it leaves them where they are.
    """
    found = category_codes(level) if ascending is last else None
    if found is None or not found[2]:
        return False
    (codes,) = compute([found[0]])
    steps = np.diff(codes.astype(np.int64))
    return bool((steps >= 0).all() if ascending else (steps <= 0).all())


def _by_levels(
    labels: RowLabels, numbers: list[int] | None, ascending: Any, last: bool, remaining: bool
) -> _Order | None:
    """The order of labels of several levels: of ``numbers``, and then of all others if they ``remain``."""
    from lazyframe.record.level_order import keeps_levels, levels_in_order  # not with every sort

    every = range(len(labels.names))
    first = list(every) if numbers is None else numbers
    ways = _ways(ascending, len(first))
    known = labels.known() if numbers is None else None
    if ways is None or not keeps_levels(labels):
        return None
    if known is not None and len(set(ways)) == 1 and _is_sorted(known, ways[0]):
        return None
    by = list(first)
    if numbers is not None and remaining and not isinstance(ascending, list):
        by += [k for k in every if k not in first]
        ways = [ascending] * len(by)
    columns = levels_in_order(labels, by, ways, last)
    return None if columns is None else (columns, ways)


def _keyed_labels(known: pandas.Index | None, key: Any) -> pandas.Index | None:
    """What ``key`` makes of labels of one level; None where pandas has to ask it."""
    if known is None:
        return None
    made = key(known.view())
    fits = isinstance(made, pandas.Index) and made.nlevels == 1 and len(made) == len(known)
    return made.view() if fits else None


def _is_sorted(index: pandas.Index, ascending: bool) -> bool:
    return bool(index.is_monotonic_increasing if ascending else index.is_monotonic_decreasing)


def _series_data(self: Any) -> Column | None:
    column = column_of(self)
    return None if column is None else Column(column.value, column.labels, self._name)


def _extreme_rows(data: Any, by: Value, count: Any, keep: Any, largest: bool) -> Any:
    by = points_of(by)
    if not _are_extremes(count, keep) or by.dtype.kind not in "biufmM":
        return NotImplemented
    columns, ways = [by], [not largest]
    # of fewer rows pandas takes all, the first of equal ones first, and it has its own order of NaN
    length = None if keep == "first" else length_of(data.rows)
    fewer = length is not None and count < length
    if keep == "last" and fewer and by.dtype.kind in "biu":
        columns, ways = [by, RowNumber(data.rows)], [not largest, False]
    elif keep == "all" and fewer and by.dtype.kind in "iuf" and not holds_missing(by):
        return _all_extreme_rows(data, by, count, largest)
    elif keep != "first":
        return _extremes_by_pandas(data, [by], count, keep, largest)
    what = "nlargest" if largest else "nsmallest"
    return _lazy(_first_sorted(data, sort_rows(data, columns, ways, what=what), count))


def _are_extremes(count: Any, keep: Any) -> bool:
    return type(count) is int and count > 0 and keep in ("first", "last", "all")


def _extremes_by_pandas(data: Any, by: list[Value], count: int, keep: str, largest: bool) -> Any:
    """The rows that pandas finds by the keys alone; all other columns wait."""
    keys = pandas.DataFrame(dict(enumerate(compute(by))), copy=False)
    what = "nlargest" if largest else "nsmallest"
    found = getattr(keys, what)(count, list(keys), keep=keep).index
    return _lazy(gather_rows(data, bind_array(found.to_numpy(), "positions"), what))


def _first_sorted(data: Any, made: Any, count: int) -> Any:
    """The first rows of sorted ones, whose labels pandas takes of those of all rows in one step."""
    if made is None:
        return None
    part = slice_rows(made, None, count, None)
    labels = data.labels.gather(Take(Position(made.rows, 0), part.rows))
    return Column(part.value, labels, part.name) if isinstance(part, Column) else part.derived(labels=labels)


def _all_extreme_rows(data: Any, by: Value, count: int, largest: bool) -> Any:
    """The rows that are as large as the ``count`` largest, which may be more; none is missing."""
    most = sort_rows(Column(by, default_labels(data.rows)), [by], [not largest])
    assert most is not None
    (ends,) = compute([slice_rows(most, None, count, None).value])
    name = "greater_equal" if largest else "less_equal"
    there = apply(name, by, Literal(ends[-1], by.dtype), dtype=BOOL)
    part = filter_rows(data, there)
    found = Take(by, part.rows)
    return _lazy(sort_rows(part, [found], [not largest], what="nlargest" if largest else "nsmallest"))


def _extreme_by_several(table: Table, by: list[Value], count: Any, keep: Any, largest: bool) -> Any:
    """The same by columns of which one decides where those before are equal."""
    by = [points_of(column) for column in by]
    if not _are_extremes(count, keep) or any(column.dtype.kind not in "biufmM" for column in by):
        return NotImplemented
    if keep != "first" or any(column.dtype.kind not in "iuf" or holds_missing(column) for column in by):
        # pandas drops NaN of one column before it looks at the next
        return _extremes_by_pandas(table, by, count, keep, largest)
    what = "nlargest" if largest else "nsmallest"
    made = sort_rows(table, by, [not largest] * len(by), what=what)
    return _lazy(_first_sorted(table, made, count))


def _extreme_frame(largest: bool) -> Callable[..., Any]:
    def record(self: Any, n: Any, columns: Any, keep: Any = "first") -> Any:
        labels = columns if isinstance(columns, list) else [columns]
        table = table_of(self)
        positions = None if table is None else positions_of(table, labels)
        if table is None or not positions:
            return NotImplemented
        if len(labels) == 1:
            return _extreme_rows(table, table.value(positions[0]), n, keep, largest)
        if not set(labels).isdisjoint(table.labels.names):
            return NotImplemented  # pandas does not know which is meant
        return _extreme_by_several(table, [table.value(p) for p in positions], n, keep, largest)

    return record


def _extreme_series(largest: bool) -> Callable[..., Any]:
    def record(self: Any, n: Any = 5, keep: Any = "first") -> Any:
        data = _series_data(self)
        return NotImplemented if data is None else _extreme_rows(data, data.value, n, keep, largest)

    return record


def _argsort(self: Any, axis: Any = 0, kind: Any = "quicksort", order: Any = None, stable: Any = None) -> Any:
    column = column_of(self) if axis in (0, -1, "index") and _is_plain(0, kind, "last", False) else None
    if column is None:
        return NotImplemented
    key = sort_key(column.value, missing_first=False)
    if key is None:
        return NotImplemented
    (positions,) = compute([Position(Sort(column.rows, (key,), (True,)), 0)])
    return series_of(over(positions, column.rows), column, self._name, "argsort")


class SortingFrame:
    """Mixin of the frame."""

    sort_values = overriding(DataFrame.sort_values, _sort_frame)
    sort_index = overriding(DataFrame.sort_index, _sort_index(table_of))
    nlargest = overriding(DataFrame.nlargest, _extreme_frame(True))
    nsmallest = overriding(DataFrame.nsmallest, _extreme_frame(False))


class SortingSeries:
    """Mixin of the series."""

    sort_values = overriding(Series.sort_values, _sort_series)
    sort_index = overriding(Series.sort_index, _sort_index(_series_data))
    argsort = overriding(Series.argsort, _argsort)
    nlargest = overriding(Series.nlargest, _extreme_series(True))
    nsmallest = overriding(Series.nsmallest, _extreme_series(False))


MIXINS = {"DataFrame": SortingFrame, "Series": SortingSeries}
