"""Times rounded to a multiple of a length of time, and converted from unit to unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.record.date_parts import DAY_SECONDS, number, ticks_per_second
from lazyframe.record.elementwise import BOOL, INT64, apply, both, cast, select
from lazyframe.record.time_limits import Limits, limits_of, masked, remember_limits, shifted
from passes.ir.values import Map, Value


def ticks_of_frequency(freq: Any, per_second: int) -> int | None:
    """How many ticks a fixed frequency such as ``"15min"`` is, None where it is none or no whole number."""
    if not isinstance(freq, (str, pandas.Timedelta, pandas.offsets.Tick, pandas.offsets.Day)):
        return None
    try:
        offset: Any = pandas.tseries.frequencies.to_offset(freq)
    except (ValueError, TypeError):
        return None
    if isinstance(offset, pandas.offsets.Day):
        nanoseconds = offset.n * DAY_SECONDS * 10**9
    elif isinstance(offset, pandas.offsets.Tick):
        nanoseconds = offset.nanos
    else:
        return None
    per_tick = 10**9 // per_second
    return nanoseconds // per_tick if nanoseconds > 0 and nanoseconds % per_tick == 0 else None


def round_times(column: Value, mode: str, freq: Any) -> Value | None:
    """``.dt.floor``, ``.dt.ceil`` or ``.dt.round`` (half to even); None where pandas decides or may raise.

    Parameters
    ----------
    column : Value
        Of dtype datetime64 or timedelta64.
    mode : str
        ``"floor"``, ``"ceil"`` or ``"round"``.
    freq : str, Timedelta or offset
        What is rounded to.
    """
    per_second = ticks_per_second(column.dtype)
    unit = None if per_second is None or column.rows is None else ticks_of_frequency(freq, per_second)
    if unit is None:
        return None
    limits = limits_of(column)
    reach = Limits(limits.low - unit, limits.high + unit, limits.missing)
    if limits.low <= limits.high and not reach.fits():
        return None
    ticks = Map("reinterpret", (column,), INT64)
    rest = apply("remainder", ticks, number(unit, INT64))
    rounded = apply("subtract", ticks, rest)
    if mode != "floor":
        up = _rounds_up(ticks, rest, unit, mode)
        rounded = apply("add", rounded, select(up, number(unit, INT64), number(0, INT64)))
    result = Map("reinterpret", (masked(column, rounded, limits),), column.dtype)
    remember_limits(result, reach)
    return result


def _rounds_up(ticks: Value, rest: Value, unit: int, mode: str) -> Value:
    if mode == "ceil":
        return apply("not_equal", rest, number(0, INT64), dtype=BOOL)
    above = apply("greater", rest, number(unit // 2, INT64), dtype=BOOL)
    if unit % 2:
        return above
    half = apply("equal", rest, number(unit // 2, INT64), dtype=BOOL)
    multiple = apply("floor_divide", ticks, number(unit, INT64))
    odd = cast(apply("bitwise_and", multiple, number(1, INT64)), BOOL)
    return apply("bitwise_or", above, both(half, odd), dtype=BOOL)


def normalize(column: Value) -> Value | None:
    """Midnight of each date."""
    return round_times(column, "floor", "D") if column.dtype.kind == "M" else None


def to_unit(column: Value, dtype: np.dtype) -> Value | None:
    """Times at another unit, rounded down; None where pandas raises because one does not fit."""
    here, there = ticks_per_second(column.dtype), ticks_per_second(dtype)
    if here is None or there is None or column.dtype.kind != dtype.kind:
        return None
    if here == there:
        return column
    limits = limits_of(column)
    ticks: Value = Map("reinterpret", (column,), INT64)
    if there > here:
        limits = limits.scaled(there // here)
        if not limits.fits():
            return None
        ticks = shifted(ticks, there // here, 0)
    else:
        divisor = here // there
        if limits.low <= limits.high:
            limits = Limits(limits.low // divisor, limits.high // divisor, limits.missing)
        ticks = apply("floor_divide", ticks, number(divisor, INT64))
    result = Map("reinterpret", (masked(column, ticks, limits),), dtype)
    remember_limits(result, limits)
    return result
