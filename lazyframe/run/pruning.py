"""Whether a filter can be true of any row, of which only the least and greatest values are known.

A filter may be that rows are found in a table: then its keys are what the limits are compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lazyframe.run.environment import Environment
from lazyframe.run.late import Bounds
from lazyframe.run.lookups import RowTable
from passes.ir.operations import evaluate
from passes.ir.values import Gather, Literal, Map, Parameter, Probe, Read, Stored, Value

BoundsOf = Callable[[Read], Bounds | None]

_EXACT = frozenset({("i", "i"), ("u", "u"), ("f", "f"), ("i", "f"), ("u", "f"), ("u", "i")})
"""Kinds between which casting keeps the order, when the result is no narrower."""


def may_pass(mask: Value, bounds: BoundsOf, environment: Environment) -> bool:
    """Whether ``mask`` may be true of a row; True where that cannot be told.

    Parameters
    ----------
    mask : Value
        A boolean column.
    bounds : callable
        The limits of an input in these rows, or None.
    environment : Environment
        Where scalars are found.
    """
    match mask:
        case Map("bitwise_and", (left, right)):
            return may_pass(left, bounds, environment) and may_pass(right, bounds, environment)
        case Map("bitwise_or", (left, right)):
            return may_pass(left, bounds, environment) or may_pass(right, bounds, environment)
        case Map("greater_equal", (Probe() as probe, least)):
            limit = _limits(least, bounds, environment)
            return limit is None or int(limit.low) != 0 or _may_be_found(probe, bounds, environment)
        case Map("less" | "less_equal" | "greater" | "greater_equal" | "equal" as name, (left, right)):
            mine, theirs = _limits(left, bounds, environment), _limits(right, bounds, environment)
            if mine is None or theirs is None or mine.low.dtype.kind in "mM":
                return True  # times are compared as their integers, of which NaT is the least
            if name in ("greater", "greater_equal"):
                mine, theirs = theirs, mine
            # a comparison with NaN is false, so NaN among the rows changes nothing
            if name in ("less", "greater"):
                return bool(mine.low < theirs.high)
            return bool(mine.low <= theirs.high and (name != "equal" or theirs.low <= mine.high))
        case Gather(Read(token) as answers, position) if isinstance(environment.data[token], np.ndarray):
            asked = _limits(position, bounds, environment)
            if asked is None or not 0 <= int(asked.low) <= int(asked.high):
                return True
            return bool(environment.get(answers)[int(asked.low) : int(asked.high) + 1].any())
        case Read():
            found = bounds(mask)
            return found is None or bool(found.high)
    return True


def _may_be_found(probe: Probe, bounds: BoundsOf, environment: Environment) -> bool:
    """Whether any row may have keys that the rows of a table have, by the limits of each key."""
    assert isinstance(probe.table, Stored)
    table = environment.stored.get(probe.table.value)
    limits = table.limits if isinstance(table, RowTable) else None
    if limits is None:
        return True  # known when steps have run
    for key, (low, high) in zip(probe.keys, limits, strict=True):
        mine = _limits(key, bounds, environment)
        if mine is None or mine.low.dtype.kind not in "iu" or mine.low.dtype == np.uint64:
            continue  # a table has integers of 64 bits with a sign
        if int(mine.high) < low or int(mine.low) > high:
            return False
    return True


def _limits(value: Value, bounds: BoundsOf, environment: Environment) -> Bounds | None:
    match value:
        case Parameter(token) if token not in environment.data:
            return None  # known when steps have run
        case Stored() if value.rows is not None or value.value not in environment.stored:
            return None
        case Literal() | Parameter() | Stored():
            scalar = environment.get(value)
            return None if scalar != scalar else Bounds(scalar, scalar)
        case Read():
            return bounds(value)
        case Map("cast" | "reinterpret", (inner,), dtype) if _keeps_order(value, inner.dtype, dtype):
            found = _limits(inner, bounds, environment)
            if found is None:
                return None
            ends = np.array([found.low, found.high])
            low, high = evaluate(value.operation, [ends], dtype)
            return Bounds(low, high)
    return None


def _keeps_order(value: Map, source: np.dtype[Any], dtype: np.dtype[Any]) -> bool:
    if value.operation == "reinterpret":
        return source.kind in "mM" and dtype == np.int64
    return (source.kind, dtype.kind) in _EXACT and dtype.itemsize >= source.itemsize
