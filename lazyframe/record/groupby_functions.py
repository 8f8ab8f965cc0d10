"""What Python's and NumPy's functions do with stand-ins for a group's rows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, cast, literal, select
from lazyframe.record.groupby_parts import Chosen, Sized
from lazyframe.record.groupby_stand_ins import Frame, Series
from lazyframe.record.groupby_traced import DTYPES, Number, Traced, number_of
from lazyframe.record.groupby_ways import Untraceable, Way, put_together
from lazyframe.record.missing import isna
from passes.ir.values import Value


def _length(rows: Any) -> Any:
    if not isinstance(rows, (Series, Chosen, Frame, Sized)):
        raise Untraceable
    return rows.length()


def _round(number: Any, decimals: Any = None) -> Number:
    if not isinstance(number, Number) or type(decimals) is not int:
        raise Untraceable
    return number.rounded(decimals)


def _float(number: Any) -> Number:
    if not isinstance(number, Number) or number.value.dtype not in DTYPES:
        raise Untraceable
    return Number(number.by, cast(number.value, FLOAT64), number.borders, number.exact)


def _int(number: Any) -> Number:
    if not isinstance(number, Number) or number.value.dtype not in (BOOL, INT64):
        raise Untraceable  # there is none of NaN
    return Number(number.by, cast(number.value, INT64), number.borders, number.exact)


def _bool(number: Any) -> Number:
    if not isinstance(number, Number) or number.value.dtype != BOOL:
        raise Untraceable
    return number


def _sum(rows: Any) -> Number:
    if not isinstance(rows, Series) or rows.value.dtype not in (BOOL, INT64):
        raise Untraceable  # floats Python adds up from the first to the last, the missing ones too
    return rows.reduced("sum")


def _extreme(known: Callable[..., Any]) -> Callable[..., Any]:
    """Of several numbers, which are compared one after another."""

    def choose(*numbers: Any) -> Any:
        if len(numbers) < 2:
            raise Untraceable
        return known(*numbers)

    return choose


def _of_constants(known: Callable[..., Any]) -> Callable[..., Any]:
    def make(*given: Any, **named: Any) -> Any:
        if any(type(one) not in (int, float) for one in (*given, *named.values())):
            raise Untraceable
        return known(*given, **named)

    return make


BUILTINS: Mapping[str, Callable[..., Any]] = {
    "len": _length, "round": _round, "float": _float, "int": _int, "bool": _bool, "abs": abs, "sum": _sum,
    "max": _extreme(max), "min": _extreme(min), "timedelta": _of_constants(datetime.timedelta),
    "datetime": _of_constants(datetime.datetime),
}  # fmt: skip
"""By name, what is called in the place of Python's own."""


def _reducing(name: str, **given: Any) -> Callable[[Any], Any]:
    """NumPy asks the series, and says how many degrees of freedom."""

    def reduce(rows: Any) -> Any:
        if not isinstance(rows, (Series, Chosen)):
            raise Untraceable
        return getattr(rows, name)(**given)

    return reduce


def _of_each(ufunc: np.ufunc) -> Callable[[Any], Any]:
    def compute(traced: Any) -> Any:
        if not isinstance(traced, Traced):
            raise Untraceable
        return traced.of_each(ufunc)

    return compute


def _of_array(rows: Any, reduce: Callable[[Series], Number]) -> Number:
    """What NumPy makes of the bare array: NaN if one value is."""
    if not isinstance(rows, Series) or rows.value.dtype not in (INT64, FLOAT64):
        raise Untraceable
    number = reduce(rows)
    if rows.value.dtype == INT64:
        return number
    missing = isna(rows.value)
    assert missing is not None
    any_missing = rows.by.reduce("any", missing, BOOL)
    value = select(any_missing, literal(np.nan, FLOAT64), number.value)
    return Number(rows.by, value, rows.borders, number.exact)


def _median(rows: Any) -> Number:
    return _of_array(rows, lambda column: column.reduced("median"))


def _quantile(rows: Any, q: Any) -> Number:
    return _of_array(rows, lambda column: column.quantile(q))


def _percentile(rows: Any, q: Any) -> Number:
    if type(q) not in (int, float):
        raise Untraceable
    return _quantile(rows, q / 100)


def _average(rows: Any, axis: Any = None, weights: Any = None) -> Number:
    if axis is not None or not isinstance(rows, Series) or weights is None:
        raise Untraceable
    return rows.average(weights)


def _isnan(rows: Any) -> Series:
    if not isinstance(rows, Series) or rows.value.dtype != FLOAT64:
        raise Untraceable
    return rows.isna()


def _nan_reducing(name: str, **given: Any) -> Callable[[Any], Any]:
    """NumPy asks the array, and leaves out what is missing: but pandas' answer where nothing else is."""

    def reduce(rows: Any) -> Any:
        if not isinstance(rows, Series) or rows.value.dtype not in (INT64, FLOAT64):
            raise Untraceable
        return getattr(rows, name)(**given)

    return reduce


def _nan_quantile(rows: Any, q: Any) -> Number:
    if not isinstance(rows, Series) or rows.value.dtype not in (INT64, FLOAT64):
        raise Untraceable
    return rows.quantile(q)


def _nan_percentile(rows: Any, q: Any) -> Number:
    if type(q) not in (int, float):
        raise Untraceable
    return _nan_quantile(rows, q / 100)


def _range(rows: Any) -> Number:
    if not isinstance(rows, Series) or rows.value.dtype not in (INT64, FLOAT64):
        raise Untraceable
    of_all = _of_array(rows, lambda column: column.reduced("max") - column.reduced("min"))
    return Number(rows.by, of_all.value, rows.borders, of_all.exact)


def _count_nonzero(rows: Any) -> Number:
    if not isinstance(rows, Series) or rows.value.dtype not in DTYPES:
        raise Untraceable
    mask = rows if rows.value.dtype == BOOL else rows.combine(np.not_equal, 0, swapped=False)
    assert isinstance(mask, Series)
    return mask.reduced("sum")


def _length_of_numpy(*given: Any) -> Any:
    if any(type(one) not in (int, str) for one in given):
        raise Untraceable
    return np.timedelta64(*given)


class _NumPy:
    """NumPy's functions that are known."""

    mean, sum, max, min, prod = (_reducing(name) for name in ("mean", "sum", "max", "min", "prod"))
    any, all = _reducing("any"), _reducing("all")
    std, var = _reducing("std", ddof=0), _reducing("var", ddof=0)
    nanmean, nansum, nanmax, nanmin = (_nan_reducing(name) for name in ("mean", "sum", "max", "min"))
    nanstd, nanvar, nanmedian = (
        _nan_reducing("std", ddof=0), _nan_reducing("var", ddof=0), _nan_reducing("median"),
    )  # fmt: skip
    nanquantile, nanpercentile = _nan_quantile, _nan_percentile
    sqrt, square, exp = _of_each(np.sqrt), _of_each(np.square), _of_each(np.exp)
    abs = absolute = _of_each(np.absolute)
    log, log1p, log2, log10 = (_of_each(ufunc) for ufunc in (np.log, np.log1p, np.log2, np.log10))
    median, quantile, percentile, average, isnan = _median, _quantile, _percentile, _average, _isnan
    ptp, count_nonzero, timedelta64 = _range, _count_nonzero, staticmethod(_length_of_numpy)
    nan, inf, pi, e = np.nan, np.inf, np.pi, np.e


def _root(number: Any) -> Any:
    """``math.sqrt``, which raises where NumPy does not."""
    if not isinstance(number, Number) or number.value.dtype not in (INT64, FLOAT64):
        raise Untraceable
    number.borders.append(apply("less", cast(number.value, FLOAT64), literal(0.0, FLOAT64), dtype=BOOL))
    return number.of_each(np.sqrt)


class _Math:
    """Functions of Python's ``math`` that are known."""

    sqrt = _root
    nan, inf, pi, e = np.nan, np.inf, np.pi, np.e


def _timestamp(*given: Any) -> Any:
    """``pandas.Timestamp``, but for the present."""
    if not given or any(type(one) not in (int, str) for one in given) or given[0] in ("now", "today"):
        raise Untraceable
    return pandas.Timestamp(*given)


def _timedelta(*given: Any, **named: Any) -> Any:
    if any(type(one) not in (int, float, str) for one in (*given, *named.values())):
        raise Untraceable
    return pandas.Timedelta(*given, **named)


class Labelled:
    """A series of numbers, one for each label: a row of the frame that pandas makes of them."""

    __slots__ = ("numbers",)

    def __init__(self, data: Any = None, index: Any = None) -> None:
        labels, numbers = (data.keys(), data.values()) if type(data) is dict else (index, data)
        if (type(data) is dict) != (index is None) or (type(data) is list) != (type(index) is list):
            raise Untraceable
        if not all(type(label) is str for label in labels) or len(set(labels)) < len(numbers):
            raise Untraceable
        if not numbers:
            raise Untraceable
        self.numbers = dict(zip(labels, map(number_of, numbers), strict=True))

    def values(self) -> list[Value]:
        """What there is at each label, at the dtype that numbers have beside each other in a series."""
        found = list(self.numbers.values())
        return [cast(value, FLOAT64) for value in found] if self.kinds() == {INT64, FLOAT64} else found

    def kinds(self) -> set[np.dtype]:
        """The dtypes of what there is: of more than one, all of them numbers, or objects."""
        return {value.dtype for value in self.numbers.values()}

    def is_of_objects(self) -> bool:
        """Whether the series is one of Python's objects, of which pandas infers each column's dtype."""
        kinds = self.kinds()
        return len(kinds) > 1 and kinds != {INT64, FLOAT64}


def labelled_values(ways: Sequence[Way]) -> list[Value] | None:
    """The columns of the frame that pandas makes of the series that all ways give."""
    rows = [way.result for way in ways]
    if not all(type(row) is Labelled and list(row.numbers) == list(rows[0].numbers) for row in rows):
        return None
    objects = rows[0].is_of_objects()
    if any(row.is_of_objects() is not objects for row in rows):
        return None
    if len({dtype for row in rows for dtype in row.kinds() if dtype.kind in "mM"}) > 1:
        return None  # of two units, or of two kinds, which depends on all of them
    columns = list(zip(*[row.values() for row in rows], strict=True))
    if not objects and len({value.dtype for column in columns for value in column}) > 1:
        return None
    found = [put_together(ways, column) for column in columns]
    return None if any(value.rows is None for value in found) else found


class _Pandas:
    """What of pandas is known."""

    Series, Timestamp, Timedelta = Labelled, staticmethod(_timestamp), staticmethod(_timedelta)
    NaT = pandas.NaT


def numpy_functions() -> Any:
    """What is called in the place of NumPy's own."""
    return _NumPy


class _Datetime:
    """Classes of Python's ``datetime`` that are known."""

    timedelta, datetime = staticmethod(BUILTINS["timedelta"]), staticmethod(BUILTINS["datetime"])


MODULES: Mapping[str, Any] = {"numpy": _NumPy, "pandas": _Pandas, "math": _Math, "datetime": _Datetime}
"""What stands for modules."""
