"""``clip`` by numbers, by bounds that may change a column's dtype, by columns, and of times.

pandas puts the bounds where the column is beyond them, and changes the dtype only if it puts one anywhere: so
where a bound is not of the dtype, the column is looked at.
"""

from __future__ import annotations

from collections.abc import Hashable
from types import NoneType
from typing import Any

import numpy as np

from lazyframe.record.computing import found_of
from lazyframe.record.datetimes import as_integers, as_times, compare_times, time_scalar
from lazyframe.record.elementwise import (
    BOOL,
    apply,
    call_ufunc,
    is_missing,
    select,
)
from lazyframe.record.missing import held, is_nan, where, widened
from lazyframe.record.schema import dtype_with, facts_of_scalar, keeps_dtype
from lazyframe.record.time_limits import has_missing
from lazyframe.record.where_columns import holds_dtype, where_columns
from passes.ir.values import Reduce, Value

_SIDES = (("ge", np.greater_equal), ("le", np.less_equal))


def clip(column: Value, lower: Any, upper: Any) -> Value | None:
    """``column`` with values beyond two numbers, or None, replaced by these; NaN stays.

    None where the column has to be looked at, as `clip_by` does: a number is not of its dtype.
    """
    bounds = _in_order(lower, upper)
    if column.dtype.kind not in "iuf" or bounds is None:
        return None
    held_bounds = [None if bound is None else held(bound, column.dtype) for bound in bounds]
    if any(put is None and bound is not None for put, bound in zip(held_bounds, bounds, strict=True)):
        return None
    result = column
    for (_, ufunc), bound, put in zip(_SIDES, bounds, held_bounds, strict=True):
        if put is None:
            continue
        inside = call_ufunc(ufunc, (column, bound))
        if inside is None:
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


def clip_by_written(column: Value, lower: Any, upper: Any) -> Value | None:
    """The same by points or lengths of time that are written as text; None where pandas has to decide."""
    if column.dtype.kind not in "mM" or any(type(bound) not in (str, NoneType) for bound in (lower, upper)):
        return None
    bounds = _in_order(lower, upper)  # of text, as pandas orders them
    if bounds is None:
        return None
    ticks = [None if bound is None else time_scalar(bound, column.dtype) for bound in bounds]
    if any(tick is None and bound is not None for tick, bound in zip(ticks, bounds, strict=True)):
        return None
    least, most = ticks
    if least is not None and most is not None and least.value.item() > most.value.item():
        return None
    return _between_ticks(column, least, most)


def clip_each(column: Value, lower: Any, upper: Any) -> Value | None:
    """A column of a frame bounded by what lists and frames have for it; None where the dtype may change.

    Whether it does pandas decides of all columns that share memory: so only bounds that any column of this
    dtype holds are taken. Unlike two numbers the bounds stay in their order.

    Parameters
    ----------
    column : Value
        Of numbers.
    lower, upper : Value, numpy.generic, int, float or None
        A column of the same rows, an entry of a list as NumPy has it, or a number for all columns.
    """
    if column.dtype.kind not in "iuf":
        return None
    result: Value | None = column
    for (name, ufunc), bound in zip(_SIDES, (lower, upper), strict=True):
        if bound is None or result is None:
            continue
        if isinstance(bound, Value):
            if bound.dtype.kind not in "iuf" or not holds_dtype(column.dtype, bound.dtype):
                return None
        elif held(bound, column.dtype) is None or (
            isinstance(bound, np.generic) and _is_inexact(bound, column)
        ):
            return None
        original = column if isinstance(bound, (Value, np.generic)) else result
        result = _bounded(result, original, name, ufunc, bound)
    return result


def _is_inexact(bound: np.generic, column: Value) -> bool:
    """Whether a column has to be of another dtype to hold all that an array may, or this entry of it."""
    return np.result_type(column.dtype, bound.dtype) != column.dtype or bool(
        column.dtype.type(bound) != bound
    )


def facts_of_clipping(column: Value, lower: Any, upper: Any) -> Hashable | None:
    """All that decides the dtype of `clip_by`, if that is anything; None where that would be more.

    Parameters
    ----------
    column, lower, upper
        As for `clip_by`.
    """
    if isinstance(lower, Value) or isinstance(upper, Value):
        sides = [None if bound is None else _is_alike(bound, column) for bound in (lower, upper)]
        return None if False in sides else ("clip by", column.dtype, *sides)
    kind = column.dtype.kind
    if kind not in "iufmM":
        return None
    facts = [_facts_of_bound(bound, kind) for bound in (lower, upper)]
    bounds = None if None in facts else _in_order(lower, upper)
    if bounds is None:
        return None
    if kind in "mM":
        return "clip", column.dtype, *facts
    found = column.dtype
    for (name, ufunc), bound in zip(_SIDES, bounds, strict=True):
        if bound is None or keeps_dtype(found, bound):
            continue
        wider = dtype_with(found, bound)
        if wider is None:
            return None
        if not _is_inside(column, name, ufunc, bound):
            found = wider
    return "clip", column.dtype, *facts, found


def _is_alike(bound: Any, column: Value) -> bool:
    """Whether a bound is a column whose dtype is that of what it bounds, whatever the values of both are."""
    if not isinstance(bound, Value) or bound.dtype != column.dtype:
        return False
    return column.dtype.kind in "iuf" or (column.dtype.kind in "mM" and not has_missing(bound))


_NUMBERS = (int, float, np.int64, np.float64)


def _facts_of_bound(bound: Any, kind: str) -> Hashable | None:
    """What tells a bound of a column of some kind from others, if it can be compared with the column."""
    if bound is None or bound != bound:
        return ()
    return facts_of_scalar(bound) if kind in "mM" or type(bound) in _NUMBERS else None


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
    ends = [None if bound is None else held(bound, column.dtype) for bound in (earliest, latest)]
    if any(end is None and bound is not None for end, bound in zip(ends, (earliest, latest), strict=True)):
        return None
    return _between_ticks(column, *ends)


def _between_ticks(column: Value, least: Value | None, most: Value | None) -> Value:
    """The same of two counts of its unit."""
    ticks = bounded = as_integers(column)
    for operation, end in (("maximum", least), ("minimum", most)):
        if end is not None:
            bounded = apply(operation, bounded, end)
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
    if isinstance(bound, Value):
        return where_columns(result, inside, bound)
    if dtype_with(result.dtype, bound) is not None and _is_inside(original, name, ufunc, bound):
        return result
    return widened(result, inside, bound)


def _is_inside(column: Value, name: str, ufunc: np.ufunc, bound: Any) -> bool:
    """Whether a number bounds no value of a column: found out once."""

    def all_inside() -> Value:
        inside = call_ufunc(ufunc, (column, bound))
        missing = is_missing(column)
        assert inside is not None
        return Reduce(
            "all", inside if missing is None else apply("bitwise_or", inside, missing, dtype=BOOL), BOOL
        )

    return found_of(column, (name, type(bound), bound), all_inside)
