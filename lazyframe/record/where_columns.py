"""A column where a condition holds, and else another column, of a dtype of its own."""

from __future__ import annotations

import numpy as np

from lazyframe.record.computing import found_of
from lazyframe.record.elementwise import BOOL, FLOAT64, apply, both, cast, literal, select
from lazyframe.record.missing import choose
from lazyframe.record.number_limits import reach_of
from passes.ir.values import Reduce, Value


def holds_dtype(dtype: np.dtype, other: np.dtype) -> bool:
    """Whether pandas puts any numbers of another dtype into a column of ``dtype`` without changing it."""
    return dtype == other or (
        np.result_type(dtype, other) == dtype and (dtype.kind, other.itemsize) != ("f", 8)
    )


def where_columns(column: Value, inside: Value, bounds: Value) -> Value | None:
    """``column`` where ``inside``, else ``bounds`` of another dtype; None if pandas has to decide."""
    mine, theirs = column.dtype, bounds.dtype
    if mine.kind not in "iuf" or theirs.kind not in "iuf":
        return None
    if mine.kind != "f" and theirs.kind == "f":
        return _fractions(column, inside, bounds)
    if holds_dtype(mine, theirs):
        return choose(inside, column, cast(bounds, mine), mine)
    if mine == FLOAT64 and theirs.kind in "iu" and reach_of(bounds).furthest <= 2**53:
        return choose(inside, column, cast(bounds, mine), mine)
    return None


def _fractions(column: Value, inside: Value, bounds: Value) -> Value | None:
    """Integers bounded by floats: they stay integers if they are within, or all bounds are whole."""
    if found_of(inside, "all", lambda: Reduce("all", inside, BOOL)):
        return column
    limits = np.iinfo(column.dtype)
    floats = cast(bounds, FLOAT64)
    low, beyond = literal(float(limits.min), FLOAT64), literal(float(int(limits.max) + 1), FLOAT64)
    whole = apply("equal", apply("floor", floats), floats, dtype=BOOL)
    within = both(apply("greater_equal", floats, low, dtype=BOOL), apply("less", floats, beyond, dtype=BOOL))
    if found_of(bounds, ("is", column.dtype), lambda: Reduce("all", both(whole, within), BOOL)):
        return choose(inside, column, cast(bounds, column.dtype), column.dtype)
    dtype = np.result_type(column.dtype, bounds.dtype)
    return select(inside, cast(column, dtype), cast(bounds, dtype))
