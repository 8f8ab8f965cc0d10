"""The methods of a series and a frame that look at rows before or behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas
from pandas import CategoricalDtype
from pandas.api.types import is_numeric_dtype

from lazyframe.api.fallbacks import laying_out
from lazyframe.api.recording import (
    column_of,
    is_held_by_pandas,
    lazy_frame,
    overriding,
    series_of,
    table_of,
)
from lazyframe.api.recording_frame import columnwise
from lazyframe.api.rolling import expanding_of, rolling_of
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.origin import stamp
from lazyframe.record.rank_in_rows import MOST_RANKED, rank_in_rows
from lazyframe.record.row_counts import has_rows
from lazyframe.record.selection import pick_columns
from lazyframe.record.table import Column, Table
from lazyframe.record.windows import accumulate, diff, fill, rank, shift
from passes.ir.type_rules import RANK_METHODS

DataFrame = pandas.DataFrame
Series = pandas.Series
NOTHING: Any = pandas.api.extensions.no_default


def _each(self: Any, function: Any, what: str) -> Any:
    """The series, or frame, of a function of each column."""
    if isinstance(self, DataFrame):
        return columnwise(table_of(self), function, what)
    mine = column_of(self)
    return NotImplemented if mine is None else series_of(function(mine.value), mine, self._name, what)


def _whole(periods: Any) -> Any:
    return int(periods) if isinstance(periods, np.integer) else periods


def _has_values(frame: Any) -> bool:
    table = table_of(frame)
    return table is not None and len(table) > 0 and has_rows(table.rows)


def _shift(
    self: Any,
    periods: Any = 1,
    freq: Any = None,
    axis: Any = 0,
    fill_value: Any = NOTHING,
    suffix: Any = None,
) -> Any:
    if freq is not None or axis not in (0, "index"):
        return NotImplemented
    if isinstance(self, DataFrame) and not _has_values(self):
        return NotImplemented  # pandas gives a frame without values back as it is
    filled = fill_value is not NOTHING
    if isinstance(periods, (list, tuple, range)):
        return _shift_by_each(self, periods, suffix, lambda column, k: shift(column, k, fill_value, filled))
    if suffix:
        return NotImplemented
    if isinstance(self, Series) and is_held_by_pandas(self):
        with laying_out():  # pandas moves what is in memory at once, and nothing is copied again
            return Series.shift(self, periods, fill_value=fill_value)
    return _each(self, lambda column: shift(column, _whole(periods), fill_value, filled), "shift")


def _shift_by_each(self: Any, periods: Sequence[Any], suffix: Any, shifted: Any) -> Any:
    """Columns shifted by the first of several periods, and behind them the same by the next."""
    mine = table_of(self) if isinstance(self, DataFrame) else column_of(self)
    if mine is None or not has_rows(mine.rows):
        return NotImplemented
    empty: Any = Series([], dtype=float, name=self._name) if isinstance(mine, Column) else None
    labels = mine.columns if isinstance(mine, Table) else empty.to_frame().columns
    # pandas itself labels the columns of a row, and raises where it has to
    row: Any = DataFrame([[0.0] * len(labels)], columns=labels)
    made = row.shift(list(periods), suffix=suffix)
    columns = mine.values() if isinstance(mine, Table) else [mine.value]
    values = [shifted(column, _whole(k)) for k in periods for column in columns]
    if None in values:
        return NotImplemented
    return lazy_frame(Table(mine.rows, ColumnLabels(made.columns), mine.labels, values))


def _diff(self: Any, periods: Any = 1) -> Any:
    return _each(self, lambda column: diff(column, _whole(periods)), "diff")


def _diff_of_frame(self: Any, periods: Any = 1, axis: Any = 0) -> Any:
    return _diff(self, periods) if axis in (0, "index") else NotImplemented


def _accumulating(name: str) -> Any:
    def record(self: Any, axis: Any = 0, skipna: Any = True) -> Any:
        if axis not in (0, "index", None):
            return NotImplemented
        if isinstance(self, Series) and "_mgr" in self.__dict__ and isinstance(self.dtype, CategoricalDtype):
            with laying_out():  # pandas has the codes at hand, and nothing is copied again
                return getattr(Series, name)(self, skipna=skipna)
        return _each(self, lambda column: accumulate(name, column, skipna), name)

    return record


def _rank(
    self: Any,
    axis: Any = 0,
    method: Any = "average",
    numeric_only: Any = False,
    na_option: Any = "keep",
    ascending: Any = True,
    pct: Any = False,
) -> Any:
    if numeric_only is True and isinstance(self, DataFrame):
        table = table_of(self)
        numbers = [] if table is None else [k for k, one in enumerate(table.dtypes) if is_numeric_dtype(one)]
        if table is None or not numbers:
            return NotImplemented
        return _rank(lazy_frame(pick_columns(table, numbers)), axis, method, False, na_option, ascending, pct)
    if numeric_only is not False:
        return NotImplemented
    if not isinstance(na_option, str) or na_option not in ("keep", "top", "bottom"):
        return NotImplemented
    if not isinstance(method, str) or method not in RANK_METHODS or type(ascending) is not bool:
        return NotImplemented
    if type(pct) is not bool or (isinstance(self, DataFrame) and not _has_values(self)):
        return NotImplemented
    if axis not in (0, "index"):
        return _rank_across(self, axis, method, na_option, ascending, pct)
    return _each(self, lambda column: rank(column, method, ascending, pct, na_option), "rank")


def _rank_across(self: Any, axis: Any, method: str, na_option: str, ascending: bool, pct: bool) -> Any:
    """The places of values among those of their rows."""
    table = table_of(self) if axis in (1, "columns") and isinstance(self, DataFrame) else None
    if table is None or not 1 < len(table.dtypes) <= MOST_RANKED:
        return NotImplemented
    if any(dtype.kind not in "iuf" for dtype in table.dtypes):
        return NotImplemented
    if na_option != "keep" and any(dtype.kind == "f" for dtype in table.dtypes):
        return NotImplemented
    values = rank_in_rows(table.values(), method, ascending, pct)
    for value in values:
        stamp(value, "rank")
    return lazy_frame(table.derived(values))


def _rolling(self: Any, window: Any, min_periods: Any = None) -> Any:
    if type(window) is not int or window < 1:
        return NotImplemented
    if not (min_periods is None or (type(min_periods) is int and 0 <= min_periods <= window)):
        return NotImplemented
    return rolling_of(self, window, min_periods)


def _expanding(self: Any, min_periods: Any = 1) -> Any:
    if type(min_periods) is not int or min_periods < 0:
        return NotImplemented
    return expanding_of(self, min_periods)


def _filling(how: str) -> Any:
    def record(self: Any, *, axis: Any = None, limit: Any = None, limit_area: Any = None) -> Any:
        if axis not in (None, 0, "index") or limit_area is not None or not _is_limit(limit):
            return NotImplemented
        if isinstance(self, DataFrame) and not _has_values(self):
            return NotImplemented
        return _each(self, lambda column: fill(column, how, limit), how.replace("_", " "))

    return record


def _is_limit(limit: Any) -> bool:
    return limit is None or (type(limit) is int and limit > 0)


def _interpolate(self: Any, method: Any = "linear", *, axis: Any = 0, limit: Any = None) -> Any:
    if method != "linear" or axis not in (0, "index") or not _is_limit(limit):
        return NotImplemented
    if isinstance(self, DataFrame) and not _has_values(self):
        return NotImplemented
    return _each(self, lambda column: fill(column, "interpolate", limit), "interpolate")


class WindowsOfSeries:
    """Mixin: shifts, differences and running totals of a series."""

    rolling = overriding(Series.rolling, _rolling)
    expanding = overriding(Series.expanding, _expanding)
    ffill = overriding(Series.ffill, _filling("fill_forward"))
    bfill = overriding(Series.bfill, _filling("fill_backward"))
    interpolate = overriding(Series.interpolate, _interpolate)
    shift = overriding(Series.shift, _shift)
    diff = overriding(Series.diff, _diff)
    rank = overriding(Series.rank, _rank)
    cumsum = overriding(Series.cumsum, _accumulating("cumsum"))
    cumprod = overriding(Series.cumprod, _accumulating("cumprod"))
    cummax = overriding(Series.cummax, _accumulating("cummax"))
    cummin = overriding(Series.cummin, _accumulating("cummin"))


class WindowsOfFrame:
    """Mixin: the same, of each column of a frame."""

    rolling = overriding(DataFrame.rolling, _rolling)
    expanding = overriding(DataFrame.expanding, _expanding)
    ffill = overriding(DataFrame.ffill, _filling("fill_forward"))
    bfill = overriding(DataFrame.bfill, _filling("fill_backward"))
    interpolate = overriding(DataFrame.interpolate, _interpolate)
    shift = overriding(DataFrame.shift, _shift)
    diff = overriding(DataFrame.diff, _diff_of_frame)
    rank = overriding(DataFrame.rank, _rank)
    cumsum = overriding(DataFrame.cumsum, _accumulating("cumsum"))
    cumprod = overriding(DataFrame.cumprod, _accumulating("cumprod"))
    cummax = overriding(DataFrame.cummax, _accumulating("cummax"))
    cummin = overriding(DataFrame.cummin, _accumulating("cummin"))


MIXINS = {"DataFrame": WindowsOfFrame, "Series": WindowsOfSeries}
