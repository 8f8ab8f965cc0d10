"""``nlargest`` and ``nsmallest`` of grouped series: a few rows of each group, ordered by value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lazyframe.api.groupby_asking import schema_of
from lazyframe.api.groupby_rolling import are_in_order, labels_of
from lazyframe.api.recording import column_of, lazy_series
from lazyframe.record.elementwise import BOOL, INT64, apply, literal
from lazyframe.record.groupby_index import window_labels
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.groupby_rows import place_among
from lazyframe.record.labels_in_groups import LabelsInGroups
from lazyframe.record.origin import stamp
from lazyframe.record.row_counts import has_rows
from lazyframe.record.table import Column
from passes.ir.rows import Filter, Sort
from passes.ir.values import Gather, GroupNumber, Position, Take

_MOST = 1 << 62


def recording_largest(name: str) -> Callable[..., Any]:
    """The recorder of ``nlargest`` or ``nsmallest``."""

    def record(self: Any, n: Any = 5, keep: Any = "first") -> Any:
        if type(n) is not int or not 0 < n < _MOST or keep != "first":
            return NotImplemented
        if not (self.group_keys and self.as_index):
            return NotImplemented
        column = column_of(self.obj)
        grouping: Grouping = self._grouped.grouping
        if column is None or column.rows is not grouping.rows or not are_in_order(self):
            return NotImplemented
        answer = schema_of(self, name, lambda grouped: getattr(grouped, name)(n), [n])
        if answer is None or answer.dtypes != (column.value.dtype,) or len(column.labels.names) > 1:
            return NotImplemented
        group, value = grouping.group, grouping.seen(column.value)
        place = place_among(group, value, n, largest=name == "nlargest")
        if place is None or not has_rows(group.parent):
            return NotImplemented
        chosen = Filter(group.parent, apply("less", place, literal(n, INT64), dtype=BOOL))
        numbers = Take(GroupNumber(group), chosen)
        rows = Sort(chosen, (numbers, Take(place, chosen)), (True, True))
        position = Position(rows, 0)
        stamp(position, f"groupby {name}")
        inner = labels_of(grouping, column.labels).take(chosen).gather(position)
        if inner is None:
            return NotImplemented
        labels = window_labels(grouping, self.observed)
        under = LabelsInGroups(labels, Gather(numbers, position), inner, concatenated=True)
        return lazy_series(Column(Gather(Take(value, chosen), position), under, answer.name))

    return record
