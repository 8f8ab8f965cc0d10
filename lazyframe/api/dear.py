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

_LEAST_ROWS_COUNTED = 500
"""Of shorter frames pandas itself counts what is distinct in each row."""


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
        if axis in (1, "columns") and len(self) >= _LEAST_ROWS_COUNTED and is_short(self.__dict__):
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
