"""Rows without missing values, where inputs are known to have all of theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe

ROWS = 12


def table(pd: Any, index: Any = None) -> Any:
    return pd.DataFrame(
        {
            "x": np.arange(ROWS) * 0.5,
            "hole": np.where(np.arange(ROWS) == 5, np.nan, 1.0),
            "s": list("abcabcabcabc"),
            "gap": [None if k == 3 else "u" for k in range(ROWS)],
            "t": pandas.date_range("2020", periods=ROWS),
            "i": np.arange(ROWS),
            "c": pandas.Categorical(list("xyxyxyxyxyxy")),
        },
        index=index,
    )


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "nothing missing": lambda df: df[["x", "s", "t", "i"]].dropna(),
    "numbers": lambda df: df.dropna(subset=["x", "hole"]),
    "text": lambda df: df.dropna(subset=["s", "gap"]),
    "all": lambda df: df.dropna(),
    "subset whole": lambda df: df.dropna(subset=["x"]),
    "rows chosen": lambda df: df[df["i"] > 6].dropna(),
    "rows computed": lambda df: df.assign(hole=df["hole"] * 2, x=1 / df["x"]).dropna(subset=["x", "hole"]),
    "none of rows": lambda df: df[df["i"] > 99].dropna(),
    "categories": lambda df: df[["c", "x"]].dropna(),
}


@pytest.mark.parametrize("index", [None, [1] * ROWS, list(range(ROWS, 0, -1))], ids=["range", "one", "down"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_rows_are_pandas(program: str, index: Any) -> None:
    expected = PROGRAMS[program](table(pandas, index))
    with lazyframe.config(min_rows=0):
        found = PROGRAMS[program](table(lazyframe, index)).to_pandas()
    pandas.testing.assert_frame_equal(found, expected, check_index_type=True)


def test_where_nothing_is_missing_nothing_is_computed_or_shared() -> None:
    with lazyframe.config(min_rows=0):
        df = table(lazyframe)[["x", "s", "i"]]
        whole = df.dropna()
        assert len(lazyframe.explain(whole).kernels) == 0
        df.loc[df["i"] == 2, "x"] = np.nan
        assert whole["x"].tolist() == (np.arange(ROWS) * 0.5).tolist()
        assert len(df.dropna()) == ROWS - 1


def test_what_is_missing_behind_the_first_rows_is_found() -> None:
    values = np.zeros(10_000)
    values[9_999] = np.nan
    with lazyframe.config(min_rows=0):
        assert len(lazyframe.DataFrame({"x": values}).dropna()) == 9_999


def test_files_are_not_read_for_it(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    table(pandas).to_parquet(path)
    expected = pandas.read_parquet(path)
    with lazyframe.config(min_rows=0):
        df = lazyframe.read_parquet(path)
        pandas.testing.assert_frame_equal(df.dropna().to_pandas(), expected.dropna())
        pandas.testing.assert_frame_equal(df[["x", "s"]].dropna().to_pandas(), expected[["x", "s"]].dropna())
