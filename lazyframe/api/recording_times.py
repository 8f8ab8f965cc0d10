"""``pandas.to_datetime`` of a series or frame, ``to_timedelta`` and ``to_numeric`` of a series."""

from __future__ import annotations

from typing import Any

import pandas

from lazyframe.api.recording import column_of, lazy_series, series_of, table_of
from lazyframe.record.origin import stamp
from lazyframe.record.strings import numbers_in
from lazyframe.record.table import Column
from lazyframe.record.time_parsing import parse_lengths, parse_times, times_of_counts
from lazyframe.record.times_of_parts import time_of_parts

NOTHING: Any = pandas.api.extensions.no_default


def record_to_datetime(
    arg: Any,
    errors: Any = "raise",
    dayfirst: Any = False,
    yearfirst: Any = False,
    *,
    format: Any = None,  # noqa: A002  # as pandas calls it
    exact: Any = NOTHING,
    unit: Any = None,
    origin: Any = "unix",
    cache: Any = True,
) -> Any:
    """``pandas.to_datetime(arg, ...)``; ``NotImplemented`` where pandas is to decide."""
    if isinstance(arg, pandas.DataFrame):
        defaults = (dayfirst, yearfirst, format, exact, unit, origin) == (
            False,
            False,
            None,
            NOTHING,
            None,
            "unix",
        )
        return _of_frame(arg) if defaults and errors in ("raise", "coerce") else NotImplemented
    mine = column_of(arg) if isinstance(arg, pandas.Series) else None
    plain = type(dayfirst) is bool and type(yearfirst) is bool and type(cache) is bool and origin == "unix"
    if mine is None or not plain or errors not in ("raise", "coerce") or exact not in (NOTHING, True, False):
        return NotImplemented
    if mine.value.dtype.kind == "M":
        return lazy_series(Column(mine.value, mine.labels, arg._name))
    if mine.value.dtype.kind in "iu":
        if format is not None or dayfirst or yearfirst or type(unit) is not str or errors != "raise":
            return NotImplemented
        return series_of(
            times_of_counts(mine.value, unit, pandas.to_datetime), mine, arg._name, "to_datetime"
        )
    if unit is not None or not (format is None or type(format) is str):
        return NotImplemented
    options = {"errors": errors, "dayfirst": dayfirst, "yearfirst": yearfirst, "format": format}
    if exact is not NOTHING:
        options["exact"] = exact
    return series_of(parse_times(mine.value, options), mine, arg._name, "to_datetime")


_PARTS = ("year", "month", "day", "hour", "minute", "second")


def _of_frame(arg: Any) -> Any:
    """Times of a frame of years, months, days and what is shorter."""
    table = table_of(arg)
    if table is None:
        return NotImplemented
    labels = list(table.current_columns().index())
    if any(type(label) is not str for label in labels):
        return NotImplemented
    names = [label.removesuffix("s") for label in labels]
    if len(set(names)) < len(names) or not {*_PARTS[:3]} <= {*names} <= {*_PARTS}:
        return NotImplemented
    found = time_of_parts({name: table.value(position) for position, name in enumerate(names)})
    if found is None:
        return NotImplemented
    stamp(found, "to_datetime")
    return lazy_series(Column(found, table.labels, None))


def record_to_numeric(arg: Any, errors: Any = "raise") -> Any:
    """``pandas.to_numeric(arg, ...)`` of a series; ``NotImplemented`` where pandas is to decide."""
    mine = column_of(arg) if isinstance(arg, pandas.Series) else None
    if mine is None or errors not in ("raise", "coerce"):
        return NotImplemented
    return series_of(numbers_in(mine.value, errors), mine, arg._name, "to_numeric")


def record_to_timedelta(arg: Any, unit: Any = None, errors: Any = "raise") -> Any:
    """``pandas.to_timedelta(arg, ...)`` of a series; ``NotImplemented`` where pandas is to decide."""
    mine = column_of(arg) if isinstance(arg, pandas.Series) else None
    if mine is None or errors not in ("raise", "coerce") or not (unit is None or type(unit) is str):
        return NotImplemented
    if mine.value.dtype.kind in "iu":
        found = times_of_counts(mine.value, unit, pandas.to_timedelta)
    else:
        found = parse_lengths(mine.value, unit, errors)
    return series_of(found, mine, arg._name, "to_timedelta")
