"""``corr`` of grouped frames: a small matrix for each group, which pandas computes one after another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_aggregating import columns_of, schema_of
from lazyframe.api.wrap import wrap
from lazyframe.record.computing import compute
from lazyframe.record.groupby_correlation import correlation
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.reductions import Grouped

MOST_COLUMNS = 8
"""More than so many columns make a loop of too many pairs."""


def record_corr(self: Any, method: Any = "pearson", min_periods: Any = 1, numeric_only: Any = False) -> Any:
    """``grouped.corr()``, computed now: its rows are pairs of a group and a column."""
    plain = method == "pearson" and min_periods in (None, 1) and numeric_only is False
    grouping = self._grouped.grouping
    if not plain or not self.as_index or any(key.categories is not None for key in grouping.keys):
        return NotImplemented
    columns = columns_of(self)
    if not columns or len(columns) > MOST_COLUMNS or any(c.dtype.kind not in "iuf" for c in columns):
        return NotImplemented
    answer = schema_of(self, "corr", lambda grouped: grouped.corr(), [])
    if answer is None or answer.columns is None or not answer.columns.is_unique:
        return NotImplemented
    by = Grouped(grouping.group)
    seen = [grouping.seen(column) for column in columns]
    pairs = [(i, j) for i in range(len(seen)) for j in range(i, len(seen))]
    labels = group_labels(grouping)
    computed = compute([*[correlation(by, seen[i], seen[j]) for i, j in pairs], *labels.parts])
    groups = len(computed[0])
    if groups == 0:
        return NotImplemented
    cube = np.empty((groups, len(seen), len(seen)))
    for (i, j), found in zip(pairs, computed, strict=False):
        cube[:, i, j] = cube[:, j, i] = found
    index = _repeated(labels.build(computed[len(pairs) :]), answer.columns)
    values = cube.reshape(groups * len(seen), len(seen))
    return wrap(pandas.DataFrame(values, index=index, columns=answer.columns, copy=False))


def _repeated(groups: pandas.Index, columns: Any) -> pandas.MultiIndex:
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
