"""Columns of categories: their codes, and work done once for each category."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import is_lazy
from tests.strings.test_values import check

METHODS: dict[str, Callable[[Any], Any]] = {
    "eq": lambda s: s == "b",
    "ne": lambda s: s != "b",
    "lt": lambda s: s < "b",
    "ge": lambda s: s >= "b",
    "absent": lambda s: s == "zz",
    "number": lambda s: s == 5,
    "float": lambda s: s == 5.0,
    "less than number": lambda s: s < 5,
    "isin": lambda s: s.isin(["a", "c", "zz"]),
    "isin numbers": lambda s: s.isin([5, 7.5]),
    "isna": lambda s: s.isna(),
    "notna": lambda s: s.notna(),
    "fillna": lambda s: s.fillna("a"),
    "fillna absent": lambda s: s.fillna("zz"),
    "where": lambda s: s.where(s != "a"),
    "where another": lambda s: s.where(s != "a", "b"),
    "where none of them": lambda s: s.where(s != "a", "zz"),
    "mask": lambda s: s.mask(s == "a", None),
    "nothing": lambda s: s == None,  # noqa: E711
    "not missing": lambda s: s != np.nan,
    "a day": lambda s: s == pandas.Timestamp("2020"),
    "shift": lambda s: s.shift(-1),
    "eq shifted": lambda s: s == s.shift(),
    "ne shifted": lambda s: s != s.shift(),
    "lt shifted": lambda s: s < s.shift(),
    "eq of other categories": lambda s: s == s.cat.add_categories(["new"]),
    "eq of another order": lambda s: s == s.cat.reorder_categories(list(s.cat.categories)[::-1]),
    "rank": lambda s: s.rank(),
    "map": lambda s: s.map({"a": 1, "b": 2, "c": 3}),
    "map some": lambda s: s.map({"a": 1}),
    "map bijectively": lambda s: s.map({"c": "x", "a": "y", "b": "z", 5: 1, 3: 2, 9: 3}),
    "map missing": lambda s: s.map({"a": 1.5, np.nan: -1.0}),
    "map function": lambda s: s.map(lambda one: len(str(one))),
    "map failing function": lambda s: s.map(lambda one: one.nothing),
    "map series": lambda s: s.map(type(s)([1, 2, 3], index=["b", "a", "c"])),
    "map kept": lambda s: s.map({"a": 1}, na_action="ignore"),
    "map to one": lambda s: s.map({"a": "x", "b": "x", "c": "x"}),
    "replace": lambda s: s.isna() | (s == "a"),
    "str": lambda s: s.astype(str),
    "int": lambda s: s.astype(int),
    "object": lambda s: s.astype(object),
    "category": lambda s: s.astype("category"),
    "codes": lambda s: s.cat.codes,
    "codes of fillna": lambda s: s.fillna("b").cat.codes + 1,
    "categories": lambda s: list(s.cat.categories),
    "ordered": lambda s: s.cat.ordered,
    "rename": lambda s: s.cat.rename_categories(str.upper),
    "add": lambda s: s.cat.add_categories(["new"]).cat.codes,
    "unknown": lambda s: s.cat.nothing,
    "upper": lambda s: s.str.upper(),
    "contains": lambda s: s.str.contains("a|b"),
    "startswith": lambda s: s.str.startswith("b", na=False),
    "len": lambda s: s.str.len(),
    "split": lambda s: s.str.split("b"),
    "extract": lambda s: s.str.extract("(a|b)"),
    "split apart": lambda s: s.str.split("b", expand=True),
    "extract two": lambda s: s.str.extract("(?P<x>a)|(b)"),
    "extract one": lambda s: s.str.extract("(a|b)", expand=False),
    "partition": lambda s: s.str.partition("b"),
    "dummies": lambda s: s.str.get_dummies(),
    "encode": lambda s: s.str.encode("utf-8"),
    "cat": lambda s: s.str.cat(s.astype(str)),
    "item": lambda s: s.str.split("b").str[0],
    "plus": lambda s: s + "x",
    "other column": lambda s: s == s,
    "group": lambda s: s.groupby(s.fillna("a"), observed=True).size(),
}  # fmt: skip


@st.composite
def categories(draw: Any) -> Any:
    """A categorical of text or of numbers, with categories that no row has, and rows without one."""
    all_of_them = draw(st.sampled_from([list("abc"), list("cab"), [5, 3, 9], [7.5, 1.5]]))
    codes = draw(st.lists(st.integers(draw(st.sampled_from([-1, 0])), len(all_of_them) - 1), max_size=8))
    dtype = pandas.CategoricalDtype(all_of_them, ordered=draw(st.booleans()))
    return pandas.Categorical.from_codes(codes, dtype=dtype)


@given(categories(), st.sampled_from(list(METHODS)))
def test_methods(array: Any, name: str) -> None:
    check(array, METHODS[name])


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("name", METHODS)
def test_each_method(name: str, ordered: bool) -> None:
    for values in (["a", "b", None, "a"], ["b", "a", "a", "b"]):
        check(pandas.Categorical(values, categories=["c", "b", "a"], ordered=ordered), METHODS[name])
    check(pandas.Categorical([5, 7, 5], ordered=ordered), METHODS[name])


@pytest.mark.parametrize(
    "name",
    [
        "eq",
        "ne",
        "isin",
        "isna",
        "fillna",
        "str",
        "codes",
        "map",
        "upper",
        "contains",
        "object",
        "split",
        "split apart",
        "extract two",
        "extract one",
        "partition",
    ],
)
def test_pandas_does_not_run(name: str) -> None:
    data = lazyframe.Series(pandas.Categorical(["a", "b", None, "a"]))
    data = data[data != "b"]
    result = METHODS[name](data)
    assert is_lazy(result)
    assert is_lazy(data)


@pytest.mark.parametrize("labels", [[4, 3, 2], [1.5, 2.5, 0.5], [True, False, 7]])
def test_text_of_numbers_where_none_of_the_rows_is_missing(labels: list[Any]) -> None:
    check(pandas.Categorical.from_codes([0, -1, 2, 1], labels), lambda s: s[s.notna()].astype(str))
    check(np.array([0.5, 1.5, 2.5]), lambda s: _binned(s, labels).astype(str))
    check(np.array([0.5, 7.5, 2.5]), lambda s: _binned(s, labels).astype(str))


def _binned(data: Any, labels: list[Any]) -> Any:
    namespace = lazyframe if isinstance(data, lazyframe.Series) else pandas
    return namespace.cut(data, [0, 1, 2, 3], labels=labels)


def test_the_accessor_is_of_pandas_class() -> None:
    data = lazyframe.Series(pandas.Categorical(["a", "b"]))
    assert isinstance(data.cat, type(pandas.Series(pandas.Categorical(["a"])).cat))
    assert lazyframe.Series.cat is pandas.Series.cat
    assert type(data.cat.as_ordered()) is lazyframe.Series
    with pytest.raises(AttributeError, match="category"):
        _ = lazyframe.Series([1, 2]).cat
