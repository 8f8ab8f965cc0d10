"""datetime64 and timedelta64 columns, computed on as their integers."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas

from lazyframe.record.elementwise import BOOL, INT64, apply, both, negate
from passes.ir.values import Literal, Map, Value

MISSING = Literal(np.iinfo(np.int64).min, INT64)
"""NaT, as its integer."""

OPERATIONS = {
    "eq": "equal",
    "ne": "not_equal",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
}


def as_integers(column: Value) -> Value:
    """A datetime64 or timedelta64 column as int64; any other as it is."""
    return Map("reinterpret", (column,), INT64) if column.dtype.kind in "mM" else column


def as_times(column: Value, dtype: np.dtype) -> Value:
    """An int64 column as datetime64 or timedelta64; for any other ``dtype`` the column as it is."""
    return Map("reinterpret", (column,), dtype) if dtype.kind in "mM" else column


def time_scalar(value: Any, dtype: np.dtype) -> Literal | None:
    """A point in time or a length of time as the integer of ``dtype``; None if it is not exactly one."""
    try:
        scalar: Any
        if dtype.kind == "M":
            if not isinstance(value, (str, datetime.datetime, np.datetime64)):
                return None
            scalar = pandas.Timestamp(value)
            if scalar is pandas.NaT or scalar.tz is not None:
                return None
        else:
            if not isinstance(value, (str, datetime.timedelta, np.timedelta64)):
                return None
            scalar = pandas.Timedelta(value)
            if scalar is pandas.NaT:
                return None
        unit = np.datetime_data(dtype)[0]
        exact = scalar.as_unit(unit, round_ok=False)
    except (ValueError, OverflowError, TypeError):
        return None
    return Literal(exact.to_numpy().view(np.int64), INT64)


def compare_times(name: str, left: Value, right: Any) -> Value | None:
    """A comparison of times of one unit: NaT is unequal to everything."""
    if left.dtype.kind not in "mM":
        return None
    other: Value | None
    if isinstance(right, Value):
        if right.dtype != left.dtype:
            return None
        other = as_integers(right)
    else:
        other = time_scalar(right, left.dtype)
    if other is None:
        return None
    mine = as_integers(left)
    result: Value = apply(OPERATIONS[name], mine, other, dtype=BOOL)
    for side in (mine, other):
        if isinstance(side, Literal):
            continue
        missing = apply("equal", side, MISSING, dtype=BOOL)
        if name == "ne":
            result = apply("bitwise_or", result, missing, dtype=BOOL)
        else:
            result = both(result, negate(missing))
    return result
