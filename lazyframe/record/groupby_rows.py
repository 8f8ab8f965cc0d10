"""What a group-by gives for each row: aggregates seen from the rows, and work in the order of a group."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any

import numpy as np

from lazyframe.record.computing import compute
from lazyframe.record.datetimes import as_integers, as_times
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    INT64,
    apply,
    both,
    cast,
    is_missing,
    literal,
    select,
)
from lazyframe.record.groupby import AGGREGATIONS, Options, aggregate, is_of_points
from lazyframe.record.groupby_strings import numbers_in_order
from lazyframe.record.groupby_whole import WholeGroups
from lazyframe.record.merge_missing import Positions
from lazyframe.record.missing import held, notna
from lazyframe.record.reductions import (
    Grouped,
    Whole,
    count_rows,
    count_valid,
    first_position_where,
    highest,
)
from lazyframe.record.row_counts import has_rows
from lazyframe.record.sorting import sort_key
from lazyframe.record.time_arithmetic import time_arithmetic
from lazyframe.record.time_limits import Limits, limits_of, remember_limits
from lazyframe.record.wall_times import in_zone
from lazyframe.record.zoned_times import points_of, zone_dtype_of
from lazyframe.run.bindings import bind_opaque
from passes.ir.rows import Group, Range
from passes.ir.type_rules import GROUP_WINDOWS
from passes.ir.values import (
    OPAQUE,
    Gather,
    GroupNumber,
    Literal,
    Map,
    Read,
    Reduce,
    RowNumber,
    Value,
    Window,
    WithinGroup,
)

CUMULATIVE = {
    "cumsum": "cumulative_sum",
    "cumprod": "cumulative_product",
    "cummin": "cumulative_minimum",
    "cummax": "cumulative_maximum",
}
"""pandas' names, and the graph's."""

SHIFTED = ("shift", "diff", "pct_change")
"""pandas' names of what looks back a number of rows."""

NARROWED = frozenset({"sum", "prod", "cumsum", "cumprod"})
"""Whose results pandas stores at the dtype of narrow integers if all fit."""

_UINT8 = np.dtype(np.uint8)
_FLOAT32 = np.dtype(np.float32)
_NONE = Literal(-1, INT64)


def transform(groups: WholeGroups, column: Value, name: str) -> Value | None:
    """Each row's group's aggregate."""
    if name not in AGGREGATIONS:
        return None
    by = Grouped(groups.group)
    options = Options(min_count=0 if name in ("sum", "prod") else -1)
    found = aggregate(name, by, column, options)
    if found is None:
        return None
    seen = groups.masked(by.spread(found))
    return _in_zone_of(column, seen) if is_of_points(name, column) else seen


def _in_zone_of(column: Value, points: Value | None) -> Value | None:
    """Points in UTC as times of the zone of ``column``, if it has one; None where rows are not counted."""
    dtype = zone_dtype_of(column)
    if dtype is None or points is None:
        return points
    return in_zone(points, dtype.tz) if isinstance(points.rows, Range) else None


def cumulative(groups: WholeGroups, column: Value, name: str, skipna: bool = True) -> Value | None:
    """``cumsum`` and its kin; those of narrow integers may still have to be made as narrow as pandas'.

    Without ``skipna`` all is missing from a group's first missing value on.
    """
    operation, totals = CUMULATIVE[name], name in ("cumsum", "cumprod")
    if zone_dtype_of(column) is not None:
        return _in_zone_of(column, cumulative(groups, points_of(column), name, skipna))
    if groups.present is not None and column.dtype.kind in "mM":
        return _times_of(cumulative(groups, groups.holding(column), name), column.dtype)
    values = groups.holding(column)
    if column.dtype == BOOL:
        # pandas counts them, or compares them as bytes
        values = groups.holding(cast(column, INT64 if totals else _UINT8))
    elif totals and values.dtype.kind in "iu":
        values = cast(values, INT64 if values.dtype.kind == "i" else np.dtype(np.uint64))
    if values.dtype.kind not in GROUP_WINDOWS[operation]:
        return None
    if not skipna and values.dtype.kind == "f":
        operation += "_to_missing"
    found: Value = WithinGroup(operation, values, groups.group, values.dtype)
    if not skipna and values.dtype.kind in "mM":
        found = _times_to_missing(groups, found, column)
    if values.dtype.kind in "mM" and not totals:
        limits = limits_of(column)
        remember_limits(found, Limits(limits.low, limits.high, limits.missing))
    if column.dtype == BOOL and not totals and groups.present is None:
        found = cast(found, BOOL)
    return groups.masked(found)


def _times_of(ticks: Value | None, dtype: np.dtype) -> Value | None:
    """Times that floats count, which are NaN where they are missing."""
    if ticks is None:
        return None
    none = literal(float(np.iinfo(np.int64).min), FLOAT64)
    whole = select(apply("is_nan", ticks, dtype=BOOL), none, ticks)
    return as_times(cast(whole, INT64), dtype)


def _times_to_missing(groups: WholeGroups, result: Value, column: Value) -> Value:
    """Running times, but missing from a group's first missing value on."""
    missing = is_missing(column)
    assert missing is not None
    by = Grouped(groups.group)
    first = by.spread(first_position_where(by, missing))
    before = apply("less", by.positions(), first, dtype=BOOL)
    ticks = select(before, as_integers(result), literal(np.iinfo(np.int64).min, INT64))
    return as_times(ticks, result.dtype)


def fit_narrow(columns: Sequence[Value], values: Sequence[Value], blocks: Sequence[Hashable]) -> list[Value]:
    """Integer results at the dtypes of their narrow columns if they fit, which is computed.

    Parameters
    ----------
    columns, values : sequence of Value
        Of each result, what it is made of and what it is.
    blocks : sequence of hashable
        Equal for columns of a dtype of which all fit, or none does.
    """
    narrow = {
        k: column.dtype
        for k, (column, value) in enumerate(zip(columns, values, strict=True))
        if column.dtype.kind in "iu" and value.dtype.kind in "iu" and column.dtype != value.dtype
    }
    fits = dict(zip(narrow, compute([_all_fit(values[k], narrow[k]) for k in narrow]), strict=True))
    result = list(values)
    for k, dtype in narrow.items():
        block = [other for other in narrow if (narrow[other], blocks[other]) == (dtype, blocks[k])]
        if all(fits[other] for other in block):
            result[k] = cast(values[k], dtype)
    return result


def _all_fit(value: Value, dtype: np.dtype) -> Value:
    same = apply("equal", cast(cast(value, dtype), value.dtype), value, dtype=BOOL)
    return Reduce("all", same, BOOL)


def shifted_or(groups: WholeGroups, column: Value, periods: int, fill: Any) -> Value | None:
    """``shift`` with a number of the column's dtype where there is no row to look back to."""
    put = held(fill, column.dtype) if column.dtype.kind in "iuf" and periods != 0 else None
    if put is None:
        return None
    position = _position(groups, periods)
    exists = apply("greater_equal", position, Literal(0, INT64), dtype=BOOL)
    found = Gather(column, apply("maximum", position, Literal(0, INT64)))
    return select(exists, found, put)


def filled(groups: WholeGroups, column: Value, forward: bool, limit: int | None = None) -> Value | None:
    """``ffill`` or ``bfill``: the last, or next, value of the group that is not missing.

    It is looked for in the next ``limit`` rows of the group, or in all.
    """
    valid = notna(points_of(column))
    if valid is None:
        return None
    if column.dtype.kind in "biu":
        return groups.masked(column)
    position: Value = select(valid, RowNumber(groups.group.parent), _NONE)
    operation = "carry_forward" if forward else "carry_backward"
    position = WithinGroup(operation, position, groups.group, INT64, limit)
    if groups.present is not None:
        position = select(groups.present, position, _NONE)
    return Positions(position, partial=True).seen(column)


def shifted(groups: WholeGroups, column: Value, name: str, periods: int) -> Value | None:
    """``shift``, ``diff`` and ``pct_change``; None for what has no missing value of its own."""
    before = _before(groups, column, periods)
    if before is None or name == "shift":
        return before
    if column.dtype.kind in "mM":
        return None if name == "pct_change" else time_arithmetic("sub", column, before, False)
    if column.dtype == BOOL and name == "diff" and periods != 0:
        return _steps(groups, column, periods)
    if column.dtype.kind not in "iuf":
        return None
    if name == "pct_change":
        if before.dtype.kind != "f":
            return None
        own = groups.masked(column)
        if own is None:
            return None
        ratio = apply("divide", cast(own, before.dtype), before)
        return apply("subtract", ratio, literal(1.0, ratio.dtype))
    if column.dtype.kind == "i" and column.dtype.itemsize < 4:
        before = cast(before, _FLOAT32)
    return apply("subtract", cast(column, before.dtype), before)


def _steps(groups: WholeGroups, column: Value, periods: int) -> Value:
    """The differences of booleans, which are Python's integers in pandas."""
    position = _position(groups, periods)
    before = Gather(column, apply("maximum", position, Literal(0, INT64)))
    code = apply("subtract", cast(column, INT64), cast(before, INT64))
    missing = apply("less", position, Literal(0, INT64), dtype=BOOL)
    code = select(missing, Literal(3, INT64), apply("add", code, Literal(1, INT64)))
    return Gather(_differences(), code)


@cache
def _differences() -> Read:
    return bind_opaque(np.array([-1, 0, 1, np.nan], object), "differences")


def _before(groups: WholeGroups, column: Value, periods: int) -> Value | None:
    """Each row's value ``periods`` rows before it in its group, missing where there is none."""
    rows = groups.group.parent
    if periods == 0:
        return column  # of a row without a key too
    if column.dtype.kind not in "fmM" and not has_rows(rows):
        return None  # nothing is missing, so pandas keeps the dtype
    found = Positions(_position(groups, periods), partial=True).seen(column)
    if found is not None and column.dtype.kind in "mM":
        limits = limits_of(column)
        remember_limits(found, Limits(limits.low, limits.high, missing=True))
    return found


def _position(groups: WholeGroups, periods: int) -> Value:
    """Where the row ``periods`` rows before each in its group is; -1 where there is none."""
    rows = groups.group.parent
    position: Value = WithinGroup("position_at_distance", RowNumber(rows), groups.group, INT64, periods)
    return position if groups.present is None else select(groups.present, position, _NONE)


def rolled(groups: WholeGroups, column: Value, operation: str) -> Value | None:
    """Something of each row and those before it in its group; None of what is no number.

    Parameters
    ----------
    groups : WholeGroups
        The groups.
    column : Value
        Of their rows.
    operation : str
        One of those that `passes.ir.type_rules.rolling_of` or `expanding_of` knows.
    """
    if column.dtype.kind not in "biuf":
        return None
    return groups.masked(WithinGroup(operation, column, groups.group, FLOAT64))


RANKS = frozenset({"average", "min", "max", "first", "dense"})
"""pandas' ways to rank equal values."""


def rank(
    groups: WholeGroups, column: Value, method: str, ascending: bool, share: bool, missing: str = "keep"
) -> Value | None:
    """Each row's place among the values of its group, or its share of their number; None of objects.

    Missing values have none, or are at the ``"top"`` or ``"bottom"``.
    """
    ordered = _ordered(groups.holding(points_of(column)), ascending)
    if ordered is not None and missing != "keep":
        ordered = sort_key(ordered, missing_first=missing == "top")
    if ordered is None:
        return None
    by = Grouped(groups.group)
    found: Value = WithinGroup(f"rank_{method}", ordered, groups.group, FLOAT64)
    if share and method == "dense":
        found = apply("divide", found, by.spread(highest(by, found, skipna=True)))
    elif share:
        found = apply("divide", found, by.spread(cast(count_valid(by, ordered), FLOAT64)))
    return groups.masked(found)


def _ordered(column: Value, ascending: bool) -> Value | None:
    """A column of numbers or times in the order, or the opposite one, of ``column``."""
    if column.dtype == OPAQUE:
        found = numbers_in_order(column)
        if found is None:
            return None
        column = found
    if ascending:
        return column
    match column.dtype.kind:
        case "f":
            return apply("negative", column)
        case "m" | "M":  # NaT is its own opposite
            return as_times(apply("negative", as_integers(column)), column.dtype)
    return apply("invert", column)


def place_among(group: Group, column: Value, count: int, largest: bool) -> Value | None:
    """Each row's place among the ``count`` largest or smallest of its group, missing ones last, or ``count``.

    None for a column that has no order in pandas' eyes, or none in signed integers.
    """
    if column.dtype.kind not in "biufmM" or column.dtype == np.uint64:
        return None
    key = sort_key(column, missing_first=largest)
    if key is None:
        return None
    key = cast(key, INT64)
    if largest:
        key = apply("invert", key)
    return WithinGroup("place_among_least", key, group, INT64, count)


def count_before(group: Group) -> Value:
    """How many rows of its group come before each row."""
    return WithinGroup("cumulative_count", group.keys[0], group, INT64)


def count_behind(group: Group) -> Value:
    """How many rows of its group come after each row."""
    by = Grouped(group)
    own = Map("add", (count_before(group), Literal(1, INT64)), INT64)
    return Map("subtract", (by.spread(count_rows(by)), own), INT64)


def ends(groups: WholeGroups, count: int, last: bool) -> Value:
    """Where the first, or last, ``count`` rows of each group are; all but so many others if negative."""
    place = count_behind(groups.group) if last == (count >= 0) else count_before(groups.group)
    if count >= 0:
        mask = Map("less", (place, Literal(count, INT64)), BOOL)
    else:
        mask = Map("greater_equal", (place, Literal(-count, INT64)), BOOL)
    return mask if groups.present is None else both(groups.present, mask)


def places(groups: WholeGroups, numbers: Sequence[int]) -> Value:
    """Where the rows of those numbers in their groups are, counted from the end if negative."""
    ahead, behind = count_before(groups.group), count_behind(groups.group)
    mask: Value | None = None
    for number in numbers:
        place, wanted = (ahead, number) if number >= 0 else (behind, -1 - number)
        here: Value = Map("equal", (place, Literal(wanted, INT64)), BOOL)
        mask = here if mask is None else Map("bitwise_or", (mask, here), BOOL)
    assert mask is not None
    return mask if groups.present is None else both(groups.present, mask)


def between(groups: WholeGroups, start: int, stop: int) -> Value:
    """Where the rows from number ``start`` up to ``stop`` of each group are, both not negative."""
    place = count_before(groups.group)
    behind: Value = Map("greater_equal", (place, Literal(start, INT64)), BOOL)
    mask = both(behind, Map("less", (place, Literal(stop, INT64)), BOOL))
    return mask if groups.present is None else both(groups.present, mask)


def number(groups: WholeGroups, ascending: bool) -> Value | None:
    """The number of each row's group, among those of rows with all keys."""
    found: Value = GroupNumber(groups.group)
    count = count_rows(Whole(groups.group))
    if groups.present is not None:
        is_group = Grouped(groups.group).reduce("any", groups.present, BOOL)
        before = Window("cumulative_sum", cast(is_group, INT64), INT64)
        found = Gather(apply("subtract", before, Literal(1, INT64)), found)
        count = Reduce("sum", cast(is_group, INT64), INT64)
    if not ascending:
        found = apply("subtract", apply("subtract", count, Literal(1, INT64)), found)
    return groups.masked(found)
