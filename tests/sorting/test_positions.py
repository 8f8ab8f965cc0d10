"""Sorting by keys, whole and in part, against NumPy's stable sorts of one key after another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazyframe.run import sorts
from lazyframe.run.reference import sort_positions as plain_positions
from lazyframe.run.sorts import first_positions, sort_positions
from tests.passes.data import edge_values

DTYPES = [np.dtype(name) for name in ("bool", "int8", "uint8", "int32", "int64", "uint64")]


@st.composite
def sorted_keys(draw: st.DrawFn) -> tuple[list[np.ndarray], tuple[bool, ...]]:
    """One to three columns of few distinct values, the limits of their dtypes among them."""
    length = draw(st.integers(0, 30))
    keys = []
    for dtype in draw(st.lists(st.sampled_from(DTYPES), min_size=1, max_size=3)):
        values = [*edge_values(dtype).tolist(), *([0, 1, 2, 2**20] if dtype.itemsize > 2 else [])]
        pool = draw(st.lists(st.sampled_from(values), min_size=1, max_size=5))
        keys.append(np.array(draw(st.lists(st.sampled_from(pool), min_size=length, max_size=length)), dtype))
    return keys, tuple(draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys))))


@given(sorted_keys(), st.integers(-12, 12))
def test_rows_are_sorted_stably(sort: tuple[list[np.ndarray], tuple[bool, ...]], count: int) -> None:
    expected = plain_positions(*sort)
    found = sort_positions(*sort)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, expected)
    part = first_positions(*sort, count)
    assert part.dtype == np.int64
    np.testing.assert_array_equal(part, expected[:count] if count >= 0 else expected[count:])


@pytest.mark.parametrize("count", [1, 7, 500, -3, -1500])
@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("most_row_bits", [24, 0])
def test_keys_that_differ_in_their_last_bits_only(
    most_row_bits: int, up: bool, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorts, "_MOST_ROW_BITS", most_row_bits)
    random = np.random.default_rng(0)
    keys = [random.integers(0, 4, 3000) << 60, random.integers(0, 1 << 40, 3000), random.integers(0, 3, 3000)]
    keys[0][:5] = [-(2**63), 2**63 - 1, 0, -1, -(2**63)]
    for chosen in (keys, [*keys[:1], keys[2]], keys[1:], keys[:1]):
        ways = (up, *[not up] * (len(chosen) - 1))
        expected = plain_positions(chosen, ways)
        np.testing.assert_array_equal(sort_positions(chosen, ways), expected)
        part = first_positions(chosen, ways, count)
        np.testing.assert_array_equal(part, expected[:count] if count >= 0 else expected[count:])
