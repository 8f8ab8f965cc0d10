"""Rows grouped by strings: pandas' groups, labels and order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.groupby.grouped_frames import assert_same, check_recorded
from tests.record.compare import outcome
from tests.strings.columns import HELD, WORDS, as_held, columns


@st.composite
def frames(draw: Any) -> pandas.DataFrame:
    """Two string keys, an integer and a categorical one, and values."""
    first = draw(columns())
    rows = len(first)

    def some(values: Any) -> Any:
        return draw(st.lists(values, min_size=rows, max_size=rows))

    words = draw(st.lists(WORDS, min_size=1, max_size=2))
    missing = [None] if draw(st.booleans()) else []
    return pandas.DataFrame(
        {
            "a": first,
            "b": as_held(some(st.sampled_from([*words, *missing])), draw(HELD)),
            "k": np.array(some(st.integers(-1, 1)), np.int64),
            "c": pandas.Categorical(some(st.sampled_from(["z", "y", *missing])), categories=["z", "y", "x"]),
            "x": np.array(some(st.integers(-9, 9)), np.int64),
            "y": np.array(some(st.floats(-9, 9, width=16) | st.just(np.nan)), np.float64),
        }
    )


KEYS = st.sampled_from(["a", ["a"], ["a", "b"], ["b", "k"], ["k", "a", "b"], ["a", "c"], ["c", "k", "b"]])


@given(frames(), KEYS, st.booleans(), st.booleans(), st.booleans())
def test_groups_of_strings(data: Any, by: Any, sort: bool, dropna: bool, as_index: bool) -> None:
    options = {"sort": sort, "dropna": dropna, "as_index": as_index, "observed": True}

    def use(df: Any) -> Any:
        return df.groupby(by, **options)[["x", "y"]].agg({"x": "max", "y": "count"})

    assert_same(use(lazyframe.DataFrame(data)), use(data))


@given(frames(), KEYS)
def test_sizes_of_filtered_rows(data: Any, by: Any) -> None:
    def use(df: Any) -> Any:
        return df[df["x"] > 0].groupby(by).size()

    assert_same(use(lazyframe.DataFrame(data)), use(data))


@pytest.mark.parametrize("dropna", [True, False])
@pytest.mark.parametrize("by", ["a", ["a", "k"]])
def test_strings_are_not_grouped_by_pandas(by: Any, dropna: bool) -> None:
    data = pandas.DataFrame({"a": ["x", None, "w", "x"], "k": [1, 2, 2, 1], "v": [1.0, 2.0, 3.0, 4.0]})
    check_recorded(data, lambda df: df.groupby(by, dropna=dropna), lambda g: g["v"].sum())


def test_a_row_in_no_group_leaves_its_other_key_a_level() -> None:
    data = pandas.DataFrame({"a": ["x", None, "w"], "b": ["q", "r", None], "v": [1, 2, 3]})
    check_recorded(data, lambda df: df.groupby(["a", "b"]), lambda g: g["v"].sum())
    check_recorded(data, lambda df: df.groupby(["b", "a"], sort=False), lambda g: g["v"].sum())


def test_a_key_goes_on_lazily() -> None:
    data = pandas.DataFrame({"a": ["x", None, "w", "x"], "v": [1, 2, 3, 4]})

    def use(df: Any) -> Any:
        sums = df.groupby("a", as_index=False)["v"].sum()
        return sums[sums["v"] > 3].groupby("a")["v"].max()

    assert_same(use(lazyframe.DataFrame(data)), use(data))


def test_other_strings_are_left_to_pandas() -> None:
    data = pandas.DataFrame({"a": pandas.array(["x", None, "x"], dtype="string"), "v": [1, 2, 3]})
    for dropna in (True, False):
        want = data.groupby("a", dropna=dropna)["v"].sum()
        assert_same(lazyframe.DataFrame(data).groupby("a", dropna=dropna)["v"].sum(), want)


@given(frames(), st.sampled_from(["k", "b", ["k", "b"], "c"]), st.booleans(), st.booleans())
def test_strings_of_groups(data: Any, by: Any, sort: bool, dropna: bool) -> None:
    def use(df: Any) -> Any:
        grouped = df.groupby(by, sort=sort, dropna=dropna, observed=True)
        return grouped["a"].agg(["first", "last", "min", "max", "count", "size"])

    for part in (lambda df: df, lambda df: df[df["x"] > 0]):
        assert_same(use(part(lazyframe.DataFrame(data))), use(part(data)))


@pytest.mark.parametrize("name", ["first", "last", "min", "max", "count", "nunique"])
def test_strings_are_not_aggregated_by_pandas(name: str) -> None:
    data = pandas.DataFrame({"k": [1, 2, 2, 1, 3], "a": ["x", None, "w", "b", None], "v": range(5)})
    check_recorded(data, lambda df: df.groupby("k"), lambda g: getattr(g, name)())
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.agg({"a": name, "v": "max"}))


@pytest.mark.parametrize("name", ["sum", "mean", "var", "any", "prod"])
def test_other_aggregations_of_strings_are_pandas(name: str) -> None:
    data = pandas.DataFrame({"k": [1, 2, 2, 1], "a": ["x", "y", "w", "b"]})

    def use(df: Any) -> Any:
        return getattr(df.groupby("k")["a"], name)()

    want, got = outcome(use, data), outcome(use, lazyframe.DataFrame(data))
    if isinstance(want, Exception):
        assert type(got) is type(want)
        assert str(got) == str(want)
    else:
        assert_same(got, want)
