"""Rows and values of a frame one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.record.compare import assert_same, outcome

FRAMES: dict[str, pandas.DataFrame] = {
    "numbers": pandas.DataFrame({"x": [1.5, np.nan, -0.0], "y": [3.0, 4.0, np.inf]}),
    "mixed": pandas.DataFrame({"x": [1, 2, 3], "s": ["a", None, "c"], "t": pandas.to_datetime(["2020"] * 3)}),
    "labelled": pandas.DataFrame({"x": [1, 2, 3], "y": [4, 5, 6]}, index=["p", "q", "p"]),
    "twice": pandas.DataFrame([[1, 2.5], [3, 4.5]], columns=["x", "x"]),
    "empty": pandas.DataFrame({"x": [], "y": []}),
    "no columns": pandas.DataFrame(index=range(3)),
}

ROW_WISE: dict[str, Callable[[Any], Any]] = {
    "a value": lambda df: df.apply(lambda row: row["x"], axis=1),
    "a number": lambda df: df.apply(lambda row: row.x * 2, axis="columns"),
    "a row": lambda df: df.apply(lambda row: row.head(1), axis=1),
    "a list": lambda df: df.apply(lambda row: [row.name], axis=1, result_type="expand"),
    "arrays": lambda df: df.apply(lambda row: len(row), axis=1, raw=True),
    "a method": lambda df: df.apply("count", axis=1),
    "several": lambda df: df.apply([len], axis=1),
    "columns": lambda df: df.apply(lambda column: column.count()),
    "written to": lambda df: df.apply(lambda row: row.__setitem__("x", 9) or row["x"], axis=1),
    "an error": lambda df: df.apply(lambda row: row["nowhere"], axis=1),
}


@pytest.mark.parametrize("program", ROW_WISE.values(), ids=ROW_WISE)
@pytest.mark.parametrize("name", FRAMES)
def test_functions_of_rows(name: str, program: Callable[[Any], Any]) -> None:
    wanted = outcome(program, FRAMES[name].copy())
    ours = lazyframe.DataFrame(FRAMES[name])
    assert_same(outcome(program, ours), wanted)
    assert_same(ours, FRAMES[name])


def test_what_pandas_does_with_rows_is_said() -> None:
    frame = lazyframe.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]})
    with lazyframe.config(min_rows=0):
        found = (frame * 2).apply(lambda row: row["x"] + row["y"], axis=1)
        assert [fallback.operation for fallback in found.explain().fallbacks] == ["DataFrame.apply"]
    assert found.tolist() == [8.0, 12.0]


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("name", FRAMES)
def test_rows_in_a_loop(name: str, lazy: bool) -> None:
    data = FRAMES[name]
    with lazyframe.config(min_rows=0 if lazy else None):
        ours = lazyframe.DataFrame(data)
        rows = list((ours[ours.index == ours.index] if lazy else ours).iterrows())
    wanted = list(data.iterrows())
    assert [label for label, _ in rows] == [label for label, _ in wanted]
    for (_, row), (_, theirs) in zip(rows, wanted, strict=True):
        assert_same(row, theirs)
        row[:] = 0  # a copy, or of one kind a view that is copied when it is written to
    assert_same(ours, data)


def test_rows_have_the_attributes_of_their_frame() -> None:
    frame = lazyframe.DataFrame({"x": [1]})
    frame.attrs["unit"] = "m"
    ((_, row),) = frame.iterrows()
    assert type(row) is lazyframe.Series
    assert row.attrs == {"unit": "m"}


VALUES: list[Callable[[Any], Any]] = [
    lambda df: df.at[1, "x"],
    lambda df: df.loc[1, "x"],
    lambda df: df.loc["p", "x"],
    lambda df: df.at["q", "y"],
    lambda df: df.at[1, "nowhere"],
    lambda df: df.at[77, "x"],
    lambda df: df.at[1, 0],
    lambda df: df.iat[1, 0],
    lambda df: df["x"][1],
    lambda df: df["x"]["q"],
    lambda df: df["x"][-1],
    lambda df: df["x"][np.int64(1)],
    lambda df: df["x"][True],
    lambda df: df.iloc[1]["x"],
    lambda df: df["x"][lambda series: series > 1],
    lambda df: df["x"][1:],
]


@pytest.mark.parametrize("least", [0, None])
@pytest.mark.parametrize("program", VALUES)
@pytest.mark.parametrize("name", FRAMES)
def test_values(name: str, program: Callable[[Any], Any], least: int | None) -> None:
    with lazyframe.config(min_rows=least):
        found = outcome(program, lazyframe.DataFrame(FRAMES[name]))
        assert_same(found, outcome(program, FRAMES[name]))
