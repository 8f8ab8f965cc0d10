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


def _matching(df: Any) -> Any:
    return df[df["u"].str.contains("12") & (df["u"] > "3")]["x"]


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "filters": lambda df: df[(df["s"] >= "k2") & ~df["s"].isin(["k5", "k7"]) & df["t"].notna()]["x"],
    "lookups": lambda df: (df["s"].str.len() + df["t"].str.contains("1")) * df["x"],
    "strings": lambda df: df["s"].where(df["x"] > 50, df["t"].str.upper()).fillna("none"),
    "groups": lambda df: df.groupby("s")["t"].agg(["min", "max", "first", "last", "count"]),
    "two columns": lambda df: df[df["s"] <= df["t"]].groupby(["t"], dropna=False)["x"].sum(),
    "rows left": lambda df: _matching(df[df["x"] > 50]),
    "most rows": lambda df: _matching(df[df["x"] > 20]),
    "items": lambda df: df[df["x"] > 50]["u"].str.split("-").str[1].astype("float64") * df["x"],
    "objects": lambda df: df[df["o"].str.startswith("k1", na=False) & (df["o"] != "k10")]["x"],
    "pairs": lambda df: df[df["x"] > 50].assign(p=df["s"] + "/" + df["t"]).groupby("p")["x"].sum(),
    "days": lambda df: df[df["d"].dt.day_name().isin(["Monday", "Friday"])]["x"] + df["d"].dt.month,
    "months": lambda df: (df["d"] + pandas.DateOffset(months=1)).dt.month + df["x"],
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
            "u": pandas.array([f"{k}-{k % entries}" for k in range(ROWS)], dtype="str"),
            "o": pandas.Series(words[r.integers(0, entries + 1, ROWS)], dtype=object),
            "d": np.datetime64("2020-01-01T00:00:00", "s") + r.integers(0, 10**8, ROWS),
        }
    )
    use = PROGRAMS[program]
    want = use(data)
    for threads in (1, 3):
        with lazyframe.config(threads=threads):
            assert_same(use(lazyframe.DataFrame(data)), want)
