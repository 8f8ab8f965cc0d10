"""pandas' group-by aggregations, composed of the graph's reductions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from lazyframe.record import reductions
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, both, cast, is_missing, select
from lazyframe.record.groupby_keys import key_column
from lazyframe.record.groupby_strings import aggregate_strings
from lazyframe.record.groupby_times import (
    POINTS,
    STATISTICS,
    dtype_of_statistic,
    statistic_of_times,
    sums_fit,
)
from lazyframe.record.reductions import Grouped
from lazyframe.record.time_limits import remember_origin
from lazyframe.record.zoned_times import points_of, zone_dtype_of
from passes.ir.node import Token
from passes.ir.rows import Group, Range
from passes.ir.values import OPAQUE, Aggregate, Gather, GroupNumber, Literal, Map, Read, Value, WithinGroup


class Options(NamedTuple):
    """The arguments of an aggregation."""

    min_count: int = -1
    ddof: int = 1
    q: float = 0.5
    skipna: bool = True
    """Whether missing values are left out; of distinct values, whether a missing one is none."""


def _kinds(kinds: str, function: Callable[[Grouped, Value, Options], Value | None]) -> Any:
    def record(by: Grouped, column: Value, options: Options) -> Value | None:
        return function(by, column, options) if column.dtype.kind in kinds else None

    return record


def _simple(function: Callable[..., Value]) -> Callable[[Grouped, Value, Options], Value]:
    return lambda by, column, options: function(by, column, skipna=options.skipna)


def _spread(function: Callable[..., Value]) -> Callable[[Grouped, Value, Options], Value]:
    return lambda by, column, options: function(by, column, ddof=options.ddof, skipna=options.skipna)


def _accumulated(function: Callable[..., Value]) -> Callable[[Grouped, Value, Options], Value]:
    return lambda by, column, options: function(
        by, column, skipna=options.skipna, min_count=options.min_count
    )


def _distinct(by: Grouped, column: Value, skipna: bool) -> Value | None:
    """How many distinct values each group has, missing ones left out, or all of them counted as one.

    A value counts at its first row in its group, which is the first row of a finer group.
    """
    key = key_column(column, None)
    if key is None:
        return None
    rows = by.positions()
    value = key.value if skipna else key.missing_last()
    finer = Group(by.rows, (*by.group.keys, value), sort=False)
    first = Gather(Aggregate("minimum", rows, finer, INT64), GroupNumber(finer))
    counts: Value = Map("equal", (rows, first), BOOL)
    if key.may_be_missing and skipna:
        counts = both(counts, key.present())
    return by.reduce("sum", cast(counts, INT64), INT64)


def _median(by: Grouped, column: Value, skipna: bool) -> Value:
    if column.dtype == BOOL:
        column = cast(column, np.dtype(np.uint8))
    found = WithinGroup("median", column, by.group, reductions.float_dtype(column.dtype))
    missing = None if skipna else is_missing(column)
    if missing is None:
        return found
    return select(by.reduce("any", missing, BOOL), Literal(np.nan, found.dtype), found)


def _end(by: Grouped, column: Value, skipna: bool, first: bool) -> Value:
    if skipna:
        return (reductions.first_valid if first else reductions.last_valid)(by, column)
    return Gather(column, reductions.end_position(by, first))


def quantile(by: Grouped, column: Value, q: float) -> Value:
    """The value that this part of each group's is below, interpolated between the neighbours of its place."""
    return WithinGroup("quantile", column, by.group, FLOAT64, q)


def _total(by: Grouped, column: Value, options: Options) -> Value | None:
    if column.dtype.kind == "m" and not sums_fit(by, column):
        return None  # pandas raises
    return reductions.total(by, column, skipna=options.skipna, min_count=options.min_count)


AGGREGATIONS: dict[str, Callable[[Grouped, Value, Options], Value | None]] = {
    "sum": _kinds("biufm", _total),
    "prod": _kinds("biuf", _accumulated(reductions.product)),
    "mean": _kinds("biuf", _simple(reductions.mean)),
    "min": _kinds("biufmM", _simple(reductions.lowest)),
    "max": _kinds("biufmM", _simple(reductions.highest)),
    "count": _kinds("biufmM", lambda by, column, options: reductions.count_valid(by, column)),
    "size": lambda by, column, options: reductions.count_rows(by),
    "var": _kinds("biuf", _spread(reductions.variance)),
    "std": _kinds("biuf", _spread(reductions.standard_deviation)),
    "sem": _kinds("biuf", _spread(reductions.standard_error)),
    "first": _kinds("biufmM", lambda by, column, options: _end(by, column, options.skipna, True)),
    "last": _kinds("biufmM", lambda by, column, options: _end(by, column, options.skipna, False)),
    "any": _kinds("biufm", _simple(reductions.any_of)),
    "all": _kinds("biufm", _simple(reductions.all_of)),
    "nunique": lambda by, column, options: _distinct(by, column, options.skipna),
    "median": _kinds("biuf", lambda by, column, options: _median(by, column, options.skipna)),
    "quantile": _kinds("iuf", lambda by, column, options: quantile(by, column, options.q)),
}
"""By pandas' name.  Each gives None for a column that pandas has to aggregate, or refuse."""


def is_of_points(operation: Any, column: Value) -> bool:
    """Whether an aggregation of times that know their zone gives others, which `aggregate` has in UTC."""
    return operation in POINTS and zone_dtype_of(column) is not None


COUNTED = frozenset({"sum", "prod", "min", "max", "first", "last"})
"""The aggregations that take ``min_count``."""

NARROWED = frozenset({"sum", "prod"})
"""The aggregations whose results pandas stores at the dtype of narrow integers if all fit."""


def aggregate(operation: str, by: Grouped, column: Value, options: Options) -> Value | None:
    """One value for each group; None where pandas has to decide.

    Parameters
    ----------
    operation : str
        A key of `AGGREGATIONS`.
    by : Grouped
        The groups.
    column : Value
        Of the rows that are grouped.
    options : Options
        Of the call.

    Notes
    -----
    Where `is_of_points` says so, the value is of points in UTC: groups are as many as the data makes them,
    and times that know their zone are of known length.
    """
    if operation in STATISTICS:
        column = points_of(column)
    if column.dtype == OPAQUE and operation not in ("size", "nunique"):
        if options.min_count > 0:
            return None
        return aggregate_strings(operation, by, column, options.skipna)
    if not options.skipna and not _may_hold_missing(operation, column.dtype, options):
        return None
    if options.min_count > 1 and not (column.dtype.kind == "f" and operation in NARROWED):
        return None  # groups of fewer rows turn integers into floats, or not, as the data is
    if column.dtype.kind in "mM" and operation in STATISTICS:
        return statistic_of_times(operation, by, column, options.ddof, options.q)
    found = AGGREGATIONS[operation](by, column, options)
    if column.dtype.kind in "mM" and operation in ("min", "max", "first", "last") and found is not None:
        remember_origin(found, column)
    return found


def _may_hold_missing(operation: str, dtype: np.dtype, options: Options) -> bool:
    """Whether an aggregation that does not leave missing values out is known."""
    if options.min_count > 0 or (operation == "mean" and dtype == np.float32):
        return False
    return dtype.kind not in "mM" or operation in ("min", "max", "first", "last", "any", "all", "nunique")


@lru_cache(maxsize=1024)
def dtype_of_aggregate(operation: str, dtype: np.dtype, options: Options) -> np.dtype | None:
    """The dtype of an aggregate; None where pandas has to decide, or what there is depends on more than that.

    Parameters
    ----------
    operation : str
        A key of `AGGREGATIONS`.
    dtype : numpy.dtype
        Of the column.
    options : Options
        Of the call.
    """
    if dtype == OPAQUE or operation == "nunique" or (operation == "sum" and dtype.kind == "m"):
        return None
    if dtype.kind in "mM" and operation in STATISTICS:
        return dtype_of_statistic(operation, dtype) if options.skipna else None
    rows = Range("rows")
    found = aggregate(operation, Grouped(Group(rows, (), True)), Read(Token(), dtype, rows), options)
    return None if found is None else found.dtype


def is_narrowed(operation: str, dtype: np.dtype) -> bool:
    """Whether the dtype of a result depends on the data: int64 only if a sum does not fit ``dtype``."""
    return operation in NARROWED and dtype.kind in "iu" and dtype.itemsize < INT64.itemsize
