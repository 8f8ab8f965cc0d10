"""``rolling`` and ``expanding`` of groups: objects of pandas' classes that group only when they must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.api.groupby_asking import columns_of, is_frame, schema_of, table_as_grouped
from lazyframe.api.likeness import like
from lazyframe.api.pickles import pickle_as
from lazyframe.api.recording import column_of, fitting, lazy_frame, lazy_series
from lazyframe.pandas_internals import SINCE_3_1, blame_caller
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute_own
from lazyframe.record.elementwise import FLOAT64
from lazyframe.record.groupby_index import WindowLabels, window_labels
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.groupby_rows import rolled
from lazyframe.record.groupby_whole import WholeGroups
from lazyframe.record.labels_in_groups import LabelsInGroups
from lazyframe.record.origin import stamp
from lazyframe.record.row_counts import has_rows
from lazyframe.record.row_labels import RowLabels
from lazyframe.record.table import Column, Table
from lazyframe.run.bindings import bind_array
from passes.ir.rows import Filter, Group, Sort
from passes.ir.type_rules import ROLLING, rolling
from passes.ir.values import Gather, GroupNumber, Position, Value

_SUFFIX = "GroupBy" if SINCE_3_1 else "Groupby"
_OWN = frozenset({"_asked", "__class__", "__dict__", *ROLLING})


class _Asked(NamedTuple):
    """What was said: ``grouped.rolling(*arguments)``, or ``expanding``, which ``theirs`` is."""

    grouped: Any
    theirs: Callable[..., Any]
    arguments: tuple[int | None, ...]

    def of(self, them: Any) -> Any:
        """The same of other groups, by pandas."""
        return self.theirs(them, *self.arguments)

    def operation(self, name: str) -> str:
        """What the graph calls it."""
        if len(self.arguments) == 1:
            return f"expanding_{name}_{self.arguments[0]}"
        window, least = self.arguments
        assert window is not None
        return rolling(name, window, least)


class _Waiting:
    """Mixin: all but what records is pandas' own object's, which is made when somebody asks for it."""

    def __getattribute__(self, name: str) -> Any:
        state = object.__getattribute__(self, "__dict__")
        if name not in _OWN and "_asked" in state:
            asked = state.pop("_asked")
            state.update(asked.of(asked.grouped).__dict__)
        return super().__getattribute__(name)

    @blame_caller
    def __getitem__(self, key: Any) -> Any:
        asked: _Asked | None = self.__dict__.get("_asked")
        if asked is not None and is_frame(asked.grouped) and asked.grouped._selection is None:
            picked = asked.grouped[key]
            if hasattr(picked, "_grouped"):
                return _made(type(self), asked._replace(grouped=picked))
        return super().__getitem__(key)  # type: ignore[misc]  # pandas' class has it


def _waiting(name: str) -> Any:
    theirs = getattr(pandas.api.typing, name + _SUFFIX)
    own = {"__doc__": theirs.__doc__, "__module__": theirs.__module__, "__qualname__": theirs.__qualname__}
    made = type(theirs.__name__, (_Waiting, theirs), own)
    pickle_as(made, theirs, _state_of)
    for method in ROLLING:
        setattr(made, method, _recording(getattr(theirs, method), method))
    return made


def _state_of(windows: Any) -> dict[str, Any]:
    windows.obj  # noqa: B018  # has pandas' state made
    state: dict[str, Any] = vars(windows)
    return state


def _made(kind: type, asked: _Asked) -> Any:
    made: Any = object.__new__(kind)
    made.__dict__["_asked"] = asked
    return made


def recording_rolling(theirs: Any) -> Callable[..., Any]:
    """The recorder of ``grouped.rolling(window)``; ``theirs`` is pandas' method."""

    def record(self: Any, window: Any, min_periods: Any = None) -> Any:
        if type(window) is not int or window < 1 or not _has_windows(self):
            return NotImplemented
        if not (min_periods is None or (type(min_periods) is int and 0 <= min_periods <= window)):
            return NotImplemented
        return _made(RollingGroupBy, _Asked(self, theirs, (window, min_periods)))

    return record


def recording_expanding(theirs: Any) -> Callable[..., Any]:
    """The recorder of ``grouped.expanding(min_periods)``; ``theirs`` is pandas' method."""

    def record(self: Any, min_periods: Any = 1) -> Any:
        if type(min_periods) is not int or min_periods < 0 or not _has_windows(self):
            return NotImplemented
        return _made(ExpandingGroupBy, _Asked(self, theirs, (min_periods,)))

    return record


def _has_windows(self: Any) -> bool:
    """Whether groups are those of keys that are there, and pandas labels rows with them."""
    keys = self._grouped.grouping.keys
    if not self.as_index or self._grouped.level is not None or any(key.labels is not None for key in keys):
        return False
    return self.dropna or not any(key.may_be_missing for key in keys)


def _has_order(self: Any) -> bool:
    """Whether the order in which pandas shows the groups is known."""
    keys = self._grouped.grouping.keys
    if any(key.may_be_missing for key in keys) and len(keys) > 1 and not self.sort:
        return False
    if len(keys) == 1 and not self.observed and keys[0].categories is not None:
        return False  # pandas raises where a category has no rows
    return self.sort or all(key.categories is None for key in keys)


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
    if any(key.labels is not None for key in keys) or (len(keys) > 1 and not self.sort):
        return False
    if any(key.categories is not None for key in keys) and not (self.observed and self.sort):
        return False
    return self.dropna or not any(key.may_be_missing for key in keys)


def _order(grouping: Grouping) -> tuple[Value, ...]:
    """What rows are sorted by: on pandas 3.0 first by where the first key appears for the first time."""
    group = grouping.group
    if SINCE_3_1 or group.sort or len(group.keys) == 1:
        return (GroupNumber(group),)
    return tuple([GroupNumber(Group(group.parent, (key,), sort=False)) for key in group.keys])


def _asked_order(grouping: Grouping, observed: bool) -> tuple[Value, ...] | None:
    """The same where pandas has to be asked, given one row a group; None where it raises."""
    labels = WindowLabels(grouping, observed)
    computed = compute_own(list(labels.parts))
    try:
        order = labels.order(computed)
    except (ValueError, IndexError, KeyError):
        return None
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    if len(order) != len(computed[0]):
        return None
    return (Gather(bind_array(place, "places"), GroupNumber(grouping.group)),)


def _record(self: Any, name: str) -> Any:
    asked: _Asked = self._asked
    grouped = asked.grouped
    table = table_as_grouped(grouped) if is_frame(grouped) else None
    source = table if is_frame(grouped) else column_of(grouped.obj)
    columns = None if source is None else columns_of(grouped)
    if source is None or not columns:
        return NotImplemented

    def ask(them: Any) -> Any:
        return getattr(getattr(them, asked.theirs.__name__)(*asked.arguments), name)()

    answer = schema_of(grouped, f"{asked.theirs.__name__} {name}", ask, asked.arguments)
    if answer is None or list(answer.dtypes) != [FLOAT64] * len(columns):
        return NotImplemented
    grouping: Grouping = grouped._grouped.grouping
    group = grouping.group
    if any(key.may_be_missing for key in grouping.keys) and not has_rows(group.parent):
        return NotImplemented  # pandas raises where there are rows, and no row has a key
    known = _has_order(grouped)
    order = _order(grouping) if known else _asked_order(grouping, grouped.observed)
    if order is None:
        return NotImplemented
    rows = Sort(group.parent, order, (True,) * len(order))
    position = Position(rows, 0)
    inner = labels_of(grouping, source.labels).gather(position)
    if inner is None:
        return NotImplemented
    values: list[Value] = []
    for column in columns:
        found = rolled(WholeGroups(group, None), grouping.seen(column), asked.operation(name))
        if found is None:
            return NotImplemented
        values.append(Gather(found, position))
        stamp(values[-1], f"groupby {asked.theirs.__name__} {name}")
    labels = window_labels(grouping, grouped.observed) if known else WindowLabels(grouping, grouped.observed)
    under = LabelsInGroups(labels, Gather(GroupNumber(group), position), inner)
    if answer.columns is None:
        return lazy_series(Column(values[0], under, answer.name))
    return lazy_frame(Table(rows, ColumnLabels(answer.columns), under, values))


def _recording(theirs: Any, name: str) -> Any:
    fits: Callable[..., bool] = fitting(lambda self: None)

    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        waiting = "_asked" in self.__dict__
        recorded = _record(self, name) if waiting and fits(args, kwargs) else NotImplemented
        return theirs(self, *args, **kwargs) if recorded is NotImplemented else recorded

    return like(method, theirs)


RollingGroupBy = _waiting("Rolling")
ExpandingGroupBy = _waiting("Expanding")
