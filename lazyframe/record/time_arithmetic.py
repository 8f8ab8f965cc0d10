"""pandas' arithmetic of dates and lengths of time, on their integers.

Whatever pandas raises because a result does not fit is left to it: the limits of the columns say that
nothing can overflow, or nothing is recorded.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas

from lazyframe.record.calendar_days import move_by, moves_days
from lazyframe.record.date_parts import ticks_per_second
from lazyframe.record.elementwise import INT64, UINT64, apply
from lazyframe.record.number_limits import reach_of
from lazyframe.record.schema import facts_of_scalar
from lazyframe.record.time_lengths import SCALARS, by_length, by_number, lengths_of, one_length
from lazyframe.record.time_limits import (
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


def is_length(operand: Any) -> bool:
    """Whether an operand is a column of lengths of time, or a length."""
    return operand.dtype.kind == "m" if isinstance(operand, Value) else isinstance(operand, SCALARS)


def time_arithmetic(name: str, left: Value, right: Any, swapped: bool, whole: bool = True) -> Value | None:
    """``left <name> right``, the other way round if ``swapped``; None where pandas has to decide.

    Parameters
    ----------
    name : str
        ``"add"``, ``"sub"``, ``"mul"``, ``"truediv"``, ``"floordiv"`` or ``"mod"``; any other gives None.
    left : Value
        A datetime64 or timedelta64 column, or with such a column or scalar on the right any other.
    right : Value or scalar
        A column of the same rows, or a number, point or length of time.
    whole : bool
        Whether the column is a block of its own: see `by_length`.
    """
    if left.rows is None or (isinstance(right, Value) and right.rows is None):
        return None
    if left.dtype.kind in "iuf":
        return _of_numbers(name, left, right, swapped)
    if ticks_per_second(left.dtype) is None:
        return None
    if isinstance(right, Value) and right.dtype.kind in "mM":
        if ticks_per_second(right.dtype) is None:
            return None
        return _of_columns(name, right, left, whole) if swapped else _of_columns(name, left, right, whole)
    if moves_days(right):
        return None if swapped and name == "sub" else move_by(left, right, name)
    if is_time_scalar(right) and name in ("add", "sub"):
        return _moved(name, left, right, swapped)
    if left.dtype.kind != "m":
        return None
    length = one_length(right)
    if length is not None:
        return by_length(name, length, left, whole) if swapped else by_length(name, left, length, whole)
    return None if swapped and name != "mul" else by_number(name, lengths_of(left), right)


def facts_of_times(name: str, left: Value, right: Any, swapped: bool) -> Hashable | None:
    """All that `time_arithmetic` looks at of columns that are blocks of their own; None where that is more.

    What it gives of other columns and scalars of these facts is of the same dtype, or None.
    """
    mine = _facts(name, left, swapped)
    theirs = None if mine is None else _facts(name, right, not swapped)
    return None if theirs is None else ("times", name, swapped, mine, theirs)


def _facts(name: str, operand: Any, second: bool) -> Hashable | None:
    """What decides of one operand, the ``second`` one or the first."""
    if not isinstance(operand, Value):
        return facts_of_scalar(operand)
    dtype = operand.dtype
    if operand.rows is None:
        return None
    if dtype.kind in "mM":
        limits = limits_of(operand)
        # whole quotients are floats where one is missing
        exact = limits.missing and name in ("floordiv", "mod") and has_missing(operand)
        return dtype, limits, exact
    if dtype.kind not in "iuf" or (name != "mul" and not (second and name in _QUOTIENTS)):
        return None
    # divided by integers, lengths of time only become shorter
    return dtype, reach_of(operand) if name == "mul" or dtype.kind == "f" or dtype == UINT64 else None


_QUOTIENTS = frozenset({"truediv", "floordiv", "mod"})


def _of_numbers(name: str, numbers: Value, right: Any, swapped: bool) -> Value | None:
    """A column of numbers times a length of time, or what a length is divided by."""
    if isinstance(right, Value):
        lengths = lengths_of(right) if right.dtype.kind == "m" and ticks_per_second(right.dtype) else None
    else:
        lengths = one_length(right)
    if lengths is None or (name != "mul" and not swapped):
        return None
    return by_number(name, lengths, numbers)


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


def _of_columns(name: str, left: Value, right: Value, whole: bool) -> Value | None:
    if name not in ("add", "sub"):
        return by_length(name, left, right, whole) if left.dtype.kind == right.dtype.kind == "m" else None
    common = at_finer_unit(left, right)
    if common is None:
        return None
    mine, my_limits, theirs, their_limits, finer = common
    kind = _KINDS.get((name, left.dtype.kind, right.dtype.kind))
    if kind is None:
        return None
    limits = my_limits.plus(their_limits if name == "add" else their_limits.scaled(-1))
    ticks = apply("add" if name == "add" else "subtract", mine, theirs)
    dtype = np.dtype(f"{kind}8[{np.datetime_data(finer)[0]}]")
    return _times(right, masked(left, ticks, limits_of(left)), dtype, limits)


# A column and a point or length of time ------------------------------------------------------------------


def _moved(name: str, column: Value, scalar: Any, swapped: bool) -> Value | None:
    unit = scalar.dtype if isinstance(scalar, np.generic) else getattr(scalar, "unit", None)
    moved = _moved_zero(name, column.dtype, (type(scalar), unit), scalar, swapped)
    if moved is None:
        return None
    offset, factor, dtype = moved
    limits = limits_of(column).scaled(factor)
    if not limits.fits():
        return None
    return _times(column, shifted(_ticks(column), factor, offset), dtype, limits.scaled(1, offset))


@lru_cache(maxsize=256)
def _moved_zero(
    name: str, dtype: np.dtype, kind: Hashable, scalar: Any, swapped: bool
) -> tuple[int, int, np.dtype] | None:
    """pandas is asked what it makes of 0: how far a column is moved, by ticks of which unit for one.

    Scalars that are equal, but of another ``kind``, need not be the same to pandas.
    """
    zero = pandas.Series(np.zeros(1, dtype), copy=False)
    try:
        made: Any = getattr(zero, f"__{'r' if swapped else ''}{name}__")(scalar)
        offset = int(made.to_numpy().view(np.int64)[0])
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None
    here, there = ticks_per_second(dtype), ticks_per_second(made.dtype)
    if made.isna()[0] or here is None or there is None or there < here:
        return None
    return offset, -(there // here) if swapped and name == "sub" else there // here, made.dtype


def time_sign(name: str, column: Value) -> Value | None:
    """``negative`` or ``absolute`` of a timedelta64 column; NaT is its own."""
    if column.dtype.kind != "m" or ticks_per_second(column.dtype) is None:
        return None
    return Map("reinterpret", (apply(name, _ticks(column)),), column.dtype)
