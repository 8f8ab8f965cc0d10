"""What needs all rows of a group at once, or in their order: pandas' own functions, told the groups.

Counting is done by a kernel, as pandas sorts all rows by their groups for it; so are shifts, fills and
running results, which pandas checks and masks a row at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.codegen import emit_scans, emit_within_groups
from lazyframe.codegen.kernel import Kernel
from lazyframe.run import tiers
from lazyframe.run.addresses import address
from lazyframe.run.long_calls import pass_over
from lazyframe.run.made_by_pandas import array_made
from lazyframe.run.quantiles_in_groups import quantile_in_groups
from lazyframe.run.rolling_in_groups import roll_in_groups
from lazyframe.run.running_in_groups import carry_forward, run_on
from lazyframe.run.values_of_groups import medians_of_groups, quantiles_of_groups
from passes.ir.type_rules import expanding_of, rolling_of


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
    if operation == "position_at_distance" and argument and column.dtype == np.int64:
        found = _look_back(column, numbers, groups, int(argument))
        if found is not None:
            return found
    if operation in ("carry_forward", "carry_backward"):
        return _carry(column, numbers, groups, argument, backward=operation == "carry_backward")
    found = run_on(operation, column, numbers, groups)
    if found is not None:
        return found
    if operation == "place_among_least":
        assert argument is not None
        return _place_among_least(column, numbers, groups, int(argument))
    if operation == "quantile_of_values":
        assert argument is not None
        return quantile_in_groups(column, numbers, groups, argument)
    if operation == "median":
        medians = medians_of_groups(column, numbers, groups)
        if medians is not None:
            return medians
    if operation == "quantile":
        assert argument is not None
        quantiles = quantiles_of_groups(column, numbers, groups, np.array([argument]))
        if quantiles is not None:
            return quantiles[:, 0]
    rolling = rolling_of(operation)
    if rolling is not None:
        return roll_in_groups(column, numbers, *rolling)
    expanding = expanding_of(operation)
    if expanding is not None:
        return roll_in_groups(column, numbers, expanding[0], len(numbers), expanding[1])
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
        case "cumulative_sum" | "cumulative_sum_to_missing":
            result = grouped.cumsum(skipna=operation == "cumulative_sum")
        case "cumulative_product" | "cumulative_product_to_missing":
            result = grouped.cumprod(skipna=operation == "cumulative_product")
        case "cumulative_minimum" | "cumulative_minimum_to_missing":
            result = grouped.cummin(skipna=operation == "cumulative_minimum")
        case "cumulative_maximum" | "cumulative_maximum_to_missing":
            result = grouped.cummax(skipna=operation == "cumulative_maximum")
        case "position_at_distance":
            result = grouped.shift(argument, fill_value=-1)
        case "rank_average" | "rank_min" | "rank_max" | "rank_first" | "rank_dense":
            result = grouped.rank(method=operation.removeprefix("rank_"))
        case _:
            raise ValueError(f"no such operation as {operation!r}")
    return array_made(result, column)


def _count_before(kernel: Kernel, numbers: np.ndarray, groups: int) -> np.ndarray:
    numbers = np.ascontiguousarray(numbers, np.int64)
    seen, counts = np.zeros(groups, np.int64), np.empty(len(numbers), np.int64)
    pass_over(len(numbers), kernel, address(numbers), address(seen), address(counts))
    return counts


def _look_back(values: np.ndarray, numbers: np.ndarray, groups: int, distance: int) -> np.ndarray | None:
    """The value of the row so many rows before in its group, -1 where there is none; None: ask pandas."""
    rows, between = len(values), abs(distance)
    if groups * between > _MOST_PLACES * rows:
        return None
    kernel = tiers.scan_for(emit_within_groups.look_back(between == 1), rows)
    if kernel is None:
        return None
    values, numbers = np.ascontiguousarray(values), np.ascontiguousarray(numbers, np.int64)
    first, step = (0, 1) if distance > 0 else (rows - 1, -1)
    seen, held = np.zeros(groups, np.int64), np.full(groups * between, -1)
    found = np.empty(rows, np.int64)
    fixed = address(numbers), address(values), first, step, between
    pass_over(rows, kernel, *fixed, address(seen), address(held), address(found))
    return found


def _carry(
    positions: np.ndarray, numbers: np.ndarray, groups: int, argument: float | None, backward: bool
) -> np.ndarray:
    limit = None if argument is None else int(argument)
    found = carry_forward(positions, numbers, groups, limit, backward)
    if found is not None:
        return found
    grouped: Any = pandas.Series(np.where(positions < 0, np.nan, positions)).groupby(numbers)
    result = grouped.bfill(limit=limit) if backward else grouped.ffill(limit=limit)
    return result.fillna(-1).to_numpy().astype(np.int64)  # type: ignore[no-any-return]


_MOST_COMPARED = 64
"""So many rows of a group are found by comparing each row with the last of them."""

_NARROW = 1 << 16
"""Numbers of fewer groups are sorted by their digits."""

_MOST_PLACES = 4
"""With more places than so many times the rows, sorting these takes less memory."""


def _place_among_least(keys: np.ndarray, numbers: np.ndarray, groups: int, wanted: int) -> np.ndarray:
    """The place of each row among the ``wanted`` least of its group, and ``wanted`` for all others."""
    numbers, keys = np.ascontiguousarray(numbers, np.int64), np.ascontiguousarray(keys, np.int64)
    if wanted > _MOST_COMPARED and groups * wanted <= _MOST_PLACES * len(keys):
        return _place_in_pieces(keys, numbers, groups, wanted)
    kernel = None
    if groups * wanted <= _MOST_PLACES * len(keys):
        kernel = tiers.scan_for(emit_scans.find_least_in_groups(), len(keys))
    if kernel is None:
        return _place_by_sorting(keys, numbers, wanted)
    seen = np.zeros(groups, np.int64)
    least, rows = np.empty(groups * wanted, np.int64), np.empty(groups * wanted, np.int64)
    fixed = address(numbers), address(keys), wanted
    pass_over(len(keys), kernel, *fixed, address(seen), address(least), address(rows))
    places = np.full(len(keys), wanted, np.int64)
    place = np.tile(np.arange(wanted), groups)
    there = place < np.repeat(seen, wanted)
    places[rows[there]] = place[there]
    return places


def _place_in_pieces(keys: np.ndarray, numbers: np.ndarray, groups: int, wanted: int) -> np.ndarray:
    """The same where many rows of large groups are wanted: no others are sorted."""
    order = np.argsort(numbers.astype(np.uint16) if groups <= _NARROW else numbers, kind="stable")
    ordered, ends = keys[order], np.cumsum(np.bincount(numbers, minlength=groups))
    places = np.full(len(keys), wanted, np.int64)
    start = 0
    for end in map(int, ends):
        piece, rows = ordered[start:end], order[start:end]
        if len(piece) > wanted:
            last = np.partition(piece, wanted - 1)[wanted - 1]
            chosen = piece < last
            chosen[np.flatnonzero(piece == last)[: wanted - int(chosen.sum())]] = True
            piece, rows = piece[chosen], rows[chosen]
        places[rows[np.argsort(piece, kind="stable")]] = np.arange(len(rows))
        start = end
    return places


def _place_by_sorting(keys: np.ndarray, numbers: np.ndarray, wanted: int) -> np.ndarray:
    order = np.lexsort((keys, numbers))
    ordered = numbers[order]
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(keys) else order
    lengths = np.diff(np.append(begins, len(keys)))
    places = np.empty(len(keys), np.int64)
    places[order] = np.minimum(np.arange(len(keys)) - np.repeat(begins, lengths), wanted)
    return places
