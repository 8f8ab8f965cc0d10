"""Times sorted into bins of a frequency, which pandas makes: each row's bin by arithmetic, or by its step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.pandas_internals import bins_of_times
from lazyframe.record.computing import found_of
from lazyframe.record.date_parts import number, ticks_per_second
from lazyframe.record.datetimes import as_integers
from lazyframe.record.elementwise import BOOL, INT64, apply, is_missing, literal, select
from lazyframe.record.groupby_keys import KeyColumn
from lazyframe.record.row_labels import length_of
from lazyframe.record.string_rows import call_quietly
from lazyframe.record.time_limits import MOST, NAT, exact_limits
from lazyframe.record.zoned_times import points_of, zone_dtype_of
from lazyframe.run.bindings import bind_array, bound_to
from lazyframe.run.runs import ascends_throughout
from passes.ir.rows import Rows
from passes.ir.values import Gather, Literal, Read, Reduce, RowNumber, Value

_MOST_BINS = 1 << 16
"""With more than these and than rows, most bins are empty, and to show them is the work."""

_MOST_STEPS = 1 << 18
"""Thirty years of hours, of which the days of a zone are made whose clocks are set."""

_ROWS_A_STEP = 4


def binned_key(column: Value, name: Any, grouper: Any) -> KeyColumn | None:
    """Times as the key that ``pandas.Grouper(freq=...)`` makes of them; None where pandas has to decide.

    Parameters
    ----------
    column : Value
        Of dtype datetime64, or of times that know their zone.
    name : hashable
        Of the index level.
    grouper : pandas.Grouper
        With a frequency.
    """
    zone, points = zone_dtype_of(column), points_of(column)
    if points.dtype.kind != "M" or ticks_per_second(points.dtype) is None or points.rows is None:
        return None
    limits = exact_limits(points)
    if limits.low > limits.high:
        return None
    ends = pandas.DatetimeIndex(np.array([limits.low, limits.high]).view(points.dtype), name=name)
    if zone is not None:
        if _has_no_effect(grouper):
            return None
        ends = ends.tz_localize("UTC").tz_convert(zone.tz)
    made = call_quietly(lambda: bins_of_times(grouper, ends))
    if type(made) is not tuple:
        return None
    edges, labels = made
    if len(labels) > max(_MOST_BINS, length_of(points.rows) or 0):
        return None
    numbers = _numbers(points, points.rows, edges, grouper.closed == "right")
    if numbers is None:
        return None
    if limits.missing:
        missing = is_missing(points)
        assert missing is not None
        numbers = select(missing, literal(-1, INT64), numbers)
        labels = pandas.DatetimeIndex(labels, freq=None)  # type: ignore[arg-type]  # pandas takes it
    return KeyColumn(numbers, name, may_be_missing=limits.missing, labels=labels)


def _has_no_effect(grouper: Any) -> bool:
    """Whether pandas warns that days of a zone begin at midnight, whatever was asked for."""
    given = grouper.offset is not None or not isinstance(grouper.origin, str) or grouper.origin != "start_day"
    return given and isinstance(grouper.freq, pandas.offsets.Day)


def _numbers(points: Value, rows: Rows, edges: np.ndarray, right: bool) -> Value | None:
    """The number of each row's bin, of those between the edges."""
    low, steps = int(edges[0]), np.diff(edges)
    if not len(steps) or (steps <= 0).any() or low <= NAT + int(steps[0]) or int(edges[-1]) - low > MOST:
        return None
    ticks = as_integers(points)
    if right:  # above an edge is what is at the edge or above it a tick later
        ticks = apply("subtract", ticks, literal(1, INT64))
    since = apply("subtract", ticks, Literal(low, INT64))
    step = int(np.gcd.reduce(steps))  # all bins are so many of these: months of days, days of hours
    if (steps == step).all():
        return _within(apply("floor_divide", since, number(step, INT64)), len(steps))
    lengths = steps // step
    if lengths.sum() > max(_MOST_STEPS, (length_of(rows) or 0) // _ROWS_A_STEP):
        return None
    of_step = np.repeat(np.arange(len(steps)), lengths)
    place = _within(apply("floor_divide", since, number(step, INT64)), len(of_step))
    return Gather(bind_array(of_step, "bins"), place)


def _within(places: Value, count: int) -> Value:
    """Places among so many, as they are but for those of rows that a filter has left out."""
    return apply("minimum", apply("maximum", places, literal(0, INT64)), literal(count - 1, INT64))


def ascends(column: Value) -> bool:
    """Whether times are in ascending order, so that pandas leaves the rows that it sorts by them.

    Those in memory NumPy looks through: a program would begin later than it is done with most.
    """

    def question() -> Value:
        assert column.rows is not None
        held = bound_to(column.token) if isinstance(column, Read) else None
        if isinstance(held, np.ndarray):
            return Literal(ascends_throughout(held.view(np.int64)), BOOL)
        ticks, row = as_integers(column), RowNumber(column.rows)
        before = apply("maximum", apply("subtract", row, literal(1, INT64)), literal(0, INT64))
        return Reduce("all", apply("less_equal", Gather(ticks, before), ticks, dtype=BOOL), BOOL)

    return found_of(column, "ascends", question)
