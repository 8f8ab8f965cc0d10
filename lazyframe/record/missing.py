"""Missing values, and choosing between a column and something else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.record import strings
from lazyframe.record.computing import found_of
from lazyframe.record.constants import constant
from lazyframe.record.datetimes import as_integers, as_times, time_scalar
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    INT64,
    apply,
    call_ufunc,
    cast,
    is_missing,
    literal,
    negate,
    select,
)
from lazyframe.record.merge_missing import truths
from lazyframe.record.missing_inputs import is_never_missing
from lazyframe.record.number_limits import reach_of
from lazyframe.record.schema import dtype_with, keeps_dtype
from passes.ir.values import OPAQUE, Literal, Reduce, Value


def isna(column: Value) -> Value | None:
    """Where a column is NaN or NaT."""
    if column.dtype == OPAQUE or column.rows is None:
        return strings.isna(column)
    missing = is_missing(column)
    return constant(False, column.rows) if missing is None else missing


def notna(column: Value) -> Value | None:
    """Where a column is neither NaN nor NaT."""
    if column.dtype == OPAQUE or column.rows is None:
        return strings.notna(column)
    missing = is_missing(column)
    return constant(True, column.rows) if missing is None else negate(missing)


def holds_missing(column: Value) -> bool:
    """Whether a number or time is missing, which is computed once."""
    if column.dtype.kind not in "fmM":
        return False
    return found_of(column, "missing", lambda: _any(is_missing(column)))


def holds_infinities(column: Value) -> bool:
    """Whether a number is infinite, which is computed once."""
    if column.dtype.kind != "f":
        return False
    return found_of(column, "is infinite", lambda: _any(apply("is_infinite", column, dtype=BOOL)))


def _any(mask: Value | None) -> Value:
    assert mask is not None
    return Reduce("any", mask, BOOL)


def held(value: Any, dtype: np.dtype) -> Value | None:
    """A scalar at a column's dtype, if pandas puts it into such a column without changing the dtype."""
    if type(value) is float and dtype is FLOAT64:
        return Literal(value, dtype)
    if dtype.kind in "mM":
        return time_scalar(value, dtype)
    if isinstance(value, (bool, np.bool_)) != (dtype.kind == "b"):
        return None
    if not isinstance(value, (bool, int, float, np.number, np.bool_)) or dtype.kind not in "biuf":
        return None
    if isinstance(value, np.complexfloating) or not keeps_dtype(dtype, value):
        return None
    try:
        return literal(dtype.type(value), dtype)
    except (OverflowError, ValueError):
        return None


def choose(condition: Value, yes: Value, no: Value, dtype: np.dtype) -> Value:
    """``yes`` where ``condition``, else ``no``, both of ``dtype`` or its integers."""
    return as_times(select(condition, as_integers(yes), as_integers(no)), dtype)


def replacement(value: Any, column: Value) -> Value | None:
    """What is put into some rows of ``column``: a column of its dtype, or a scalar that its dtype holds."""
    if isinstance(value, Value):
        if value.dtype == column.dtype:
            return value
        return None
    if column.dtype.kind in "mM" and (value is None or value is pandas.NaT or is_nan(value)):
        return Literal(np.iinfo(np.int64).min, INT64)
    return held(value, column.dtype)


def is_nan(value: Any) -> bool:
    """Whether a scalar is a NaN of Python's or NumPy's."""
    return isinstance(value, (float, np.floating)) and bool(value != value)


def where(column: Value, condition: Value, other: Any, keep: bool = True) -> Value | None:
    """``column`` where ``condition`` is ``keep``, else ``other``; None where pandas may change the dtype."""
    if condition.dtype != BOOL:
        return None
    if column.dtype == OPAQUE:
        return strings.where(column, condition, other, keep)
    put = replacement(other, column)
    if put is None:
        return None
    return (
        choose(condition, column, put, column.dtype) if keep else choose(condition, put, column, column.dtype)
    )


def where_widened(column: Value, condition: Value, other: Any, keep: bool = True) -> Value | None:
    """`where` of a number that the dtype of ``column`` does not hold; None where pandas has to decide.

    Of booleans and NaN together pandas makes objects.

    pandas changes the dtype if the number is put into any row, so the condition is computed now.
    """
    if column.dtype == BOOL and condition.dtype == BOOL and is_nan(other):
        result: Value | None = truths(column, condition if keep else negate(condition))
    else:
        result = widened(column, condition, other, keep)
    if result is None:
        return None
    everywhere, what = (True, "all") if keep else (False, "any")
    if found_of(condition, what, lambda: Reduce(what, condition, BOOL)) == everywhere:
        return column
    return result


def widened(column: Value, condition: Value, other: Any, keep: bool = True) -> Value | None:
    """The same where the number is put into some row."""
    if condition.dtype != BOOL or column.dtype.kind not in "iuf" or isinstance(other, Value):
        return None
    if isinstance(other, (bool, np.bool_)) or not isinstance(other, (int, float, np.integer, np.floating)):
        return None
    dtype = dtype_with(column.dtype, other)
    if dtype is None:
        return None
    wide, put = cast(column, dtype), literal(dtype.type(other), dtype)
    return select(condition, wide, put) if keep else select(condition, put, wide)


def fillna(column: Value, value: Any) -> Value | None:
    """``column`` with missing values replaced: itself, if it consists of rows of an input without any."""
    if column.dtype == OPAQUE:
        return strings.fillna(column, value)
    missing = is_missing(column)
    if missing is None:
        return None if value is None else column
    put = None if value is None or is_nan(value) else replacement(value, column)
    if put is None or is_never_missing(column):
        return None if put is None else column
    return choose(missing, put, column, column.dtype)


def _tens(column: Value, digits: int) -> Value | None:
    """Integers rounded to a power of ten, by way of float64 as NumPy does; None if one might not fit then."""
    if digits >= len(_TENS):
        return None
    power = int(_TENS[digits])
    reach, limits = reach_of(column), np.iinfo(column.dtype)
    lowest = reach.low - power if reach.low < 0 else 0
    if not (max(limits.min, -(2**53)) <= lowest and reach.high + power <= min(limits.max, 2**53)):
        return None
    scaled = apply("divide", cast(column, FLOAT64), Literal(float(power), FLOAT64))
    return cast(
        apply("multiply", apply("round_half_even", scaled), Literal(float(power), FLOAT64)), column.dtype
    )


_TENS = [10.0**power for power in range(9)]


def round_half_even(column: Value, decimals: Any = 0) -> Value | None:
    """``column`` rounded as NumPy does: scaled by a power of ten, rounded to even, scaled back."""
    if type(decimals) is not int or abs(decimals) > 300:
        return None
    if column.dtype.kind == "b" or (column.dtype.kind in "iu" and decimals >= 0):
        return column
    if column.dtype.kind in "iu":
        return _tens(column, -decimals)
    if column.dtype.kind != "f":
        return None
    if decimals == 0:
        return call_ufunc(np.rint, (column,))
    power = _TENS[abs(decimals)] if abs(decimals) < len(_TENS) else float(np.power(10.0, abs(decimals)))
    there, back = (np.multiply, np.divide) if decimals > 0 else (np.divide, np.multiply)
    scaled = call_ufunc(there, (column, power))
    rounded = None if scaled is None else call_ufunc(np.rint, (scaled,))
    return None if rounded is None else call_ufunc(back, (rounded, power))
