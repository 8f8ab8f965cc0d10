"""``pandas.to_datetime`` of a series of strings or of integers that count, and ``pandas.to_numeric``."""

from __future__ import annotations

from typing import Any

import pandas

from lazyframe.api.recording import column_of, fitting, series_of
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import blame_caller
from lazyframe.record.strings import numbers_in
from lazyframe.record.time_parsing import parse_times, times_of_counts

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
    """``pandas.to_datetime(arg, ...)`` of a series; ``NotImplemented`` where pandas is to decide."""
    mine = column_of(arg) if isinstance(arg, pandas.Series) else None
    plain = type(dayfirst) is bool and type(yearfirst) is bool and type(cache) is bool and origin == "unix"
    if mine is None or not plain or errors not in ("raise", "coerce") or exact not in (NOTHING, True, False):
        return NotImplemented
    if mine.value.dtype.kind in "iu":
        if format is not None or dayfirst or yearfirst or type(unit) is not str or errors != "raise":
            return NotImplemented
        return series_of(times_of_counts(mine.value, unit), mine, arg._name, "to_datetime")
    if unit is not None or not (format is None or type(format) is str):
        return NotImplemented
    options = {"errors": errors, "dayfirst": dayfirst, "yearfirst": yearfirst, "format": format}
    if exact is not NOTHING:
        options["exact"] = exact
    return series_of(parse_times(mine.value, options), mine, arg._name, "to_datetime")


def record_to_numeric(arg: Any, errors: Any = "raise") -> Any:
    """``pandas.to_numeric(arg, ...)`` of a series; ``NotImplemented`` where pandas is to decide."""
    mine = column_of(arg) if isinstance(arg, pandas.Series) else None
    if mine is None or errors not in ("raise", "coerce"):
        return NotImplemented
    return series_of(numbers_in(mine.value, errors), mine, arg._name, "to_numeric")


_fits = fitting(record_to_datetime)
_fits_numbers = fitting(record_to_numeric)


@blame_caller
def to_numeric(arg: Any, *args: Any, **kwargs: Any) -> Any:
    """``pandas.to_numeric``, recorded where it can be."""
    if _fits_numbers((arg, *args), kwargs):
        recorded = record_to_numeric(arg, *args, **kwargs)
        if recorded is not NotImplemented:
            return recorded
    return wrap(pandas.to_numeric(arg, *args, **kwargs))


@blame_caller
def to_datetime(arg: Any, *args: Any, **kwargs: Any) -> Any:
    """``pandas.to_datetime``, recorded where it can be."""
    if _fits((arg, *args), kwargs):
        recorded = record_to_datetime(arg, *args, **kwargs)
        if recorded is not NotImplemented:
            return recorded
    return wrap(pandas.to_datetime(arg, *args, **kwargs))
