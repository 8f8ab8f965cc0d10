"""What needs all rows of a group at once, or in their order: pandas' own functions, told the groups.

Counting is done by a kernel, as pandas sorts all rows by their groups for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.codegen import emit_scans
from lazyframe.codegen.kernel import Kernel
from lazyframe.run import tiers
from lazyframe.run.addresses import address

_LONGEST_CALL = 1 << 24
"""Rows after which Ctrl-C is heard."""


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
    if operation == "cumulative_count":
        kernel = tiers.scan_for(emit_scans.count_before(), len(numbers))
        if kernel is not None:
            return _count_before(kernel, numbers, groups)
    if operation == "minimum_from_here":
        return within_groups("cumulative_minimum", column[::-1], numbers[::-1], groups, None)[::-1]
    # of categories that all count pandas takes the codes for the groups' numbers, and looks for nothing
    by: Any = pandas.Categorical.from_codes(numbers, categories=pandas.RangeIndex(groups))
    grouped: Any = pandas.Series(column, copy=False).groupby(by, observed=False)
    match operation:
        case "median" | "mean":
            result = getattr(grouped, operation)()
        case "std" | "sem":
            result = getattr(grouped, operation)(ddof=argument)
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
        case "position_at_distance":
            result = grouped.shift(argument, fill_value=-1)
        case "rank_average" | "rank_min" | "rank_max" | "rank_first" | "rank_dense":
            result = grouped.rank(method=operation.removeprefix("rank_"))
        case _:
            raise ValueError(f"no such operation as {operation!r}")
    array: np.ndarray = result.to_numpy()
    return array


def _count_before(kernel: Kernel, numbers: np.ndarray, groups: int) -> np.ndarray:
    numbers = np.ascontiguousarray(numbers, np.int64)
    seen, counts = np.zeros(groups, np.int64), np.empty(len(numbers), np.int64)
    for low in range(0, len(numbers), _LONGEST_CALL):
        high = min(low + _LONGEST_CALL, len(numbers))
        kernel(low, high, address(numbers), address(seen), address(counts))
    return counts
