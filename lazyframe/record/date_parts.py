"""Parts of dates and of lengths of time: ``.dt.year`` and its kin."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    INT64,
    apply,
    both,
    cast,
    is_missing,
    literal,
    negate,
    select,
)
from lazyframe.record.time_limits import has_missing, limits_of
from passes.ir.calendar import LARGEST_DAY
from passes.ir.values import Literal, Map, Value

INT32 = np.dtype(np.int32)
UINT32 = np.dtype(np.uint32)

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""Ticks of each unit that pandas has."""

DAY_SECONDS = 86_400


@lru_cache(maxsize=256)
def ticks_per_second(dtype: np.dtype) -> int | None:
    """Of a datetime64 or timedelta64 dtype; None where the unit is none of pandas'."""
    if dtype.kind not in "mM":
        return None
    unit, count = np.datetime_data(dtype)
    return PER_SECOND.get(unit) if count == 1 else None


def number(value: int, dtype: np.dtype = INT32) -> Literal:
    """An integer constant."""
    return literal(value, dtype)


def _quotient(column: Value, divisor: int) -> Value:
    return column if divisor == 1 else apply("floor_divide", column, number(divisor, column.dtype))


def _rest(column: Value, divisor: int) -> Value:
    return apply("remainder", column, number(divisor, column.dtype))


def _is(column: Value, value: int) -> Value:
    return apply("equal", column, number(value), dtype=BOOL)


# Parts of a date, of int32 days since 1970 -------------------------------------------------------------


def _part(name: str) -> Callable[[Value], Value]:
    return lambda days: Map(name, (days,), INT32)


_year, _month, _day = _part("year"), _part("month"), _part("day_of_month")


def _quarter(days: Value) -> Value:
    # (month - 1) // 3, for the twelve months
    thirds = apply("multiply", apply("subtract", _month(days), number(1)), number(11))
    return apply("add", apply("right_shift", thirds, number(5)), number(1))


def _day_of_week(days: Value) -> Value:
    return _rest(apply("add", days, number(3)), 7)


def _is_leap_year(days: Value) -> Value:
    """Divisible by 4, and if by 25 as well then by 16."""
    year = _year(days)
    # by 25 without dividing (H. S. Warren, Hacker's Delight, section 10-17): an unsigned number is divisible
    # if its product with the inverse of 25 modulo 2**32 is among the 2**32 // 25 least
    positive = cast(apply("add", year, number(4_000_000)), UINT32)
    product = apply("multiply", positive, number(0xC28F5C29, UINT32))
    by_25 = apply("less_equal", product, number((2**32 - 1) // 25, UINT32), dtype=BOOL)
    by_16 = _is(apply("bitwise_and", year, number(15)), 0)
    by_4 = _is(apply("bitwise_and", year, number(3)), 0)
    return both(by_4, apply("bitwise_or", negate(by_25), by_16, dtype=BOOL))


def _days_in_month(days: Value) -> Value:
    month = _month(days)
    long = apply("bitwise_and", apply("add", month, apply("right_shift", month, number(3))), number(1))
    usual = apply("add", long, number(30))
    february = select(_is_leap_year(days), number(29), number(28))
    return select(_is(month, 2), february, usual)


def _is_month_start(days: Value) -> Value:
    return _is(_day(days), 1)


def _is_month_end(days: Value) -> Value:
    return apply("equal", _day(days), _days_in_month(days), dtype=BOOL)


def _month_is_one_of(days: Value, months: tuple[int, ...]) -> Value:
    bits = apply("right_shift", number(sum([1 << month for month in months])), _month(days))
    return _is(apply("bitwise_and", bits, number(1)), 1)


def _is_quarter_start(days: Value) -> Value:
    return both(_is_month_start(days), _month_is_one_of(days, (1, 4, 7, 10)))


def _is_quarter_end(days: Value) -> Value:
    return both(_is_month_end(days), _month_is_one_of(days, (3, 6, 9, 12)))


def _is_year_start(days: Value) -> Value:
    return _is(Map("day_of_year", (days,), INT32), 1)


def _is_year_end(days: Value) -> Value:
    return both(_is(_day(days), 31), _is(_month(days), 12))


OF_DAYS: dict[str, Callable[[Value], Value]] = {
    "year": _year,
    "month": _month,
    "day": _day,
    "quarter": _quarter,
    "day_of_week": _day_of_week,
    "day_of_year": _part("day_of_year"),
    "days_in_month": _days_in_month,
    "is_leap_year": _is_leap_year,
    "is_month_start": _is_month_start,
    "is_month_end": _is_month_end,
    "is_quarter_start": _is_quarter_start,
    "is_quarter_end": _is_quarter_end,
    "is_year_start": _is_year_start,
    "is_year_end": _is_year_end,
}

# Parts of a time of day, of int64 ticks: what is left of a multiple of the first number of seconds, counted
# in the second ------------------------------------------------------------------------------------------

OF_TIME = {"hour": (DAY_SECONDS, 3600), "minute": (3600, 60), "second": (60, 1)}


def date_part(column: Value, name: str) -> Value | None:
    """One part of a datetime64 column: int32, float64 if there is a NaT, or bool; None if pandas decides.

    Parameters
    ----------
    column : Value
        Of dtype datetime64.
    name : str
        ``"year"``, ``"is_month_end"``, ``"nanosecond"``, ...: an attribute of ``Series.dt``.
    """
    per_second = ticks_per_second(column.dtype)
    if per_second is None or column.dtype.kind != "M" or column.rows is None:
        return None
    ticks = Map("reinterpret", (column,), INT64)
    if name in OF_DAYS:
        days = _days(column, ticks, per_second * DAY_SECONDS)
        return None if days is None else _finished(OF_DAYS[name](days), column)
    if name in OF_TIME:
        whole, part = OF_TIME[name]
        found = _quotient(_rest(ticks, whole * per_second), part * per_second)
    elif name == "microsecond":
        found = _in_unit(_rest(ticks, per_second), per_second, 10**6)
    elif name == "nanosecond":
        found = _rest(ticks, 1000) if per_second == 10**9 else number(0, INT64)
        found = apply("bitwise_and", ticks, found) if isinstance(found, Literal) else found
    else:
        return None
    return _finished(cast(found, INT32), column)


def _in_unit(ticks: Value, per_second: int, wanted: int) -> Value:
    if per_second <= wanted:
        return apply("multiply", ticks, number(wanted // per_second, INT64))
    return _quotient(ticks, per_second // wanted)


def _days(column: Value, ticks: Value, per_day: int) -> Value | None:
    limits = limits_of(column)
    if limits.low <= limits.high:
        first, last = limits.low // per_day, limits.high // per_day
        if not -LARGEST_DAY <= first <= last <= LARGEST_DAY:
            return None
    return cast(_quotient(ticks, per_day), INT32)


def _finished(part: Value, column: Value) -> Value:
    """A part with what pandas puts at NaT."""
    if part.dtype == BOOL:
        missing = is_missing(column) if limits_of(column).missing else None
        return part if missing is None else both(part, negate(missing))
    if not has_missing(column):
        return part
    missing = is_missing(column)
    assert missing is not None
    return select(missing, literal(np.nan, FLOAT64), cast(part, FLOAT64))


# Parts of a length of time -----------------------------------------------------------------------------


def time_part(column: Value, name: str) -> Value | None:
    """``days``, ``seconds``, ``microseconds`` or ``nanoseconds`` of a timedelta64 column.

    The first is int64, the others int32, and all of them float64 if there is a NaT.
    """
    per_second = ticks_per_second(column.dtype)
    if per_second is None or column.dtype.kind != "m" or column.rows is None:
        return None
    ticks = Map("reinterpret", (column,), INT64)
    if name == "days":
        return _finished(_quotient(ticks, DAY_SECONDS * per_second), column)
    if name == "seconds":
        found = _quotient(_rest(ticks, DAY_SECONDS * per_second), per_second)
    elif name == "microseconds":
        found = _in_unit(_rest(ticks, per_second), per_second, 10**6)
    elif name == "nanoseconds":
        found = _rest(ticks, 1000) if per_second == 10**9 else apply("bitwise_and", ticks, number(0, INT64))
    else:
        return None
    return _finished(cast(found, INT32), column)


COMPONENTS = {
    "days": (None, DAY_SECONDS * 10**9),
    "hours": (DAY_SECONDS * 10**9, 3600 * 10**9),
    "minutes": (3600 * 10**9, 60 * 10**9),
    "seconds": (60 * 10**9, 10**9),
    "milliseconds": (10**9, 10**6),
    "microseconds": (10**6, 1000),
    "nanoseconds": (1000, 1),
}
"""Of ``.dt.components``: what is left of a multiple of the first number of nanoseconds, by the second."""


def components(column: Value) -> list[Value] | None:
    """The columns of ``.dt.components``, int64, or float64 if there is a NaT; None if pandas decides."""
    per_second = ticks_per_second(column.dtype)
    if per_second is None or column.dtype.kind != "m" or column.rows is None:
        return None
    ticks: Value = Map("reinterpret", (column,), INT64)
    per_tick = 10**9 // per_second
    found: list[Value] = []
    for whole, part in COMPONENTS.values():
        if part < per_tick:  # no tick is so short
            rest = apply("bitwise_and", ticks, number(0, INT64))
        else:
            rest = _quotient(ticks if whole is None else _rest(ticks, whole // per_tick), part // per_tick)
        found.append(_finished(rest, column))
    return found


def total_seconds(column: Value) -> Value | None:
    """A timedelta64 column in seconds, float64."""
    per_second = ticks_per_second(column.dtype)
    if per_second is None or column.dtype.kind != "m" or column.rows is None:
        return None
    if not SINCE_3_1:
        return None  # pandas rounds otherwise
    limits = limits_of(column)
    small = limits.low > limits.high or -(2**53) <= limits.low <= limits.high <= 2**53
    if not small and not (per_second == 10**9 and _splits_seconds()):
        return None
    ticks = Map("reinterpret", (column,), INT64)
    scale = literal(float(per_second), FLOAT64)
    if _splits_seconds():
        whole = cast(_quotient(ticks, per_second), FLOAT64)
        rest = apply("divide", cast(_rest(ticks, per_second), FLOAT64), scale)
        found = apply("add", whole, rest)
        if not small:
            found = _off_whole_seconds(found, whole, rest)
    else:
        found = apply("divide", cast(ticks, FLOAT64), scale)
    missing = is_missing(column) if limits.missing else None
    return found if missing is None else select(missing, literal(np.nan, FLOAT64), found)


def _off_whole_seconds(seconds: Value, whole: Value, rest: Value) -> Value:
    """Seconds that are not whole and were rounded to whole ones, moved back by one unit in the last place."""
    bits = Map("reinterpret", (seconds,), INT64)
    positive = apply("greater", seconds, literal(0.0, FLOAT64), dtype=BOOL)
    up = select(positive, number(1, INT64), number(-1, INT64))
    some = apply("greater", rest, literal(0.0, FLOAT64), dtype=BOOL)
    on_floor = both(some, apply("equal", seconds, whole, dtype=BOOL))
    next_whole = apply("add", whole, literal(1.0, FLOAT64))
    on_ceiling = both(some, apply("equal", seconds, next_whole, dtype=BOOL))
    above = Map("reinterpret", (apply("add", bits, up),), FLOAT64)
    below = Map("reinterpret", (apply("subtract", bits, up),), FLOAT64)
    return select(on_floor, above, select(on_ceiling, below, seconds))


@lru_cache(maxsize=1)
def _splits_seconds() -> bool:
    """Whether this pandas divides whole seconds and the rest apart, which rounds otherwise."""
    random = np.random.default_rng(0)
    ticks = random.integers(0, 2**53, 1000)
    found: Any = pandas.Series(ticks.view("timedelta64[ns]")).dt.total_seconds().to_numpy()
    return bool((found == ticks // 10**9 + ticks % 10**9 / 10**9).all())
