"""Aggregations of strings and categories: each group's string is found by number and looked up."""

from __future__ import annotations

from lazyframe.record import strings
from lazyframe.record.categories import category_codes
from lazyframe.record.dictionaries import codes_of, string_dtype_of
from lazyframe.record.elementwise import BOOL, INT64, apply, cast, literal, select
from lazyframe.record.reductions import Grouped, first_position_where, last_position_where
from passes.ir.values import Gather, Value

_NONE = literal(-1, INT64)


def aggregate_strings(operation: str, by: Grouped, column: Value) -> Value | None:
    """One value for each group, missing strings left out; None where pandas has to decide.

    Parameters
    ----------
    operation : str
        A name of an aggregation.
    by : Grouped
        The groups.
    column : Value
        Of strings or categories, or opaque otherwise.
    """
    if string_dtype_of(column) is None and (category_codes(column) is None or operation in ("min", "max")):
        return None
    match operation:
        case "count":
            present = strings.notna(column)
            return None if present is None else by.reduce("sum", cast(present, INT64), INT64)
        case "first" | "last":
            return _end(by, column, first=operation == "first")
        case "min" | "max":
            return _extreme(by, column, least=operation == "min")
    return None


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
