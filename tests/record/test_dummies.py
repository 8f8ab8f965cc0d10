"""``get_dummies`` of columns of strings, categories and numbers, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import DTYPES, assert_same, edge_values, is_lazy, outcome

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "prefix": {"prefix": "p", "prefix_sep": ": "},
    "missing too": {"dummy_na": True},
    "all but one": {"drop_first": True},
    "int": {"dtype": int},
    "float": {"dtype": "float32"},
    "text": {"dtype": object},
    "sparse": {"sparse": True},
    "several prefixes": {"prefix": ["a", "b"]},
    "a prefix a column": {"prefix": {"s": "S", "c": "C", "k": "K"}},
    "wrong": {"prefix_sep": 3},
}
COLUMNS = [None, ["s"], ["s", "c"], ["k", "s"], ["b"], ["x"], ["none"], "s", [], ["s", "s"]]


def frame(words: list[Any], **more: Any) -> pd.DataFrame:
    n = len(words)
    return pd.DataFrame(
        {
            "x": np.arange(n) / 2,
            "s": pd.array(words, dtype="str"),
            "k": np.arange(n) % 3,
            "c": pd.Categorical([None if word == "" else word for word in words], ["b", "a", "z", "c", "é"]),
            "b": np.arange(n) % 2 > 0,
            **more,
        },
        index=pd.Index(np.arange(n) * 2, name="i"),
    )


def check(data: pd.DataFrame, use: Any) -> None:
    for part in (lambda df: df, lambda df: df[df["k"] > 0]):

        def program(library: Any, part: Any = part) -> Any:
            return use(library, part(library.DataFrame(data)))

        assert_same(outcome(program, lazyframe), outcome(program, pd))


@pytest.mark.parametrize("columns", COLUMNS, ids=str)
@pytest.mark.parametrize("name", OPTIONS)
def test_frames(name: str, columns: Any) -> None:
    for words in (["a", "b", None, "a", "c", ""], ["a"], [None, None], []):
        check(frame(words), lambda pd, df: pd.get_dummies(df, columns=columns, **OPTIONS[name]))


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("column", ["x", "s", "k", "c", "b"])
def test_series(column: str, name: str) -> None:
    for words in (["a", "b", None, "a", "c", ""], [None], []):
        check(frame(words), lambda pd, df: pd.get_dummies(df[column], **OPTIONS[name]))


@pytest.mark.parametrize("dtype", DTYPES)
def test_edge_values(dtype: str) -> None:
    data = pd.DataFrame({"v": edge_values(dtype), "k": np.arange(8)})
    check(data, lambda pd, df: pd.get_dummies(df["v"]))
    check(data, lambda pd, df: pd.get_dummies(df, columns=["v"]))
    check(data, lambda pd, df: pd.get_dummies(data=df, columns=["v"], drop_first=True))


@given(st.lists(st.sampled_from(["a", "b", "", "é", None]), max_size=9), st.sampled_from(list(OPTIONS)))
def test_any_words(words: list[Any], name: str) -> None:
    check(frame(words), lambda pd, df: pd.get_dummies(df, columns=["s"], **OPTIONS[name]))


def test_pandas_does_not_run() -> None:
    data = lazyframe.DataFrame(frame(["a", "b", None, "a", "c", ""]))
    part = data[data["k"] > 0]
    for columns in (None, ["s"], ["k", "b"], ["c"], ["x"]):
        assert is_lazy(lazyframe.get_dummies(part, columns=columns))
    assert is_lazy(part)
    assert lazyframe.get_dummies(part, columns=["k"])["k_1"].tolist() == [True, False, True, False]
