"""``loc`` and ``iloc`` that record masks, slices and columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import (
    aligned_value,
    array_value,
    become,
    column_of,
    label_of,
    lazy_frame,
    lazy_series,
    table_of,
)
from lazyframe.api.recording_frame import mask_value
from lazyframe.api.size import is_short
from lazyframe.pandas_internals import blame_caller, for_owner, is_of_owner
from lazyframe.record.missing import where
from lazyframe.record.selection import filter_rows, pick_columns, positions_of, slice_rows, whole_numbers
from lazyframe.record.table import Column, Table
from passes.ir.values import Value

EVERYTHING = slice(None)
_LABELS = (str, int)
"""What is a column's label where it stands for a column: other objects may be lists of them to pandas."""


class RecordingIndexer:
    """pandas' indexer of one object; what it is asked is recorded where that is possible.

    Parameters
    ----------
    like : property
        pandas' ``loc`` or ``iloc``.
    owner : DataFrame or Series
        Large, or not computed.
    by_position : bool
        For ``iloc``.
    """

    __slots__ = ("_by_position", "_like", "_owner")

    def __init__(self, like: Any, owner: Any, by_position: bool) -> None:
        self._like = like
        self._owner = owner
        self._by_position = by_position

    @property
    def _theirs(self) -> Any:
        return self._like.__get__(self._owner, type(self._owner))

    @blame_caller
    def __getitem__(self, key: Any) -> Any:
        key = self._of_owner(key)
        record = _series_rows if isinstance(self._owner, pandas.Series) else _frame_part
        recorded = record(self._owner, _value(key), self._by_position)
        return self._theirs[key] if recorded is NotImplemented else recorded

    @blame_caller
    def __setitem__(self, key: Any, value: Any) -> None:
        key = self._of_owner(key)
        if self._by_position or self._owner.ndim == 1 or not _set(self._owner, _value(key), value):
            self._theirs[key] = value

    def _of_owner(self, key: Any) -> Any:
        """A key whose functions of the owner were called; pandas takes a key that was one in another way."""
        if type(key) is tuple:
            for part in key:
                if is_of_owner(part):
                    return tuple([for_owner(part, self._owner) for part in key])
            return key
        return _Called(for_owner(key, self._owner)) if is_of_owner(key) else key

    @blame_caller
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._theirs(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._theirs, name)

    def __reduce__(self) -> Any:
        return getattr, (self._owner, "iloc" if self._by_position else "loc")


class _Called:
    """A key that is a function of the owner, and was called; for pandas it is one still."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, owner: Any) -> Any:
        return self.value


def _value(key: Any) -> Any:
    return key.value if type(key) is _Called else key


def _series_rows(owner: Any, key: Any, by_position: bool) -> Any:
    if isinstance(key, slice):
        mine = None if "_mgr" in owner.__dict__ or not by_position else column_of(owner)
        if mine is None or not whole_numbers(key):
            return NotImplemented
        part = slice_rows(mine, key.start, key.stop, key.step)
        return lazy_series(Column(part.value, part.labels, owner._name))
    mine = None if by_position or not _may_be_mask(key) else column_of(owner)
    mask = None if mine is None else mask_value(key, mine)
    if mine is None or mask is None:
        return NotImplemented
    part = filter_rows(mine, mask)
    return lazy_series(Column(part.value, part.labels, owner._name))


def _may_be_mask(key: Any) -> bool:
    return isinstance(key, pandas.Series) or array_value(key) is not None


def _frame_part(owner: Any, key: Any, by_position: bool) -> Any:
    rows, columns = key if isinstance(key, tuple) and len(key) == 2 else (key, EVERYTHING)
    if by_position and not isinstance(rows, slice):
        return NotImplemented
    if not by_position and not (_is_everything(rows) or _may_be_mask(rows)):
        return NotImplemented
    if "_mgr" in owner.__dict__ and isinstance(rows, slice) and not isinstance(columns, int):
        return NotImplemented  # pandas slices without copying
    table = table_of(owner)
    if table is None:
        return NotImplemented
    chosen = _chosen_columns(table, columns, by_position)
    if chosen is None:
        return NotImplemented
    part: Table | None
    if by_position:
        if not whole_numbers(rows):
            return NotImplemented
        part = slice_rows(table, rows.start, rows.stop, rows.step)
    elif _is_everything(rows):
        part = table.derived()
    else:
        mask = mask_value(rows, table)
        if mask is not None and isinstance(chosen, int):
            label = label_of(table.current_columns(), columns, chosen)
            column = Column(table.value(chosen), table.labels, label)
            return lazy_series(filter_rows(column, mask))
        positions = chosen if isinstance(chosen, list) and isinstance(columns, list) else None
        return NotImplemented if mask is None else lazy_frame(filter_rows(table, mask, positions))
    if part is None:
        return NotImplemented
    if isinstance(chosen, int):
        label = table.current_columns().label(chosen)
        return lazy_series(Column(part.value(chosen), part.labels, label))
    return lazy_frame(part if chosen == list(range(len(table))) else pick_columns(part, chosen))


def _is_everything(rows: Any) -> bool:
    return isinstance(rows, slice) and rows == EVERYTHING


def _chosen_columns(table: Table, columns: Any, by_position: bool) -> int | list[int] | None:
    if isinstance(columns, slice):
        if not (_is_everything(columns) or (by_position and whole_numbers(columns))):
            return None
        return list(range(len(table)))[columns]
    if by_position:
        if type(columns) is int and -len(table) <= columns < len(table):
            return columns % len(table)
        return None
    if type(columns) in _LABELS:
        return table.current_columns().position(columns)
    if isinstance(columns, list) and columns:
        return positions_of(table, columns)
    return None


def _set(owner: Any, key: Any, value: Any) -> bool:
    """``owner.loc[mask, label] = value`` of one column that keeps its dtype; whether it was done."""
    if not isinstance(key, tuple) or len(key) != 2 or not _may_be_mask(key[0]) or type(key[1]) not in _LABELS:
        return False
    table = table_of(owner)
    mask = None if table is None else mask_value(key[0], table)
    column = None if table is None or mask is None else table.column_named(key[1])
    if table is None or mask is None or column is None:
        return False
    put = value
    if isinstance(value, pandas.Series):
        index = table.labels.known()
        unique = index is not None and index.is_unique  # else pandas cannot say which row is meant
        put = aligned_value(value, table) if unique else None
    elif array_value(value) is not None:
        put = array_value(value)
        if isinstance(put, Value) and put.rows is not table.rows:
            return False
    if put is None or isinstance(put, (np.ndarray, list, tuple, dict, set)):
        return False
    changed = where(column, mask, put, keep=False)
    after = None if changed is None else table.with_column(key[1], changed)
    if after is None:
        return False
    become(owner, after)
    return True


def _indexer(like: Any, by_position: bool) -> Any:
    def get(self: Any) -> Any:
        state = self.__dict__
        if is_short(state):
            return like.__get__(self, type(self))
        return RecordingIndexer(like, self, by_position)

    return property(get, doc=like.__doc__)


class RecordingIndexers:
    """Mixin: ``loc`` and ``iloc``."""

    loc = _indexer(pandas.DataFrame.loc, False)
    iloc = _indexer(pandas.DataFrame.iloc, True)
