"""Functions given to ``agg``, ``apply`` and ``transform``: which are traced, and which must not be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same, check_recorded

pytestmark = pytest.mark.usefixtures("interpreted")

TWO = 2
BIG = [1.0]


@pytest.fixture
def data(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame[["k", "b", "wide", "x", "y", "i", "s", "f"]].assign(n=frame["s"].astype(np.int64))


NUMBERS = [
    lambda x: x.max() - x.min(),
    lambda x: (x * x).sum(),
    lambda x: x.sum() / x.count(),
    lambda x: x.size,
    lambda x: -(x.max()) * TWO + 1.5,
    lambda x: ((x - x.mean()) * (x - x.mean())).sum(),
    lambda x: (x > 3).sum(),
    lambda x: (x != x).mean(),
    lambda x: x.abs().max() / (1 + x.nunique()),
    lambda x: 100 * x.median(),
    lambda x: len(x) * x.std() / x.mean(),
    lambda x: x.max() > 1.5,
    lambda x: x.iloc[-1] - x.iloc[0],
    lambda x: x.diff().max(),
    lambda x: x.rolling(2, min_periods=1).mean().max(),
    np.sum,
    np.max,
    len,
]


@pytest.mark.parametrize("function", NUMBERS)
@pytest.mark.parametrize("by", ["k", "wide", ["b", "k"]], ids=str)
def test_numbers(data: pandas.DataFrame, by: Any, function: Any) -> None:
    for column in ("x", "n", "y"):
        check_recorded(data, lambda df, c=column: df.groupby(by)[c], lambda g: g.agg(function), True)  # type: ignore[misc]
        check_recorded(data, lambda df, c=column: df.groupby(by)[c], lambda g: g.apply(function), True)  # type: ignore[misc]
    check_recorded(data, lambda df: df.groupby(by)[["x", "n"]], lambda g: g.agg(function), True)
    check_recorded(data, lambda df: df.groupby(by), lambda g: g.agg(a=("x", function), b=("n", "sum")), True)
    check_recorded(
        data, lambda df: df.groupby(by), lambda g: g.agg({"x": function, "n": ["max", function]}), True
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda g: (g.x * g.y).sum(),
        lambda g: (g["x"] * g["n"]).sum() / g["n"].sum(),
        lambda g: g.x.max() - g.n.min(),
    ],
)
@pytest.mark.parametrize("by", ["k", "wide", ["b", "k"]], ids=str)
def test_of_frames(data: pandas.DataFrame, by: Any, function: Any) -> None:
    check_recorded(data, lambda df: df.groupby(by)[["x", "y", "n"]], lambda g: g.apply(function), True)
    check_recorded(data, lambda df: df.groupby(by), lambda g: g.apply(function), True)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x - x.mean(),
        lambda x: x / x.max(),
        lambda x: x.sum() * 0.5,
        lambda x: x * 2.0,
        lambda x: (x - x.mean()) / x.std(),
        lambda x: x.fillna(x.mean()),
        lambda x: x.fillna(0),
    ],
)
def test_transform(data: pandas.DataFrame, function: Any) -> None:
    check_recorded(data, lambda df: df.groupby("k").x, lambda g: g.transform(function), True)
    check_recorded(data, lambda df: df.groupby("k")[["x", "y"]], lambda g: g.transform(function), True)
    got = lazyframe.DataFrame(data).groupby("k")[["n", "x"]].transform(function)
    assert_same(got, data.groupby("k")[["n", "x"]].transform(function), rounded=True)
    got = lazyframe.DataFrame(data[:0]).groupby("k").x.transform(function)
    assert_same(got, data[:0].groupby("k").x.transform(function))


def test_equal_values_have_the_spread_that_pandas_finds() -> None:
    data = pandas.DataFrame({"k": [1] * 3 + [2] * 3, "x": [0.1] * 3 + [5.0, 6.0, 7.0]})
    for function in (lambda x: (x - x.mean()) / x.std(), lambda x: x / x.var()):
        with np.errstate(all="ignore"):
            want = data.groupby("k").x.transform(function)
            assert_same(lazyframe.DataFrame(data).groupby("k").x.transform(function), want)


def test_what_is_not_only_computing_is_called_as_pandas_calls_it(data: pandas.DataFrame) -> None:
    def counting(calls: list[int]) -> Any:
        def spread(x: Any) -> Any:
            calls.append(len(x))
            return x.max() - x.min()

        return spread

    mine: list[int] = []
    theirs: list[int] = []
    got = lazyframe.DataFrame(data).groupby("k").x.agg(counting(mine))
    assert_same(got, data.groupby("k").x.agg(counting(theirs)))
    assert mine == theirs


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.max() if len(x) > 10 else 0.0,
        lambda x: x.iloc[0],
        lambda x: x.name,
        lambda x: x.max() or 1.0,
        lambda x: sum(x),
        lambda x: np.ptp(x),
        lambda x: BIG[0],
        lambda x: 1.0,
        lambda x: x,
        lambda x: x.max(skipna=False),
        lambda x: (x > x.mean()).sum(),
    ],
)
def test_anything_else_is_pandas(data: pandas.DataFrame, function: Any) -> None:
    for column in ("x", "n", "f"):
        try:
            want = data.groupby("k")[column].agg(function)
        except Exception as error:  # whatever pandas raises
            with pytest.raises(type(error)):
                lazyframe.DataFrame(data).groupby("k")[column].agg(function)
            continue
        assert_same(lazyframe.DataFrame(data).groupby("k")[column].agg(function), want, rounded=True)
        want = data.groupby("k")[column].apply(function)
        assert_same(lazyframe.DataFrame(data).groupby("k")[column].apply(function), want, rounded=True)


@pytest.mark.parametrize("by", ["k", "x", ["b", "k"]], ids=str)
@pytest.mark.parametrize("function", [lambda x: x.sum() / 2, lambda x: x.count(), lambda x: x.max() > 1])
def test_no_groups(data: pandas.DataFrame, by: Any, function: Any) -> None:
    asked = [
        lambda df: df.groupby(by)["n"].agg(function),
        lambda df: df.groupby(by)["b"].apply(function),
        lambda df: df.groupby(by, as_index=False)["n"].agg([function, "sum"]),
        lambda df: df.groupby(by).agg({"n": function, "y": "sum"}),
        lambda df: df.groupby(by).agg(a=("n", function), c=("y", "sum")),
        lambda df: df.groupby(by).apply(lambda g: (g.n * g.y).sum()),
        lambda df: df.groupby(by).apply(lambda g: g.y.sum() / len(g), include_groups=False),
    ]
    nowhere = data.assign(x=np.nan)
    for program in asked:
        assert_same(program(lazyframe.DataFrame(data[:0])), program(data[:0]))
        assert_same(program(lazyframe.DataFrame(data).query("y < -1e300")), program(data[:0]))
        if by == "x":
            assert_same(program(lazyframe.DataFrame(nowhere)), program(nowhere))
