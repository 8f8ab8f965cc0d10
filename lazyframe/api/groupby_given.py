"""What ``groupby`` was given to group by: columns, levels of the index, arrays and series."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import aligned_value, array_value, column_of, label_of
from lazyframe.pandas_internals import is_time_grouper
from lazyframe.record.capture import share_memory
from lazyframe.record.computing import compute
from lazyframe.record.concat_labels import ConcatLabels
from lazyframe.record.dictionaries import encode_together, follow, source_of
from lazyframe.record.groupby_following import texts_that_follow
from lazyframe.record.groupby_keys import KeyColumn, bound_key, is_spaced_level, key_column, level_column
from lazyframe.record.strings import text_of_objects
from lazyframe.record.table import Column, Table
from lazyframe.record.zoned_times import points_of
from passes.ir.values import OPAQUE, RowNumber, Value

GivenKey = tuple[KeyColumn, Value, bool]
"""A key, the column that it is of, and whether that is one of the frame's."""

_Named = tuple[Value, Hashable, bool]


def keys_given(by: Any, source: Table | Column, sort: bool) -> list[GivenKey] | None:
    """The keys that ``by`` names, or None if pandas has to look at them.

    Parameters
    ----------
    by : object
        As given to ``groupby``.
    source : Table or Column
        What is grouped.
    sort : bool
        Whether groups come in the order of their keys.
    """
    if type(by) is str:
        column = _labelled(by, source)
        if column is None:
            return None
        value, name, inside = column
        key = key_column(value if value.dtype != OPAQUE else text_of_objects(value), name)
        return None if key is None else [(key, value, inside)]
    listed: Sequence[Any] = by if isinstance(by, list) else [by]
    if any(map(is_time_grouper, listed)):
        return _with_bins(listed, source, sort)
    named: list[_Named] = []
    for part in listed:
        one = _named(part, source)
        if one is None:
            return None
        named.append(one)
    if all(value.dtype != OPAQUE for value, _, _ in named):
        return _of_numbers(named)
    values = [value for value, _, _ in named]
    following = texts_that_follow(values, sort)
    compared = [k for k in range(len(named)) if k not in following]
    if len(compared) > 1:
        encode_together([values[k] for k in compared])
    keys = {k: key_column(text_of_objects(values[k]), named[k][1]) for k in compared}
    if following and not all(map(_is_always_there, keys.values())):
        encode_together([values[k] for k in following])
        following = frozenset()
    for k, (value, name, _) in enumerate(named):
        if k in following:
            keys[k] = KeyColumn(value, name, follows=True)
        elif k not in keys:
            keys[k] = key_column(value, name)
    found = [(keys[k], value, inside) for k, (value, _, inside) in enumerate(named)]
    return None if not found or None in keys.values() else found  # type: ignore[return-value]


def _with_bins(listed: Sequence[Any], source: Table | Column, sort: bool) -> list[GivenKey] | None:
    """The keys where some are bins of times."""
    binned = {k: binned_given(part, source) for k, part in enumerate(listed) if is_time_grouper(part)}
    others = [part for k, part in enumerate(listed) if k not in binned]
    named = keys_given(others, source, sort) if others else []
    if not sort or named is None or None in binned.values() or any(key.is_listed for key, _, _ in named):
        return None
    rest = iter(named)
    return [binned[k] if k in binned else next(rest) for k in range(len(listed))]  # type: ignore[misc]  # no None


def binned_given(grouper: Any, source: Table | Column) -> GivenKey | None:
    """The key that ``pandas.Grouper(freq=...)`` makes of a column, or a level of the index."""
    from lazyframe.record.time_bins import binned_key  # not with every group-by

    times = times_given(grouper, source)
    key = None if times is None else binned_key(times[0], times[1], grouper)
    return None if times is None or key is None else (key, times[0], times[2])


def times_given(grouper: Any, source: Table | Column) -> _Named | None:
    """The times that ``pandas.Grouper(freq=...)`` is of, their name, and whether they are a column."""
    named: _Named | None
    if grouper.key is not None:
        named = _labelled(grouper.key, source) if grouper.level is None else None
    elif grouper.level is None and len(source.labels.names) > 1:
        return None
    else:
        found = level_column(source.labels, 0 if grouper.level is None else grouper.level)
        named = None if found is None else (*found, False)
    if named is None or named[0].rows is not source.rows or points_of(named[0]).dtype.kind != "M":
        return None
    return named


def _of_numbers(named: list[_Named]) -> list[GivenKey] | None:
    found: list[GivenKey] = []
    for value, name, inside in named:
        key = key_column(value, name)
        if key is None:
            return None
        found.append((key, value, inside))
    return found or None


def _is_always_there(key: KeyColumn | None) -> bool:
    """Whether no row is left out for want of a key, and no group is there without rows."""
    return key is not None and not key.may_be_missing and not key.is_listed


def levels_given(level: Any, source: Table | Column) -> list[GivenKey] | None:
    """The keys that are levels of the index."""
    found: list[GivenKey] = []
    listed = level if isinstance(level, list) else [level]
    if len(listed) > 1 and (isinstance(source.labels, ConcatLabels) or len(source.labels.names) == 1):
        return None  # a level that is evenly spaced stays so, or not; and pandas raises where there is one
    for one in listed:
        is_one = pandas.api.types.is_hashable(one) and not is_spaced_level(source.labels, one, source.rows)
        named = level_column(source.labels, one) if is_one else None
        key = None if named is None else key_column(*named)
        if named is None or key is None:
            return None
        found.append((key, named[0], False))
    return found or None


def _is_label(part: Any) -> bool:
    return not callable(part) and pandas.api.types.is_hashable(part)


def _named(part: Any, source: Table | Column) -> _Named | None:
    """The column that one part of ``by`` is, what it is called, and whether it is in the frame."""
    name: Hashable
    if type(part) is str:
        return _labelled(part, source)
    if type(part) is dict or (callable(part) and not isinstance(part, pandas.Series)):
        return _named_by_labels(part, source)
    if isinstance(part, pandas.Series):
        value, name = aligned_value(part, source), part._name
        if value is None:
            return _named_by_labels(part, source)
        inside = value is not None and isinstance(source, Table) and _is_column(source, name, value)
    elif array_value(part) is not None:
        value, name, inside = array_value(part), None, False
    elif isinstance(part, (np.ndarray, pandas.Index)):
        value, name, inside = bound_key(part, source.rows), getattr(part, "name", None), False
    else:
        return _labelled(part, source) if _is_label(part) else None
    return None if value is None or value.rows is not source.rows else (value, name, inside)


def _named_by_labels(part: Any, source: Table | Column) -> _Named | None:
    from lazyframe.api.groupby_by_labels import named_by_labels  # few group by what belongs to labels

    if isinstance(source, Table) and isinstance(part, pandas.Series):
        name = part._name
        if _is_left_as_it_was(source, name, column_of(part)):
            return source.column_named(name), name, True  # type: ignore[return-value]  # it has one
    found = named_by_labels(part, source)
    return None if found is None else (*found, False)


def _is_left_as_it_was(source: Table, name: Hashable, part: Column | None) -> bool:
    """Whether a frame's rows are all of those of a series that was its column, in their order.

    pandas then copies nothing, and takes the series for the frame's own column.
    """
    column = None if part is None else source.column_named(name)
    if part is None or column is None:
        return False
    mine, theirs = source_of(column), source_of(part.value)
    if mine is None or theirs is None or not (mine is theirs or share_memory(mine, theirs)):
        return False
    here = follow(column, mine, RowNumber(mine.rows))
    there = follow(part.value, theirs, RowNumber(theirs.rows))
    return bool(np.array_equal(*compute([here, there])))


def _is_column(source: Table, name: Hashable, value: Value) -> bool:
    """Whether a series called so is the frame's column of that name, which is then a key and no column."""
    column = source.column_named(name)
    return column is value or (column is not None and share_memory(column, value))


def _labelled(label: Any, source: Table | Column) -> _Named | None:
    """The column, or else the level of the index, that is called so."""
    if not isinstance(source, Table):
        return None
    columns = source.current_columns()
    position = columns.position(label)
    is_level = label in source.labels.names
    if (position is None) != is_level:
        return None
    if position is not None:
        return source.value(position), label_of(columns, label, position), True
    if label is None or label in source.columns or is_spaced_level(source.labels, label, source.rows):
        return None
    named = level_column(source.labels, label)
    return None if named is None or named[0].rows is not source.rows else (*named, False)
