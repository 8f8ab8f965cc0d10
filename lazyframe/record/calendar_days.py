"""What depends on the day of a date alone, or on its hour, minute or second: asked of pandas once for each of
these that there may be, and looked up by its number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.record.date_parts import DAY_SECONDS, number, ticks_per_second
from lazyframe.record.elementwise import INT64, apply, is_missing, literal, select
from lazyframe.record.row_labels import length_of
from lazyframe.record.string_entries import bind_dictionary
from lazyframe.record.string_rows import run_quietly
from lazyframe.record.time_limits import NAT, Limits, limits_of, masked, remember_limits, shifted
from lazyframe.run.bindings import bind_array
from passes.ir.values import Gather, Map, Value

OfDates = Callable[[pandas.Series], Any]

_MOST_STEPS = 1 << 15
"""About ninety years of days."""

_ROWS_A_STEP = 4
"""With so many rows for each step, to ask of all steps costs less than to ask of all rows."""

_SHOWS_NO_MORE_THAN_SECONDS = re.compile(r"(%[-]?[aAbBdjmUuVwWyYGCDFxHIpMSRTXc%]|[^%])*", re.DOTALL)

_SHIFTS = (
    pandas.offsets.MonthEnd, pandas.offsets.MonthBegin, pandas.offsets.QuarterEnd,
    pandas.offsets.QuarterBegin, pandas.offsets.YearEnd, pandas.offsets.YearBegin, pandas.offsets.Week,
    pandas.offsets.BusinessDay, pandas.offsets.SemiMonthEnd, pandas.offsets.SemiMonthBegin,
)  # fmt: skip
_OF_WHOLE_DAYS = frozenset({"years", "months", "weeks", "days"})


def by_day(column: Value, method: OfDates) -> list[Value] | None:
    """What a method that looks at the day of each date alone gives for a column.

    Parameters
    ----------
    column : Value
        Of dtype datetime64.
    method : callable
        Takes a series of dates to a series or frame of the same length.

    Returns
    -------
    list of Value or None
        A column for the series, or for each of the frame's. None where pandas has to decide, or raise, and
        where the dates span so many days that to ask of each pays rarely.
    """
    found = _days(column)
    return None if found is None else _asked(found, method)


def _asked(steps: tuple[np.ndarray, Value], method: OfDates) -> list[Value] | None:
    dates, positions = steps
    made = run_quietly(method, pandas.Series(dates, copy=False))
    if not isinstance(made, (pandas.Series, pandas.DataFrame)) or len(made) != len(dates):
        return None
    parts = [made] if isinstance(made, pandas.Series) else [made.iloc[:, k] for k in range(made.shape[1])]
    return [Gather(_bound(part), positions) for part in parts]


def _bound(part: Any) -> Value:
    if not isinstance(part.dtype, np.dtype):
        return bind_dictionary(part.array)
    array = part.to_numpy()
    return bind_dictionary(array) if array.dtype == object else bind_array(array, "days")


def _days(column: Value) -> tuple[np.ndarray, Value] | None:
    """Midnight of each day from the first to the last, NaT if there may be one, and where each row's is."""
    return _steps(column, DAY_SECONDS)


def _steps(column: Value, seconds: int) -> tuple[np.ndarray, Value] | None:
    """The same of steps of so many seconds; None where there are so many that to ask of each pays rarely."""
    per_second = ticks_per_second(column.dtype)
    if per_second is None or column.dtype.kind != "M" or column.rows is None:
        return None
    per_step = per_second * seconds
    limits = limits_of(column)
    first, last = (limits.low // per_step, limits.high // per_step) if limits.low <= limits.high else (0, 0)
    most = max(_MOST_STEPS, (length_of(column.rows) or 0) // _ROWS_A_STEP)
    if last - first >= most or first * per_step <= NAT:
        return None
    ticks = Map("reinterpret", (column,), INT64)
    step = apply("floor_divide", ticks, number(per_step, INT64))
    positions = apply("subtract", step, literal(first, INT64))
    return _with_missing(column, np.arange(first, last + 1) * per_step, positions)


def _times_of_day(column: Value, seconds: int) -> tuple[np.ndarray, Value] | None:
    """The steps of so many seconds of one day, NaT if there may be one, and where each row's is."""
    per_second = ticks_per_second(column.dtype)
    if per_second is None or column.dtype.kind != "M" or column.rows is None:
        return None
    ticks = Map("reinterpret", (column,), INT64)
    of_day = apply("remainder", ticks, number(per_second * DAY_SECONDS, INT64))
    positions = apply("floor_divide", of_day, number(per_second * seconds, INT64))
    return _with_missing(column, np.arange(DAY_SECONDS // seconds) * (per_second * seconds), positions)


def _with_missing(column: Value, steps: np.ndarray, positions: Value) -> tuple[np.ndarray, Value]:
    """Times, and NaT behind them if a column may have one, and where in these its rows are."""
    missing = is_missing(column) if limits_of(column).missing else None
    if missing is not None:
        positions = select(missing, literal(len(steps), INT64), positions)
        steps = np.append(steps, NAT)
    return steps.view(column.dtype), positions


_DIRECTIVE = re.compile(r"%-?(.)", re.DOTALL)
_SECONDS = {"H": 3600, "I": 3600, "p": 3600, "M": 60, "R": 60, "S": 1, "T": 1, "X": 1, "c": 1}
"""The longest steps of time within which what a directive of ``strftime`` shows of the time is the same."""


def formatted(column: Value, form: Any) -> Value | None:
    """``.dt.strftime(form)``, for a format that shows no more than seconds."""
    if type(form) is not str or not _SHOWS_NO_MORE_THAN_SECONDS.fullmatch(form):
        return None
    directives = set(_DIRECTIVE.findall(form))
    of_time = directives & _SECONDS.keys()
    seconds = min([DAY_SECONDS, *[_SECONDS[one] for one in of_time]])
    if of_time and directives <= {*_SECONDS.keys() - {"c"}, "%"}:
        found = _times_of_day(column, seconds)
    else:
        found = _steps(column, seconds)
    made = None if found is None else _asked(found, lambda dates: dates.dt.strftime(form))
    return None if made is None else made[0]


def one_by_day(column: Value, method: OfDates) -> Value | None:
    """`by_day` of a method that gives a series."""
    found = by_day(column, method)
    return None if found is None else found[0]


def moves_days(offset: Any) -> bool:
    """Whether an offset moves each date by whole days that follow from the date's own day."""
    if getattr(offset, "normalize", True) or getattr(offset, "offset", None):
        return False
    if type(offset) is pandas.DateOffset:
        return bool(offset.kwds) and offset.kwds.keys() <= _OF_WHOLE_DAYS
    return type(offset) in _SHIFTS


def move_by(column: Value, offset: Any, name: str) -> Value | None:
    """``column + offset`` or, by ``name``, ``column - offset``; None where pandas has to decide, or raise."""
    found = _days(column) if moves_days(offset) and name in ("add", "sub") else None
    if found is None:
        return None
    dates, positions = found
    made = run_quietly(
        lambda days: days + offset if name == "add" else days - offset, pandas.Series(dates, copy=False)
    )
    if type(made) is not pandas.Series or made.dtype != column.dtype:
        return None
    moved = made.to_numpy().view(np.int64)
    before, limits = dates.view(np.int64), limits_of(column)
    there = before != NAT
    distance = np.where(there, moved - before, 0)
    if (moved[there] == NAT).any() or not len(before[there]):
        return None
    reach = Limits(int(moved[there].min()), int(moved[there].max()), limits.missing)
    per_second = ticks_per_second(column.dtype)
    assert per_second is not None
    reach = Limits(reach.low, reach.high + per_second * DAY_SECONDS, reach.missing)
    if not reach.fits():
        return None
    ticks = Map("reinterpret", (column,), INT64)
    result = apply("add", shifted(ticks, 1, 0), Gather(bind_array(distance, "days"), positions))
    times = Map("reinterpret", (masked(column, result, limits),), column.dtype)
    remember_limits(times, reach)
    return times
