"""How rows find their group."""

from __future__ import annotations

import numpy as np

from passes.facts.positions import source_of
from passes.facts.progressions import LAST, KeyForm, progression_of
from passes.ir.loops import GroupPlan
from passes.ir.node import Node, Token
from passes.ir.rows import Group
from passes.ir.values import (
    Aggregate,
    Gather,
    HashedSlot,
    Literal,
    Map,
    Parameter,
    Read,
    Reduce,
    RowNumber,
    SlotTable,
    SortedRun,
    Take,
    Value,
)
from passes.ir.walk import rebuild, topological

INT64 = np.dtype(np.int64)
UINT64 = np.dtype(np.uint64)
BOOL = np.dtype(np.bool_)

_FEW_VALUES = 1 << 10
"""Of so many that a key can have, looking for those that it has would cost more than a place for each."""


def plan_group(
    group: Group,
    number: int,
    dense: bool,
    by_runs: bool = False,
    counted: bool = False,
    stepped: tuple[KeyForm, ...] = (),
) -> GroupPlan:
    """Direct addressing by the keys' values, numbers of runs, or numbers given out by hashing.

    Parameters
    ----------
    group : Group
        With integer or boolean keys.
    number : int
        Of the group among those of the graph.
    dense : bool
        Whether the table has a row for every combination of values between the keys' bounds.
    by_runs : bool
        Whether the one key is a part of an input that is sorted, and runs of equal values get numbers.
    counted : bool
        Whether somebody asks for the number of rows, which then says which slots have any.
    stepped : tuple of KeyForm
        Where it is known of each key what it is a multiple of, and its bounds.
    """
    presence = SlotTable(number_of_rows(group) if counted else Aggregate("any", Literal(True), group, BOOL))
    first = SlotTable(Aggregate("minimum", RowNumber(group.parent), group, INT64))
    if by_runs:
        runs, slot_of_run = _runs(group)
        return GroupPlan(group, (), (), (), slot_of_run, presence, first, number, runs)
    if not dense:
        return GroupPlan(group, (), (), (), HashedSlot(group), presence, first, number)
    if stepped:
        return _stepped(group, number, presence, first, stepped)
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
    return GroupPlan(group, lows, highs, strides, slot, presence, first, number)


def _stepped(
    group: Group, number: int, presence: SlotTable, first: SlotTable, forms: tuple[KeyForm, ...]
) -> GroupPlan:
    """Direct addressing by keys whose bounds are known, those with a step divided by it."""
    strides = tuple([Parameter(Token("stride"), INT64) for _ in group.keys])
    shifts = tuple([Parameter(Token("shift"), UINT64) if form.divided else None for form in forms])
    wide = [key.dtype if key.dtype.itemsize == 8 else INT64 for key in group.keys]
    lows = tuple([Parameter(Token("low"), dtype) for dtype in wide])
    behind = tuple([Parameter(Token("behind"), INT64) if form.missing else None for form in forms])
    slot: Value | None = None
    for key, low, shift, stride, last in zip(group.keys, lows, shifts, strides, behind, strict=True):
        offset: Value = Map("subtract", (_cast(key, low.dtype), low), low.dtype)
        if shift is not None:
            offset = Map("right_shift", (_cast(offset, UINT64), shift), UINT64)
        offset = _cast(offset)
        if shift is not None or len(group.keys) > 1:
            offset = Map("multiply", (offset, stride), INT64)
        if last is not None:
            is_missing = Map("equal", (key, Literal(LAST, INT64)), BOOL)
            offset = Map("select", (is_missing, last, offset), INT64)
        slot = offset if slot is None else Map("add", (slot, offset), INT64)
    assert slot is not None
    return GroupPlan(group, lows, (), strides, slot, presence, first, number, shifts=shifts, behind=behind)


def source_of_key(group: Group) -> Read | None:
    """The input that the one key of a group is a part of, or is the integers of; None where there is none."""
    return leading_source(group) if len(group.keys) == 1 else None


def leading_source(group: Group) -> Read | None:
    """The same of the first key of several."""
    key = group.keys[0]
    while isinstance(key, Take) or _is_integer_of_time(key):
        key = key.column if isinstance(key, Take) else key.arguments[0]  # type: ignore[attr-defined]
    return key if isinstance(key, Read) and key.dtype.kind in "iumM" else None


def _is_integer_of_time(key: Value) -> bool:
    return (
        isinstance(key, Map)
        and key.operation == "reinterpret"
        and key.dtype == INT64
        and key.arguments[0].dtype.kind in "mM"
    )


def _runs(group: Group) -> tuple[SortedRun, Value]:
    """The runs of the input that the one key is a part of, and each row's as a slot."""
    source = source_of_key(group)
    assert source is not None
    runs = SortedRun(source)
    number: Value = runs
    key, links = group.keys[0], []
    while key is not source:
        if isinstance(key, Take):
            links.append(key.rows)
        key = key.column if isinstance(key, Take) else key.arguments[0]  # type: ignore[attr-defined]
    for rows in reversed(links):
        number = Take(number, rows)
    return runs, _cast(number)


def number_of_rows(group: Group) -> Aggregate:
    """How many rows each group has, as whoever records asks for it."""
    return Aggregate("sum", Literal(1, INT64), group, INT64)


def _bounds(key: Value) -> tuple[Value, Value]:
    """Scalars that enclose ``key``; those of the whole input where ``key`` is a part of one."""
    if key.dtype.kind == "b":
        return Literal(False), Literal(True)
    limits_set = _clipped_to(key) or _known_of_anything(key)
    if limits_set is not None:
        return limits_set
    source = source_of(_gathered_from(key))
    if key.dtype.itemsize == 1 and not isinstance(source, Read):
        limits = np.iinfo(key.dtype)
        return Literal(limits.min, key.dtype), Literal(limits.max, key.dtype)
    return Reduce("minimum", source, key.dtype), Reduce("maximum", source, key.dtype)


def _known_of_anything(key: Value) -> tuple[Value, Value] | None:
    """Constants that enclose a key by what computes it, as a month; None where they are far apart."""
    found = progression_of(key, lambda _: None)
    if found is None or found.high - found.low >= _FEW_VALUES:
        return None
    return Literal(found.low, key.dtype), Literal(found.high, key.dtype)


def _clipped_to(key: Value) -> tuple[Value, Value] | None:
    """Scalars that enclose a column of integers that was clipped, as ``minimum(maximum(x, 0), 9)`` is."""
    while isinstance(key, Take):
        key = key.column
    if not (isinstance(key, Map) and key.operation == "minimum"):
        return None
    inner, high = key.arguments
    if not (isinstance(inner, Map) and inner.operation == "maximum" and high.rows is None):
        return None
    low = inner.arguments[1]
    if low.rows is not None:
        return None
    return Map("minimum", (low, high), key.dtype), Map("maximum", (low, high), key.dtype)


def _gathered_from(key: Value) -> Value:
    """The key over the rows that it is gathered from: its values are among that column's.

    Row-wise work on columns gathered by the same positions is looked at before it is gathered, too: the
    bounds of a year are those of the years of all dates.
    """
    while True:
        leaves = [v for v in topological([key], _arguments) if not isinstance(v, Map) or v.rows is None]
        columns = [v for v in leaves if isinstance(v, Value) and v.rows is not None]
        gathers = [v for v in columns if isinstance(v, Gather)]
        if not columns or len(gathers) < len(columns) or len({v.positions for v in gathers}) > 1:
            return key
        if len({v.column.rows for v in gathers}) > 1:
            return key
        key = _with_columns(key)


def _with_columns(key: Value) -> Value:
    """Row-wise work on gathered columns, done on what they are gathered from."""
    became: dict[Node, Node] = {}
    for node in topological([key], _arguments):
        if isinstance(node, Gather):
            became[node] = node.column
        else:
            became[node] = rebuild(node, lambda child: became.get(child, child))
    return became[key]  # type: ignore[return-value]  # a value stays a value


def _arguments(node: Node) -> tuple[Node, ...]:
    return node.arguments if isinstance(node, Map) and node.rows is not None else ()


def _offset(key: Value, low: Value) -> Value:
    if isinstance(low, Literal) and low.value == 0:
        return _cast(key)
    if key.dtype.itemsize == 8:
        return _cast(Map("subtract", (key, low), key.dtype))
    return Map("subtract", (_cast(key), _cast(low)), INT64)


def _cast(value: Value, dtype: np.dtype = INT64) -> Value:
    if value.dtype == dtype:
        return value
    if isinstance(value, Literal):
        return Literal(value.value.astype(dtype), dtype)
    return Map("cast", (value,), dtype)
