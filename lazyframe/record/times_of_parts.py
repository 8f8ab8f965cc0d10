"""Times put together from columns of years, months, days and what is shorter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL, INT64, apply, both, cast, literal, select
from lazyframe.record.row_counts import has_rows
from passes.ir.values import Map, Reduce, Value

_YEARS = (1000, 9999)
"""Which pandas takes for years whichever way it reads them."""

_LIMITS = {"year": _YEARS, "month": (1, 12), "hour": (0, 23), "minute": (0, 59), "second": (0, 59)}

_SECONDS = {"hour": 3600, "minute": 60, "second": 1}

_TIMES = np.dtype("M8[us]")

_EPOCH = 719_468
"""Days from the first of March of the year 0 to the first of January 1970."""


def time_of_parts(parts: Mapping[str, Value]) -> Value | None:
    """What ``pandas.to_datetime`` makes of columns of parts of times.

    Parameters
    ----------
    parts : mapping of str to Value
        Columns of integers of the same rows: ``year``, ``month``, ``day``, and any of ``hour``, ``minute``
        and ``second``.

    Returns
    -------
    Value or None
        Microseconds.  None where a row is no date, or one that pandas might read otherwise, or there is no
        row.
    """
    if any(part.dtype.kind not in "iu" or part.dtype == np.uint64 for part in parts.values()):
        return None
    known = {name: cast(part, INT64) for name, part in parts.items()}
    year = known["year"]
    if year.rows is None or not has_rows(year.rows):
        return None
    valid = _is_among(known["day"], literal(1, INT64), _days_in_month(year, known["month"]))
    for name, (least, most) in _LIMITS.items():
        if name in known:
            limits = literal(least, INT64), literal(most, INT64)
            valid = both(valid, _is_among(known[name], *limits))
    (all_valid,) = compute([Reduce("all", valid, BOOL)])
    if not all_valid:
        return None
    seconds = _times(_days(year, known["month"], known["day"]), 86_400)
    for name, factor in _SECONDS.items():
        if name in known:
            seconds = apply("add", seconds, _times(known[name], factor))
    return Map("reinterpret", (_times(seconds, 1_000_000),), _TIMES)


def _times(number: Value, factor: int) -> Value:
    return number if factor == 1 else apply("multiply", number, literal(factor, INT64))


def _plus(number: Value, other: int) -> Value:
    return apply("add", number, literal(other, INT64))


def _whole(number: Value, divisor: int) -> Value:
    return apply("floor_divide", number, literal(divisor, INT64))


def _divides(divisor: int, number: Value) -> Value:
    rest = apply("remainder", number, literal(divisor, INT64))
    return apply("equal", rest, literal(0, INT64), dtype=BOOL)


def _is_among(number: Value, least: Value, most: Value) -> Value:
    above = apply("greater_equal", number, least, dtype=BOOL)
    return both(above, apply("less_equal", number, most, dtype=BOOL))


def _days_in_month(year: Value, month: Value) -> Value:
    """Of a month from 1 to 12; for any other it does not matter."""
    by_century = select(_divides(100, year), _divides(400, year), _divides(4, year))
    february = select(by_century, literal(29, INT64), literal(28, INT64))
    odd = apply("remainder", apply("add", month, _whole(month, 8)), literal(2, INT64))
    is_february = apply("equal", month, literal(2, INT64), dtype=BOOL)
    return select(is_february, february, _plus(odd, 30))


def _days(year: Value, month: Value, day: Value) -> Value:
    """Days since 1970: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", ``days_from_civil``.

    Years begin in March, so that the day that leap years add is their last.
    """
    begun = apply("less_equal", month, literal(2, INT64), dtype=BOOL)
    years = apply("subtract", year, cast(begun, INT64))
    months = select(begun, _plus(month, 9), _plus(month, -3))
    days = _times(years, 365)
    for part in (_whole(years, 4), _times(_whole(years, 100), -1), _whole(years, 400)):
        days = apply("add", days, part)
    before = _whole(_plus(_times(months, 153), 2), 5)
    return apply("add", apply("add", days, before), _plus(day, -1 - _EPOCH))
