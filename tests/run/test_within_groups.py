"""What kernels find of the rows of a group before a row is what pandas finds, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.run import long_calls, rolling_in_groups
from lazyframe.run import within_groups as module
from lazyframe.run.within_groups import within_groups
from passes.ir.type_rules import GROUP_WINDOWS
from tests.brief import examples

FLOATS = [1e16, 1.0, -1e16, 3.3, 1e300, -1e308, 1e308, 0.1, -0.0, 0.0, np.nan, np.inf, -np.inf]


def both_ways(
    operation: str, column: np.ndarray, numbers: np.ndarray, argument: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """By a kernel, in calls of a few rows, and by pandas."""
    groups = int(numbers.max()) + 1 if len(numbers) else 0
    with pytest.MonkeyPatch.context() as patch, lazyframe.config(min_rows=0):
        patch.setattr(long_calls, "LONGEST_CALL", 7)
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


RUNNING = ["cumulative_sum", "cumulative_product", "cumulative_minimum", "cumulative_maximum"]
ROWS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(FLOATS)), min_size=1, max_size=60)


def assert_same_bits(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.dtype == expected.dtype
    missing = np.isnan(expected)
    assert np.isnan(found).tolist() == missing.tolist()
    assert found[~missing].tobytes() == expected[~missing].tobytes()


@settings(max_examples=examples(30))
@given(ROWS, st.sampled_from(RUNNING), st.sampled_from(["", "_to_missing"]), st.sampled_from("fd"))
def test_running_floats(rows: list[tuple[int, float]], name: str, missing: str, kind: str) -> None:
    _, numbers = np.unique([group for group, _ in rows], return_inverse=True)
    with np.errstate(all="ignore"):
        column = np.array([value for _, value in rows]).astype(kind)
    assert_same_bits(*both_ways(name + missing, column, numbers, None))


@settings(max_examples=examples(30))
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from([-(2**63), 2**63 - 1, 0, 3, -7])), min_size=1),
    st.sampled_from(RUNNING),
    st.sampled_from(["int64", "uint64", "int8", "m8[s]", "M8[ns]"]),
)
def test_running_integers_and_times(rows: list[tuple[int, int]], name: str, dtype: str) -> None:
    kind = np.dtype(dtype).kind
    if kind not in GROUP_WINDOWS[name] or (dtype == "int8" and name in RUNNING[:2]):
        return
    _, numbers = np.unique([group for group, _ in rows], return_inverse=True)
    column = np.array([value for _, value in rows], np.int64)
    column = column.view(dtype) if kind in "mM" else column.astype(dtype)
    found, expected = both_ways(name, column, numbers, None)
    assert found.dtype == expected.dtype
    assert found.tobytes() == expected.tobytes()


@settings(max_examples=examples(30))
@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=40),
    st.sampled_from([None, 0, 1, 2, 10**9]),
    st.sampled_from(["carry_forward", "carry_backward"]),
)
def test_what_is_carried(rows: list[tuple[int, bool]], limit: int | None, name: str) -> None:
    _, numbers = np.unique([group for group, _ in rows], return_inverse=True)
    positions = np.where([there for _, there in rows], np.arange(len(rows)), -1)
    found, expected = both_ways(name, positions, numbers, limit)
    assert found.dtype == expected.dtype
    assert found.tolist() == expected.tolist()


def test_a_distance_that_would_take_too_much_memory() -> None:
    numbers = np.array([0, 1, 0, 1])
    with lazyframe.config(min_rows=0):
        found = within_groups("position_at_distance", np.arange(4), numbers, 2, 10**9)
    assert found.tolist() == [-1] * 4


def test_windows_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    r = np.random.default_rng(0)
    numbers, values = np.sort(r.integers(0, 30, 500)), r.normal(size=500)
    values[::7] = np.nan
    for operation in ("rolling_mean_4_1", "rolling_max_3", "expanding_sum_1", "expanding_var_2"):
        monkeypatch.setattr(rolling_in_groups, "_PART_ROWS", 1 << 16)
        whole = within_groups(operation, values, numbers, 30, None)
        for rows in (1, 16, 499, 500):
            monkeypatch.setattr(rolling_in_groups, "_PART_ROWS", rows)
            np.testing.assert_array_equal(within_groups(operation, values, numbers, 30, None), whole)
    assert len(within_groups("expanding_sum_1", values[:0], numbers[:0], 0, None)) == 0
