"""Medians and quantiles of columns as pandas gives them, missing values left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lazyframe import settings
from lazyframe.run import order_statistics
from lazyframe.run.morsels import on_threads


def has_quantiles(dtype: np.dtype, rows: int) -> bool:
    """Whether columns of a dtype and a length are for this module: long ones of numbers."""
    return is_long_enough(rows) and (dtype.kind in "iu" or dtype in _FLOATS)


def is_long_enough(rows: int) -> bool:
    """Whether pandas takes longer."""
    return rows >= order_statistics.LEAST_ROWS


_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def median_of(values: np.ndarray) -> np.generic | None:
    """The median of one column; None where all is missing."""
    there = order_statistics.present(values)
    return order_statistics.median(there) if len(there) else None


def quantiles_of(values: np.ndarray, shares: np.ndarray) -> np.ndarray | None:
    """The quantiles of one column, interpolated linearly; None where all is missing, or beside infinity.

    Parameters
    ----------
    values : numpy.ndarray
        For which `has_quantiles`.
    shares : numpy.ndarray
        float64, each from 0 to 1.

    Returns
    -------
    numpy.ndarray or None
        One for each share: float64, of a float32 column with missing values float32.
    """
    there = order_statistics.present(values)
    if not len(there):
        return None
    found = order_statistics.quantiles(there, shares)
    if found is None or len(there) == len(values) or values.dtype.kind != "f":
        return found
    return found.astype(values.dtype)


def medians_of(columns: Sequence[np.ndarray]) -> list[np.generic | None]:
    """`median_of` each of several columns, on as many threads as there are."""
    return on_threads(median_of, columns, settings.current().threads)


def quantiles_of_each(columns: Sequence[np.ndarray], shares: np.ndarray) -> list[np.ndarray | None]:
    """`quantiles_of` each of several columns, on as many threads as there are."""
    return on_threads(lambda column: quantiles_of(column, shares), columns, settings.current().threads)
