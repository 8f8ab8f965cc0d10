"""``quantile`` of grouped frames and series, of several at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import columns_of, schema_of
from lazyframe.api.groupby_correlation import repeated
from lazyframe.api.wrap import wrap
from lazyframe.record.computing import compute
from lazyframe.record.elementwise import FLOAT64
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.origin import stamp
from lazyframe.run.made_by_pandas import array_made
from lazyframe.run.values_of_groups import quantiles_of_groups
from passes.ir.values import GroupNumber


def record_quantiles(self: Any, quantiles: list[Any], interpolation: Any, numeric_only: Any) -> Any:
    """``grouped.quantile([0.1, 0.9])``, computed now: the rows are pairs of a group and a quantile."""
    if not quantiles or interpolation != "linear" or numeric_only is not False:
        return NotImplemented
    known = all(type(q) is float and 0.0 <= q <= 1.0 for q in quantiles)
    if not known or len(set(quantiles)) < len(quantiles):
        return NotImplemented
    grouping = self._grouped.grouping
    if not self.as_index or any(key.labels is not None for key in grouping.keys):
        return NotImplemented
    if not self.observed and any(key.categories is not None for key in grouping.keys):
        return NotImplemented
    columns = columns_of(self)
    if not columns or any(column.dtype.kind not in "iufmM" for column in columns):
        return NotImplemented
    answer = schema_of(self, "quantiles", lambda grouped: grouped.quantile(quantiles), [quantiles])
    shown = [column.dtype if column.dtype.kind in "mM" else FLOAT64 for column in columns]
    if answer is None or list(answer.dtypes) != shown:
        return NotImplemented
    labels = group_labels(grouping)
    number = GroupNumber(grouping.group)
    stamp(number, "groupby quantile")
    numbers, *computed = compute([number, *map(grouping.seen, columns), *labels.parts])
    found = labels.build(computed[len(columns) :])
    index = repeated(found, pandas.Index(quantiles))
    values = [
        _quantiles(column, numbers, len(found), np.array(quantiles)) for column in computed[: len(columns)]
    ]
    if answer.columns is None:
        return wrap(pandas.Series(values[0], index=index, name=answer.name, copy=False))
    frame = pandas.DataFrame(dict(enumerate(values)), index=index, copy=False)
    frame.columns = answer.columns
    return wrap(frame)


def _quantiles(column: np.ndarray, numbers: np.ndarray, groups: int, shares: np.ndarray) -> np.ndarray:
    """A group's quantiles side by side."""
    found = quantiles_of_groups(column, numbers, groups, shares)
    if found is not None:
        return found.ravel()
    # told the groups' numbers, pandas sorts each column once for all quantiles
    by: Any = pandas.Categorical.from_codes(numbers, categories=pandas.RangeIndex(groups))
    return array_made(pandas.Series(column, copy=False).groupby(by, observed=False).quantile(shares), column)
