"""Medians and quantiles of long arrays: the few values that they are made of, found without sorting.

NumPy finds several places of an array at once by a method that uses no vectors, and pandas copies the array
before; one place after another takes a tenth of the time.  What is then done with the values is NumPy's own
doing, of two values in place of all, so that the bits are those that NumPy and pandas give.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEAST_ROWS = 1 << 15
"""Of shorter arrays NumPy's own functions are as quick."""


def present(values: np.ndarray) -> np.ndarray:
    """Those of ``values`` that are not NaN."""
    if values.dtype.kind != "f":
        return values
    missing = np.isnan(values)
    return values[~missing] if missing.any() else values


def order_statistics(values: np.ndarray, ranks: Sequence[int]) -> dict[int, np.generic]:
    """The values at some ranks.

    Parameters
    ----------
    values : numpy.ndarray
        Integers or floats, none of them NaN.
    ranks : sequence of int
        From 0 up to the number of values, in any order.

    Returns
    -------
    dict
        From each rank to the value that would be there if ``values`` were sorted; of integers of 8 or 16
        bits as one of 32.  Of zeros of both signs it may be either.
    """
    found: dict[int, np.generic] = {}
    short = values.dtype.kind != "f" and values.dtype.itemsize < 4
    left = values.astype(np.int32) if short else np.array(values)  # NumPy has no vectors of short integers
    first = 0
    for rank in sorted(set(ranks)):
        if rank == first:
            found[rank] = left[first:].min()
            continue
        left[first:].partition(rank - first)
        found[rank] = left[rank]
        first = rank
    return found


def median(values: np.ndarray) -> np.generic:
    """`numpy.median` of at least one value, none of them NaN."""
    high = len(values) // 2
    middle = [high] if len(values) % 2 else [high - 1, high]
    found = order_statistics(values, middle)
    result: np.generic = np.median(np.array([found[rank] for rank in middle], values.dtype))
    return result


def quantiles(values: np.ndarray, shares: np.ndarray) -> np.ndarray | None:
    """`numpy.quantile` by its method ``linear``; None beside infinity, where it depends on more than here.

    Parameters
    ----------
    values : numpy.ndarray
        Integers or floats, at least one, none of them NaN.
    shares : numpy.ndarray
        float64, one-dimensional, each from 0 to 1.

    Returns
    -------
    numpy.ndarray or None
        One for each share, of the dtype that NumPy gives.
    """
    last = len(values) - 1
    places = last * shares
    before = np.floor(places).astype(np.int64)
    behind = np.minimum(before + 1, last)
    found = order_statistics(values, [*before.tolist(), *behind.tolist()])
    ranks = zip(before.tolist(), behind.tolist(), strict=True)
    neighbours = np.array([[found[low], found[high]] for low, high in ranks], values.dtype)
    if not np.isfinite(neighbours).all():
        return None
    between = [
        np.quantile(pair, share) for pair, share in zip(neighbours, (places - before)[:, None], strict=True)
    ]
    return np.concatenate(between) if between else np.quantile(values[:1], shares)
