"""Dates and lengths of time that a function of a group computes with, as pandas' scalars and series do."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas

from lazyframe.record.date_parts import (
    OF_DAYS,
    OF_TIME,
    date_part,
    ticks_per_second,
    time_part,
    total_seconds,
)
from lazyframe.record.datetimes import as_integers, as_times, compare_times
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, cast, is_missing, literal, select
from lazyframe.record.groupby_ways import Untraceable
from lazyframe.record.reductions import Grouped, count_valid
from lazyframe.record.row_labels import most_rows
from lazyframe.record.time_arithmetic import time_arithmetic
from lazyframe.record.time_limits import NAT, limits_of
from passes.ir.values import Value

SCALARS = (
    pandas.Timestamp, pandas.Timedelta, datetime.datetime, datetime.timedelta, np.datetime64, np.timedelta64,
)  # fmt: skip
"""The types of points and lengths of time that a function may compute with."""

_EXACT = 1 << 53
_COMPARISONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge"})


def is_time(value: Any) -> bool:
    """Whether a value is a column of dates or of lengths of time, of a unit of pandas'."""
    return isinstance(value, Value) and ticks_per_second(value.dtype) is not None


def is_scalar(value: Any) -> bool:
    """Whether ``value`` is one point or length of time, and not a missing one, nor in a zone."""
    return type(value) in SCALARS and not pandas.isna(value) and getattr(value, "tzinfo", None) is None


def combined(name: str, left: Value, right: Any, swapped: bool, numbers: bool) -> Value:
    """``left <name> right``, the other way round if ``swapped``.

    Parameters
    ----------
    name : str
        As `lazyframe.record.time_arithmetic` and `lazyframe.record.datetimes` have it.
    left : Value
        Times.
    right : Value or scalar
        Of the same rows.
    swapped : bool
        Of arithmetic.
    numbers : bool
        Whether all are of pandas' scalars, of which some things are other than of columns.
    """
    plain = is_time(right) or is_scalar(right)
    if not plain and (numbers or isinstance(right, Value)):
        raise Untraceable
    if name in _COMPARISONS:
        result = compare_times(name, left, right)
    elif name == "truediv" and not _divides_exactly(left, right):
        raise Untraceable
    else:
        result = time_arithmetic(name, left, right, swapped)
    if result is None or (result.dtype not in (BOOL, FLOAT64) and not is_time(result)):
        raise Untraceable
    return result


def _divides_exactly(left: Value, right: Any) -> bool:
    """Whether both lengths of time are floats as they are, so that one division rounds as another."""
    if is_time(right):
        return _reach(left) < _EXACT and _reach(right) < _EXACT and left.dtype == right.dtype
    if not is_scalar(right):
        return True
    if not isinstance(right, (datetime.timedelta, np.timedelta64)):
        return False
    length: Any = pandas.Timedelta(right)
    per_second = ticks_per_second(left.dtype), ticks_per_second(length.to_numpy().dtype)
    if per_second[0] is None or per_second[1] is None:
        return False
    finer = max(per_second[0], per_second[1])
    ticks = abs(int(length.to_numpy().view(np.int64)))
    return _reach(left) * finer // per_second[0] < _EXACT and ticks * finer // per_second[1] < _EXACT


def _reach(column: Value) -> int:
    limits = limits_of(column)
    return max(abs(limits.low), abs(limits.high)) if limits.low <= limits.high else 0


def part_of(column: Value, name: str) -> Value:
    """A part of dates, such as the year or whether a month begins, or the days of lengths of time."""
    if column.dtype.kind == "m":
        result = time_part(column, name) if name in ("days", "seconds", "microseconds") else None
    else:
        result = date_part(column, name) if name in OF_DAYS or name in OF_TIME else None
    if result is None:
        raise Untraceable
    return result


def seconds_of(column: Value) -> Value:
    """Lengths of time in seconds."""
    result = total_seconds(column)
    if result is None:
        raise Untraceable
    return result


def mean_of_lengths(by: Grouped, column: Value) -> tuple[Value, Value]:
    """The mean of lengths of time as a series has it, and of which groups it is not known to be.

    NumPy adds them up as floats: to the exact sum, if that of their sizes is no larger than floats are exact.
    """
    rows = most_rows(by.rows)
    if column.dtype.kind != "m" or rows is None or _reach(column) * rows > NAT * -1:
        raise Untraceable
    missing = is_missing(column)
    assert missing is not None
    ticks = select(missing, literal(0, INT64), as_integers(column))
    sizes = by.reduce("sum", apply("absolute", ticks), INT64)
    total, count = by.reduce("sum", ticks, INT64), count_valid(by, column)
    none = apply("equal", count, literal(0, INT64), dtype=BOOL)
    divisor = cast(apply("maximum", count, literal(1, INT64)), FLOAT64)
    mean = cast(apply("divide", cast(total, FLOAT64), divisor), INT64)
    large = apply("greater", sizes, literal(_EXACT, INT64), dtype=BOOL)
    return as_times(select(none, literal(NAT, INT64), mean), column.dtype), large


@dataclass(frozen=True, slots=True)
class Dates:
    """``series.dt``."""

    _of: Any

    def __getattr__(self, name: str) -> Any:
        if name == "date":
            return Days(self._of)
        return self._of.of_rows(part_of(self._of.value, name), whole=True)

    def total_seconds(self) -> Any:
        """``series.dt.total_seconds()``."""
        return self._of.of_rows(seconds_of(self._of.value))

    def normalize(self) -> Days:
        """``series.dt.normalize()``, of which may be known how many are distinct."""
        return Days(self._of)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of dates, of which is known how many are distinct."""

    _of: Any

    def nunique(self) -> Any:
        """``series.dt.date.nunique()``."""
        column = self._of.value
        per_second = ticks_per_second(column.dtype)
        missing = is_missing(column)
        if column.dtype.kind != "M" or per_second is None or missing is None:
            raise Untraceable
        day = literal(86_400 * per_second, INT64)
        ticks = apply("floor_divide", as_integers(column), day)
        days = as_times(select(missing, literal(NAT, INT64), ticks), column.dtype)
        return self._of.of_rows(days).reduced("nunique")
