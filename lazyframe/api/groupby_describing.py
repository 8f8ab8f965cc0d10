"""``describe`` of grouped frames and series: what aggregations and quantiles give, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_aggregating import record_agg
from lazyframe.api.groupby_asking import columns_of, is_frame, schema_of, shows_others
from lazyframe.api.groupby_quantiles import record_quantiles
from lazyframe.api.wrap import unwrap, wrap
from lazyframe.record.missing import holds_infinities
from passes.ir.values import Value

QUARTILES = [0.25, 0.5, 0.75]


def record_describe(self: Any, percentiles: Any = None, include: Any = None, exclude: Any = None) -> Any:
    """``grouped.describe()``, computed now."""
    quartiles = QUARTILES if percentiles is None else _ascending(percentiles)
    if not quartiles or include is not None or exclude is not None or not (self.sort and self.group_keys):
        return NotImplemented  # without keys pandas lays out pieces that all have the same labels
    columns = columns_of(self)
    if not columns or not all(map(_is_described, columns)):
        return NotImplemented
    if any(map(holds_infinities, columns)):
        return NotImplemented  # beside infinity a quantile of a series is NaN, and that of groups is not
    keys = self._grouped.grouping.keys
    if not self.as_index or shows_others(self):
        return NotImplemented
    if not self.dropna and any(key.may_be_missing for key in keys):
        return NotImplemented  # pandas has its own order for the label that is missing
    answer = schema_of(self, "describe", lambda grouped: grouped.describe(quartiles), quartiles)
    if answer is None or answer.columns is None:
        return NotImplemented
    quantiles = record_quantiles(self, quartiles, "linear", False)
    rest = NotImplemented if quantiles is NotImplemented else record_agg(self, _AGGREGATIONS)
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
    if table.shape[1] != len(answer.columns):
        return NotImplemented  # one row of objects has no key, so pandas has shown no column
    frame: Any = pandas.DataFrame(table, index=found.index, columns=answer.columns, copy=False)
    assert is_frame(self) or wide == 1
    return wrap(frame)


def _ascending(percentiles: Any) -> list[float] | None:
    """The percentiles as pandas shows them; None where it has to judge them."""
    if not isinstance(percentiles, (list, tuple)) or not all(type(p) is float for p in percentiles):
        return None
    return sorted(percentiles)


_AGGREGATIONS = ["count", "mean", "std", "min", "max"]


def _is_described(column: Value) -> bool:
    """Whether the mean is a float64, and not rounded to less."""
    return column.dtype.kind in "iu" or column.dtype == np.float64
