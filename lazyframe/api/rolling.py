"""``rolling``: an object of pandas' own class that records what windows of so many rows give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas
from pandas.api.typing import Rolling as _PandasRolling

from lazyframe.api.likeness import like
from lazyframe.api.recording import column_of, fitting, series_of, table_of
from lazyframe.api.recording_frame import columnwise
from lazyframe.pandas_internals import blame_caller, rolling_without_index
from lazyframe.record.windows import roll
from passes.ir.type_rules import ROLLING

_Base: Any = _PandasRolling


class Rolling(_Base):  # type: ignore[misc]
    __doc__ = _Base.__doc__
    __module__ = _Base.__module__

    @property
    def _on(self) -> Any:
        return self.obj.index

    @_on.setter
    def _on(self, labels: Any) -> None:
        """pandas keeps them; these are asked for when they are needed."""

    @blame_caller
    def __getitem__(self, key: Any) -> Any:
        table = table_of(self.obj) if self._is_of_frame() else None
        columns = None if table is None else table.current_columns()
        labels = key if type(key) is list else [key]
        if columns is None or any(
            type(label) is not str or columns.position(label) is None for label in labels
        ):
            return _Base.__getitem__(self, key)
        return rolling_of(self.obj[key], self.window, self.min_periods)

    def _is_of_frame(self) -> bool:
        return isinstance(self.obj, pandas.DataFrame) and self._selection is None


def rolling_of(source: Any, window: int, min_periods: int | None) -> Any:
    """``source.rolling(window, min_periods)`` of a frame or series."""
    return rolling_without_index(Rolling, source, window, min_periods)


def _recording(name: str) -> Any:
    theirs = getattr(_Base, name)
    fits: Callable[..., bool] = fitting(lambda self: None)

    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorded = _record(self, name) if fits(args, kwargs) and _is_plain(self) else NotImplemented
        return theirs(self, *args, **kwargs) if recorded is NotImplemented else recorded

    return like(method, theirs)


def _is_plain(self: Any) -> bool:
    """Whether this is as `rolling_of` made it."""
    return self._selection is None and type(self.window) is int


def _record(self: Any, name: str) -> Any:
    def rolled(value: Any) -> Any:
        return roll(value, name, self.window, self.min_periods)

    if isinstance(self.obj, pandas.DataFrame):
        table = table_of(self.obj)
        return NotImplemented if not table else columnwise(table, rolled, f"rolling {name}")
    mine = column_of(self.obj)
    if mine is None:
        return NotImplemented
    return series_of(rolled(mine.value), mine, self.obj._name, f"rolling {name}")


for _name in ROLLING:
    setattr(Rolling, _name, _recording(_name))
