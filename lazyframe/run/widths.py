"""Which groups' keys are too far apart for a table of all that is between them, as far as can be foreseen."""

from __future__ import annotations

from collections.abc import Iterable

from lazyframe.run.bounds import bounds_of_input
from lazyframe.run.environment import is_too_wide, slots_of
from lazyframe.run.late import LateColumn
from lazyframe.run.plan import Anonymous
from passes.ir.loops import GroupPlan
from passes.ir.rows import Filter, Range, Rows, Slice
from passes.ir.values import Gather, Literal, Map, Read, Reduce, Take, Value, View


def too_wide_groups(plans: Iterable[GroupPlan], named: Anonymous) -> frozenset[int]:
    """The numbers of the groups whose table is too large by what is known before anything runs.

    That is the case where all bounds are those of inputs in memory, or noted by the files that these are in,
    and the number of rows before all filters is known; and where a key is a float: its bits are in order, but
    those of 0.5 and 1.0 are 2**52 apart.
    """
    found: set[int] = set()
    for plan in plans:
        if not plan.dense:
            continue
        if any(_is_of_floats(low) for low in plan.lows):
            found.add(plan.number)
            continue
        rows = _rows(plan.group.parent, named)
        if rows is None:
            continue
        lows = [_bound(low, named) for low in plan.lows]
        highs = [_bound(high, named) for high in plan.highs]
        spans = [
            max(high - low + 1, 0)
            for low, high in zip(lows, highs, strict=True)
            if low is not None and high is not None
        ]
        if len(spans) == len(lows) and is_too_wide(slots_of(spans), rows):
            found.add(plan.number)
    return frozenset(found)


def _rows(rows: Rows, named: Anonymous) -> int | None:
    while isinstance(rows, (Filter, Slice)):
        rows = rows.parent
    if not isinstance(rows, Range):
        return None
    return named.extents[rows.extent] if isinstance(rows.extent, str) else rows.extent


def _is_of_floats(bound: Value) -> bool:
    """Whether a bound is one of the bits of floats."""
    waiting: list[Value] = [bound]
    while waiting:
        match waiting.pop():
            case Map("reinterpret", (value,)) if value.dtype.kind == "f":
                return True
            case Map(_, arguments):
                waiting += arguments
            case Reduce(_, column) | Gather(column) | Take(column) | View(column):
                waiting.append(column)
    return False


def _bound(bound: Value, named: Anonymous) -> int | None:
    match bound:
        case Literal():
            return int(bound.value)
        case Reduce(operation, Read(token, dtype)) if dtype.kind in "iu":
            array = named.data[token]
            if isinstance(array, LateColumn):
                limits = array.limits()
                return None if limits is None else int(limits.high if operation == "maximum" else limits.low)
            return int(bounds_of_input(named.tokens[token], array)[operation == "maximum"])
    return None
