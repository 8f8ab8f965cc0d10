"""Running totals, products, extremes and ranks of a whole column, in NumPy: each row needs others.

What is of a row and so many before it is pandas' own, whose sums carry from row to row what was added before,
and so is what fills missing values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lazyframe import settings
from lazyframe.run import morsels
from lazyframe.run.made_by_pandas import array_made
from passes.ir.type_rules import expanding_of, filling_of, is_rank, rolling_of

_UFUNCS: dict[str, np.ufunc] = {
    "sum": np.add,
    "product": np.multiply,
    "minimum": np.minimum,
    "maximum": np.maximum,
}

_STARTS = {"sum": 0.0, "product": 1.0, "minimum": np.inf, "maximum": -np.inf}
"""What stands for a missing value, as in pandas."""

_BLOCK_ROWS = 1 << 14
"""So that what is made of a block is still in the cache when it is needed next."""


def accumulate(operation: str, column: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """What a `Window` is: ``column``, at ``dtype``, reduced up to each row.

    Parameters
    ----------
    operation : str
        Of `passes.ir.type_rules.WINDOW_KINDS`.
    column : numpy.ndarray
        One-dimensional.
    dtype : numpy.dtype
        Of the result.
    """
    if is_rank(operation):
        return _ranks(operation, column)
    rolling = rolling_of(operation)
    if rolling is not None:
        return _rolling(column, *rolling)
    expanding = expanding_of(operation)
    if expanding is not None:
        return _expanded(column, *expanding)
    filling = filling_of(operation)
    if filling is not None:
        return _filled(column, *filling)
    name, _, valid = operation.removeprefix("cumulative_").partition("_of_")
    values = column.astype(dtype, copy=False)
    with np.errstate(all="ignore"):
        if valid:
            return _of_valid(_UFUNCS[name], _STARTS[name], values)
        result: np.ndarray = _UFUNCS[name].accumulate(values, dtype=dtype)  # or narrow integers widen
    return result


_INDEPENDENT = frozenset({"min", "max", "count"})
"""What a window gives exactly, wherever its computing began."""

_PART_ROWS = 1 << 18


def _rolling(column: np.ndarray, name: str, rows: int, least: int | None) -> np.ndarray:
    """pandas' rolling window over a column; where that changes nothing in parts, on all threads."""
    length = len(column)
    if name not in _INDEPENDENT or length <= 2 * _PART_ROWS or rows > _PART_ROWS:
        return _rolled(column, name, rows, least)
    result = np.empty(length)

    def work_on(part: int) -> None:
        low = part * _PART_ROWS
        before = min(low, rows - 1) if rows else 0
        found = _rolled(column[low - before : low + _PART_ROWS], name, rows, least)
        result[low : low + _PART_ROWS] = found[before:]

    parts = -(-length // _PART_ROWS)
    morsels.run([range(k, k + 1) for k in range(parts)], work_on, settings.current().threads)
    return result


def _rolled(column: np.ndarray, name: str, rows: int, least: int | None) -> np.ndarray:
    window = pd.Series(column, copy=False).rolling(rows, min_periods=least)
    return array_made(getattr(window, name)(), column)


def _expanded(column: np.ndarray, name: str, least: int) -> np.ndarray:
    """pandas' own window of a row and all before it."""
    return array_made(getattr(pd.Series(column, copy=False).expanding(least), name)(), column)


def _filled(column: np.ndarray, how: str, limit: int | None) -> np.ndarray:
    """What is missing replaced by what is before or behind it, or between these, by pandas."""
    times = column.dtype.kind == "i"
    given: Any = pd.Series(column.view("datetime64[ns]") if times else column, copy=False)
    if how == "interpolate":
        found = given.interpolate(limit=limit)
    else:
        found = given.ffill(limit=limit) if how == "fill_forward" else given.bfill(limit=limit)
    return array_made(found, column).view(column.dtype)


def _ranks(operation: str, column: np.ndarray) -> np.ndarray:
    """The place of each value among all; NaN has none."""
    method, _, descending = operation.removeprefix("rank_").partition("_")
    if method == "first":  # equal values in their order: pandas' own
        ranked: Any = pd.Series(column, copy=False)
        return array_made(ranked.rank(method=method, ascending=not descending), column)
    order = np.argsort(column)  # NaN is last
    ordered = column[order]
    ranks = np.full(len(column), np.nan)
    count = len(column) - (int(np.isnan(column).sum()) if column.dtype.kind == "f" else 0)
    if not count:
        return ranks
    begins = np.flatnonzero(np.append(True, ordered[1:count] != ordered[: count - 1]))
    ends = np.append(begins[1:], count)
    ranks[order[:count]] = np.repeat(_of_runs(method, begins, ends, bool(descending)), ends - begins)
    return ranks


def _of_runs(method: str, begins: np.ndarray, ends: np.ndarray, descending: bool) -> np.ndarray:
    """The rank of each run of equal values, from the first place of the run and the one behind its last."""
    if method == "dense":
        places = np.arange(1.0, len(begins) + 1)
        return places[::-1] if descending else places
    least, most = begins + 1.0, ends.astype(np.float64)
    if descending:
        least, most = ends[-1] + 1.0 - most, ends[-1] + 1.0 - least
    if method == "average":
        return np.asarray((least + most) / 2)
    return least if method == "min" else most


def _of_valid(ufunc: np.ufunc, start: float, values: np.ndarray) -> np.ndarray:
    """NaN is passed over, and stays where it is."""
    result = np.empty(len(values), values.dtype)
    before: np.generic | None = None
    for low in range(0, len(values), _BLOCK_ROWS):
        block = np.array(values[low : low + _BLOCK_ROWS])
        missing = np.isnan(block)
        some = bool(missing.any())
        if some:
            block[missing] = start
        if before is not None:
            block[0] = ufunc(before, block[0])
        part = result[low : low + _BLOCK_ROWS]
        ufunc.accumulate(block, out=part)
        before = part[-1]
        if some:
            part[missing] = np.nan
    return result
