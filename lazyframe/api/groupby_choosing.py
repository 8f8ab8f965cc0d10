"""``apply`` of functions that choose rows of each group: ``grouped.apply(lambda d: d.nlargest(3, "x"))``."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import column_as_grouped, positions_of_all, schema_of, table_as_grouped
from lazyframe.api.groupby_correlation import are_distinct
from lazyframe.api.groupby_rolling import are_in_order, labels_of
from lazyframe.api.recording import lazy_frame, lazy_series
from lazyframe.record.capture import dtype_of
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import string_dtype_of
from lazyframe.record.elementwise import BOOL, cast
from lazyframe.record.groupby_choices import Choice, ChosenColumn, ChosenRow
from lazyframe.record.groupby_index import group_labels, window_labels
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.groupby_picked import Picked, all_rows
from lazyframe.record.groupby_schema import Answer, plain_dtype
from lazyframe.record.groupby_tracing import trace_choice, trace_choice_of_column
from lazyframe.record.labels_in_groups import LabelsInGroups
from lazyframe.record.missing import isna
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped, Whole, count_rows
from lazyframe.record.row_labels import NumberedLabels, RowLabels, is_spaced
from lazyframe.record.table import Column, Table
from passes.ir.values import OPAQUE, Reduce, RowNumber, Value


def record_choice(self: Any, func: Any) -> Any:
    """``grouped.apply(func)`` of a frame's function that chooses rows of each group, or one."""
    table = table_as_grouped(self)
    positions = None if table is None else positions_of_all(self, table)
    if table is None or positions is None or not are_in_order(self) or len(table.labels.names) > 1:
        return NotImplemented
    labels, grouping = table.current_columns(), self._grouped.grouping
    columns = {labels.label(p): grouping.seen(table.value(p)) for p in positions}
    if len(columns) < len(positions) or not all(type(label) is str for label in columns):
        return NotImplemented
    found = trace_choice(func, Grouped(grouping.group), columns, lambda: _are_distinct(table.labels))
    if found is None or not self.as_index:
        return NotImplemented
    if isinstance(found, (ChosenColumn, ChosenRow)) and not _are_distinct(table.labels):
        return NotImplemented  # pandas asks whether all pieces have the same labels, or name
    if isinstance(found, ChosenColumn):  # of one group pandas makes a row
        return _rows_of_column(self, found.choice, found.label, table.labels, found.label)
    answer = schema_of(self, "apply", lambda grouped: grouped.apply(func), [func])
    if answer is None:
        return NotImplemented
    if isinstance(found, ChosenRow):
        return _one_row(self, found, answer)
    if isinstance(found, Choice):
        known = answer.columns is not None and _are_expected(list(found.columns.values()), answer)
        return _rows(self, found, table.labels, answer.columns) if known else NotImplemented  # type: ignore[arg-type]  # not None
    if answer.columns is not None or not _are_expected([found.value], answer):
        return NotImplemented
    stamp(found.value, "groupby apply")
    return lazy_series(Column(found.value, group_labels(grouping), answer.name))


def record_choice_of_column(self: Any, func: Any) -> Any:
    """``grouped.apply(func)`` of a series' function that chooses rows of each group."""
    column = column_as_grouped(self)
    if column is None or not are_in_order(self) or len(column.labels.names) > 1 or not self.as_index:
        return NotImplemented
    grouping = self._grouped.grouping
    choice = trace_choice_of_column(func, Grouped(grouping.group), grouping.seen(column.value))
    return NotImplemented if choice is None else _rows_of_column(self, choice, "", column.labels, column.name)


def _are_distinct(labels: RowLabels) -> bool:
    """Whether no two rows have one label: an index is asked, as pandas asks it."""
    known = labels.known()
    return are_distinct(labels) or (known is not None and known.is_unique)


def _are_expected(values: Sequence[Value], answer: Answer) -> bool:
    return [plain_dtype(dtype_of(value)) for value in values] == list(answer.dtypes)


def _rows(self: Any, choice: Choice, labels: RowLabels, columns: pandas.Index) -> Any:
    """A frame of rows of each group, one group behind the other, or in the order that they had."""
    placed = _placed(self, choice.picked, labels)
    if placed is None:
        return NotImplemented
    picked, index = placed
    values = [picked.seen(column) for column in choice.columns.values()]
    for value in values:
        stamp(value, "groupby apply")
    return lazy_frame(Table(picked.rows, ColumnLabels(columns), index, values))


def _rows_of_column(self: Any, choice: Choice, label: str, labels: RowLabels, name: Hashable) -> Any:
    """A series of the same, of the column of a label."""
    placed = _placed(self, choice.picked, labels)
    if placed is None:
        return NotImplemented
    picked, index = placed
    value = picked.seen(choice.columns[label])
    stamp(value, "groupby apply")
    return lazy_series(Column(value, index, name))


def _placed(self: Any, picked: Picked, labels: RowLabels) -> tuple[Picked, RowLabels] | None:
    """Rows where pandas puts them, and their labels; None where it has to look at these."""
    grouping: Grouping = self._grouped.grouping
    parent, seen = grouping.group.parent, labels_of(grouping, labels)
    in_order = picked.in_order()
    position = in_order.seen(RowNumber(parent))
    row = position if parent is grouping.rows else in_order.seen(grouping.seen(RowNumber(grouping.rows)))
    places, every, groups = compute([row, count_rows(Whole(parent)), _groups(grouping)])
    if not len(places) or groups < 2:
        return None  # none of the pieces has any label, or one has all
    if not self.group_keys and len(places) == every:
        # rows that are all there are put in the order that they had
        return None if picked.moves or not _are_distinct(labels) else (all_rows(grouping.group), seen)
    spaced = _is_spaced(labels) and _are_spaced(places)
    if spaced and (picked.drops or picked.moves or parent is not grouping.rows or places[0] != 0):
        return None  # pandas finds the labels of each piece spaced, or does not
    inner = seen if spaced else seen.gather(position)
    if inner is None or not self.group_keys:
        return None if inner is None else (in_order, inner)
    outer = window_labels(grouping, self.observed)
    return in_order, LabelsInGroups(outer, in_order.number, inner, concatenated=not spaced)


def _is_spaced(labels: RowLabels) -> bool:
    """Whether pandas knows that the labels are evenly spaced."""
    return isinstance(labels, NumberedLabels) or is_spaced(labels.known())  # type: ignore[arg-type]  # or None


def _are_spaced(places: np.ndarray) -> bool:
    steps = np.diff(places[:3])
    return len(places) < 3 or (steps[0] == steps[1] and bool((np.diff(places) == steps[0]).all()))


def _groups(grouping: Grouping) -> Value:
    return count_rows(Whole(grouping.group))


def _one_row(self: Any, row: ChosenRow, answer: Answer) -> Any:
    """A frame of a row of each group."""
    grouping: Grouping = self._grouped.grouping
    values = row.values()
    if answer.columns is None or len(answer.dtypes) != len(values):
        return NotImplemented
    fitted = []
    for value, dtype in zip(values, answer.dtypes, strict=True):
        number = value.dtype.kind in "bif" and getattr(dtype, "kind", "O") in "bif"
        if not number and not (string_dtype_of(value) is not None and dtype_of(value) == dtype):
            return NotImplemented
        fitted.append(cast(value, dtype) if number else value)
    missing = [isna(value) for value in values if value.dtype == OPAQUE]
    asked: list[Value] = [Reduce("all", none, BOOL) for none in missing if none is not None]
    groups, *all_missing = compute([_groups(grouping), *asked])
    if groups < 2 or any(all_missing):
        return NotImplemented  # pandas calls the columns as the one row was, or finds no text among them
    for value in fitted:
        stamp(value, "groupby apply")
    table = self._grouped.source
    names = pandas.Index(list(row.columns), name=table.current_columns().index().name)
    columns = ColumnLabels(names.astype(answer.columns.dtype))
    return lazy_frame(Table(grouping.group, columns, group_labels(grouping), fitted))
