"""Windows of so many rows of a group, and a group's largest rows, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.run import within_groups
from tests.brief import examples
from tests.groupby.grouped_frames import assert_same, check_recorded
from tests.record.compare import assert_same as assert_same_outcome
from tests.record.compare import outcome

KEYS: list[Any] = ["k", "wide", "g", ["b", "j"], ["g", "k"], "t"]
LISTED: list[Any] = ["c", "o", ["c", "k"], ["g", "o"], ["o", "c"]]
INDEXES: list[Any] = ["default", "label", "repeated", "two levels"]


def indexed(frame: pandas.DataFrame, index: str) -> pandas.DataFrame:
    rows = len(frame)
    match index:
        case "label":
            return frame.set_index(pandas.Index([f"row {k}" for k in range(rows)], name="label"))
        case "repeated":
            return frame.set_index(pandas.Index(np.arange(rows) % 7, name="n"))
        case "two levels":
            return frame.set_index([np.arange(rows) % 5, np.arange(rows)])
    return frame


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("by", KEYS, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "min", "max", "count", "var", "std"])
def test_rolling(frame: pandas.DataFrame, by: Any, name: str, index: str) -> None:
    data = indexed(frame.assign(x=frame["x"].where(frame["s"] < 90, np.inf)), index)
    check_recorded(data, lambda df: df.groupby(by).x, lambda g: getattr(g.rolling(3), name)())
    check_recorded(
        data[data["i"] > 0],
        lambda df: df.groupby(by)[["x", "f", "s", "b"] if "b" not in by else ["x", "s"]],
        lambda g: getattr(g.rolling(4, min_periods=2), name)(),
    )


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("by", [*KEYS, *LISTED], ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "min", "max", "count", "var", "std"])
def test_expanding(frame: pandas.DataFrame, by: Any, name: str) -> None:
    data = indexed(frame.assign(x=frame["x"].where(frame["s"] < 90, np.inf)), "repeated")
    check_recorded(data, lambda df: df.groupby(by).x, lambda g: getattr(g.expanding(), name)())
    check_recorded(
        data[data["i"] > 0],
        lambda df: df.groupby(by)[["x", "f", "s"]],
        lambda g: getattr(g.expanding(3), name)(),
    )


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("options", [{}, {"observed": False}], ids=str)
@pytest.mark.parametrize("by", LISTED, ids=str)
def test_windows_by_categories(frame: pandas.DataFrame, by: Any, options: dict[str, bool]) -> None:
    if options and isinstance(by, str):
        with pytest.raises(IndexError):  # of a category without rows, from pandas
            lazyframe.DataFrame(frame[:1]).groupby(by, **options).x.rolling(3).sum()
        return
    for index in INDEXES:
        data = indexed(frame, index)
        for rows in (400, 30, 1):
            check_recorded(
                data[:rows],
                lambda df: df.groupby(by, **options).x,
                lambda g: g.rolling(3, min_periods=1).sum(),
            )
    check_recorded(data, lambda df: df.groupby(by, **options)[["x", "y"]], lambda g: g.expanding(0).max())
    check_recorded(frame, lambda df: df.groupby(by, **options).x, lambda g: g.rolling(2).max().reset_index())
    check_recorded(
        frame, lambda df: df.groupby(by, **options).x, lambda g: g.rolling(2).max().groupby(level=0).max()
    )


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("by", ["k", "wide", ["b", "j"], ["k", "b"], ["wide", "s"]], ids=str)
def test_windows_of_groups_in_order_of_appearance(frame: pandas.DataFrame, by: Any) -> None:
    for index in INDEXES:
        data = indexed(frame, index)
        check_recorded(
            data,
            lambda df: df.groupby(by, sort=False)[["x", "y"]],
            lambda g: g.rolling(2, min_periods=1).mean(),
        )
        check_recorded(
            data[data["i"] > 0], lambda df: df.groupby(by, sort=False).x, lambda g: g.expanding().count()
        )


@pytest.mark.usefixtures("interpreted")
def test_what_comes_of_rolling(frame: pandas.DataFrame) -> None:
    data = frame[["k", "b", "x", "y"]]
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.rolling(2)["x"].mean())
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.rolling(2)[["x", "y"]].sum())
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.rolling(2).max())
    check_recorded(data, lambda df: df.groupby(["k", "b"]).x, lambda g: g.rolling(2).max().reset_index())
    check_recorded(data, lambda df: df.groupby("k").x, lambda g: (lambda r: r[r > 1000])(g.rolling(2).min()))
    check_recorded(data, lambda df: df.groupby("k").x, lambda g: g.rolling(2).min().groupby(level=0).max())
    check_recorded(
        data, lambda df: df.groupby("k").x, lambda g: g.rolling(1).sum().sort_values(kind="stable").head(9)
    )


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize(
    "use",
    [
        lambda g: g.x.rolling(3).median(),
        lambda g: g.x.rolling(3, center=True).mean(),
        lambda g: g.x.rolling(3).agg(["mean", "max"]),
        lambda g: g.rolling(3).x.mean(),
        lambda g: g.x.rolling(0).sum(),
        lambda g: g.x.rolling(2, min_periods=3).sum(),
        lambda g: g.x.rolling(2).nothing(),
        lambda g: g.t.rolling(2).mean(),
        lambda g: g[["x", "missing"]].rolling(2).mean(),
        lambda g: str(g.x.rolling(2)),
        lambda g: str(g.x.expanding(2)),
        lambda g: g.x.expanding().median(),
        lambda g: g.x.expanding(method="table").sum(),
        lambda g: g.x.expanding(-1).sum(),
        lambda g: g.x.expanding(min_periods=2.5).sum(),
        lambda g: g.x.expanding().sum(numeric_only=True),
        lambda g: g.expanding().x.agg(["sum", "max"]),
    ],
)
def test_other_windows_do_what_pandas_does(frame: pandas.DataFrame, use: Any) -> None:
    def used(df: Any) -> Any:
        return use(df.groupby("k"))

    assert_same_outcome(outcome(used, lazyframe.DataFrame(frame)), outcome(used, frame))


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("index", INDEXES[:3])
@pytest.mark.parametrize("by", KEYS, ids=str)
@pytest.mark.parametrize("column", ["x", "f", "i", "s", "b", "d"])
def test_largest(frame: pandas.DataFrame, by: Any, column: str, index: str) -> None:
    if column in by:
        return
    data = indexed(frame, index)[:90]
    for name in ("nlargest", "nsmallest"):
        check_recorded(data, lambda df: df.groupby(by)[column], lambda g, n=name: getattr(g, n)(2))  # type: ignore[misc]
        check_recorded(
            data[data["y"] > 0],
            lambda df: df.groupby(by)[column],
            lambda g, n=name: getattr(g, n)(12),  # type: ignore[misc]
        )


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize(
    ("by", "options"),
    [
        ("c", {"sort": False}),
        (["c", "k"], {"sort": False}),
        (["g", "k"], {"sort": False}),
        (["o", "c"], {"observed": False}),
        (["c", "o"], {"observed": False, "sort": False}),
        ("o", {"observed": False}),
    ],
    ids=str,
)
def test_windows_of_groups_in_an_order_that_pandas_is_asked_for(
    frame: pandas.DataFrame, by: Any, options: dict[str, bool]
) -> None:
    for data in (frame, frame[::-1], frame[frame["y"] > 0]):
        grouping = lambda df: df.groupby(by, **options)[["x", "s"]]  # noqa: E731  # short
        check_recorded(data, grouping, lambda g: g.rolling(2).sum())
    check_recorded(frame, lambda df: df.groupby(by, **options)["x"], lambda g: g.expanding().max())
    for data in (frame[:1], frame[:6], frame[:0]):

        def use(df: Any) -> Any:
            return df.groupby(by, **options)["x"].rolling(2, min_periods=1).max().reset_index()

        want, got = outcome(use, data), outcome(use, lazyframe.DataFrame(data))
        if isinstance(want, Exception):
            assert (type(got), str(got)) == (type(want), str(want))
        else:
            assert_same(got, want)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("by", ["c", "o", ["o", "k"], ["c", "o"]], ids=str)
def test_largest_by_categories(frame: pandas.DataFrame, by: Any) -> None:
    for n in (2, 70):
        check_recorded(frame, lambda df: df.groupby(by).x, lambda g, n=n: g.nlargest(n))  # type: ignore[misc]


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("options", [{"as_index": False}, {"group_keys": False}], ids=str)
@pytest.mark.parametrize("name", ["nlargest", "nsmallest"])
def test_largest_that_are_no_labels(frame: pandas.DataFrame, name: str, options: Any) -> None:
    def largest(df: Any) -> Any:
        return getattr(df.groupby("k", **options).x, name)(2)

    # pandas 3.0 raises without an index of keys
    want, got = outcome(largest, frame), outcome(largest, lazyframe.DataFrame(frame))
    assert_same_outcome(got, want)


@pytest.mark.usefixtures("interpreted")
def test_largest_of_one_group_and_of_groups_with_the_same_labels() -> None:
    one = pandas.DataFrame({"k": 1, "x": [3.0, 1.0, 2.0]}, index=[7, 9, 8])
    same = pandas.DataFrame({"k": [1, 1, 2, 2], "x": [3.0, 1.0, 2.0, 0.0]}, index=[9, 7, 9, 7])
    for data in (one, same, same[:0]):
        for n in (1, 2, 5):
            want = data.groupby("k").x.nlargest(n)
            assert_same(lazyframe.DataFrame(data).groupby("k").x.nlargest(n), want)


@pytest.mark.parametrize("compared", [2, 64])
@pytest.mark.parametrize("most", [0, 4])
@pytest.mark.parametrize("wanted", [1, 3, 40])
def test_places_in_a_kernel_and_by_sorting(
    compared: int, most: int, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(within_groups, "_MOST_PLACES", most)
    monkeypatch.setattr(within_groups, "_MOST_COMPARED", compared)
    r = np.random.default_rng(1)
    keys, numbers = r.integers(-9, 9, 500), r.integers(0, 20, 500)
    keys[:3] = [2**63 - 1, -(2**63), 0]
    got = within_groups.within_groups("place_among_least", keys, numbers, 21, wanted)
    want = pandas.Series(keys).groupby(numbers).rank(method="first").to_numpy().astype(int) - 1
    np.testing.assert_array_equal(got, np.minimum(want, wanted))


@settings(max_examples=examples(25))
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([1.5, -2.0, np.nan, 0.0, -0.0, np.inf])), max_size=30
    ),
    st.integers(1, 4),
)
def test_in_kernels(rows: list[tuple[int, float]], n: int) -> None:
    frame = pandas.DataFrame(rows, columns=["k", "x"]).astype({"k": "int64", "x": "float64"})
    check_recorded(
        frame, lambda df: df[df.x != 1.5].groupby("k").x, lambda g: g.rolling(n, min_periods=1).max()
    )
    if len(frame):
        frame.index = pandas.Index([f"row {k}" for k in range(len(frame))])
        check_recorded(frame, lambda df: df.groupby("k").x, lambda g: g.nlargest(n))


FUNCTIONS: list[Any] = [
    lambda x: x.rolling(3).mean(),
    lambda x: x.rolling(2, min_periods=1).max() - x,
    lambda x: x - x.expanding().mean(),
    lambda x: x.expanding(2).max(),
    lambda x: x.shift(1),
    lambda x: x.shift().rolling(window=2).sum(),
    lambda x: x.diff(),
    lambda x: x.diff(-2).fillna(0),
    lambda x: x.pct_change(),
    lambda x: x.rank(method="dense"),
    lambda x: x.rank(ascending=False) / x.count(),
    lambda x: x.cummax() - x.cummin(),
    lambda x: x - x.iloc[0],
    lambda x: x / x.iloc[-1],
]


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("by", ["k", "g", ["b", "wide"]], ids=str)
def test_functions_of_rows(frame: pandas.DataFrame, by: Any, function: Any) -> None:
    check_recorded(frame, lambda df: df.groupby(by).x, lambda g: g.transform(function), rounded=True)
    check_recorded(
        frame, lambda df: df.groupby(by)[["x", "y"]], lambda g: g.transform(function), rounded=True
    )


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.cumsum(),
        lambda x: x.iloc[1],
        lambda x: x.rolling(0).sum(),
        lambda x: x.rolling(2).median(),
        lambda x: x.shift(fill_value=0.0),
        lambda x: x.rank(method="nothing"),
        lambda x: x.iloc[99],
    ],
)
def test_functions_that_pandas_runs(frame: pandas.DataFrame, function: Any) -> None:
    def outcome(df: Any) -> Any:
        try:
            return df.groupby("k").x.transform(function)
        except Exception as error:
            return type(error), str(error)

    want, got = outcome(frame), outcome(lazyframe.DataFrame(frame))
    if isinstance(want, pandas.Series):
        assert_same(got, want)
    else:
        assert got == want


def test_rolling_is_explained(frame: pandas.DataFrame) -> None:
    text = str(lazyframe.explain(lazyframe.DataFrame(frame).groupby("k").x.rolling(3).mean()))
    assert "rolling_mean_3" in text


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize(
    "index", [pandas.RangeIndex(10, 22, 2, name="q"), list("abcdef"), [5, 6, 7, 8, 9, 10]]
)
@pytest.mark.parametrize("groups", ["aabbcc", "aaaaaa", "abcdef", "fedcba", "bbaacc"])
def test_labels_left_without_the_groups(groups: str, index: Any) -> None:
    frame = pandas.DataFrame({"g": list(groups), "c": np.arange(6.0)}, index=index)

    def labels(df: Any) -> list[Any]:
        found = []
        for rows in (df, df[df["c"] != 1], df.iloc[1:5]):
            rolled = rows.groupby("g")["c"].rolling(2).mean()
            for kept in (rolled, rolled.dropna(), rolled.iloc[2:]):
                left = [kept.reset_index(level=0, drop=True), kept.droplevel("g"), kept.reset_index(level=0)]
                found += [*left, left[0].sort_index(), left[1].iloc[1:]]
        return [one.index for one in found]

    for found, wanted in zip(labels(lazyframe.DataFrame(frame)), labels(frame), strict=True):
        assert type(found) is type(wanted)
        pandas.testing.assert_index_equal(found, wanted, exact=True)


@pytest.mark.parametrize("rows", [0, 4])
def test_windows_where_no_row_has_a_key(rows: int) -> None:
    data = pandas.DataFrame({"k": [np.nan] * rows, "x": np.arange(rows) * 1.0}).astype("float64")
    for window in (lambda g: g["x"].rolling(2).sum(), lambda g: g["x"].expanding().mean()):
        expected = outcome(lambda df, w=window: w(df.groupby("k")), data)  # type: ignore[misc]
        found = outcome(lambda df, w=window: w(df.groupby("k")), lazyframe.DataFrame(data))  # type: ignore[misc]
        assert_same_outcome(found, expected)
