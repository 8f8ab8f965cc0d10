"""Strings that are seen through a filter or a join are compared by their codes at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.dictionaries import _ENCODED_AT_ONCE

ROWS = _ENCODED_AT_ONCE + 1


@pytest.fixture
def frame() -> pd.DataFrame:
    names = np.array(["ant", "bee", "cow"], dtype=object)[np.arange(ROWS) % 3]
    return pd.DataFrame({"key": np.arange(ROWS) % 1000, "name": names})


@pytest.mark.parametrize(
    ("derive", "label"),
    [
        pytest.param(lambda df: df[df.key > 10], "name", id="filter"),
        pytest.param(
            lambda df: df.merge(df.head(500), on="key"),
            "name_x",
            id="merge",
            marks=pytest.mark.skipif(not SINCE_3_1, reason="keys repeat on the right"),
        ),
    ],
)
def test_a_comparison_of_derived_rows_computes_none_of_them(
    derive: Callable[[Any], Any], label: str, frame: pd.DataFrame
) -> None:
    with lazyframe.config(min_rows=0):
        lazy = derive(lazyframe.DataFrame(frame))
        mask = lazy[label] == "bee"
    assert "_mgr" not in mask.__dict__
    assert "_mgr" not in lazy.__dict__
    pd.testing.assert_series_equal(mask.to_pandas(), derive(frame)[label] == "bee")


@pytest.mark.parametrize(
    "words", [["ant", "bee", None], [f"word {k}" for k in range(9000)]], ids=["few", "many"]
)
@pytest.mark.parametrize("missing_first", [True, False])
def test_what_a_method_gives_for_one_column_decides_nothing_of_the_next(
    words: list[str | None], missing_first: bool
) -> None:
    columns = [np.array(words, object), np.array(["x", *words[:-1]], object)]
    columns[0][-1] = None
    for column in columns if missing_first else columns[::-1]:
        data = pd.DataFrame({"k": np.arange(len(column)), "s": pd.array(column, "str")})
        with lazyframe.config(min_rows=0):
            lazy = lazyframe.DataFrame(data)
            for rows, own in ((lazy, data), (lazy[lazy.k > 0], data[data.k > 0])):
                pd.testing.assert_series_equal(rows.s.str.len().to_pandas(), own.s.str.len())
                pd.testing.assert_series_equal((rows.s == "bee").to_pandas(), own.s == "bee")
                pd.testing.assert_series_equal(rows.s.str.contains("e").to_pandas(), own.s.str.contains("e"))


def test_a_mask_of_joined_strings_is_moved_to_the_side_that_they_are_from() -> None:
    r = np.random.default_rng(3)
    words = np.array(["ant x", "bee", "cow x", "dog", "eel x", None], object)
    left = pd.DataFrame({"key": np.arange(300), "kind": pd.array(words[r.integers(0, 6, 300)], "str")})
    right = pd.DataFrame({"key": r.integers(0, 320, 900), "x": r.integers(0, 9, 900)})

    def program(left: Any, right: Any) -> Any:
        joined = left.merge(right, on="key")
        joined = joined[joined.kind.str.endswith("x") & (joined.x > 2) & ~joined.kind.isin(["dog", "ant x"])]
        return joined.groupby("kind")["x"].agg(["size", "sum"])

    with lazyframe.config(min_rows=0):
        sides = lazyframe.DataFrame(left), lazyframe.DataFrame(right)
        for _ in range(2):
            found = program(*sides)
            if SINCE_3_1:
                assert "push_filters_into_joins: matched" in str(found.explain())
            pd.testing.assert_frame_equal(found.to_pandas(), program(left, right))
        other = left.assign(kind=left.kind[::-1].to_numpy())
        mine = program(lazyframe.DataFrame(other), sides[1])
        pd.testing.assert_frame_equal(mine.to_pandas(), program(other, right))


ASKED: dict[str, Callable[[Any], Any]] = {
    "isin": lambda s: s.isin(["bee", "cow"]),
    "len": lambda s: s.str.len(),
    "startswith": lambda s: s.str.startswith("c"),
    "contains": lambda s: s.str.contains("a|c"),
    "lower": lambda s: s.str.lower(),
    "find": lambda s: s.str.find("e"),
    "map": lambda s: s.map({"ant": 1, "bee": 2, "cow": 3}),
    "at least": lambda s: s >= "bee",
}


@pytest.mark.parametrize("dtype", ["str", "category"])
@pytest.mark.parametrize("merged_first", [False, True])
@pytest.mark.parametrize("name", ASKED)
def test_what_was_asked_of_a_dimension_is_not_the_answer_for_rows_without_partner(
    name: str, merged_first: bool, dtype: str
) -> None:
    if (name, dtype) == ("at least", "category"):
        pytest.skip("categories are not ordered")

    def program(library: Any) -> list[Any]:
        facts = library.DataFrame({"key": [0, 1, 2, 9, 8], "x": np.arange(5.0)})
        words = pd.Series(["ant", "bee", "cow"], dtype=dtype)
        of = library.DataFrame({"key": [0, 1, 2], "word": words})
        ask, columns = ASKED[name], [of, facts.merge(of, how="left", on="key")]
        return [ask(column.word) for column in (columns[::-1] if merged_first else columns)]

    for found, wanted in zip(program(lazyframe), program(pd), strict=True):
        pd.testing.assert_series_equal(found.to_pandas(), wanted)
