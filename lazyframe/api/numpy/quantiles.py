"""NumPy's medians and quantiles of long arrays of one dimension, which are computed.

What finds them is imported when the first is asked for, as the first lazy array of a process need not wait.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray
from lazyframe.api.numpy.handlers import handles

_FLOAT64 = np.dtype(np.float64)


@handles(np.median)
def _median(a: Any) -> Any:
    from lazyframe.record.quantiles import median_of

    values = _values(a)
    return None if values is None else median_of(values)


@handles(np.quantile)
def _quantile(a: Any, q: Any) -> Any:
    return _quantiles(a, np.asanyarray(q))


@handles(np.percentile)
def _percentile(a: Any, q: Any) -> Any:
    return _quantiles(a, np.true_divide(q, 100))


def _quantiles(a: Any, shares: Any) -> Any:
    """None where NumPy decides: it rounds shares of float32 to such, and keeps integers by whole shares."""
    from lazyframe.record.quantiles import quantiles_of

    values = _values(a)
    if values is None or values.dtype == np.float32:
        return None
    if not isinstance(shares, (np.ndarray, np.float64)) or shares.dtype != _FLOAT64 or shares.ndim > 1:
        return None
    if not ((shares >= 0) & (shares <= 1)).all():
        return None
    found = quantiles_of(values, np.atleast_1d(shares))
    return found if shares.ndim or found is None else found[0]


def _values(a: Any) -> np.ndarray | None:
    """The array to look at; None of what is short, is no numbers, or holds NaN."""
    from lazyframe.record.quantiles import has_quantiles

    if type(a) is LazyArray:
        a = a.result()
    if type(a) is not np.ndarray or a.ndim != 1 or not has_quantiles(a.dtype, len(a)):
        return None
    return None if a.dtype.kind == "f" and np.isnan(a).any() else a
