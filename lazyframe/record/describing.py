"""``describe``: counts, moments and bounds from one program, and percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.quantiles import has_quantiles, quantiles_of_each
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
    shares = np.array([0.25, 0.5, 0.75]) if percentiles is None else np.unique(np.asarray(percentiles))
    described = []
    for k, between in enumerate(_quantiles(computed[0::6], shares)):
        count, average, deviation, low, high = computed[6 * k + 1 : 6 * k + 6]
        low, high = (low, high) if count else (np.nan, np.nan)
        described.append([*map(float, (count, average, deviation, low)), *between, float(high)])
    return described


def _quantiles(columns: Sequence[np.ndarray], shares: np.ndarray) -> list[list[float]]:
    known: list[np.ndarray | None] = [None] * len(columns)
    if all(has_quantiles(column.dtype, len(column)) for column in columns):
        known = quantiles_of_each(columns, shares)
    return [
        (pandas.Series(column, copy=False).quantile(shares) if found is None else found).tolist()
        for column, found in zip(columns, known, strict=True)
    ]
