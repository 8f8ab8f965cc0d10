"""Shifts, differences and running totals of whole columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe.record.date_parts import ticks_per_second
from lazyframe.record.datetimes import as_integers, as_times
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, cast, is_missing, literal, select
from lazyframe.record.merge_missing import Positions, truths
from lazyframe.record.missing import held, isna
from lazyframe.record.missing_inputs import is_never_missing
from lazyframe.record.opaque_windows import by_pandas, extreme_so_far, order_of, shift_opaque
from lazyframe.record.reductions import Whole, count_rows, count_valid, sum_dtype
from lazyframe.record.row_labels import length_of
from lazyframe.record.time_arithmetic import time_arithmetic
from lazyframe.record.time_limits import MOST, NAT, Limits, limits_of, remember_limits
from lazyframe.record.zoned_times import points_of
from passes.ir.operations import neutral
from passes.ir.type_rules import rolling
from passes.ir.values import OPAQUE, Gather, Literal, Read, RowNumber, Value, Window

_FLOAT32 = np.dtype(np.float32)
_INT64_MIN = Literal(NAT, INT64)


def rank(column: Value, method: str, ascending: bool, as_share: bool, missing: str = "keep") -> Value | None:
    """Each row's place among all, by value, as float64; None where pandas has to compare.

    Parameters
    ----------
    column : Value
        Of numbers, times, strings or categories.
    method : str
        One of `passes.ir.type_rules.RANK_METHODS`.
    ascending : bool
        Whether the least value comes first.
    as_share : bool
        Divide by the number of values, or of distinct ones where equal values take one place.
    missing : str
        Where missing values, which all are equal, are: ``"top"``, ``"bottom"``, or ``"keep"`` for nowhere.
    """
    rows = column.rows
    if rows is None:
        return None
    column = points_of(column)
    ordered = order_of(column) if column.dtype == OPAQUE else column
    if ordered is None:
        return None
    column = ordered
    timeless: Value | None = None
    if column.dtype.kind in "mM":
        timeless = is_missing(column)
        column = as_integers(column)
    if column.dtype.kind not in "biuf":
        return None
    ranks: Value = Window(f"rank_{method}{'' if ascending else '_descending'}", column, FLOAT64)
    if timeless is not None:
        ranks = _without_least(ranks, timeless, method, ascending)
    whole = Whole(rows)
    if missing != "keep" and (timeless is not None or column.dtype.kind == "f"):
        return _with_missing(ranks, whole, method, as_share, missing == "top")
    if not as_share:
        return ranks
    if method == "dense":
        valid = select(isnan(ranks), literal(0.0, FLOAT64), ranks)
        return apply("divide", ranks, whole.reduce("maximum", valid, FLOAT64))
    valid_rows = count_valid(whole, column if timeless is None else ranks)
    return apply("divide", ranks, cast(valid_rows, FLOAT64))


def _with_missing(ranks: Value, whole: Whole, method: str, as_share: bool, first: bool) -> Value:
    """Ranks in which NaN gives way to those of missing values, before or behind all others."""
    gone = isnan(ranks)
    all_gone = cast(whole.reduce("sum", cast(gone, INT64), INT64), FLOAT64)
    rows = cast(count_rows(whole), FLOAT64)
    one = literal(1.0, FLOAT64)
    if method == "dense":
        others = whole.reduce("maximum", select(gone, literal(0.0, FLOAT64), ranks), FLOAT64)
        before = cast(whole.reduce("any", gone, BOOL), FLOAT64)
    else:
        others, before = apply("subtract", rows, all_gone), all_gone
    place: Value = one
    if method == "average":
        place = apply("divide", apply("add", all_gone, one), literal(2.0, FLOAT64))
    elif method == "max":
        place = all_gone
    elif method == "first":
        place = cast(Window("cumulative_sum", cast(gone, INT64), INT64), FLOAT64)
    known = apply("add", ranks, before) if first else ranks
    ranks = select(gone, place if first else apply("add", others, place), known)
    if not as_share:
        return ranks
    return apply("divide", ranks, whole.reduce("maximum", ranks, FLOAT64) if method == "dense" else rows)


def _without_least(ranks: Value, gone: Value, method: str, ascending: bool) -> Value:
    """Ranks of times among which NaT is the least: it has none, and the others those among themselves."""
    assert ranks.rows is not None
    if ascending:
        whole = Whole(ranks.rows)
        if method == "dense":
            before = cast(cast(whole.reduce("any", gone, BOOL), INT64), FLOAT64)
        else:
            before = cast(whole.reduce("sum", cast(gone, INT64), INT64), FLOAT64)
        ranks = apply("subtract", ranks, before)
    return select(gone, literal(np.nan, FLOAT64), ranks)


def roll(column: Value, name: str, rows: int, least: int | None) -> Value | None:
    """Something of each row and those before it, ``rows`` in all; None where pandas has to look.

    Parameters
    ----------
    column : Value
        Of numbers.
    name : str
        One of `passes.ir.type_rules.ROLLING`.
    rows : int
        At least 1.
    least : int, optional
        So many must have a value, or the result is NaN; by default all.
    """
    if column.rows is None or column.dtype.kind not in "biuf":
        return None
    return Window(rolling(name, rows, least), column, FLOAT64)


def expand(column: Value, name: str, least: int) -> Value | None:
    """Something of each row and all before it; None where pandas has to look."""
    if column.rows is None or column.dtype.kind not in "biuf":
        return None
    return Window(f"expanding_{name}_{least}", column, FLOAT64)


def fill(column: Value, how: str, limit: int | None) -> Value | None:
    """Missing values replaced by what is before or behind them; None where pandas has to decide.

    Parameters
    ----------
    column : Value
        Of any dtype.
    how : str
        ``"fill_forward"``, ``"fill_backward"``, or, of numbers, ``"interpolate"``.
    limit : int, optional
        So many missing values in a row are filled at most.
    """
    if column.rows is None:
        return None
    operation = how if limit is None else f"{how}_{limit}"
    kind = column.dtype.kind
    if kind == "f":
        return Window(operation, column, column.dtype)
    if kind in "iu" or (kind == "b" and how != "interpolate"):
        return column
    if how == "interpolate":
        return None
    if kind in "mM":
        return _fill_times(column, operation)
    if isinstance(column, Read):  # pandas fills what is in memory at once
        if is_never_missing(column):
            return column
        forward = how == "fill_forward"
        return by_pandas(column, lambda gaps: gaps.ffill(limit=limit) if forward else gaps.bfill(limit=limit))
    missing = isna(column)
    if missing is None:
        return None
    numbers = select(missing, _INT64_MIN, RowNumber(column.rows))
    found = apply("maximum", Window(operation, numbers, INT64), Literal(-1, INT64))
    return Positions(found, None).seen(column)


def _fill_times(column: Value, operation: str) -> Value | None:
    if ticks_per_second(column.dtype) is None:
        return None
    limits = limits_of(column)
    if not limits.missing:
        return column
    result = as_times(Window(operation, as_integers(column), INT64), column.dtype)
    remember_limits(result, Limits(limits.low, limits.high, missing=True))
    return result


def isnan(column: Value) -> Value:
    """Where floats are NaN."""
    return apply("is_nan", column, dtype=BOOL)


def shift(column: Value, periods: Any, fill: Any = None, filled: bool = False) -> Value | None:
    """Each row's value ``periods`` rows before it; None where pandas has to decide.

    Parameters
    ----------
    column : Value
        Of any dtype.
    periods : int
        Negative for rows behind.
    fill : scalar
        What stands in rows that have no other, if ``filled``; else NaN or NaT, for which integers become
        float64.
    """
    if type(periods) is not int or column.rows is None or abs(periods) >= 2**62:
        return None
    if periods == 0:
        return column
    if column.dtype == OPAQUE:
        fill_with = {"fill_value": fill} if filled else {}
        return shift_opaque(column, _row_before(column, periods), periods, fill_with)
    if column.dtype == BOOL and not filled:
        return Positions(_row_before(column, periods), True).seen(column)
    if column.dtype.kind not in "biufmM":
        return None
    put: Value | None
    if filled:
        put = held(fill, column.dtype)
    elif column.dtype.kind in "mM":
        put = _INT64_MIN
    else:
        put = Literal(np.nan, _holding_nan(column.dtype))
    if put is None:
        return None
    exists, before = _at_distance(as_integers(column), periods)
    if column.dtype.kind in "mM":
        result = as_times(select(exists, before, put), column.dtype)
        if ticks_per_second(column.dtype) is not None and not filled:
            limits = limits_of(column)
            remember_limits(result, Limits(limits.low, limits.high, missing=True))
        return result
    return select(exists, cast(before, put.dtype), put)


def _row_before(column: Value, periods: int) -> Value:
    """The row ``periods`` before each, -1 where there is none."""
    assert column.rows is not None
    exists, before = _at_distance(RowNumber(column.rows), periods)
    return select(exists, before, Literal(-1, INT64))


def _holding_nan(dtype: np.dtype) -> np.dtype:
    return dtype if dtype.kind == "f" else FLOAT64


def _at_distance(column: Value, periods: int) -> tuple[Value, Value]:
    """Whether there is a row ``periods`` before each, and its value; some other value where there is none."""
    assert column.rows is not None
    number = RowNumber(column.rows)
    distance = Literal(abs(periods), INT64)
    if periods > 0:
        exists = apply("greater_equal", number, distance, dtype=BOOL)
        position = apply("maximum", apply("subtract", number, distance), Literal(0, INT64))
    else:
        last = apply("subtract", count_rows(Whole(column.rows)), Literal(1, INT64))
        position = apply("add", number, distance)
        exists = apply("less_equal", position, last, dtype=BOOL)
        position = apply("minimum", position, last)
    return exists, Gather(column, position)


def diff(column: Value, periods: Any) -> Value | None:
    """Each row's value less the one ``periods`` rows before it, with pandas' dtypes."""
    if type(periods) is not int or periods == 0 or column.rows is None or abs(periods) >= 2**62:
        return None
    kind = column.dtype.kind
    if kind in "mM":
        before = shift(column, periods)
        return None if before is None else time_arithmetic("sub", column, before, False)
    if kind == "b":
        exists, before = _at_distance(column, periods)
        return truths(apply("bitwise_xor", column, before, dtype=BOOL), exists)
    if kind not in "iuf":
        return None
    if kind == "i" and column.dtype.itemsize < 4:
        column = cast(column, _FLOAT32)
    exists, before = _at_distance(column, periods)
    difference = apply("subtract", column, before)  # integers wrap, as pandas' do
    dtype = _holding_nan(column.dtype)
    return select(exists, cast(difference, dtype), literal(np.nan, dtype))


_OPERATIONS = {
    "cumsum": ("cumulative_sum", "sum"),
    "cumprod": ("cumulative_product", "product"),
    "cummax": ("cumulative_maximum", "maximum"),
    "cummin": ("cumulative_minimum", "minimum"),
}


def accumulate(name: str, column: Value, skipna: Any) -> Value | None:
    """``cumsum``, ``cumprod``, ``cummax`` or ``cummin``; None where pandas has to decide or raise."""
    if not isinstance(skipna, bool) or column.rows is None:
        return None
    operation, _ = _OPERATIONS[name]
    if column.dtype == OPAQUE:
        return extreme_so_far(column, name, skipna) if name in ("cummax", "cummin") else None
    if column.dtype.kind in "mM":
        return _accumulate_times(name, column, skipna)
    if column.dtype.kind not in "biuf":
        return None
    dtype = sum_dtype(column.dtype) if name in ("cumsum", "cumprod") else column.dtype
    skips = skipna and column.dtype.kind == "f"
    return Window(f"{operation}_of_valid" if skips else operation, column, dtype)


def _accumulate_times(name: str, column: Value, skipna: bool) -> Value | None:
    if name == "cumprod" or (name == "cumsum" and column.dtype.kind == "M"):
        return None
    if ticks_per_second(column.dtype) is None:
        return None
    limits = limits_of(column)
    if name == "cumsum" and not _sum_fits(column, limits):
        return None
    operation, reduction = _OPERATIONS[name]
    ticks = as_integers(column)
    missing = is_missing(column)
    assert missing is not None
    running = Window(operation, select(missing, Literal(neutral(reduction, INT64), INT64), ticks), INT64)
    if not skipna:
        missing = Window("cumulative_maximum", missing, BOOL)
    result = as_times(select(missing, _INT64_MIN, running), column.dtype)
    if name != "cumsum":
        remember_limits(result, Limits(limits.low, limits.high, limits.missing))
    return result


def _sum_fits(column: Value, limits: Limits) -> bool:
    """Whether no running total can leave the integers: pandas raises where one does."""
    assert column.rows is not None
    length = length_of(column.rows)
    if limits.low > limits.high:
        return True
    return length is not None and length * max(abs(limits.low), abs(limits.high)) <= MOST
