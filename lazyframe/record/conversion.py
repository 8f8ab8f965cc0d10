"""``astype``, ``isin``, ``replace`` and ``map``: a column's values by rule or by table."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas

from lazyframe.record import strings
from lazyframe.record.ask_once import ask_once
from lazyframe.record.capture import is_kernel_dtype
from lazyframe.record.computing import found_of
from lazyframe.record.constants import constant
from lazyframe.record.date_parts import ticks_per_second
from lazyframe.record.datetimes import as_integers, isin_times
from lazyframe.record.each_value import astype_of_each
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, is_missing, literal, select
from lazyframe.record.integer_text import text_of_integers
from lazyframe.record.membership import is_among
from lazyframe.record.missing import choose, held, replacement
from lazyframe.record.time_rounding import to_unit
from lazyframe.run.bindings import bind_array
from passes.ir.rows import Rows
from passes.ir.values import OPAQUE, Literal, Reduce, Value

_made_of: dict[Hashable, Any] = {}
"""The dtype of a series of some values."""

SHORT_TABLE = 32
"""Longer tables are looked up by hashing, in pandas."""


def kernel_dtype(dtype: Any) -> np.dtype | None:
    """What a user means by ``dtype``, if kernels compute on it."""
    kind: Any = type(dtype)
    try:
        return _named_dtype(dtype, kind)
    except TypeError:
        return None


@lru_cache(maxsize=256)
def _named_dtype(dtype: Any, kind: Any) -> np.dtype | None:
    found: Any = pandas.api.types.pandas_dtype(dtype)
    return found if is_kernel_dtype(found) else None


def astype(column: Value, wanted: Any) -> Value | None:
    """``column`` at a dtype, as users name it; None where pandas has to decide or raise."""
    if column.dtype == OPAQUE:
        return strings.astype(column, wanted)
    source, dtype = column.dtype, kernel_dtype(wanted)
    if dtype is None:
        text = text_of_integers(column, wanted)
        return astype_of_each(column, wanted) if text is None else text
    if source == dtype and source.kind in "biufmM":
        return column
    if source.kind in "mM":
        return _times_as(column, dtype)
    if source.kind not in "biuf" or dtype.kind not in "biuf":
        return None
    if dtype.kind == "b":
        return apply("not_equal", column, literal(0, source), dtype=BOOL)
    if source.kind == "f" and dtype.kind in "iu" and not _all_fit(column, dtype):
        return None
    return cast(column, dtype)


def _times_as(column: Value, dtype: np.dtype) -> Value | None:
    """Times at another unit, or as the integers that they are."""
    if dtype == INT64 and ticks_per_second(column.dtype) is not None:
        return as_integers(column)
    return to_unit(column, dtype) if dtype.kind == column.dtype.kind else None


def _all_fit(column: Value, dtype: np.dtype) -> bool:
    """Whether an integer of ``dtype`` holds every float: else pandas raises, or C decides."""

    def every() -> Value:
        limits = np.iinfo(dtype)
        # one beyond the largest is a power of two, which every float dtype holds; and 2**63 + 1.0 is 2**63
        lowest = literal(float(limits.min), column.dtype)
        beyond = literal(float(limits.max) + 1.0, column.dtype)
        above = apply("greater_equal", column, lowest, dtype=BOOL)
        return Reduce("all", both(above, apply("less", column, beyond, dtype=BOOL)), BOOL)

    return found_of(column, ("fits", dtype), every)


def _comparable(value: Any, dtype: np.dtype) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return dtype.kind == "b"
    if isinstance(value, np.timedelta64):  # which NumPy counts among integers
        return False
    if isinstance(value, (int, np.integer)):
        return dtype.kind in "iu" or (dtype.kind == "f" and abs(int(value)) <= 2**53)
    return isinstance(value, (float, np.floating)) and dtype.kind == "f"


def isin(column: Value, values: Any) -> Value | None:
    """Where ``column`` is one of a list; None where pandas has to decide."""
    if column.dtype == OPAQUE:
        return strings.isin(column, values)
    if len(values) > SHORT_TABLE and column.dtype.kind in "iuf" and column.rows is not None:
        return _among_many(column, column.rows, values)
    if column.rows is not None and all(type(value) is str for value in values):
        return constant(False, column.rows)  # text is nowhere among numbers, nor, to pandas, among times
    if column.dtype.kind in "mM" and column.rows is not None and len(values) <= SHORT_TABLE:
        return isin_times(column, list(values))
    if column.dtype.kind not in "biuf" or column.rows is None:
        return None
    if column.dtype == BOOL and all(type(value) is bool for value in values):
        return _among_truths(column, column.rows, set(values))
    if column.dtype == BOOL or column.dtype == np.uint64:
        return None
    rows = column.rows
    if column.dtype.kind == "i" and any(type(value) is float for value in values):
        column = cast(column, FLOAT64)  # as pandas compares them
    if not all(_comparable(value, column.dtype) for value in values):
        return None
    wide = cast(column, FLOAT64 if column.dtype.kind == "f" else INT64)
    found: Value | None = None
    for value in values:
        if value != value:
            here = is_missing(wide)
            assert here is not None
        elif wide.dtype == INT64 and not -(2**63) <= value < 2**63:
            return None
        else:
            here = apply("equal", wide, Literal(value, wide.dtype), dtype=BOOL)
        found = here if found is None else apply("bitwise_or", found, here, dtype=BOOL)
    return constant(False, rows) if found is None else found


def _among_truths(column: Value, rows: Rows, values: set[bool]) -> Value | None:
    if len(values) == 1:
        return column if values == {True} else apply("invert", column, dtype=BOOL)
    return constant(bool(values), rows)


def _among_many(column: Value, rows: Rows, values: Any) -> Value | None:
    """`isin` of a list too long to compare each row with each value, or to look at one by one in Python."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return constant(False, rows)
    if float in kinds:
        column = cast(column, FLOAT64)  # as pandas compares them
    dtype = FLOAT64 if column.dtype.kind == "f" else INT64
    numbers = (int, np.integer) if dtype == INT64 else (float, np.floating)
    if (
        column.dtype == np.uint64
        or kinds & _NO_NUMBERS
        or not all(issubclass(kind, numbers) for kind in kinds)
    ):
        return None
    try:
        array = np.array(list(values), dtype)
    except OverflowError:
        return None
    return is_among(column, bind_array(array, "values"))


_NO_NUMBERS = {bool, np.bool_, np.timedelta64}
"""Kinds of truths, and of lengths of time, which Python and NumPy count among integers."""


def isin_array(column: Value, array: np.ndarray) -> Value | None:
    """`isin` of an array of numbers or times that is kept, and that nobody writes to."""
    found = is_among(column, bind_array(array, "values")) if column.dtype.kind in "iufmM" else None
    if found is None and array.dtype.kind in "iuf":
        return isin(column, array.tolist())
    return found


def replace(column: Value, to_replace: Any, value: Any = strings.NOTHING, regex: Any = False) -> Value | None:
    """``column.replace(to_replace, value, regex=regex)``; None where pandas has to decide, or to raise."""
    if column.dtype == OPAQUE:
        return strings.replace(column, to_replace, value, regex)
    if regex is not False:
        patterns = regex if to_replace is None else to_replace
        listed = patterns if isinstance(patterns, (list, dict)) else [patterns]
        is_text = column.dtype.kind in "biuf" and all(isinstance(one, str) for one in listed)
        return column if is_text and _takes_value(patterns, value) else None
    if column.dtype.kind in "bmM":
        return _replace_one(column, to_replace, value)
    pairs = replacements(to_replace, value)
    return None if pairs is None else _replace_numbers(column, pairs)


def _replace_one(column: Value, old: Any, new: Any) -> Value | None:
    """One time, or one truth, replaced by another."""
    if column.dtype == BOOL:
        if type(old) is not bool or type(new) is not bool:
            return None
        here: Value | None = column if old else apply("invert", column, dtype=BOOL)
    else:
        here = isin_times(column, [old])
    put = None if here is None or new is None or isinstance(new, (list, dict)) else replacement(new, column)
    if here is None or put is None:
        return None
    return choose(here, put, column, column.dtype)


def _takes_value(patterns: Any, value: Any) -> bool:
    """Whether what is replaced, and what by, are arguments that pandas accepts."""
    if isinstance(patterns, dict):
        return value is strings.NOTHING and all(type(new) is str for new in patterns.values())
    return type(value) is str or (type(value) is float and value != value)


def replacements(to_replace: Any, value: Any) -> Mapping[Any, Any] | None:
    """The pairs that ``replace`` replaces, or None for its other forms."""
    if isinstance(to_replace, dict):
        return to_replace if value is strings.NOTHING and to_replace else None
    if isinstance(to_replace, list):
        others = value if isinstance(value, list) else [value] * len(to_replace)
        if value is strings.NOTHING or len(others) != len(to_replace) or not to_replace:
            return None
        if not all(isinstance(old, (int, float, np.number, str)) for old in to_replace):
            return None
        pairs = dict(zip(to_replace, others, strict=True))
        return pairs if len(pairs) == len(to_replace) else None
    if value is strings.NOTHING or not isinstance(to_replace, (int, float, np.number, str)):
        return None
    return {to_replace: value}


def _replace_numbers(column: Value, table: Mapping[Any, Any]) -> Value | None:
    if column.dtype.kind not in "biuf" or len(table) > SHORT_TABLE:
        return None
    result = column
    for old, new in table.items():
        if isinstance(old, str):
            continue  # is nowhere among numbers
        if not _comparable(old, column.dtype) or column.dtype == BOOL:
            return None
        wanted = held(old, column.dtype)
        if wanted is None:
            return None
        here = is_missing(column) if old != old else apply("equal", column, wanted, dtype=BOOL)
        if here is None:
            return None
        if column.dtype.kind in "iu" and isinstance(new, float) and new != new:
            if not _is_anywhere(column, here, wanted):
                continue
            result = cast(result, _holding_nan(column.dtype))
        put = held(new, result.dtype)
        if put is None:
            return None
        result = select(here, put, result)
    return result


def _is_anywhere(column: Value, here: Value, wanted: Value) -> bool:
    return found_of(column, ("holds", wanted), lambda: Reduce("any", here, BOOL))


@lru_cache(maxsize=64)
def _holding_nan(dtype: np.dtype) -> np.dtype:
    """The dtype of integers among which one has become NaN."""
    found: Any = pandas.Series(np.zeros(1, dtype)).replace(0, np.nan).dtype
    return found  # type: ignore[no-any-return]  # pandas' own


def is_mapped(column: Value, table: Mapping[Any, Any]) -> bool:
    """Whether ``column`` is of numbers that a table, which is short, may be for."""
    if column.dtype.kind not in "biu" or not 0 < len(table) <= SHORT_TABLE or column.dtype == np.uint64:
        return False
    whole = column.dtype != BOOL
    return all(_comparable(old, column.dtype) and not (whole and not _is_int64(old)) for old in table)


def _is_int64(value: Any) -> bool:
    return bool(-(2**63) <= value < 2**63)


def is_complete(column: Value, table: Mapping[Any, Any]) -> bool:
    """Whether every value of a column is in a table that `is_mapped`."""

    def every() -> Value:
        found: Value | None = None
        for here in _places(column, table):
            found = here if found is None else apply("bitwise_or", found, here, dtype=BOOL)
        assert found is not None
        return Reduce("all", found, BOOL)

    return found_of(column, ("is among", *[(type(old), old) for old in table]), every)


def mapped_dtype(table: Mapping[Any, Any]) -> np.dtype | None:
    """The dtype of a series of what is in a table; None if kernels do not compute with it."""
    made = ask_once(_made_of, list(table.values()), lambda: pandas.Series(list(table.values())).dtype)
    return made if isinstance(made, np.dtype) and made.kind in "biuf" else None


def _places(column: Value, table: Mapping[Any, Any]) -> list[Value]:
    """Where each of the entries of a table stands in a column."""
    if column.dtype == BOOL:
        return [column if old else apply("invert", column, dtype=BOOL) for old in table]
    wide = cast(column, INT64)
    return [apply("equal", wide, Literal(old, INT64), dtype=BOOL) for old in table]


def map_values(column: Value, table: Mapping[Any, Any]) -> Value | None:
    """``column`` looked up in a table; where it is not found, NaN.

    The table of numbers has to be short.
    """
    if column.dtype == OPAQUE:
        return strings.map_values(column, table)
    if not is_mapped(column, table):
        return None
    made = mapped_dtype(table)
    if made is None:
        return None
    complete = is_complete(column, table)
    if not complete and made.kind != "f":
        if made.kind == "b":
            return None
        made = FLOAT64
    result: Value = literal(0 if complete else np.nan, made)
    for here, new in zip(_places(column, table), table.values(), strict=True):
        result = select(here, Literal(new, made), result)
    return result
