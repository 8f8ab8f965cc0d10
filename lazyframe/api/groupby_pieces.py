"""What is an array or a list for each group, ``unique`` and ``agg(list)``: computed now, cut into pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import (
    can_be_laid_out,
    column_as_grouped,
    columns_of,
    is_frame,
    schema_of,
    shows_others,
)
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.categories import category_codes
from lazyframe.record.computing import compute_own
from lazyframe.record.dictionaries import string_dtype_of
from lazyframe.record.elementwise import INT64
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_keys import Grouping, key_column
from lazyframe.record.groupby_pieces import grouped_numbers
from lazyframe.record.groupby_schema import Answer
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped
from passes.ir.rows import Group
from passes.ir.values import OPAQUE, Gather, GroupNumber, Value

_NARROW = 1 << 16
"""Numbers of fewer groups are sorted by their digits."""


def record_unique(self: Any) -> Any:
    """``grouped.unique()``: each group's distinct values, in order of appearance."""
    column = column_as_grouped(self)
    grouping = _grouping(self)
    if column is None or grouping is None or not _is_known(column.value):
        return NotImplemented
    answer = schema_of(self, "unique", lambda grouped: grouped.unique(), [])
    if answer is None or (answer.columns is None) != self.as_index:
        return NotImplemented
    if not self.as_index and len(answer.dtypes) != len(grouping.keys) + 1:
        return NotImplemented  # a key shows itself once
    seen, numbers = grouping.seen(column.value), GroupNumber(grouping.group)
    few = _first_rows(grouping, seen)
    values = [numbers, seen] if few is None else [Gather(numbers, few), Gather(seen, few)]
    stamp(values[0], "groupby unique")
    computed = compute_own([*values, *group_labels(grouping).parts])
    groups = len(computed[2])
    if not groups:
        return NotImplemented
    order, ends = _by_group(computed[0], groups)
    ordered = computed[1].take(order)
    if isinstance(ordered, np.ndarray) and ordered.dtype.kind in "mM":
        ordered = pandas.array(ordered)
    pieces = _cut(ordered, ends)
    if few is None:
        for number, piece in enumerate(pieces):
            pieces[number] = pandas.unique(piece) if isinstance(piece, np.ndarray) else piece.unique()
    return _result(self, answer, computed[2:], [pieces], ordered[:0])


def record_list(self: Any, method: str) -> Any:
    """``grouped.agg(list)``: all values of each group."""
    grouping = _grouping(self)
    columns = None if grouping is None else columns_of(self)
    if grouping is None or not columns or not all(map(_is_known, columns)):
        return NotImplemented
    if not SINCE_3_1 and any(category_codes(column) is not None for column in columns):
        return NotImplemented  # pandas 3.0 takes the lists for categories, and raises
    answer = schema_of(self, f"{method} list", lambda grouped: getattr(grouped, method)(list), [])
    keys = 0 if self.as_index or answer is None or answer.columns is None else len(grouping.keys)
    if answer is None or len(answer.dtypes) != keys + len(columns):
        return NotImplemented
    if (answer.columns is None) == (is_frame(self) or keys > 0):
        return NotImplemented
    number = GroupNumber(grouping.group)
    stamp(number, "groupby list")
    computed = compute_own([number, *map(grouping.seen, columns), *group_labels(grouping).parts])
    parts = computed[1 + len(columns) :]
    if not len(parts[0]):
        return NotImplemented
    order, ends = _by_group(computed[0], len(parts[0]))
    lists = [
        _cut(pandas.Series(column, copy=False).take(order).tolist(), ends)
        for column in computed[1 : 1 + len(columns)]
    ]
    return _result(self, answer, parts, lists, [])


def _result(self: Any, answer: Answer, parts: Sequence[Any], columns: list[Any], nothing: Any) -> Any:
    """Columns of objects beside the groups' labels; categories without rows have ``nothing``."""
    grouping: Grouping = self._grouped.grouping
    if self.as_index and not shows_others(self):
        return labelled(answer, group_labels(grouping).build(parts), columns)
    laid_out = grouped_numbers(grouping, parts, self.observed, self.as_index).first()
    numbers = np.asarray(laid_out["number"] if laid_out.ndim > 1 else laid_out)
    columns = [_at_places(column, numbers, nothing) for column in columns]
    if self.as_index:
        laid_out.index.names = grouping.names
        return labelled(answer, laid_out.index, columns)
    keys = [laid_out.iloc[:, k].array for k in range(len(grouping.keys))]
    return labelled(answer, laid_out.index, [*keys, *columns])


def labelled(answer: Answer, index: pandas.Index, columns: list[Any]) -> Any:
    """Columns as pandas answered: a series, or a frame."""
    if answer.columns is None:
        return wrap(pandas.Series(columns[0], index=index, name=answer.name, copy=False))
    frame = pandas.DataFrame(dict(enumerate(columns)), index=index, copy=False)
    frame.columns = answer.columns
    return wrap(frame)


def _at_places(pieces: np.ndarray, groups: np.ndarray, nothing: Any) -> np.ndarray:
    """The piece of each of these groups; a copy of ``nothing`` where there is none."""
    found = np.empty(len(groups), object)
    for place, number in enumerate(groups):
        found[place] = nothing[:] if np.isnan(number) else pieces[int(number)]
    return found


def _first_rows(grouping: Grouping, column: Value) -> Value | None:
    """The first row of each value in each group; None of floats and times, most of which are distinct.

    Hashing a value with its group takes longer than hashing it among those of the group.
    """
    key = key_column(column, None) if column.dtype.kind not in "fmM" else None
    if key is None:
        return None
    group = grouping.group
    finer = Grouped(Group(group.parent, (*group.keys, key.missing_last()), sort=False))
    return finer.reduce("minimum", finer.positions(), INT64)


def _grouping(self: Any) -> Grouping | None:
    """The grouping, unless it is by bins of times, or pandas has an order of its own."""
    grouping: Grouping = self._grouped.grouping
    listed = any(key.labels is not None for key in grouping.keys)
    return None if listed or not can_be_laid_out(self) else grouping


def _is_known(column: Value) -> bool:
    """Whether pandas has one array, and one type of scalar, for values of a column."""
    if column.dtype == OPAQUE:
        is_text = isinstance(string_dtype_of(column), pandas.StringDtype)
        return is_text or category_codes(column) is not None
    return column.dtype.kind in "biufmM"


def _by_group(numbers: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows, one group behind the other, and where each group ends."""
    narrow = numbers.astype(np.uint16) if groups <= _NARROW else numbers
    return np.argsort(narrow, kind="stable"), np.cumsum(np.bincount(numbers, minlength=groups))


def _cut(values: Any, ends: Sequence[int] | np.ndarray) -> np.ndarray:
    """What ends at each of ``ends``, as an array of objects."""
    pieces = np.empty(len(ends), object)
    start = 0
    for number, end in enumerate(map(int, ends)):
        pieces[number] = values[start:end]
        start = end
    return pieces
