"""``value_counts`` of grouped frames and series: how often each value is in each group."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import columns_of, is_frame, schema_of
from lazyframe.api.wrap import wrap
from lazyframe.record.computing import compute_own
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_keys import Grouping, group_rows, key_column
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
    found = _counted(self, dropna) if all(type(flag) is bool for flag in flags) else None
    if found is None:
        return NotImplemented
    given = {"normalize": normalize, "sort": sort, "ascending": ascending, "dropna": dropna}
    answer = schema_of(self, "value_counts", lambda grouped: grouped.value_counts(**given), given)
    if answer is None:
        return NotImplemented
    return _result(self, found, answer, normalize, (sort, ascending))


def _counted(self: Any, dropna: bool) -> Grouping | None:
    """The grouping by the keys and the values; None where pandas has to count."""
    columns, names = columns_of(self), _names(self)
    grouping: Grouping = self._grouped.grouping
    if not columns or names is None or len(columns) != len(names):
        return None
    if any(name == key.name for name in names for key in grouping.keys):
        return None
    values = [key_column(column, name) for column, name in zip(columns, names, strict=True)]
    keys = [*grouping.keys, *values]
    if None in values or any(key.is_listed for key in keys):  # type: ignore[union-attr]
        return None
    drops = _drops_missing(grouping.keys, grouping.dropna), _drops_missing(values, dropna)
    known = [one for one in drops if one is not None]
    if len(set(known)) > 1:
        return None
    return group_rows(keys, sort=False, dropna=known[0] if known else True)  # type: ignore[arg-type]


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


def _result(self: Any, counted: Grouping, answer: Answer, normalize: bool, order: tuple[bool, bool]) -> Any:
    """Counted now, as pandas sorts what is equal by a sort of its own that is not stable."""
    keys = len(self._grouped.grouping.keys)
    count, labels = count_rows(Grouped(counted.group)), group_labels(counted)
    stamp(count, "groupby value_counts")
    computed = compute_own([count, *labels.parts])
    counts = pandas.Series(computed[0], index=labels.build(computed[1:]), copy=False)
    by_count, ascending = order
    if self.sort:
        counts.index = _with_sorted_levels(counts.index, keys)
        counts = counts.take(_of_keys(counts.index, keys).argsort())
    if by_count:
        counts = counts.sort_values(ascending=ascending, kind="stable")
    if self.sort:
        names, counts.index.names = counts.index.names, list(range(counts.index.nlevels))
        counts = counts.sort_index(level=list(range(keys)), sort_remaining=False)
        counts.index.names = names
    if normalize:
        by = counts.groupby(_of_keys(counts.index, keys), sort=self.sort, dropna=self.dropna)
        counts = counts / by.transform("sum")
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
