"""Times from strings, which pandas parses, each distinct one once; and from integers that count in a unit."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.date_parts import ticks_per_second
from lazyframe.record.dictionaries import follow, may_be_text, source_of, texts_of
from lazyframe.record.elementwise import INT64, cast
from lazyframe.record.row_counts import has_rows
from lazyframe.record.string_entries import DEAR, map_entries
from lazyframe.record.time_limits import Limits, remember_limits, shifted
from passes.ir.values import OPAQUE, Map, Reduce, RowNumber, Value

_LONGEST_SEARCH = 1 << 16


def parse_times(column: Value, options: Mapping[str, Any]) -> Value | None:
    """``pandas.to_datetime`` of a column of strings.

    pandas guesses the format of all from the first string of all, and the unit from all of them, so the first
    goes before whatever part of them it is given.  Where it warns of what it guessed, it has to do so itself.

    Parameters
    ----------
    column : Value
        Of any dtype.
    options : mapping
        More arguments.

    Returns
    -------
    Value or None
        Of datetime64 without a time zone; None where pandas has to decide, or to raise.
    """
    if column.dtype != OPAQUE or not may_be_text(column):
        return None
    first = _first_string(column)
    form = options["format"]
    if first is not None and form is None:
        form = _guess(first, options["dayfirst"])
    if first is None or form is None or form == "mixed":
        return None
    options = {**options, "format": form}

    def parse(strings: pandas.Series) -> Any:
        if strings.isin(["now", "today"]).any():
            return None  # another time each time
        one = pandas.Series([first], dtype=strings.dtype)
        return pandas.to_datetime(pandas.concat([one, strings], ignore_index=True), **options).iloc[1:]

    key = ("to_datetime", first, *options.items())
    found = map_entries(column, parse, key, 4 * DEAR, inferred=True)
    return found if found is not None and found.dtype.kind == "M" else None


def _guess(first: str, dayfirst: bool) -> Any:
    """The format that pandas guesses; None where there is none, or it warns of it."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = pandas.tseries.api.guess_datetime_format(first, dayfirst=dayfirst)
    return None if warned else found


def _first_string(column: Value) -> str | None:
    source = source_of(column)
    assert source is not None
    texts = texts_of(source)
    if column is source:
        positions = np.arange(len(texts))
    else:
        (positions,) = compute([follow(column, source, RowNumber(source.rows))])
    for first in range(0, len(positions), _LONGEST_SEARCH):
        some = texts.take(positions[first : first + _LONGEST_SEARCH])
        there = np.flatnonzero(~pandas.isna(some))
        if len(there):
            found = some[there[0]]
            return found if type(found) is str else None
    return None


def parse_lengths(column: Value, unit: Any, errors: str) -> Value | None:
    """``pandas.to_timedelta`` of a column of strings; None where pandas has to decide, or to raise."""
    if column.dtype != OPAQUE or not may_be_text(column):
        return None
    found = map_entries(
        column,
        lambda strings: pandas.to_timedelta(strings, unit=unit, errors=errors),  # type: ignore[call-overload]
        ("to_timedelta", unit, errors),
        4 * DEAR,
        inferred=True,
    )
    return found if found is not None and found.dtype.kind == "m" else None


def times_of_counts(column: Value, unit: Any, function: Callable[..., Any]) -> Value | None:
    """``pandas.to_datetime(column, unit=unit)``, or ``to_timedelta``, of integers.

    None where one of them is no time for pandas.
    """
    if column.rows is None or not has_rows(column.rows):
        return None
    try:
        two: Any = function(pandas.Series(np.array([0, 1], column.dtype)), unit=unit)
    except (ValueError, TypeError):
        return None
    if ticks_per_second(two.dtype) is None:
        return None
    start, factor = two.to_numpy().view(np.int64)
    low, high = compute([Reduce("minimum", column, column.dtype), Reduce("maximum", column, column.dtype)])
    limits = Limits(int(low), int(high), False).scaled(int(factor))
    if start != 0 or not limits.fits() or limits.high >= 2**62 or limits.low <= -(2**62):
        return None
    result = Map("reinterpret", (shifted(cast(column, INT64), int(factor), 0),), two.dtype)
    remember_limits(result, limits)
    return result
