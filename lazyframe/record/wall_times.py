"""Times that know their zone, computed with: as points in time, or as what clocks in the zone show.

What comes of it knows its zone again, and is an input that is put into pandas' form when somebody needs it;
kernels go on from the integers that it is made of.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas

from lazyframe.pandas_internals import zoned_array
from lazyframe.record.calendar_days import move_by, moves_days
from lazyframe.record.computing import compute, found_of
from lazyframe.record.dictionaries import follow, source_of
from lazyframe.record.elementwise import BOOL, INT64, both, is_missing, negate
from lazyframe.record.time_arithmetic import time_arithmetic
from lazyframe.record.time_limits import limits_of, masked, remember_limits
from lazyframe.record.time_rounding import round_times, to_unit
from lazyframe.record.zoned_times import ZonedSource, point_in, points_of, zone_dtype_of
from lazyframe.record.zones import points_on_walls, wall_ticks
from lazyframe.run.bindings import bind_late
from lazyframe.run.late import LateColumn
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, Map, Read, Reduce, Value

_walls: WeakKeyDictionary[Read, Value] = WeakKeyDictionary()

_LENGTHS = (datetime.timedelta, np.timedelta64, pandas.offsets.Tick)
"""What moves a time by as much whatever clocks show."""


class _Zoned(ZonedSource):
    """Points in time, put into the array that pandas has for times of a zone."""

    def __init__(self, points: Value, dtype: pandas.DatetimeTZDtype) -> None:
        self.points = points
        self.dtype = dtype

    @property
    def name(self) -> str:
        return "times"

    def fetch(self, columns: Sequence[LateColumn]) -> list[Any]:
        (points,) = compute([self.points])
        return [zoned_array(points, self.dtype) for _ in columns]


def in_zone(points: Value, zone: Any) -> Read:
    """datetime64 in UTC, over a `Range`, as times of a zone."""
    unit: Any = np.datetime_data(points.dtype)[0]
    dtype = pandas.DatetimeTZDtype(unit, zone)
    rows = points.rows
    assert isinstance(rows, Range)
    assert isinstance(rows.extent, int)
    return bind_late(LateColumn(_Zoned(points, dtype), "times", OPAQUE, dtype, rows.extent), "times")


def _of_source(column: Value, function: Callable[[Read], Value | None]) -> Value | None:
    """A function of the input that a column is a selection of rows of, for the column's rows."""
    source = source_of(column)
    found = None if source is None else function(source)
    return None if source is None or found is None else follow(column, source, found)


def walls_of(column: Value) -> Value | None:
    """Times that know their zone as datetime64 of what clocks there show; any other column as it is.

    None where pandas has to decide.
    """
    return column if zone_dtype_of(column) is None else _of_source(column, _walls_of_input)


def _walls_of_input(source: Read) -> Value | None:
    found = _walls.get(source)
    if found is not None:
        return found
    dtype, points = zone_dtype_of(source), points_of(source)
    assert dtype is not None
    limits = limits_of(points)
    shown = wall_ticks(_ticks(points), dtype.tz, dtype.unit, limits)
    if shown is None:
        return None
    ticks, reach = shown
    found = Map("reinterpret", (masked(points, ticks, limits),), points.dtype)
    remember_limits(found, reach)
    _walls[source] = found
    return found


def _ticks(column: Value) -> Value:
    return Map("reinterpret", (column,), INT64)


def _localized_input(walls: Value, zone: Any) -> Read | None:
    """What clocks in a zone show, over a `Range`, as times of the zone.

    None where they show it twice, or never: pandas then raises.
    """
    if not isinstance(walls.rows, Range):
        return None
    limits = limits_of(walls)
    found = points_on_walls(_ticks(walls), zone, np.datetime_data(walls.dtype)[0], limits)
    if found is None:
        return None
    ticks, unclear, reach = found
    if unclear is not None:
        missing = is_missing(walls) if limits.missing else None
        asked = unclear if missing is None else both(unclear, negate(missing))
        if found_of(walls, ("unclear", zone), lambda: Reduce("any", asked, BOOL)):
            return None
    points = Map("reinterpret", (masked(walls, ticks, limits),), walls.dtype)
    remember_limits(points, reach)
    return in_zone(points, zone)


def localize(column: Value, zone: Any) -> Value | None:
    """``.dt.tz_localize(zone)``; None where pandas has to decide, or to raise."""
    if zone_dtype_of(column) is not None:
        return walls_of(column) if zone is None else None
    if zone is None and column.dtype.kind == "M":
        return column  # which knows of no zone
    made = None if column.dtype.kind != "M" else _zone_named(column.dtype, zone)
    if made is None:
        return None
    source = source_of(column)
    if source is None:
        return _localized_input(column, made)
    return _of_source(column, lambda walls: _localized_input(walls, made))


def _zone_named(dtype: Any, zone: Any) -> Any:
    try:
        empty: Any = pandas.Series([], dtype=dtype)
        named = empty.dt.tz_localize(zone)
    except Exception:
        return None
    return named.dtype.tz


def convert(column: Value, zone: Any) -> Value | None:
    """``.dt.tz_convert(zone)``; None where pandas has to decide, or to raise."""
    dtype = zone_dtype_of(column)
    if dtype is None:
        return None
    if zone is None:
        return points_of(column)
    try:
        empty: Any = pandas.Series([], dtype=dtype)
        named = empty.dt.tz_convert(zone)
    except Exception:
        return None
    return _of_source(column, lambda source: in_zone(points_of(source), named.dtype.tz))


def round_zoned(column: Value, mode: str, freq: Any) -> Value | None:
    """``.dt.floor``, ``.dt.ceil`` or ``.dt.round`` of times that know their zone, by its clocks."""
    dtype = zone_dtype_of(column)
    if dtype is None:
        return None

    def rounded(source: Read) -> Value | None:
        walls = _walls_of_input(source)
        found = None if walls is None else round_times(walls, mode, freq)
        return None if found is None else _localized_input(found, dtype.tz)

    return _of_source(column, rounded)


def zoned_at_unit(column: Value, unit: str) -> Value | None:
    """``.dt.as_unit(unit)`` of times that know their zone."""
    dtype = zone_dtype_of(column)
    if dtype is None:
        return None

    def converted(source: Read) -> Value | None:
        points = to_unit(points_of(source), np.dtype(f"M8[{unit}]"))
        return None if points is None else in_zone(points, dtype.tz)

    return _of_source(column, converted)


def zoned_arithmetic(name: str, left: Value, right: Any, swapped: bool) -> Value | None:
    """`time_arithmetic` where one side is of times that know their zone, or both are."""
    dtype = zone_dtype_of(left)
    if dtype is None:
        return zoned_arithmetic(name, right, left, not swapped)
    if name not in ("add", "sub"):
        return None
    if isinstance(right, Value) and zone_dtype_of(right) is not None:
        return None if name == "add" else time_arithmetic(name, points_of(left), points_of(right), swapped)
    is_column = isinstance(right, Value) and right.dtype.kind == "m" and right.rows is not None
    if is_column or isinstance(right, _LENGTHS):
        if swapped and name == "sub":
            return None
        if is_column:
            return _moved(left, name, right, dtype.tz) if isinstance(left.rows, Range) else None
        return _of_source(left, lambda source: _moved(source, name, right, dtype.tz))
    if moves_days(right):
        return (
            None
            if swapped and name == "sub"
            else _of_source(left, lambda source: _by_days(source, name, right))
        )
    if name == "add" or isinstance(right, (Value, str)):
        return None
    point = point_in(right, dtype)
    return None if point is None else time_arithmetic(name, points_of(left), point, swapped)


def _by_days(source: Read, name: str, offset: Any) -> Value | None:
    """Times moved to the day that an offset says, at what clocks there show."""
    walls, dtype = _walls_of_input(source), zone_dtype_of(source)
    moved = None if walls is None else move_by(walls, offset, name)
    return None if moved is None or dtype is None else _localized_input(moved, dtype.tz)


def _moved(column: Value, name: str, length: Any, zone: Any) -> Value | None:
    points = time_arithmetic(name, points_of(column), length, False)
    return None if points is None else in_zone(points, zone)
