"""What ``series.dt`` records."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.handing_out import pickle_as_handing_out
from lazyframe.api.likeness import like
from lazyframe.api.recording import column_of, lazy_frame, series_of
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import SINCE_3_1, blame_caller, series_of_accessor
from lazyframe.record.calendar_days import by_day, formatted, one_by_day
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.date_parts import (
    COMPONENTS,
    OF_DAYS,
    OF_TIME,
    components,
    date_part,
    time_part,
    total_seconds,
)
from lazyframe.record.elementwise import BOOL
from lazyframe.record.missing import notna
from lazyframe.record.origin import stamp
from lazyframe.record.row_labels import BoundLabels, RowLabels
from lazyframe.record.table import Table
from lazyframe.record.time_rounding import normalize, round_times, to_unit
from lazyframe.record.wall_times import convert, localize, round_zoned, walls_of, zoned_at_unit
from lazyframe.record.zoned_times import points_of, zone_dtype_of
from lazyframe.run.bindings import data_of
from passes.ir.values import Read, Reduce, Take, Value

Series: Any = pandas.Series

_PARTS = (*OF_DAYS, *OF_TIME, "microsecond", "nanosecond")
_ALIASES = {
    "weekday": "day_of_week",
    "dayofweek": "day_of_week",
    "dayofyear": "day_of_year",
    "daysinmonth": "days_in_month",
}
_TIME_PARTS = ("days", "seconds", "microseconds", "nanoseconds")


@functools.cache
def recording(kind: Any) -> Any:
    """The subclass of an accessor's class that records what it can, and leaves the rest to ``kind``."""
    members: dict[str, Any] = {
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
        "__qualname__": kind.__qualname__,
    }
    for names, function in ((_PARTS, _wall_part), (_TIME_PARTS, time_part), (("date",), _date)):
        for name in names:
            theirs = getattr(kind, name, None)
            if isinstance(theirs, property):
                members[name] = _part(name, function, theirs)
    for name in ("unit", "tz"):
        if hasattr(kind, name):
            members[name] = _of_dtype(name, getattr(kind, name))
    if not SINCE_3_1:  # where they call what they stand for
        for name, part in _ALIASES.items():
            if hasattr(kind, name):
                members[name] = _part(name, _named(part), getattr(kind, name))
    if hasattr(kind, "isocalendar"):
        members["isocalendar"] = _isocalendar(kind.isocalendar)
    if hasattr(kind, "components"):
        theirs = kind.components
        members["components"] = property(_components(theirs.fget), doc=theirs.__doc__)
    for name, recorder in _METHODS.items():
        if hasattr(kind, name):
            members[name] = _method(name, recorder, getattr(kind, name))
    made = type(kind)(kind.__name__, (kind,), members)
    pickle_as_handing_out(made, kind.__base__, wrap)  # which it wraps already
    return made


def _named(part: str) -> Callable[[Value, str], Value | None]:
    return lambda column, _: _wall_part(column, part)


def _wall_part(column: Value, name: str) -> Value | None:
    """A part of what clocks show, in the zone of times that know theirs."""
    walls = walls_of(column)
    return None if walls is None else date_part(walls, name)


def _recorded(accessor: Any, function: Callable[[Value], Value | None], name: str) -> Any:
    series = series_of_accessor(accessor)
    mine = None if series is None else column_of(series)
    if mine is None:
        return NotImplemented
    return series_of(function(mine.value), mine, series._name, name)


def _part(name: str, function: Callable[[Value, str], Value | None], theirs: Any) -> property:
    @blame_caller
    def part(self: Any) -> Any:
        found = _recorded(self, lambda column: function(column, name), name)
        return theirs.fget(self) if found is NotImplemented else found

    return property(like(part, theirs.fget), theirs.fset, theirs.fdel, theirs.__doc__)


def _of_dtype(name: str, theirs: Any) -> property:
    """A part that follows from the dtype, of which nothing is computed."""

    def part(self: Any) -> Any:
        series = series_of_accessor(self)
        return theirs.fget(self) if series is None else getattr(Series([], dtype=series.dtype).dt, name)

    return property(like(part, theirs.fget), theirs.fset, theirs.fdel, theirs.__doc__)


def _method(name: str, recorder: Callable[..., Any], theirs: Callable[..., Any]) -> Callable[..., Any]:
    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        function = recorder(*args, **kwargs)
        found = NotImplemented if function is None else _recorded(self, function, name)
        return theirs(self, *args, **kwargs) if found is NotImplemented else found

    return like(method, theirs)


def _rounding(mode: str) -> Callable[..., Any]:
    def recorder(*args: Any, **kwargs: Any) -> Any:
        given = dict(zip(_ROUNDING, args, strict=False))
        if len(args) > len(_ROUNDING) or not kwargs.keys() <= set(_ROUNDING) - given.keys():
            return None
        given.update(kwargs)
        # what is ambiguous, or does not exist, does so in a time zone
        for name, known in (("ambiguous", _AMBIGUOUS), ("nonexistent", _NONEXISTENT)):
            if type(given.get(name, "raise")) is not str or given.get(name, "raise") not in known:
                return None
        clear = given.get("ambiguous", "raise") == given.get("nonexistent", "raise") == "raise"
        return lambda column: _rounded(column, mode, given.get("freq"), clear)

    return recorder


def _rounded(column: Value, mode: str, freq: Any, clear: bool) -> Value | None:
    if zone_dtype_of(column) is None:
        return round_times(column, mode, freq)
    return round_zoned(column, mode, freq) if clear else None


def _normalized(column: Value) -> Value | None:
    return normalize(column) if zone_dtype_of(column) is None else round_zoned(column, "floor", "D")


def _zone(function: Callable[[Value, Any], Value | None]) -> Callable[..., Any]:
    """Of a method that takes a zone, or None, and leaves it to pandas what to do where clocks are unclear."""

    def recorder(*args: Any, **kwargs: Any) -> Any:
        if len(args) > 1 or (args and "tz" in kwargs):
            return None
        given = {"tz": args[0], **kwargs} if args else dict(kwargs)
        unclear = [given.pop(name, "raise") for name in _ROUNDING[1:]]
        if list(given) != ["tz"] or not all(type(one) is str and one == "raise" for one in unclear):
            return None
        return lambda column: function(column, given["tz"])

    return recorder


_ROUNDING = ("freq", "ambiguous", "nonexistent")
_AMBIGUOUS = ("raise", "infer", "NaT")
_NONEXISTENT = ("raise", "NaT", "shift_forward", "shift_backward")


def _without_arguments(function: Callable[[Value], Value | None]) -> Callable[..., Any]:
    return lambda *args, **kwargs: None if args or kwargs else function


def _as_unit(*args: Any, **kwargs: Any) -> Any:
    if kwargs or len(args) != 1 or args[0] not in ("s", "ms", "us", "ns"):
        return None

    def convert(column: Value) -> Value | None:
        if column.dtype.kind not in "mM":
            return zoned_at_unit(column, args[0])
        return to_unit(column, np.dtype(f"{column.dtype.kind}8[{args[0]}]"))

    return convert


def _name_of(method: str) -> Callable[..., Any]:
    def recorder(*args: Any, **kwargs: Any) -> Any:
        if args or kwargs:
            return None  # in another language
        return lambda column: _one_by_wall_day(column, lambda dates: getattr(dates.dt, method)())

    return recorder


def _strftime(*args: Any, **kwargs: Any) -> Any:
    if len(args) + len(kwargs) != 1 or (kwargs and "date_format" not in kwargs):
        return None
    form = args[0] if args else kwargs["date_format"]
    return lambda column: _formatted(column, form)


def _formatted(column: Value, form: Any) -> Value | None:
    walls = walls_of(column)
    return None if walls is None else formatted(walls, form)


def _date(column: Value, name: str) -> Value | None:
    present = notna(points_of(column)) if column.rows is not None else None
    if present is None or not compute([Reduce("any", present, BOOL)])[0]:
        return None  # pandas takes objects that are all NaT for times
    return _one_by_wall_day(column, lambda dates: getattr(dates.dt, name))


def _one_by_wall_day(column: Value, method: Callable[[Any], Any]) -> Value | None:
    walls = walls_of(column)
    return None if walls is None else one_by_day(walls, method)


def _set_again(labels: RowLabels) -> bool:
    """Whether labels are of one class before and after pandas' ``set_index``: it takes some for a range."""
    known = labels.known()
    if known is not None:
        return isinstance(known, pandas.RangeIndex) or getattr(known.dtype, "kind", "O") in "mMf"
    value = labels.value if isinstance(labels, BoundLabels) else None
    while isinstance(value, Take):
        value = value.column
    return isinstance(value, Read) and isinstance(data_of(value.token), pandas.RangeIndex)


def _isocalendar(theirs: Callable[..., Any]) -> Callable[..., Any]:
    def weeks(column: Value) -> list[Value] | None:
        walls = walls_of(column)
        return None if walls is None else by_day(walls, lambda dates: dates.dt.isocalendar())

    return _columns(theirs, weeks, ["year", "week", "day"], "isocalendar")


def _components(theirs: Callable[..., Any]) -> Callable[..., Any]:
    return _columns(theirs, components, list(COMPONENTS), "components")


def _columns(
    theirs: Callable[..., Any], function: Callable[[Value], list[Value] | None], names: list[str], what: str
) -> Callable[..., Any]:
    @blame_caller
    def columns(self: Any) -> Any:
        series = series_of_accessor(self)
        mine = None if series is None else column_of(series)
        found = None if mine is None or not _set_again(mine.labels) else function(mine.value)
        if mine is None or found is None:
            return theirs(self)
        for part in found:
            stamp(part, what)
        return lazy_frame(Table(mine.rows, ColumnLabels(pandas.Index(names)), mine.labels, found))

    return like(columns, theirs)


_PERIODS = re.compile(r"D|W(-[A-Z]{3})?|M|Q(-[A-Z]{3})?|Y(-[A-Z]{3})?")


def _to_period(*args: Any, **kwargs: Any) -> Any:
    if len(args) + len(kwargs) != 1 or (kwargs and "freq" not in kwargs):
        return None
    freq = args[0] if args else kwargs["freq"]
    if type(freq) is not str or not _PERIODS.fullmatch(freq):
        return None
    return lambda column: one_by_day(column, lambda dates: dates.dt.to_period(freq))


_METHODS: dict[str, Callable[..., Any]] = {
    "floor": _rounding("floor"),
    "ceil": _rounding("ceil"),
    "round": _rounding("round"),
    "normalize": _without_arguments(_normalized),
    "total_seconds": _without_arguments(total_seconds),
    "as_unit": _as_unit,
    "tz_convert": _zone(convert),
    "tz_localize": _zone(localize),
    "day_name": _name_of("day_name"),
    "month_name": _name_of("month_name"),
    "strftime": _strftime,
    "to_period": _to_period,
}
"""For each method what makes of its arguments a function of the column, or None."""
