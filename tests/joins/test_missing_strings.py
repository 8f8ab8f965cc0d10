"""Left merges of frames whose strings are nearly all distinct: there is no dictionary of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lazyframe
from lazyframe.record.dictionaries import SMALL_DICTIONARY

ROWS = 3 * SMALL_DICTIONARY


@pytest.fixture
def sides() -> tuple[pd.DataFrame, pd.DataFrame]:
    notes = pd.DataFrame(
        {"k": np.arange(ROWS) % 90, "note": [f"note {row} of {row % 7}" for row in range(ROWS)]}
    )
    notes.loc[::97, "note"] = None
    return pd.DataFrame({"k": np.arange(100), "v": 1.0}), notes


@pytest.mark.parametrize("how", ["left", "outer"])
def test_a_merge_is_recorded_and_gives_what_pandas_gives(
    how: str, sides: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    left, right = sides
    with lazyframe.config(min_rows=0):
        lazy = lazyframe.DataFrame(left).merge(lazyframe.DataFrame(right), how=how, on="k")
        assert "_mgr" not in lazy.__dict__
        found = lazy.to_pandas()
    pd.testing.assert_frame_equal(found, left.merge(right, how=how, on="k"))


def test_a_predicate_of_the_merged_strings(sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    def program(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
        merged = left.merge(right[right.k % 5 != 0], how="left", on="k")
        return merged[merged.note.isna() | merged.note.str.contains("of 3")]

    left, right = sides
    with lazyframe.config(min_rows=0):
        found = program(lazyframe.DataFrame(left), lazyframe.DataFrame(right)).to_pandas()
    pd.testing.assert_frame_equal(found, program(left, right))
