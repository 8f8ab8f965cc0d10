"""What Python's and NumPy's functions do with stand-ins for a group's rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, literal, select
from lazyframe.record.groupby_parts import Chosen, Sized
from lazyframe.record.groupby_stand_ins import Frame, Series
from lazyframe.record.groupby_traced import Number, Traced, Untraceable
from lazyframe.record.missing import isna


def _length(rows: Any) -> Any:
    if not isinstance(rows, (Series, Chosen, Frame, Sized)):
        raise Untraceable
    return rows.length()


def _round(number: Any, decimals: Any = None) -> Number:
    if not isinstance(number, Number) or type(decimals) is not int:
        raise Untraceable
    return number.rounded(decimals)


def _float(number: Any) -> Number:
    if not isinstance(number, Number) or number.value.dtype != FLOAT64:
        raise Untraceable
    return number


BUILTINS: Mapping[str, Callable[..., Any]] = {"len": _length, "round": _round, "float": _float, "abs": abs}
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


class _NumPy:
    """NumPy's functions that are known."""

    mean, sum, max, min, prod = (_reducing(name) for name in ("mean", "sum", "max", "min", "prod"))
    any, all = _reducing("any"), _reducing("all")
    std, var = _reducing("std", ddof=0), _reducing("var", ddof=0)
    sqrt, square, exp = _of_each(np.sqrt), _of_each(np.square), _of_each(np.exp)
    abs = absolute = _of_each(np.absolute)
    log, log1p, log2, log10 = (_of_each(ufunc) for ufunc in (np.log, np.log1p, np.log2, np.log10))
    median, quantile, percentile, average, isnan = _median, _quantile, _percentile, _average, _isnan


class Labelled:
    """A series of numbers, one for each label: a row of the frame that pandas makes of them."""

    __slots__ = ("numbers",)

    def __init__(self, data: Any = None, index: Any = None) -> None:
        labels, numbers = (data.keys(), data.values()) if type(data) is dict else (index, data)
        if (type(data) is dict) != (index is None) or (type(data) is list) != (type(index) is list):
            raise Untraceable
        if not all(type(label) is str for label in labels) or len(set(labels)) < len(numbers):
            raise Untraceable
        if not numbers or not all(type(number) is Number for number in numbers):
            raise Untraceable
        self.numbers = dict(zip(labels, numbers, strict=True))


class _Pandas:
    """What of pandas is known."""

    Series = Labelled


def pandas_functions() -> Any:
    """What is called in the place of pandas' own."""
    return _Pandas


def numpy_functions() -> Any:
    """What is called in the place of NumPy's own."""
    return _NumPy
