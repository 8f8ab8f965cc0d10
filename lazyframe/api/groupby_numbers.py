"""``cumcount`` and ``ngroup`` of grouped frames and series: numbers of rows, and of groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lazyframe.api.groupby_asking import can_be_laid_out, shows_others
from lazyframe.api.groupby_rows import source_of_rows
from lazyframe.api.recording import lazy_series
from lazyframe.record import groupby_rows
from lazyframe.record.computing import compute_own
from lazyframe.record.groupby_index import group_labels, small_frame
from lazyframe.record.groupby_keys import Grouping, group_rows
from lazyframe.record.groupby_whole import WholeGroups, whole_groups
from lazyframe.record.origin import stamp
from lazyframe.record.table import Column
from lazyframe.run.bindings import bind_array
from passes.ir.values import Gather, GroupNumber, Value


def record_cumcount(self: Any, ascending: Any = True) -> Any:
    """``grouped.cumcount()``."""
    if type(ascending) is not bool:
        return NotImplemented
    count = groupby_rows.count_before if ascending else groupby_rows.count_behind
    return _numbers(self, lambda groups: groups.masked(count(groups.group)), "cumcount")


def record_ngroup(self: Any, ascending: Any = True) -> Any:
    """``grouped.ngroup()``."""
    if type(ascending) is not bool:
        return NotImplemented
    if not can_be_laid_out(self):
        return NotImplemented
    if shows_others(self):
        return _numbers(self, lambda _: _numbers_by_pandas(self, ascending), "ngroup")
    return _numbers(self, lambda groups: groupby_rows.number(groups, ascending), "ngroup")


def _numbers_by_pandas(self: Any, ascending: bool) -> Value:
    """The numbers of groups among categories without rows: pandas is asked, given one row a group."""
    grouping: Grouping = self._grouped.grouping
    every = group_rows(grouping.keys, grouping.group.sort, dropna=False)
    keys = small_frame(every, compute_own(list(group_labels(every).parts)))
    options = {name: self._grouped.options[name] for name in ("sort", "dropna", "observed")}
    numbers = keys.groupby(list(keys.columns), **options).ngroup(ascending=ascending)
    return Gather(bind_array(numbers.to_numpy(), "numbers"), GroupNumber(every.group))


def _numbers(self: Any, number: Callable[[WholeGroups], Value | None], what: str) -> Any:
    source = source_of_rows(self)
    groups = None if source is None else whole_groups(self._grouped.grouping)
    value = None if groups is None else number(groups)
    if source is None or value is None:
        return NotImplemented
    stamp(value, f"groupby {what}")
    return lazy_series(Column(value, source.labels, None))
