"""``corr`` and ``cov`` of grouped frames: a small matrix for each group, which pandas computes in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import column_as_grouped, columns_of, schema_of
from lazyframe.api.recording import aligned_value, lazy_series
from lazyframe.api.wrap import wrap
from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL, FLOAT64
from lazyframe.record.groupby_correlation import both_vary, correlation, covariance
from lazyframe.record.groupby_index import group_labels, window_labels
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.missing import holds_infinities
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped
from lazyframe.record.row_counts import has_rows
from lazyframe.record.row_labels import NumberedLabels, RowLabels
from lazyframe.record.table import Column
from passes.ir.values import Reduce, Value

MOST_COLUMNS = 8
"""More than so many columns make a loop of too many pairs."""


def record_corr(self: Any, method: Any = "pearson", min_periods: Any = 1, numeric_only: Any = False) -> Any:
    """``grouped.corr()``."""
    plain = method == "pearson" and min_periods in (None, 1) and type(numeric_only) is bool
    return _record(self, "corr", correlation, numeric_only) if plain else NotImplemented


def record_cov(self: Any, min_periods: Any = None, ddof: Any = 1, numeric_only: Any = False) -> Any:
    """``grouped.cov()``."""
    plain = min_periods in (None, 1) and ddof == 1 and type(numeric_only) is bool
    return _record(self, "cov", covariance, numeric_only) if plain else NotImplemented


def record_series_corr(self: Any, other: Any, method: Any = "pearson", min_periods: Any = None) -> Any:
    """``grouped.corr(other)`` of two series."""
    plain = method == "pearson" and min_periods in (None, 1)
    return _record_pair(self, "corr", other, correlation) if plain else NotImplemented


def record_series_cov(self: Any, other: Any, min_periods: Any = None, ddof: Any = 1) -> Any:
    """``grouped.cov(other)`` of two series."""
    plain = min_periods in (None, 1) and ddof == 1
    return _record_pair(self, "cov", other, covariance) if plain else NotImplemented


def _record_pair(self: Any, name: str, other: Any, of_pair: Callable[[Grouped, Value, Value], Value]) -> Any:
    """Of rows that no two of have one label: those of each group are aligned by them."""
    grouping, column = self._grouped.grouping, column_as_grouped(self)
    if not self.as_index or _shows_others(self) or column is None:
        return NotImplemented
    value = aligned_value(other, column) if isinstance(other, pandas.Series) else None
    if value is None or not are_distinct(column.labels):
        return NotImplemented
    if any(v.dtype.kind not in "iuf" or holds_infinities(v) for v in (column.value, value)):
        return NotImplemented
    one = pandas.Series([1.0], dtype=value.dtype)
    answer = schema_of(self, f"{name} with", lambda grouped: getattr(grouped, name)(one), [value.dtype])
    if answer is None or answer.columns is not None or answer.dtypes != (FLOAT64,):
        return NotImplemented
    by = Grouped(grouping.group)
    left, right = grouping.seen(column.value), grouping.seen(value)
    # of values that are all the same NumPy correlates what rounding leaves of them
    (certain,) = compute([Reduce("all", both_vary(by, left, right), BOOL)])
    if not has_rows(grouping.group.parent) or not certain:
        return NotImplemented
    found = of_pair(by, left, right)
    stamp(found, f"groupby {name}")
    return lazy_series(Column(found, group_labels(grouping), answer.name))


def _has_categories(grouping: Grouping) -> bool:
    return any(key.categories is not None for key in grouping.keys)


def _shows_others(self: Any) -> bool:
    """Whether pandas may show groups without rows, or has an order of its own for them."""
    grouping = self._grouped.grouping
    if any(key.labels is not None for key in grouping.keys):
        return True
    return _has_categories(grouping) and not (self.observed and self.sort and self.dropna)


def are_distinct(labels: RowLabels) -> bool:
    """Whether no two rows have one label, as is known of numbered rows."""
    return isinstance(labels, NumberedLabels) or isinstance(labels.known(), pandas.RangeIndex)


def _record(
    self: Any, name: str, of_pair: Callable[[Grouped, Value, Value], Value], numeric_only: bool
) -> Any:
    """Computed now: the rows of the result are pairs of a group and a column."""
    grouping = self._grouped.grouping
    if _shows_others(self):
        return NotImplemented
    columns = columns_of(self, numeric_only)
    if not columns or len(columns) > MOST_COLUMNS or any(c.dtype.kind not in "iuf" for c in columns):
        return NotImplemented
    answer = schema_of(
        self, name, lambda grouped: getattr(grouped, name)(numeric_only=numeric_only), [numeric_only]
    )
    if answer is None or answer.columns is None or not answer.columns.is_unique:
        return NotImplemented
    if any(holds_infinities(column) for column in columns):
        return NotImplemented  # pandas leaves them out, of covariances where a value of the group is missing
    by = Grouped(grouping.group)
    seen = [grouping.seen(column) for column in columns]
    pairs = [(i, j) for i in range(len(seen)) for j in range(i, len(seen))]
    labels = window_labels(grouping, self.observed) if _has_categories(grouping) else group_labels(grouping)
    computed = compute([*[of_pair(by, seen[i], seen[j]) for i, j in pairs], *labels.parts])
    groups = len(computed[0])
    if groups == 0:
        return NotImplemented
    cube = np.empty((groups, len(seen), len(seen)))
    for (i, j), found in zip(pairs, computed, strict=False):
        cube[:, i, j] = cube[:, j, i] = found
    if self.as_index and self.group_keys:
        index: pandas.Index = repeated(labels.build(computed[len(pairs) :]), answer.columns)
    else:
        index = answer.columns.take(np.tile(np.arange(len(seen)), groups))
    values = cube.reshape(groups * len(seen), len(seen))
    return wrap(pandas.DataFrame(values, index=index, columns=answer.columns, copy=False))


def repeated(groups: pandas.Index, columns: Any) -> pandas.MultiIndex:
    """A row for each pair of a group and a column."""
    levels: Any
    codes: Any
    if isinstance(groups, pandas.MultiIndex):
        levels, codes, names = list(groups.levels), list(groups.codes), list(groups.names)
    else:
        levels, codes, names = [groups], [np.arange(len(groups))], [groups.name]
    repeated: Any = [np.repeat(code, len(columns)) for code in codes]
    tiled: Any = np.tile(np.arange(len(columns)), len(groups))
    return pandas.MultiIndex(
        levels=[*levels, columns],
        codes=[*repeated, tiled],
        names=[*names, *columns.names],
        verify_integrity=False,
    )
