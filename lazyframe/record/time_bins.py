"""Times sorted into bins of a frequency, which pandas makes: each row's bin by arithmetic, or by its day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.pandas_internals import bins_of_times
from lazyframe.record.computing import found_of
from lazyframe.record.date_parts import DAY_SECONDS, number, ticks_per_second
from lazyframe.record.datetimes import as_integers
from lazyframe.record.elementwise import BOOL, INT64, apply, is_missing, literal, select
from lazyframe.record.groupby_keys import KeyColumn
from lazyframe.record.row_labels import length_of
from lazyframe.record.string_rows import call_quietly
from lazyframe.record.time_limits import NAT, exact_limits
from lazyframe.run.bindings import bind_array
from passes.ir.values import Gather, Literal, Reduce, RowNumber, Value

_MOST_BINS = 1 << 16
"""With more than these and than rows, most bins are empty, and to show them is the work."""

_MOST_DAYS = 1 << 16
"""About 180 years."""


def binned_key(column: Value, name: Any, grouper: Any) -> KeyColumn | None:
    """Times as the key that ``pandas.Grouper(freq=...)`` makes of them; None where pandas has to decide.

    Parameters
    ----------
    column : Value
        Of dtype datetime64.
    name : hashable
        Of the index level.
    grouper : pandas.Grouper
        With a frequency.
    """
    per_second = ticks_per_second(column.dtype)
    if per_second is None or column.dtype.kind != "M" or column.rows is None:
        return None
    limits = exact_limits(column)
    if limits.low > limits.high:
        return None
    ends = pandas.DatetimeIndex(np.array([limits.low, limits.high]).view(column.dtype), name=name)
    made = call_quietly(lambda: bins_of_times(grouper, ends))
    if type(made) is not tuple:
        return None
    edges, labels = made
    if len(labels) > max(_MOST_BINS, length_of(column.rows) or 0):
        return None
    numbers = _numbers(column, edges, grouper.closed == "right", per_second * DAY_SECONDS)
    if numbers is None:
        return None
    if limits.missing:
        missing = is_missing(column)
        assert missing is not None
        numbers = select(missing, literal(-1, INT64), numbers)
        labels = pandas.DatetimeIndex(labels, freq=None)  # type: ignore[arg-type]  # pandas takes it
    return KeyColumn(numbers, name, may_be_missing=limits.missing, labels=labels)


def _numbers(column: Value, edges: np.ndarray, right: bool, per_day: int) -> Value | None:
    """The number of each row's bin, of those between the edges."""
    low = int(edges[0])
    if low <= NAT + per_day:
        return None
    ticks = as_integers(column)
    if right:  # above an edge is what is at the edge or above it a tick later
        ticks = apply("subtract", ticks, literal(1, INT64))
    since = apply("subtract", ticks, Literal(low, INT64))
    steps = np.diff(edges)
    if len(steps) and (steps == steps[0]).all():
        return _within(apply("floor_divide", since, number(int(steps[0]), INT64)), len(steps))
    if (steps % per_day).any():
        return None
    days = (edges - low) // per_day
    if days[-1] > _MOST_DAYS:
        return None
    of_day = np.repeat(np.arange(len(steps)), np.diff(days))
    day = _within(apply("floor_divide", since, number(per_day, INT64)), len(of_day))
    return Gather(bind_array(of_day, "bins"), day)


def _within(places: Value, count: int) -> Value:
    """Places among so many, as they are but for those of rows that a filter has left out."""
    return apply("minimum", apply("maximum", places, literal(0, INT64)), literal(count - 1, INT64))


def ascends(column: Value) -> bool:
    """Whether times are in ascending order, so that pandas leaves the rows that it sorts by them."""

    def question() -> Value:
        assert column.rows is not None
        ticks, row = as_integers(column), RowNumber(column.rows)
        before = apply("maximum", apply("subtract", row, literal(1, INT64)), literal(0, INT64))
        return Reduce("all", apply("less_equal", Gather(ticks, before), ticks, dtype=BOOL), BOOL)

    return found_of(column, "ascends", question)
