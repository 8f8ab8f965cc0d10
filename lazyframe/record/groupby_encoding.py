"""Floats and times as integers of the same order, so that rows can be grouped by them, and back.

Floats are grouped by their bits: the sign of zero and the payloads of NaN, which pandas does not tell apart,
are taken out first.  A missing value (NaN, NaT) comes behind all others.
"""

from __future__ import annotations

import numpy as np

from lazyframe.record.dictionaries import source_of
from lazyframe.record.elementwise import BOOL, INT64, both, is_missing, select
from lazyframe.record.reductions import Whole
from lazyframe.run.zeros import may_hold_negative_zero
from passes.ir.values import Literal, Map, RowNumber, Value

_LARGEST = np.iinfo(np.int64).max


def encode(column: Value, missing: bool) -> Value:
    """An integer column that is equal where ``column`` is, and in the same order.

    Parameters
    ----------
    column : Value
        Of floats, datetime64 or timedelta64.
    missing : bool
        Whether there may be missing values: these become the largest integer.
    """
    if column.dtype.kind == "f":
        return _encode_floats(column, missing)
    integers = Map("reinterpret", (column,), INT64)
    # NaT is the least integer; the step below it is the largest one, and all others keep their order
    return Map("subtract", (integers, Literal(1, INT64)), INT64) if missing else integers


def decode(key: Value, column: Value, missing: bool) -> Value:
    """What was encoded: of the dtype of ``column``, which ``key`` is the encoded keys of."""
    if column.dtype.kind == "f":
        return _decode_floats(key, column)
    integers = Map("add", (key, Literal(1, INT64)), INT64) if missing else key
    return Map("reinterpret", (integers,), column.dtype)


def _encode_floats(column: Value, missing: bool) -> Value:
    dtype = column.dtype
    without_sign = Map("add", (column, Literal(0.0, dtype)), dtype)  # -0.0 + 0.0 is 0.0
    ordered = _flip_negative(Map("reinterpret", (without_sign,), _integer(dtype)))
    nan = is_missing(column)
    if not missing or nan is None:
        return ordered
    return select(nan, Literal(np.iinfo(ordered.dtype).max, ordered.dtype), ordered)


def _decode_floats(key: Value, column: Value) -> Value:
    dtype = column.dtype
    found = Map("reinterpret", (_flip_negative(key),), dtype)
    source = source_of(column)
    if source is not None and not may_hold_negative_zero(source):
        return found
    zero = Map("equal", (found, Literal(0.0, dtype)), BOOL)
    negative = both(zero, _first_zero_is_negative(column))
    return select(negative, Literal(-0.0, dtype), found)


def _flip_negative(bits: Value) -> Value:
    """The bits of a float <-> an integer of its order: all but the sign of a negative one are inverted."""
    dtype = bits.dtype
    sign = Map("right_shift", (bits, Literal(dtype.itemsize * 8 - 1, dtype)), dtype)
    mask = Map("bitwise_and", (sign, Literal(np.iinfo(dtype).max, dtype)), dtype)
    return Map("bitwise_xor", (bits, mask), dtype)


def _integer(dtype: np.dtype) -> np.dtype:
    return np.dtype(f"int{dtype.itemsize * 8}")


def _first_zero_is_negative(column: Value) -> Value:
    """Whether the first zero of all rows is -0.0: of equal keys pandas shows the first."""
    assert column.rows is not None
    rows = RowNumber(column.rows)
    twice = Map("add", (rows, rows), INT64)
    odd = Map("add", (twice, Literal(1, INT64)), INT64)
    marked = select(Map("sign_bit", (column,), BOOL), odd, twice)
    zero = Map("equal", (column, Literal(0.0, column.dtype)), BOOL)
    first = Whole(column.rows).reduce("minimum", select(zero, marked, Literal(_LARGEST, INT64)), INT64)
    last_bit = Map("bitwise_and", (first, Literal(1, INT64)), INT64)
    found = Map("less", (first, Literal(_LARGEST, INT64)), BOOL)
    return both(Map("not_equal", (last_bit, Literal(0, INT64)), BOOL), found)
