"""Answers in any order of rows: what differs is found, whatever the order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from bench.compare import ResultsDifferError
from bench.db.compare import same_rows

ROWS = 200


def answer(seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    some = random.choice([1.5, -0.0, np.nan, np.inf], ROWS)
    texts = np.array(["id1", "id22", "ü", ""])[random.integers(0, 4, ROWS)]
    return pd.DataFrame(
        {
            "a": random.integers(-3, 3, ROWS),
            "b": pd.Series(texts, dtype="str"),
            "c": random.integers(0, 1 << 62, ROWS),
            "x": some,
            "y": random.normal(size=ROWS),
        }
    )


def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1.0, random_state=1)


@pytest.mark.parametrize("columns", [list("abcxy"), ["a", "b", "x", "y"], ["x", "y"], ["y", "x"], ["b"]])
@pytest.mark.parametrize("convert", [lambda frame: frame, pl.from_pandas, pa.Table.from_pandas])
def test_rows_in_another_order_are_the_same(columns: list[str], convert: Any) -> None:
    frame = answer()[columns]
    same_rows(convert(shuffled(frame)[sorted(columns)].reset_index(drop=True)), frame)


@pytest.mark.parametrize("column", list("abcxy"))
def test_one_value_that_differs_is_found(column: str) -> None:
    frame = answer()
    other = shuffled(frame).reset_index(drop=True)
    other.loc[7, column] = {"a": 9, "b": "id3", "c": -1, "x": 7.0, "y": 0.5}[column]
    with pytest.raises(ResultsDifferError, match="differ"):
        same_rows(other, frame)


def test_values_that_have_changed_places_between_rows_are_found() -> None:
    frame = pd.DataFrame({"x": [1.0, 1.0, 2.0], "y": [1.0, 2.0, 3.0]})
    other = pd.DataFrame({"x": [1.0, 2.0, 1.0], "y": [1.0, 2.0, 3.0]})
    with pytest.raises(ResultsDifferError, match="y: 2 of 3"):
        same_rows(other, frame)


def test_a_row_too_few_or_twice_is_found() -> None:
    frame = answer()
    with pytest.raises(ResultsDifferError, match="199 rows, expected 200"):
        same_rows(frame.iloc[1:], frame)
    with pytest.raises(ResultsDifferError, match="differ"):
        same_rows(frame.iloc[[0, *range(ROWS - 1)]], frame)


def test_another_name_is_found() -> None:
    with pytest.raises(ResultsDifferError, match="columns"):
        same_rows(answer().rename(columns={"a": "z"}), answer())


def test_labels_with_a_name_are_columns() -> None:
    frame = answer()
    same_rows(frame.set_index(["a", "b"]), shuffled(frame))
