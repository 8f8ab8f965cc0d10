"""The same, as kernels: many rows, and codes of every width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same

IN_KERNELS = True

ROWS = 70_000

PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "filters": lambda df: df[(df["s"] >= "k2") & ~df["s"].isin(["k5", "k7"]) & df["t"].notna()]["x"],
    "lookups": lambda df: (df["s"].str.len() + df["t"].str.contains("1")) * df["x"],
    "strings": lambda df: df["s"].where(df["x"] > 50, df["t"].str.upper()).fillna("none"),
    "groups": lambda df: df.groupby("s")["t"].agg(["min", "max", "first", "last", "count"]),
    "two columns": lambda df: df[df["s"] <= df["t"]].groupby(["t"], dropna=False)["x"].sum(),
    "category": lambda df: df.assign(c=df["s"].astype("category").cat.codes)["c"] * 2,
}


@pytest.mark.parametrize("entries", [9, 300])
@pytest.mark.parametrize("program", PROGRAMS)
def test_many_rows(program: str, entries: int) -> None:
    r = np.random.default_rng(entries)
    words = np.array([f"k{k}" for k in range(entries)] + [None], object)
    data = pandas.DataFrame(
        {
            "s": pandas.array(words[r.integers(0, entries, ROWS)], dtype="str"),
            "t": pandas.array(words[r.integers(0, entries + 1, ROWS)], dtype="str"),
            "x": r.integers(0, 100, ROWS),
        }
    )
    use = PROGRAMS[program]
    want = use(data)
    for threads in (1, 3):
        with lazyframe.config(threads=threads):
            assert_same(use(lazyframe.DataFrame(data)), want)
