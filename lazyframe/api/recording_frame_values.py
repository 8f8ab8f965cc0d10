"""The methods of a frame that give each value another, column by column."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import aligned_value, lazy_frame, overriding, real, table_of
from lazyframe.api.recording_frame import columnwise
from lazyframe.api.recording_series_values import NOTHING, is_bound, is_clipping, listed_values
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.clipping import clip, clip_by, clip_each
from lazyframe.record.conversion import astype, isin, replace
from lazyframe.record.elementwise import both
from lazyframe.record.missing import fillna, isna, notna, round_half_even, where
from lazyframe.record.missing_inputs import is_never_missing
from lazyframe.record.origin import stamp
from lazyframe.record.selection import filter_rows, positions_of
from lazyframe.record.table import Table
from passes.ir.values import OPAQUE, Value

DataFrame = pandas.DataFrame
Series = pandas.Series


def _isna(self: Any) -> Any:
    return columnwise(table_of(self), isna, "isna", by_dtype=True, key=())


def _notna(self: Any) -> Any:
    return columnwise(table_of(self), notna, "notna", by_dtype=True, key=())


def _round(self: Any, decimals: Any = 0) -> Any:
    by_dtype = type(decimals) is int and decimals >= 0  # else integers are looked at
    key = (type(decimals), decimals) if by_dtype else None
    return columnwise(
        table_of(self), lambda value: round_half_even(value, decimals), "round", by_dtype=by_dtype, key=key
    )


def _clip(self: Any, lower: Any = None, upper: Any = None, *, axis: Any = None) -> Any:
    table = table_of(self)
    if table is None:
        return NotImplemented
    if any(isinstance(bound, (list, tuple, np.ndarray, DataFrame)) for bound in (lower, upper)):
        return _clip_each(table, lower, upper, axis)
    if axis is not None or not (is_bound(lower) and is_bound(upper)):
        return _clip_to_same(table, lower, upper, axis)
    key = (type(lower), lower, type(upper), upper)
    found = columnwise(table, lambda value: clip(value, lower, upper), "clip", by_dtype=True, key=key)
    if found is not NotImplemented or _are_times(table):
        return found
    return columnwise(table, lambda value: clip_by(value, lower, upper), "clip")


def _clip_to_same(table: Table, lower: Any, upper: Any, axis: Any) -> Any:
    """Each column bounded by the same column or time, where all keep their dtype.

    pandas decides on other dtypes for all columns that share memory.
    """
    by_columns = [isinstance(bound, Series) for bound in (lower, upper)]
    if any(by_columns) is not (type(axis) in (int, str) and axis in (0, "index")):
        return NotImplemented
    bounds = [
        aligned_value(bound, table) if is_column else bound
        for bound, is_column in zip((lower, upper), by_columns, strict=True)
    ]
    for bound, is_column in zip(bounds, by_columns, strict=True):
        # pandas 3.0 takes no time for a frame's bound
        if (bound is None) if is_column else not (is_clipping if SINCE_3_1 else is_bound)(bound):
            return NotImplemented

    def clipped(value: Value) -> Value | None:
        found = clip_by(value, *bounds)
        return found if found is not None and found.dtype == value.dtype else None

    return columnwise(table, clipped, "clip")


def _clip_each(table: Table, lower: Any, upper: Any, axis: Any) -> Any:
    """Each column bounded by its own entry of a list, or column of a frame."""
    below, above = _bounds_of(lower, table, axis), _bounds_of(upper, table, axis)
    if below is None or above is None:
        return NotImplemented
    clipped = []
    for value, least, most in zip(table.values(), below, above, strict=True):
        found = clip_each(value, least, most)
        if found is None or found.dtype != value.dtype:
            return NotImplemented
        stamp(found, "clip")
        clipped.append(found)
    return lazy_frame(table.derived(clipped))


def _bounds_of(bound: Any, table: Table, axis: Any) -> Sequence[Any] | None:
    """For each column what bounds it; None where pandas has to decide."""
    if isinstance(bound, DataFrame):
        theirs = same_labels(bound, table) if axis is None else None
        return None if theirs is None else theirs.values()
    if isinstance(bound, (list, tuple, np.ndarray)):
        listed = np.asarray(real(bound))
        plain = type(axis) in (int, str) and axis in (1, "columns") and listed.shape == (len(table),)
        known = plain and listed.dtype.kind in "iuf" and bool((listed == listed).all())
        return list(listed) if known else None
    plain = bound is None or (type(bound) in (int, float) and bound == bound)
    return [bound] * len(table) if plain else None


def _are_times(table: Table) -> bool:
    """Whether a column is of times, which numbers do not bound."""
    return any(getattr(dtype, "kind", "") in "mM" for dtype in table.dtypes)


def some_columns(table: Table | None, wanted: Mapping[Any, Any], function: Any, what: str) -> Any:
    """The frame with ``function(column, option)`` in place of the columns that ``wanted`` names."""
    if table is None:
        return NotImplemented
    positions = positions_of(table, list(wanted))
    if positions is None or len(set(positions)) < len(positions):
        return NotImplemented
    changed: dict[int, Value] = {}
    for position, option in zip(positions, wanted.values(), strict=True):
        value = function(table.value(position), option)
        if value is None:
            return NotImplemented
        stamp(value, what)
        changed[position] = value
    return lazy_frame(table.derived([changed.get(i) or table.value(i) for i in range(len(table))]))


def _scalar_key(value: Any) -> Hashable:
    """A number for `columnwise` to remember a function by; None for what pandas takes for another scalar."""
    return (type(value), value) if type(value) in (int, float, bool) else None


def _fillna(self: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return some_columns(table_of(self), value, fillna, "fillna")
    if not pandas.api.types.is_scalar(value):
        return NotImplemented
    return columnwise(
        table_of(self), lambda column: fillna(column, value), "fillna", by_dtype=True, key=_scalar_key(value)
    )


def _astype(self: Any, dtype: Any, copy: Any = NOTHING, errors: Any = "raise") -> Any:
    if errors != "raise" or copy is not NOTHING or isinstance(dtype, Series):
        return NotImplemented
    if isinstance(dtype, dict):
        return some_columns(table_of(self), dtype, astype, "astype")
    return columnwise(table_of(self), lambda column: astype(column, dtype), "astype")


def _isin(self: Any, values: Any) -> Any:
    if type(values) is dict:
        return _isin_by_column(table_of(self), values)
    listed = None if isinstance(values, pandas.Index) else listed_values(values)
    if listed is None:
        return NotImplemented
    return columnwise(table_of(self), lambda column: isin(column, listed), "isin", by_dtype=True)


def _isin_by_column(table: Table | None, values: dict[Any, Any]) -> Any:
    """Where each column is one of the values under its label; nowhere if there are none."""
    lists = {label: listed_values(some) for label, some in values.items()}
    if table is None or not len(table) or None in lists.values():
        return NotImplemented
    labels = table.current_columns().index()
    found = [isin(table.value(k), lists.get(label, [])) for k, label in enumerate(labels)]
    if None in found:
        return NotImplemented
    for value in found:
        stamp(value, "isin")  # type: ignore[arg-type]  # no None
    return lazy_frame(table.derived(found))


def _replace(self: Any, to_replace: Any = None, value: Any = NOTHING, *, regex: Any = False) -> Any:
    if type(to_replace) is dict and any(isinstance(new, dict) for new in to_replace.values()):
        of_columns = all(type(new) is dict and new for new in to_replace.values())
        if value is not NOTHING or regex is not False or not of_columns:
            return NotImplemented
        return some_columns(table_of(self), to_replace, replace, "replace")
    if type(to_replace) is dict and value is not NOTHING:
        return NotImplemented  # which names columns
    return columnwise(table_of(self), lambda column: replace(column, to_replace, value, regex), "replace")


def _where(keep: bool) -> Any:
    def record(self: Any, cond: Any, other: Any = np.nan, *, axis: Any = None, level: Any = None) -> Any:
        if axis is not None or level is not None or callable(cond) or callable(other):
            return NotImplemented
        table = table_of(self)
        if table is None or not isinstance(cond, DataFrame):
            return NotImplemented
        conditions = same_labels(cond, table)
        others = same_labels(other, table) if isinstance(other, DataFrame) else None
        put = np.nan if other is NOTHING else other
        if conditions is None or (others is None and not pandas.api.types.is_scalar(put)):
            return NotImplemented
        beside = (conditions,) if others is None else (conditions, others)

        def one(column: Value, condition: Value, other: Any = put) -> Value | None:
            return where(column, condition, other, keep)

        key = _scalar_key(put) if others is None else ()
        return columnwise(table, one, "where" if keep else "mask", beside=beside, by_dtype=True, key=key)

    return record


def same_labels(frame: Any, table: Table) -> Table | None:
    """A frame whose rows and labels are those of ``table``, and whose columns are unique; else None."""
    theirs = table_of(frame)
    if theirs is None or theirs.rows is not table.rows or not table.labels.same_as(theirs.labels):
        return None
    columns = table.current_columns()
    if not columns.same_as(theirs.current_columns()) or not columns.index().is_unique:
        return None
    return theirs


def _dropna(
    self: Any,
    *,
    axis: Any = 0,
    how: Any = NOTHING,
    thresh: Any = NOTHING,
    subset: Any = None,
    inplace: Any = False,
    ignore_index: Any = False,
) -> Any:
    if axis not in (0, "index") or how not in (NOTHING, "any") or thresh is not NOTHING:
        return NotImplemented
    table = None if inplace is not False or ignore_index is not False else table_of(self)
    if table is None or len(table) == 0:
        return NotImplemented
    positions: Sequence[int] | None
    if subset is None:
        positions = range(len(table))
    else:
        wanted = subset if isinstance(subset, list) else [subset]
        positions = positions_of(table, wanted) if all(isinstance(label, str) for label in wanted) else None
    if not positions:
        return NotImplemented
    keep: Value | None = None
    for position in positions:
        column = table.value(position)
        if (column.dtype.kind in "fmM" or column.dtype == OPAQUE) and not is_never_missing(column):
            here = notna(column)
            if here is None:
                return NotImplemented
            keep = here if keep is None else both(keep, here)
    if keep is None:
        return lazy_frame(table.derived())
    stamp(keep, "dropna")
    return lazy_frame(filter_rows(table, keep))


class RecordingFrameValues:
    """Mixin: element-wise methods of all or some columns."""

    isna = overriding(DataFrame.isna, _isna)
    isnull = overriding(DataFrame.isnull, _isna)
    notna = overriding(DataFrame.notna, _notna)
    notnull = overriding(DataFrame.notnull, _notna)
    round = overriding(DataFrame.round, _round)
    clip = overriding(DataFrame.clip, _clip)
    fillna = overriding(DataFrame.fillna, _fillna)
    astype = overriding(DataFrame.astype, _astype)
    isin = overriding(DataFrame.isin, _isin)
    replace = overriding(DataFrame.replace, _replace)
    where = overriding(DataFrame.where, _where(True))
    mask = overriding(DataFrame.mask, _where(False))
    dropna = overriding(DataFrame.dropna, _dropna)
