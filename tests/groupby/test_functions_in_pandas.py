"""Functions that pandas calls for each group of a recorded frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same
from tests.record.compare import outcome


@pytest.mark.parametrize(
    "function",
    [
        lambda s: np.ptp(s.values),
        lambda s: np.where(s > 0, s, 0).sum(),
        lambda s: np.diff(s).mean(),
        lambda s: s.to_numpy()[:2].max(),
    ],
)
def test_what_arrays_give_is_a_number_to_pandas(frame: pandas.DataFrame, function: Any) -> None:
    for by, column in (("k", "y"), ("j", "s"), (["b", "k"], "f")):
        for ask in (
            lambda g, c: g[c].agg(function),
            lambda g, c: g[c].agg([function]),
            lambda g, c: g[c].apply(function),
            lambda g, c: g[[c]].agg({c: [function]}),
            lambda g, c: g.agg(z=pandas.NamedAgg(c, function)),
            lambda g, c: g.agg(z=(c, function)),
            lambda g, c: g[c].transform(function),
        ):
            got = ask(lazyframe.DataFrame(frame).groupby(by), column)
            assert_same(got, ask(frame.groupby(by), column), rounded=True)


@pytest.mark.without_pandas
def test_functions_that_pandas_compiles(frame: pandas.DataFrame) -> None:
    def ask(df: pandas.DataFrame) -> Any:
        return df.groupby("k")["y"].transform(lambda values, index: values * 2.0, engine="numba")

    assert_same(ask(lazyframe.DataFrame(frame)), ask(frame))


def test_functions_keep_their_names(frame: pandas.DataFrame) -> None:
    def spread_of_array(s: Any) -> Any:
        return np.ptp(s.values)

    got = lazyframe.DataFrame(frame).groupby("k").y.agg([spread_of_array, "max"])
    assert list(got.columns) == ["spread_of_array", "max"]


@pytest.mark.parametrize("by", [["t", "b"], ["e", "c"], ["d", "b"], "e", ["h", "b"], "c"], ids=str)
def test_filters_lose_the_groups_that_pandas_loses(frame: pandas.DataFrame, by: Any) -> None:
    data = frame.head(80)
    for function in (lambda g: len(g) > 1, lambda g: g["x"].count() > 1):
        want = outcome(lambda f=function: data.groupby(by, dropna=False).filter(f))  # type: ignore[misc]
        got = outcome(lambda f=function: lazyframe.DataFrame(data).groupby(by, dropna=False).filter(f))  # type: ignore[misc]
        if isinstance(want, pandas.DataFrame):
            assert_same(got, want)
        else:
            assert got == want


def test_the_first_of_times_has_the_unit_that_pandas_finds(frame: pandas.DataFrame) -> None:
    data = frame[["k", "e"]]
    for some in (data, data.dropna()):
        want = some.groupby("k").e.transform(lambda s: s.iloc[0])
        assert_same(lazyframe.DataFrame(some).groupby("k").e.transform(lambda s: s.iloc[0]), want)


def test_extremes_so_far_keep_the_zero_that_numpy_keeps() -> None:
    data = pandas.DataFrame({"k": [1, 1, 1, 2, 2], "x": [0.0, -0.0, -1.0, -0.0, 1.0]})
    for function in (lambda s: (1 / s.cummax()).sum(), lambda s: (1 / s.cummin()).min()):
        with np.errstate(all="ignore"):
            want = data.groupby("k").x.agg(function)
            assert_same(lazyframe.DataFrame(data).groupby("k").x.agg(function), want)


def test_keys_of_objects_are_described() -> None:
    data = pandas.DataFrame({"o": pandas.Series(list("abcab"), dtype=object), "x": [1.0, 2.0, 3.0, 4.0, 5.0]})
    data = data.assign(k=[1, 2, 1, 2, 1])
    for by in (["o", "k"], "o"):
        assert_same(lazyframe.DataFrame(data).groupby(by).x.describe(), data.groupby(by).x.describe())
