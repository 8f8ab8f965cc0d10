"""``describe`` of grouped frames and series: what aggregations and quantiles give, side by side."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby import made_grouped
from lazyframe.api.groupby_aggregating import record_agg
from lazyframe.api.groupby_asking import (
    can_be_laid_out,
    columns_of,
    is_frame,
    positions_of_all,
    schema_of,
    shows_others,
    table_as_grouped,
)
from lazyframe.api.groupby_pieces import labelled
from lazyframe.api.groupby_quantiles import record_quantiles
from lazyframe.api.wrap import unwrap, wrap
from lazyframe.record.computing import compute_own
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_pieces import described_numbers
from lazyframe.record.groupby_schema import Answer, one_row_frame
from lazyframe.record.missing import holds_infinities
from passes.ir.values import Value

QUARTILES = [0.25, 0.5, 0.75]


def record_describe(self: Any, percentiles: Any = None, include: Any = None, exclude: Any = None) -> Any:
    """``grouped.describe()``, computed now."""
    quartiles = QUARTILES if percentiles is None else _ascending(percentiles)
    if not quartiles or include is not None or exclude is not None or not self.group_keys:
        return NotImplemented  # without keys pandas lays out pieces that all have the same labels
    if is_frame(self):
        self = _of_described(self)
    columns = columns_of(self)
    if not columns or not all(map(_is_described, columns)):
        return NotImplemented
    if any(map(holds_infinities, columns)):
        return NotImplemented  # beside infinity a quantile of a series is NaN, and that of groups is not
    if not can_be_laid_out(self):
        return NotImplemented
    answer = schema_of(self, "describe", lambda grouped: grouped.describe(quartiles), quartiles)
    if answer is None or answer.columns is None:
        return NotImplemented
    plain = _are_plain(self)
    asked = self if plain else _with_rows(self)
    quantiles = record_quantiles(asked, quartiles, "linear", False)
    rest = NotImplemented if quantiles is NotImplemented else record_agg(asked, _AGGREGATIONS)
    if rest is NotImplemented:
        return NotImplemented
    found, between = unwrap(rest), unwrap(quantiles).to_numpy()
    if not len(found):
        return NotImplemented
    wide = len(columns)
    four = found.to_numpy(dtype=np.float64).reshape(len(found), wide, len(_AGGREGATIONS))
    parts = between.reshape(len(found), len(quartiles), wide).transpose(0, 2, 1)
    all_of_them = np.concatenate([four[:, :, :-1], parts, four[:, :, -1:]], axis=2)
    table = all_of_them.reshape(len(found), -1)
    keys = 0 if self.as_index else len(self._grouped.grouping.keys)
    if table.shape[1] + keys != len(answer.columns):
        return NotImplemented  # one row of objects has no key, so pandas has shown no column
    if plain:
        frame: Any = pandas.DataFrame(table, index=found.index, columns=answer.columns, copy=False)
        return wrap(frame)
    return _laid_out(self, table, answer, wide)


def _of_described(self: Any) -> Any:
    """The groups of the columns that pandas describes of a frame: those that hold numbers, if any does."""
    table = table_as_grouped(self)
    positions = None if table is None else positions_of_all(self, table)
    if table is None or positions is None:
        return self
    rows = one_row_frame(pandas.RangeIndex(len(positions)), [table.dtypes[p] for p in positions])
    chosen: list[int] = list(rows.select_dtypes([np.number, "datetime"]).columns)  # type: ignore[arg-type]
    if not 0 < len(chosen) < len(positions):
        return self
    labels = table.current_columns()
    selection = [labels.label(positions[k]) for k in chosen]
    return made_grouped(type(self), self._grouped, self.obj, self.keys, selection)


def _are_plain(self: Any) -> bool:
    """Whether pandas shows the groups in the order of their labels, all of which are there."""
    keys = self._grouped.grouping.keys
    missing = not self.dropna and any(key.may_be_missing for key in keys)
    return self.as_index and self.sort and not missing and not shows_others(self)


def _with_rows(self: Any) -> Any:
    """The same groups, those without rows left out, in an index."""
    grouped = copy(self._grouped)
    grouped.options = {**grouped.options, "as_index": True, "observed": True}
    grouped.grouping = grouped.grouping._replace(observed=True)
    return made_grouped(type(self), grouped, self.obj, self.keys, self._selection)


def _laid_out(self: Any, table: np.ndarray, answer: Answer, wide: int) -> Any:
    """What each group has in one row of a table, where pandas describes it."""
    grouping = self._grouped.grouping
    parts = compute_own(group_labels(grouping).parts)
    shown = described_numbers(grouping, parts, self.observed, self.as_index)
    numbers = shown["number"].to_numpy()
    nothing = np.tile(np.where(np.arange(table.shape[1] // wide) == 0, 0.0, np.nan), wide)
    rows = np.where(np.isnan(numbers), len(table), numbers).astype(np.int64)
    values = np.vstack([table, nothing]).take(rows, axis=0)
    columns = [shown.iloc[:, k].array for k in range(shown.shape[1] - 1)]
    if self.as_index:
        shown.index.names = grouping.names
    return labelled(answer, shown.index, [*columns, *values.T])


def _ascending(percentiles: Any) -> list[float] | None:
    """The percentiles as pandas shows them; None where it has to judge them."""
    if not isinstance(percentiles, (list, tuple)) or not all(type(p) is float for p in percentiles):
        return None
    return sorted(percentiles)


_AGGREGATIONS = ["count", "mean", "std", "min", "max"]


def _is_described(column: Value) -> bool:
    """Whether the mean is a float64, and not rounded to less."""
    return column.dtype.kind in "iu" or column.dtype == np.float64
