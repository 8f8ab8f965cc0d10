"""Groups of short frames and series: pandas', but for what takes it longest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas
from pandas.api.typing import DataFrameGroupBy as _PandasDataFrameGroupBy
from pandas.api.typing import SeriesGroupBy as _PandasSeriesGroupBy

from lazyframe.api.collect import collect
from lazyframe.api.dear import pays
from lazyframe.api.deferred import load
from lazyframe.api.likeness import like
from lazyframe.api.pickles import pickle_as, shallow_copy
from lazyframe.pandas_internals import blame_caller, held_state, still_holds

_FrameBase: Any = _PandasDataFrameGroupBy
_SeriesBase: Any = _PandasSeriesGroupBy

_OF_FUNCTIONS = {"agg": 4e-5, "aggregate": 4e-5, "apply": 1e-4, "transform": 1e-4, "filter": 6e-5}
_OF_BOTH = {"describe": 1e-3, "rolling": 5e-5}
_OF_PIECES = {**_OF_BOTH, "corr": 1e-4, "cov": 1e-4}
_OF_PIECES_OF_SERIES = {**_OF_BOTH, "nlargest": 4e-4, "nsmallest": 4e-4, "unique": 3e-5}
"""Seconds that pandas takes for each group: for a function of the user's, and where it looks at the groups
one after another itself."""


class _Asked:
    """A call of ``groupby``: what records the same later, and what it was asked of, as it was then."""

    def __init__(self, sources: list[Any], record: Callable[[], Any], selections: tuple[Any, ...]) -> None:
        self.sources = [(source, held_state(source)) for source in sources]
        self.record = record
        self.selections = selections

    def recorded(self) -> Any:
        """The groups as of long data; None where that is not recorded, or something was put elsewhere since.

        What was written in place pandas sees, too.
        """
        if not all("_mgr" in vars(source) and still_holds(source, state) for source, state in self.sources):
            return None
        grouped = self.record()
        for selection in self.selections:
            if grouped is NotImplemented:
                break
            grouped = grouped[selection]
        return grouped if hasattr(grouped, "_grouped") else None

    def of(self, selection: Any) -> _Asked:
        """The same of some columns."""
        made = object.__new__(_Asked)
        made.sources, made.record = self.sources, self.record
        made.selections = (*self.selections, selection)
        return made


def has_function(argument: Any) -> bool:
    """Whether an argument of ``agg`` and its kin is, or lists, a function of the user's."""
    if isinstance(argument, dict):
        return any(map(has_function, argument.values()))
    if isinstance(argument, pandas.NamedAgg):
        return callable(argument.aggfunc)
    return any(map(has_function, argument)) if isinstance(argument, (list, tuple)) else callable(argument)


def _unless_dear(theirs: Any, seconds: float, of_functions: bool) -> Any:
    """pandas' method; the one that records where pandas would take long."""
    name = theirs.__name__

    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        asked = self.__dict__.get("_asked")
        is_dear = asked is not None and (not of_functions or has_function((*args, *kwargs.values())))
        if is_dear and pays(name, self.ngroups * seconds):
            grouped = asked.recorded()
            if grouped is not None:
                return collect(getattr(grouped, name)(*args, **kwargs))
        return theirs(self, *args, **kwargs)

    return like(method, theirs)


class ShortFrameGroupBy(_FrameBase):  # type: ignore[misc]
    __doc__ = _FrameBase.__doc__
    __module__ = _FrameBase.__module__

    def __getitem__(self, key: Any) -> Any:
        return _asking(_FrameBase.__getitem__(self, key), self._asked.of(key))


class ShortSeriesGroupBy(_SeriesBase):  # type: ignore[misc]
    __doc__ = _SeriesBase.__doc__
    __module__ = _SeriesBase.__module__


_KINDS = {_FrameBase: ShortFrameGroupBy, _SeriesBase: ShortSeriesGroupBy}


def _asking(grouped: Any, asked: _Asked) -> Any:
    """pandas' groups, from now on of a class of ours."""
    kind = _KINDS.get(type(grouped))
    if kind is not None:
        grouped.__class__ = kind
        grouped.__dict__["_asked"] = asked
    return grouped


def _state_of(grouped: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(grouped).items() if name != "_asked"}


for _base, _kind, _pieces in (
    (_FrameBase, ShortFrameGroupBy, _OF_PIECES),
    (_SeriesBase, ShortSeriesGroupBy, _OF_PIECES_OF_SERIES),
):
    _kind.__name__ = _kind.__qualname__ = _base.__name__
    pickle_as(_kind, _base, _state_of)
    _kind.__copy__ = shallow_copy
    for _name, _seconds in _OF_FUNCTIONS.items():
        setattr(_kind, _name, _unless_dear(getattr(_base, _name), _seconds, of_functions=True))
    for _name, _seconds in _pieces.items():
        setattr(_kind, _name, _unless_dear(getattr(_base, _name), _seconds, of_functions=False))


def recording_the_dear(grouped: Any, recorder: str, source: Any, args: Any, kwargs: Any) -> Any:
    """pandas' groups, of which methods that take pandas long record.

    Parameters
    ----------
    grouped : DataFrameGroupBy or SeriesGroupBy
        What pandas made of the call.
    recorder : str
        The function of `lazyframe.api.groupby` that records the call.
    source : DataFrame or Series
        What is grouped.
    args, kwargs : tuple, dict
        The arguments of the call.
    """
    by = args[0] if args else kwargs.get("by")
    if not _is_named(by):
        return grouped

    def record() -> Any:
        load("groupby")
        from lazyframe.api import groupby
        from lazyframe.api.recording import ask

        return ask(getattr(groupby, recorder), source, *args, **kwargs)

    sources = [source, by] if isinstance(by, pandas.Series) else [source]
    return _asking(grouped, _Asked(sources, record, ()))


def _is_named(by: Any) -> bool:
    """Whether keys are columns of the frame, or one series, which are the same each time that one looks."""
    if type(by) is list:
        return all(type(key) is str for key in by)
    return type(by) is str or (isinstance(by, pandas.Series) and "_mgr" in vars(by))
