"""``value_counts`` of grouped frames and series: how often each value is in each group."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import columns_of, is_frame, schema_of
from lazyframe.api.groupby_combinations import count_combinations, value_counts_of
from lazyframe.api.wrap import wrap
from lazyframe.record.computing import compute_own
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_keys import Grouping, KeyColumn, group_rows, key_column
from lazyframe.record.groupby_schema import Answer
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped, count_rows


def record_series_value_counts(
    self: Any,
    normalize: Any = False,
    sort: Any = True,
    ascending: Any = False,
    bins: Any = None,
    dropna: Any = True,
) -> Any:
    """``series.groupby(by).value_counts()``."""
    return _record(self, normalize, sort, ascending, dropna) if bins is None else NotImplemented


def record_frame_value_counts(
    self: Any,
    subset: Any = None,
    normalize: Any = False,
    sort: Any = True,
    ascending: Any = False,
    dropna: Any = True,
) -> Any:
    """``frame.groupby(by).value_counts()``: how often each combination of the other columns."""
    return _record(self, normalize, sort, ascending, dropna) if subset is None else NotImplemented


def _record(self: Any, normalize: Any, sort: Any, ascending: Any, dropna: Any) -> Any:
    flags = (normalize, sort, ascending, dropna)
    values = _values(self) if all(type(flag) is bool for flag in flags) else None
    if values is None:
        return NotImplemented
    given = {"normalize": normalize, "sort": sort, "ascending": ascending, "dropna": dropna}
    answer = schema_of(self, "value_counts", lambda grouped: grouped.value_counts(**given), given)
    if answer is None:
        return NotImplemented
    grouping: Grouping = self._grouped.grouping
    if any(key.is_listed for key in (*grouping.keys, *values)) or _differ(grouping, values, dropna):
        return _by_pandas(self, values, answer, given)
    counts = _counts(self, values, dropna)
    return _result(self, counts, answer, normalize, (sort, ascending))


def _values(self: Any) -> list[KeyColumn] | None:
    """What is counted; None where pandas has to count."""
    columns, names = columns_of(self), _names(self)
    grouping: Grouping = self._grouped.grouping
    if not columns or names is None or len(columns) != len(names):
        return None
    if any(name == key.name for name in names for key in grouping.keys):
        return None
    if any(key.labels is not None for key in grouping.keys):
        return None
    values = [key_column(column, name) for column, name in zip(columns, names, strict=True)]
    return None if None in values else values  # type: ignore[return-value]


def _counts(self: Any, values: list[KeyColumn], dropna: bool) -> pandas.Series:
    """How often there is each combination of keys and values; sorted groups one behind the other."""
    grouping: Grouping = self._grouped.grouping
    known = {_drops_missing(grouping.keys, grouping.dropna), _drops_missing(values, dropna)} - {None}
    counted = group_rows([*grouping.keys, *values], False, dropna=known != {False})
    count, labels = count_rows(Grouped(counted.group)), group_labels(counted)
    stamp(count, "groupby value_counts")
    found, *parts = compute_own([count, *labels.parts])
    counts = pandas.Series(found, index=labels.build(parts), copy=False)
    if not self.sort:
        return counts
    keys = len(grouping.keys)
    counts.index = _with_sorted_levels(counts.index, keys)
    return counts.take(_of_keys(counts.index, keys).argsort())


def _by_pandas(self: Any, values: list[KeyColumn], answer: Answer, given: dict[str, Any]) -> Any:
    """The same of categories, which may not be there, and where either are dropped if they are missing."""
    keys = self._grouped.grouping.keys
    counted = count_combinations([*keys, *values], "groupby value_counts")
    if counted is None:
        return NotImplemented
    options = self._grouped.options
    by = {name: options[name] for name in ("sort", "observed", "dropna", "as_index")}
    found = value_counts_of(counted, len(keys), by, given)
    if answer.columns is None:
        found.index.names = [key.name for key in (*keys, *values)]
        found.name = answer.name
    else:
        found.columns = answer.columns
    return wrap(found)


def _differ(grouping: Grouping, values: list[KeyColumn], dropna: bool) -> bool:
    """Whether either keys or values are dropped if they are missing, and not the others."""
    dropped = _drops_missing(grouping.keys, grouping.dropna), _drops_missing(values, dropna)
    return None not in dropped and dropped[0] != dropped[1]


def _drops_missing(keys: Any, dropna: bool) -> bool | None:
    """``dropna``, or None where it makes no difference."""
    return dropna if any(key.may_be_missing for key in keys) else None


def _names(self: Any) -> list[Hashable] | None:
    if not is_frame(self):
        return [self.obj.name]
    labels = self.obj.columns
    if not labels.is_unique or labels.nlevels > 1:
        return None
    if self._selection is not None:
        return list(self._selection)
    grouped = self._grouped
    taken = {k.name for k, inside in zip(grouped.grouping.keys, grouped.in_frame, strict=True) if inside}
    return [label for label in labels if label not in taken]


def _result(
    self: Any, counts: pandas.Series, answer: Answer, normalize: bool, order: tuple[bool, bool]
) -> Any:
    """Counted now, as pandas sorts what is equal by a sort of its own that is not stable."""
    keys = len(self._grouped.grouping.keys)
    by_count, ascending = order
    if by_count:
        counts = counts.sort_values(ascending=ascending, kind="stable")
    if self.sort:
        names, counts.index.names = counts.index.names, list(range(counts.index.nlevels))
        counts = counts.sort_index(level=list(range(keys)), sort_remaining=False)
        counts.index.names = names
    if normalize:
        of_keys = _of_keys(counts.index, keys)
        by = counts.groupby(of_keys, sort=self.sort, dropna=self.dropna, observed=False)
        counts = (counts / by.transform("sum")).fillna(0.0)
    if answer.columns is None:
        counts.name = answer.name
        return wrap(counts)
    counts.index.names = list(range(counts.index.nlevels))
    frame = counts.rename("counted").reset_index()
    frame.columns = answer.columns
    return wrap(frame)


def _of_keys(index: Any, keys: int) -> Any:
    """The labels by which was grouped, without the values that were counted."""
    return index.droplevel(list(range(keys, index.nlevels)))


def _with_sorted_levels(index: Any, keys: int) -> Any:
    """The same labels, the first levels being in ascending order, missing last."""
    levels, codes = list(index.levels), list(index.codes)
    for k in range(keys):
        order = levels[k].argsort()
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        levels[k], codes[k] = levels[k].take(order), place[codes[k]]
    return pandas.MultiIndex(levels=levels, codes=codes, names=index.names, verify_integrity=False)
