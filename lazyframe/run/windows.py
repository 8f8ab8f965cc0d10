"""Running totals, products and extremes of a whole column, in NumPy: each row needs the one before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from passes.ir.type_rules import is_rank

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
    name, _, valid = operation.removeprefix("cumulative_").partition("_of_")
    values = column.astype(dtype, copy=False)
    with np.errstate(all="ignore"):
        if valid:
            return _of_valid(_UFUNCS[name], _STARTS[name], values)
        result: np.ndarray = _UFUNCS[name].accumulate(values)
    return result


def _ranks(operation: str, column: np.ndarray) -> np.ndarray:
    """pandas' own ranks of a column; NaN has none."""
    method, _, descending = operation.removeprefix("rank_").partition("_")
    ranked: Any = pd.Series(column, copy=False)
    ranks: np.ndarray = ranked.rank(method=method, ascending=not descending).to_numpy()
    return ranks


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
