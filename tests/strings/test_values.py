"""Comparisons and methods that give each string a value: pandas' values, dtypes and errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import dictionaries
from passes.ir.values import Gather, Map, Read
from tests.record.compare import assert_same, is_lazy, outcome
from tests.strings.columns import HELD, LETTERS, WORDS, as_held, columns

OPERATORS = ["eq", "ne", "lt", "le", "gt", "ge"]


def check(array: Any, use: Callable[[Any], Any], *, filtered: bool = True) -> None:
    """The same of a series and of the rows of one that a filter leaves."""
    numbers = np.arange(len(array)) % 3
    for part in (lambda s, keep: s, lambda s, keep: s[keep > 0])[: 1 + filtered]:

        def program(library: Any, part: Any = part) -> Any:
            return use(part(library.Series(array, name="s"), library.Series(numbers)))

        assert_same(outcome(program, lazyframe), outcome(program, pandas))


@given(columns(), st.sampled_from(OPERATORS), WORDS)
def test_comparisons_with_a_string(array: Any, name: str, word: str) -> None:
    check(array, lambda s: getattr(s, name)(word))
    check(array, lambda s: getattr(s, f"__{name}__")(word))


@given(columns(min_size=6, max_size=6), st.data(), st.sampled_from(OPERATORS))
def test_comparisons_of_two_columns(array: Any, data: Any, name: str) -> None:
    values = data.draw(st.lists(WORDS | st.none(), min_size=6, max_size=6))
    frame = pandas.DataFrame({"a": array, "b": as_held(values, data.draw(HELD))})
    for part in (lambda df: df, lambda df: df[np.arange(6) % 2 > 0]):

        def program(df: Any, part: Any = part) -> Any:
            return getattr(part(df)["a"], name)(part(df)["b"])

        assert_same(outcome(program, lazyframe.DataFrame(frame)), outcome(program, frame))


METHODS: dict[str, Callable[[Any], Any]] = {
    "isna": lambda s: s.isna(),
    "notna": lambda s: s.notna(),
    "isin": lambda s: s.isin(["a", "é", ""]),
    "isin nothing": lambda s: s.isin([]),
    "isin missing": lambda s: s.isin(["a", None]),
    "isin other": lambda s: s.isin(["a", 1]),
    "fillna": lambda s: s.fillna("new"),
    "fillna other": lambda s: s.fillna(s + "x"),
    "fillna number": lambda s: s.fillna(1),
    "where": lambda s: s.where(s > "a"),
    "where other": lambda s: s.where(s > "a", "no"),
    "where column": lambda s: s.where(s > "a", "x" + s),
    "mask": lambda s: s.mask(s.isna(), "yes"),
    "where number": lambda s: s.where(s > "a", 3),
    "add": lambda s: s + "é",
    "radd": lambda s: "é" + s,
    "map": lambda s: s.map({"a": 1, "b": 2}),
    "map floats": lambda s: s.map({"a": 1.5, "": float("nan")}),
    "map strings": lambda s: s.map({"a": "b", "b": "a"}),
    "map missing": lambda s: s.map({"a": True, None: False, np.nan: True}),
    "map all": lambda s: s.map(dict.fromkeys(LETTERS, 7)),
    "map mixed": lambda s: s.map({"a": 1, "b": "x"}),
    "replace": lambda s: s.replace("a", "b"),
    "replace pairs": lambda s: s.replace({"a": "b", "b": "c"}),
    "replace list": lambda s: s.replace(["a", "b"], ["b", "a"]),
    "replace number": lambda s: s.replace("a", 1),
    "replace pattern": lambda s: s.replace("^a|b$", "_", regex=True),
    "replace groups": lambda s: s.replace("(a)(b)?", r"\2\1", regex=True),
    "replace by nothing": lambda s: s.replace("a", np.nan),
    "replace by NA": lambda s: s.replace("a", pandas.NA),
    "replace by None": lambda s: s.replace({"a": None, "b": "c"}),
    "replace missing": lambda s: s.replace(np.nan, "none"),
    "replace list by one": lambda s: s.replace(["a", "b"], "x"),
    "replace list by missing": lambda s: s.replace(["a", ""], np.nan),
    "replace by other": lambda s: s.replace({"a": 1, "b": 2.5}),
    "replace what is none": lambda s: s.replace({1: "x", False: "y"}),
    "replace patterns": lambda s: s.replace({"^a": "b", "b$": "a"}, regex=True),
    "replace list of patterns": lambda s: s.replace(["a+", "b"], ["x", "y"], regex=True),
    "replace by regex": lambda s: s.replace(regex="a|b", value="_"),
    "replace by regexes": lambda s: s.replace(regex={"a": "b"}),
    "replace blank": lambda s: s.replace(r"^\s*$", np.nan, regex=True),
    "replace compiled": lambda s: s.replace(re.compile("A", re.IGNORECASE), "x", regex=True),
    "replace nothing": lambda s: s.replace(),
    "replace nested": lambda s: s.replace({"s": {"a": "b"}}),
    "between": lambda s: s.between("a", "b"),
    "between neither": lambda s: s.between("a", "é", inclusive="neither"),
    "between columns": lambda s: s.between(s, "b"),
    "isin array": lambda s: s.isin(np.array(["a", "é"])),
    "isin objects": lambda s: s.isin(np.array(["a", "b"], object)),
    "isin labels": lambda s: s.isin(pandas.Index(["a", ""])),
    "isin keys": lambda s: s.isin({"a": 1, "b": 2}.keys()),
    "isin text": lambda s: s.isin("ab"),
    "ffill": lambda s: s.ffill(),
    "bfill": lambda s: s.bfill(limit=1),
    "replace wrong": lambda s: s.replace("(", "", regex=True),
    "category": lambda s: s.astype("category"),
    "str": lambda s: s.astype("str"),
    "float": lambda s: s.astype(float),
    "int": lambda s: s.astype("int64"),
    "bool": lambda s: s.astype(bool),
    "chain": lambda s: (s + "b").replace({"ab": "q", "b": "a"}).fillna("z") <= "q",
    "other operator": lambda s: s - "a",
    "number": lambda s: s == 1,
    "nothing": lambda s: s != None,  # noqa: E711
    "a day": lambda s: s == pandas.Timestamp("2020"),
    "twice": lambda s: s * 2,
    "no times": lambda s: s * -1,
    "truly": lambda s: s * True,
    "less than number": lambda s: s < 1,
}


@given(columns(), st.sampled_from(list(METHODS)))
def test_methods(array: Any, name: str) -> None:
    check(array, METHODS[name])


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("missing", [True, False])
def test_each_method(name: str, missing: bool) -> None:
    check(as_held(["a", "b", *([None] if missing else []), "é", "", "a", "b"], "arrow"), METHODS[name])
    check(as_held(["1", "2", "17"], "arrow"), METHODS[name])


RECORDED = [
    "isna", "isin", "fillna", "fillna other", "where", "where other", "where column", "mask", "add", "radd",
    "map", "map strings", "replace", "replace pairs", "replace list", "category", "str", "bool", "chain",
]  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_pandas_does_not_run(name: str) -> None:
    result = METHODS[name](lazyframe.Series(["a", "b", "b", None], dtype="str"))
    assert is_lazy(result)


def test_masks_are_comparisons_of_codes_where_they_can_be() -> None:
    array = as_held(["d", "b", None, "c", "a", "e"], "arrow")
    for words in (
        ["a"],
        ["e"],
        ["a", "b"],
        ["c", "d"],
        ["d", "e"],
        ["a", "e"],
        ["a", "c", "e"],
        list("abcde"),
    ):
        check(array, lambda s, words=words: s.isin(words))
        check(array[[0, 1, 3, 4, 5]], lambda s, words=words: s.isin(words))
        check(array, lambda s, words=words: ~s.isin(words))


@pytest.mark.skipif(not SINCE_3_1, reason="pandas 3.0 copies the array with the frame")
def test_one_cheap_comparison_does_not_wait_for_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionaries, "_ENCODED_AT_ONCE", 2)
    data = lazyframe.Series(["a", "b", "a"], dtype="str")
    results = [data == "a" for _ in range(5)]
    encoded = [isinstance(result._recorded.value, Map) for result in results]
    assert encoded == [False, False, True, True, True]
    for result in results:
        assert result.tolist() == [True, False, True]


def test_what_a_second_program_asks_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    data = lazyframe.Series(["a", "b", "a"], dtype="str")
    assert (data.map({"a": 1, "b": 2}) + (data != "b")).tolist() == [2, 2, 2]
    monkeypatch.setattr(pandas.Series, "map", None)
    assert data.map({"a": 1, "b": 2}).tolist() == [1, 2, 1]
    assert (data != "b").tolist() == [True, False, True]


@given(columns(min_size=5, max_size=5), columns(min_size=5, max_size=5))
def test_rows_without_missing_strings(first: Any, second: Any) -> None:
    data = pandas.DataFrame({"a": first, "b": second, "c": pandas.Categorical(["x", None, "y", "x", "y"])})
    for use in (
        lambda df: df.dropna(),
        lambda df: df.dropna(subset=["a"]),
        lambda df: df.dropna(subset=["c", "b"]),
        lambda df: df["a"].dropna(),
        lambda df: df.fillna("x"),
        lambda df: df.isna(),
    ):
        assert_same(outcome(use, lazyframe.DataFrame(data)), outcome(use, data))


def test_pandas_does_not_drop_rows() -> None:
    data = lazyframe.DataFrame({"a": ["x", None, "y"], "b": [1.0, 2.0, None]})
    assert is_lazy(data.dropna())
    assert is_lazy(data["a"].dropna())


def test_what_is_filled_and_moved_of_derived_rows() -> None:
    data = pandas.DataFrame({"s": pandas.array(["a", None, "b", None], dtype="str"), "k": range(4)})
    for use in (
        lambda df: df[df["k"] > 0]["s"].ffill(),
        lambda df: df[df["k"] != 2]["s"].bfill(limit=1),
        lambda df: df[df["k"] < 3]["s"].shift(1),
        lambda df: df[df["k"] < 3]["s"].shift(-2),
        lambda df: df["s"].str.upper().ffill(),
        lambda df: df[df["k"] > 9]["s"].shift(),
    ):
        found = use(lazyframe.DataFrame(data))
        assert is_lazy(found)
        assert_same(found, use(data))
    for use in (
        lambda s: s.shift(0),
        lambda s: s.shift(1, fill_value="x"),
        lambda s: s.ffill(),
        lambda s: s.shift(3),
    ):
        assert_same(use(lazyframe.DataFrame(data)["s"]), use(data["s"]))


def test_what_is_nowhere_is_not_put_together_anew() -> None:
    data = lazyframe.DataFrame({"s": pandas.array(["a", None, "b"], dtype="str"), "x": [1.0, 2.0, 3.0]})
    replaced = data.replace("?", np.nan)
    assert is_lazy(replaced)
    assert type(replaced["s"]._recorded.value) is Read
    assert type(data.replace("a", "b")["s"]._recorded.value) is Gather


def test_one_missing_object_is_not_another() -> None:
    theirs = pandas.Series(["a", None], dtype=object)
    ours = lazyframe.Series(theirs)
    assert ours.replace({None: np.nan}).tolist()[1] is theirs.replace({None: np.nan}).tolist()[1]
