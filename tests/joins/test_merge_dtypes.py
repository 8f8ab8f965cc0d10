"""Merges of numbers of two dtypes, with pandas' warnings, and of Python's strings, against pandas."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.brief import examples
from tests.joins.frames import check
from tests.joins.test_join_labels import is_recorded

pytestmark = pytest.mark.usefixtures("interpreted")

HOW = ("inner", "left", "right", "outer")
NUMBERS = {
    "int64": [0, 1, 2, -5, 2**53],
    "int8": [0, 1, 2, -5],
    "uint8": [0, 1, 2, 200],
    "uint64": [0, 1, 2, 2**53],
    "uint64 beyond": [0, 1, 2**63, 2**64 - 1],
    "int64 beyond": [0, 1, 2**53 + 1, -(2**63)],
    "float64": [0.0, -0.0, 1.0, 1.5, np.nan, np.inf, 2.0**53],
    "float32": [0.0, -0.0, 1.0, 2.5, np.nan, -5.0],
}


@st.composite
def numbers(draw: st.DrawFn, name: str) -> pandas.DataFrame:
    kind = draw(st.sampled_from(sorted(NUMBERS)))
    chosen = draw(st.lists(st.sampled_from(NUMBERS[kind]), max_size=7, unique=draw(st.booleans())))
    return pandas.DataFrame({"k": np.array(chosen, kind.split()[0]), name: np.arange(len(chosen))})


def warned(program: Any, left: pandas.DataFrame, right: pandas.DataFrame) -> None:
    """The same result, and the same warnings at the same line."""
    heard: list[Any] = []

    def listening(pd: Any, one: Any, other: Any) -> Any:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            made = program(pd, one, other)
        heard.append([(w.category, str(w.message), w.filename, w.lineno) for w in caught])
        return made

    check(listening, left, right)
    assert len(heard) < 2 or heard[0] == heard[1]


@settings(max_examples=examples(150))
@given(numbers("x"), numbers("y"), st.sampled_from(HOW), st.booleans())
def test_numbers_of_two_dtypes(left: pandas.DataFrame, right: pandas.DataFrame, how: Any, sort: bool) -> None:
    warned(lambda pd, one, other: one.merge(other, on="k", how=how, sort=sort), left, right)
    far = any(abs(float(key)) > 2.0**60 for frame in (left, right) for key in frame.k)
    if SINCE_3_1 or not far:  # labels that 3.0 subtracts
        warned(lambda pd, one, other: one.join(other.set_index("k"), on="k", how=how), left, right)
        warned(
            lambda pd, one, other: one.set_index("k").merge(other, left_index=True, right_on="k", how=how),
            left,
            right,
        )
    named = right.rename(columns={"k": "q"})
    warned(lambda pd, one, other: pd.merge(one, other, left_on="k", right_on="q", how=how), left, named)
    check(lambda pd, one, other: one[one.k.isin(other.k)], left, right)


def test_what_pandas_warns_of_is_an_error_at_the_line() -> None:
    left, right = pandas.DataFrame({"k": [1, 2]}), pandas.DataFrame({"k": [1.5, 2.0]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(lambda pd, one, other: one.merge(other, on="k"), left, right)
        check(lambda pd, one, other: other.merge(one, on="k", how="outer"), left, right)


@pytest.mark.skipif(not SINCE_3_1, reason="keys repeat on the right")
@pytest.mark.parametrize("how", HOW)
def test_numbers_of_two_dtypes_are_merged_lazily(how: Any) -> None:
    one = lazyframe.DataFrame({"k": np.array([1, 2, 7, 7], np.uint8)})
    for dtype in ("int64", "int8", "uint64", "float64"):
        other = lazyframe.DataFrame({"k": np.array([2, 1, 9, 9], dtype)})
        assert is_recorded(one.merge(other, on="k", how=how)), dtype
        assert is_recorded(other.merge(one, on="k", how=how)), dtype


TEXTS = st.lists(st.sampled_from(["a", "b", "", None, "z", "é"]), max_size=7)
MIXED = st.lists(st.sampled_from(["a", np.nan, None, 1, "z"]), max_size=5)


@settings(max_examples=examples(80))
@given(TEXTS, TEXTS | MIXED, st.sampled_from([None, np.nan]), st.sampled_from(HOW), st.booleans(), st.data())
@pytest.mark.filterwarnings("ignore")
def test_objects(one: list[Any], other: list[Any], missing: Any, how: Any, sort: bool, data: Any) -> None:
    if missing is not None:
        one = [missing if word is None else word for word in one]
    dtype = data.draw(st.sampled_from(["object", "object", "str"]))
    left = pandas.DataFrame({"k": pandas.Series(one, dtype=object), "i": np.arange(len(one)) % 2})
    right = pandas.DataFrame({"k": pandas.Series(other, dtype=object), "i": np.arange(len(other)) % 3})
    if dtype == "str" and 1 not in other:
        right = right.astype({"k": "str"})
    for keys in (["k"], ["k", "i"]):
        check(lambda pd, a, b, q=keys: a.merge(b, on=q, how=how, sort=sort), left, right)  # type: ignore[misc]
    check(lambda pd, a, b: a[a.i > 0].merge(b, on="k", how=how, sort=sort), left, right)
    check(lambda pd, a, b: a.merge(b, on="k", how=how, sort=sort).k.isna(), left, right)
    renamed = right.rename(columns={"k": "q"})
    check(lambda pd, a, b: a.merge(b, left_on="k", right_on="q", how=how, sort=sort), left, renamed)


@pytest.mark.parametrize("how", ["right", "outer"])
def test_objects_are_merged_lazily(how: Any) -> None:
    left = lazyframe.DataFrame({"k": pandas.Series(["b", "a", None], dtype=object)})
    right = lazyframe.DataFrame({"k": pandas.Series(["c", "a", None, "c"], dtype=object)})
    assert is_recorded(left.merge(right, on="k", how=how))
    assert is_recorded(left.merge(right, on="k", how=how, sort=True))


@settings(max_examples=examples(40))
@given(
    st.lists(st.integers(-1, 3), min_size=1, max_size=7),
    st.lists(st.integers(-1, 3), min_size=1, max_size=7),
    st.sampled_from(HOW),
    st.booleans(),
)
def test_categories_in_order(one: list[int], other: list[int], how: Any, ordered: bool) -> None:
    left, right = [
        pandas.DataFrame(
            {"k": pandas.Categorical.from_codes(codes, list("dbca"), ordered=ordered), "n": range(len(codes))}
        )
        for codes in (one, other)
    ]
    check(lambda pd, a, b: a.merge(b, on="k", how=how, sort=True), left, right)
    check(lambda pd, a, b: a.merge(b, on=["k", "n"], how=how, sort=True), left, right)


@pytest.mark.skipif(not SINCE_3_1, reason="pandas 3.0 does not merge them")
@pytest.mark.parametrize("how", ["right", "outer"])
@pytest.mark.parametrize("dtypes", [("uint64", "int64"), ("int64", "uint64")])
def test_integers_that_become_floats_are_recorded(dtypes: tuple[str, str], how: Any) -> None:
    left = pandas.DataFrame({"k": np.array([3, 0, 7, 3], dtypes[0]), "x": np.arange(4)})
    right = pandas.DataFrame({"k": np.array([9, 3, 3, 5], dtypes[1]), "y": np.arange(4)})
    check(lambda pd, one, other: one.merge(other, on="k", how=how), left, right)
    assert is_recorded(lazyframe.DataFrame(left).merge(lazyframe.DataFrame(right), on="k", how=how))
