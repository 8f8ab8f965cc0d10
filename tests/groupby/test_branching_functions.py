"""Functions of groups that ask whether something is so, and go on accordingly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same, check_recorded

pytestmark = pytest.mark.usefixtures("interpreted")

LEAST = 3


@pytest.fixture
def data(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame[["k", "b", "wide", "x", "y", "t"]].assign(n=frame["s"].astype(np.int64)).head(150)


def or_nothing(s: Any) -> Any:
    if len(s) < LEAST:
        return np.nan
    total = s.sum()
    if total > 0 and s.max() > 2:
        return total
    return -total


def kinds(s: Any) -> Any:
    if s.isna().all():
        return -1
    if not (s > 0).any():
        return 0
    return int(s.count())


NUMBERS = [
    or_nothing,
    kinds,
    lambda s: s.mean() if len(s) > LEAST else np.nan,
    lambda s: s.max() if s.notna().any() else 0,
    lambda s: 1 if s.count() > 20 else 0,
    lambda s: s.max() / s.count() if s.count() else 0.0,
    lambda s: max(s.max(), 1.5),
    lambda s: min(s.min(), s.count(), 3),
    lambda s: len(s) > 20 and s.max() > 2,
    lambda s: not (s > 2).any(),
    lambda s: 10 < len(s) < 25,
    lambda s: s.std() / math.sqrt(len(s)),
    lambda s: s.max() if len(s) > 20 else s.min() if len(s) > 10 else s.median(),
    lambda s: len(s) if len(s) > 1000 else s.median(),
    lambda s: len(s) if len(s) > 0 else 0.5,
    lambda s: float(s.count()) if len(s) > 20 else int(s.isna().sum()),
    lambda s: sum(s.isna()) / len(s),
    lambda s: np.nanmax(s.abs()) - np.nanmin(s.abs()) if s.count() else np.nan,
    lambda s: np.count_nonzero(s > 1),
    lambda s: s.mean() ** 2,
]


@pytest.mark.parametrize("function", NUMBERS)
@pytest.mark.parametrize("by", ["k", ["b", "k"]], ids=str)
def test_numbers(data: pandas.DataFrame, by: Any, function: Any) -> None:
    for column in ("x", "n", "y"):
        check_recorded(data, lambda df, c=column: df.groupby(by)[c], lambda g: g.agg(function), True)  # type: ignore[misc]
    check_recorded(data, lambda df: df.groupby(by), lambda g: g.agg(a=("x", function), b=("n", "sum")), True)


def test_of_frames(data: pandas.DataFrame) -> None:
    def share(d: Any) -> Any:
        weight = d["n"].abs().sum()
        if weight == 0:
            return 0.0
        return (d["y"] * d["n"].abs()).sum() / weight

    def summary(d: Any) -> Any:
        out = {}
        out["rows"] = len(d)
        out["mean"] = d["y"].mean() if len(d) > LEAST else 0.0
        out["many"] = len(d) > 10
        return pandas.Series(out)

    for by in ("k", ["b", "k"]):
        check_recorded(data, lambda df: df.groupby(by), lambda g: g.apply(share), True)  # noqa: B023
        check_recorded(data, lambda df: df.groupby(by), lambda g: g.apply(summary), True)  # noqa: B023


@pytest.mark.parametrize(
    "function",
    [
        lambda s: s - s.mean() if len(s) > 12 else s,
        lambda s: s.max() if s.count() > 10 else s,
        lambda s: s / s.max() if s.max() else 0.0,
        lambda s: s.fillna(0) if s.isna().any() else s * 2,
    ],
)
def test_transform(data: pandas.DataFrame, function: Any) -> None:
    for column in ("x", "y"):
        check_recorded(data, lambda df, c=column: df.groupby("k")[c], lambda g: g.transform(function), True)  # type: ignore[misc]
    for rows in (data, data.head(1), data.head(0)):
        got = lazyframe.DataFrame(rows).groupby("k").n.transform(function)
        assert_same(got, rows.groupby("k").n.transform(function), rounded=True)


@pytest.mark.parametrize(
    "function",
    [
        lambda d: len(d) > 10 and d["y"].max() > 2,
        lambda d: not (d["y"] > 2).any(),
        lambda d: 10 < len(d) < 25,
        lambda d: len(d) > 20 or d["n"].max() > 90,
        lambda d: (d["n"].max() > 50) if len(d) > 10 else False,
        lambda d: (d["t"].max() - d["t"].min()).days > 5,
    ],
)
def test_filter(data: pandas.DataFrame, function: Any) -> None:
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.filter(function))
    check_recorded(data, lambda df: df.groupby(["b", "k"]), lambda g: g.filter(function))


def test_only_what_is_taken_has_to_be_certain() -> None:
    data = pandas.DataFrame({"k": [1] * 3 + [2] * 3, "x": [0.1] * 3 + [5.0, 6.0, 7.0]})
    recorded = lazyframe.DataFrame(data).groupby("k").x
    got = recorded.agg(lambda s: s.max() / s.std() if s.max() > 1 else 0.0)
    assert recorded._grouped._plain is None
    assert_same(got, data.groupby("k").x.agg(lambda s: s.max() / s.std() if s.max() > 1 else 0.0), True)


def test_loops_and_many_ways_are_pandas(data: pandas.DataFrame) -> None:
    def looping(s: Any) -> float:
        best = 0.0
        while best < 3:
            best += 1.0
        return best + s.max()

    def branching(s: Any) -> float:
        found = 0.0
        found = found + 1 if s.max() > 1 else found
        found = found + 1 if s.max() > 2 else found
        found = found + 1 if s.max() > 3 else found
        found = found + 1 if s.max() > 4 else found
        return found + 1 if s.max() > 5 else found

    for function in (looping, branching):
        got = lazyframe.DataFrame(data).groupby("k").y.agg(function)
        assert_same(got, data.groupby("k").y.agg(function))


def test_what_cancels_out_is_told_from_nothing_as_pandas_does() -> None:
    random = np.random.default_rng(0)
    parts = [random.permutation([0.1] * 10 + [-1.0]) for _ in range(60)]
    data = pandas.DataFrame({"k": np.repeat(np.arange(60), 11), "x": np.concatenate(parts)})
    for function in (
        lambda s: s.sum() > 0,
        lambda s: s.mean() < 0,
        lambda s: 1.0 if s.sum() else 0.0,
        lambda s: s.sum() * 3 / len(s) > 0,
        lambda s: s.sum() + s.max() > s.max(),
        lambda s: (s > s.sum()).sum(),
    ):
        got = lazyframe.DataFrame(data).groupby("k").x.agg(function)
        assert_same(got, data.groupby("k").x.agg(function))


def test_sums_of_zeros_are_zero(data: pandas.DataFrame) -> None:
    rows = data.assign(y=data["y"].where(data["k"] > 0, 0.0))
    function: Any = lambda s: s.max() / s.sum() if s.sum() != 0 else 0.0  # noqa: E731
    check_recorded(rows, lambda df: df.groupby("k").y, lambda g: g.agg(function), True)
