"""What pandas says of an operation before there is data: it is asked, on one row, and remembered.

The recorder never guesses a dtype: where pandas raises on a row of these dtypes, or gives another dtype
than the recorded graph has, the operation is left to pandas, which then raises at the user's line.
"""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas

from passes.ir.values import Value

Key = Any
"""A dtype for a column; for a scalar its type, the scalar, and what of its value may decide a dtype."""


def key_of(operand: Any) -> Key:
    """What of an operand decides the dtype of a result."""
    if isinstance(operand, Value):
        return operand.dtype if operand.rows is not None else operand.dtype.type(1)
    if type(operand) is float:
        return 1.0 if operand else 0.0
    if type(operand) is int:
        return (operand > 0) - (operand < 0)  # it fits: a recorded operation was asked for first
    return operand


_AMBIGUOUS = ("generic", "M", "Y")


def is_ambiguous(value: Any) -> bool:
    """Whether ``value`` is a length of time of no unit, or in months or years, which pandas is to judge."""
    return isinstance(value, np.timedelta64) and np.datetime_data(value.dtype)[0] in _AMBIGUOUS


def facts_of_scalar(scalar: Any) -> Hashable | None:
    """What tells a number or a time from others, even if they are equal; None of anything else."""
    kind = type(scalar)
    if kind is int or kind is float:
        return kind, scalar
    if isinstance(scalar, np.generic) and not is_ambiguous(scalar):
        return (scalar.dtype, scalar) if scalar.dtype.kind in "iufmM" else None
    if isinstance(scalar, (datetime.datetime, datetime.timedelta)):
        return kind, scalar, getattr(scalar, "unit", None)
    return None


@lru_cache(maxsize=4096)
def _ask(method: str, left: np.dtype, right: Key, right_type: Hashable) -> np.dtype | None:
    one = pandas.Series(np.ones(1, np.int64).astype(left), copy=False)
    other = pandas.Series(np.ones(1, np.int64).astype(right), copy=False) if right_type is np.dtype else right
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = getattr(one, method)(other)
        except Exception:
            return None
    found = getattr(result, "dtype", None)
    return found if isinstance(found, np.dtype) else None


def result_dtype(method: str, left: np.dtype, right: Key) -> np.dtype | None:
    """The dtype of ``series.method(right)``; None where pandas raises or the dtype is an extension's.

    Parameters
    ----------
    method : str
        Of a series: ``"__add__"``, ``"__lt__"``, ...
    left : numpy.dtype
        Of the series.
    right : dtype or scalar
        Of the other series, or the scalar itself.
    """
    if isinstance(right, np.dtype):
        return _ask(method, left, right, np.dtype)
    kind: Any = type(right)
    return _ask(method, left, right, kind)


@lru_cache(maxsize=4096)
def _keeps_dtype(dtype: np.dtype, value: Any, kind: Hashable) -> bool:
    column: Any = pandas.Series(np.zeros(1, dtype), copy=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result = column.where([False], value)
        except Exception:
            return False
    return bool(result.dtype == dtype) and (value != value or bool(result.iloc[0] == value))


def keeps_dtype(dtype: np.dtype, value: Any) -> bool:
    """Whether a column of ``dtype`` keeps it when the number ``value`` is put into one of its rows."""
    if type(value) is float and dtype == np.float64:
        return True
    if type(value) is int and dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return bool(limits.min <= value <= limits.max)
    kind: Any = type(value)
    return _keeps_dtype(dtype, value, kind)


@lru_cache(maxsize=4096)
def _dtype_with(dtype: np.dtype, value: Any, kind: Hashable) -> np.dtype | None:
    column: Any = pandas.Series(np.zeros(1, dtype), copy=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = column.where([False], value).dtype
        except Exception:
            return None
    return found if isinstance(found, np.dtype) and found.kind in "iuf" else None


def dtype_with(dtype: np.dtype, value: Any) -> np.dtype | None:
    """The dtype of a column of numbers of ``dtype`` when the number ``value`` is put into one of its rows.

    None where pandas warns or raises, or makes objects of them.
    """
    kind: Any = type(value)
    return _dtype_with(dtype, value, kind)
