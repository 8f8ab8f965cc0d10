"""datetime64 and timedelta64 columns, compared and put into one another as their integers."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas

from lazyframe.record.date_parts import ticks_per_second
from lazyframe.record.elementwise import BOOL, INT64, apply, both, is_missing, negate
from lazyframe.record.schema import is_ambiguous
from lazyframe.record.time_arithmetic import at_finer_unit
from lazyframe.record.time_limits import MOST, NAT
from passes.ir.values import Literal, Map, Value

OPERATIONS = {
    "eq": "equal",
    "ne": "not_equal",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
}


_NAT = Literal(NAT, INT64)


def as_integers(column: Value) -> Value:
    """A datetime64 or timedelta64 column as int64; any other as it is."""
    return Map("reinterpret", (column,), INT64) if column.dtype.kind in "mM" else column


def as_times(column: Value, dtype: np.dtype) -> Value:
    """An int64 column as datetime64 or timedelta64; for any other ``dtype`` the column as it is."""
    return Map("reinterpret", (column,), dtype) if dtype.kind in "mM" else column


def _scalar(value: Any, dtype: np.dtype) -> Any:
    """A ``Timestamp`` or ``Timedelta``, as ``dtype`` asks; None where ``value`` is no such scalar."""
    try:
        if dtype.kind == "M":
            if not isinstance(value, (str, datetime.datetime, np.datetime64)):
                return None
            point: Any = pandas.Timestamp(value)
            return None if point is pandas.NaT or point.tz is not None else point
        if not isinstance(value, (str, datetime.timedelta, np.timedelta64)):
            return None
        length: Any = pandas.Timedelta(value)
    except (ValueError, OverflowError, TypeError):
        return None
    return None if length is pandas.NaT else length


def time_scalar(value: Any, dtype: np.dtype) -> Literal | None:
    """A point in time or a length of time as the integer of ``dtype``; None if it is not exactly one."""
    scalar = _scalar(value, dtype)
    if scalar is None:
        return None
    try:
        exact = scalar.as_unit(np.datetime_data(dtype)[0], round_ok=False)
    except (ValueError, OverflowError, TypeError):
        return None
    return Literal(exact.to_numpy().view(np.int64), INT64)


def _place(value: Any, dtype: np.dtype) -> tuple[Literal, bool] | None:
    """Between which integers of ``dtype`` a scalar lies: the one below it, and whether it is that one."""
    if is_ambiguous(value):
        return None
    if isinstance(value, _TIMES):
        kind: Any = value.dtype if isinstance(value, np.generic) else type(value)
        return _known_place(value, kind, dtype)
    return _find_place(value, dtype)


_TIMES = (datetime.datetime, datetime.timedelta, np.datetime64, np.timedelta64)
"""What always stands for the same time, as "today" does not."""


@lru_cache(maxsize=512)
def _known_place(value: Hashable, kind: Hashable, dtype: np.dtype) -> tuple[Literal, bool] | None:
    return _find_place(value, dtype)


def _find_place(value: Any, dtype: np.dtype) -> tuple[Literal, bool] | None:
    exact = time_scalar(value, dtype)
    if exact is not None:
        return exact, True
    scalar = _scalar(value, dtype)
    if scalar is None:
        return None
    here, there = ticks_per_second(dtype), ticks_per_second(scalar.to_numpy().dtype)
    if here is None or there is None:
        return None
    below = int(scalar.to_numpy().view(np.int64)) * here // there
    return Literal(min(max(below, NAT), MOST), INT64), False


_INEXACT = {"lt": "le", "le": "le", "gt": "gt", "ge": "gt"}


def compare_times(name: str, left: Value, right: Any) -> Value | None:
    """A comparison of times: NaT is unequal to everything."""
    if left.dtype.kind not in "mM":
        return None
    if isinstance(right, Value):
        return _compare_columns(name, left, right)
    if type(right) is datetime.date and name in ("eq", "ne"):
        return _nowhere(left, name == "ne")
    place = _place(right, left.dtype)
    if place is None:
        return None
    below, exact = place
    if not exact and name in ("eq", "ne"):
        return _nowhere(left, name == "ne")
    asked = name if exact else _INEXACT[name]
    result = apply(OPERATIONS[asked], as_integers(left), below, dtype=BOOL)
    # NaT is the least integer: above and equal to nothing, and unequal to all others, as it should be
    return _with_missing(name, result, (left,)) if asked in ("lt", "le") or below is _NAT else result


def _nowhere(column: Value, answer: bool) -> Value:
    ticks = as_integers(column)
    return apply("equal" if answer else "not_equal", ticks, ticks, dtype=BOOL)


def _compare_columns(name: str, left: Value, right: Value) -> Value | None:
    if left.dtype.kind != right.dtype.kind or right.rows is None:
        return None
    mine, theirs = as_integers(left), as_integers(right)
    if left.dtype != right.dtype:
        common = at_finer_unit(left, right)
        if common is None:
            return None
        mine, _, theirs, _, _ = common
    return _with_missing(name, apply(OPERATIONS[name], mine, theirs, dtype=BOOL), (left, right))


def _with_missing(name: str, result: Value, columns: Sequence[Value]) -> Value:
    for column in columns:
        missing = is_missing(column)
        assert missing is not None
        if name == "ne":
            result = apply("bitwise_or", result, missing, dtype=BOOL)
        else:
            result = both(result, negate(missing))
    return result


def isin_times(column: Value, values: Sequence[Any]) -> Value | None:
    """Where a column is one of a short list of points (lengths) in time; None where pandas has to decide."""
    kinds = (datetime.datetime, np.datetime64) if column.dtype.kind == "M" else (datetime.timedelta,)
    if not values or not all(isinstance(value, kinds) for value in values):
        return None
    found: Value | None = None
    for value in values:
        exact = time_scalar(value, column.dtype)
        if exact is None:
            return None
        here = apply("equal", as_integers(column), exact, dtype=BOOL)
        found = here if found is None else apply("bitwise_or", found, here, dtype=BOOL)
    return found
