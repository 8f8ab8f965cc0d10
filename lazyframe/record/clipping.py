"""``clip`` by numbers, by bounds that may change a column's dtype, by columns, and of times.

pandas puts the bounds where the column is beyond them, and changes the dtype only if it puts one anywhere: so
where a bound is not of the dtype, the column is looked at.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe.record.computing import found_of
from lazyframe.record.datetimes import as_integers, as_times, compare_times
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    apply,
    both,
    call_ufunc,
    cast,
    is_missing,
    literal,
    select,
)
from lazyframe.record.missing import choose, held, is_nan, where, where_widened
from lazyframe.record.number_limits import reach_of
from lazyframe.record.time_limits import has_missing
from passes.ir.values import Reduce, Value

_SIDES = (("ge", np.greater_equal), ("le", np.less_equal))


def clip(column: Value, lower: Any, upper: Any) -> Value | None:
    """``column`` with values beyond two numbers, or None, replaced by these; NaN stays.

    None where the column has to be looked at, as `clip_by` does: a number is not of its dtype.
    """
    bounds = _in_order(lower, upper)
    if column.dtype.kind not in "iuf" or bounds is None:
        return None
    result = column
    for (_, ufunc), bound in zip(_SIDES, bounds, strict=True):
        if bound is None:
            continue
        put = held(bound, column.dtype)
        inside = call_ufunc(ufunc, (column, bound))
        if put is None or inside is None:
            return None
        missing = is_missing(column)
        if missing is not None:
            inside = apply("bitwise_or", missing, inside, dtype=BOOL)
        result = select(inside, result, put)
    return result


def clip_by(column: Value, lower: Any, upper: Any) -> Value | None:
    """``column`` with what is beyond its bounds replaced by these; None where pandas has to decide.

    Parameters
    ----------
    column : Value
        Of numbers or times.
    lower, upper : Value, scalar or None
        A column of the same rows, a number, or a point or length of time.
    """
    if column.dtype.kind not in "iufmM":
        return None
    if not isinstance(lower, Value) and not isinstance(upper, Value):
        bounds = _in_order(lower, upper)
        if bounds is None:
            return None
        lower, upper = bounds
        if column.dtype.kind in "mM":
            return _between_times(column, lower, upper)
    result: Value | None = column
    for (name, ufunc), bound in zip(_SIDES, (lower, upper), strict=True):
        if bound is None or result is None:
            continue
        # a number beside a column bounds what the column left, all else what was there before
        number = isinstance(bound, (int, float, np.number))
        original = result if number and isinstance(lower, Value) else column
        result = _bounded(result, original, name, ufunc, bound)
    return result


def _in_order(lower: Any, upper: Any) -> tuple[Any, Any] | None:
    """Two scalars as pandas takes them: a missing one is none, and the lower one is the lesser."""
    lower, upper = (None if bound is None or bound != bound else bound for bound in (lower, upper))
    if lower is None or upper is None:
        return lower, upper
    try:
        return min(lower, upper), max(lower, upper)
    except (TypeError, ValueError):
        return None


def _between_times(column: Value, earliest: Any, latest: Any) -> Value | None:
    """A column of times, none of them before or behind two that its unit holds; NaT stays."""
    ticks = bounded = as_integers(column)
    for operation, bound in (("maximum", earliest), ("minimum", latest)):
        if bound is None:
            continue
        put = held(bound, column.dtype)
        if put is None:
            return None
        bounded = apply(operation, bounded, put)
    missing = is_missing(column)
    assert missing is not None
    return column if bounded is ticks else as_times(select(missing, ticks, bounded), column.dtype)


def _bounded(result: Value, original: Value, name: str, ufunc: np.ufunc, bound: Any) -> Value | None:
    """``result`` where ``original`` is within a bound or missing, else the bound."""
    if original.dtype.kind in "mM":
        if isinstance(bound, Value) and (bound.dtype != original.dtype or has_missing(bound)):
            return None
        inside = compare_times(name, original, bound)
    else:
        if is_nan(bound) or not isinstance(bound, (Value, int, float, np.number)) or isinstance(bound, bool):
            return None
        inside = call_ufunc(ufunc, (original, bound))
    if inside is None:
        return None
    if isinstance(bound, Value):
        unbounded = is_missing(bound)
        if unbounded is not None:
            inside = apply("bitwise_or", inside, unbounded, dtype=BOOL)
    missing = is_missing(original)
    if missing is not None:
        inside = apply("bitwise_or", inside, missing, dtype=BOOL)
    found = where(result, inside, bound)
    if found is not None:
        return found
    return (
        _of_columns(result, inside, bound)
        if isinstance(bound, Value)
        else where_widened(result, inside, bound)
    )


def _of_columns(column: Value, inside: Value, bounds: Value) -> Value | None:
    """``column`` where ``inside``, else ``bounds`` of another dtype of numbers."""
    mine, theirs = column.dtype, bounds.dtype
    if mine.kind not in "iuf" or theirs.kind not in "iuf":
        return None
    if mine.kind != "f" and theirs.kind == "f":
        return _fractions(column, inside, bounds)
    if np.result_type(mine, theirs) == mine and (mine.kind, theirs.itemsize) != ("f", 8):
        return choose(inside, column, cast(bounds, mine), mine)
    if mine == FLOAT64 and theirs.kind in "iu" and reach_of(bounds).furthest <= 2**53:
        return choose(inside, column, cast(bounds, mine), mine)
    return None


def _fractions(column: Value, inside: Value, bounds: Value) -> Value | None:
    """Integers bounded by floats: they stay integers if they are within, or all bounds are whole."""
    if found_of(inside, "all", lambda: Reduce("all", inside, BOOL)):
        return column
    limits = np.iinfo(column.dtype)
    floats = cast(bounds, FLOAT64)
    low, beyond = literal(float(limits.min), FLOAT64), literal(float(int(limits.max) + 1), FLOAT64)
    whole = apply("equal", apply("floor", floats), floats, dtype=BOOL)
    within = both(apply("greater_equal", floats, low, dtype=BOOL), apply("less", floats, beyond, dtype=BOOL))
    if found_of(bounds, ("is", column.dtype), lambda: Reduce("all", both(whole, within), BOOL)):
        return choose(inside, column, cast(bounds, column.dtype), column.dtype)
    dtype = np.result_type(column.dtype, bounds.dtype)
    return select(inside, cast(column, dtype), cast(bounds, dtype))
