"""``pandas.cut`` and ``pandas.qcut`` of a series of numbers or times."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import column_of, series_of
from lazyframe.record.binning import Cut, edges_of, into_bins
from lazyframe.record.chains import as_computed
from lazyframe.record.computing import compute
from lazyframe.record.string_rows import run_quietly
from lazyframe.record.table import Column

_BINS = (int, np.integer, list, tuple, range, np.ndarray, pandas.Index)


def record_cut(
    x: Any,
    bins: Any,
    right: Any = True,
    labels: Any = None,
    retbins: Any = False,
    precision: Any = 3,
    include_lowest: Any = False,
    duplicates: Any = "raise",
    ordered: Any = True,
) -> Any:
    """``pandas.cut(x, bins, ...)`` of a series; ``NotImplemented`` where pandas is to decide."""
    mine = _binned(x)
    flags = (right, include_lowest, retbins)
    if mine is None or not isinstance(bins, _BINS) or isinstance(bins, bool):
        return NotImplemented
    if any(type(flag) is not bool for flag in flags):
        return NotImplemented
    cut = partial(
        pandas.cut,
        right=right,
        labels=labels,
        retbins=True,
        precision=precision,
        include_lowest=include_lowest,
        duplicates=duplicates,
        ordered=ordered,
    )
    if isinstance(bins, pandas.IntervalIndex):
        plain = labels is None and not retbins and bins.closed in ("left", "right")
        if not plain:
            return NotImplemented
        right, include_lowest = bins.closed == "right", False
    # pandas labels the bins once it is known that rows can be sorted into them
    edges = edges_of(mine.value, bins, partial(cut, labels=False, ordered=True))
    if isinstance(bins, pandas.IntervalIndex):
        cut = partial(_into_intervals, cut, bins)
    return _recorded(x, mine, edges, cut, right, include_lowest, labels, retbins, "cut")


def _into_intervals(cut: Cut, bins: pandas.IntervalIndex, numbers: pandas.Series, _: np.ndarray) -> Any:
    return cut(numbers, bins)


def record_qcut(
    x: Any, q: Any, labels: Any = None, retbins: Any = False, precision: Any = 3, duplicates: Any = "raise"
) -> Any:
    """``pandas.qcut(x, q, ...)`` of a series; ``NotImplemented`` where pandas is to decide."""
    mine = _binned(x)
    if mine is None or type(retbins) is not bool or not (type(q) in (int, list) and q):
        return NotImplemented
    if isinstance(q, int) and q < 1:
        return NotImplemented
    (values,) = compute([mine.value])
    shares = _shares(q) if isinstance(q, int) else q
    quantiles = run_quietly(
        lambda numbers: numbers.dropna().quantile(shares), pandas.Series(values, copy=False)
    )
    if type(quantiles) is not pandas.Series or quantiles.isna().any():
        return NotImplemented

    cut = partial(
        pandas.cut,
        labels=labels,
        retbins=True,
        precision=precision,
        include_lowest=True,
        duplicates=duplicates,
    )
    edges = edges_of(mine.value, quantiles.to_numpy(), partial(cut, labels=False))
    return _recorded(x, mine, edges, cut, True, True, labels, retbins, "qcut", values)


def _shares(count: int) -> np.ndarray:
    """The quantiles that pandas takes for the edges of so many bins, rounded up where they are rounded."""
    shares = np.linspace(0, 1, count + 1)
    np.putmask(shares, count * shares != np.arange(count + 1), np.nextafter(shares, 1))
    return shares


def _binned(x: Any) -> Column | None:
    mine = column_of(x) if isinstance(x, pandas.Series) else None
    return mine if mine is not None and mine.value.dtype.kind in "iufmM" else None


def _recorded(
    x: Any,
    mine: Column,
    edges: np.ndarray | None,
    cut: Cut,
    right: bool,
    lowest_too: bool,
    labels: Any,
    retbins: bool,
    what: str,
    computed: Any = None,
) -> Any:
    if edges is None or (retbins and edges.dtype.kind in "mM"):
        return NotImplemented
    column = mine.value if computed is None else as_computed(mine.value, computed)
    made = series_of(into_bins(column, edges, cut, right, lowest_too, labels is False), mine, x._name, what)
    return (made, edges.copy()) if retbins and made is not NotImplemented else made
