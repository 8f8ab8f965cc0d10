"""What a group-by gives for each row: aggregates seen from the rows, and work in the order of a group."""

from __future__ import annotations

from lazyframe.record.elementwise import BOOL, INT64
from lazyframe.record.groupby import AGGREGATIONS, Options, aggregate, is_narrowed
from lazyframe.record.reductions import Grouped, count_rows
from passes.ir.rows import Group
from passes.ir.type_rules import GROUP_WINDOWS
from passes.ir.values import GroupNumber, Literal, Map, Value, WithinGroup

CUMULATIVE = {
    "cumsum": "cumulative_sum",
    "cumprod": "cumulative_product",
    "cummin": "cumulative_minimum",
    "cummax": "cumulative_maximum",
}
"""pandas' names, and the graph's."""

SHIFTED = {"shift": "shift", "diff": "difference"}
"""The same, of what looks back a number of rows."""


def transform(group: Group, column: Value, name: str) -> Value | None:
    """Each row's group's aggregate."""
    if name not in AGGREGATIONS or is_narrowed(name, column.dtype):
        return None
    by = Grouped(group)
    options = Options(min_count=0 if name in ("sum", "prod") else -1)
    found = aggregate(name, by, column, options)
    return None if found is None else by.spread(found)


def cumulative(group: Group, column: Value, name: str) -> Value | None:
    """``cumsum`` and its kin; None where pandas decides the dtype by the values."""
    operation = CUMULATIVE[name]
    if column.dtype.kind not in GROUP_WINDOWS[operation] or is_narrowed(
        name.removeprefix("cum"), column.dtype
    ):
        return None
    return WithinGroup(operation, column, group, column.dtype)


def shifted(group: Group, column: Value, name: str, periods: int) -> Value | None:
    """``shift`` and ``diff``; None for what has no missing value of its own."""
    operation = SHIFTED[name]
    if column.dtype.kind not in GROUP_WINDOWS[operation]:
        return None
    return WithinGroup(operation, column, group, column.dtype, periods)


def count_before(group: Group) -> Value:
    """How many rows of its group come before each row."""
    return WithinGroup("cumulative_count", group.keys[0], group, INT64)


def count_behind(group: Group) -> Value:
    """How many rows of its group come after each row."""
    by = Grouped(group)
    own = Map("add", (count_before(group), Literal(1, INT64)), INT64)
    return Map("subtract", (by.spread(count_rows(by)), own), INT64)


def ends(group: Group, count: int, last: bool) -> Value:
    """Where the first, or last, ``count`` rows of each group are."""
    place = count_behind(group) if last else count_before(group)
    return Map("less", (place, Literal(count, INT64)), BOOL)


def number(group: Group) -> Value:
    """The number of each row's group."""
    return GroupNumber(group)
