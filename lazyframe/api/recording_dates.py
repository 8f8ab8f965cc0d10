"""What ``series.dt`` records."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.likeness import like
from lazyframe.api.recording import column_of, lazy_frame, series_of
from lazyframe.pandas_internals import blame_caller, series_of_accessor
from lazyframe.record.calendar_days import by_day, one_by_day, text_of_day
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.date_parts import OF_DAYS, OF_TIME, date_part, time_part, total_seconds
from lazyframe.record.elementwise import BOOL
from lazyframe.record.missing import notna
from lazyframe.record.origin import stamp
from lazyframe.record.row_labels import BoundLabels, RowLabels
from lazyframe.record.table import Table
from lazyframe.record.time_rounding import normalize, round_times, to_unit
from lazyframe.run.bindings import data_of
from passes.ir.values import Read, Reduce, Take, Value

_PARTS = (*OF_DAYS, *OF_TIME, "microsecond", "nanosecond")
_TIME_PARTS = ("days", "seconds", "microseconds", "nanoseconds")


@functools.cache
def recording(kind: Any) -> Any:
    """The subclass of an accessor's class that records what it can, and leaves the rest to ``kind``."""
    members: dict[str, Any] = {
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
        "__qualname__": kind.__qualname__,
    }
    for names, function in ((_PARTS, date_part), (_TIME_PARTS, time_part), (("date",), _date)):
        for name in names:
            theirs = getattr(kind, name, None)
            if isinstance(theirs, property):
                members[name] = _part(name, function, theirs)
    if hasattr(kind, "isocalendar"):
        members["isocalendar"] = _isocalendar(kind.isocalendar)
    for name, recorder in _METHODS.items():
        if hasattr(kind, name):
            members[name] = _method(name, recorder, getattr(kind, name))
    return type(kind)(kind.__name__, (kind,), members)


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


def _method(name: str, recorder: Callable[..., Any], theirs: Callable[..., Any]) -> Callable[..., Any]:
    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        function = recorder(*args, **kwargs)
        found = NotImplemented if function is None else _recorded(self, function, name)
        return theirs(self, *args, **kwargs) if found is NotImplemented else found

    return like(method, theirs)


def _rounding(mode: str) -> Callable[..., Any]:
    def recorder(*args: Any, **kwargs: Any) -> Any:
        if len(args) + len(kwargs) != 1 or (kwargs and "freq" not in kwargs):
            return None
        freq = args[0] if args else kwargs["freq"]
        return lambda column: round_times(column, mode, freq)

    return recorder


def _without_arguments(function: Callable[[Value], Value | None]) -> Callable[..., Any]:
    return lambda *args, **kwargs: None if args or kwargs else function


def _as_unit(*args: Any, **kwargs: Any) -> Any:
    if kwargs or len(args) != 1 or args[0] not in ("s", "ms", "us", "ns"):
        return None

    def convert(column: Value) -> Value | None:
        if column.dtype.kind not in "mM":
            return None  # with a time zone
        return to_unit(column, np.dtype(f"{column.dtype.kind}8[{args[0]}]"))

    return convert


def _name_of(method: str) -> Callable[..., Any]:
    def recorder(*args: Any, **kwargs: Any) -> Any:
        if args or kwargs:
            return None  # in another language
        return lambda column: one_by_day(column, lambda dates: getattr(dates.dt, method)())

    return recorder


def _strftime(*args: Any, **kwargs: Any) -> Any:
    if len(args) + len(kwargs) != 1 or (kwargs and "date_format" not in kwargs):
        return None
    form = args[0] if args else kwargs["date_format"]
    return lambda column: text_of_day(column, form)


def _date(column: Value, name: str) -> Value | None:
    present = notna(column) if column.rows is not None else None
    if present is None or not compute([Reduce("any", present, BOOL)])[0]:
        return None  # pandas takes objects that are all NaT for times
    return one_by_day(column, lambda dates: getattr(dates.dt, name))


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
    @blame_caller
    def isocalendar(self: Any) -> Any:
        series = series_of_accessor(self)
        mine = None if series is None else column_of(series)
        able = mine is not None and _set_again(mine.labels)
        found = None if mine is None or not able else by_day(mine.value, lambda dates: dates.dt.isocalendar())
        if mine is None or found is None:
            return theirs(self)
        for part in found:
            stamp(part, "isocalendar")
        columns = ColumnLabels(pandas.Index(["year", "week", "day"]))
        return lazy_frame(Table(mine.rows, columns, mine.labels, found))

    return like(isocalendar, theirs)


_METHODS: dict[str, Callable[..., Any]] = {
    "floor": _rounding("floor"),
    "ceil": _rounding("ceil"),
    "round": _rounding("round"),
    "normalize": _without_arguments(normalize),
    "total_seconds": _without_arguments(total_seconds),
    "as_unit": _as_unit,
    "day_name": _name_of("day_name"),
    "month_name": _name_of("month_name"),
    "strftime": _strftime,
}
"""For each method what makes of its arguments a function of the column, or None."""
