"""``resample`` of each group: groups by the keys and bins of times, between those of the group's own times.

pandas calls ``resample`` for one group after another.  Where the bins of all groups are some of one row of
bins, they are a key beside the others; bins without rows are put in when the groups are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby import DataFrameGroupBy, Grouped, SeriesGroupBy, made_grouped, pick_columns
from lazyframe.api.groupby_aggregating import record_agg
from lazyframe.api.groupby_asking import columns_of, is_frame
from lazyframe.api.groupby_bins import OPTIONS, Bins, Waiting, recording, recording_named, state_of, waiting
from lazyframe.api.groupby_given import binned_given, times_given
from lazyframe.api.pickles import pickle_as
from lazyframe.api.recording import lazy_frame, lazy_series
from lazyframe.api.wrap import unwrap, wrap
from lazyframe.pandas_internals import ResamplerOfGroups as _ResamplerBase
from lazyframe.record.elementwise import FLOAT64, INT64
from lazyframe.record.groupby_keys import group_rows
from lazyframe.record.string_rows import call_quietly
from lazyframe.record.table import Table
from lazyframe.record.zoned_times import zone_dtype_of
from passes.ir.values import Value

_OF_NOTHING = {"sum": 0, "count": 0, "size": 0, "nunique": 0, "prod": 1}
"""What a bin without rows gives."""
_MISSING = frozenset({"mean", "min", "max", "first", "last", "std", "var", "sem", "median"})
_AGGREGATIONS = (*_OF_NOTHING, *sorted(_MISSING))

_DAY = pandas.Timedelta(days=1)
_AT_ENDS_OF_DAYS = ("ME", "BME", "QE", "BQE", "YE", "BYE", "W")
"""Frequencies of bins that pandas closes at the end of the day where it closes them on the right."""
_OF_DAYS = (*_AT_ENDS_OF_DAYS, "D", "B", "MS", "BMS", "QS", "BQS", "YS", "BYS", "SME", "SMS")


class _BinsOfGroups(Bins):
    """The rows of each group in bins.

    Parameters
    ----------
    by : Grouped
        The groups.
    selection : hashable or list, optional
        The columns that were picked.
    grouper : pandas.Grouper
        With a frequency.
    """

    def __init__(self, by: Grouped, selection: Any, grouper: Any) -> None:
        super().__init__(grouper)
        self._by = by
        self._selection = selection

    def _group(self) -> Any:
        of_groups, source = self._by, self._by.source
        given = binned_given(self._grouper, source)
        if given is None or given[0].may_be_missing:
            return None
        bins, times, inside = given
        grouping = group_rows([*of_groups.grouping.keys, bins], sort=True, dropna=True)
        values, in_frame = (*of_groups.given, times), (*of_groups.in_frame, inside)
        parts = (*of_groups.parts, self._grouper)
        by = Grouped(source, grouping, values, in_frame, True, None, OPTIONS, parts, times)
        if not isinstance(source, Table):
            return made_grouped(SeriesGroupBy, by, lazy_series(source), list(parts), None)
        made = made_grouped(DataFrameGroupBy, by, lazy_frame(source), list(parts), None)
        return made if self._selection is None else pick_columns(made, self._selection)

    def columns(self) -> Any:
        source = self._by.source
        return source.current_columns() if isinstance(source, Table) and self._selection is None else None


class ResamplerOfGroups(Waiting, _ResamplerBase):  # type: ignore[misc]
    __doc__ = _ResamplerBase.__doc__
    __module__ = _ResamplerBase.__module__

    def _kind_of(self, picked: Any) -> type:
        return ResamplerOfGroups


ResamplerOfGroups.__name__ = ResamplerOfGroups.__qualname__ = _ResamplerBase.__name__
pickle_as(ResamplerOfGroups, _ResamplerBase, state_of)


def record_resample(self: Any, rule: Any, include_groups: Any = False, **given: Any) -> Any:
    """``grouped.resample(rule)``."""
    by: Grouped = self._grouped
    if include_groups is not False or by.level is not None or by.options != OPTIONS:
        return NotImplemented
    if any(key.is_listed for key in by.grouping.keys) or not given.keys() <= {"closed", "label", "on"}:
        return NotImplemented
    key = given.get("on")
    if (by.is_list and len(by.parts) < 2) or (key is not None and not is_frame(self)):
        return NotImplemented
    bounds = {name: side for name, side in given.items() if name != "on"}
    grouper = call_quietly(lambda: pandas.Grouper(freq=rule, key=key, **bounds))
    named = times_given(grouper, by.source) if getattr(grouper, "freq", None) is not None else None
    if named is None or zone_dtype_of(named[0]) is not None or not _are_of_one_row(grouper):
        return NotImplemented  # where a zone's clocks skip the midnight at the end of a group, pandas raises
    plain: Any = type(self).__mro__[1]
    bins = _BinsOfGroups(by, self._selection, grouper)
    return waiting(ResamplerOfGroups, bins, lambda: plain.resample(self, rule, **given))


def _are_of_one_row(grouper: Any) -> bool:
    """Whether the bins of some times are among those of any longer stretch of times."""
    freq = grouper.freq
    if grouper.origin != "start_day" or grouper.offset is not None:
        return False
    if isinstance(freq, pandas.offsets.Tick):
        return _DAY % pandas.Timedelta(freq) == pandas.Timedelta(0)
    name = freq.rule_code.split("-")[0]
    if freq.n != 1 or getattr(freq, "normalize", False) or name not in _OF_DAYS:
        return False
    return grouper.closed == "left" or name in _AT_ENDS_OF_DAYS


def _is_found_by_label(grouped: Any) -> bool:
    """Whether pandas looks the times of a column's rows up by the rows' labels, taken for positions."""
    by: Grouped = grouped._grouped
    if by.parts[-1].key is None:
        return False
    known = by.source.labels.known()
    return not (isinstance(known, pandas.RangeIndex) and known.start == 0 and known.step == 1)


def _record_named(name: str, theirs: Any) -> Any:
    record = recording_named(name, theirs)

    def aggregate(grouped: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or (name == "size" and is_frame(grouped)):
            return NotImplemented  # of groups with the same bins pandas makes a frame of sizes
        if not is_frame(grouped) and _is_found_by_label(grouped):
            return NotImplemented
        columns = columns_of(grouped)
        if columns is None or not all(_is_plain(name, column) for column in columns):
            return NotImplemented
        return _filled(record(grouped), [name] * len(columns))

    return aggregate


def _record_agg(grouped: Any, func: Any = None, **kwargs: Any) -> Any:
    """``agg`` for a name, names for a series, and a dict of a name for each column."""
    if kwargs or _is_found_by_label(grouped):
        return NotImplemented
    if isinstance(func, str):
        return _RECORDERS[func](grouped) if func in _RECORDERS else NotImplemented
    is_whole = is_frame(grouped) and grouped._selection is None
    names = list(func.values()) if type(func) is dict and is_whole else func
    if type(names) is not list or (is_frame(grouped) and names is func) or not names:
        return NotImplemented
    columns = columns_of(grouped)
    if columns is None or not all(type(name) is str and name in _AGGREGATIONS for name in names):
        return NotImplemented
    if not all(_is_plain(name, column) for column in columns for name in names):
        return NotImplemented
    return _filled(record_agg(grouped, func), names)


def _is_plain(name: str, column: Value) -> bool:
    """Whether the dtype of an aggregation is that of the column, or floats where a bin has no rows."""
    if name in ("count", "size", "nunique"):
        return True
    return column.dtype in (FLOAT64, INT64)


def _filled(recorded: Any, names: Sequence[str]) -> Any:
    """A result of groups and bins, with all bins between the first and the last of each group put in."""
    if recorded is NotImplemented:
        return recorded
    result = unwrap(recorded)
    index = result.index
    if not len(index):
        return NotImplemented
    *groups, bins = [np.asarray(codes) for codes in index.codes]
    changes = np.zeros(len(bins), np.bool_)
    changes[0] = True
    for of_rows in groups:
        changes[1:] |= of_rows[1:] != of_rows[:-1]
    starts = np.flatnonzero(changes)
    ends = np.append(starts[1:], len(bins)) - 1
    lengths = bins[ends] - bins[starts] + 1
    offsets = np.cumsum(lengths) - lengths
    group = np.repeat(np.arange(len(starts)), lengths)
    every = np.arange(len(group)) - offsets[group] + bins[starts][group]
    places = np.full(len(group), -1)
    own = np.cumsum(changes) - 1
    places[offsets[own] + bins - bins[starts][own]] = np.arange(len(bins))
    shown, numbers = np.unique(every, return_inverse=True)
    labels = index.levels[-1]
    are_alike = len(shown) == lengths[0] and (lengths == lengths[0]).all()
    # of equal indexes pandas keeps one, which knows that it is evenly spaced
    level = labels[shown[0] : shown[-1] + 1] if are_alike else labels._values[shown]
    levels: list[Any] = [*index.levels[:-1], level]
    codes: list[Any] = [*[of_rows[starts][group] for of_rows in groups], numbers]
    made = pandas.MultiIndex(levels, codes, names=index.names, verify_integrity=False)
    if isinstance(result, pandas.Series):
        return wrap(pandas.Series(_spread(result.array, places, names[0]), index=made, name=result.name))
    columns = [_spread(result.iloc[:, k].array, places, name) for k, name in enumerate(names)]
    frame = pandas.DataFrame(dict(enumerate(columns)), index=made)
    frame.columns = result.columns
    return wrap(frame)


def _spread(values: Any, places: np.ndarray, name: str) -> Any:
    """Values at their places, and what no rows give at the others, which are -1."""
    array = np.asarray(values)
    empty = places < 0
    if not empty.any():
        return array[places]
    nothing: Any = _OF_NOTHING.get(name)
    if nothing is None:
        nothing, array = np.nan, array.astype(np.float64)
    found = array[places]
    found[empty] = nothing
    return found


_RECORDERS = {name: _record_named(name, getattr(_ResamplerBase, name)) for name in _AGGREGATIONS}
for _name, _recorder in _RECORDERS.items():
    setattr(ResamplerOfGroups, _name, recording(getattr(_ResamplerBase, _name), _recorder))
ResamplerOfGroups.agg = ResamplerOfGroups.aggregate = recording(_ResamplerBase.agg, _record_agg)
