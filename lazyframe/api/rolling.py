"""``rolling`` and ``expanding``: objects of pandas' own classes that record what windows of rows give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas
from pandas.api.typing import Expanding as _PandasExpanding
from pandas.api.typing import Rolling as _PandasRolling

from lazyframe.api.likeness import like
from lazyframe.api.pickles import pickle_as, shallow_copy
from lazyframe.api.recording import column_of, fitting, series_of, table_of
from lazyframe.api.recording_frame import columnwise
from lazyframe.pandas_internals import blame_caller, window_without_index
from lazyframe.record.windows import expand, roll
from passes.ir.type_rules import ROLLING
from passes.ir.values import Value


class _WithoutIndex:
    """Mixin: the labels are asked for when they are needed."""

    obj: Any
    window: Any
    min_periods: Any
    _selection: Any
    __copy__ = shallow_copy

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
            return super().__getitem__(key)  # type: ignore[misc]  # pandas' class has it
        return window_without_index(type(self), self.obj[key], self.window, self.min_periods)

    def _is_of_frame(self) -> bool:
        return isinstance(self.obj, pandas.DataFrame) and self._selection is None

    def _is_plain(self) -> bool:
        """Whether this is as `rolling_of` or `expanding_of` made it."""
        return self._selection is None and (self.window is None or type(self.window) is int)

    def _of(self, value: Value, name: str) -> Value | None:
        raise NotImplementedError


class Rolling(_WithoutIndex, _PandasRolling):  # type: ignore[type-arg]
    __doc__ = _PandasRolling.__doc__
    __module__ = _PandasRolling.__module__

    def _of(self, value: Value, name: str) -> Value | None:
        return roll(value, name, self.window, self.min_periods)


class Expanding(_WithoutIndex, _PandasExpanding):  # type: ignore[type-arg]
    __doc__ = _PandasExpanding.__doc__
    __module__ = _PandasExpanding.__module__

    def _of(self, value: Value, name: str) -> Value | None:
        return expand(value, name, self.min_periods)


def rolling_of(source: Any, window: int, min_periods: int | None) -> Any:
    """``source.rolling(window, min_periods)`` of a frame or series."""
    return window_without_index(Rolling, source, window, min_periods)


def expanding_of(source: Any, min_periods: int) -> Any:
    """``source.expanding(min_periods)`` of a frame or series."""
    return window_without_index(Expanding, source, None, min_periods)


def _recording(kind: Any, name: str) -> Any:
    theirs = getattr(kind, name)
    fits: Callable[..., bool] = fitting(lambda self: None)

    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorded = _record(self, name) if fits(args, kwargs) and self._is_plain() else NotImplemented
        return theirs(self, *args, **kwargs) if recorded is NotImplemented else recorded

    return like(method, theirs)


def _record(self: Any, name: str) -> Any:
    what = f"{type(self).__name__.lower()} {name}"
    if isinstance(self.obj, pandas.DataFrame):
        table = table_of(self.obj)
        return columnwise(table, lambda value: self._of(value, name), what) if table else NotImplemented
    mine = column_of(self.obj)
    if mine is None:
        return NotImplemented
    return series_of(self._of(mine.value, name), mine, self.obj._name, what)


def _state_of(window: Any) -> dict[str, Any]:
    return {**vars(window), "_on": window._on}


for _kind, _plain in ((Rolling, _PandasRolling), (Expanding, _PandasExpanding)):
    pickle_as(_kind, _plain, _state_of)
    for _name in ROLLING:
        setattr(_kind, _name, _recording(_kind, _name))
