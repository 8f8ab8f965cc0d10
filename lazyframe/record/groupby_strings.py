"""Aggregations of strings and categories: each group's string is found by number and looked up."""

from __future__ import annotations

import numpy as np
import pandas

from lazyframe.record import strings
from lazyframe.record.categories import category_codes, each_category
from lazyframe.record.dictionaries import codes_of, string_dtype_of
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, literal, negate, select
from lazyframe.record.missing import notna
from lazyframe.record.reductions import (
    Grouped,
    end_position,
    first_position_of_maximum,
    first_position_of_minimum,
    first_position_where,
    last_position_where,
)
from lazyframe.record.zoned_times import points_of, zone_dtype_of
from lazyframe.run.bindings import bind_opaque
from passes.ir.values import Gather, Value

_NONE = literal(-1, INT64)


def aggregate_strings(operation: str, by: Grouped, column: Value, skipna: bool = True) -> Value | None:
    """One value for each group; None where pandas has to decide.

    Parameters
    ----------
    operation : str
        A name of an aggregation.
    by : Grouped
        The groups.
    column : Value
        Of strings or categories, or opaque otherwise.
    skipna : bool
        Whether missing strings are left out.
    """
    if zone_dtype_of(column) is not None:
        return _of_zoned(operation, by, column, points_of(column), skipna)
    categories = category_codes(column) if string_dtype_of(column) is None else None
    if categories is not None and operation in ("min", "max"):
        return _extreme_category(by, categories, operation == "min") if skipna else None
    if string_dtype_of(column) is None and categories is None:
        return None
    if not skipna:
        return _outermost(by, column, operation)
    match operation:
        case "count":
            present = strings.notna(column)
            return None if present is None else by.reduce("sum", cast(present, INT64), INT64)
        case "first" | "last":
            return _end(by, column, first=operation == "first")
        case "any" | "all":
            return _truth(by, column, every=operation == "all")
        case "min" | "max":
            return _extreme(by, column, least=operation == "min")
    return None


def numbers_in_order(column: Value, force: bool = False) -> Value | None:
    """Floats, NaN where missing, in the order of strings or of ordered categories; None of anything else.

    With ``force`` of strings most of which are distinct, too.
    """
    categories = category_codes(column) if string_dtype_of(column) is None else None
    if categories is not None:
        codes, none = categories[0], -1
        if not categories[1].ordered:
            return None
    else:
        found = codes_of(column, force)
        if found is None:
            return None
        codes, none = found.codes, found.missing
    missing = apply("equal", cast(codes, INT64), literal(none, INT64), dtype=BOOL)
    return select(missing, literal(np.nan, FLOAT64), cast(codes, FLOAT64))


def _outermost(by: Grouped, column: Value, operation: str) -> Value | None:
    """``first`` or ``last``, missing or not."""
    if operation not in ("first", "last"):
        return None
    return Gather(column, end_position(by, operation == "first"))


def _of_zoned(operation: str, by: Grouped, column: Value, points: Value, skipna: bool) -> Value | None:
    """A time of each group that knows its zone: where it stands follows from the points in time."""
    present = notna(points)
    assert present is not None
    if operation == "count":
        return by.reduce("sum", cast(present, INT64), INT64)
    if not skipna:
        return _outermost(by, column, operation)
    if operation not in ("first", "last", "min", "max"):
        return None
    # of a group without times any row will do: its first
    instead = by.reduce("minimum", by.positions(), INT64)
    none = apply("equal", by.reduce("sum", cast(present, INT64), INT64), literal(0, INT64), dtype=BOOL)
    if operation in ("first", "last"):
        found = (first_position_where if operation == "first" else last_position_where)(by, present)
    elif operation == "min":
        found = first_position_of_minimum(by, points, skipna=True)
    else:
        found = first_position_of_maximum(by, points, skipna=True)
    return Gather(column, select(none, instead, found))


def _extreme_category(
    by: Grouped, categories: tuple[Value, pandas.CategoricalDtype, bool], least: bool
) -> Value | None:
    """The first or last category of each group in their order, if they have one."""
    codes, dtype, _ = categories
    if not dtype.ordered:
        return None
    codes = cast(codes, INT64)
    if not least:
        found = by.reduce("maximum", codes, INT64)  # that of a missing one is the least
    else:
        none = literal(len(dtype.categories), INT64)
        missing = apply("equal", codes, _NONE, dtype=BOOL)
        found = by.reduce("minimum", select(missing, none, codes), INT64)
        found = select(apply("equal", found, none, dtype=BOOL), _NONE, found)
    return Gather(bind_opaque(each_category(dtype)), found)


def _end(by: Grouped, column: Value, first: bool) -> Value | None:
    present = strings.notna(column)
    if present is None:
        return None
    # of a group without strings any row will do: its first
    instead = by.reduce("minimum", by.positions(), INT64)
    if first:
        count = by.reduce("sum", cast(present, INT64), INT64)
        found = first_position_where(by, present)
        is_none = apply("equal", count, literal(0, INT64), dtype=BOOL)
    else:
        found = last_position_where(by, present)
        is_none = apply("equal", found, _NONE, dtype=BOOL)
    return Gather(column, select(is_none, instead, found))


def _truth(by: Grouped, column: Value, every: bool) -> Value | None:
    """Whether any, or every, string that is not missing has a character."""
    if not isinstance(string_dtype_of(column), pandas.StringDtype):
        return None
    mask, present = strings.compare("ne", column, ""), strings.notna(column)
    if mask is None or present is None:
        return None
    if every:
        return by.reduce("all", apply("bitwise_or", mask, negate(present)), BOOL)
    return by.reduce("any", both(mask, present), BOOL)


def _extreme(by: Grouped, column: Value, least: bool) -> Value | None:
    found = codes_of(column)
    if found is None:
        return None
    codes = cast(found.codes, INT64)
    missing = literal(found.missing, INT64)
    if least:
        return Gather(found.read, by.reduce("minimum", codes, INT64))
    known = select(apply("equal", codes, missing, dtype=BOOL), _NONE, codes)
    largest = by.reduce("maximum", known, INT64)
    return Gather(found.read, select(apply("equal", largest, _NONE, dtype=BOOL), missing, largest))
