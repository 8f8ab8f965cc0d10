"""Time zones as tables: what a zone's clocks show at a point in time, and when they showed what.

pandas is asked what a zone's clocks show every few hours between two points in time, and where they were set
in between; so whatever library keeps the zone's rules, they are pandas' own. In each stretch of these hours a
clock is set once at the most, so a row looks up its stretch by division.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.record.date_parts import PER_SECOND, number
from lazyframe.record.elementwise import BOOL, INT64, apply, both, literal, select
from lazyframe.record.time_limits import MOST, Limits, shifted
from lazyframe.run.bindings import bind_array
from passes.ir.values import Gather, Value

_HOURS = 6
_MOST_STRETCHES = 1 << 18
"""Of so many hours: 180 years."""

_MARGIN_S = 2 * 86_400
"""No clock is so far from UTC."""


class Changes(NamedTuple):
    """How a zone's clocks differ from UTC between two points in time, in ticks.

    Parameters
    ----------
    points : ndarray of int64
        When they were set, ascending.
    before, after : ndarray of int64
        How much they were ahead of UTC before and after each.
    first : int
        How much they were ahead at the first point in time.
    """

    points: np.ndarray
    before: np.ndarray
    after: np.ndarray
    first: int


_NONE = np.empty(0, np.int64)


def _fixed(zone: Any) -> int | None:
    """How many seconds the clocks of a zone are ahead of UTC, if that is always as much."""
    try:
        ahead = zone.utcoffset(None)
    except Exception:
        return None
    seconds = None if ahead is None else ahead.total_seconds()
    return int(seconds) if seconds is not None and seconds.is_integer() else None


def changes_of(zone: Any, unit: str, limits: Limits) -> Changes | None:
    """How the clocks of a zone were set where times within limits are; None if these are too far apart.

    Parameters
    ----------
    zone : tzinfo
        As pandas has it.
    unit : str
        Of the limits.
    limits : Limits
        Of times in UTC, or on the zone's clocks.
    """
    per_second = PER_SECOND[unit]
    if not isinstance(zone, Hashable):  # dateutil's
        return None
    fixed = _fixed(zone)
    if fixed is not None:
        return Changes(_NONE, _NONE, _NONE, fixed * per_second)
    low, high = (limits.low, limits.high) if limits.low <= limits.high else (0, 0)
    first, last = low // per_second - _MARGIN_S, high // per_second + _MARGIN_S
    least, most = pandas.Timestamp.min.value // 10**9, pandas.Timestamp.max.value // 10**9
    if not least + _MARGIN_S < first <= last < most - _MARGIN_S:
        return None  # pandas may raise
    step = _HOURS * 3600
    # limits that differ by little are of one table
    return _found(zone, first // step // 64 * 64, (last // step // 64 + 1) * 64, per_second)


@lru_cache(maxsize=64)
def _found(zone: Any, first: int, last: int, per_second: int) -> Changes | None:
    if last - first > _MOST_STRETCHES:
        return None
    seconds = np.arange(first, last + 1) * (_HOURS * 3600)
    ahead = _ahead_of_utc(seconds, zone)
    places = np.flatnonzero(ahead[1:] != ahead[:-1])
    low, high = seconds[places], seconds[places + 1]
    before, after = ahead[places], ahead[places + 1]
    while (high - low > 1).any():
        middle = (low + high) // 2
        is_before = _ahead_of_utc(middle, zone) == before
        low, high = np.where(is_before, middle, low), np.where(is_before, high, middle)
    if not (_ahead_of_utc(high, zone) == after).all():
        return None  # set more than once
    return Changes(high * per_second, before * per_second, after * per_second, int(ahead[0]) * per_second)


def _ahead_of_utc(seconds: np.ndarray, zone: Any) -> np.ndarray:
    """How many seconds the clocks of a zone are ahead of UTC at some points in time."""
    points = pandas.DatetimeIndex(seconds.view("datetime64[s]"))
    shown: Any = points.tz_localize("UTC").tz_convert(zone).tz_localize(None)
    found: np.ndarray = (shown - points).to_numpy().astype("timedelta64[s]").view(np.int64)
    return found


def wall_ticks(ticks: Value, zone: Any, unit: str, limits: Limits) -> tuple[Value, Limits] | None:
    """What a zone's clocks show at points in time, as int64, NaT left alone, and its limits."""
    found = changes_of(zone, unit, limits)
    if found is None:
        return None
    offsets = [found.first, *found.after.tolist()]
    reach = _moved(limits, min(offsets), max(offsets))
    if not reach.fits():
        return None
    if not len(found.points):
        return shifted(ticks, 1, found.first), reach
    stretches = _stretches(found.points, found.points + 1, found, unit, limits)
    if stretches is None:
        return None
    since, _, before, after = _at(ticks, stretches, unit, limits)
    is_after = apply("greater_equal", ticks, since, dtype=BOOL)
    return apply("add", ticks, select(is_after, after, before)), reach


def points_on_walls(
    ticks: Value, zone: Any, unit: str, limits: Limits
) -> tuple[Value, Value | None, Limits] | None:
    """At which points in time a zone's clocks showed this, as int64, NaT left alone.

    Beside it where they showed it twice or never, which is no column where there is no such time at all.
    """
    found = changes_of(zone, unit, limits)
    if found is None:
        return None
    offsets = [found.first, *found.after.tolist()]
    reach = _moved(limits, -max(offsets), -min(offsets))
    if not reach.fits():
        return None
    if not len(found.points):
        return shifted(ticks, 1, -found.first), None, reach
    lower = found.points + np.minimum(found.before, found.after)
    upper = found.points + np.maximum(found.before, found.after)
    stretches = _stretches(lower, upper, found, unit, limits)
    if stretches is None:
        return None
    since, until, before, after = _at(ticks, stretches, unit, limits)
    is_after = apply("greater_equal", ticks, since, dtype=BOOL)
    unclear = both(is_after, apply("less", ticks, until, dtype=BOOL))
    return apply("subtract", ticks, select(is_after, after, before)), unclear, reach


def _moved(limits: Limits, least: int, most: int) -> Limits:
    if limits.low > limits.high:
        return Limits(limits.low, limits.high, limits.missing)
    return Limits(limits.low + least, limits.high + most, limits.missing)


class _Stretches(NamedTuple):
    """For each stretch of hours from the ``first`` on: when clocks are set in it, and what they differ by."""

    first: int
    since: np.ndarray
    until: np.ndarray
    before: np.ndarray
    after: np.ndarray


def _stretches(
    lower: np.ndarray, upper: np.ndarray, found: Changes, unit: str, limits: Limits
) -> _Stretches | None:
    """A table of what happens between ``lower`` and ``upper``; None where two things do in one stretch."""
    step = _HOURS * 3600 * PER_SECOND[unit]
    low, high = (limits.low, limits.high) if limits.low <= limits.high else (0, 0)
    first, last = low // step, high // step
    starts = np.arange(first, last + 1) * step
    # what has ended before a stretch begins is behind it
    place = np.searchsorted(upper, starts, side="right")
    offsets = np.append(found.first, found.after)
    before = offsets[place]
    inside = np.append(lower, MOST)[place] < starts + step
    if (np.append(lower, [MOST, MOST])[place + 1] < starts + step).any():
        return None
    since, until = np.full(len(starts), MOST), np.full(len(starts), MOST)
    since[inside], until[inside] = lower[place[inside]], upper[place[inside]]
    after = before.copy()
    after[inside] = found.after[place[inside]]
    return _Stretches(int(first), since, until, before, after)


def _at(ticks: Value, stretches: _Stretches, unit: str, limits: Limits) -> tuple[Value, ...]:
    """The entries of the table for each row."""
    step = _HOURS * 3600 * PER_SECOND[unit]
    place = apply("floor_divide", ticks, number(step, INT64))
    place = apply("subtract", place, literal(stretches.first, INT64))
    if limits.missing:
        place = apply("maximum", place, literal(0, INT64))
    return tuple([Gather(bind_array(entries, "zone"), place) for entries in stretches[1:]])
