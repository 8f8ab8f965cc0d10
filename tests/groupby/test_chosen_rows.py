"""Functions of groups that give rows of theirs, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same, check_recorded, make_frame
from tests.record.compare import outcome

pytestmark = pytest.mark.usefixtures("interpreted")

LIMIT = 0.5

ROWS: list[Any] = [
    lambda d: d.nlargest(3, "n"),
    lambda d: d.nsmallest(2, ["x"]),
    lambda d: d.head(2),
    lambda d: d.iloc[-3:],
    lambda d: d.sort_values("w").head(2),
    lambda d: d.sort_values("x", ascending=False).tail(2),
    lambda d: d.sort_values(["text", "w"], ascending=[False, True]).head(3),
    lambda d: d[d.w > d.w.mean()],
    lambda d: d.loc[d["w"] > LIMIT, ["text", "n"]],
    lambda d: d[d.w > 0].nlargest(2, "w"),
    lambda d: d.assign(z=d.w / d.w.sum(), all=d.n.sum()),
    lambda d: d.assign(z=d.w.rank()).sort_values("z").head(1),
    lambda d: d.nlargest(200, "w")[["w", "n"]],
    lambda d: d.nlargest(2, "w")["text"],
    lambda d: d.sort_values("w").n,
]

ONE: list[Any] = [
    lambda d: d.sort_values("w").iloc[0],
    lambda d: d.sort_values("w", ascending=False).iloc[-1],
    lambda d: d.iloc[0],
    lambda d: d.loc[d.w.idxmax()],
    lambda d: d.loc[d.w.idxmin(), "text"],
    lambda d: d.sort_values("w")["n"].iloc[0],
    lambda d: d.loc[d["w"].idxmax()]["text"],
]


@pytest.fixture(scope="module")
def data() -> pandas.DataFrame:
    made = make_frame(150, seed=31)[["k", "g", "b", "c", "x"]]
    r = np.random.default_rng(3)
    words = np.array(["b", None, "a", ""], object)[r.integers(0, 4, 150)]
    return made.assign(text=pandas.array(words, dtype="str"), n=r.integers(0, 9, 150), w=r.normal(size=150))


HOW: list[tuple[Any, dict[str, bool]]] = [
    ("k", {}), ("g", {}), ("c", {}), (["k", "b"], {"group_keys": False}), ("g", {"group_keys": False}),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_rows_of_groups(data: pandas.DataFrame, number: int) -> None:
    function = ROWS[number]
    for turn, (by, options) in enumerate(HOW):

        def group(df: Any, by: Any = by, options: Any = options) -> Any:
            return df.groupby(by, **options)[["x", "text", "n", "w"]]

        part = data if turn % 2 else data[data["w"] > -1]
        if options and number in (12, 14):  # all rows, in another order, unless they were in this one
            for one in (part, part.sort_values("w", ignore_index=True)):
                got = group(lazyframe.DataFrame(one)).apply(function)
                assert_same(got, group(one).apply(function))
        else:
            check_recorded(part, group, lambda g: g.apply(function), rounded=True)


@pytest.mark.parametrize("function", ONE)
def test_one_row_of_groups(data: pandas.DataFrame, function: Any) -> None:
    named = "text" in function.__code__.co_consts
    lists = (("k", ["w", "n", "text"]), ("c", ["n", "w", "text"]), (["k", "b"], ["w", "n"]))
    for by, chosen in lists[: 2 if named else 3]:
        check_recorded(data, lambda df, b=by, c=chosen: df.groupby(b)[c], lambda g: g.apply(function))  # type: ignore[misc]


ROWS_OF_COLUMN: list[Any] = [
    lambda s: s.nlargest(3),
    lambda s: s.head(2),
    lambda s: s[s > s.mean()],
    lambda s: s.sort_values(ascending=False).tail(2),
    lambda s: s.dropna(),
]

NUMBERS: list[Any] = [
    lambda s: s.sort_values().iloc[0],
    lambda s: s.nlargest(3).sum(),
    lambda s: s.nsmallest(2).mean(),
    lambda s: s.head(3).max(),
    lambda s: ((s - s.mean()) ** 3).mean(),
    lambda s: s.astype(float).sum(),
]


@pytest.mark.parametrize("by", ["k", "c"])
@pytest.mark.parametrize("function", ROWS_OF_COLUMN)
def test_rows_of_a_column(data: pandas.DataFrame, by: Any, function: Any) -> None:
    check_recorded(data, lambda df: df.groupby(by)["x"], lambda g: g.apply(function))
    check_recorded(data, lambda df: df.groupby(by, group_keys=False)["w"], lambda g: g.apply(function))
    for part in (data[:1], data[:0], data[:4].assign(x=np.nan), data.set_index("n")[:30]):
        for option in (True, False):

            def use(df: Any, option: bool = option) -> Any:
                return df.groupby(by, group_keys=option)["x"].apply(function)

            assert_same(use(lazyframe.DataFrame(part)), use(part))


@pytest.mark.parametrize("function", NUMBERS)
def test_numbers_of_chosen_rows(data: pandas.DataFrame, function: Any) -> None:
    check_recorded(data, lambda df: df.groupby("k")["w"], lambda g: g.agg(function), rounded=True)
    check_recorded(data, lambda df: df.groupby("k")["w"], lambda g: g.apply(function), rounded=True)


@pytest.mark.parametrize("column", ["n", "text", "b"])
def test_most_frequent_values(data: pandas.DataFrame, column: str) -> None:
    for function in (lambda s: s.value_counts().index[0], lambda s: s.value_counts().idxmax()):
        check_recorded(data, lambda df: df.groupby("k")[column], lambda g, f=function: g.agg(f))  # type: ignore[misc]
    none = data.assign(n=data["n"].where(data["k"] > 0), text=data["text"].where(data["k"] > 0))
    for one in (lambda df: df, lambda df: lazyframe.DataFrame(df)):
        if column != "b":
            with pytest.raises(IndexError):
                one(none).groupby("k")[column].agg(lambda s: s.value_counts().index[0])


@pytest.mark.parametrize("function", [*ROWS, *ONE])
def test_what_pandas_decides(data: pandas.DataFrame, function: Any) -> None:
    doubled = data.set_index("n", drop=False) if function in ROWS else data.set_axis(range(2, 302, 2))
    parts = [
        (data[:0], {}), (data[:1], {}), (data[:3], {"group_keys": False}), (data.assign(k=1)[:9], {}),
        (doubled[:50], {}), (data[:40].assign(w=np.nan), {"sort": False}), (data[:40], {"as_index": False}),
        (data[:20].assign(text=pandas.array([None] * 20, dtype="str")), {}), (data.sort_values("k"), {}),
        (data.rename_axis(columns="columns")[:60].astype({"n": "int8", "w": "float32"}), {}),
        (data.sort_values("k", ignore_index=True), {}), (data.sort_index(ascending=False), {"sort": False}),
        (data[:2].assign(k=[2, 1]), {}),
    ]  # fmt: skip
    for part, options in parts:

        def use(df: Any, options: Any = options) -> Any:
            return df.groupby("k", **options).apply(function)

        want, got = outcome(use, part), outcome(use, lazyframe.DataFrame(part))
        if isinstance(want, Exception):
            assert type(got) is type(want)
        else:
            assert_same(got, want, rounded=True, single=True)


def test_more_is_recorded_of_the_rows(data: pandas.DataFrame) -> None:
    def use(df: Any) -> Any:
        top = df.groupby("k").apply(lambda d: d.nlargest(2, "w")).reset_index()
        return top[top["n"] > 2].groupby("k")["w"].sum()

    assert_same(use(lazyframe.DataFrame(data)), use(data), rounded=True)
