"""Merges of which every row is wanted share the left side's columns where each of its rows has a partner."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import column_arrays, shares_memory
from tests.joins.frames import check

pytestmark = pytest.mark.usefixtures("interpreted")


def left_frame(rows: int = 40, keys: int = 7) -> pandas.DataFrame:
    random = np.random.default_rng(rows)
    return pandas.DataFrame(
        {
            "k": random.integers(0, keys, rows),
            "j": random.integers(0, 3, rows),
            "x": random.normal(size=rows),
            "flag": random.random(rows) < 0.5,
            "s": pandas.array(random.choice(["p", "q", None], rows), dtype="str"),
            "day": np.arange(rows).astype("M8[D]").astype("M8[us]"),
            "zoned": pandas.date_range("2020-01-01", periods=rows, tz="UTC"),
            "c": pandas.Categorical(random.choice(["u", "v"], rows)),
        }
    )


def right_frame(name: str, keys: int = 7, key: str = "k") -> pandas.DataFrame:
    numbers = np.arange(keys)[::-1]
    words = pandas.array([f"{name}{number}" for number in numbers], dtype="str")
    return pandas.DataFrame({key: numbers, name: numbers * 0.5, f"{name}_word": words})


def merged(left: Any, right: Any, **options: Any) -> Any:
    return lazyframe.collect(left.merge(lazyframe.DataFrame(right), **options))


def is_shared(one: Any, other: Any, column: str = "x") -> bool:
    return shares_memory(one[[column]]._mgr, other[[column]]._mgr)


@pytest.mark.parametrize("by", ["k", ["k", "j"], "s"])
def test_columns_of_the_left_side_are_shared(by: Any) -> None:
    data = left_frame()
    right = data[np.atleast_1d(by).tolist()].drop_duplicates().assign(more=1.5)
    left = lazyframe.DataFrame(data)
    found = merged(left, right, on=by)
    assert is_shared(found, left) == is_shared(data.merge(right, on=by), data)
    pandas.testing.assert_frame_equal(found.to_pandas(), data.merge(right, on=by))


@pytest.mark.parametrize("missing", [[3], [0, 6], list(range(7))])
def test_rows_without_a_partner_are_left_out(missing: list[int]) -> None:
    data, right = left_frame(), right_frame("r")
    right = right[~right["k"].isin(missing)]
    left = lazyframe.DataFrame(data)
    found = merged(left, right, on="k")
    pandas.testing.assert_frame_equal(found.to_pandas(), data.merge(right, on="k"))
    assert not is_shared(found, left)


@pytest.mark.parametrize("keys", [(7, 3), (7, 2), (5, 3), (5, 2)])
def test_one_merge_after_another(keys: tuple[int, int]) -> None:
    data = left_frame()
    first, second = right_frame("r", keys[0]), right_frame("t", keys[1], "j")

    def program(pd: Any, one: Any, other: Any) -> Any:
        return one.merge(other, on="k").merge(pd.DataFrame(second), on="j")

    found = check(program, data, first)
    left = lazyframe.DataFrame(data)
    found = lazyframe.collect(program(lazyframe, left, lazyframe.DataFrame(first)))
    assert is_shared(found, left) == (keys == (7, 3))


def test_who_writes_to_one_frame_does_not_change_the_other() -> None:
    data, right = left_frame(), right_frame("r")
    before = data.copy(deep=True)
    for column, value in (("x", 99.0), ("s", "new")):
        left = lazyframe.DataFrame(data)
        found = merged(left, right, on="k")
        found.loc[1, column] = value
        pandas.testing.assert_frame_equal(left.to_pandas(), before)
        found = merged(left, right, on="k")
        left.loc[1, column] = value
        pandas.testing.assert_frame_equal(found.to_pandas(), before.merge(right, on="k"))
        pandas.testing.assert_frame_equal(data, before)


def test_computing_again_and_again_leaves_the_left_side_writeable() -> None:
    data = left_frame()
    left = lazyframe.DataFrame(data)
    joined = left.merge(lazyframe.DataFrame(right_frame("r")), on="k")
    want = data.merge(right_frame("r"), on="k")
    for _ in range(3):
        got = lazyframe.collect(joined["x"], joined[["x", "r"]], joined["x"] * joined["r"])
        pandas.testing.assert_series_equal(got[0].to_pandas(), want["x"])
        pandas.testing.assert_frame_equal(got[1].to_pandas(), want[["x", "r"]])
        pandas.testing.assert_series_equal(got[2].to_pandas(), want["x"] * want["r"])
    assert joined["x"].sum() == pytest.approx(want["x"].sum())
    pandas.testing.assert_frame_equal(joined[joined["r"] > 1.0].to_pandas(), want[want["r"] > 1.0])
    assert all(array.flags.writeable for array in column_arrays(data)[:3])


@pytest.mark.parametrize("levels", [1, 2])
def test_labels_of_the_left_side_may_be_renamed(levels: int) -> None:
    data, right = left_frame(), right_frame("r").set_index("k")
    arrays = [np.arange(len(data))[::-1], np.arange(len(data)) % 2]
    data.index = pandas.MultiIndex.from_arrays(arrays, names=["a", "b"]) if levels == 2 else arrays[0]
    left = lazyframe.DataFrame(data)
    found = merged(left, right, left_on="k", right_index=True)
    pandas.testing.assert_frame_equal(found.to_pandas(), data.merge(right, left_on="k", right_index=True))
    before = list(data.index.names)
    found.index.names = ["new"] * levels
    assert list(left.index.names) == list(data.index.names) == before


@pytest.mark.parametrize("how", ["inner", "left", "right"])
@pytest.mark.parametrize("repeated", [False, True])
def test_keys_that_are_computed(how: Any, repeated: bool) -> None:
    data, right = (
        left_frame().assign(k=lambda df: df["k"] * 1.5),
        right_frame("r").assign(k=lambda df: df["k"] * 1.5),
    )
    data.loc[[0, 3], "k"], right.loc[2, "k"], right.loc[6, "k"] = np.nan, np.nan, -0.0
    if repeated:
        right = pandas.concat([right, right.iloc[2:4]], ignore_index=True)
    check(lambda pd, one, other: one.merge(other, on="k", how=how), data, right)
    check(lambda pd, one, other: one.merge(other, on="k", how=how)["r"].sum() + one["k"], data, right)
    check(lambda pd, one, other: one.merge(other[other["r"] > 0], on="k", how=how), data, right)


@given(st.integers(0, 12), st.integers(0, 4), st.sampled_from(["inner", "left"]), st.booleans())
def test_any_number_of_rows_and_partners(rows: int, keys: int, how: Any, sort: bool) -> None:
    data, right = left_frame(rows, 3), right_frame("r", keys)
    check(lambda pd, one, other: one.merge(other, on="k", how=how, sort=sort), data, right)
    check(lambda pd, one, other: one[one["x"] > 0].merge(other, on="k", how=how), data, right)
