"""A quantile of each group, to the last bit what NumPy gives for the group's values alone.

pandas' group-by interpolates in another order of operations than NumPy, which its series ask.
"""

from __future__ import annotations

import numpy as np

from lazyframe.run.values_of_groups import lay_by_group

_FEW = 1024
"""So many groups are looked at one after another, without sorting them."""


def quantile_in_groups(column: np.ndarray, numbers: np.ndarray, groups: int, q: float) -> np.ndarray:
    """The value that the part ``q`` of each group's is below, NaN left out; NaN of no value.

    Parameters
    ----------
    column : numpy.ndarray
        Integers or floats, a value for each row.
    numbers : numpy.ndarray
        int64, each row's group.
    groups : int
        How many groups there are.
    q : float
        From 0 to 1.
    """
    if groups > _FEW:
        if column.dtype.kind == "f":
            present = ~np.isnan(column)
            column, numbers = column[present], numbers[present]
        sizes = np.bincount(numbers, minlength=groups)
        return _of_sorted(column[np.lexsort((column, numbers))], sizes, q)
    found = np.full(groups, np.nan)
    for number, values in enumerate(lay_by_group(column, numbers, groups).parts()):
        if len(values):
            found[number] = np.quantile(values, np.array([q]))[0]
    return found


def _of_sorted(column: np.ndarray, sizes: np.ndarray, q: float) -> np.ndarray:
    """The same of groups one behind the other, each in order.

    The place, the neighbours and what is between them are those of `numpy.quantile`'s method ``linear``: a
    place at the end is counted from there, and so its distance to the neighbour is not one.
    """
    found = np.full(len(sizes), np.nan)
    some = sizes > 0
    ends = np.cumsum(sizes)[some]
    count = sizes[some]
    place = (count - 1) * q
    low = np.floor(place)
    at_end = place >= count - 1
    before = np.where(at_end, ends - 1, ends - count + low.astype(np.int64))
    behind = np.where(at_end, ends - 1, before + 1)
    distance = place - np.where(at_end, -1.0, low)
    left, right = column[before], column[behind]
    with np.errstate(all="ignore"):
        step = right - left
        found[some] = np.where(distance >= 0.5, right - step * (1 - distance), left + step * distance)
    return found
