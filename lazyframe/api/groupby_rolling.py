"""``rolling`` of grouped frames and series: an object of pandas' class that groups only when it must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas

from lazyframe.api.groupby_asking import columns_of, is_frame, schema_of, table_as_grouped
from lazyframe.api.likeness import like
from lazyframe.api.recording import column_of, fitting, lazy_frame, lazy_series
from lazyframe.pandas_internals import SINCE_3_1, blame_caller
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.elementwise import FLOAT64
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.groupby_rows import rolled
from lazyframe.record.groupby_whole import WholeGroups
from lazyframe.record.labels_in_groups import LabelsInGroups
from lazyframe.record.origin import stamp
from lazyframe.record.row_labels import RowLabels
from lazyframe.record.table import Column, Table
from passes.ir.rows import Filter, Sort
from passes.ir.type_rules import ROLLING
from passes.ir.values import Gather, GroupNumber, Position, Value

_Base: Any = getattr(pandas.api.typing, "RollingGroupBy" if SINCE_3_1 else "RollingGroupby")
_OWN = frozenset({"_asked", "__class__", "__dict__", *ROLLING})


class RollingGroupBy(_Base):  # type: ignore[misc]
    __doc__ = _Base.__doc__
    __module__ = _Base.__module__
    _asked: Any

    def __getattribute__(self, name: str) -> Any:
        """All but what records is pandas' own object's, which is made when somebody asks for it."""
        state = object.__getattribute__(self, "__dict__")
        if name not in _OWN and "_asked" in state:
            grouped, theirs, window, least = state.pop("_asked")
            state.update(theirs(grouped, window, min_periods=least).__dict__)
        return super().__getattribute__(name)

    @blame_caller
    def __getitem__(self, key: Any) -> Any:
        grouped, theirs, window, least = self.__dict__.get("_asked", (None,) * 4)
        if grouped is None or not is_frame(grouped) or grouped._selection is not None:
            return _Base.__getitem__(self, key)
        picked = grouped[key]
        return (
            _Base.__getitem__(self, key)
            if not hasattr(picked, "_grouped")
            else _of(picked, theirs, window, least)
        )


RollingGroupBy.__name__, RollingGroupBy.__qualname__ = _Base.__name__, _Base.__qualname__


def _of(grouped: Any, theirs: Any, window: int, least: int | None) -> RollingGroupBy:
    made: RollingGroupBy = object.__new__(RollingGroupBy)
    made.__dict__["_asked"] = (grouped, theirs, window, least)
    return made


def recording_rolling(theirs: Any) -> Callable[..., Any]:
    """The recorder of ``grouped.rolling(window)``; ``theirs`` is pandas' method."""

    def record(self: Any, window: Any, min_periods: Any = None) -> Any:
        if type(window) is not int or window < 1 or not self.as_index or self._grouped.level is not None:
            return NotImplemented
        if not (min_periods is None or (type(min_periods) is int and 0 <= min_periods <= window)):
            return NotImplemented
        return _of(self, theirs, window, min_periods) if are_in_order(self) else NotImplemented

    return record


def labels_of(grouping: Grouping, labels: RowLabels) -> RowLabels:
    """The labels of the rows that are in a group."""
    parent = grouping.group.parent
    if parent is grouping.rows:
        return labels
    assert isinstance(parent, Filter)
    return labels.take(parent)


def are_in_order(self: Any) -> bool:
    """Whether pandas shows the groups in the order of their labels, and none for want of a key."""
    keys = self._grouped.grouping.keys
    if any(key.is_listed for key in keys) or (len(keys) > 1 and not self.sort):
        return False
    return self.dropna or not any(key.may_be_missing for key in keys)


def _record(self: Any, name: str) -> Any:
    grouped, _, window, least = self._asked
    table = table_as_grouped(grouped) if is_frame(grouped) else None
    source = table if is_frame(grouped) else column_of(grouped.obj)
    columns = None if source is None else columns_of(grouped)
    if source is None or not columns:
        return NotImplemented

    def ask(them: Any) -> Any:
        return getattr(them.rolling(window, min_periods=least), name)()

    answer = schema_of(grouped, f"rolling {name}", ask, [window, least])
    if answer is None or list(answer.dtypes) != [FLOAT64] * len(columns):
        return NotImplemented
    grouping: Grouping = grouped._grouped.grouping
    group = grouping.group
    rows = Sort(group.parent, (GroupNumber(group),), (True,))
    position = Position(rows, 0)
    inner = labels_of(grouping, source.labels).gather(position)
    if inner is None:
        return NotImplemented
    values: list[Value] = []
    for column in columns:
        found = rolled(WholeGroups(group, None), grouping.seen(column), name, window, least)
        if found is None:
            return NotImplemented
        values.append(Gather(found, position))
        stamp(values[-1], f"groupby rolling {name}")
    under = LabelsInGroups(group_labels(grouping), Gather(GroupNumber(group), position), inner)
    if answer.columns is None:
        return lazy_series(Column(values[0], under, answer.name))
    return lazy_frame(Table(rows, ColumnLabels(answer.columns), under, values))


def _recording(name: str) -> Any:
    theirs = getattr(_Base, name)
    fits: Callable[..., bool] = fitting(lambda self: None)

    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        waiting = "_asked" in self.__dict__
        recorded = _record(self, name) if waiting and fits(args, kwargs) else NotImplemented
        return theirs(self, *args, **kwargs) if recorded is NotImplemented else recorded

    return like(method, theirs)


for _name in ROLLING:
    setattr(RollingGroupBy, _name, _recording(_name))
