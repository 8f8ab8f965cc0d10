"""Running results of groups, and what is carried from row to row: by a kernel, where there is one."""

from __future__ import annotations

import numpy as np

from lazyframe.codegen import emit_within_groups
from lazyframe.run import tiers
from lazyframe.run.addresses import address
from lazyframe.run.long_calls import pass_over

_RUNNING = {
    "cumulative_sum": "sum",
    "cumulative_product": "product",
    "cumulative_minimum": "minimum",
    "cumulative_maximum": "maximum",
}
_TO_MISSING = "_to_missing"


def run_on(operation: str, column: np.ndarray, numbers: np.ndarray, groups: int) -> np.ndarray | None:
    """A running sum, product, minimum or maximum of each group; None: ask pandas.

    Parameters
    ----------
    operation : str
        Of `GROUP_WINDOWS`, maybe something else.
    column : numpy.ndarray
        A value for each row.
    numbers : numpy.ndarray
        int64, each row's group.
    groups : int
        How many groups there are.
    """
    skips = not operation.endswith(_TO_MISSING)
    name = _RUNNING.get(operation.removesuffix(_TO_MISSING))
    if name is None:
        return None
    dtype = column.dtype
    kernel = tiers.scan_for(emit_within_groups.accumulate(name, dtype, skips), len(numbers))
    if kernel is None:
        return None
    values, numbers = np.ascontiguousarray(column), np.ascontiguousarray(numbers, np.int64)
    of_times = dtype.kind in "mM"
    state, found = (
        _begin(name, np.dtype(np.int64) if of_times else dtype, groups),
        np.empty(len(values), dtype),
    )
    fixed = address(numbers), address(values), address(state), address(found)
    pass_over(len(values), kernel, *fixed, *([np.iinfo(np.int64).min] if of_times else []))
    return found


def _begin(name: str, dtype: np.dtype, groups: int) -> np.ndarray:
    """What each group has before its first row."""
    if name == "sum":
        return np.zeros(2 * groups, dtype)
    if name == "product":
        return np.ones(groups, dtype)
    if dtype.kind == "f":
        return np.full(groups, np.inf if name == "minimum" else -np.inf, dtype)
    limits = np.iinfo(dtype)
    return np.full(groups, limits.max if name == "minimum" else limits.min, dtype)


def carry_forward(
    positions: np.ndarray, numbers: np.ndarray, groups: int, limit: int | None, backward: bool
) -> np.ndarray | None:
    """The last position of its group, up to each row, that is not -1; None: ask pandas.

    Parameters
    ----------
    positions, numbers : numpy.ndarray
        int64, for each row what is carried on, or -1, and its group.
    groups : int
        How many groups there are.
    limit : int, optional
        How many rows of its group each is carried; by default all.
    backward : bool
        Whether the next one is wanted, and not the last.
    """
    kernel = tiers.scan_for(emit_within_groups.carry_forward(limit is not None), len(numbers))
    if kernel is None:
        return None
    positions, numbers = np.ascontiguousarray(positions), np.ascontiguousarray(numbers, np.int64)
    rows = len(numbers)
    state, found = np.full(2 * groups, -1), np.empty(rows, np.int64)
    first, step = (rows - 1, -1) if backward else (0, 1)
    fixed = address(numbers), address(positions), first, step, limit or 0, address(state), address(found)
    pass_over(rows, kernel, *fixed)
    return found
