"""The keys of a merge as integers, equal where pandas finds them equal."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas

from lazyframe import settings
from lazyframe.record.capture import dtype_of
from lazyframe.record.categories import category_entries
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import (
    Dictionary,
    codes_of,
    end_to_end,
    is_worth_encoding,
    may_be_text,
    positions_among,
    ranks_of,
    string_dtype_of,
    text_codes_of,
)
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, is_missing, literal, select
from lazyframe.record.groupby_encoding import encode
from lazyframe.record.groupby_keys import key_column
from lazyframe.record.zoned_times import points_of, zone_dtype_of
from lazyframe.run.bindings import bind_array, bind_opaque
from lazyframe.run.uniqueness import certainly_unique
from passes.ir.values import OPAQUE, Gather, Map, Read, Reduce, RowNumber, Value


def key_pair(
    left: Value, right: Value, looked_up_in: int | None = None, objects: bool = False
) -> tuple[Value, Value] | None:
    """A key of each side as integer or boolean columns of one dtype; None where pandas has to match them.

    Missing keys are equal to each other, and so are both zeros.

    Parameters
    ----------
    left, right : Value
        The keys.
    looked_up_in : int, optional
        The side whose keys stay distinct if they are; by default the right one if its strings are.
    objects : bool
        Match Python's strings as well, None with NaN too.
    """
    left, right = _points(left, right)
    if OPAQUE in (left.dtype, right.dtype):
        return _opaque_pair(left, right, looked_up_in, objects)
    if left.dtype.kind in "iu" and right.dtype.kind in "iu":
        common = np.promote_types(left.dtype, right.dtype)
        if common.kind == "f":  # as floats, which they all are
            common = INT64
            if not (_are_floats(left) and _are_floats(right)):
                return None
        return cast(left, common), cast(right, common)
    if left.dtype.kind != right.dtype.kind:
        return _mixed_pair(left, right)
    if left.dtype.kind == "b":
        return left, right
    if left.dtype.kind == "f":
        return _bits(cast(left, FLOAT64)), _bits(cast(right, FLOAT64))
    if left.dtype != right.dtype:
        return None
    return Map("reinterpret", (left,), INT64), Map("reinterpret", (right,), INT64)


def _points(left: Value, right: Value) -> tuple[Value, Value]:
    """Times of one zone and unit as points in time; all others as they are."""
    zone = zone_dtype_of(left)
    if zone is None or zone != zone_dtype_of(right):
        return left, right
    return points_of(left), points_of(right)


_EXACT = 1 << 53
"""All integers up to here are floats as well."""


def _mixed_pair(left: Value, right: Value) -> tuple[Value, Value] | None:
    """Integers, and those among floats; a float that is none has a key that no integer has."""
    if left.dtype.kind == "f":
        swapped = _mixed_pair(right, left)
        return None if swapped is None else (swapped[1], swapped[0])
    if left.dtype.kind not in "iu" or right.dtype.kind != "f":
        return None
    right = cast(right, FLOAT64)
    if not _are_floats(left):
        return None
    whole = cast(right, INT64)
    none = literal(np.iinfo(np.int64).min, INT64)
    return cast(left, INT64), select(_is_whole(right), whole, none)


def _are_floats(integers: Value) -> bool:
    """Whether each of the integers is a float64 as well."""
    if integers.dtype.itemsize < 8:
        return True
    low, high = compute([Reduce(end, integers, integers.dtype) for end in ("minimum", "maximum")])
    return -_EXACT <= int(low) <= int(high) <= _EXACT


def _is_whole(value: Value) -> Value:
    return apply("equal", cast(cast(value, INT64), FLOAT64), value, dtype=BOOL)


def merges_quietly(left: Value, right: Value) -> bool:
    """Whether pandas merges two keys without a warning: of floats that the other's dtype does not hold."""
    if left.dtype.kind == "f":
        left, right = right, left
    if left.dtype.kind not in "iu" or right.dtype.kind != "f":
        return True
    right = cast(right, FLOAT64)
    limits = np.iinfo(left.dtype)
    whole = cast(right, INT64)
    fits = both(
        apply("greater_equal", whole, literal(max(int(limits.min), -(2**63)), INT64), dtype=BOOL),
        apply("less_equal", whole, literal(min(int(limits.max), 2**63 - 1), INT64), dtype=BOOL),
    )
    missing = is_missing(right)
    assert missing is not None
    quiet = apply("bitwise_or", missing, both(_is_whole(right), fits), dtype=BOOL)
    (found,) = compute([Reduce("all", quiet, BOOL)])
    return bool(found)


def _bits(value: Value) -> Value:
    """A float64's bits, those of 0.0 for -0.0 and one pattern for every NaN."""
    missing = is_missing(value)
    assert missing is not None
    positive = apply("add", value, literal(0.0, value.dtype))
    return Map("reinterpret", (select(missing, literal(np.nan, value.dtype), positive),), INT64)


def ordered_pair(left: Value, right: Value) -> tuple[Value, Value, Read | None] | None:
    """The same in pandas' order of the keys; of strings with what the integers stand for."""
    left, right = _points(left, right)
    if OPAQUE in (left.dtype, right.dtype):
        return _ordered_opaque(left, right)
    if "f" not in (left.dtype.kind, right.dtype.kind):
        return _plain_pair(left, right)
    if left.dtype.kind not in "iuf" or right.dtype.kind not in "iuf":
        return None
    if left.dtype != right.dtype:
        if not all(value.dtype.kind == "f" or _are_floats(value) for value in (left, right)):
            return None
        left, right = cast(left, FLOAT64), cast(right, FLOAT64)
    return encode(left, missing=True), encode(right, missing=True), None


def _ordered_opaque(left: Value, right: Value) -> tuple[Value, Value, Read | None] | None:
    if left.dtype != right.dtype:
        return None
    if isinstance(dtype_of(left), pandas.CategoricalDtype):
        return _ordered_categories(left, right)
    one, other = text_of(left), text_of(right)
    if one is None or other is None:
        return None
    if string_dtype_of(left) is None or dtype_of(left) != dtype_of(right):
        _, (ones, others) = united(_as_strings(one.entries), _as_strings(other.entries))
        return (
            Gather(bind_array(ones, "codes"), cast(one.codes, INT64)),
            Gather(bind_array(others, "codes"), cast(other.codes, INT64)),
            None,
        )
    if one.entries is other.entries:
        return cast(one.codes, INT64), cast(other.codes, INT64), one.read
    entries, (ones, others) = united(one.entries, other.entries)
    return (
        Gather(bind_array(ones, "codes"), cast(one.codes, INT64)),
        Gather(bind_array(others, "codes"), cast(other.codes, INT64)),
        bind_opaque(entries, "entries"),
    )


def _as_strings(entries: Any) -> Any:
    return pandas.array(entries, dtype="str")


def _ordered_categories(left: Value, right: Value) -> tuple[Value, Value, Read | None] | None:
    """The codes of categories, a missing one's before all others."""
    pair = _opaque_pair(left, right, None, objects=False)
    entries = category_entries(left)
    return None if pair is None or entries is None else (*pair, entries.read)


def _plain_pair(left: Value, right: Value) -> tuple[Value, Value, None] | None:
    """A `key_pair` of numbers or times."""
    kinds = left.dtype.kind, right.dtype.kind
    if kinds[0] != kinds[1] and not (kinds[0] in "iu" and kinds[1] in "iu"):
        return None
    pair = key_pair(left, right)
    return None if pair is None else (*pair, None)


def _opaque_pair(
    left: Value, right: Value, looked_up_in: int | None, objects: bool
) -> tuple[Value, Value] | None:
    if left.dtype != right.dtype:
        return None
    if dtype_of(left) != dtype_of(right) and not (objects and may_be_text(left) and may_be_text(right)):
        return None
    if isinstance(dtype_of(left), pandas.CategoricalDtype):
        one, other = key_column(left, None), key_column(right, None)
        same = _in_one_order(dtype_of(left), dtype_of(right))
        if one is None or other is None or not same:
            return None
        return cast(one.value, INT64), cast(other.value, INT64)
    find = text_of if objects else partial(codes_of, force=True)
    one_codes, other_codes = find(left), find(right)
    if one_codes is None or other_codes is None:
        return None
    if looked_up_in is None and certainly_unique([other_codes.codes]):
        looked_up_in = 1
    if looked_up_in == 1:
        return _recoded(one_codes, other_codes), cast(other_codes.codes, INT64)
    return cast(one_codes.codes, INT64), _recoded(other_codes, one_codes)


def text_of(column: Value) -> Dictionary | None:
    """Strings as codes, and so Python's: of those the rows there are, if not all are known."""
    if string_dtype_of(column) is not None or not may_be_text(column):
        return codes_of(column, force=True)
    if isinstance(column, Read) or is_worth_encoding(column, 0):
        return text_codes_of(column, force=True)
    (rows,) = compute([column])
    if len(rows) < settings.current().min_rows:
        return None  # pandas takes no longer for so few
    found = text_codes_of(bind_opaque(rows, "keys"), force=True)
    if found is None:
        return None
    codes = Gather(found.codes, RowNumber(column.rows))  # type: ignore[arg-type]  # a column has rows
    return Dictionary(codes, found.entries, found.has_missing, found.read)


def _in_one_order(left: Any, right: Any) -> bool:
    """Whether equal categories have equal codes: the order of unordered ones is no part of their dtype."""
    return bool(left.categories.equals(right.categories))


def _recoded(strings: Dictionary, of: Dictionary) -> Value:
    """``strings`` by the codes of another dictionary; -1 for a string that it does not have."""
    if strings.entries is of.entries:
        return cast(strings.codes, INT64)
    table = np.append(positions_among(strings.entries[:-1], of.entries[:-1]), of.missing).astype(np.int64)
    return Gather(bind_array(table, "codes"), cast(strings.codes, INT64))


def united(left: Any, right: Any) -> tuple[Any, list[np.ndarray]]:
    """One dictionary of the entries of two, and where in it those of each stand, the missing one included."""
    ranks, count = ranks_of(end_to_end(left[:-1], right[:-1]))
    where = np.empty(count, np.int64)
    where[ranks] = np.arange(len(ranks))
    entries = end_to_end(left[:-1], right[:-1]).take(np.append(where, -1), allow_fill=True)
    tables = np.split(ranks, [len(left) - 1])
    return entries, [np.append(table, count) for table in tables]
