"""``describe``: counts, moments and bounds from one program, and percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.quantiles import has_quantiles, quantiles_of
from lazyframe.record.reductions import Whole, count_valid, highest, lowest, mean, standard_deviation
from passes.ir.values import Value


def is_described(column: Value) -> bool:
    """Whether `describe_columns` takes a column."""
    return column.dtype.kind in "iuf"


def describe_columns(columns: Sequence[Value], percentiles: Any = None) -> list[list[float]]:
    """What ``describe`` says of each column, in its order.

    Parameters
    ----------
    columns : sequence of Value
        Integers or floats, of one row space.
    percentiles : list-like of float, optional
        Between 0 and 1; by default the quartiles.

    Returns
    -------
    list of list of float
        For each column: count, mean, standard deviation, minimum, the percentiles, maximum.
    """
    asked: list[Value] = []
    for column in columns:
        assert column.rows is not None
        whole = Whole(column.rows)
        asked.append(column)
        asked.append(count_valid(whole, column))
        asked.append(mean(whole, column, skipna=True))
        asked.append(standard_deviation(whole, column, skipna=True))
        asked.append(lowest(whole, column, skipna=True))
        asked.append(highest(whole, column, skipna=True))
    computed = compute(asked)
    quantiles = np.array([0.25, 0.5, 0.75]) if percentiles is None else np.unique(np.asarray(percentiles))
    described = []
    for k in range(len(columns)):
        array, count, average, deviation, low, high = computed[6 * k : 6 * k + 6]
        found = quantiles_of(array, quantiles) if has_quantiles(array.dtype, len(array)) else None
        if found is None:
            found = pandas.Series(array, copy=False).quantile(quantiles).to_numpy()
        between = found.tolist() if len(quantiles) else []
        low, high = (low, high) if count else (np.nan, np.nan)
        described.append([*map(float, (count, average, deviation, low)), *between, float(high)])
    return described
