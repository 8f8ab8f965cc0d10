"""Means and spreads of times in groups: pandas' own to the last bit, which it computes as floats.

The mean is pandas' compensated sum of the ticks as float64, over their count, rounded towards zero.  Where
all that happens to the compensation is exact, that sum is the exact one, rounded once, in whichever order it
was added: `_is_exactly_summed`.  Then it is two sums of integers, in the loop that everything else is in.
Elsewhere pandas' own functions run on the bare array, told the groups.
"""

from __future__ import annotations

import numpy as np

from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, cast, is_missing, literal, select
from lazyframe.record.reductions import Grouped, count_valid
from lazyframe.record.row_labels import most_rows
from lazyframe.record.time_limits import NAT, Limits, limits_of, remember_limits
from passes.ir.values import Map, Reduce, Value, WithinGroup

SPREADS = frozenset({"std", "sem"})
"""Of dates they are lengths of time."""

POINTS = frozenset({"mean", "median", "quantile"})
"""Of dates they are dates."""

STATISTICS = POINTS | SPREADS
"""The aggregations of times that are computed here."""

_LOW_BITS = 36
_EXACT_BITS = 53
_MOST_ROWS = 1 << 26
"""Of so many, the sums of low bits and of high bits fit an int64, and the latter a float64."""

_LARGEST = 1 << 62
_ROUNDED = 1 << 10
"""Ticks by which the floats that pandas computes with may be off."""


def dtype_of_statistic(operation: str, dtype: np.dtype) -> np.dtype:
    """The dtype of one of `STATISTICS` of times."""
    return np.dtype(f"m8[{np.datetime_data(dtype)[0]}]") if operation in SPREADS else dtype


def statistic_of_times(operation: str, by: Grouped, column: Value, ddof: int, q: float) -> Value:
    """One value for each group, NaT left out.

    Parameters
    ----------
    operation : str
        Of `STATISTICS`.
    by : Grouped
        The groups.
    column : Value
        datetime64 or timedelta64, of the rows that are grouped.
    ddof : int
        Of a spread.
    q : float
        Of a quantile.
    """
    limits = limits_of(column)
    if operation == "mean" and _is_exactly_summed(limits, most_rows(by.rows)):
        found = _mean(by, column, limits)
    else:
        argument = {"quantile": q, "std": ddof, "sem": ddof}.get(operation)
        dtype = dtype_of_statistic(operation, column.dtype)
        found = WithinGroup(operation, column, by.group, dtype, argument)
    if operation not in SPREADS and limits.low <= limits.high:
        remember_limits(found, Limits(limits.low - _ROUNDED, limits.high + _ROUNDED, missing=True))
    return found


def sums_fit(by: Grouped, column: Value) -> bool:
    """Whether no sum of a group's lengths of time, in whichever order, exceeds an int64.

    What limits and the number of rows leave open is computed: what is added up in each group, less its signs.
    """
    limits, rows = limits_of(column), most_rows(by.rows)
    if limits.low > limits.high:
        return True
    if rows is not None and max(abs(limits.low), abs(limits.high)) * rows < _LARGEST:
        return True
    missing = is_missing(column)
    assert missing is not None
    sizes = apply("absolute", cast(Map("reinterpret", (column,), INT64), FLOAT64))
    sizes = select(missing, literal(0.0, FLOAT64), sizes)
    sums = by.reduce("sum", sizes, FLOAT64)
    (fit,) = compute(
        [Reduce("all", apply("less", sums, literal(float(_LARGEST), FLOAT64), dtype=BOOL), BOOL)]
    )
    return bool(fit)


def _is_exactly_summed(limits: Limits, rows: int | None) -> bool:
    """Whether a compensated float64 sum of ticks loses nothing but what its last rounding takes.

    It keeps a sum ``s`` and what is too much in it, ``c``: the next value less ``c`` is added to ``s``, and
    ``c`` is what rounding has added.  As all are multiples of one unit, and the values that are added no more
    than 2**53 of it, that difference is exact; so is the new ``c`` (Fast2Sum, where the one summand is a
    multiple of the other's last place).  Hence ``s - c`` is always the exact sum, and ``s`` the float next to
    it.
    """
    if rows is None or rows > _MOST_ROWS:
        return False
    if limits.low > limits.high:
        return True
    most = max(abs(limits.low), abs(limits.high))
    least = max(limits.low, -limits.high, 0)
    unit = 1 << max(least.bit_length() - _EXACT_BITS, 0)
    compensation = (most * rows >> _EXACT_BITS - 1) + 1
    return most + compensation + unit <= unit << _EXACT_BITS and most < _LARGEST


def _mean(by: Grouped, column: Value, limits: Limits) -> Value:
    ticks: Value = Map("reinterpret", (column,), INT64)
    if max(abs(limits.low), abs(limits.high)) > 1 << _EXACT_BITS:
        ticks = cast(cast(ticks, FLOAT64), INT64)  # pandas rounds each to a float
    missing = is_missing(column)
    assert missing is not None
    ticks = select(missing, literal(0, INT64), ticks)
    bits, mask = literal(_LOW_BITS, INT64), literal((1 << _LOW_BITS) - 1, INT64)
    high = by.reduce("sum", apply("right_shift", ticks, bits), INT64)
    low = by.reduce("sum", apply("bitwise_and", ticks, mask), INT64)
    high = apply("add", high, apply("right_shift", low, bits))
    low = apply("bitwise_and", low, mask)
    scaled = apply("multiply", cast(high, FLOAT64), literal(float(1 << _LOW_BITS), FLOAT64))
    total = apply("add", scaled, cast(low, FLOAT64))
    count = count_valid(by, column)
    none = apply("equal", count, literal(0, INT64), dtype=BOOL)
    mean = apply("divide", total, cast(apply("maximum", count, literal(1, INT64)), FLOAT64))
    return Map("reinterpret", (select(none, literal(NAT, INT64), cast(mean, INT64)),), column.dtype)
