"""``value_counts`` of grouped frames and series: how often each value is in each group."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import columns_of, is_frame, schema_of
from lazyframe.api.wrap import wrap
from lazyframe.record.computing import compute_own
from lazyframe.record.groupby_index import GroupLabels, as_pandas, group_labels, small_frame
from lazyframe.record.groupby_keys import Grouping, KeyColumn, group_rows, key_column
from lazyframe.record.groupby_schema import Answer
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped, count_rows
from lazyframe.run.few_groups import has_few_groups
from passes.ir.rows import Group


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
    if any(key.is_listed for key in (*grouping.keys, *values)):
        # pandas mixes up what is missing and categories that are not there
        counts = _counts_of_all(self, values) if dropna and self.dropna else None
    else:
        counts = _counts(self, values, dropna)
    return NotImplemented if counts is None else _result(self, counts, answer, normalize, (sort, ascending))


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


def _counted(counted: Grouping) -> tuple[np.ndarray, list[Any], GroupLabels]:
    """How many rows each group has, and the parts of the groups' labels."""
    count, labels = count_rows(Grouped(counted.group)), group_labels(counted)
    stamp(count, "groupby value_counts")
    counts, *parts = compute_own([count, *labels.parts])
    return counts, parts, labels


def _counts(self: Any, values: list[KeyColumn], dropna: bool) -> pandas.Series | None:
    """How often there is each combination of keys and values, one group behind the other if they are sorted.

    None where either are dropped if they are missing, and not the others.
    """
    grouping: Grouping = self._grouped.grouping
    drops = _drops_missing(grouping.keys, grouping.dropna), _drops_missing(values, dropna)
    known = {one for one in drops if one is not None}
    if len(known) > 1:
        return None
    found, parts, labels = _counted(
        group_rows([*grouping.keys, *values], False, known.pop() if known else True)
    )
    counts = pandas.Series(found, index=labels.build(parts), copy=False)
    if not self.sort:
        return counts
    keys = len(grouping.keys)
    counts.index = _with_sorted_levels(counts.index, keys)
    return counts.take(_of_keys(counts.index, keys).argsort())


def _counts_of_all(self: Any, values: list[KeyColumn]) -> pandas.Series | None:
    """The same, with categories that are not there: pandas is asked, given each combination once.

    None where there is no row, or so many combinations that pandas may as well be given all rows.
    """
    keys = self._grouped.grouping.keys
    codes = tuple([key.value for key in (*keys, *values)])
    if not has_few_groups(Group(self._grouped.grouping.rows, codes, sort=False)):
        return None
    counted = group_rows([*keys, *values], sort=False, dropna=False)
    found, parts, _ = _counted(counted)
    if not len(found):
        return None
    small = small_frame(counted, parts[: len(counted.keys)])
    names = list(small.columns)
    by = small.groupby(names[: len(keys)], sort=self.sort, observed=self.observed)
    chosen: Any = names[len(keys) :] if is_frame(self) else names[-1]
    index: Any = by[chosen].value_counts(sort=False).index
    index.names = counted.names
    mine, theirs = np.zeros(len(found), np.int64), np.zeros(len(index), np.int64)
    for key, array, level, codes in zip(counted.keys, parts, index.levels, index.codes, strict=False):
        places, distinct = pandas.factorize(array, use_na_sentinel=False)
        in_level = level.get_indexer(pandas.Index(as_pandas(key, distinct)))
        mine = mine * (len(level) + 1) + in_level[places] + 1
        theirs = theirs * (len(level) + 1) + codes + 1
    places = pandas.Index(mine).get_indexer(pandas.Index(theirs))
    return pandas.Series(np.where(places >= 0, found[places], 0), index=index)


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
