"""Arguments of the aggregations, ranks and choices of groups, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.groupby.grouped_frames import assert_same, check_recorded, make_frame
from tests.record.compare import outcome

pytestmark = pytest.mark.usefixtures("interpreted")

LEFT_OUT = ["sum", "prod", "mean", "median", "min", "max", "var", "std", "sem", "first", "last", "any", "all"]


@pytest.fixture(scope="module")
def data() -> pandas.DataFrame:
    made = make_frame(300, seed=12)
    words = np.array(["b", None, "a", "", "c"], object)[np.random.default_rng(1).integers(0, 5, 300)]
    made["text"] = pandas.array(words, dtype="str")
    return made.assign(n=made["s"].astype(np.int64), i=made["i"] % 5)


def same_outcome(data: pandas.DataFrame, program: Any) -> None:
    with np.errstate(all="ignore"):
        want, got = outcome(program, data), outcome(program, lazyframe.DataFrame(data))
    if isinstance(want, Exception):
        assert (type(got), str(got)) == (type(want), str(want))
    else:
        assert_same(got, want, rounded=True, single="f" in data or "h" in data)


@pytest.mark.parametrize("operation", LEFT_OUT)
def test_missing_values_that_are_not_left_out(data: pandas.DataFrame, operation: str) -> None:
    def aggregate(grouped: Any) -> Any:
        return getattr(grouped, operation)(skipna=False)

    for column in ("x", "y", "i", "n", "b"):
        check_recorded(data, lambda df, c=column: df.groupby("k")[c], aggregate, True)  # type: ignore[misc]
    for options in ({"sort": False}, {"dropna": False}, {"as_index": False}):
        check_recorded(data, lambda df, o=options: df.groupby("g", **o)[["x", "n"]], aggregate, True)  # type: ignore[misc]
    for column in (*data.columns.drop("k"), ["x", "i", "s"]):
        same_outcome(data, lambda df, c=column: aggregate(df.groupby("k")[c]))
        same_outcome(data, lambda df, c=column: aggregate(df.groupby("c", observed=False)[c]))
    few = pandas.DataFrame({"k": [1, 1, 2, 2, 3], "x": [np.inf, -np.inf, np.nan, 1.0, -0.0]})
    for rows in (0, 1, 3, 5):
        same_outcome(few[:rows], lambda df: aggregate(df.groupby("k")["x"]))


@pytest.mark.parametrize("dropna", [True, False])
def test_distinct_values_with_and_without_missing_ones(data: pandas.DataFrame, dropna: bool) -> None:
    for column in data.columns.drop("k"):
        check_recorded(data, lambda df, c=column: df.groupby("k")[c], lambda g: g.nunique(dropna=dropna))  # type: ignore[misc]
    check_recorded(data, lambda df: df.groupby(["k", "b"]), lambda g: g.nunique(dropna))


@pytest.mark.parametrize("q", [0, 1, True, 0.25])
def test_whole_quantiles(data: pandas.DataFrame, q: Any) -> None:
    same_outcome(data, lambda df: df.groupby("k")[["x", "n"]].quantile(q))
    if type(q) is int:
        check_recorded(data, lambda df: df.groupby("k")[["x", "n"]], lambda g: g.quantile(q))


@pytest.mark.parametrize("missing", ["keep", "top", "bottom"])
@pytest.mark.parametrize("method", ["average", "min", "max", "first", "dense"])
@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("pct", [True, False])
def test_ranks(data: pandas.DataFrame, method: str, missing: str, ascending: bool, pct: bool) -> None:
    def rank(grouped: Any) -> Any:
        return grouped.rank(method=method, ascending=ascending, na_option=missing, pct=pct)

    for column in ("x", "f", "g", "n", "t", "d", "b", "u", "text"):
        check_recorded(data, lambda df, c=column: df.groupby("k")[c], rank)  # type: ignore[misc]
    check_recorded(data, lambda df: df.groupby("h")[["x", "n"]], rank)


def test_ranks_of_missing_values_at_no_end(data: pandas.DataFrame) -> None:
    same_outcome(data, lambda df: df.groupby("k").x.rank(na_option="middle"))


@pytest.mark.parametrize("operation", ["min", "max", "first", "last", "count"])
def test_categories_in_their_order(data: pandas.DataFrame, operation: str) -> None:
    codes = np.where(np.arange(len(data)) % 3 == 0, -1, data["k"] % 3)
    ordered = pandas.Categorical.from_codes(codes, categories=list("zxya"), ordered=True)
    data = data.assign(o=ordered, p=pandas.Categorical.from_codes(codes, categories=list("zxya")))
    data.loc[data["k"] == 2, "o"] = np.nan
    check_recorded(data, lambda df: df.groupby("j")["o"], lambda g: getattr(g, operation)())
    check_recorded(data, lambda df: df.groupby("k")["o"], lambda g: getattr(g, operation)())
    check_recorded(data, lambda df: df.groupby("k")[["o", "x"]], lambda g: getattr(g, operation)())
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.agg(a=("o", operation), b=("x", "min")))
    for rows in (0, 1, 300):
        for column in ("o", "p"):
            same_outcome(
                data[:rows], lambda df, c=column: getattr(df.groupby("k", as_index=False)[c], operation)()
            )
            same_outcome(data[:rows], lambda df, c=column: df.groupby("k")[c].agg([operation]))
            same_outcome(data[:rows], lambda df, c=column: df.groupby("k")[c].transform(operation))


@pytest.mark.parametrize(
    "operation", ["idxmin", "idxmax", "cumsum", "cummax", "corr", "cov", "sum", "median"]
)
def test_numbers_only(data: pandas.DataFrame, operation: str) -> None:
    part = data[["k", "x", "text", "n", "b", "t"]]
    part = part.assign(x=part["x"].fillna(0.0))
    for by in ("k", ["k", "b"]):
        same_outcome(part, lambda df, k=by: getattr(df.groupby(k), operation)(numeric_only=True))
        same_outcome(part, lambda df, k=by: getattr(df.groupby(k)["x"], operation)(numeric_only=True))
    if operation not in ("corr", "cov"):
        check_recorded(
            part, lambda df: df.groupby("k"), lambda g: getattr(g, operation)(numeric_only=True), True
        )
    else:
        check_recorded(
            part.drop(columns=["b", "t"]),
            lambda df: df.groupby("k"),
            lambda g: getattr(g, operation)(numeric_only=True),
            True,
        )


@pytest.mark.parametrize("operation", ["idxmin", "idxmax"])
def test_extremes_that_leave_nothing_out(data: pandas.DataFrame, operation: str) -> None:
    for column in ("n", "i", "b", "u") if SINCE_3_1 else ():
        check_recorded(
            data,
            lambda df, c=column: df.groupby("k")[c],  # type: ignore[misc]
            lambda g: getattr(g, operation)(skipna=False),
        )
    for column in ("n", "u", "x", "t", "text", ["n", "x"]):
        same_outcome(data, lambda df, c=column: getattr(df.groupby("k")[c], operation)(skipna=False))


@pytest.mark.parametrize("count", [-100, -2, -1, 0, 1])
@pytest.mark.parametrize("by", ["k", "g", ["b", "c"]], ids=str)
def test_all_but_some_rows(data: pandas.DataFrame, by: Any, count: int) -> None:
    for end in ("head", "tail"):
        check_recorded(data, lambda df: df.groupby(by), lambda g, e=end: getattr(g, e)(count))  # type: ignore[misc]
        same_outcome(data[:1], lambda df, e=end: getattr(df.groupby("k")["x"], e)(count))


@pytest.mark.parametrize("function", [np.std, np.var, np.median])
def test_functions_of_numpy(data: pandas.DataFrame, function: Any) -> None:
    for column in ("x", "n"):
        check_recorded(data, lambda df, c=column: df.groupby("k")[c], lambda g: g.agg(function), True)  # type: ignore[misc]
        same_outcome(data, lambda df, c=column: df.groupby("k")[c].transform(function))
    same_outcome(data, lambda df: df.groupby("k")[["x", "n"]].transform(function))
    same_outcome(data, lambda df: df.groupby("k")[["x", "n"]].agg(["sum", function]))


@pytest.mark.parametrize("method", ["corr", "cov"])
@pytest.mark.parametrize("other", ["y", "n", "s", "f"])
def test_two_series(data: pandas.DataFrame, method: str, other: str) -> None:
    for by in ("k", ["b", "j"]):
        want = getattr(data.groupby(by)["x"], method)(data[other])
        mine = lazyframe.DataFrame(data)
        grouped = mine.groupby(by)["x"]
        got = getattr(grouped, method)(mine[other])
        assert grouped._grouped._plain is None
        assert_same(got, want, rounded=True, single=other == "f")

        def of_some(df: Any, by: Any = by) -> Any:
            some = df[df["n"] > 0]
            return getattr(some.groupby(by)["x"], method)(some[other])

        same_outcome(data, of_some)


@pytest.mark.parametrize("method", ["corr", "cov"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_other_pairs_of_series(data: pandas.DataFrame, method: str) -> None:
    doubled = data.set_index(np.arange(len(data)) // 2)
    for part in (data, data[:1], data[:0], data.assign(x=0.1), data.assign(y=np.inf), doubled):
        for options in ({}, {"sort": False}, {"as_index": False}, {"dropna": False}):
            same_outcome(part, lambda df, o=options: getattr(df.groupby("g", **o)["x"], method)(df["y"]))
    same_outcome(data, lambda df: getattr(df.groupby("c", observed=False)["x"], method)(df["y"]))
    same_outcome(data, lambda df: getattr(df.groupby("k")["x"], method)(df["y"][::-1]))
    same_outcome(data, lambda df: getattr(df.groupby("k")["x"], method)(df["y"], min_periods=20))
    same_outcome(data, lambda df: getattr(df.groupby("k")["x"], method)(df["text"]))


@pytest.mark.parametrize("name", ["other", None])
def test_a_series_that_was_given_another_name(name: Any) -> None:
    data = pandas.DataFrame({"k": [1, 2, 1], "x": [1.0, 2.0, 3.0]})

    def named(df: Any, series: Any) -> Any:
        series.name = name
        return series.groupby(df["k"]).sum(), series.groupby([1, 1, 2]).agg("max"), series.describe()

    for make in (lambda df: df["x"], lambda df: df["x"].copy(), lambda df: df["x"] + 1):
        ours = lazyframe.DataFrame(data)
        for found, want in zip(named(ours, make(ours)), named(data, make(data)), strict=True):
            pandas.testing.assert_series_equal(found.to_pandas(), want)


def test_levels_of_an_index_that_has_one() -> None:
    series = pandas.Series([1, 2, 3], index=pandas.Index([1, 2, 2], name="n"))
    for level in ([0, 0], ["n", "n"], [0, -1]):
        with pytest.raises(ValueError, match="multiple levels only valid with MultiIndex"):
            series.groupby(level=level)
        with pytest.raises(ValueError, match="multiple levels only valid with MultiIndex"):
            lazyframe.Series(series).groupby(level=level)
