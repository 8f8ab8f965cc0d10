"""What needs all rows of a group at once, or in their order: pandas' own functions, told the groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas


def within_groups(
    operation: str, column: np.ndarray, numbers: np.ndarray, groups: int, argument: float | None
) -> np.ndarray:
    """One value for each group, or for each row.

    Parameters
    ----------
    operation : str
        Of `GROUP_STATISTICS` or `GROUP_WINDOWS`.
    column : numpy.ndarray
        A value for each row.
    numbers : numpy.ndarray
        int64, each row's group.
    groups : int
        How many groups there are.
    argument : float or None
        Of a `WithinGroup`.

    Returns
    -------
    numpy.ndarray
        Of pandas' dtype.
    """
    # of categories that all count pandas takes the codes for the groups' numbers, and looks for nothing
    by: Any = pandas.Categorical.from_codes(numbers, categories=pandas.RangeIndex(groups))
    grouped: Any = pandas.Series(column, copy=False).groupby(by, observed=False)
    match operation:
        case "median":
            result = grouped.median()
        case "quantile":
            result = grouped.quantile(argument)
        case "cumulative_count":
            result = grouped.cumcount()
        case "cumulative_sum":
            result = grouped.cumsum()
        case "cumulative_product":
            result = grouped.cumprod()
        case "cumulative_minimum":
            result = grouped.cummin()
        case "cumulative_maximum":
            result = grouped.cummax()
        case "shift":
            result = grouped.shift(argument)
        case "difference":
            result = grouped.diff(argument)
        case _:
            raise ValueError(f"no such operation as {operation!r}")
    array: np.ndarray = result.to_numpy()
    return array
