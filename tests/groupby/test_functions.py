"""Functions given to ``agg``, ``apply`` and ``transform``: which are traced, and which must not be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.record.groupby_tracing import is_pure
from tests.groupby.grouped_frames import assert_same, check_recorded
from tests.record.compare import outcome

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
        lambda g: g.loc[g["n"] > 0, "x"].sum() / g["x"].sum(),
        lambda g: len(g.loc[g["x"] > 1000]),
        lambda g: g.loc[(g["n"] > 0) & g["x"].notna(), "y"].max(),
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


MORE_NUMBERS = [
    lambda x: x.quantile(0.9),
    lambda x: x.quantile(0.75) - x.quantile(0.25),
    lambda x: x.quantile(1) + x.quantile(0),
    lambda x: x.isna().sum(),
    lambda x: x.notnull().mean(),
    lambda x: x.isin([1, 7, -3]).sum(),
    lambda x: x.between(0, 5).sum(),
    lambda x: (~(x > 0)).sum(),
    lambda x: (x > 0).any(),
    lambda x: (x > -50).all(),
    lambda x: (x**2).sum(),
    lambda x: np.sqrt((x**2).mean()),
    lambda x: np.log1p(x.abs()).sum(),
    lambda x: x.std(ddof=0),
    lambda x: x.sem(),
    lambda x: np.std(x),
    lambda x: np.mean(x) + np.sum(x),
    lambda x: np.median(x),
    lambda x: np.percentile(x, 90),
    lambda x: np.quantile(x, 0.3),
    lambda x: x.shape[0],
    lambda x: len(x.dropna()),
    lambda x: len(x.unique()),
    lambda x: x[x > 0].sum(),
    lambda x: x[x > 0].mean(),
    lambda x: len(x[x > 0]) / len(x),
    lambda x: (x > x.mean()).sum(),
    lambda x: (x == x.max()).sum(),
    lambda x: (x > x.quantile(0.5)).mean(),
    lambda x: (x - x.mean()).abs().mean(),
    lambda x: round(x.mean(), 2),
    lambda x: x.mean().round(1),
    lambda x: x.where(x > 0, 0).sum(),
    lambda x: x.sub(x.min()).max(),
    lambda x: x.values[-1],
    lambda x: (x > 0).mean(),
]


def interquartile(x: Any) -> Any:
    low = x.quantile(0.25)
    high = x.quantile(0.75)
    return high - low


@pytest.mark.parametrize("function", [*MORE_NUMBERS, interquartile])
@pytest.mark.parametrize("by", ["k", ["b", "k"]], ids=str)
def test_more_numbers(data: pandas.DataFrame, by: Any, function: Any) -> None:
    for column in ("x", "n"):
        check_recorded(data, lambda df, c=column: df.groupby(by)[c], lambda g: g.agg(function), True)  # type: ignore[misc]
    check_recorded(data, lambda df: df.groupby(by), lambda g: g.agg(a=("x", function), b=("n", "sum")), True)


@pytest.mark.parametrize("rows", [0, 1, 7])
@pytest.mark.parametrize("function", MORE_NUMBERS)
def test_more_numbers_of_few_rows(rows: int, function: Any) -> None:
    data = pandas.DataFrame(
        {
            "k": [1, 1, 1, 2, 2, 3, 3][:rows],
            "x": [np.nan, -0.0, 0.0, np.nan, np.nan, 0.1, 0.1][:rows],
            "n": np.array([0, -5, 5, 7, 7, 0, 2**60][:rows], np.int64),
        }
    )
    for column in ("x", "n"):
        for program in (
            lambda df, c=column: df.groupby("k")[c].agg(function),
            lambda df, c=column: df.groupby("k")[c].apply(function),
            lambda df, c=column: df.groupby("k")[c].transform(function),
        ):
            with np.errstate(all="ignore"):
                same_outcome(data, program)


@pytest.mark.parametrize("by", ["k", "i"])
@pytest.mark.parametrize("q", [0.0, 0.1, 1 / 3, 0.5, 0.77, 1.0])
def test_quantiles_have_the_bits_of_numpy(q: float, by: str) -> None:
    r = np.random.default_rng(3)
    rows, groups = {"k": (4000, 7), "i": (1000, 375)}[by]
    keys = r.integers(0, groups, rows)
    x = np.where(r.random(rows) < 0.2, np.nan, r.normal(0, 1e3, rows))
    x[r.random(rows) < 0.05] = -0.0
    n = r.integers(-(2**63), 2**63, rows)
    data = pandas.DataFrame({by: keys, "x": x, "n": n, "u": n.astype(np.uint64), "s": n.astype(np.int16)})
    for column in ("x", "n", "u", "s"):
        check_recorded(data, lambda f, c=column: f.groupby(by)[c], lambda g: g.agg(lambda v: v.quantile(q)))  # type: ignore[misc]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x == "a").sum(),
        lambda x: (x != "a").mean(),
        lambda x: x.isin(["a", "c"]).any(),
        lambda x: x.isna().sum(),
        lambda x: len(x.dropna()) + x.nunique(),
        lambda x: len(x.unique()),
        lambda x: len(x[x == "a"]),
    ],
)
def test_of_text(data: pandas.DataFrame, function: Any) -> None:
    text = np.array(["a", "b", None, "", "c"], object)[np.arange(len(data)) % 5]
    same_outcome(data.assign(text=text.copy()), lambda df: df.groupby("k")["text"].agg(function))
    data = data.assign(text=pandas.Series(text, dtype="str"))
    check_recorded(data, lambda df: df.groupby("k")["text"], lambda g: g.agg(function))
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.agg(a=("text", function), b=("n", "max")))


@pytest.mark.parametrize(
    "function",
    [
        lambda g: np.average(g["x"], weights=g["n"]),
        lambda g: np.average(g["n"], weights=g["n"].abs() + 1),
        lambda g: g["x"].corr(g["y"]),
        lambda g: g["x"].cov(g["n"]),
        lambda g: g["x"][g["b"]].sum(),
        lambda g: g[g["b"]]["x"].mean(),
        lambda g: len(g[g["n"] > 0]) / len(g),
        lambda g: g[g["n"] > 0].shape[0],
        lambda g: (g["text"] == "a").mean(),
        lambda g: g["x"][g["text"] == "a"].max(),
        lambda g: np.sqrt(((g.x - g.y) ** 2).mean()),
    ],
)
def test_more_of_frames(data: pandas.DataFrame, function: Any) -> None:
    text = np.array(["a", "b", None, "", "c"], object)[np.arange(len(data)) % 5]
    data = data.assign(text=pandas.Series(text, dtype="str"))
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.apply(function), True)
    few = pandas.DataFrame(
        {
            "k": [1, 1, 2, 3, 3],
            "x": [0.1, 0.1, 2.0, np.inf, np.nan],
            "y": [1.0, 2.0, np.nan, 4.0, -0.0],
            "n": [1, -1, 0, 5, 2],
            "b": [True, False, False, True, False],
            "text": pandas.array(["a", None, "b", "b", "a"], dtype="str"),
        }
    )
    for part in (few, few[:2], few[2:3], few[:0]):
        with np.errstate(all="ignore"):
            same_outcome(part, lambda df: df.groupby("k").apply(function))


def same_outcome(data: pandas.DataFrame, program: Any) -> None:
    want, got = outcome(program, data), outcome(program, lazyframe.DataFrame(data))
    if isinstance(want, Exception):
        assert (type(got), str(got)) == (type(want), str(want))
    else:
        assert_same(got, want, rounded=True)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x > x.mean(),
        lambda x: x.clip(x.quantile(0.1), x.quantile(0.9)),
        lambda x: x.clip(upper=2.0),
        lambda x: x.ffill(),
        lambda x: x.bfill(),
        lambda x: x.fillna(x.median()),
        lambda x: x.sub(x.mean()),
        lambda x: (x - x.mean()) / x.std(ddof=0),
        lambda x: np.log(x),
        lambda x: (x > 1e3).any(),
        lambda x: x.isna(),
        lambda x: x.isin([1.0, 2.0]),
        lambda x: x.quantile(0.5),
        lambda x: x.round(1),
        lambda x: x.mask(x > 1e3, 0.0),
    ],
)
def test_more_transforms(data: pandas.DataFrame, function: Any) -> None:
    with np.errstate(all="ignore"):
        check_recorded(data, lambda df: df.groupby("k").x, lambda g: g.transform(function), True)
        got = lazyframe.DataFrame(data).groupby("k")[["n", "x", "y"]].transform(function)
        assert_same(got, data.groupby("k")[["n", "x", "y"]].transform(function), rounded=True)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.quantile(0.5) > 1000,
        lambda x: (x > 1010).any(),
        lambda x: x.isna().sum() < 15,
        lambda x: x.nunique() > 3,
        lambda x: x.shape[0] > 50,
    ],
)
def test_more_filters(data: pandas.DataFrame, function: Any) -> None:
    check_recorded(data, lambda df: df.groupby("k").x, lambda g: g.filter(function))
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.filter(lambda d: (d["x"] > 1e3).sum() > 20))


def test_what_rounding_decides_is_not_traced() -> None:
    data = pandas.DataFrame({"k": [1] * 3 + [2] * 4, "x": [0.1] * 3 + [1.0, 2.0, 3.0, np.nan]})
    for function in (
        lambda x: (x > x.mean()).sum(),
        lambda x: (x - x.mean() > 0).sum(),
        lambda x: (x == x.sum() / x.count()).any(),
        lambda x: round(x.mean(), 1),
        lambda x: x.where(x >= x.mean(), 0).sum(),
    ):
        want = data.groupby("k").x.agg(function)
        assert_same(lazyframe.DataFrame(data).groupby("k").x.agg(function), want)


def test_functions_that_do_more_than_compute(data: pandas.DataFrame, tmp_path: Any) -> None:
    where = str(tmp_path / "group.csv")
    state = np.random.get_state()[1].tolist()  # type: ignore[union-attr, index]
    functions: list[Any] = [
        lambda x: x.to_csv(where),
        lambda x: x.apply(lambda v: v).sum(),
        lambda x: x.sample(1).sum(),
        lambda x: np.random.rand() + x.sum(),
        lambda x: np.save,
    ]
    for function in functions:
        assert not is_pure(function)
    assert np.random.get_state()[1].tolist() == state  # type: ignore[union-attr, index]


def test_frames_are_transformed_whole_where_that_gives_something_else() -> None:
    data = pandas.DataFrame({"k": [1, 2, 2, 2], "x": [3.0, 1.0, 2.0, 9.0], "y": [3.0, 4.0, 7.0, 5.0]})
    for function in (
        lambda x: x - np.median(x),
        lambda x: x - x.values[0],
        lambda x: x / x.shape[0],
        lambda x: x - np.mean(x),
        lambda x: x[x > 2.0].sum() + x,
    ):
        same_outcome(data, lambda df, f=function: df.groupby("k")[["x", "y"]].transform(f))


@pytest.mark.parametrize(
    "function",
    [
        lambda g: pandas.Series({"a": g["x"].sum(), "b": len(g)}),
        lambda g: pandas.Series({"a": g["n"].sum(), "b": len(g)}),
        lambda g: pandas.Series({"only": g["n"].max()}),
        lambda g: lazyframe.Series(
            {"m": g["x"].mean(), "w": np.average(g["y"].abs() + 1, weights=g["n"].abs() + 1)}
        ),
        lambda g: pandas.Series([g["x"].max(), g["n"].min()], index=["high", "low"]),
        lambda g: pandas.Series({"a": (g["n"] > 0).any(), "b": (g["n"] > 3).all()}),
    ],
)
@pytest.mark.parametrize("by", ["k", ["b", "k"]], ids=str)
def test_series_of_numbers(data: pandas.DataFrame, by: Any, function: Any) -> None:
    data = data.assign(y=data["y"].fillna(1.0))
    check_recorded(data, lambda df: df.groupby(by), lambda g: g.apply(function), True)
    for part in (data[:0], data[:1], data[:5]):
        for options in ({}, {"sort": False}, {"as_index": False}, {"group_keys": False}):
            same_outcome(part, lambda df, o=options: df.groupby(by, **o).apply(function))


@pytest.mark.parametrize(
    "function",
    [
        lambda g: pandas.Series({"a": g["x"].sum(), "b": (g["x"] > 0).any()}),
        lambda g: pandas.Series({"a": g["s"].max(), "b": g["x"].max()}),
        lambda g: pandas.Series({"a": 1.0, "b": g["x"].max()}),
        lambda g: pandas.Series([g["x"].max(), g["n"].min()]),
        lambda g: pandas.Series([g["x"].max(), g["n"].min()], index=["a", "a"]),
        lambda g: pandas.Series({}),
        lambda g: {"a": g["x"].sum()},
        lambda g: pandas.Series({"a": g["x"].sum()}, name="named"),
    ],
)
def test_other_series_are_pandas(data: pandas.DataFrame, function: Any) -> None:
    same_outcome(data, lambda df: df.groupby("k").apply(function))
    same_outcome(
        data, lambda df: df.groupby("k")["x"].apply(lambda x: pandas.Series({"a": x.sum(), "b": 2.0}))
    )


@pytest.mark.parametrize(
    "function", [lambda x: x.mode()[0], lambda x: x.mode().iloc[0], lambda x: x.mode().values[0]]
)
@pytest.mark.parametrize("column", ["x", "y", "n", "b", "s", "text"])
def test_modes(data: pandas.DataFrame, column: str, function: Any) -> None:
    text = np.array(["a", "b", None, "", "c", "b"], object)[np.arange(len(data)) % 6]
    data = data.assign(text=pandas.Series(text, dtype="str"), x=data["x"].round(), n=data["n"] // 9)
    data["y"] = np.where(data["y"].abs() < 0.3, -0.0, np.sign(data["y"]))
    if column == "n" or (column == "text" and "values" not in function.__code__.co_names):
        grouped = lazyframe.DataFrame(data.fillna({"text": "b"})).groupby("k")[column]
        grouped.agg(function)
        assert grouped._grouped._plain is None
    for part in (data, data[:0], data[:3], data.assign(x=np.nan)):
        for by in ("k", ["b", "k"]):
            same_outcome(part, lambda df, k=by: df.groupby(k)[column].agg(function))
            same_outcome(part, lambda df, k=by: df.groupby(k)[column].apply(function))


def test_bounds_that_are_missing_and_powers_of_booleans() -> None:
    data = pandas.DataFrame({"k": [1, 1, 2, 2], "x": [5.0, -5.0, 1.0, 9.0], "b": [True, False, True, True]})
    lonely = data.assign(x=[np.nan, np.nan, 1.0, 9.0])
    for part in (data, lonely):
        same_outcome(part, lambda df: df.groupby("k")["x"].transform(lambda x: x.clip(x.min(), 2.0)))
        same_outcome(part, lambda df: df.groupby("k")["x"].transform(lambda x: x.clip(4.0, x.min())))
        same_outcome(part, lambda df: df.groupby("k")["x"].transform(lambda x: x.clip(x.mean())))
    same_outcome(data, lambda df: df.groupby("k")["b"].transform(lambda x: x**2))
    same_outcome(data, lambda df: df.groupby("k")["b"].agg(lambda x: (x**2).sum()))
