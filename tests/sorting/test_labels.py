"""``reset_index``, ``set_index`` and new column labels, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.programs.frames import INDEXES, Spec, specs
from tests.record.compare import assert_same
from tests.sorting.programs import Program, check, ours


def selected(df: Any) -> Any:
    """Some rows of a frame, not computed."""
    return df[df["k"] > 0]


def with_key(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(k=np.arange(len(frame)) % 3)


@pytest.mark.parametrize("rows", [0, 1, 7])
@pytest.mark.parametrize("index", INDEXES)
def test_reset_index(index: str, rows: int) -> None:
    frame = with_key(Spec(("float64", "str", "int8"), rows, index, 1).make())
    lazy = True if index != "levels" or rows else None  # without rows the level of text is of objects
    check(frame, lambda df: selected(df).reset_index(), lazy)
    check(frame, lambda df: selected(df)["c0"].reset_index(), lazy)
    check(frame, lambda df: selected(df)["c1"].reset_index(name="given"), lazy)
    check(frame, lambda df: selected(df)["c1"].rename(None).reset_index(), lazy)
    check(frame, lambda df: selected(df).reset_index(drop=True), lazy)
    check(frame, lambda df: selected(df).iloc[1:].reset_index(), lazy)
    check(frame, lambda df: df.copy().reset_index())
    check(frame, lambda df: (df + df).reset_index() if index == "default" else df)
    check(frame, lambda df: selected(df).reset_index(names="other"))
    check(frame, lambda df: selected(df).reset_index().reset_index())
    check(frame, lambda df: selected(df).reset_index(names=["a", "b"]))


@pytest.mark.parametrize("words", [["z", "x", None], [None, "x", "z"], [None, "z", "x"], ["x", "z", None]])
def test_labels_that_are_sorted_by_their_categories_codes_stay_where_they_are(words: list[Any]) -> None:
    frame = pd.DataFrame({"k": [1, 1, 1], "c": pd.Categorical(words, ["z", "x"])})
    for ascending in (True, False):
        for where in ("first", "last"):
            how: dict[str, Any] = {"ascending": ascending, "na_position": where, "kind": "stable"}
            check(frame, lambda df: selected(df.set_index("c")).sort_index(**how))  # noqa: B023


def test_levels_called_by_the_numbers_of_others() -> None:
    frame = with_key(Spec(("float64", "int8"), 4, "default", 1).make())
    frame.index = pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=[1, 0])
    check(frame, lambda df: selected(df).reset_index(), lazy=True)


@pytest.mark.parametrize(
    "columns",
    [["index", "k"], ["level_0", "index"], ["r", "k"], [0, 1], [1.5, "x"], [("a", "b"), "k"], ["k", "k"]],
    ids=str,
)
@pytest.mark.parametrize("index", ["default", "range", "floats", "levels"])
def test_names_of_new_columns(index: str, columns: list[Any]) -> None:
    frame = Spec(("int64", "int64"), 5, index, 1).make()
    frame.columns = columns

    def program(df: Any) -> Any:
        return df[(df > -100).iloc[:, 0]].reset_index()

    check(frame, program)
    check(frame.rename_axis(columns="axis"), program)


def test_columns_of_levels_are_left_to_pandas() -> None:
    frame = pd.DataFrame({("a", "x"): [1, 2], ("b", "y"): [3, 4]})
    check(frame, lambda df: (df * 2).reset_index())
    check(frame, lambda df: (df * 2).set_index(("a", "x")))


@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("dropna", [True, False])
@pytest.mark.parametrize(
    "by", ["k", "b", "c", ["k", "b"], ["c", "k"], ["b", "c"], ["k", "c", "b"], ["c"]], ids=str
)
@pytest.mark.parametrize("rows", [0, 1, 60])
def test_reset_index_of_groups(rows: int, by: Any, dropna: bool, sort: bool) -> None:
    spec = Spec(("float64", "bool", "category"), rows, "text", 3)
    frame = with_key(spec.make().rename(columns={"c1": "b", "c2": "c"}))

    def grouped(df: Any) -> Any:
        return df.groupby(by, dropna=dropna, sort=sort, observed=True)

    check(frame, lambda df: grouped(df).agg(n=("c0", "count")).reset_index())
    check(frame, lambda df: grouped(df)["c0"].max().reset_index())
    check(frame, lambda df: grouped(df)["c0"].max().reset_index(name="most"))
    check(frame, lambda df: grouped(df).size().reset_index(name="n"))

    def continued(df: Any) -> Any:
        counted = grouped(df).agg(n=("c0", "count"), low=("c0", "min"))
        table = counted[counted["n"] > 1].reset_index()
        return table[table["low"] < 5.0]

    check(frame, continued)


def test_a_column_of_a_group_is_grouped_again() -> None:
    frame = with_key(Spec(("float64", "category"), 60, "default", 3).make())

    def program(df: Any) -> Any:
        first = df.groupby(["c1", "k"], observed=True).agg(n=("c0", "count")).reset_index()
        return first.groupby("c1", observed=True)["n"].sum().reset_index()

    check(frame, program, True)


@given(specs(), st.data())
def test_set_index(spec: Spec, data: st.DataObject) -> None:
    frame = with_key(spec.make())
    labels = data.draw(st.lists(st.sampled_from(list(frame.columns)), min_size=1, max_size=3, unique=True))
    keys = labels if len(labels) > 1 or data.draw(st.booleans()) else labels[0]
    drop = data.draw(st.booleans())
    check(frame, lambda df: df.set_index(keys, drop=drop), True)
    check(frame, lambda df: selected(df).set_index(keys, drop=drop), True)
    if "k" not in labels:
        check(frame, lambda df: selected(df.set_index(keys)))
        check(frame, lambda df: selected(df.set_index(keys)).reset_index())
        check(frame, lambda df: df.set_index(keys)["k"].iloc[1:4])
        check(frame, lambda df: selected(df.set_index(keys))["k"] + selected(df.set_index(keys))["k"])
    check(frame, lambda df: df.set_index(keys).reset_index())


def test_series_become_labels() -> None:
    for rows in (0, 1, 9):
        frame = with_key(Spec(("float64", "str", "category"), rows, "text", 3).make())
        check(frame, lambda df: df.set_index(df["c0"]), True)
        check(frame, lambda df: df.set_index((df["k"] * 2).rename("z"), append=True), True)
        check(frame, lambda df: df.set_index(["c1", df["c2"], df["c1"].str.upper().rename(None)]), True)
        check(frame, lambda df: selected(df).set_index(selected(df)["c1"], drop=False)["c0"] + 1.0, True)
        check(frame, lambda df: df.set_index(selected(df)["c1"]))
        check(frame, lambda df: df.set_index(df["k"], verify_integrity=True))


def test_several_levels_are_numbered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = with_key(Spec(("float64", "int64"), 20, "default", 3).make())
    plain, lazy = frame.set_index(["k", "c1"]), ours(frame).set_index(["k", "c1"])
    programs: list[Program] = [
        lambda df: df["c0"].shift(1),
        lambda df: df[df["c0"] > 0.0],
        lambda df: df[(df["c0"] > 0.0) | ~(df["c0"] > 0.0)],
        lambda df: df.iloc[::-2],
        lambda df: df[df["c0"] > 0.0].iloc[::-1] * 2.0,
    ]
    wanted = [program(plain) for program in programs]
    first = lazyframe.collect(lazy["c0"] * 2.0)
    with monkeypatch.context() as patched:
        patched.delattr(pd.MultiIndex, "from_arrays")
        for program, want in zip(programs, wanted, strict=True):
            assert_same(program(lazy), want)
    first.index.names = ["other", "names"]
    assert_same(lazy["c0"] * 3.0, plain["c0"] * 3.0)


def test_who_writes_to_a_category_does_not_change_labels_of_it() -> None:
    frame = ours(with_key(Spec(("float64", "category"), 20, "default", 3).make()))
    labelled = frame.set_index(["k", "c1"], drop=False)
    first, second = labelled["c0"] * 2.0, labelled["c0"] * 3.0
    before = str(list(first.index))
    for written in (frame, labelled):  # of pandas' own frames the labels would change, too
        written.loc[:, "c1"] = written["c1"].iloc[0]
        assert [str(list(one.index)) for one in (first, second)] == [before, before]


def test_objects_that_are_text_become_labels_that_are_objects() -> None:
    frame = pd.DataFrame({"o": pd.Series(["a", None, "b", "a"], dtype=object), "k": [1, 2, 1, 0], "x": 0.5})
    check(frame, lambda df: df.set_index("o"), True)
    check(frame, lambda df: df.set_index("o")["x"] + 1.0)
    check(frame, lambda df: selected(df.set_index("o")))
    check(frame, lambda df: df.set_index(["o", "k"]), True)
    check(frame, lambda df: df.set_index("o").groupby(level=0)["x"].sum())
    check(frame, lambda df: df["o"].map(df.iloc[:3].set_index("o")["x"]))


def test_columns_in_the_order_of_their_labels() -> None:
    frame = Spec(("float64", "str", "int64"), 5, "text", 3).make().rename(columns={"c0": "C", "c1": "b"})
    for options in (
        {},
        {"ascending": False},
        {"key": lambda labels: labels.str.lower()},
        {"level": 0, "sort_remaining": False},
    ):
        check(frame, lambda df, o=options: df[df["c2"] > 0].sort_index(axis=1, **o), True)
        check(
            frame, lambda df, o=options: (df * 2)[["c2", "b", "C", "b"]].sort_index(axis="columns", **o), True
        )
    check(frame, lambda df: df.T.T.sort_index(axis=1, ascending=False))
    check(frame, lambda df: df.sort_index(axis=1, ignore_index=True))
    check(frame, lambda df: df.sort_index(axis=1, kind="nosuch"))
    check(frame, lambda df: df["b"].sort_index(axis=1))


def test_integers_in_steps_become_a_range() -> None:
    for dtype in (np.int64, np.int32, np.uint8, np.int8):
        frame = pd.DataFrame({"a": np.arange(3, 15, 3).astype(dtype), "x": [0.5, -1.0, 2.0, 3.0]})
        check(frame, lambda df: df.set_index("a"), True)
        check(frame, lambda df: df[df["x"] > 0].set_index("a"), True)
        check(frame, lambda df: (lambda d: d[d["x"] > 0])(df.set_index("a")), True)
        check(frame, lambda df: (lambda d: d[d["x"] > 0])(df.set_index("a")).reset_index())
        uneven = frame.assign(a=np.array([3, 6, 10, 13], dtype))
        check(uneven, lambda df: df.set_index("a").sort_index(ascending=False).reset_index(), True)


def test_what_pandas_refuses() -> None:
    frame = Spec(("float64", "int64"), 5, "default", 1).make()
    check(frame, lambda df: df.set_index("missing"))
    check(frame, lambda df: df.set_index(["c0", "missing"]))
    check(frame, lambda df: df.set_index([]))
    check(frame, lambda df: df.set_index(["c0", "c0"]))
    check(frame, lambda df: df.set_index("c0", append=1))
    check(frame, lambda df: df.set_index([np.arange(5), "c0"]))
    check(frame, lambda df: df.set_index(df["c0"] * 2))
    check(frame, lambda df: (df * 2).set_index("c0", "wrong"))
    check(frame, lambda df: (df * 2).reset_index(level=0))
    check(frame, lambda df: (df * 2)["c0"].reset_index(drop=True, name="x"))


@pytest.mark.parametrize("rows", [0, 1, 7])
@pytest.mark.parametrize("index", INDEXES)
def test_more_levels(index: str, rows: int) -> None:
    frame = with_key(Spec(("float64", "str", "int8", "datetime64[ns]"), rows, index, 1).make())
    lazy = True if index != "levels" or rows else None  # without rows the level of text is of objects
    for keys in ("k", ["c1"], ["c2", "c0"], ["c3"]):
        check(frame, lambda df, keys=keys: selected(df).set_index(keys, append=True), lazy)
        check(frame, lambda df, keys=keys: df.set_index(keys, append=True, drop=False))
        check(frame, lambda df, keys=keys: selected(df.set_index(keys, append=True, drop=False)).head(2))
        check(frame, lambda df, keys=keys: df.set_index(keys, append=True).reset_index())
        check(
            frame, lambda df, keys=keys: selected(df.set_index(keys, append=True, drop=False)).droplevel(-1)
        )
        check(frame, lambda df, keys=keys: df.set_index(keys, append=True).reset_index(keys))


def behind(df: Any) -> Any:
    """A column of the rows' labels put behind these."""
    return df.set_index("k", append=True, drop=False)


@pytest.mark.parametrize(
    "program",
    [
        lambda df: behind(df).index.levels[0],
        lambda df: behind(df.iloc[::2]).index.levels[0],
        lambda df: behind(selected(df)).index.levels[0],
        lambda df: behind(df).iloc[::2].droplevel("k").index,
        lambda df: behind(selected(df)).droplevel("k").index,
        lambda df: selected(behind(df)).droplevel("k").index,
        lambda df: behind(behind(df).iloc[1:]).index.levels[0],
        lambda df: behind(df.reset_index(drop=True)[df["k"].to_numpy() == 1]).index.levels[0],
        lambda df: behind(df.sort_values("k", kind="stable")).index.levels[0],
        lambda df: behind(df.set_index("c2")).index.levels[0],
    ],
)
@pytest.mark.parametrize("index", ["default", "range", "days"])
def test_ranges_stay_ranges_as_levels(index: str, program: Program) -> None:
    frame = with_key(Spec(("float64", "str", "int64"), 7, index, 1).make())
    made, wanted = program(ours(frame)), program(frame)
    pd.testing.assert_index_equal(made, wanted, exact=True)
    assert getattr(made, "freq", None) == getattr(wanted, "freq", None)


@pytest.mark.parametrize(
    "labels",
    [["a", "b"], ("a", "b"), [1, 2], pd.Index(["a", "b"], name="n"), ["a", "a"], [("a", 1), ("b", 2)]],
)
def test_new_columns(labels: Any) -> None:
    frame = Spec(("float64", "int64"), 5, "text", 1).make()

    def program(df: Any) -> Any:
        doubled = df * 2
        doubled.columns = labels
        return doubled

    check(frame, program, True)


@pytest.mark.parametrize("labels", [["a"], ["a", "b", "c"], 3, None, "ab"])
def test_wrong_columns(labels: Any) -> None:
    frame = Spec(("float64", "int64"), 5, "text", 1).make()

    def program(df: Any) -> Any:
        doubled = df * 2
        doubled.columns = labels
        return doubled

    check(frame, program)


def test_new_columns_leave_copies_alone() -> None:
    frame = Spec(("float64", "int64"), 5, "text", 1).make()

    def program(df: Any) -> Any:
        doubled = df * 2
        copy = doubled.copy()
        part = doubled[doubled["c0"] > 0]
        doubled.columns = ["a", "b"]
        doubled.columns.name = "axis"
        doubled["c"] = doubled["a"] + 1
        return [list(copy.columns), list(part.columns), str(doubled)]

    check(frame, program)


@pytest.mark.parametrize("index", INDEXES)
def test_labels_that_have_to_be_distinct(index: str) -> None:
    frame = with_key(Spec(("float64", "str", "int8", "datetime64[ns]", "category"), 7, index, 1).make())
    frame["n"], frame.loc[frame.index[:2], "c0"] = np.arange(7)[::-1], np.nan
    for keys in ("n", "c0", ["c1"], ["c2", "n"], ["c3", "c4"]):
        for append in (False, True):
            check(frame, lambda df, k=keys, a=append: df.set_index(k, append=a, verify_integrity=True))
    check(frame, lambda df: df.set_index("n", verify_integrity=True), True)
    check(frame, lambda df: df[df["n"] > 2].set_index(["c2", "n"], verify_integrity=True), True)
    check(frame, lambda df: df.set_index("n", verify_integrity=1))
    check(frame[::-1], lambda df: df.set_index("n", verify_integrity=True), False)  # pandas sees it at once
