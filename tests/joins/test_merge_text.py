"""Merges of text of two kinds, categories, ``str`` and Python's strings, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from tests.brief import examples
from tests.joins.frames import check
from tests.joins.test_join_labels import is_recorded

pytestmark = pytest.mark.usefixtures("interpreted")

HOW = ("inner", "left", "right", "outer")
WORDS = ["b", "a", "", "zz", "ä"]
CATEGORIES: dict[str, Any] = {
    "few": pandas.CategoricalDtype(["a", "b"]),
    "more": pandas.CategoricalDtype(["zz", "b", "unused", "a", ""]),
    "the same again": pandas.CategoricalDtype(["a", "unused", "", "zz", "b"]),
    "ordered": pandas.CategoricalDtype(["zz", "a", "b"], ordered=True),
    "others": pandas.CategoricalDtype(["x", "y"]),
    "one": pandas.CategoricalDtype(["a"]),
    "none": pandas.CategoricalDtype([]),
    "integers": pandas.CategoricalDtype([1, 2]),
    "objects": pandas.CategoricalDtype(pandas.Index(["a", "b"], dtype=object)),
}
KINDS = (*CATEGORIES, "str", "None", "NaN", "mixed")


def keys(kind: str, words: list[Any]) -> Any:
    if kind in CATEGORIES:
        dtype = CATEGORIES[kind]
        codes = dtype.categories.get_indexer(pandas.Index(words, dtype=object))
        return pandas.Categorical.from_codes(codes, dtype=dtype)
    if kind == "str":
        return pandas.array(words, dtype="str")
    gone: Any = {"None": None, "NaN": np.nan, "mixed": 1}[kind]
    return pandas.Series([gone if word is None else word for word in words], dtype=object)


@st.composite
def frames(draw: st.DrawFn, name: str) -> pandas.DataFrame:
    kind = draw(st.sampled_from(KINDS))
    words = draw(st.lists(st.sampled_from([*WORDS, None]), max_size=6, unique=draw(st.booleans())))
    number = draw(st.lists(st.integers(0, 1), min_size=len(words), max_size=len(words)))
    return pandas.DataFrame({"k": keys(kind, words), "n": number, name: np.arange(len(words))})


@settings(max_examples=examples(50))
@given(frames("x"), frames("y"), st.sampled_from(HOW), st.booleans())
def test_kinds_of_text(left: pandas.DataFrame, right: pandas.DataFrame, how: Any, sort: bool) -> None:
    check(lambda pd, one, other: one.merge(other, on="k", how=how, sort=sort), left, right)
    check(lambda pd, one, other: one.merge(other, on=["k", "n"], how=how, indicator=True), left, right)
    check(lambda pd, one, other: one.join(other.set_index("k"), on="k", how=how, rsuffix="_"), left, right)
    check(
        lambda pd, one, other: one.set_index("k").merge(other, left_index=True, right_on="k", how=how),
        left,
        right,
    )
    named = right.rename(columns={"k": "q"})
    check(lambda pd, one, other: pd.merge(one, other, left_on="k", right_on="q", how=how), left, named)
    crossed = right.rename(columns={"k": "q", "n": "k"})
    check(lambda pd, one, other: pd.merge(one, other, left_on="k", right_on="q", how=how), left, crossed)


@settings(max_examples=examples(30))
@given(frames("x"), frames("y"))
def test_text_of_one_kind_among_that_of_another(left: pandas.DataFrame, right: pandas.DataFrame) -> None:
    check(lambda pd, one, other: one.k.isin(other.k), left, right)
    check(lambda pd, one, other: one[~one.k.isin(other.k)], left, right)
    distinct = right.drop_duplicates("k").set_index("k")
    check(lambda pd, one, other: one.k.map(other.y), left, distinct)
    check(lambda pd, one, other: one.k.map(other.n.astype(float)), left, right.set_index("k"))


@pytest.mark.parametrize("kinds", [("few", "more"), ("few", "str"), ("more", "None"), ("str", "NaN")])
def test_membership_is_recorded(kinds: tuple[str, str]) -> None:
    words: list[Any] = ["b", "a", None]
    left, right = [lazyframe.DataFrame({"k": keys(kind, words)}) for kind in kinds]
    assert is_recorded(left.k.isin(right.k))


def test_strings_mapped_by_categories_are_recorded() -> None:
    table = pandas.Series([1.5, 2.5], index=pandas.CategoricalIndex(["b", "a"]))
    text = pandas.Series(["a", None, "c", "b"])
    mapped = lazyframe.Series(text).map(table)
    assert is_recorded(mapped)
    pandas.testing.assert_series_equal(mapped.to_pandas(), text.map(table))


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("kinds", [("few", "more"), ("str", "few"), ("few", "None"), ("NaN", "str")])
def test_they_are_recorded(how: Any, kinds: tuple[str, str]) -> None:
    words: list[Any] = ["b", "a", None, "b"]
    left, right = [
        pandas.DataFrame({"k": keys(kind, words), name: np.arange(4)})
        for kind, name in zip(kinds, "xy", strict=True)
    ]
    left.loc[4] = ["a" if kinds[0] == "few" else "zz", 9]
    left["k"] = left["k"].astype(keys(kinds[0], words).dtype)
    check(lambda pd, one, other: one.merge(other, on="k", how=how), left, right)
    merged = lazyframe.DataFrame(left).merge(lazyframe.DataFrame(right), on="k", how=how)
    assert is_recorded(merged)
