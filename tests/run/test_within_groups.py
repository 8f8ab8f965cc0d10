"""What kernels find of the rows of a group before a row is what pandas finds, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.run import within_groups as module
from lazyframe.run.within_groups import within_groups

FLOATS = [1e16, 1.0, -1e16, 3.3, 1e300, -1e308, 1e308, 0.1, -0.0, 0.0, np.nan, np.inf, -np.inf]


def both_ways(
    operation: str, column: np.ndarray, numbers: np.ndarray, argument: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """By a kernel, in calls of a few rows, and by pandas."""
    groups = int(numbers.max()) + 1 if len(numbers) else 0
    with pytest.MonkeyPatch.context() as patch, lazyframe.config(min_rows=0):
        patch.setattr(module, "_LONGEST_CALL", 7)
        kernels: list[Any] = []
        scan_for = module.tiers.scan_for
        patch.setattr(module.tiers, "scan_for", lambda *a: kernels.append(scan_for(*a)) or kernels[-1])
        found = within_groups(operation, column, numbers, groups, argument)
        assert None not in kernels
        assert kernels
        patch.setattr(module.tiers, "scan_for", lambda *_: None)
        return found, within_groups(operation, column, numbers, groups, argument)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.sampled_from([1, -1, 2, -2, 3, -4]))
def test_rows_at_a_distance(groups: list[int], distance: int) -> None:
    _, numbers = np.unique(groups, return_inverse=True)
    rows = np.arange(len(numbers))
    if (numbers.max() + 1) * abs(distance) > 4 * len(rows):
        return
    found, expected = both_ways("position_at_distance", rows, numbers, distance)
    assert found.dtype == expected.dtype
    assert found.tolist() == expected.tolist()


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(FLOATS)), min_size=1, max_size=60))
def test_running_sums(rows: list[tuple[int, float]]) -> None:
    _, numbers = np.unique([group for group, _ in rows], return_inverse=True)
    column = np.array([value for _, value in rows])
    found, expected = both_ways("cumulative_sum", column, numbers, None)
    assert found.dtype == expected.dtype
    nan = np.isnan(expected)
    assert np.isnan(found).tolist() == nan.tolist()
    assert found[~nan].view(np.int64).tolist() == expected[~nan].view(np.int64).tolist()


def test_a_distance_that_would_take_too_much_memory() -> None:
    numbers = np.array([0, 1, 0, 1])
    with lazyframe.config(min_rows=0):
        found = within_groups("position_at_distance", np.arange(4), numbers, 2, 10**9)
    assert found.tolist() == [-1] * 4
