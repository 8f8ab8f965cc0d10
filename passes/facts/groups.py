"""How rows find their group."""

from __future__ import annotations

import numpy as np

from passes.facts.positions import source_of
from passes.ir.loops import GroupPlan
from passes.ir.node import Token
from passes.ir.rows import Group
from passes.ir.values import (
    Aggregate,
    GroupNumber,
    Literal,
    Map,
    Parameter,
    Read,
    Reduce,
    RowNumber,
    SlotTable,
    Value,
)

INT64 = np.dtype(np.int64)


def plan_group(group: Group, dense: bool) -> GroupPlan:
    """Direct addressing by the keys' values, or numbers given out by the host.

    Parameters
    ----------
    group : Group
        With integer or boolean keys.
    dense : bool
        Whether the table has a row for every combination of values between the keys' bounds.
    """
    presence = SlotTable(Aggregate("sum", Literal(1, INT64), group, INT64))
    first = SlotTable(Aggregate("minimum", RowNumber(group.parent), group, INT64))
    if not dense:
        return GroupPlan(group, (), (), (), GroupNumber(group), presence, first)
    bounds = [_bounds(key) for key in group.keys]
    strides = tuple([Parameter(Token("stride"), INT64) for _ in group.keys])
    slot: Value | None = None
    for key, (low, _), stride in zip(group.keys, bounds, strides, strict=True):
        offset = _offset(key, low)
        if len(group.keys) > 1:
            offset = Map("multiply", (offset, stride), INT64)
        slot = offset if slot is None else Map("add", (slot, offset), INT64)
    assert slot is not None
    lows, highs = zip(*bounds, strict=True)
    return GroupPlan(group, lows, highs, strides, slot, presence, first)


def _bounds(key: Value) -> tuple[Value, Value]:
    """Scalars that enclose ``key``; those of the whole input where ``key`` is a part of one."""
    if key.dtype.kind == "b":
        return Literal(False), Literal(True)
    source = source_of(key)
    if key.dtype.itemsize == 1 and not isinstance(source, Read):
        limits = np.iinfo(key.dtype)
        return Literal(limits.min, key.dtype), Literal(limits.max, key.dtype)
    return Reduce("minimum", source, key.dtype), Reduce("maximum", source, key.dtype)


def _offset(key: Value, low: Value) -> Value:
    if key.dtype.itemsize == 8:
        return _cast(Map("subtract", (key, low), key.dtype))
    return Map("subtract", (_cast(key), _cast(low)), INT64)


def _cast(value: Value) -> Value:
    return value if value.dtype == INT64 else Map("cast", (value,), INT64)
