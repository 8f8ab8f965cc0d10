"""Whether columns are sorted, their runs, and where rows can be divided between runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.run import runs
from lazyframe.run.runs import cuts_between_runs, sorted_column
from passes.ir.node import Token

DTYPES = ["int8", "uint16", "int64", "uint64"]


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runs, "_CHUNK_ROWS", 16)
    monkeypatch.setattr(runs, "_FIRST", 8)
    with lazyframe.config(threads=2):
        yield


def column(seed: int, rows: int, distinct: int, dtype: str) -> np.ndarray:
    r = np.random.default_rng(seed)
    limits = np.iinfo(dtype)
    some = r.integers(limits.min, limits.max, distinct, np.dtype(dtype), endpoint=True)
    return np.sort(r.choice(some, rows))


@pytest.mark.parametrize("min_rows", [0, 1 << 40])
@given(
    seed=st.integers(0, 1000),
    rows=st.sampled_from([1, 2, 15, 16, 17, 32, 33, 200]),
    distinct=st.sampled_from([1, 2, 9, 500]),
    dtype=st.sampled_from(DTYPES),
)
def test_runs_are_numpys_unique_values(
    min_rows: int, seed: int, rows: int, distinct: int, dtype: str
) -> None:
    array = column(seed, rows, distinct, dtype)
    found = sorted_column(Token("k"), array)
    values, numbers = np.unique(array, return_inverse=True)
    assert found is not None
    assert (found.low, found.high, found.count) == (array[0], array[-1], len(values))
    with lazyframe.config(min_rows=min_rows):
        assert found.values(array).tolist() == values.tolist()
    assert found.values(array).dtype == array.dtype
    assert found.numbers(array).tolist() == numbers.tolist()
    assert found.numbers(array).dtype == np.int32


def test_strided_arrays_have_runs() -> None:
    array = np.repeat(np.arange(60), 3)[::2]
    found = sorted_column(Token("k"), array)
    assert found is not None
    assert found.numbers(array).tolist() == np.unique(array, return_inverse=True)[1].tolist()


@given(rows=st.integers(2, 100), place=st.integers(0, 98))
def test_one_step_down_anywhere_is_seen(rows: int, place: int) -> None:
    array = np.arange(rows) * 2
    array[place % (rows - 1)] += 3
    assert sorted_column(Token("k"), array) is None


def test_what_was_found_is_remembered_with_the_column() -> None:
    token = Token("k")
    array = np.arange(40)
    assert sorted_column(token, array) is sorted_column(token, array[::-1])


@given(
    seed=st.integers(0, 1000),
    rows=st.integers(1, 200),
    distinct=st.sampled_from([1, 3, 500]),
    about=st.integers(1, 40),
    most=st.integers(1, 60),
)
def test_cuts_are_between_runs(seed: int, rows: int, distinct: int, about: int, most: int) -> None:
    array = column(seed, rows, distinct, "int64")
    cuts = cuts_between_runs(array, about, most)
    longest = np.unique(array, return_counts=True)[1].max()
    if cuts is None:
        assert longest > most
        return
    assert (cuts[0], cuts[-1]) == (0, rows)
    assert all(low < high for low, high in pairwise(cuts))
    assert all(array[cut] > array[cut - 1] for cut in cuts[1:-1])


def test_where_rows_are_not_sorted_near_a_cut_there_is_none() -> None:
    array = np.arange(50)
    array[21] = 0
    assert cuts_between_runs(array, 20, 10) is not None
    array[20] = 0
    assert cuts_between_runs(array, 20, 10) is None
