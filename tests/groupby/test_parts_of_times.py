"""Groups by parts of times and by remainders: no loop looks for the bounds of keys before the groups' own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, product
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same

OF_TIMES: dict[str, Callable[[Any], Any]] = {
    "month": lambda df: df["t"].dt.month,
    "quarter": lambda df: df["t"].dt.quarter,
    "day": lambda df: df["t"].dt.day,
    "day of year": lambda df: df["t"].dt.day_of_year,
    "weekday": lambda df: df["t"].dt.day_of_week,
    "hour": lambda df: df["t"].dt.hour,
    "second": lambda df: df["t"].dt.second,
    "year": lambda df: df["t"].dt.year,
    "year and month": lambda df: [df["t"].dt.year, df["t"].dt.month],
    "month and text": lambda df: [df["t"].dt.month, "s"],
    "step": lambda df: [df["k"] % 20 // 5 * 5, df["t"].dt.year],
}
OF_NUMBERS: dict[str, Callable[[Any], Any]] = {
    "remainder": lambda df: df["k"] % 7,
    "bits": lambda df: df["k"] & 15,
    "narrow remainder": lambda df: (df["k"] % 100).astype("int16") * 3,
    "negative divisor": lambda df: df["k"] % -7,
}
KEYS = OF_TIMES | OF_NUMBERS


def data(unit: str, rows: int = 500, years: int = 120) -> pandas.DataFrame:
    random = np.random.default_rng(rows)
    seconds = random.integers(-years * 31_556_952, years * 31_556_952, rows)
    return pandas.DataFrame(
        {
            "t": pandas.Series(seconds.astype("M8[s]")).astype(f"M8[{unit}]"),
            "k": random.integers(-1000, 1000, rows),
            "s": pandas.Series(random.choice(["a", "b"], rows), dtype="str"),
            "x": random.normal(size=rows),
        }
    )


@pytest.mark.parametrize(
    ("name", "unit"),
    [*zip(OF_TIMES, cycle(["s", "us", "ns"]), strict=False), *product(OF_NUMBERS, ["us"])],
)
def test_groups_by_what_is_computed(name: str, unit: str) -> None:
    frame, key = data(unit), KEYS[name]
    for rows in (frame, frame.head(0), frame.head(1), frame.assign(k=np.iinfo(np.int64).max)):
        mine = lazyframe.DataFrame(rows)
        assert_same(mine.groupby(key(mine))["x"].count(), rows.groupby(key(rows))["x"].count())
        kept, kept_mine = rows[rows["x"] > 0.5], mine[mine["x"] > 0.5]
        found = kept_mine.groupby(key(kept_mine), sort=False)["x"].max()
        assert_same(found, kept.groupby(key(kept), sort=False)["x"].max())


@pytest.mark.parametrize("name", OF_TIMES)
def test_missing_times_have_no_key(name: str) -> None:
    frame, key = data("us"), KEYS[name]
    frame.loc[::7, "t"] = pandas.NaT
    mine = lazyframe.DataFrame(frame)
    for options in ({}, {"dropna": False}):
        assert_same(
            mine.groupby(key(mine), **options)["x"].max(), frame.groupby(key(frame), **options)["x"].max()
        )


def test_dates_that_pandas_hardly_knows() -> None:
    frame = pandas.DataFrame({"t": np.array([-(10**13), 10**13, 0, 10**13 + 86_400], "M8[s]"), "x": range(4)})
    mine = lazyframe.DataFrame(frame)
    for part in ("year", "month", "day", "hour"):
        found = mine.groupby(getattr(mine["t"].dt, part))["x"].sum()
        assert_same(found, frame.groupby(getattr(frame["t"].dt, part))["x"].sum())


@pytest.mark.parametrize(
    "name", [name for name in KEYS if name not in ("month and text", "negative divisor")]
)
def test_one_loop_walks_the_rows(name: str) -> None:
    mine = lazyframe.DataFrame(data("us"))
    kept = mine[mine["x"] > 0.5]
    found = kept.groupby(KEYS[name](kept))["x"].sum().explain()
    assert len(found.kernels) == 1
    assert "minimum(" not in found.text
