"""Rows of chunked strings are those that pandas takes, in any order and of any chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.run import taking
from lazyframe.run.taking import take, take_numbers

TEXTS = ["", "a", None, "bc", "ä", "xyz"]


def chunked(lengths: list[int]) -> Any:
    pieces = [pa.array([TEXTS[k * 7 % 5 + k % 2] for k in range(n)], pa.large_string()) for n in lengths]
    return pd.Series(
        pd.arrays.ArrowStringArray(
            pa.chunked_array(pieces, pa.large_string()), dtype=pd.StringDtype(na_value=np.nan)
        )
    ).array


@given(
    st.lists(st.integers(0, 5), max_size=6),
    st.lists(st.integers(0, 10**6), max_size=12),
    st.sampled_from(["sorted", "as they are", "descending"]),
)
def test_chunks(lengths: list[int], numbers: list[int], order: str) -> None:
    data = chunked(lengths)
    positions = np.array([n % len(data) for n in numbers] if len(data) else [], np.int64)
    if order != "as they are":
        positions = np.sort(positions)[:: 1 if order == "sorted" else -1]
    found, expected = take(data, positions), data.take(positions)
    pd.testing.assert_extension_array_equal(found, expected)
    assert type(found) is type(expected)


@pytest.mark.parametrize("step", [1, -1, 7])
def test_long_columns(step: int) -> None:
    data = chunked([300, 0, 500, 200])
    positions = np.arange(0, 1000, 9)[::step].copy()
    np.random.default_rng(0).shuffle(positions[1:5])
    pd.testing.assert_extension_array_equal(take(data, positions), data.take(positions))


@pytest.mark.parametrize("data", [np.array([1, 2, 3]), pd.array([1, None]), pd.Index(["a", "b"])])
def test_other_arrays(data: Any) -> None:
    assert list(take(data, np.array([1, 0]))[:1]) == list(data[1:2])


@pytest.mark.parametrize("lengths", [[5], [2, 0, 3], [1]], ids=str)
def test_all_rows_are_the_array_in_one_of_its_own(lengths: list[int]) -> None:
    data = chunked(lengths)
    found = take(data, np.arange(len(data)))
    pd.testing.assert_extension_array_equal(found, data)
    found[0] = "written"
    assert data[0] != "written"
    pd.testing.assert_extension_array_equal(take(data, np.arange(len(data))[::-1]), data[::-1])


@pytest.mark.parametrize("dtype", ["int64", "float32", "bool", "M8[us]", "object"])
@pytest.mark.parametrize("count", [0, 3, 99, 100, 1001])
def test_numbers_taken_by_several_threads(dtype: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "_TAKEN_AT_ONCE", 50)
    r = np.random.default_rng(count)
    array = r.integers(0, 1000, 500).astype(dtype)
    positions = r.integers(0, 500, count)
    with lazyframe.config(threads=3):
        found = take_numbers(array, positions)
        assert found.dtype == array.dtype
        np.testing.assert_array_equal(found, array[positions])
        np.testing.assert_array_equal(take_numbers(array[::2], positions // 2), array[::2][positions // 2])
        np.testing.assert_array_equal(take_numbers(array, slice(None)), array)
