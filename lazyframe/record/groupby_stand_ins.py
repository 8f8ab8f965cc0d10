"""Stand-ins for a group's rows, which record what a function does with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas

from lazyframe.record import groupby_rows, strings
from lazyframe.record.date_parts import INT32
from lazyframe.record.dictionaries import string_dtype_of
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    INT64,
    apply,
    both,
    cast,
    literal,
    negate,
    select,
)
from lazyframe.record.groupby import Options
from lazyframe.record.groupby_correlation import both_vary, correlation, covariance
from lazyframe.record.groupby_parts import Chosen, Counts, Mode, Places, Sized, Window
from lazyframe.record.groupby_traced import DTYPES, Number, Rows, Traced, found
from lazyframe.record.groupby_traced_times import Dates, mean_of_lengths
from lazyframe.record.groupby_ways import Notes, Untraceable
from lazyframe.record.groupby_whole import WholeGroups
from lazyframe.record.missing import holds_infinities, isna, round_half_even
from lazyframe.record.reductions import Grouped, count_rows
from passes.ir.type_rules import rolling
from passes.ir.values import OPAQUE, Map, Value, WithinGroup

REDUCTIONS = frozenset({"sum", "mean", "min", "max", "count", "median", "nunique", "any", "all", "prod"})
"""Methods of a series that give a number, and give what the group-by of that name gives."""

_METHODS: dict[str, np.ufunc] = {
    "add": np.add, "sub": np.subtract, "subtract": np.subtract, "mul": np.multiply, "multiply": np.multiply,
    "div": np.true_divide, "divide": np.true_divide, "truediv": np.true_divide, "lt": np.less,
    "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal,
}  # fmt: skip
"""Methods of a series that are operators."""

_OF_ROWS = frozenset({"head", "tail", "nlargest", "nsmallest", "sort_values", "idxmax", "idxmin"})
"""Methods of a series that give rows of it, or the label of one: `lazyframe.record.groupby_choices`."""

_LEAST_SPREAD = 1e-6
"""A deviation of no more than this part of the mean may be rounding, or is mostly."""

_MOST_LISTED = 16


class Series(Rows):
    """The group's rows of a series."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name in _METHODS:
            return lambda other: self.combine(_METHODS[name], other, swapped=False)
        if name in _OF_ROWS:
            from lazyframe.record.groupby_choices import ColumnChoice

            return getattr(ColumnChoice(self), name)
        if name not in REDUCTIONS:
            raise Untraceable
        if name == "mean" and self.value.dtype.kind == "m":
            return self._mean_of_lengths
        return lambda: self.reduced(name)

    def _mean_of_lengths(self) -> Number:
        mean, large = mean_of_lengths(self.by, self.value)
        self.borders.append(large)
        return Number(self.by, mean, self.borders, exact=True)

    @property
    def dt(self) -> Dates:
        """``series.dt`` of times."""
        if self.value.dtype.kind not in "mM":
            raise Untraceable
        return Dates(self)

    def __getitem__(self, mask: Any) -> Any:
        return Chosen(self, mask)

    def spread_of(self, name: str, ddof: Any = 1) -> Number:
        """``std``, ``var`` or ``sem``."""
        if type(ddof) is not int or self.value.dtype == BOOL:
            raise Untraceable
        number = self.reduced(name, Options(ddof=ddof))
        deviation, mean = self.reduced("std").value, self.reduced("mean").value
        least = found(np.multiply, found(np.absolute, mean), _LEAST_SPREAD)
        self.borders.append(found(np.less_equal, deviation, least))
        return number

    def std(self, ddof: Any = 1) -> Number:
        """``series.std(ddof=...)``."""
        return self.spread_of("std", ddof)

    def var(self, ddof: Any = 1) -> Number:
        """``series.var(ddof=...)``."""
        return self.spread_of("var", ddof)

    def sem(self, ddof: Any = 1) -> Number:
        """``series.sem(ddof=...)``."""
        return self.spread_of("sem", ddof)

    def quantile(self, q: Any = 0.5) -> Number:
        """``series.quantile(q)``."""
        if type(q) not in (int, float) or not 0 <= q <= 1 or self.value.dtype.kind not in "iuf":
            raise Untraceable
        if self.value.dtype.kind == "f" and (self.value.dtype != FLOAT64 or not self.exact):
            raise Untraceable
        result = WithinGroup("quantile_of_values", self.value, self.by.group, FLOAT64, float(q))
        return Number(self.by, result, self.borders, exact=True)

    def isna(self) -> Series:
        """``series.isna()``."""
        return self.of_rows(isna(self.value))

    def notna(self) -> Series:
        """``series.notna()``."""
        missing = isna(self.value)
        return self.of_rows(None if missing is None else negate(missing))

    isnull, notnull = isna, notna

    def dropna(self) -> Chosen:
        """``series.dropna()``."""
        return Chosen(self, self.notna())

    def isin(self, values: Any) -> Series:
        """``series.isin([...])``."""
        if type(values) not in (list, tuple) or len(values) > _MOST_LISTED:
            raise Untraceable
        if self.value.dtype == OPAQUE:
            plain = string_dtype_of(self.value) is not None and all(type(value) is str for value in values)
            return self.of_rows(strings.isin(self.value, values) if plain else None)
        kinds = {INT64: (int,), INT32: (int,), FLOAT64: (int, float)}.get(self.value.dtype, ())
        if not values or any(type(v) not in kinds or v != v or abs(v) > 1 << 53 for v in values):
            raise Untraceable
        masks = [self.combine(np.equal, value, swapped=False) for value in values]
        result = masks[0]
        for mask in masks[1:]:
            result = result | mask
        assert isinstance(result, Series)
        return result

    def between(self, left: Any, right: Any) -> Traced:
        """``series.between(left, right)``."""
        both: Traced = (self >= left) & (self <= right)
        return both

    def where(self, condition: Any, other: Any = np.nan) -> Series:
        """``series.where(condition, other)`` with a number of the column's kind."""
        return self._chosen(condition, other, keep=True)

    def mask(self, condition: Any, other: Any = np.nan) -> Series:
        """``series.mask(condition, other)``."""
        return self._chosen(condition, other, keep=False)

    def _chosen(self, condition: Any, other: Any, keep: bool) -> Series:
        plain = isinstance(condition, Rows) and condition.value.dtype == BOOL
        if not plain or (type(other), self.value.dtype) not in _PUT:
            raise Untraceable
        put = literal(self.value.dtype.type(other), self.value.dtype)
        yes, no = (self.value, put) if keep else (put, self.value)
        return Series(self.by, select(condition.value, yes, no), self.borders, self.exact)

    def clip(self, lower: Any = None, upper: Any = None) -> Series:
        """``series.clip(lower, upper)``."""
        bounds = [self._bound(bound) for bound in (lower, upper) if bound is not None]
        if self.value.dtype != FLOAT64 or not bounds:
            raise Untraceable
        exact = self.exact and all(bound.exact for bound in bounds)
        least = greatest = bounds[0].value
        if len(bounds) == 2:
            ends = bounds[0].value, bounds[1].value
            # pandas leaves out a bound that is missing, and minds the other
            self.borders += [apply("is_nan", end, dtype=BOOL) for end in ends if end.rows is not None]
            least, greatest = found(np.minimum, *ends), found(np.maximum, *ends)
        result = self.value
        if lower is not None:
            result = select(apply("less", self.value, least, dtype=BOOL), least, result)
        if upper is not None:
            result = select(apply("greater", self.value, greatest, dtype=BOOL), greatest, result)
        return Series(self.by, result, self.borders, exact)

    def _bound(self, bound: Any) -> Traced:
        if isinstance(bound, Number) and bound.value.dtype in (INT64, FLOAT64):
            return Series(self.by, cast(bound.spread(), FLOAT64), self.borders, bound.exact)
        if type(bound) not in (int, float) or bound != bound:
            raise Untraceable
        return Series(self.by, literal(float(bound), FLOAT64), self.borders, exact=True)

    def round(self, decimals: Any = 0) -> Series:
        """``series.round(decimals)``."""
        if not self.exact or self.value.dtype == OPAQUE:
            raise Untraceable
        return self.of_rows(round_half_even(self.value, decimals))

    def corr(self, other: Any) -> Number:
        """``series.corr(other)`` of two columns of the group's rows."""
        self._need_pair(other)
        varies = both_vary(self.by, self.value, other.value)
        self.borders.append(negate(varies))  # NumPy divides what rounding leaves by itself
        return Number(self.by, correlation(self.by, self.value, other.value), self.borders, exact=False)

    def cov(self, other: Any) -> Number:
        """``series.cov(other)``."""
        self._need_pair(other)
        return Number(self.by, covariance(self.by, self.value, other.value), self.borders, exact=False)

    def _need_pair(self, other: Any) -> None:
        if not isinstance(other, Rows) or any(v.dtype.kind not in "iuf" for v in (self.value, other.value)):
            raise Untraceable
        if holds_infinities(self.value) or holds_infinities(other.value):
            raise Untraceable

    def average(self, weights: Any) -> Number:
        """``numpy.average(series, weights=weights)``: it skips nothing, and divides by no zero."""
        pair = (self, weights)
        if not isinstance(weights, Rows) or not {v.value.dtype for v in pair} <= {INT64, FLOAT64}:
            raise Untraceable
        column, weight = (cast(v.value, FLOAT64) for v in pair)
        total = _sum_of_all(self.by, weight)
        self.borders.append(apply("equal", total, literal(0.0, FLOAT64), dtype=BOOL))
        weighted = _sum_of_all(self.by, found(np.multiply, column, weight))
        return Number(self.by, found(np.true_divide, weighted, total), self.borders, exact=False)

    def fillna(self, value: Any) -> Series:
        """``series.fillna(value)`` with a number, or one for each group."""
        if self.value.dtype != FLOAT64 or not isinstance(value, (Number, int, float)):
            raise Untraceable
        put = value.spread() if isinstance(value, Number) else literal(float(value), FLOAT64)
        if put.dtype.kind == "b":
            raise Untraceable
        missing = apply("is_nan", self.value, dtype=BOOL)
        exact = self.exact and (not isinstance(value, Number) or value.exact)
        return Series(self.by, select(missing, cast(put, FLOAT64), self.value), self.borders, exact)

    def abs(self) -> Traced:
        """``series.abs()``."""
        return self.of_each(np.absolute)

    def shift(self, periods: Any = 1) -> Series:
        """``series.shift(periods)``."""
        return self._looking_back("shift", periods)

    def diff(self, periods: Any = 1) -> Series:
        """``series.diff(periods)``."""
        return self._looking_back("diff", periods)

    def pct_change(self, periods: Any = 1) -> Series:
        """``series.pct_change(periods)``."""
        return self._looking_back("pct_change", periods)

    def ffill(self) -> Series:
        """``series.ffill()``."""
        return self._filled(forward=True)

    def bfill(self) -> Series:
        """``series.bfill()``."""
        return self._filled(forward=False)

    def _filled(self, forward: bool) -> Series:
        if self.value.dtype.kind == "b":
            raise Untraceable
        return self.of_rows(groupby_rows.filled(self._groups(), self.value, forward), opaque=True)

    def rank(self, method: Any = "average", ascending: Any = True, pct: Any = False) -> Series:
        """``series.rank()``."""
        if method not in groupby_rows.RANKS or not type(ascending) is type(pct) is bool or not self.exact:
            raise Untraceable
        return self.of_rows(groupby_rows.rank(self._groups(), self.value, method, ascending, pct))

    def cummax(self) -> Series:
        """``series.cummax()``."""
        return self._extreme_so_far("cummax")

    def cummin(self) -> Series:
        """``series.cummin()``."""
        return self._extreme_so_far("cummin")

    def _extreme_so_far(self, name: str) -> Series:
        result = groupby_rows.cumulative(self._groups(), self.value, name)
        if result is not None and result.dtype == FLOAT64:
            # which of two zeros is kept, NumPy and pandas' group-by do not agree on
            equal = apply("equal", result, self.value, dtype=BOOL)
            bits = [Map("reinterpret", (value,), INT64) for value in (result, self.value)]
            self.borders.append(both(equal, apply("not_equal", *bits, dtype=BOOL)))
        return self.of_rows(result)

    def cumsum(self) -> Series:
        """``series.cumsum()`` of integers: floats pandas adds up in two ways, of a series and of groups."""
        if self.value.dtype != INT64:
            raise Untraceable
        return self.of_rows(groupby_rows.cumulative(self._groups(), self.value, "cumsum"))

    def rolling(self, window: Any, min_periods: Any = None) -> Window:
        """``series.rolling(window)``."""
        least = window if min_periods is None else min_periods
        if type(window) is not int or window < 1 or type(least) is not int or not 0 <= least <= window:
            raise Untraceable
        return Window(self, lambda name: rolling(name, window, min_periods))

    def expanding(self, min_periods: Any = 1) -> Window:
        """``series.expanding()``."""
        if type(min_periods) is not int or min_periods < 0:
            raise Untraceable
        return Window(self, lambda name: f"expanding_{name}_{min_periods}")

    @property
    def iloc(self) -> Places:
        """``series.iloc``."""
        return Places(self)

    @property
    def values(self) -> Places:
        """``series.values``, of numbers."""
        if self.value.dtype not in DTYPES:
            raise Untraceable
        return Places(self)

    def astype(self, dtype: Any) -> Series:
        """``series.astype(float)``, or ``int`` of what has no other numbers."""
        from lazyframe.record.groupby_functions import BUILTINS

        if self.value.dtype in DTYPES and dtype in (BUILTINS["float"], "float", "float64"):
            return self.of_rows(cast(self.value, FLOAT64))
        if self.value.dtype in (BOOL, INT64) and dtype in (BUILTINS["int"], "int", "int64"):
            return self.of_rows(cast(self.value, INT64))
        raise Untraceable

    def value_counts(self) -> Counts:
        """``series.value_counts()``, of which the first is known."""
        return Counts(self)

    def mode(self) -> Mode:
        """``series.mode()``, of which the first is known."""
        return Mode(self)

    def unique(self) -> Sized:
        """``series.unique()``, of which the length is known."""
        missing = cast(self.isna().reduced("any").value, INT64)
        return Sized(self.reduced("nunique") + Number(self.by, missing, self.borders, exact=True))

    def _looking_back(self, name: str, periods: Any) -> Series:
        if type(periods) is not int or periods == 0 or self.value.dtype == BOOL:
            raise Untraceable
        return self.of_rows(groupby_rows.shifted(self._groups(), self.value, name, periods))

    def _groups(self) -> WholeGroups:
        return WholeGroups(self.by.group, None)


_PUT = frozenset({(int, INT64), (int, FLOAT64), (float, FLOAT64)})
"""The types of numbers, and the dtypes of columns, that one is put into as it is."""


def _sum_of_all(by: Grouped, column: Value) -> Value:
    """The sum in float64, NaN if one is."""
    summed = by.reduce("sum", column, FLOAT64)
    return found(np.add, summed, 0.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """The group's rows of a frame, all or those where a mask is true."""

    _by: Grouped
    _column: Callable[[Any], Value | None]
    borders: Notes
    _mask: Rows | None = None

    def length(self) -> Number:
        """``len(frame)``."""
        if self._mask is not None:
            return self._mask.reduced("sum")
        return Number(self._by, count_rows(self._by), self.borders, exact=True)

    @property
    def shape(self) -> tuple[Number]:
        """``frame.shape``, of which the first is known."""
        return (self.length(),)

    def __bool__(self) -> bool:
        raise Untraceable

    def __getitem__(self, label: Any) -> Any:
        if isinstance(label, Rows):
            if self._mask is not None or label.value.dtype != BOOL:
                raise Untraceable
            return Frame(self._by, self._column, self.borders, label)
        value = self._column(label) if isinstance(label, str) else None
        if value is None:
            raise Untraceable
        rows = Series(self._by, value, self.borders, exact=True)
        return rows if self._mask is None else Chosen(rows, self._mask)

    @property
    def loc(self) -> Located:
        """``frame.loc``, of a mask and a column."""
        return Located(self)

    def __getattr__(self, name: str) -> Any:
        if hasattr(pandas.DataFrame, name):
            raise Untraceable
        return self[name]


@dataclass(frozen=True, slots=True)
class Located:
    """``frame.loc``: rows where a mask is true, and of these perhaps a column."""

    _of: Frame

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, Rows):
            return self._of[key]
        if type(key) is not tuple or len(key) != 2 or not isinstance(key[0], Rows) or type(key[1]) is not str:
            raise Untraceable
        return self._of[key[0]][key[1]]
