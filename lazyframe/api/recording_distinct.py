"""``duplicated``, ``drop_duplicates``, ``unique`` and what counts distinct values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.dear import STAND_INS
from lazyframe.api.fallbacks import laying_out
from lazyframe.api.recording import (
    column_of,
    lazy_frame,
    lazy_series,
    overriding,
    series_made_later,
    series_of,
    table_of,
)
from lazyframe.api.recording_reductions import (
    compute_with_labels,
    numeric_columns,
    our_series,
)
from lazyframe.api.wrap import unwrap, wrap, wrapping
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.categories import category_entries
from lazyframe.record.computing import compute, compute_own
from lazyframe.record.dictionaries import ENCODING, is_worth_encoding, string_dtype_of, text_codes_of
from lazyframe.record.distinct import (
    COUNTING_OBJECTS,
    LISTING_OBJECTS,
    distinct_group,
    distinct_rows,
    first_of,
    is_duplicate,
)
from lazyframe.record.elementwise import INT64
from lazyframe.record.reductions import Grouped, count_rows
from lazyframe.record.row_counts import has_rows
from lazyframe.record.row_labels import length_of
from lazyframe.record.rowwise import (
    MOST_COMPARED,
    are_compared_in_rows,
    count_distinct_in_rows,
    distinct_in_rows,
)
from lazyframe.record.selection import positions_of
from lazyframe.record.table import Column, Table
from lazyframe.record.zoned_times import points_of, zone_dtype_of
from lazyframe.settings import current
from passes.ir.rows import Group
from passes.ir.values import OPAQUE, Gather, GroupNumber, Key, Read, Value

DataFrame: Any = pandas.DataFrame
Series: Any = pandas.Series


def _is_known(keep: Any) -> bool:
    return keep is False or (isinstance(keep, str) and keep in ("first", "last"))


def _compared(table: Table, subset: Any) -> list[Value] | None:
    """The columns that ``subset`` names; None where pandas has to look, or to raise."""
    index = table.current_columns().index()
    if index.nlevels > 1 or not index.is_unique or len(table) == 0:
        return None
    if subset is None:
        return table.values()
    positions = positions_of(table, list(subset) if isinstance(subset, (list, tuple)) else [subset])
    if not positions or isinstance(subset, tuple):
        return None
    return [table.value(position) for position in positions]


def _duplicated(self: Any, subset: Any = None, keep: Any = "first") -> Any:
    table = table_of(self) if _is_known(keep) else None
    by = None if table is None else _compared(table, subset)
    if table is None or by is None:
        return NotImplemented
    if not SINCE_3_1 and not has_rows(table.rows):
        return NotImplemented  # of no rows pandas leaves the index out
    duplicate = is_duplicate(by, keep)
    if duplicate is None:
        return NotImplemented
    return lazy_series(Column(duplicate, table.labels, None))


def _keeps_frequency(source: Table | Column) -> bool:
    """Whether pandas has its own rules for the frequency of the index when rows are dropped."""
    return not SINCE_3_1 and getattr(source.index, "freq", None) is not None


def _drop_duplicates(self: Any, subset: Any = None, *, keep: Any = "first", ignore_index: Any = False) -> Any:
    table = table_of(self) if _is_known(keep) and type(ignore_index) is bool else None
    by = None if table is None else _compared(table, subset)
    if table is None or by is None:
        return NotImplemented
    if ignore_index and not length_of(table.rows):
        return NotImplemented  # of no rows pandas keeps the index
    if _keeps_frequency(table):
        return NotImplemented
    left = distinct_rows(table, by, keep, ignore_index)
    return NotImplemented if left is None else lazy_frame(left)


def _duplicated_values(self: Any, keep: Any = "first") -> Any:
    column = column_of(self) if _is_known(keep) else None
    if column is None:
        return NotImplemented
    return series_of(is_duplicate([column.value], keep), column, self._name, "duplicated")


def _drop_duplicate_values(self: Any, *, keep: Any = "first", ignore_index: Any = False) -> Any:
    column = column_of(self) if _is_known(keep) and type(ignore_index) is bool else None
    if column is None:
        return NotImplemented
    if _keeps_frequency(column):
        return NotImplemented
    named = Column(column.value, column.labels, self._name)
    left = distinct_rows(named, [column.value], keep, ignore_index)
    return NotImplemented if left is None else lazy_series(left)


_LISTING, _COUNTING = 12, 22
"""Nanoseconds that pandas takes a row to list the distinct strings of a column, and to count each."""


def _distinct(self: Any, cost: int, of_objects: int) -> tuple[Group, Value, Any] | None:
    """Distinct values: a row each, their values, and what they stand for if these are codes, or the dtype.

    Of strings these are found where pandas has spent on them, with the ``cost`` of this, or that
    ``of_objects``, what codes would.
    """
    column = column_of(self)
    if column is None:
        return None
    value, entries = column.value, zone_dtype_of(column.value)
    if entries is not None:
        value = points_of(value)
    elif value.dtype == OPAQUE:
        found = category_entries(value)
        if found is None and is_worth_encoding(
            value, cost if string_dtype_of(value) is not None else of_objects
        ):
            found = text_codes_of(value)
        if found is None:
            return None
        value, entries = found.codes, found.entries
    group = distinct_group([value])
    if group is None:
        return None
    # of 0.0 and -0.0 the first is shown
    shown = Key(group, 0) if value.dtype.kind in "biu" else Gather(value, first_of(group))
    return group, shown, entries


def _as_pandas(values: np.ndarray, entries: Any) -> Any:
    if isinstance(entries, pandas.DatetimeTZDtype):
        return pandas.DatetimeIndex(values, tz="UTC").tz_convert(entries.tz).array
    if entries is not None:
        return entries.take(values)
    return pandas.array(values, copy=False) if values.dtype.kind in "mM" else values


def _value_counts(
    self: Any,
    normalize: Any = False,
    sort: Any = True,
    ascending: Any = False,
    bins: Any = None,
    dropna: Any = True,
) -> Any:
    flags = (normalize, sort, ascending, dropna)
    known = bins is None and all(type(flag) is bool for flag in flags)
    if known and _is_soonest_counted(self):
        with laying_out():
            return wrap(Series.value_counts(self, normalize, sort, ascending, dropna=dropna))
    found = _distinct(self, _COUNTING, COUNTING_OBJECTS) if known else None
    if found is None:
        return NotImplemented
    values, counts = _counted(found, dropna)
    if isinstance(values.dtype, pandas.CategoricalDtype):
        values, counts = _for_each_category(values, counts)
    index = pandas.Index(values, dtype=values.dtype, name=self._name, copy=False)
    result = Series(counts, index=index, name="proportion" if normalize else "count", copy=False)
    if sort:
        result = result.sort_values(ascending=ascending, kind="stable")
    return wrap(result / result.sum() if normalize else result)


def _is_soonest_counted(series: Any) -> bool:
    """Whether pandas counts codes that are in memory sooner than a computation begins."""
    if "_mgr" not in series.__dict__ or not isinstance(series.dtype, pandas.CategoricalDtype):
        return False
    return len(series) < _OFTEN * current().min_rows


_OFTEN = 5
"""So many times as many rows as are worth recording."""


def _counted(found: tuple[Group, Value, Any], dropna: bool) -> tuple[Any, np.ndarray]:
    group, shown, entries = found
    values, counts = compute_own([shown, count_rows(Grouped(group))])
    values = _as_pandas(values, entries)
    if dropna and values.dtype.kind not in "biu":
        present = ~pandas.isna(values)
        values, counts = values[present], counts[present]
    return values, counts


def _for_each_category(
    values: pandas.Categorical, counts: np.ndarray
) -> tuple[pandas.Categorical, np.ndarray]:
    """The counts of all categories, in their order, and of what is missing behind them if that is there."""
    every = np.zeros(len(values.categories) + 1, np.int64)
    every[values.codes] = counts  # a missing one is -1
    codes = np.arange(len(every))
    codes[-1] = -1
    if not (values.codes < 0).any():
        codes, every = codes[:-1], every[:-1]
    return pandas.Categorical.from_codes(codes, dtype=values.dtype), every


def _mode(self: Any, dropna: Any = True) -> Any:
    found = _distinct(self, _COUNTING, COUNTING_OBJECTS) if type(dropna) is bool else None
    if found is None:
        return NotImplemented
    values, counts = _counted(found, dropna)
    # of values that are there once each pandas says in which order these are
    most = values[counts == counts.max(initial=0)]
    return wrap(Series(most, dtype=values.dtype, name=self._name, copy=False).mode(dropna))


def _frame_mode(self: Any, axis: Any = 0, numeric_only: Any = False, dropna: Any = True) -> Any:
    table = table_of(self) if axis in (0, "index") and not numeric_only and type(dropna) is bool else None
    if table is None or not len(table) or not has_rows(table.rows):
        return NotImplemented
    columns = [lazy_series(Column(value, table.labels)) for value in table.values()]
    made = DataFrame({number: unwrap(column.mode(dropna)) for number, column in enumerate(columns)})
    made.columns = table.columns
    return wrap(made)


def _unique(self: Any) -> Any:
    found = _distinct(self, _LISTING, LISTING_OBJECTS)
    if found is None:
        return NotImplemented
    _, shown, entries = found
    (values,) = compute_own([shown])
    return _as_pandas(values, entries)


def _factorize(self: Any, sort: Any = False, use_na_sentinel: Any = True) -> Any:
    column = column_of(self)
    if column is None or type(sort) is not bool or type(use_na_sentinel) is not bool:
        return NotImplemented
    if isinstance(column.value, Read) and column.value.dtype != OPAQUE:  # pandas numbers what is in memory
        whole = Series(compute([column.value])[0], copy=False)
        return whole.factorize(sort=sort, use_na_sentinel=use_na_sentinel)
    found = _distinct(self, _LISTING, LISTING_OBJECTS)
    if found is None:
        return NotImplemented
    group, shown, entries = found
    numbers, values = compute_own([GroupNumber(group), shown])
    values = _as_pandas(values, entries)
    distinct = Series(values, dtype=values.dtype, copy=False)
    codes, uniques = distinct.factorize(sort=sort, use_na_sentinel=use_na_sentinel)
    return codes.take(numbers), uniques


def record_factorize(values: Any, sort: Any = False, use_na_sentinel: Any = True) -> Any:
    """``pandas.factorize(values, ...)`` of a long series."""
    return _factorize(values, sort, use_na_sentinel) if isinstance(values, Series) else NotImplemented


def _nunique(self: Any, dropna: Any = True) -> Any:
    found = _unique(self)
    if found is NotImplemented:
        return NotImplemented
    return len(found) - (int(pandas.isna(found).sum()) if dropna else 0)


def _frame_value_counts(
    self: Any,
    subset: Any = None,
    normalize: Any = False,
    sort: Any = True,
    ascending: Any = False,
    dropna: Any = True,
) -> Any:
    """Counted as groups, which pandas then lays out."""
    table = (
        table_of(self) if all(type(flag) is bool for flag in (normalize, sort, ascending, dropna)) else None
    )
    by = None if table is None or not length_of(table.rows) else _compared(table, subset)
    if by is None:
        return NotImplemented
    if subset is None:
        subset = self.columns.tolist()
    with laying_out():
        counts = _sizes(self, subset, dropna)
        if counts is None:
            return NotImplemented
        counts.name = "proportion" if normalize else "count"
        if sort:
            counts = counts.sort_values(ascending=ascending, kind="stable")
        if normalize:
            counts /= counts.sum()
        if isinstance(subset, list) and len(subset) == 1:
            counts.index = pandas.MultiIndex.from_arrays([counts.index], names=[counts.index.name])
        return wrap(counts)


def _sizes(self: Any, subset: Any, dropna: bool) -> pandas.Series | None:
    """How many rows there are for each combination, for those of categories that are not there too."""
    options = {"sort": False, "dropna": dropna, "observed": False}
    listed = subset if isinstance(subset, list) else [subset]
    if any(isinstance(self[label].dtype, pandas.CategoricalDtype) for label in listed) and len(listed) > 1:
        from lazyframe.api.groupby_combinations import count_combinations

        by = self.groupby(subset, sort=False, observed=True)
        known = hasattr(by, "_grouped")
        counted = count_combinations(by._grouped.grouping.keys, "value_counts") if known else None
        if counted is None:
            return None
        counts = counted.counts.groupby([column for _, column in counted.rows.items()], **options).sum()
        counts.index.names = listed
        return counts
    grouped = self.groupby(subset, **options)
    return unwrap(grouped.size()) if hasattr(grouped, "_grouped") else None


def _distinct_in_rows(self: Any, dropna: bool) -> Any:
    table = table_of(self)
    if table is None or not numeric_columns(table, False) or not has_rows(table.rows):
        return NotImplemented
    columns = table.values()
    if not are_compared_in_rows(columns):
        return NotImplemented
    if len(columns) > MOST_COMPARED:
        arrays, index = compute_with_labels(columns, table.labels)
        return our_series(count_distinct_in_rows(arrays, dropna), index=index, copy=False)
    return series_made_later(INT64, lambda: distinct_in_rows(columns, dropna), table, None, "nunique")


def record_frame_nunique(self: Any, axis: Any = 0, dropna: Any = True) -> Any:
    """``frame.nunique(axis, dropna)``."""
    if axis in (1, "columns") and type(dropna) is bool:
        return _distinct_in_rows(self, dropna)
    table = table_of(self) if axis in (0, "index") and type(dropna) is bool else None
    if table is None or not len(table) or not has_rows(table.rows):
        return NotImplemented
    columns = [lazy_series(Column(value, table.labels)) for value in table.values()]
    found = [
        _distinct(column, ENCODING, LISTING_OBJECTS) for column in columns
    ]  # the other columns gain more
    if None in found:
        return NotImplemented
    shown = compute([distinct[1] for distinct in found])  # type: ignore[index]  # none is None
    counts = []
    for (_, _, entries), values in zip(found, shown, strict=True):  # type: ignore[misc]
        values = _as_pandas(values, entries)
        counts.append(len(values) - (int(pandas.isna(values).sum()) if dropna else 0))
    return wrap(Series(counts, index=table.columns, dtype=np.int64))


class DistinctFrame:
    """Mixin of the frame."""

    value_counts = overriding(wrapping(DataFrame.value_counts), _frame_value_counts)
    nunique = overriding(STAND_INS["DataFrame"]["nunique"], record_frame_nunique)

    mode = overriding(DataFrame.mode, _frame_mode)
    duplicated = overriding(DataFrame.duplicated, _duplicated)
    drop_duplicates = overriding(DataFrame.drop_duplicates, _drop_duplicates)


class DistinctSeries:
    """Mixin of the series."""

    duplicated = overriding(Series.duplicated, _duplicated_values)
    drop_duplicates = overriding(Series.drop_duplicates, _drop_duplicate_values)
    value_counts = overriding(wrapping(Series.value_counts), _value_counts)
    unique = overriding(Series.unique, _unique)
    nunique = overriding(Series.nunique, _nunique)
    mode = overriding(Series.mode, _mode)
    factorize = overriding(Series.factorize, _factorize)


MIXINS = {"DataFrame": DistinctFrame, "Series": DistinctSeries}
