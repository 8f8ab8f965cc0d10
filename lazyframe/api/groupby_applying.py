"""``apply`` of grouped frames and series: functions that can be traced."""

from __future__ import annotations

from typing import Any

from lazyframe.api.groupby_aggregating import (
    inserted_keys,
    is_expected,
    is_traced,
    record_function,
    record_list_of,
)
from lazyframe.api.groupby_asking import columns_of, is_frame, schema_of, shows_others, table_as_grouped
from lazyframe.api.recording import lazy_frame, lazy_series
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped
from lazyframe.record.row_labels import default_labels
from lazyframe.record.table import Column, Table
from passes.ir.values import Value


def record_apply(self: Any, func: Any, include_groups: Any = False) -> Any:
    """``grouped.apply(func)`` of a function that gives a number for each group, or some of its rows."""
    if include_groups is not False:
        return NotImplemented
    if func is list and not is_frame(self):
        return record_list_of(self, "apply")
    if not is_traced(self, func):
        return NotImplemented
    if not is_frame(self):
        found = record_function(self, func, "apply")
        if found is not NotImplemented:
            return found
        from lazyframe.api.groupby_choosing import record_choice_of_column

        return record_choice_of_column(self, func)
    table, columns = table_as_grouped(self), columns_of(self)
    if table is None or columns is None or shows_others(self):
        return NotImplemented
    grouping: Grouping = self._grouped.grouping

    def column(label: Any) -> Value | None:
        found = table.column_named(label)
        return grouping.seen(found) if found is not None and found in columns else None

    from lazyframe.record.groupby_tracing import trace_frame, trace_labelled

    value = trace_frame(func, Grouped(grouping.group), column)
    if value is not None:
        return _result(self, func, [value], is_labelled=False)
    values = trace_labelled(func, Grouped(grouping.group), column)
    if values is not None:
        return _result(self, func, values, is_labelled=True)
    from lazyframe.api.groupby_choosing import record_choice

    return record_choice(self, func)


def _result(self: Any, func: Any, values: list[Value], is_labelled: bool) -> Any:
    """One number for each group, or as many as the function's series have."""
    grouping: Grouping = self._grouped.grouping
    answer = schema_of(self, "apply", lambda grouped: grouped.apply(func), [func])
    if answer is None or (answer.columns is None) != (self.as_index and not is_labelled):
        return NotImplemented
    inserted = inserted_keys(self, answer, len(values))
    if inserted is None:
        return NotImplemented
    dtypes = answer.dtypes[len(inserted) :]
    if not all(is_expected(func, one, dtype) for one, dtype in zip(values, dtypes, strict=True)):
        return NotImplemented
    for one in values:
        stamp(one, "groupby apply")
    if answer.columns is None:
        return lazy_series(Column(values[0], group_labels(grouping), answer.name))
    labels = group_labels(grouping) if self.as_index else default_labels(grouping.group)
    keys = [grouping.as_column(k) for k in inserted]
    return lazy_frame(Table(grouping.group, ColumnLabels(answer.columns), labels, [*keys, *values]))
