"""What ``groupby`` returns is pandas' own object in every way; what is not recorded runs in pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.api import groupby as grouping
from tests.groupby.grouped_frames import assert_same

pytestmark = pytest.mark.usefixtures("interpreted")


@pytest.fixture
def data(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame[["k", "b", "c", "x", "s"]]


def is_recorded(grouped: Any) -> bool:
    return "_grouped" in grouped.__dict__ and "_grouper" not in grouped.__dict__


def test_it_is_of_pandas_class(data: pandas.DataFrame) -> None:
    grouped = lazyframe.DataFrame(data).groupby("k")
    assert isinstance(grouped, pandas.api.typing.DataFrameGroupBy)
    assert isinstance(grouped.x, pandas.api.typing.SeriesGroupBy)
    assert repr(grouped).startswith("<pandas.api.typing.DataFrameGroupBy object")
    assert grouped.ndim == 2
    assert is_recorded(grouped)


def test_small_data_is_grouped_by_pandas(data: pandas.DataFrame) -> None:
    with lazyframe.config(min_rows=1000):
        grouped = lazyframe.DataFrame(data).groupby("k")
    assert type(grouped) is pandas.api.typing.DataFrameGroupBy


@pytest.mark.parametrize(
    "use",
    [
        lambda g: {name: list(rows) for name, rows in g.groups.items()},
        lambda g: {name: list(rows) for name, rows in g.indices.items()},
        lambda g: g.ngroups,
        len,
        lambda g: [(name, len(part), list(part.columns)) for name, part in g],
        lambda g: g.get_group(1),
        lambda g: g.x.transform("mean"),
        lambda g: g.x.cumsum(),
        lambda g: g.x.rank(),
        lambda g: g.head(2),
        lambda g: g.nth(0),
        lambda g: g[["x", "s"]].apply(lambda part: part.max() - part.min()),
        lambda g: g.x.apply(len),
        lambda g: g.x.quantile(0.3),
        lambda g: g.x.median(),
        lambda g: g.s.nunique(),
        lambda g: g.x.agg(np.ptp),
        lambda g: g.agg({"x": lambda part: part.max()}),
        lambda g: g.agg(low=("x", "median"), high=("s", "max")),
        lambda g: g.x.sum(skipna=False),
        lambda g: g.s.min(min_count=60),
        lambda g: g.x.describe(),
        lambda g: g.filter(lambda part: len(part) > 50),
        lambda g: g.pipe(lambda grouped: grouped.x.max() - grouped.x.min()),
        lambda g: g.x.shift(1),
        lambda g: g.s.value_counts(),
        lambda g: g[["x"]].idxmax(),
        lambda g: g.x.rolling(2).sum(),
    ],
)
def test_everything_else_is_pandas(data: pandas.DataFrame, use: Any) -> None:
    data = data.drop(columns="c")
    assert_same(use(lazyframe.DataFrame(data).groupby("k")), use(data.groupby("k")), rounded=True)


def test_a_list_of_one_key_names_groups_by_tuples(data: pandas.DataFrame) -> None:
    mine = [name for name, _ in lazyframe.DataFrame(data).groupby(["k"])]
    assert mine == [name for name, _ in data.groupby(["k"])]


@pytest.mark.parametrize(
    "use",
    [
        lambda df: df.groupby("nothing"),
        lambda df: df.groupby(["k", "nothing"]),
        lambda df: df.groupby([]),
        lambda df: df.groupby(),
        lambda df: df.groupby("k")["nothing"],
        lambda df: df.groupby("k")[["x", "nothing"]],
        lambda df: df.groupby("k")["x", "s"],
        lambda df: df.groupby("k").nothing,
        lambda df: df.groupby("k").agg("nothing"),
        lambda df: df.groupby("k").agg(["sum", "nothing"]),
        lambda df: df.groupby("k").agg({"nothing": "sum"}),
        lambda df: df.groupby("k").agg(a=("nothing", "sum")),
        lambda df: df.groupby("k").agg(["sum", "sum"]),
        lambda df: df.groupby("k").agg(),
        lambda df: df.groupby("k").mean(),
        lambda df: df.groupby("k").sum(unknown=1),
        lambda df: df.groupby("k").x.sum(numeric_only="yes"),
        lambda df: df.groupby("k").c.sum(),
        lambda df: df.groupby("k").x["s"],
        lambda df: df.groupby("k")["x"].agg({"a": "sum"}),
        lambda df: df.x.groupby(df.k, as_index=False),
        lambda df: df.groupby("k", sort=1, unknown=2),
        lambda df: df.groupby("k").x.var(ddof="two"),
    ],
)
def test_errors_are_pandas_own_and_at_once(data: pandas.DataFrame, use: Any) -> None:
    with pytest.raises(Exception) as want:  # noqa: PT011  # whatever pandas raises
        use(data)
    with pytest.raises(type(want.value)) as got:
        use(lazyframe.DataFrame(data))
    assert str(got.value) == str(want.value)


def test_a_name_of_a_column_and_of_the_index_is_ambiguous(data: pandas.DataFrame) -> None:
    named = data.set_index(pandas.Index(range(len(data)), name="k"))
    with pytest.raises(ValueError, match="ambiguous"):
        lazyframe.DataFrame(named).groupby("k")


@pytest.mark.parametrize("by", ["x", "t", lambda label: label % 2, {0: 1, 1: 1}, "text"])
def test_other_keys_are_pandas(frame: pandas.DataFrame, by: Any) -> None:
    data = frame[["x", "t", "s"]].assign(text=frame["k"].astype(str))
    assert_same(lazyframe.DataFrame(data).groupby(by).s.sum(), data.groupby(by).s.sum())


def test_levels_of_the_index_are_pandas(data: pandas.DataFrame) -> None:
    indexed = data.set_index(["k", "b"])
    assert_same(lazyframe.DataFrame(indexed).groupby(level="k").x.max(), indexed.groupby(level="k").x.max())
    assert_same(lazyframe.DataFrame(indexed).groupby("k").x.max(), indexed.groupby("k").x.max())


def test_keys_are_of_when_it_was_grouped_and_values_of_when_it_is_asked(data: pandas.DataFrame) -> None:
    def program(df: Any) -> Any:
        grouped = df.groupby("k")
        df["k"] = 1
        df["y"] = df["x"] * 2
        return grouped["y"].max()

    assert_same(program(lazyframe.DataFrame(data)), program(data.copy()))

    def in_pandas(df: Any) -> Any:
        grouped = df.groupby("k")
        df["k"] = 1
        return grouped["x"].median()

    assert_same(in_pandas(lazyframe.DataFrame(data)), in_pandas(data.copy()))


def test_results_are_lazy_and_go_on_lazily(data: pandas.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    df = lazyframe.DataFrame(data)
    total, count = df.groupby("k").x.sum(), df.groupby("k").x.count()
    ratio = total / count
    kept = ratio[count > 40]
    for result in (total, count, ratio, kept):
        assert "_mgr" not in result.__dict__
    want = data.groupby("k").x.sum() / data.groupby("k").x.count()
    assert_same(kept, want[data.groupby("k").x.count() > 40], rounded=True)
    assert_same(ratio, want, rounded=True)


@pytest.mark.parametrize("by", ["k", ["k", "b"], "c", ["c", "k"]])
@pytest.mark.parametrize(
    "then",
    [
        lambda r: r.reset_index(),
        lambda r: r.sort_values("x", ascending=False),
        lambda r: r.head(3),
        lambda r: r[r.x > 1000],
        lambda r: r[2:5],
        lambda r: r.x / r.s,
        lambda r: r.index,
        lambda r: r.loc[r.index[0]],
        lambda r: len(r),
        lambda r: r.shape,
        lambda r: r.x.sum(),
        lambda r: r.reset_index(drop=True),
        lambda r: r.T,
    ],
)
def test_what_is_done_with_results(data: pandas.DataFrame, by: Any, then: Any) -> None:
    got = then(lazyframe.DataFrame(data).groupby(by)[["x", "s"]].max())
    want = then(data.groupby(by)[["x", "s"]].max())
    if isinstance(want, pandas.Index):
        pandas.testing.assert_index_equal(got, want)
    else:
        assert_same(got, want, rounded=True)


def test_names_of_any_kind(frame: pandas.DataFrame) -> None:
    data = frame[["k", "b", "x"]]
    for names in ([1, 2, 3], ["", "\n", '"'], [None, "b", "x"], [("a", 1), "b", ("x",)], [True, 0.5, "x"]):
        named = data.copy()
        named.columns = pandas.Index(names, dtype=object, tupleize_cols=False, name="axis")
        mine = lazyframe.DataFrame(named)
        for by in (names[0], [names[0], names[1]]):
            try:
                want = named.groupby(by).sum()
            except Exception as error:  # whatever pandas raises
                with pytest.raises(type(error)):
                    mine.groupby(by).sum()
                continue
            assert_same(mine.groupby(by).sum(), want, rounded=True)


def test_duplicate_columns(frame: pandas.DataFrame) -> None:
    data = frame[["k", "x", "s"]].set_axis(["k", "x", "x"], axis=1)
    assert_same(lazyframe.DataFrame(data).groupby("k").max(), data.groupby("k").max())
    with pytest.raises(ValueError, match="not 1-dimensional"):
        lazyframe.DataFrame(data.set_axis(["k", "k", "x"], axis=1)).groupby("k")


def test_the_same_grouping_is_one_row_space(data: pandas.DataFrame) -> None:
    df = lazyframe.DataFrame(data)
    first, second = df.groupby("k").x, df.groupby("k").s
    assert first._grouped.grouping.group is second._grouped.grouping.group
    assert isinstance(first, grouping.SeriesGroupBy)
