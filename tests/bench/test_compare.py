"""Bringing results to columns, and comparing them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.compare import ResultsDifferError, columns_of, same_results

FRAME = pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan]}, index=pd.Index([3, 4], name="key"))


def test_a_frame_gives_its_columns_and_named_index() -> None:
    columns = columns_of({"anything": FRAME})
    assert list(columns) == ["key", "a", "b"]
    np.testing.assert_array_equal(columns["key"], [3, 4])


def test_peers_tables_give_their_columns() -> None:
    import polars
    import pyarrow

    wanted = columns_of({"frame": FRAME})
    for table in (polars.from_pandas(FRAME.reset_index()), pyarrow.table(FRAME.reset_index())):
        found = columns_of(table)
        assert list(found) == list(wanted)
        same_results(found, wanted, rtol=0.0, atol=0.0)


def test_missing_values_are_equal() -> None:
    same_results({"x": FRAME["b"]}, {"x": FRAME["b"].to_numpy()}, rtol=0.0, atol=0.0)


@pytest.mark.parametrize(
    ("found", "wanted", "message"),
    [
        ({"x": 1}, {"y": 1}, "columns"),
        ({"x": np.array([1.0, 2.0])}, {"x": np.array([1.0, np.nan])}, "row 1"),
        ({"x": np.arange(3)}, {"x": np.arange(4)}, "shape"),
        ({"x": np.array([1, 2])}, {"x": np.array([1, 3])}, "1 of 2 values differ, first at row 1"),
        ({"x": 1.0 + 1e-6}, {"x": 1.0}, "expected"),
    ],
)
def test_differences_are_named(found: dict[str, Any], wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(ResultsDifferError, match=message):
        same_results(found, wanted, rtol=1e-9, atol=0.0)
