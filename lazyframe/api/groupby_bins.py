"""``resample``, and ``groupby`` of a ``pandas.Grouper`` with a frequency: bins of times, all of them shown.

Whoever is given such an object holds one of pandas' own class, which sorts times into bins when something is
asked of it that is not recorded.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import pandas
from pandas.api.typing import DataFrameGroupBy as _PandasDataFrameGroupBy
from pandas.api.typing import SeriesGroupBy as _PandasSeriesGroupBy

from lazyframe.api.groupby import DataFrameGroupBy, Grouped, SeriesGroupBy, made_grouped, pick_columns
from lazyframe.api.groupby_aggregating import record_agg, record_named
from lazyframe.api.groupby_asking import columns_of, is_frame, positions_of_all, table_as_grouped
from lazyframe.api.groupby_given import binned_given, times_given
from lazyframe.api.likeness import like
from lazyframe.api.pickles import pickle_as
from lazyframe.api.recording import column_of, fitting, lazy_frame, lazy_series, table_of
from lazyframe.pandas_internals import Resampler as _ResamplerBase
from lazyframe.pandas_internals import blame_caller
from lazyframe.record.elementwise import FLOAT64
from lazyframe.record.groupby import AGGREGATIONS
from lazyframe.record.groupby_keys import group_rows
from lazyframe.record.row_labels import length_of
from lazyframe.record.string_rows import call_quietly
from lazyframe.record.table import Column, Table
from lazyframe.record.time_bins import ascends
from lazyframe.record.time_limits import MOST
from lazyframe.record.zoned_times import points_of
from lazyframe.run.bindings import bound_to
from lazyframe.run.late import LateColumn
from lazyframe.settings import current
from passes.ir.values import Read, Value
from passes.ir.walk import topological

_FrameBase: Any = _PandasDataFrameGroupBy
_SeriesBase: Any = _PandasSeriesGroupBy

OPTIONS = {"as_index": True, "sort": True, "group_keys": True, "observed": True, "dropna": True}
"""Of a group-by that was asked for nothing else."""

_OWN = frozenset({
    "as_index", "ax", "axis", "binner", "closed", "convention", "dropna", "exclusions", "freq", "group_keys",
    "keys", "label", "level", "obj", "observed", "offset", "origin", "sort",
})  # fmt: skip
"""Attributes of pandas' objects, which are no columns."""


_OFTEN = 5
"""So many times as many rows as are worth recording, pandas puts into bins sooner, if their times ascend."""


def _is_soonest_done_by_pandas(source: Table | Column, times: Value) -> bool:
    """Whether nothing has to be computed or sorted first, and pandas takes less time than planning."""
    if (length_of(source.rows) or MOST) >= _OFTEN * current().min_rows:
        return False
    labels = source.labels
    needed = [times, *(labels.parts if labels.known() is None else ())]
    if isinstance(source, Table):
        needed += [source.value(place) for place in range(len(source))]
    else:  # of a series that is computed pandas has a tenth of the work that is left
        needed += [leaf for leaf in topological([source.value]) if isinstance(leaf, Read)]
    return all(map(_is_in_memory, needed)) and ascends(points_of(times))


def _is_in_memory(value: Value) -> bool:
    return type(value) is Read and not isinstance(bound_to(value.token), LateColumn)


class Bins:
    """What is sorted into bins of a ``pandas.Grouper``; sorted when that is first needed."""

    def __init__(self, grouper: Any) -> None:
        self._grouper = grouper
        self._found: Any = NotImplemented

    def grouped(self) -> Any:
        """The frame or series grouped by the bins; None where pandas has to sort."""
        if self._found is NotImplemented:
            self._found = self._group()
        return self._found

    def _group(self) -> Any:
        raise NotImplementedError

    def columns(self) -> Any:
        """The labels of the frame's columns; None of a series."""
        raise NotImplementedError


class _BinsOfRows(Bins):
    """Rows in bins.

    Parameters
    ----------
    source : Table or Column
        As it was.
    grouper : pandas.Grouper
        With a frequency.
    """

    def __init__(self, source: Table | Column, grouper: Any) -> None:
        super().__init__(grouper)
        self._source = source

    def _group(self) -> Any:
        source = self._source
        given = binned_given(self._grouper, source)
        if given is None:
            return None
        key, times, inside = given
        grouping = group_rows([key], sort=True, dropna=True)
        by = Grouped(source, grouping, (times,), (inside,), False, None, OPTIONS, (self._grouper,), times)
        if isinstance(source, Table):
            return made_grouped(DataFrameGroupBy, by, lazy_frame(source), self._grouper, None)
        return made_grouped(SeriesGroupBy, by, lazy_series(source), self._grouper, None)

    def columns(self) -> Any:
        return self._source.current_columns() if isinstance(self._source, Table) else None


class Waiting:
    """Mixin: pandas' own state is made when somebody asks for it."""

    def __getattr__(self, name: str) -> Any:
        state = self.__dict__
        if name.startswith("__") or "_make_plain" not in state:
            return super().__getattr__(name)  # type: ignore[misc]  # pandas' class has it
        if not name.startswith("_") and name not in _OWN and state["_selection"] is None:
            columns = state["_bins"].columns()
            if columns is not None and columns.position(name) is not None:
                return self[name]
        state.update(state.pop("_make_plain")().__dict__)
        return getattr(self, name)

    @blame_caller
    def __getitem__(self, key: Any) -> Any:
        state = self.__dict__
        make = state.get("_make_plain")
        grouped = _grouped_in(self) if make is not None else None
        picked = NotImplemented if grouped is None or not is_frame(grouped) else pick_columns(grouped, key)
        if picked is NotImplemented or make is None:
            return super().__getitem__(key)  # type: ignore[misc]  # pandas' class has it
        return waiting(self._kind_of(picked), state["_bins"], lambda: make()[key], picked)

    def _kind_of(self, picked: Any) -> type:
        """The class of what columns are picked of."""
        return BinnedFrameGroupBy if is_frame(picked) else BinnedSeriesGroupBy


def waiting(kind: type, bins: Bins, make_plain: Callable[[], Any], grouped: Any = None) -> Any:
    made: Any = object.__new__(kind)
    made.__dict__.update(_bins=bins, _make_plain=make_plain, _by_bins=grouped, _selection=None)
    return made


def state_of(waiting: Any) -> dict[str, Any]:
    """The state that pandas' own object has."""
    waiting.obj  # noqa: B018  # has it made
    return {name: held for name, held in vars(waiting).items() if name not in ("_bins", "_by_bins")}


def _grouped_in(self: Any) -> Any:
    """The frame or series grouped by the bins; None where pandas has to sort."""
    state = self.__dict__
    if "_bins" not in state:  # pandas made it
        return None
    found = state["_by_bins"]
    if found is None:
        found = state["_by_bins"] = state["_bins"].grouped()
    return found


class Resampler(Waiting, _ResamplerBase):  # type: ignore[misc]
    __doc__ = _ResamplerBase.__doc__
    __module__ = _ResamplerBase.__module__


class BinnedFrameGroupBy(Waiting, _FrameBase):  # type: ignore[misc]
    __doc__ = _FrameBase.__doc__
    __module__ = _FrameBase.__module__


class BinnedSeriesGroupBy(Waiting, _SeriesBase):  # type: ignore[misc]
    __doc__ = _SeriesBase.__doc__
    __module__ = _SeriesBase.__module__


for _kind, _base in (
    (Resampler, _ResamplerBase),
    (BinnedFrameGroupBy, _FrameBase),
    (BinnedSeriesGroupBy, _SeriesBase),
):
    _kind.__name__ = _kind.__qualname__ = _base.__name__
    pickle_as(_kind, _base, state_of)


def recording(theirs: Any, recorder: Callable[..., Any]) -> Any:
    fits = fitting(recorder)

    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        grouped = _grouped_in(self) if fits(args, kwargs) else None
        recorded = NotImplemented if grouped is None else recorder(grouped, *args, **kwargs)
        return theirs(self, *args, **kwargs) if recorded is NotImplemented else recorded

    return like(method, theirs)


def recording_named(name: str, theirs: Any) -> Callable[..., Any]:
    signature = functools.cache(lambda: inspect.signature(theirs))

    def record(grouped: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            arguments = signature().bind(grouped, *args, **kwargs).arguments
        except TypeError:
            return NotImplemented
        return record_named(grouped, name, {k: v for k, v in arguments.items() if k != "self"})

    return record


def _record_agg(grouped: Any, func: Any = None, **kwargs: Any) -> Any:
    """``agg`` for names, lists and dicts of these, and named results."""
    if not isinstance(func, str):
        return record_agg(grouped, func, **kwargs)
    if func == "ohlc" and not kwargs:
        return _record_ohlc(grouped)
    return record_named(grouped, func, kwargs) if func in AGGREGATIONS else NotImplemented


_OHLC = {"open": "first", "high": "max", "low": "min", "close": "last"}


def _record_ohlc(grouped: Any) -> Any:
    """The first, greatest, least and last float of a series, or of each column of a frame."""
    columns = columns_of(grouped)
    if not columns or any(column.dtype != FLOAT64 for column in columns):
        return NotImplemented
    if not is_frame(grouped):
        return record_agg(grouped, **_OHLC)
    table = table_as_grouped(grouped)
    positions = None if table is None else positions_of_all(grouped, table)
    if table is None or positions is None:
        return NotImplemented
    labels = table.current_columns().index()[positions]
    if isinstance(labels, pandas.MultiIndex) or not labels.is_unique:
        return NotImplemented
    made = record_agg(grouped, {label: list(_OHLC.values()) for label in labels})
    if made is not NotImplemented:
        made.columns = pandas.MultiIndex.from_product([labels, list(_OHLC)], names=[labels.name, None])
    return made


for _kind, _base in (
    (Resampler, _ResamplerBase),
    (BinnedFrameGroupBy, _FrameBase),
    (BinnedSeriesGroupBy, _SeriesBase),
):
    for _name in AGGREGATIONS:
        _theirs = getattr(_base, _name, None)
        if _theirs is not None:
            setattr(_kind, _name, recording(_theirs, recording_named(_name, _theirs)))
    _kind.agg = _kind.aggregate = recording(_base.agg, _record_agg)
    _kind.ohlc = recording(_base.ohlc, _record_ohlc)


def record_groupby_of_bins(self: Any, by: Any, **given: Any) -> Any:
    """``frame.groupby(pandas.Grouper(freq=...))``, and of a series."""
    if any(name not in OPTIONS or option is not OPTIONS[name] for name, option in given.items()):
        return NotImplemented
    source = _source(self)
    named = None if source is None else times_given(by, source)
    if source is None or named is None or _is_soonest_done_by_pandas(source, named[0]):
        return NotImplemented
    kind, theirs = _kind_of(source)
    return waiting(kind, _BinsOfRows(source, by), lambda: theirs.groupby(_handed_out(source), by, **given))


def record_resample(self: Any, rule: Any, *args: Any, on: Any = None, level: Any = None, **given: Any) -> Any:
    """``frame.resample(rule)``, and of a series."""
    source = None if args or type(given.get("group_keys", False)) is not bool else _source(self)
    if source is None:
        return NotImplemented
    grouper = call_quietly(lambda: pandas.Grouper(freq=rule, key=on, level=level, **given))
    named = None if getattr(grouper, "freq", None) is None else times_given(grouper, source)
    if named is None or _is_soonest_done_by_pandas(source, named[0]):
        return NotImplemented
    _, theirs = _kind_of(source)
    return waiting(
        Resampler,
        _BinsOfRows(source, grouper),
        lambda: theirs.resample(_handed_out(source), rule, on=on, level=level, **given),
    )


def _source(self: Any) -> Table | Column | None:
    if isinstance(self, pandas.DataFrame):
        table = table_of(self)
        return None if table is None else table.derived()
    return column_of(self)


def _kind_of(source: Table | Column) -> tuple[type, Any]:
    if isinstance(source, Table):
        return BinnedFrameGroupBy, pandas.DataFrame
    return BinnedSeriesGroupBy, pandas.Series


def _handed_out(source: Table | Column) -> Any:
    """The user's frame or series of a source."""
    return lazy_frame(source.derived()) if isinstance(source, Table) else lazy_series(source)
