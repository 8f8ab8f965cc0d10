"""``value_counts``, ``unique``, ``nunique`` and ``describe``, against pandas."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.api import recording_distinct
from lazyframe.record import describing
from tests.groupby.grouped_frames import assert_same, make_frame
from tests.record.compare import outcome

pytestmark = pytest.mark.usefixtures("interpreted")


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every program that counting or describing computes."""
    seen: list[int] = []

    def counted(original: Any) -> Any:
        def compute(*args: Any) -> Any:
            seen.append(1)
            return original(*args)

        return compute

    for module, name in (
        (recording_distinct, "compute"),
        (recording_distinct, "compute_own"),
        (describing, "describe_columns"),
    ):
        monkeypatch.setattr(module, name, counted(getattr(module, name)))
    return seen


@pytest.mark.parametrize("rows", [0, 1, 400])
@pytest.mark.parametrize("column", ["k", "j", "b", "u", "wide", "s", "x", "f", "t", "d"])
@pytest.mark.parametrize(
    "arguments",
    [{}, {"sort": False}, {"ascending": True}, {"normalize": True}, {"dropna": False}],
    ids=str,
)
def test_value_counts(recorded: list[int], column: str, rows: int, arguments: dict[str, Any]) -> None:
    data = make_frame(rows, seed=5)[column]
    assert_same(lazyframe.Series(data).value_counts(**arguments), data.value_counts(**arguments))
    assert recorded


@pytest.mark.parametrize("rows", [0, 1, 400])
@pytest.mark.parametrize("column", ["k", "j", "b", "u", "wide", "s"])
def test_unique(recorded: list[int], column: str, rows: int) -> None:
    data = make_frame(rows, seed=6)[column]
    got, want = lazyframe.Series(data).unique(), data.unique()
    assert type(got) is np.ndarray
    assert got.dtype == want.dtype
    assert got.tolist() == want.tolist()
    assert lazyframe.Series(data).nunique() == data.nunique()
    assert type(lazyframe.Series(data).nunique()) is int
    assert recorded


def test_what_is_unique_may_be_written_to() -> None:
    found = lazyframe.Series([3, 1, 3]).unique()
    found[0] = 7
    assert found.tolist() == [7, 1]


def test_categories_are_counted(frame: pandas.DataFrame, recorded: list[int]) -> None:
    assert_same(lazyframe.DataFrame(frame)["c"].value_counts(), frame["c"].value_counts())
    assert list(lazyframe.DataFrame(frame)["c"].unique()) == list(frame["c"].unique())
    assert recorded


def test_bins_are_counted_by_pandas(frame: pandas.DataFrame, recorded: list[int]) -> None:
    assert_same(lazyframe.Series(frame["k"]).value_counts(bins=3), frame["k"].value_counts(bins=3))
    assert not recorded


@pytest.mark.parametrize("percentiles", [None, [], [0.1], [0.9, 0.5, 0.123456], (0.5,)], ids=str)
@pytest.mark.parametrize("column", ["x", "f", "i", "s", "u"])
def test_describe_a_series(
    frame: pandas.DataFrame, column: str, percentiles: Any, recorded: list[int]
) -> None:
    got = lazyframe.DataFrame(frame)[column].describe(percentiles=percentiles)
    want = frame[column].describe(percentiles=percentiles)
    assert_same(got, want, rounded=True, single=column == "f")
    assert recorded


@pytest.mark.parametrize("rows", [0, 1, 2, 400])
def test_describe_a_frame(rows: int, recorded: list[int]) -> None:
    data = make_frame(rows, seed=7).drop(columns=["t", "d", "e", "f", "g", "h"]).assign(text="a")
    assert_same(lazyframe.DataFrame(data).describe(), data.describe(), rounded=True)
    assert recorded


def test_describe_columns_that_are_missing_or_infinite(recorded: list[int]) -> None:
    data = pandas.DataFrame({"a": [np.nan] * 3, "b": [np.inf, 1.0, 2.0], "c": [-0.0, 0.0, np.nan]})
    with np.errstate(invalid="ignore"):
        assert_same(lazyframe.DataFrame(data).describe(), data.describe(), rounded=True)
    assert recorded


def test_other_descriptions_are_pandas(frame: pandas.DataFrame) -> None:
    frame = frame.drop(columns="g")  # of infinities pandas warns
    mine = lazyframe.DataFrame(frame)
    assert_same(mine.describe(), frame.describe(), rounded=True, single=True)  # of times too
    assert_same(mine.describe(include="all"), frame.describe(include="all"), rounded=True, single=True)
    assert_same(mine["c"].describe(), frame["c"].describe())
    assert_same(mine[["b"]].describe(), frame[["b"]].describe())


def test_warnings_of_arguments_that_a_series_does_not_have(frame: pandas.DataFrame) -> None:
    told = []
    for series in (lazyframe.DataFrame(frame)["x"], frame["x"]):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            series.describe(include="all")
        told.append([(warning.category, str(warning.message), warning.filename) for warning in caught])
    assert told[0] == told[1]


@pytest.mark.parametrize("percentiles", [[1.5], [0.5, 0.5], "a"])
def test_bad_percentiles(frame: pandas.DataFrame, percentiles: Any) -> None:
    with pytest.raises(Exception) as want:  # noqa: PT011  # whatever pandas raises
        frame["x"].describe(percentiles)
    with pytest.raises(type(want.value)) as got:
        lazyframe.DataFrame(frame)["x"].describe(percentiles)
    assert str(got.value) == str(want.value)


@pytest.mark.parametrize("rows", [0, 1, 400])
@pytest.mark.parametrize(
    "subset",
    [None, "k", ["k"], ["k", "b"], ["x", "j"], ["c", "k"], ["t"], ["k", "missing"], ("k", "j")],
    ids=str,
)
def test_value_counts_of_frames(rows: int, subset: Any) -> None:
    data = make_frame(rows, seed=8)[["k", "j", "b", "x", "c", "t"]]
    data["s"] = pandas.array(["a", None, "b", "a", "c"] * (rows // 5) + ["z"] * (rows % 5), dtype="str")
    for given in ({}, {"sort": False}, {"ascending": True}, {"normalize": True}, {"dropna": False}):
        same_outcome(data, lambda frame, given=given: frame.value_counts(subset, **given))


def same_outcome(data: pandas.DataFrame, program: Any, **how: Any) -> None:
    want, got = outcome(program, data), outcome(program, lazyframe.DataFrame(data))
    if isinstance(want, Exception):
        assert (type(got), str(got)) == (type(want), str(want))
    else:
        assert_same(got, want, single="f" in data, **how)


@pytest.mark.parametrize("rows", [0, 1, 400])
@pytest.mark.parametrize("dropna", [True, False])
def test_nunique_of_frames(rows: int, dropna: bool) -> None:
    data = make_frame(rows, seed=9)
    data["text"] = pandas.array(["a", None] * (rows // 2) + ["z"] * (rows % 2), dtype="str")
    for part in (data, data.drop(columns=["c", "o"]), data[["x", "text"]], data[[]], data[data["k"] > 1]):
        same_outcome(part, lambda frame: frame.nunique(dropna=dropna))
    same_outcome(data[["k", "x"]], lambda frame: frame[frame["k"] > 1].nunique(dropna=dropna))
    same_outcome(data[["k", "j"]], lambda frame: frame.nunique(axis=1))


@pytest.mark.parametrize("rows", [0, 1, 2, 400])
@pytest.mark.parametrize("by", ["k", ["k"], ["b", "j"], "g", "c", lambda f: f["k"] % 2], ids=str)
def test_describe_of_groups(rows: int, by: Any) -> None:
    data = make_frame(rows, seed=10)
    keys = by(data) if callable(by) else by
    for columns in ("x", "i", ["x", "y"], ["y", "i", "wide"], ["f"], ["x", "d"], "b"):
        same_outcome(data, lambda f, c=columns: f.groupby(keys)[c].describe(), rounded=True)
    grouped = lazyframe.DataFrame(data).groupby(keys)["x"]
    if rows > 2:
        grouped.describe()
        assert grouped._grouped._plain is None


def test_describe_of_groups_with_infinities() -> None:
    data = pandas.DataFrame({"k": [1, 1, 1, 1, 1, 2, 2], "x": [2.5, 2.5, 1.0, 2.5, np.inf, -np.inf, 1.0]})
    with np.errstate(invalid="ignore"):
        same_outcome(data, lambda f: f.groupby("k")["x"].describe())
        same_outcome(data, lambda f: f.groupby("k").describe())


def test_describe_of_groups_otherwise() -> None:
    data = make_frame(60, seed=11)
    for program in (
        lambda f: f.groupby("k", sort=False)["x"].describe(),
        lambda f: f.groupby("g", dropna=False)["x"].describe(),
        lambda f: f.groupby("k", as_index=False)["x"].describe(),
        lambda f: f.groupby("k", group_keys=False)["x"].describe(),
        lambda f: f.groupby("k")["x"].describe(percentiles=[0.1]),
        lambda f: f[["k", "x", "y"]].groupby("k").describe(),
        lambda f: f[["k", "x", "c"]].groupby("k").describe(include="all"),
        lambda f: f["x"].groupby(f["k"]).describe(),
        lambda f: f.rename_axis(columns="columns").groupby("k")[["x", "y"]].describe(),
    ):
        same_outcome(data, program, rounded=True)
