"""pandas' arithmetic of dates and lengths of time, on their integers.

Whatever pandas raises because a result does not fit is left to it: the limits of the columns say that
nothing can overflow, or nothing is recorded.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pandas

from lazyframe.record.calendar_days import move_by, moves_days
from lazyframe.record.date_parts import number, ticks_per_second
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, cast, is_missing, literal, select
from lazyframe.record.time_limits import (
    MOST,
    Limits,
    has_missing,
    limits_of,
    masked,
    remember_limits,
    shifted,
)
from passes.ir.values import Map, Value

POINTS = (datetime.datetime, np.datetime64)
LENGTHS = (datetime.timedelta, np.timedelta64, pandas.offsets.Tick, pandas.offsets.Day)


def is_time_scalar(value: Any) -> bool:
    """Whether ``value`` is a point in time, a length of it that is always the same, or moves dates."""
    return isinstance(value, (*POINTS, *LENGTHS)) or moves_days(value)


def time_arithmetic(name: str, left: Value, right: Any, swapped: bool) -> Value | None:
    """``left <name> right``, the other way round if ``swapped``; None where pandas has to decide.

    Parameters
    ----------
    name : str
        ``"add"``, ``"sub"``, ``"mul"``, ``"truediv"`` or ``"floordiv"``; any other gives None.
    left : Value
        A datetime64 or timedelta64 column, or with such a column on the right any other.
    right : Value or scalar
        A column of the same rows, or a number, point or length of time.
    """
    if ticks_per_second(left.dtype) is None or left.rows is None:
        return None
    if isinstance(right, Value):
        if right.rows is None or ticks_per_second(right.dtype) is None:
            return None
        return _of_columns(name, right, left) if swapped else _of_columns(name, left, right)
    if moves_days(right):
        return None if swapped and name == "sub" else move_by(left, right, name)
    if is_time_scalar(right):
        if name in ("add", "sub"):
            return _moved(name, left, right, swapped)
        return _ratio(name, left, right, swapped)
    if isinstance(right, (bool, np.bool_)) or not isinstance(right, (int, float, np.integer, np.floating)):
        return None
    if left.dtype.kind != "m" or (swapped and name != "mul"):
        return None
    return _scaled(name, left, right)


def _ticks(column: Value) -> Value:
    return Map("reinterpret", (column,), INT64)


def _times(column: Value, ticks: Value, dtype: np.dtype, limits: Limits) -> Value | None:
    """``ticks`` as times; None if they might not fit. NaT of ``column`` stays."""
    if not limits.fits():
        return None
    result = Map("reinterpret", (masked(column, ticks, limits),), dtype)
    remember_limits(result, limits)
    return result


# A column and a column ---------------------------------------------------------------------------------

_KINDS = {
    ("add", "M", "m"): "M", ("add", "m", "M"): "M", ("add", "m", "m"): "m",
    ("sub", "M", "M"): "m", ("sub", "M", "m"): "M", ("sub", "m", "m"): "m",
}  # fmt: skip


def at_finer_unit(left: Value, right: Value) -> tuple[Value, Limits, Value, Limits, np.dtype] | None:
    """Two columns of times as int64 ticks of the finer unit, with their limits, and that unit's dtype."""
    units = ticks_per_second(left.dtype), ticks_per_second(right.dtype)
    if units[0] is None or units[1] is None:
        return None
    most = max(units[0], units[1])
    factors = most // units[0], most // units[1]
    limits = limits_of(left).scaled(factors[0]), limits_of(right).scaled(factors[1])
    if not (limits[0].fits() and limits[1].fits()):
        return None
    mine, theirs = shifted(_ticks(left), factors[0], 0), shifted(_ticks(right), factors[1], 0)
    return mine, limits[0], theirs, limits[1], left.dtype if factors[0] == 1 else right.dtype


def _of_columns(name: str, left: Value, right: Value) -> Value | None:
    common = at_finer_unit(left, right)
    if common is None:
        return None
    mine, my_limits, theirs, their_limits, finer = common
    if name == "truediv" and left.dtype.kind == right.dtype.kind == "m":
        ratio = apply("divide", cast(mine, FLOAT64), cast(theirs, FLOAT64))
        return _nan_at(right, _nan_at(left, ratio))
    kind = _KINDS.get((name, left.dtype.kind, right.dtype.kind))
    if kind is None:
        return None
    limits = my_limits.plus(their_limits if name == "add" else their_limits.scaled(-1))
    ticks = apply("add" if name == "add" else "subtract", mine, theirs)
    dtype = np.dtype(f"{kind}8[{np.datetime_data(finer)[0]}]")
    return _times(right, masked(left, ticks, limits_of(left)), dtype, limits)


def _nan_at(column: Value, result: Value) -> Value:
    """``result`` with NaN where ``column`` is NaT."""
    missing = is_missing(column) if limits_of(column).missing else None
    return result if missing is None else select(missing, literal(np.nan, FLOAT64), result)


# A column and a point or length of time ------------------------------------------------------------------


def _moved(name: str, column: Value, scalar: Any, swapped: bool) -> Value | None:
    """pandas is asked what it makes of 0: how far the column is moved, and which unit it has then."""
    zero = pandas.Series(np.zeros(1, column.dtype), copy=False)
    try:
        made: Any = getattr(zero, f"__{'r' if swapped else ''}{name}__")(scalar)
        offset = int(made.to_numpy().view(np.int64)[0])
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None
    here, there = ticks_per_second(column.dtype), ticks_per_second(made.dtype)
    if made.isna()[0] or here is None or there is None or there < here:
        return None
    factor = -(there // here) if swapped and name == "sub" else there // here
    limits = limits_of(column).scaled(factor)
    if not limits.fits():
        return None
    return _times(column, shifted(_ticks(column), factor, offset), made.dtype, limits.scaled(1, offset))


def _ratio(name: str, column: Value, scalar: Any, swapped: bool) -> Value | None:
    """A length of time over another."""
    here = ticks_per_second(column.dtype)
    if column.dtype.kind != "m" or here is None or not isinstance(scalar, LENGTHS[:2]):
        return None
    try:
        length: Any = pandas.Timedelta(scalar)
    except (TypeError, ValueError, OverflowError):
        return None
    there = None if length is pandas.NaT else ticks_per_second(length.to_numpy().dtype)
    if there is None:
        return None
    finer = max(here, there)
    limits = limits_of(column).scaled(finer // here)
    divisor = int(length.to_numpy().view(np.int64)) * (finer // there)
    if not limits.fits() or abs(divisor) > MOST or divisor == 0:
        return None
    ticks = shifted(_ticks(column), finer // here, 0)
    if name == "truediv":
        parts = [cast(ticks, FLOAT64), literal(float(divisor), FLOAT64)]
        return _nan_at(column, apply("divide", *(parts[::-1] if swapped else parts)))
    if name != "floordiv" or swapped:
        return None
    quotient = apply("floor_divide", ticks, number(divisor, INT64))
    if not has_missing(column):
        return quotient
    return _nan_at(column, cast(quotient, FLOAT64))


# A length of time and a number -----------------------------------------------------------------------------


def _scaled(name: str, column: Value, factor: Any) -> Value | None:
    limits = limits_of(column)
    ticks = _ticks(column)
    if name == "mul" and isinstance(factor, (int, np.integer)):
        by = int(factor)
        if abs(by) > MOST:
            return None
        return _times(column, shifted(ticks, by, 0), column.dtype, limits.scaled(by))
    furthest = max(abs(limits.low), abs(limits.high)) if limits.low <= limits.high else 0
    if name not in ("mul", "truediv") or factor == 0 or not math.isfinite(factor):
        return None
    if isinstance(factor, (int, np.integer)):
        return None if abs(int(factor)) > MOST else _divided(column, ticks, int(factor), limits)
    reach = furthest * abs(factor) if name == "mul" else furthest / abs(factor)
    if reach >= 2.0**62:
        return None
    by_float = literal(float(factor), FLOAT64)
    product = apply("multiply" if name == "mul" else "divide", cast(ticks, FLOAT64), by_float)
    bound = int(reach) + 2**12
    return _times(column, cast(product, INT64), column.dtype, Limits(-bound, bound, limits.missing))


def _divided(column: Value, ticks: Value, divisor: int, limits: Limits) -> Value | None:
    """Rounded towards zero, as NumPy divides lengths of time by integers."""
    size = apply("floor_divide", apply("absolute", ticks), number(abs(divisor), INT64))
    below = apply("less" if divisor > 0 else "greater", ticks, number(0, INT64), dtype=BOOL)
    quotient = select(below, apply("negative", size), size)
    reach = max(abs(limits.low), abs(limits.high)) if limits.low <= limits.high else 0
    return _times(column, quotient, column.dtype, Limits(-reach, reach, limits.missing))


def time_sign(name: str, column: Value) -> Value | None:
    """``negative`` or ``absolute`` of a timedelta64 column; NaT is its own."""
    if column.dtype.kind != "m" or ticks_per_second(column.dtype) is None:
        return None
    return Map("reinterpret", (apply(name, _ticks(column)),), column.dtype)
