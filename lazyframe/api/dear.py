"""What takes pandas long on small data already: methods that stand in for its own there.

pandas calls Python for each row or each group, and wants a tenth of a millisecond and more every time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas

from lazyframe.api.deferred import load
from lazyframe.api.likeness import like
from lazyframe.api.size import is_short
from lazyframe.pandas_internals import blame_caller

LEAST_ROWS = 2000
"""Of shorter frames and series pandas' own groups are taken as they are."""

_COUNTING_SECONDS = 3e-5
"""What pandas takes to count what is distinct in one row."""

WORTH_SECONDS = 0.02
"""What recording and NumPy take, several times over: pandas takes as long from so many groups on."""

TO_LOAD_SECONDS = 0.25
"""What loading the modules that record a method takes, and more: so long it is pandas' in all before."""

_spent: dict[str, float] = {}
"""About how long pandas was busy with each method."""


def pays(name: str, seconds: float) -> bool:
    """Whether a method is worth recording that would keep pandas busy for so long."""
    if seconds < WORTH_SECONDS:
        return False
    _spent[name] = _spent.get(name, 0.0) + seconds
    return _spent[name] >= TO_LOAD_SECONDS


def _groupby(theirs: Any, recorder: str) -> Callable[..., Any]:
    """pandas' ``groupby``, of whose methods some may record nevertheless: `lazyframe.api.groupby_short`."""

    @blame_caller
    def groupby(self: Any, *args: Any, **kwargs: Any) -> Any:
        grouped = theirs(self, *args, **kwargs)
        if len(self) >= LEAST_ROWS and is_short(self.__dict__):
            from lazyframe.api.groupby_short import recording_the_dear

            return recording_the_dear(grouped, recorder, self, args, kwargs)
        return grouped

    return like(groupby, theirs)


def _nunique(theirs: Any) -> Callable[..., Any]:
    @blame_caller
    def nunique(self: Any, axis: Any = 0, dropna: Any = True) -> Any:
        if (
            axis in (1, "columns")
            and is_short(self.__dict__)
            and pays("nunique", len(self) * _COUNTING_SECONDS)
        ):
            load("nunique")
            from lazyframe.api.collect import collect
            from lazyframe.api.recording_distinct import record_frame_nunique

            found = record_frame_nunique(self, axis, dropna)
            if found is not NotImplemented:
                return collect(found)
        return theirs(self, axis, dropna)

    return like(nunique, theirs)


STAND_INS: dict[str, dict[str, Callable[..., Any]]] = {
    "DataFrame": {
        "groupby": _groupby(pandas.DataFrame.groupby, "record_frame_groupby"),
        "nunique": _nunique(pandas.DataFrame.nunique),
    },
    "Series": {"groupby": _groupby(pandas.Series.groupby, "record_series_groupby")},
}
"""By the kinds of object and the names of methods."""
