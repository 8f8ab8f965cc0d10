"""The values of each group, side by side, for what NumPy does with an array of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lazyframe.codegen import emit_within_groups
from lazyframe.run import tiers
from lazyframe.run.addresses import address
from lazyframe.run.long_calls import pass_over

MOST_GROUPS = 1 << 16
"""More are not looked at one after another."""

LEAST_VALUES = 128
"""So many rows of a group make up for what it takes NumPy to be called."""

_SORTED = 1024
"""So many values are sorted as soon as one of them is found."""

_DTYPES = frozenset({np.dtype(np.int64), np.dtype(np.float64)})


class Laid(NamedTuple):
    """The values of groups side by side.

    Parameters
    ----------
    values : numpy.ndarray
        Of all groups, whoever has it may move them within a group.
    begins, ends : numpy.ndarray
        int64, where each group's begin and end.
    """

    values: np.ndarray
    begins: np.ndarray
    ends: np.ndarray

    def parts(self) -> list[np.ndarray]:
        """Each group's values."""
        spans = zip(self.begins.tolist(), self.ends.tolist(), strict=True)
        return [self.values[low:high] for low, high in spans]


def lay_by_group(column: np.ndarray, numbers: np.ndarray, groups: int) -> Laid:
    """The values of each group, NaN left out, in the order of the rows.

    Parameters
    ----------
    column : numpy.ndarray
        Integers or floats, a value for each row.
    numbers : numpy.ndarray
        int64, each row's group.
    groups : int
        How many groups there are, at most `MOST_GROUPS`.
    """
    kernel = None
    if column.dtype in _DTYPES:
        kernel = tiers.scan_for(emit_within_groups.lay_by_group(column.dtype.name), len(column))
    if kernel is None and column.dtype.kind == "f":
        there = ~np.isnan(column)
        column, numbers = column[there], numbers[there]
    ends = np.cumsum(np.bincount(numbers, minlength=groups))
    begins = np.append(0, ends)[:-1]
    if kernel is None:
        return Laid(column[np.argsort(numbers.astype(np.uint16), kind="stable")], begins, ends)
    column, numbers = np.ascontiguousarray(column), np.ascontiguousarray(numbers, np.int64)
    following, laid = begins.copy(), np.empty(len(column), column.dtype)
    pass_over(len(column), kernel, address(numbers), address(column), address(following), address(laid))
    return Laid(laid, begins, following)


def medians_of_groups(column: np.ndarray, numbers: np.ndarray, groups: int) -> np.ndarray | None:
    """What pandas gives for the groups' medians; None where it had better be asked.

    Returns
    -------
    numpy.ndarray or None
        float64, NaN of no value.
    """
    if not _is_worth_laying(column, groups):
        return None
    laid = lay_by_group(column.astype(np.float64, copy=False), numbers, groups)
    some, sizes = _sizes(laid)
    low, high = _in_place(laid, some, np.stack([(sizes - 1) // 2, sizes // 2], axis=1)).T
    found = np.full(groups, np.nan)
    with np.errstate(all="ignore"):
        found[some] = np.where(sizes % 2 == 0, (low + high) / 2, low)
    return found


def quantiles_of_groups(
    column: np.ndarray, numbers: np.ndarray, groups: int, shares: np.ndarray
) -> np.ndarray | None:
    """What pandas gives for the groups' quantiles, interpolated linearly; None where it had better be asked.

    Its group-by interpolates in another order of operations than NumPy, which its series ask.

    Returns
    -------
    numpy.ndarray or None
        float64, a row for each group and a column for each of ``shares``, NaN of no value.
    """
    if not _is_worth_laying(column, groups):
        return None
    laid = lay_by_group(column.astype(np.float64, copy=False), numbers, groups)
    some, sizes = _sizes(laid)
    places = shares * (sizes[:, None] - 1)
    before = places.astype(np.int64)
    behind = np.minimum(before + 1, sizes[:, None] - 1)
    both = _in_place(laid, some, np.concatenate([before, behind], axis=1))
    low, high = both[:, : len(shares)], both[:, len(shares) :]
    found = np.full((groups, len(shares)), np.nan)
    part = places % 1
    with np.errstate(all="ignore"):
        found[some] = np.where(part == 0, low, low + (high - low) * part)
    return found


def _is_worth_laying(column: np.ndarray, groups: int) -> bool:
    """Whether groups are so few, and values such, that each group may be looked at by itself."""
    known = column.dtype.kind in "iu" or column.dtype == np.float64
    return known and groups <= min(MOST_GROUPS, len(column) // LEAST_VALUES)


def _sizes(laid: Laid) -> tuple[np.ndarray, np.ndarray]:
    """The groups that have values, and how many."""
    sizes = laid.ends - laid.begins
    some = np.flatnonzero(sizes)
    return some, sizes[some]


def _in_place(laid: Laid, some: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """The values at some ranks of each group that has any, a row for each."""
    parts = laid.parts()
    for number, wanted in zip(some.tolist(), np.sort(ranks, axis=1).tolist(), strict=True):
        part = parts[number]
        if len(part) <= _SORTED:
            part.sort()
            continue
        first = 0
        for rank in wanted:
            if rank >= first:
                part[first:].partition(rank - first)
                first = rank + 1
    found: np.ndarray = laid.values[laid.begins[some][:, None] + ranks]
    return found
