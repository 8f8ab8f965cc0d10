"""Rows and values of a frame one at a time: what loops of Python ask for, where each step counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas

from lazyframe.api.fallbacks import note_grouped
from lazyframe.api.likeness import like
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import blame_caller, computed_column, is_plain, series_from_manager

_Frame: Any = pandas.DataFrame
_Series: Any = pandas.Series


def applying(theirs: Any) -> Callable[..., Any]:
    """``frame.apply``: a function of rows is given pandas' own, which are quicker to look into."""

    @blame_caller
    def apply(self: Any, func: Any, axis: Any = 0, *args: Any, **kwargs: Any) -> Any:
        if axis not in (1, "columns") or not callable(func):
            return wrap(theirs(self, func, axis, *args, **kwargs))
        result = wrap(theirs(self.to_pandas(), func, axis, *args, **kwargs))
        note_grouped("DataFrame.apply", len(self), result)
        return result

    return like(apply, theirs)


def looking_up(others: Callable[..., Any]) -> Callable[..., Any]:
    """``series[key]``: pandas' own of what may be a label, and ``others`` of masks and slices."""
    theirs = _Series.__getitem__

    @blame_caller
    def getitem(self: Any, key: Any) -> Any:
        kind = type(key)
        return theirs(self, key) if kind is str or kind is int else others(self, key)

    return like(getitem, theirs)


def rows_of(kind: Any) -> Callable[..., Iterator[Any]]:
    """``frame.iterrows``, whose rows are series of class ``kind``."""

    def iterrows(self: Any) -> Iterator[Any]:
        if not is_plain(self):
            yield from _Frame.iterrows(self)  # whose attributes each row has
            return
        for label, row in _Frame.iterrows(self.to_pandas()):
            yield label, series_from_manager(kind, row._mgr, label)

    return like(iterrows, _Frame.iterrows)


def column_of_computed(frame: Any, label: Any, kind: Any) -> Any:
    """``frame[label]`` in few steps, a series of class ``kind``; None where pandas has to look."""
    state = frame.__dict__
    if type(label) is not str or "_mgr" not in state or "_fallbacks" in state:
        return None
    return computed_column(frame, label, kind)
