"""``quantile`` of grouped frames and series, of several at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import can_be_laid_out, columns_of, schema_of
from lazyframe.api.groupby_correlation import repeated
from lazyframe.api.groupby_pieces import labelled
from lazyframe.record.computing import compute
from lazyframe.record.elementwise import FLOAT64
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_pieces import grouped_numbers
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
    if any(key.labels is not None for key in grouping.keys) or not can_be_laid_out(self):
        return NotImplemented
    columns = columns_of(self)
    if not columns or any(column.dtype.kind not in "iufmM" for column in columns):
        return NotImplemented
    answer = schema_of(self, "quantiles", lambda grouped: grouped.quantile(quantiles), [quantiles])
    shown = [column.dtype if column.dtype.kind in "mM" else FLOAT64 for column in columns]
    if answer is None or list(answer.dtypes[-len(shown) :]) != shown:
        return NotImplemented
    keys = 0 if self.as_index else len(grouping.keys) + 1
    if len(answer.dtypes) != keys + len(columns):
        return NotImplemented  # a key shows itself once
    labels = group_labels(grouping)
    number = GroupNumber(grouping.group)
    stamp(number, "groupby quantile")
    numbers, *computed = compute([number, *map(grouping.seen, columns), *labels.parts])
    parts, groups = computed[len(columns) :], len(computed[len(columns)])
    values = [_quantiles(column, numbers, groups, np.array(quantiles)) for column in computed[: len(columns)]]
    if self.as_index and all(key.categories is None for key in grouping.keys):
        index = repeated(labels.build(parts), pandas.Index(quantiles))
        return labelled(answer, index, values)
    if not groups:
        return NotImplemented
    # a group's only number is all of its quantiles
    laid_out = grouped_numbers(grouping, parts, self.observed, self.as_index).quantile(quantiles)
    places = np.asarray(laid_out["number"] if laid_out.ndim > 1 else laid_out)
    values = [_at_places(column, places, len(quantiles)) for column in values]
    if answer.columns is None or self.as_index:
        laid_out.index.names = [*grouping.names, None]
        return labelled(answer, laid_out.index, values)
    shown_keys = [laid_out.iloc[:, k].array for k in range(keys)]
    return labelled(answer, laid_out.index, [*shown_keys, *values])


def _at_places(values: np.ndarray, groups: np.ndarray, each: int) -> np.ndarray:
    """So many values of each group where these are shown; what is missing where there is none."""
    missing = np.isnan(groups)
    rows = np.where(missing, 0, groups).astype(np.int64) * each + np.arange(len(groups)) % each
    nothing = np.array(["NaT" if values.dtype.kind in "mM" else np.nan], values.dtype)
    return np.concatenate([values, nothing]).take(np.where(missing, len(values), rows))


def _quantiles(column: np.ndarray, numbers: np.ndarray, groups: int, shares: np.ndarray) -> np.ndarray:
    """A group's quantiles side by side."""
    found = quantiles_of_groups(column, numbers, groups, shares)
    if found is not None:
        return found.ravel()
    # told the groups' numbers, pandas sorts each column once for all quantiles
    by: Any = pandas.Categorical.from_codes(numbers, categories=pandas.RangeIndex(groups))
    return array_made(pandas.Series(column, copy=False).groupby(by, observed=False).quantile(shares), column)
