"""Frames: columns, rows, labels, element-wise methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.record.compare import INDEXES, assert_same, frame, is_lazy, outcome

FRAMES = (
    ("float64", "int64"), ("float32", "float64", "str"), ("int8", "uint8", "bool"),
    ("datetime64[ns]", "float64"), ("float64",) * 3, ("str", "int32"), ("int64", "timedelta64[s]"),
)  # fmt: skip


def with_column(value: Any) -> Any:
    def program(d: Any) -> Any:
        d = d[["c0", "c1"]]
        new = value(d) if callable(value) else value
        d["new"] = new
        d["c0"] = new
        return d

    return program


def with_rows_set(value: Any) -> Any:
    def program(d: Any) -> Any:
        d = d.copy()
        d.loc[d.c0 > 1, "c0"] = value(d) if callable(value) else value
        return d

    return program


def renamed(attribute: str) -> Any:
    def program(d: Any) -> Any:
        d = d.assign(new=1)
        getattr(d, attribute).name = "renamed"
        return d.assign(newer=2)

    return program


VALUES = (
    1, 0.5, True, None, "x", np.nan, pd.Timestamp("2000-01-05"), np.float32(0.1), np.int8(3), 300, 2**40,
    lambda d: d.c1,
)  # fmt: skip

PROGRAMS: dict[str, Any] = {
    **{name: lambda d, name=name: getattr(d, name)() for name in (
        "isna", "notna", "round", "abs", "dropna", "copy", "head", "tail",
    )},
    "round(1)": lambda d: d.round(1),
    "assign callables": lambda d: d.assign(n=lambda f: f.c0, m=lambda f: f.n, c0=1, **{"a b": d.c1}),
    "assign a list": lambda d: d.assign(n=list(range(len(d))), m=[1, 2]),
    "assign nothing": lambda d: d.assign(),
    "clip": lambda d: d.clip(0, 2),
    "fillna": lambda d: d.fillna(0),
    "fillna dict": lambda d: d.fillna({"c0": 1, "c1": 2}),
    "fillna text": lambda d: d.fillna("x"),
    "astype": lambda d: d.astype("float32"),
    "astype dict": lambda d: d.astype({"c0": "float64"}),
    "astype of no column": lambda d: d.astype({"none": "float64"}),
    "isin": lambda d: d.isin([0, 1, 3]),
    "replace": lambda d: d.replace(3, 7),
    "replace dict": lambda d: d.replace({3: 7, 0: 1}),
    "replace in a column": lambda d: d.replace({"c0": {3: 7}}),
    "where": lambda d: d.where(d.notna(), 0),
    "where frame": lambda d: d.where(d.notna(), d),
    "where nan": lambda d: d.where(d.isna()),
    "mask": lambda d: d.mask(d.isna(), 1),
    "dropna subset": lambda d: d.dropna(subset=["c0"]),
    "dropna no column": lambda d: d.dropna(subset=["none"]),
    "dropna text": lambda d: d.dropna(subset="c1"),
    "filter": lambda d: d[d.c0.notna()],
    "filter twice": lambda d: d[d.c0.notna()].pipe(lambda e: e[e.c1.notna()]),
    "filter and pick": lambda d: d[d.c1.notna()][["c1"]],
    "filter by array": lambda d: d[d.c1.notna().to_numpy()],
    "filter by list": lambda d: d[d.c1.notna().tolist()],
    "filter by other rows": lambda d: d.iloc[::-1][d.c1.notna()],
    "loc rows": lambda d: d.loc[d.c0.notna()],
    "loc rows, columns": lambda d: d.loc[d.c0.notna(), ["c1"]],
    "loc rows, column": lambda d: d.loc[d.c0.notna(), "c1"],
    "loc columns": lambda d: d.loc[:, ["c1", "c0"]],
    "loc column": lambda d: d.loc[:, "c1"],
    "loc no column": lambda d: d.loc[:, "none"],
    "no column": lambda d: d["none"],
    "no columns": lambda d: d[["c0", "none"]],
    "iloc": lambda d: d.assign(new=1).iloc[1:5:2],
    "iloc reversed": lambda d: d.assign(new=1).iloc[::-1],
    "iloc rows, columns": lambda d: d.assign(new=1).iloc[:2, :1],
    "iloc rows, column": lambda d: d.assign(new=1).iloc[1:, 1],
    "iloc of a filter": lambda d: d[d.c1.notna()].iloc[1:3],
    "head of a filter": lambda d: d[d.c1.notna()].head(2),
    "tail of a filter": lambda d: d[d.c1.notna()].tail(2),
    "no tail": lambda d: d[d.c1.notna()].tail(0),
    "series iloc": lambda d: d.assign(new=1).new.iloc[1:3],
    "slice": lambda d: d.assign(new=1)[1:3],
    "drop": lambda d: d.drop(columns=["c0"]),
    "drop axis": lambda d: d.drop("c1", axis=1),
    "drop no column": lambda d: d.drop(columns="none"),
    "drop ignoring": lambda d: d.drop(columns="none", errors="ignore"),
    "rename": lambda d: d.assign(new=1).rename(columns={"c0": "A", "new": 5}),
    "rename function": lambda d: d.assign(new=1).rename(columns=str.upper),
    "rename no column": lambda d: d.assign(new=1).rename(columns={"none": 1}, errors="raise"),
    "renumber": lambda d: d.assign(new=1).reset_index(drop=True),
    "renumber a filter": lambda d: d[d.c1.notna()].reset_index(drop=True),
    "filter the renumbered": lambda d: (
        d[d.c1.notna()].reset_index(drop=True).pipe(lambda e: e[e.c0.notna()])
    ),
    "reset_index": lambda d: d[d.c1.notna()].reset_index(),
    "twice the same": lambda d: d[["c0", "c0"]],
    "isna of twice the same": lambda d: d[["c0", "c0"]].isna(),
    "columns of one name": lambda d: d[["c0", "c0"]]["c0"],
    "add frame": lambda d: d[["c1"]] + d[["c1"]],
    "add scalar": lambda d: d[["c1"]] + 1,
    "add misaligned": lambda d: d[["c1"]] + d,
    "add series": lambda d: d + d.c0,
    "add down": lambda d: d[["c1"]].add(d.c1, axis=0),
    "subtract from": lambda d: 1 - d,
    "subtract filled": lambda d: d.sub(d, fill_value=1),
    "floor divide": lambda d: d[["c1"]] // 2,
    "floor divide by zero": lambda d: d[["c1"]] // 0,
    "remainder": lambda d: d[["c1"]] % d[["c1"]],
    "equal": lambda d: d[["c1"]] == d[["c1"]],
    "equal scalar": lambda d: d == 0,
    "equal down": lambda d: d.eq(d.c0, axis=0),
    "less": lambda d: d.lt(1),
    "negative": lambda d: -d,
    "invert": lambda d: ~d,
    "and": lambda d: d & True,
    "exp": lambda d: np.isfinite(d),
    "misaligned comparison": lambda d: d[d.c1.notna()].c1 == d.c1,
    "misaligned assignment": lambda d: d.assign(new=d[d.c1.notna()].c1),
    "array assigned": with_column(lambda d: np.arange(len(d)) * 1.5),
    "array of another length": with_column(lambda d: np.arange(len(d) + 1)),
    "index renamed": renamed("index"),
    "columns renamed": renamed("columns"),
    **{f"select {i} of a filter": lambda d, i=i: d[d.c1.notna()].select_dtypes(i) for i in (
        "number", "float64", ["bool", "datetime"], "str", np.number, "timedelta", "none",
    )},
    "select others": lambda d: d[d.c1.notna()].select_dtypes(exclude=["number"]),
    "select nothing": lambda d: d[d.c1.notna()].select_dtypes(),
    "filter items": lambda d: d[d.c1.notna()].filter(["c1", "none", "c0"]),
    "filter no items": lambda d: d[d.c1.notna()].filter(["none"]),
    "filter like": lambda d: d[d.c1.notna()].filter(like="0"),
    "filter like, axis": lambda d: d[d.c1.notna()].filter(like="0", axis=1),
    "filter like, rows": lambda d: d[d.c1.notna()].filter(like="0", axis=0),
    "filter regex": lambda d: d[d.c1.notna()].filter(regex="[12]$", axis="columns"),
    "filter by too much": lambda d: d[d.c1.notna()].filter(like="0", regex="0"),
    "filter by nothing": lambda d: d[d.c1.notna()].filter(),
    "query": lambda d: d.query("c1 == c1"),
    "eval": lambda d: d.eval("c1 + c1"),
    **{f"column = {i}": with_column(value) for i, value in enumerate(VALUES)},
    **{f"loc = {i}": with_rows_set(value) for i, value in enumerate(VALUES)},
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("index", INDEXES)
def test_programs(name: str, index: str) -> None:
    program = PROGRAMS[name]
    for dtypes in FRAMES:
        for rows in (0, 1, None):
            ours, theirs = frame(lazyframe, dtypes, index, rows), frame(pd, dtypes, index, rows)
            assert_same(outcome(program, ours), outcome(program, theirs))


RECORDED = (
    "isna", "round(1)", "clip", "fillna", "astype", "isin", "replace", "where", "dropna", "filter",
    "filter and pick", "loc rows, columns", "loc rows, column", "iloc", "iloc reversed", "head of a filter",
    "drop", "rename", "renumber", "renumber a filter", "add frame", "add scalar", "add down", "equal",
    "negative", "array assigned", "query", "eval", "column = 0", "loc = 1", "select number of a filter",
    "filter items", "filter like", "filter regex",
)  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_recorded(name: str) -> None:
    assert is_lazy(PROGRAMS[name](frame(lazyframe, ("float64", "float64"))))


@pytest.mark.parametrize(
    "labels",
    [
        ["a", "a"], [None, "a"], [("a", 1), ("a", 2)], ["", "\n"], ['"', "a'); import os; ("], [1, 1.5],
        [True, "a"], [np.nan, 1], pd.date_range("2000", periods=2),
        pd.MultiIndex.from_tuples([(1, 2), (1, 3)]),
    ],
)  # fmt: skip
def test_any_column_labels(labels: Any) -> None:
    def programs(library: Any) -> Any:
        data = library.DataFrame(np.arange(6.0).reshape(3, 2), columns=labels)
        yield lambda: data + 1
        yield lambda: data[data > 1]
        for label in data.columns:
            yield lambda label=label: data[label]
            yield lambda label=label: data[[label]]
            yield lambda label=label: data.drop(columns=[label])
        yield lambda: data.sum()
        yield lambda: data.isna().assign(new=2)

    for ours, theirs in zip(programs(lazyframe), programs(pd), strict=True):
        assert_same(outcome(ours), outcome(theirs))


def test_a_thousand_assignments() -> None:
    data = frame(lazyframe, ("float64", "float64"))[["c0"]]
    for step in range(1000):
        data[f"c{step + 1}"] = data[f"c{step}"] + 1
    assert is_lazy(data)
    expected = pd.Series(frame(pd, ("float64",)).c0 + 1000.0, name="c1000")
    assert_same(data["c1000"], expected, exact=False)
    assert list(data.columns) == [f"c{i}" for i in range(1001)]


@pytest.mark.parametrize(
    "step",
    [
        lambda data, k: data.assign(c0=data["c0"] + 1),
        lambda data, k: data.copy(),
        lambda data, k: data[["c1", "c0"]],
        lambda data, k: data.reset_index(drop=True),
        lambda data, k: data.rename(columns={"c0": "c0"}),
        lambda data, k: data.assign(c2=k).drop(columns=["c2"]),
    ],
)
def test_hundreds_of_frames_made_of_one_another(step: Any) -> None:
    def program(module: Any) -> Any:
        data = frame(module, ("float64", "float64"))[["c0", "c1"]]
        for k in range(600):
            data = step(data, k)
        assert module is pd or is_lazy(data)
        return data[["c0", "c1"]]

    assert_same(program(lazyframe), program(pd), exact=False)


def test_hundreds_of_filters_in_turn() -> None:
    def program(module: Any) -> Any:
        data = frame(module, ("float64", "float64"))[["c0", "c1"]]
        for _ in range(400):
            data = data[data["c0"] == data["c0"]]
        return data

    assert_same(program(lazyframe), program(pd))


LABELS: tuple[Any, ...] = (
    ["a", "b", "c"], [1, 2, 3], [1.5, 2.5, "x"], [None, "b", ("c", 1)],
    pd.RangeIndex(3, name="n"), pd.Index(["a", "b", None], name="n"), pd.date_range("2000", periods=3),
)  # fmt: skip


@pytest.mark.parametrize("labels", LABELS, ids=repr)
def test_labels_are_handed_on_as_they_are(labels: Any) -> None:
    with lazyframe.config(min_rows=0):
        lazy = lazyframe.DataFrame(np.arange(6.0).reshape(2, 3), columns=labels)
        plain = pd.DataFrame(np.arange(6.0).reshape(2, 3), columns=labels)
        for _ in range(2):  # what is remembered of the labels is theirs the second time
            for chosen in ([2, 0], [1]):
                wanted = [plain.columns[position] for position in chosen]
                assert_same((lazy[wanted] + 1), plain[wanted] + 1)
                assert_same((lazy + 1).drop(columns=wanted), (plain + 1).drop(columns=wanted))
            for label in plain.columns:
                found = (lazy + 1)[label]
                assert_same(found, (plain + 1)[label])
                assert type(found.name) is type((plain + 1)[label].name)


def test_renamed_columns_are_not_those_that_were_remembered() -> None:
    with lazyframe.config(min_rows=0):
        lazy, plain = lazyframe.DataFrame({"a": [1.0], "b": [2.0]}), pd.DataFrame({"a": [1.0], "b": [2.0]})
        for name in (None, "n", "m"):
            lazy.columns.name = plain.columns.name = name
            assert_same((lazy[["b"]] + 1), plain[["b"]] + 1)
            assert_same((lazy + 1).drop(columns="a"), (plain + 1).drop(columns="a"))


WHOLE: dict[str, Any] = {
    "head": lambda data: data.head(9),
    "iloc": lambda data: data.iloc[:],
    "loc": lambda data: data.loc[:],
    "slice": lambda data: data[:],
    "copy": lambda data: data.copy(),
}


@pytest.mark.parametrize("part", WHOLE.values(), ids=WHOLE)
def test_all_rows_have_names_of_their_own(part: Any) -> None:
    def program(library: Any) -> Iterator[Any]:
        frame = library.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
        for data in (frame, frame + 1):
            taken, series = part(data), part(data["a"] * 2)
            taken.columns.name, taken.index.name, series.index.name = "c", "i", "s"
            yield from (data.columns.name, data.index.name, data["a"].index.name, data + 1)
            yield from (taken.columns.name, taken + 1, series + 1)

    with lazyframe.config(min_rows=0):
        for ours, theirs in zip(program(lazyframe), program(pd), strict=True):
            if isinstance(theirs, pd.DataFrame | pd.Series):
                assert_same(ours, theirs)
            else:
                assert ours == theirs


def test_columns_that_are_made_late() -> None:
    def program(library: Any) -> Iterator[Any]:
        values = np.array([1.5, np.nan, -0.0, np.inf, -2.0])
        start = library.DataFrame({c: values * k for k, c in enumerate("abc", 1)})
        start["n"], start["m"] = np.arange(5), np.arange(5) - 2
        data = start
        for step in range(70):  # more than are made one by the other
            data = (data * 0.5 + step).clip(-3, 50).abs()
        yield data
        kept = start
        for bound in range(70):
            kept = start.where(kept > bound - 60, kept + 1)
        yield kept
        wanted = [1.5, 2]
        among = start.isin(wanted)
        wanted.clear()
        yield among
        rounded = start.round(1)
        start["a"] = 0.0
        yield rounded
        rounded["new"] = 1
        yield rounded[["new", "b", "m"]].fillna(7)
        yield (rounded - rounded).drop(columns="a").rename(columns={"b": "x"})
        yield rounded.dtypes

    with lazyframe.config(min_rows=0):
        for ours, theirs in zip(program(lazyframe), program(pd), strict=True):
            assert_same(ours, theirs)


@pytest.mark.parametrize(
    "part", [slice(2, 9, 4), slice(9, 2, -4), slice(None, None, -3), slice(7, 3), slice(-1, 50, 5)]
)
@pytest.mark.parametrize("labels", [pd.RangeIndex(10), pd.RangeIndex(30, 0, -3, name="n")])
def test_a_slice_of_a_range_ends_where_it_was_told_to(part: slice, labels: pd.RangeIndex) -> None:
    theirs = pd.DataFrame({"a": np.arange(10.0)}, labels)
    with lazyframe.config(min_rows=0):
        ours = lazyframe.DataFrame(theirs.copy())
        for program in (lambda d: (d + 1).iloc[part], lambda d: (d.a + 1).iloc[part].iloc[::2]):
            found, expected = program(ours).index, program(theirs).index
            assert (found.start, found.stop, found.step) == (expected.start, expected.stop, expected.step)
            assert_same(program(ours), program(theirs))
            assert_same(program(ours)[program(ours) > 3], program(theirs)[program(theirs) > 3])


TO_NOTHING = (
    lambda d: d[d.a > 99], lambda d: d[d.a > 1].iloc[2:2], lambda d: d.iloc[2:][lambda rest: rest.a > 99],
    lambda d: d.head(0).sort_values("a"), lambda d: d.head(0).drop_duplicates("a"),
    lambda d: d.head(0).nlargest(2, "a"), lambda d: d.nlargest(0, "a"), lambda d: d.a[d.a > 99],
    lambda d: d.head(0).a[d.head(0).a > 99],
    lambda d: d.merge(d, on="a").query("a > 1").iloc[1:1], lambda d: d.iloc[::-2][lambda rest: rest.a > 99],
)  # fmt: skip


@pytest.mark.parametrize("labels", [pd.RangeIndex(6), pd.RangeIndex(5, 17, 2), pd.RangeIndex(3, 3, 2, "n")])
def test_a_range_of_no_rows_begins_where_it_does_in_pandas(labels: pd.RangeIndex) -> None:
    theirs = pd.DataFrame({"a": np.arange(float(len(labels)))}, labels)
    with lazyframe.config(min_rows=0):
        ours = lazyframe.DataFrame(theirs.copy())
        for program in TO_NOTHING:
            found, expected = program(ours).index, program(theirs).index
            assert type(found) is type(expected)
            assert found.name == expected.name
            assert (found.start, found.stop, found.step) == (expected.start, expected.stop, expected.step)


@pytest.mark.parametrize("labels", [["a"], [None], [None, "a"], [1, "a"], [np.nan, "a"], [1, 2], ["a", "b"]])
def test_renamed_labels_have_the_dtype_of_pandas(labels: list[Any]) -> None:
    def program(library: Any, table: Any) -> Any:
        made = library.DataFrame([[1.0] * len(labels)])
        made.columns = labels
        return (made * 2.0).rename(columns=table)

    for new in ("x", None, 1, 1.5, pd.NaT, np.nan, True, pd.Timestamp("2000"), ("x", "y"), b"x"):
        for table in ({labels[0]: new}, dict.fromkeys(labels, new), {"absent": new}):
            ours, theirs = outcome(program, lazyframe, table), outcome(program, pd, table)
            assert_same(ours, theirs)
            if isinstance(theirs, pd.DataFrame):
                assert ours.columns.dtype == theirs.columns.dtype
