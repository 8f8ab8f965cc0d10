"""The methods of a series that give each row another value."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Hashable, KeysView, ValuesView
from typing import Any

import numpy as np
import pandas
from pandas import CategoricalDtype

from lazyframe.api.fallbacks import laying_out
from lazyframe.api.one_by_one import looking_up
from lazyframe.api.recording import (
    aligned_value,
    column_of,
    is_held_by_pandas,
    lazy_frame,
    lazy_series,
    operand_of,
    overriding,
    result_name,
    series_by_facts,
    series_of,
)
from lazyframe.api.wrap import unwrap
from lazyframe.pandas_internals import for_owner, is_of_owner
from lazyframe.record.capture import is_kernel_dtype
from lazyframe.record.categories import map_categories
from lazyframe.record.clipping import clip_by, clip_by_written, facts_of_clipping
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.conversion import (
    SHORT_TABLE,
    astype,
    is_complete,
    is_mapped,
    isin,
    isin_array,
    map_values,
    mapped_dtype,
    replace,
    replacements,
)
from lazyframe.record.elementwise import BOOL, both, negate
from lazyframe.record.membership import is_among, map_by_labels, mapper_of
from lazyframe.record.missing import fillna, is_nan, isna, notna, round_half_even, where, where_widened
from lazyframe.record.operators import comparison
from lazyframe.record.schema import facts_of_scalar, is_ambiguous
from lazyframe.record.selection import mask_rows, renumbered, slice_rows, whole_numbers
from lazyframe.record.table import Column, Table
from lazyframe.record.time_lengths import SCALARS
from lazyframe.record.where_columns import where_columns
from passes.ir.values import OPAQUE, Value

Series = pandas.Series
NOTHING: Any = pandas.api.extensions.no_default


def _mapped(self: Any, function: Any, what: str) -> Any:
    mine = column_of(self)
    return NotImplemented if mine is None else series_of(function(mine.value), mine, self._name, what)


def _mapped_later(self: Any, function: Any, what: str, key: Hashable) -> Any:
    """`_mapped` of a function of which dtypes that kernels compute with decide what it gives.

    It is called once for each dtype and ``key``, which says what it holds, and else when a value is needed.
    """
    mine = column_of(self)
    if mine is None or mine.value.dtype.kind not in "biuf":
        return _mapped(self, function, what)
    column = mine.value
    return series_by_facts((what, key, column.dtype), lambda: function(column), mine, self._name, what)


def _isna(self: Any) -> Any:
    return _mapped(self, isna, "isna")


def _notna(self: Any) -> Any:
    return _mapped(self, notna, "notna")


def _round(self: Any, decimals: Any = 0) -> Any:
    if type(decimals) is int and decimals < 0:  # integers are looked at
        return _mapped(self, lambda value: round_half_even(value, decimals), "round")
    return _mapped_later(
        self, lambda value: round_half_even(value, decimals), "round", (type(decimals), decimals)
    )


def is_bound(bound: Any) -> bool:
    """Whether ``bound`` is a number or None, as a bound of ``clip``."""
    return bound is None or (isinstance(bound, (int, float, np.number)) and not isinstance(bound, bool))


def is_clipping(bound: Any) -> bool:
    """Whether ``bound`` is a scalar that ``clip`` may take."""
    times = (datetime.datetime, np.datetime64, *SCALARS)
    return is_bound(bound) or (isinstance(bound, times) and not is_ambiguous(bound))


def _clip(self: Any, lower: Any = None, upper: Any = None, *, axis: Any = None) -> Any:
    if axis is not None and (axis != 0 or isinstance(axis, bool)):
        return NotImplemented
    mine = column_of(self)
    if mine is None:
        return NotImplemented
    bounds: list[Any] = []
    for bound in (lower, upper):
        found = aligned_value(bound, mine) if isinstance(bound, Series) else bound
        if found is None and bound is not None:
            return NotImplemented
        if not isinstance(bound, Series) and not is_clipping(bound) and type(bound) is not str:
            return NotImplemented
        bounds.append(found)
    column = mine.value
    if str in map(type, bounds):
        return series_of(clip_by_written(column, *bounds), mine, self._name, "clip")
    facts = facts_of_clipping(column, *bounds)
    if facts is None:
        return series_of(clip_by(column, *bounds), mine, self._name, "clip")
    return series_by_facts(facts, lambda: clip_by(column, *bounds), mine, self._name, "clip")


def _fillna(self: Any, value: Any) -> Any:
    mine = column_of(self)
    if mine is None or not (isinstance(value, Series) or pandas.api.types.is_scalar(value)):
        return NotImplemented
    put = aligned_value(value, mine) if isinstance(value, Series) else value
    if put is None:
        return NotImplemented
    found = fillna(mine.value, put)
    if found is None and isinstance(put, Value) and put.rows is not None:
        known = notna(mine.value)
        found = None if known is None else where_columns(mine.value, known, put)
    return series_of(found, mine, self._name, "fillna")


def condition_of(condition: Any, mine: Column | Table) -> Value | None:
    """A boolean column for ``where`` and ``mask``."""
    found = operand_of(condition, mine) if not isinstance(condition, (bool, np.bool_)) else None
    return found if isinstance(found, Value) and found.dtype == BOOL and found.rows is not None else None


def _where(keep: bool) -> Any:
    def record(self: Any, cond: Any, other: Any = np.nan, *, axis: Any = None, level: Any = None) -> Any:
        mine = column_of(self)
        if mine is None or axis is not None or level is not None:
            return NotImplemented
        what = "where" if keep else "mask"
        if is_of_owner(cond) or is_of_owner(other):
            return getattr(self, what)(for_owner(cond, self), for_owner(other, self))
        if is_held_by_pandas(self) and self.dtype == OPAQUE:
            with laying_out():  # pandas moves objects that are in memory at once, and nothing is copied again
                return getattr(Series, what)(self, cond, other)
        condition = condition_of(cond, mine)
        put = other
        if other is NOTHING:
            put = np.nan
        elif isinstance(other, Series):
            put = aligned_value(other, mine)
            condition = None if put is None else condition
        if condition is None or isinstance(put, (np.ndarray, list, tuple, dict)):
            return NotImplemented
        value = where(mine.value, condition, put, keep)
        if value is None:
            value = where_widened(mine.value, condition, put, keep)
        if value is None and isinstance(put, Value) and put.rows is not None:
            value = where_columns(mine.value, condition if keep else negate(condition), put)
        return series_of(value, mine, self._name, what)

    return record


_INCLUSIVE = {"both": ("ge", "le"), "neither": ("gt", "lt"), "left": ("ge", "lt"), "right": ("gt", "le")}


def _between(self: Any, left: Any, right: Any, inclusive: Any = "both") -> Any:
    if type(inclusive) is not str or inclusive not in _INCLUSIVE:
        return NotImplemented
    above, below = _INCLUSIVE[inclusive]
    mine = column_of(self)
    if mine is None:
        return NotImplemented
    column = mine.value
    sides, names = [], []
    for name, bound in ((above, left), (below, right)):
        operand: Any = operand_of(bound, mine)
        if operand is None and not isinstance(bound, Series):
            is_plain = column.dtype.kind in "mM" or (column.dtype == OPAQUE and type(bound) is str)
            operand = bound if is_plain else None
        if operand is None:
            return NotImplemented
        sides.append((name, operand))
        names.append(result_name(self._name, bound._name) if isinstance(bound, Series) else self._name)

    def make() -> Value | None:
        one, other = [comparison(name, column, operand) for name, operand in sides]
        return None if one is None or other is None else both(one, other)

    ends = facts_of_scalar(left), facts_of_scalar(right)
    if None in ends or column.dtype == OPAQUE:
        return series_of(make(), mine, result_name(*names), "between")
    facts = ("between", inclusive, column.dtype, *ends)
    return series_by_facts(facts, make, mine, result_name(*names), "between")


_COLLECTIONS = (list, tuple, set, frozenset, range, KeysView, ValuesView)


def listed_values(values: Any) -> list[Any] | None:
    """The values that ``isin`` is given, in whatever the user has them; None where pandas has to look."""
    if isinstance(values, _COLLECTIONS):
        return list(values)
    dtype: Any = getattr(values, "dtype", None)
    if isinstance(values, np.ndarray):
        return [*values.tolist()] if values.ndim == 1 and dtype.kind in "biufUO" else None
    if not isinstance(values, pandas.Index) or values.nlevels > 1:
        return None
    return list(values) if dtype.kind in "biufmM" or isinstance(dtype, pandas.StringDtype) else None


def _isin(self: Any, values: Any) -> Any:
    if isinstance(values, Series):
        among = column_of(values)
        if among is None:
            return NotImplemented
        return _mapped(self, lambda value: is_among(value, among.value), "isin")
    array = _long_array(values)
    if array is not None:
        return _mapped(self, lambda value: isin_array(value, array), "isin")
    listed = listed_values(values)
    if listed is None:
        return NotImplemented
    if len(listed) > SHORT_TABLE:
        return _mapped(self, lambda value: isin(value, listed), "isin")
    return _mapped_later(self, lambda value: isin(value, listed), "isin", _numbers_key(listed))


def _long_array(values: Any) -> np.ndarray | None:
    """Numbers or times that would take long to list, as an array that nobody else writes to."""
    dtype: Any = getattr(values, "dtype", None)
    if not isinstance(values, (np.ndarray, pandas.Index)) or not isinstance(dtype, np.dtype):
        return None
    if values.ndim != 1 or len(values) <= SHORT_TABLE or not is_kernel_dtype(dtype) or dtype.kind == "b":
        return None
    return values.to_numpy() if isinstance(values, pandas.Index) else np.array(values)


def _numbers_key(values: Collection[Any]) -> Hashable:
    """What tells lists of numbers apart."""
    return tuple([(type(value), value) for value in values])


def _astype(self: Any, dtype: Any, copy: Any = NOTHING, errors: Any = "raise") -> Any:
    if errors != "raise" or isinstance(dtype, (dict, Series)) or copy is not NOTHING:
        return NotImplemented
    if dtype in (object, "object") and is_held_by_pandas(self) and isinstance(self.dtype, CategoricalDtype):
        with laying_out():  # pandas takes the categories' objects at once, and nothing is copied again
            return Series.astype(self, dtype)
    return _mapped(self, lambda value: astype(value, dtype), "astype")


def _replace(self: Any, to_replace: Any = None, value: Any = NOTHING, *, regex: Any = False) -> Any:
    mine = column_of(self)
    if mine is None:
        return NotImplemented
    column = mine.value
    pairs = replacements(to_replace, value) if regex is False and column.dtype.kind in "biuf" else None
    if pairs is None or len(pairs) > SHORT_TABLE or any(map(is_nan, pairs.values())):
        # integers become floats where one becomes NaN
        return series_of(replace(column, to_replace, value, regex), mine, self._name, "replace")
    given = dict(pairs)  # which the user may change
    asked = ("replace", column.dtype, _numbers_key(given), _numbers_key(given.values()))
    return series_by_facts(asked, lambda: replace(column, given), mine, self._name, "replace")


def _map(self: Any, func: Any = None, na_action: Any = None, **options: Any) -> Any:
    if na_action not in (None, "ignore") or options:
        return NotImplemented
    mine = column_of(self)
    if mine is None:
        return NotImplemented
    if mine.value.dtype == OPAQUE and (type(func) is dict or isinstance(func, Series) or callable(func)):
        found = _mapped(self, lambda column: map_categories(column, lambda: unwrap(func), na_action), "map")
        if found is not NotImplemented:
            return found
    ignores = na_action is not None
    if type(func) is dict:
        found = NotImplemented if ignores else _map_dict(mine, dict(func))
        if found is not NotImplemented or not func:
            return found
        func = mapper_of(func)
    table = column_of(func) if isinstance(func, Series) else None
    if table is None:
        return NotImplemented
    return _mapped(self, lambda column: map_by_labels(column, table, ignores), "map")


def _map_dict(mine: Column, table: dict[Any, Any]) -> Any:
    column = mine.value
    dtype = mapped_dtype(table) if is_mapped(column, table) else None
    if dtype is None:
        return series_of(map_values(column, table), mine, mine.name, "map")
    asked = ("map", column.dtype, dtype, is_complete(column, table))
    return series_by_facts(asked, lambda: map_values(column, table), mine, mine.name, "map")


def _getitem(self: Any, key: Any) -> Any:
    mine = None if isinstance(key, str) else column_of(self)
    if mine is None:
        return NotImplemented
    if isinstance(key, slice):
        return _slice(self, mine, key) if mine.labels.holds_whole_numbers() else NotImplemented
    if is_of_owner(key):
        return self[for_owner(key, self)]
    mask = condition_of(key, mine) if not isinstance(key, (int, float, list, tuple)) else None
    return NotImplemented if mask is None else _renamed(mask_rows(mine, mask), self._name)


def _slice(self: Any, mine: Column, key: slice) -> Any:
    if "_mgr" in self.__dict__ or not whole_numbers(key):
        return NotImplemented
    return _renamed(slice_rows(mine, key.start, key.stop, key.step), self._name)


def _renamed(column: Column, name: Any) -> Any:
    return lazy_series(Column(column.value, column.labels, name))


def _lazy_column(self: Any) -> Column | None:
    return None if "_mgr" in self.__dict__ else column_of(self)


def _copy(self: Any, deep: Any = True) -> Any:
    mine = _lazy_column(self)
    return NotImplemented if mine is None else _renamed(mine, self._name)


def _head(self: Any, n: Any = 5) -> Any:
    mine = _lazy_column(self) if type(n) is int else None
    return NotImplemented if mine is None else _renamed(slice_rows(mine, None, n, None), self._name)


def _tail(self: Any, n: Any = 5) -> Any:
    mine = _lazy_column(self) if type(n) is int else None
    if mine is None:
        return NotImplemented
    return _renamed(slice_rows(mine, -n if n else 0, None if n else 0, None), self._name)


def _dropna(self: Any, *, ignore_index: Any = False) -> Any:
    mine = column_of(self) if type(ignore_index) is bool else None
    keep = None if mine is None else notna(mine.value)
    if mine is None or keep is None:
        return NotImplemented
    kept = mask_rows(mine, keep)
    return _renamed(renumbered(kept) if ignore_index else kept, self._name)


def _to_frame(self: Any, name: Any = NOTHING) -> Any:
    mine = _lazy_column(self)
    if mine is None:
        return NotImplemented
    label = self._name if name is NOTHING else name
    # pandas itself labels the one column of a series that has no rows
    empty = Series([], dtype=float, name=self._name)
    columns = empty.to_frame().columns if name is NOTHING else empty.to_frame(label).columns
    return lazy_frame(Table(mine.rows, ColumnLabels(columns), mine.labels, [mine.value]))


def _rename(self: Any, index: Any = None, **options: Any) -> Any:
    mine = _lazy_column(self)
    if mine is None or options or not (isinstance(index, (str, int, float)) or index is None):
        return NotImplemented
    return _renamed(mine, index)


class RecordingSeriesValues:
    """Mixin: element-wise methods, masks and slices."""

    __getitem__ = looking_up(overriding(Series.__getitem__, _getitem))
    isna = overriding(Series.isna, _isna)
    isnull = overriding(Series.isnull, _isna)
    notna = overriding(Series.notna, _notna)
    notnull = overriding(Series.notnull, _notna)
    round = overriding(Series.round, _round)
    clip = overriding(Series.clip, _clip)
    fillna = overriding(Series.fillna, _fillna)
    where = overriding(Series.where, _where(True))
    mask = overriding(Series.mask, _where(False))
    between = overriding(Series.between, _between)
    isin = overriding(Series.isin, _isin)
    astype = overriding(Series.astype, _astype)
    replace = overriding(Series.replace, _replace)
    map = overriding(Series.map, _map)
    copy = overriding(Series.copy, _copy)
    head = overriding(Series.head, _head)
    tail = overriding(Series.tail, _tail)
    dropna = overriding(Series.dropna, _dropna)
    to_frame = overriding(Series.to_frame, _to_frame)
    rename = overriding(Series.rename, _rename)
