"""From how many rows on frames and series are recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe

LEAST = 100
TABLES: dict[str, Callable[[Any, int], Any]] = {
    "numbers": lambda pd, rows: pd.DataFrame({"x": np.arange(rows) % 7, "y": np.arange(rows) * 0.5}),
    "text": lambda pd, rows: pd.DataFrame({"x": np.arange(rows) % 7, "s": ["a", "b"] * (rows // 2)}),
}
OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "filter": lambda df: df[df["x"] > 2],
    "drop_duplicates": lambda df: df.drop_duplicates(),
    "last": lambda df: df[df.columns[-1]] == df[df.columns[-1]].iloc[0],
}


def is_recorded(made: Any) -> bool:
    return "_mgr" not in made.__dict__


@pytest.mark.parametrize(
    ("table", "rows", "recorded"),
    [
        ("numbers", LEAST - 2, False),
        ("numbers", LEAST, True),
        ("text", LEAST // 2, False),
        ("text", LEAST // 2 + 2, True),
    ],
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_text_is_recorded_from_fewer_rows(table: str, rows: int, recorded: bool, operation: str) -> None:
    expected = OPERATIONS[operation](TABLES[table](pandas, rows))
    with lazyframe.config(min_rows=LEAST):
        found = OPERATIONS[operation](TABLES[table](lazyframe, rows))
        assert is_recorded(found) is recorded
        if isinstance(expected, pandas.Series):
            pandas.testing.assert_series_equal(found.to_pandas(), expected)
        else:
            pandas.testing.assert_frame_equal(found.to_pandas(), expected)


def test_what_is_taken_of_text_is_judged_by_itself() -> None:
    with lazyframe.config(min_rows=LEAST):
        table = TABLES["text"](lazyframe, LEAST - 2)
        assert not is_recorded(table["x"] + 1)
        assert is_recorded(table["s"].str.upper())
        assert is_recorded(table[table["x"] > 2])
        assert is_recorded(table.assign(z=1))
