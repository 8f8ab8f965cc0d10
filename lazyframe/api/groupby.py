"""``groupby``: an object of pandas' own class that records aggregations and groups only when it must."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable
from importlib import import_module
from typing import Any

import numpy as np
import pandas
from pandas.api.typing import DataFrameGroupBy as _PandasDataFrameGroupBy
from pandas.api.typing import SeriesGroupBy as _PandasSeriesGroupBy

from lazyframe.api.fallbacks import laying_out, note_grouped
from lazyframe.api.groupby_aggregating import record_agg, record_named
from lazyframe.api.groupby_calling import giving_real_numbers
from lazyframe.api.groupby_given import GivenKey, keys_given, levels_given
from lazyframe.api.groupby_told import ask_told, is_told
from lazyframe.api.likeness import like
from lazyframe.api.pickles import pickle_as, shallow_copy
from lazyframe.api.recording import (
    column_of,
    fitting,
    label_of,
    lazy_frame,
    lazy_series,
    table_of,
)
from lazyframe.pandas_internals import GroupByNthSelector as _PandasNth
from lazyframe.pandas_internals import blame_caller
from lazyframe.record.ask_once import freeze
from lazyframe.record.groupby import AGGREGATIONS
from lazyframe.record.groupby_keys import Grouping, KeyColumn, group_rows
from lazyframe.record.groupby_schema import signature_of_dtype
from lazyframe.record.table import Column, Table
from passes.ir.values import Value

_FrameBase: Any = _PandasDataFrameGroupBy
_SeriesBase: Any = _PandasSeriesGroupBy


def _described(key: KeyColumn) -> Hashable:
    name = key.name
    return name if type(name) is str else freeze(name), signature_of_dtype(key.dtype), key.labels is None


class Grouped:
    """What a call of ``groupby`` said, and the state of the data when it was called.

    Parameters
    ----------
    source : Table or Column
        What was grouped, as it was then.
    grouping : Grouping
        Its rows by its keys.
    given : tuple of Value
        The keys as columns of the data: categoricals, not their codes.
    in_frame : tuple of bool
        For each key, whether it is a column of the frame.
    is_list : bool
        Whether the keys came in a list.
    level : hashable or list
        What ``level`` was, if the keys are index levels only.
    options : dict
        The keyword arguments of ``groupby``.
    parts : tuple
        What ``by`` listed, or was.
    times : Value, optional
        By which pandas sorts the rows before it groups them.
    """

    __slots__ = (
        "_described", "_plain", "given", "grouping", "in_frame", "is_list", "level", "options", "parts",
        "source", "times", "told",
    )  # fmt: skip

    def __init__(
        self,
        source: Table | Column,
        grouping: Grouping,
        given: tuple[Value, ...],
        in_frame: tuple[bool, ...],
        is_list: bool,
        level: Any,
        options: dict[str, Any],
        parts: tuple[Any, ...] = (),
        times: Value | None = None,
    ) -> None:
        self.source = source
        self.grouping = grouping
        self.given = given
        self.in_frame = in_frame
        self.is_list = is_list
        self.level = level
        self.options = options
        self.parts = parts
        self.times = times
        self.told: dict[bool, Any] = {}
        self._plain: Any = None
        self._described: Hashable = None

    @property
    def described(self) -> Hashable:
        """What of the keys decides what pandas says of a call: their names, dtypes and form."""
        found = self._described
        if found is None:
            keys = self.grouping.keys
            described = _described(keys[0]) if len(keys) == 1 else tuple([_described(key) for key in keys])
            found = self._described = (self.is_list, self.in_frame, self.times is None, described)
        return found

    def pandas_groupby(self) -> Any:
        """pandas' own groupby object of the data as it was."""
        if self._plain is None:
            by: Any = [self._by(position) for position in range(len(self.in_frame))]
            if not self.is_list:
                (by,) = by
            given = {**self.options, "level": self.level}
            if self.level is not None:
                by = None
            if isinstance(self.source, Table):
                snapshot = lazy_frame(self.source.derived())
                self._plain = pandas.DataFrame.groupby(snapshot, by, **given)
            else:
                self._plain = pandas.Series.groupby(lazy_series(self.source), by, **given)
        return self._plain

    def _by(self, position: int) -> Any:
        key = self.grouping.keys[position]
        if key.labels is not None:
            return self.parts[position]
        return key.name if self.in_frame[position] else lazy_series(self._key_series(position))

    def _key_series(self, position: int) -> Column:
        key = self.grouping.keys[position]
        return Column(self.given[position], self.source.labels, key.name)


class _GroupedByPandas:
    """An attribute that pandas' ``groupby`` would have set: grouping waits until somebody asks for it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        assert owner._grouped.grouping.bins is None, "pandas sorts the rows by their times"
        plain = owner._grouped.pandas_groupby()
        state = owner.__dict__
        for name in ("_grouper", "exclusions"):
            state.setdefault(name, getattr(plain, name))
        return state[self._name]


def _recording(theirs: Any, recorder: Callable[..., Any]) -> Any:
    """A method that records, or is pandas' own."""

    fits = fitting(recorder)

    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        # pandas' transform asks for groups that have rows only
        as_grouped = self.observed is self._grouped.options["observed"]
        recorded = recorder(self, *args, **kwargs) if as_grouped and fits(args, kwargs) else NotImplemented
        if recorded is not NotImplemented:
            return recorded
        given, named = args, kwargs
        if kwargs.get("engine") != "numba":  # which compiles a function as it is
            given, named = giving_real_numbers(args), giving_real_numbers(kwargs)
        name = theirs.__name__
        with laying_out():  # each group, and what a function makes of it, would be noted
            tells = as_grouped and is_told(name, args, kwargs)
            result = ask_told(self, name, given, named) if tells else NotImplemented
            if result is not NotImplemented:
                return result
            result = theirs(self, *given, **named)
        note_grouped(f"{type(self).__name__}.{name}", len(self.obj), result)
        return result

    return like(method, theirs)


def _recording_later(theirs: Any, module: str, name: str, *given: Any) -> Any:
    """The same by a recorder, or what makes one of ``given``, whose module is imported by the first call."""

    @functools.cache
    def made() -> Any:
        found = getattr(import_module(f"lazyframe.api.groupby_{module}"), name)
        return _recording(theirs, found(*given) if given else found)

    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return made()(self, *args, **kwargs)

    return like(method, theirs)


def _named(name: str, theirs: Any) -> Callable[..., Any]:
    signature = functools.cache(lambda: inspect.signature(theirs))

    def record(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not args and not kwargs:
            return record_named(self, name, {})
        try:
            arguments = signature().bind(self, *args, **kwargs).arguments
        except TypeError:
            return NotImplemented
        arguments.pop("self")
        return record_named(self, name, arguments)

    return record


def _recording_quantile(of_one: Callable[..., Any]) -> Callable[..., Any]:
    """The recorder of ``quantile``: of a list of them, or as the method ``of_one`` records one."""

    def record(self: Any, q: Any = 0.5, interpolation: Any = "linear", numeric_only: Any = False) -> Any:
        if isinstance(q, list):
            from lazyframe.api.groupby_quantiles import record_quantiles

            return record_quantiles(self, q, interpolation, numeric_only)
        return of_one(self, q, interpolation, numeric_only)

    return record


class _Nth:
    """``grouped.nth``: called it may record, and indexed it is pandas'."""

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        return self if owner is None else _NthOf(owner)


class _NthOf(_PandasNth):  # type: ignore[misc]
    @functools.partial(like, theirs=_PandasNth.__call__)
    @blame_caller
    def __call__(self, n: Any, dropna: Any = None) -> Any:
        from lazyframe.api.groupby_rows import record_nth

        recorded = record_nth(self.groupby_object, n) if dropna is None else NotImplemented
        return _PandasNth.__call__(self, n, dropna) if recorded is NotImplemented else recorded

    def __reduce__(self) -> Any:
        return getattr, (self.groupby_object, "nth")


_NthOf.__name__ = _NthOf.__qualname__ = _PandasNth.__name__


class DataFrameGroupBy(_FrameBase):  # type: ignore[misc]
    __doc__ = _FrameBase.__doc__
    __module__ = _FrameBase.__module__
    _grouper = _GroupedByPandas("_grouper")
    exclusions = _GroupedByPandas("exclusions")
    _grouped: Grouped

    agg = _recording(_FrameBase.agg, record_agg)
    aggregate = agg

    def __getitem__(self, key: Any) -> Any:
        picked = pick_columns(self, key)
        return _FrameBase.__getitem__(self, key) if picked is NotImplemented else picked


class SeriesGroupBy(_SeriesBase):  # type: ignore[misc]
    __doc__ = _SeriesBase.__doc__
    __module__ = _SeriesBase.__module__
    _grouper = _GroupedByPandas("_grouper")
    exclusions = _GroupedByPandas("exclusions")
    _grouped: Grouped

    agg = _recording(_SeriesBase.agg, record_agg)
    aggregate = agg


_LATER: dict[str, tuple[str, ...]] = {
    "apply": ("applying", "record_apply"),
    "describe": ("describing", "record_describe"),
    "idxmin": ("extremes", "recording_extreme", "idxmin"),
    "idxmax": ("extremes", "recording_extreme", "idxmax"),
    "filter": ("filtering", "record_filter"),
    "rank": ("rows", "record_rank"),
    "transform": ("rows", "record_transform"),
    "cumcount": ("numbers", "record_cumcount"),
    "ngroup": ("numbers", "record_ngroup"),
    "head": ("rows", "record_head"),
    "tail": ("rows", "record_tail"),
    **{name: ("rows", "recording_cumulative", name) for name in ("cumsum", "cumprod", "cummin", "cummax")},
    "diff": ("rows", "recording_shifted", "diff"),
    "pct_change": ("rows", "record_pct_change"),
    "resample": ("resampling", "record_resample"),
    "shift": ("rows", "record_shift"),
    "ffill": ("rows", "recording_filled", "ffill"),
    "bfill": ("rows", "recording_filled", "bfill"),
}
"""Methods of both kinds, with the modules and the names of what records them, or makes that of arguments."""

_LATER_OF_FRAMES = {
    "corr": ("correlation", "record_corr"),
    "cov": ("correlation", "record_cov"),
    "value_counts": ("counting", "record_frame_value_counts"),
}
_LATER_OF_SERIES: dict[str, tuple[str, ...]] = {
    "corr": ("correlation", "record_series_corr"),
    "cov": ("correlation", "record_series_cov"),
    "nlargest": ("largest", "recording_largest", "nlargest"),
    "nsmallest": ("largest", "recording_largest", "nsmallest"),
    "unique": ("pieces", "record_unique"),
    "value_counts": ("counting", "record_series_value_counts"),
}


def _state_of(grouped: Any) -> dict[str, Any]:
    state = {**vars(grouped), "_grouper": grouped._grouper, "exclusions": grouped.exclusions}
    del state["_grouped"]
    return state


for _kind, _base, _own in (
    (DataFrameGroupBy, _FrameBase, _LATER_OF_FRAMES),
    (SeriesGroupBy, _SeriesBase, _LATER_OF_SERIES),
):
    pickle_as(_kind, _base, _state_of)
    _kind.__copy__ = shallow_copy
    _kind.nth = _Nth()
    for _name in AGGREGATIONS:
        _theirs = getattr(_base, _name)
        setattr(_kind, _name, _recording(_theirs, _named(_name, _theirs)))
    _kind.quantile = _recording(_base.quantile, _recording_quantile(_kind.quantile))
    for _name in ("skew", "kurt", "ohlc"):
        setattr(_kind, _name, _recording(getattr(_base, _name), lambda *_, **__: NotImplemented))
    for _name in ("rolling", "expanding"):
        _theirs = getattr(_base, _name)
        setattr(_kind, _name, _recording_later(_theirs, "rolling", f"recording_{_name}", _theirs))
    for _name, _recorder in (*_LATER.items(), *_own.items()):
        setattr(_kind, _name, _recording_later(getattr(_base, _name), *_recorder))


def made_grouped(kind: type, grouped: Grouped, obj: Any, keys: Any, selection: Any) -> Any:
    made: Any = object.__new__(kind)
    made.__dict__.update(
        grouped.options, obj=obj, keys=keys, level=grouped.level, _selection=selection, _grouped=grouped
    )
    return made


def pick_columns(self: Any, key: Any) -> Any:
    """``grouped[key]`` for a label or a list of labels of the frame."""
    if self._selection is not None:
        return NotImplemented
    table = table_of(self.obj)
    if table is None:
        return NotImplemented
    columns = table.current_columns()
    if isinstance(key, list):
        if any(isinstance(label, list) or columns.position(label) is None for label in key):
            return NotImplemented
        return made_grouped(DataFrameGroupBy, self._grouped, self.obj, self.keys, list(key))
    if isinstance(key, (tuple, pandas.Series, pandas.Index)):
        return NotImplemented
    position = columns.position(key)
    if position is None:
        return NotImplemented
    column = Column(table.value(position), table.labels, label_of(columns, key, position))
    return made_grouped(SeriesGroupBy, self._grouped, lazy_series(column), self.keys, key)


_BY_DEFAULT = {"as_index": True, "sort": True, "group_keys": True, "observed": True, "dropna": True}


def _options(given: dict[str, Any]) -> dict[str, Any] | None:
    """All options of a call of ``groupby``; None where pandas decides."""
    if not given:
        return _BY_DEFAULT
    for name, option in given.items():
        if type(option) is not bool or name not in _BY_DEFAULT:
            return None
    return _BY_DEFAULT | given


def record_frame_groupby(self: Any, by: Any = None, level: Any = None, *rest: Any, **given: Any) -> Any:
    """``frame.groupby(by)``, or ``level=``."""
    options = None if (by is None) == (level is None) or rest else _options(given)
    table = None if options is None else table_of(self)
    if options is None or table is None:
        return NotImplemented
    found = keys_given(by, table, options["sort"]) if level is None else levels_given(level, table)
    if found is None or _shows_times_in_no_bin(found, options):
        return NotImplemented
    if type(by) is not str and ((not options["as_index"] and _is_of_arrays(by)) or _is_bins_alone(found)):
        return NotImplemented  # pandas finds names for arrays
    return made_grouped(DataFrameGroupBy, _grouped(table, found, by, level, options), self, by, None)


def record_series_groupby(self: Any, by: Any = None, level: Any = None, *rest: Any, **given: Any) -> Any:
    """``series.groupby(by)``, or ``level=``."""
    options = None if (by is None) == (level is None) or rest else _options(given)
    column = None if options is None else column_of(self)
    if options is None or column is None or not options["as_index"]:
        return NotImplemented
    found = keys_given(by, column, options["sort"]) if level is None else levels_given(level, column)
    if found is None or _shows_times_in_no_bin(found, options) or _is_bins_alone(found):
        return NotImplemented
    return made_grouped(SeriesGroupBy, _grouped(column, found, by, level, options), self, by, None)


def _grouped(
    source: Table | Column, found: list[GivenKey], by: Any, level: Any, options: dict[str, Any]
) -> Grouped:
    given: tuple[Value, ...]
    inside: tuple[bool, ...]
    if len(found) == 1:  # as a rule
        ((key, value, named),) = found
        keys, given, inside = [key], (value,), (named,)
    else:
        keys = [key for key, _, _ in found]
        given, inside = tuple([value for _, value, _ in found]), tuple([named for _, _, named in found])
    grouping = group_rows(keys, options["sort"], options["dropna"])
    if not options["observed"]:
        grouping = grouping._replace(observed=False)
    is_list = isinstance(by if level is None else level, list)
    parts = tuple(by) if is_list and level is None else (by,)
    return Grouped(source, grouping, given, inside, is_list, level, options, parts)


def _shows_times_in_no_bin(found: list[GivenKey], options: dict[str, Any]) -> bool:
    """Whether pandas shows times that are in no bin."""
    return not options["dropna"] and any(key.labels is not None and key.may_be_missing for key, _, _ in found)


def _is_bins_alone(found: list[GivenKey]) -> bool:
    """Whether bins of times are the only key: `lazyframe.api.groupby_bins` groups by these."""
    return len(found) == 1 and found[0][0].labels is not None


def _is_of_arrays(by: Any) -> bool:
    parts = by if isinstance(by, list) else [by]
    return any(isinstance(part, (np.ndarray, pandas.Index, dict)) or callable(part) for part in parts)
