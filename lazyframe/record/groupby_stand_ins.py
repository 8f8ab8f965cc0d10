"""Stand-ins for a group's rows, which record what a function does with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas

from lazyframe.record import groupby_rows, strings
from lazyframe.record.dictionaries import string_dtype_of
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    INT64,
    apply,
    call_ufunc,
    cast,
    literal,
    negate,
    select,
)
from lazyframe.record.groupby import Options, aggregate
from lazyframe.record.groupby_correlation import both_vary, correlation, covariance
from lazyframe.record.groupby_modes import least_of_most_frequent
from lazyframe.record.groupby_whole import WholeGroups
from lazyframe.record.missing import holds_infinities, isna, round_half_even
from lazyframe.record.reductions import Grouped, count_rows, highest
from passes.ir.type_rules import ROLLING
from passes.ir.values import OPAQUE, Gather, Value, WithinGroup

REDUCTIONS = frozenset({"sum", "mean", "min", "max", "count", "median", "nunique", "any", "all", "prod"})
"""Methods of a series that give a number, and give what the group-by of that name gives."""

EXACT = frozenset({"min", "max", "count", "median", "nunique", "any", "all", "size"})
"""Those that give the same to the last bit, of whatever columns."""

SPREADS = frozenset({"std", "var", "sem"})
"""The same of a spread, which is exactly zero here for equal values and may be next to it in pandas."""

_COMPARISONS = {
    np.less: "lt", np.less_equal: "le", np.greater: "gt", np.greater_equal: "ge", np.equal: "eq",
    np.not_equal: "ne",
}  # fmt: skip

_EXACT_UFUNCS = frozenset({np.sqrt, np.absolute, np.square})

_METHODS: dict[str, np.ufunc] = {
    "add": np.add, "sub": np.subtract, "subtract": np.subtract, "mul": np.multiply, "multiply": np.multiply,
    "div": np.true_divide, "divide": np.true_divide, "truediv": np.true_divide, "lt": np.less,
    "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal,
}  # fmt: skip
"""Methods of a series that are operators."""

_NEAR = 1e-9
"""Numbers that differ by no more than this part of them may differ by rounding."""

_NEAR_ROWS = 1e-12
"""Rows that differ from a number by no more than this part of the largest may be on either side of it."""

_LEAST_SPREAD = 1e-6
"""A deviation of no more than this part of the mean may be rounding, or is mostly."""

_MOST_LISTED = 16

_DTYPES = frozenset({BOOL, INT64, FLOAT64})
"""Series of other dtypes reduce to scalars of narrow types, which round on their own."""


class Untraceable(Exception):  # noqa: N818  # no error: pandas runs the function
    """The function does something that has no counterpart in the graph."""


def _operation(ufunc: np.ufunc, swapped: bool = False) -> Any:
    def compute(self: Traced, other: Any) -> Traced:
        return self.combine(ufunc, other, swapped)

    return compute


class Traced:
    """A value that a function computes: of each row, or of each group.

    Parameters
    ----------
    by : Grouped
        The groups.
    value : Value
        The value.
    borders : list of Value
        Grows: where one of these is true, rounding may decide what the function gives.
    exact : bool
        Whether pandas has the same bits.
    """

    __slots__ = ("borders", "by", "exact", "value")
    __hash__ = None  # type: ignore[assignment]  # nothing may look it up

    def __init__(self, by: Grouped, value: Value, borders: list[Value], exact: bool) -> None:
        self.by = by
        self.value = value
        self.borders = borders
        self.exact = exact

    def combine(self, ufunc: np.ufunc, other: Any, swapped: bool) -> Traced:
        """One operation with another value, or with a number."""
        if self.value.dtype == OPAQUE:
            return self._compare_text(ufunc, other)
        if ufunc in _COMPARISONS:
            self._note_border(other)
        mine: Any = self.value
        kind: type[Traced] = type(self)
        exact = self.exact
        if isinstance(other, Traced):
            theirs: Any = other.value
            exact = exact and other.exact
            if type(other) is not kind:
                mine, theirs, kind = self.spread(), other.spread(), Rows
        elif type(other) in (int, float):
            theirs = other
        else:
            raise Untraceable
        found = call_ufunc(ufunc, (theirs, mine) if swapped else (mine, theirs))
        if found is None or found.dtype not in _DTYPES:
            raise Untraceable
        return kind(self.by, found, self.borders, exact or ufunc in _COMPARISONS)

    def _compare_text(self, ufunc: np.ufunc, other: Any) -> Traced:
        if ufunc not in (np.equal, np.not_equal) or type(other) is not str or not isinstance(self, Rows):
            raise Untraceable
        known = string_dtype_of(self.value) is not None
        found = strings.compare(_COMPARISONS[ufunc], self.value, other) if known else None
        return self.of_rows(found)

    def _note_border(self, other: Any) -> None:
        """Note where a mean that differs in its last bit would be on the other side."""
        if self.exact and (not isinstance(other, Traced) or other.exact):
            return
        if isinstance(self, Rows) or isinstance(other, Rows):
            self._note_border_of_rows(other)
            return
        theirs = other.value if isinstance(other, Number) else other
        if self.value.dtype != FLOAT64 and (not isinstance(theirs, Value) or theirs.dtype != FLOAT64):
            return  # whole numbers are exact
        distance = call_ufunc(np.absolute, [found(np.subtract, self.value, theirs)])
        scale = found(np.absolute, found(np.multiply, self.value, _NEAR))
        assert distance is not None
        self.borders.append(found(np.less_equal, distance, scale))

    def _note_border_of_rows(self, other: Any) -> None:
        """The same of each row of a column and a number of its group."""
        rows, number = (self, other) if isinstance(self, Rows) else (other, self)
        plain = isinstance(rows, Rows) and isinstance(number, Number) and rows.exact
        if not plain or not {rows.value.dtype, number.value.dtype} <= {INT64, FLOAT64}:
            raise Untraceable
        column, own = cast(rows.value, FLOAT64), cast(number.spread(), FLOAT64)
        size = found(np.absolute, column)
        largest = rows.by.spread(highest(rows.by, size, skipna=True))
        scale = found(np.multiply, found(np.add, largest, found(np.absolute, own)), _NEAR_ROWS)
        distance = found(np.absolute, found(np.subtract, column, own))
        self.borders.append(found(np.less_equal, distance, scale))

    def of_each(self, ufunc: np.ufunc) -> Traced:
        """A function of one argument."""
        result = call_ufunc(ufunc, (self.value,))
        if result is None or result.dtype not in _DTYPES or self.value.dtype == BOOL:
            raise Untraceable
        return type(self)(self.by, result, self.borders, self.exact and ufunc in _EXACT_UFUNCS)

    def spread(self) -> Value:
        """The value seen by each row."""
        return self.value

    def __bool__(self) -> bool:
        raise Untraceable

    def __iter__(self) -> Any:
        raise Untraceable

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise Untraceable

    def __neg__(self) -> Traced:
        if self.value.dtype == BOOL:
            raise Untraceable
        return self.combine(np.multiply, -1, swapped=False)

    def __invert__(self) -> Traced:
        if self.value.dtype != BOOL:
            raise Untraceable
        return type(self)(self.by, negate(self.value), self.borders, self.exact)

    def __abs__(self) -> Traced:
        return self.of_each(np.absolute)

    def __pow__(self, exponent: Any) -> Traced:
        if type(exponent) is not int or exponent != 2 or not isinstance(self, Rows):
            raise Untraceable  # of numbers it is the mathematics library's
        return self.combine(np.multiply, self, swapped=False)

    __add__, __radd__ = _operation(np.add), _operation(np.add, swapped=True)
    __sub__, __rsub__ = _operation(np.subtract), _operation(np.subtract, swapped=True)
    __mul__, __rmul__ = _operation(np.multiply), _operation(np.multiply, swapped=True)
    __truediv__, __rtruediv__ = _operation(np.true_divide), _operation(np.true_divide, swapped=True)
    __lt__, __le__ = _operation(np.less), _operation(np.less_equal)
    __gt__, __ge__ = _operation(np.greater), _operation(np.greater_equal)
    __and__, __or__ = _operation(np.bitwise_and), _operation(np.bitwise_or)
    __eq__, __ne__ = _operation(np.equal), _operation(np.not_equal)


class Number(Traced):
    """A number for each group."""

    __slots__ = ()

    def spread(self) -> Value:
        return self.by.spread(self.value)

    def round(self, decimals: Any = 0) -> Number:
        """``number.round(decimals)``, which a mean of nothing does not have: it is a float of Python's."""
        result = self.rounded(decimals)
        self.borders.append(apply("is_nan", self.value, dtype=BOOL))
        return result

    def rounded(self, decimals: Any) -> Number:
        """``round(number, decimals)``."""
        rounded = round_half_even(self.value, decimals) if self.value.dtype == FLOAT64 else None
        if rounded is None:
            raise Untraceable
        if not self.exact:
            scaled = found(np.multiply, self.value, 10.0**decimals)
            from_tie = found(np.subtract, found(np.subtract, scaled, found(np.floor, scaled)), 0.5)
            near = found(np.multiply, found(np.add, found(np.absolute, scaled), 1.0), _NEAR)
            self.borders.append(found(np.less_equal, found(np.absolute, from_tie), near))
        return Number(self.by, rounded, self.borders, self.exact)


class Rows(Traced):
    """A column: the group's rows of a series."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name in _METHODS:
            return lambda other: self.combine(_METHODS[name], other, swapped=False)
        if name not in REDUCTIONS:
            raise Untraceable
        return lambda: self.reduced(name)

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

    def isna(self) -> Rows:
        """``series.isna()``."""
        return self.of_rows(isna(self.value))

    def notna(self) -> Rows:
        """``series.notna()``."""
        missing = isna(self.value)
        return self.of_rows(None if missing is None else negate(missing))

    isnull, notnull = isna, notna

    def dropna(self) -> Chosen:
        """``series.dropna()``."""
        return Chosen(self, self.notna())

    def isin(self, values: Any) -> Rows:
        """``series.isin([...])``."""
        if type(values) not in (list, tuple) or len(values) > _MOST_LISTED:
            raise Untraceable
        if self.value.dtype == OPAQUE:
            plain = string_dtype_of(self.value) is not None and all(type(value) is str for value in values)
            return self.of_rows(strings.isin(self.value, values) if plain else None)
        kinds = {INT64: (int,), FLOAT64: (int, float)}.get(self.value.dtype, ())
        if not values or any(type(v) not in kinds or v != v or abs(v) > 1 << 53 for v in values):
            raise Untraceable
        masks = [self.combine(np.equal, value, swapped=False) for value in values]
        result = masks[0]
        for mask in masks[1:]:
            result = result | mask
        assert isinstance(result, Rows)
        return result

    def between(self, left: Any, right: Any) -> Traced:
        """``series.between(left, right)``."""
        both: Traced = (self >= left) & (self <= right)
        return both

    def where(self, condition: Any, other: Any = np.nan) -> Rows:
        """``series.where(condition, other)`` with a number of the column's kind."""
        return self._chosen(condition, other, keep=True)

    def mask(self, condition: Any, other: Any = np.nan) -> Rows:
        """``series.mask(condition, other)``."""
        return self._chosen(condition, other, keep=False)

    def _chosen(self, condition: Any, other: Any, keep: bool) -> Rows:
        plain = isinstance(condition, Rows) and condition.value.dtype == BOOL
        if not plain or (type(other), self.value.dtype) not in _PUT:
            raise Untraceable
        put = literal(self.value.dtype.type(other), self.value.dtype)
        yes, no = (self.value, put) if keep else (put, self.value)
        return Rows(self.by, select(condition.value, yes, no), self.borders, self.exact)

    def clip(self, lower: Any = None, upper: Any = None) -> Rows:
        """``series.clip(lower, upper)``."""
        bounds = [self._bound(bound) for bound in (lower, upper) if bound is not None]
        if self.value.dtype != FLOAT64 or not bounds:
            raise Untraceable
        exact = self.exact and all(bound.exact for bound in bounds)
        least = greatest = bounds[0].value
        if len(bounds) == 2:
            ends = bounds[0].value, bounds[1].value
            least, greatest = found(np.minimum, *ends), found(np.maximum, *ends)
        result = self.value
        if lower is not None:
            result = select(apply("less", self.value, least, dtype=BOOL), least, result)
        if upper is not None:
            result = select(apply("greater", self.value, greatest, dtype=BOOL), greatest, result)
        return Rows(self.by, result, self.borders, exact)

    def _bound(self, bound: Any) -> Traced:
        if isinstance(bound, Number) and bound.value.dtype in (INT64, FLOAT64):
            return Rows(self.by, cast(bound.spread(), FLOAT64), self.borders, bound.exact)
        if type(bound) not in (int, float) or bound != bound:
            raise Untraceable
        return Rows(self.by, literal(float(bound), FLOAT64), self.borders, exact=True)

    def round(self, decimals: Any = 0) -> Rows:
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

    def fillna(self, value: Any) -> Rows:
        """``series.fillna(value)`` with a number, or one for each group."""
        if self.value.dtype != FLOAT64 or not isinstance(value, (Number, int, float)):
            raise Untraceable
        put = value.spread() if isinstance(value, Number) else literal(float(value), FLOAT64)
        if put.dtype.kind == "b":
            raise Untraceable
        missing = apply("is_nan", self.value, dtype=BOOL)
        exact = self.exact and (not isinstance(value, Number) or value.exact)
        return Rows(self.by, select(missing, cast(put, FLOAT64), self.value), self.borders, exact)

    def abs(self) -> Traced:
        """``series.abs()``."""
        return self.of_each(np.absolute)

    def shift(self, periods: Any = 1) -> Rows:
        """``series.shift(periods)``."""
        return self._looking_back("shift", periods)

    def diff(self, periods: Any = 1) -> Rows:
        """``series.diff(periods)``."""
        return self._looking_back("diff", periods)

    def pct_change(self, periods: Any = 1) -> Rows:
        """``series.pct_change(periods)``."""
        return self._looking_back("pct_change", periods)

    def ffill(self) -> Rows:
        """``series.ffill()``."""
        return self._filled(forward=True)

    def bfill(self) -> Rows:
        """``series.bfill()``."""
        return self._filled(forward=False)

    def _filled(self, forward: bool) -> Rows:
        if self.value.dtype.kind == "b":
            raise Untraceable
        return self.of_rows(groupby_rows.filled(self._groups(), self.value, forward), opaque=True)

    def rank(self, method: Any = "average", ascending: Any = True, pct: Any = False) -> Rows:
        """``series.rank()``."""
        if method not in groupby_rows.RANKS or not type(ascending) is type(pct) is bool or not self.exact:
            raise Untraceable
        return self.of_rows(groupby_rows.rank(self._groups(), self.value, method, ascending, pct))

    def cummax(self) -> Rows:
        """``series.cummax()``."""
        return self.of_rows(groupby_rows.cumulative(self._groups(), self.value, "cummax"))

    def cummin(self) -> Rows:
        """``series.cummin()``."""
        return self.of_rows(groupby_rows.cumulative(self._groups(), self.value, "cummin"))

    def cumsum(self) -> Rows:
        """``series.cumsum()`` of integers: floats pandas adds up in two ways, of a series and of groups."""
        if self.value.dtype != INT64:
            raise Untraceable
        return self.of_rows(groupby_rows.cumulative(self._groups(), self.value, "cumsum"))

    def rolling(self, window: Any, min_periods: Any = None) -> Window:
        """``series.rolling(window)``."""
        least = window if min_periods is None else min_periods
        if type(window) is not int or window < 1 or type(least) is not int or not 0 <= least <= window:
            raise Untraceable
        return Window(self, window, min_periods)

    @property
    def iloc(self) -> Places:
        """``series.iloc``."""
        return Places(self)

    @property
    def values(self) -> Places:
        """``series.values``, of numbers."""
        if self.value.dtype not in _DTYPES:
            raise Untraceable
        return Places(self)

    def mode(self) -> Mode:
        """``series.mode()``, of which the first is known."""
        return Mode(self)

    def unique(self) -> Sized:
        """``series.unique()``, of which the length is known."""
        missing = cast(self.isna().reduced("any").value, INT64)
        return Sized(self.reduced("nunique") + Number(self.by, missing, self.borders, exact=True))

    def _looking_back(self, name: str, periods: Any) -> Rows:
        if type(periods) is not int or periods == 0 or self.value.dtype == BOOL:
            raise Untraceable
        return self.of_rows(groupby_rows.shifted(self._groups(), self.value, name, periods))

    def _groups(self) -> WholeGroups:
        return WholeGroups(self.by.group, None)

    def of_rows(self, result: Value | None, opaque: bool = False) -> Rows:
        """What was made of the rows, if it is of a dtype that is known."""
        if result is None or (result.dtype not in _DTYPES and not (opaque and result.dtype == OPAQUE)):
            raise Untraceable
        return Rows(self.by, result, self.borders, self.exact)

    def length(self) -> Number:
        """``len(series)``."""
        return self.reduced("size")

    @property
    def size(self) -> Number:
        """``series.size``."""
        return self.reduced("size")

    @property
    def shape(self) -> tuple[Number]:
        """``series.shape``."""
        return (self.reduced("size"),)

    def reduced(self, name: str, options: Options | None = None) -> Number:
        """What the aggregation of that name gives."""
        if options is None:
            options = Options(min_count=0 if name in ("sum", "prod") else -1)
        result = aggregate(name, self.by, self.value, options)
        if result is None or result.dtype not in _DTYPES:
            raise Untraceable
        whole = name in ("sum", "prod") and self.value.dtype.kind in "bi"
        counted = whole or (name == "mean" and self.value.dtype == BOOL)
        return Number(self.by, result, self.borders, self.exact and (name in EXACT or counted))


_PUT = frozenset({(int, INT64), (int, FLOAT64), (float, FLOAT64)})
"""The types of numbers, and the dtypes of columns, that one is put into as it is."""


def _sum_of_all(by: Grouped, column: Value) -> Value:
    """The sum in float64, NaN if one is."""
    summed = by.reduce("sum", column, FLOAT64)
    return found(np.add, summed, 0.0)


@dataclass(frozen=True, slots=True)
class Sized:
    """What has a length, and of which no more is known."""

    _count: Any

    def length(self) -> Any:
        """How many there are."""
        return self._count

    @property
    def size(self) -> Any:
        """The same."""
        return self._count

    @property
    def shape(self) -> tuple[Any]:
        """The same."""
        return (self._count,)


class Chosen:
    """The rows of a group where a mask is true: ``series[mask]``."""

    __slots__ = ("_mask", "_rows")

    def __init__(self, rows: Rows, mask: Any) -> None:
        if not isinstance(mask, Rows) or mask.value.dtype != BOOL:
            raise Untraceable
        self._rows = rows
        self._mask = mask

    def __bool__(self) -> bool:
        raise Untraceable

    def __iter__(self) -> Any:
        raise Untraceable

    def __getattr__(self, name: str) -> Any:
        if name not in ("mean", "min", "max", "median", "nunique", "count", "sum", "std", "var"):
            raise Untraceable
        return lambda *args, **kwargs: getattr(self._held(name), name)(*args, **kwargs)

    def quantile(self, q: Any = 0.5) -> Number:
        """``series[mask].quantile(q)``."""
        return self._held("quantile").quantile(q)

    def _held(self, name: str) -> Rows:
        """The column with nothing to be seen where the mask is not true."""
        rows, mask = self._rows, self._mask.value
        exact = rows.exact and self._mask.exact
        if rows.value.dtype == FLOAT64:
            filler = literal(np.nan, FLOAT64)
        elif rows.value.dtype == INT64 and name == "sum":
            filler = literal(0, INT64)
        elif rows.value.dtype == INT64 and name == "mean":
            widened = select(mask, cast(rows.value, FLOAT64), literal(np.nan, FLOAT64))
            return Rows(rows.by, widened, rows.borders, exact)
        else:
            raise Untraceable
        return Rows(rows.by, select(mask, rows.value, filler), rows.borders, exact)

    def length(self) -> Number:
        """How many there are."""
        return self._mask.reduced("sum")

    @property
    def size(self) -> Number:
        """``series[mask].size``."""
        return self.length()

    @property
    def shape(self) -> tuple[Number]:
        """``series[mask].shape``."""
        return (self.length(),)


@dataclass(frozen=True, slots=True)
class Window:
    """``series.rolling(rows)`` of a group's rows."""

    _of: Rows
    _rows: int
    _least: int | None

    def __getattr__(self, name: str) -> Any:
        if name not in ROLLING:
            raise Untraceable
        rows = self._of
        return lambda: rows.of_rows(
            groupby_rows.rolled(rows._groups(), rows.value, name, self._rows, self._least)
        )


@dataclass(frozen=True, slots=True)
class Mode:
    """``series.mode()``: the least of the values that most rows of a group have comes first."""

    _of: Rows

    @property
    def iloc(self) -> Mode:
        """``series.mode().iloc``."""
        return self

    @property
    def values(self) -> Mode:
        """``series.mode().values``, of numbers."""
        if self._of.value.dtype not in _DTYPES:
            raise Untraceable
        return self

    def __getitem__(self, place: Any) -> Number:
        if type(place) is not int or place != 0 or not self._of.exact:
            raise Untraceable
        rows = self._of
        known = rows.value.dtype != np.uint64 and least_of_most_frequent(rows.by, rows.value)
        if not known:
            raise Untraceable
        least, none = known
        rows.borders.append(none)  # there is no first of nothing
        return Number(self._of.by, least, self._of.borders, exact=True)


@dataclass(frozen=True, slots=True)
class Places:
    """``series.iloc``: the first or the last row, as every group has them."""

    _of: Rows

    def __getitem__(self, place: Any) -> Number:
        if type(place) is not int or place not in (0, -1):
            raise Untraceable
        rows = self._of
        positions = rows.by.positions()
        result = rows.by.reduce("minimum" if place == 0 else "maximum", positions, INT64)
        return Number(rows.by, Gather(rows.value, result), rows.borders, rows.exact)


def found(ufunc: np.ufunc, *operands: Any) -> Value:
    """What a function of NumPy's gives, which has to be recorded."""
    result = call_ufunc(ufunc, operands)
    if result is None:
        raise Untraceable
    return result


@dataclass(frozen=True, slots=True)
class Frame:
    """The group's rows of a frame, all or those where a mask is true."""

    _by: Grouped
    _column: Callable[[Any], Value | None]
    borders: list[Value]
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
        rows = Rows(self._by, value, self.borders, exact=True)
        return rows if self._mask is None else Chosen(rows, self._mask)

    def __getattr__(self, name: str) -> Any:
        if hasattr(pandas.DataFrame, name):
            raise Untraceable
        return self[name]
