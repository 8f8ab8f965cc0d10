"""Groups by times that know their zone, and of them, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from lazyframe.record.fallbacks import recent
from tests.record.compare import assert_same, outcome

pytestmark = pytest.mark.usefixtures("_by_reference")

ZONES = ("UTC", "Europe/Berlin", "America/New_York")


def frame(library: Any, zone: str, missing: bool, rows: int = 40) -> Any:
    """Times of a few values in no order, of which some are missing, beside keys and numbers."""
    random = np.random.default_rng(rows)
    points = np.array(
        ["2021-10-31T00:30", "2021-10-31T01:30", "2020-02-29", "1999-12-31T23:30", "2021-03-28T01:00"],
        "M8[us]",
    )[random.integers(0, 5, rows)]
    other = points[::-1].copy()
    if missing:
        points[random.random(rows) < 0.2] = "NaT"
        other[: rows // 2] = "NaT"
    return library.DataFrame(
        {
            "t": pd.DatetimeIndex(points, tz="UTC").tz_convert(zone),
            "u": pd.DatetimeIndex(other, tz="UTC").tz_convert(zone).as_unit("ns"),
            "k": random.integers(0, 4, rows),
            "s": np.array(list("abc"))[random.integers(0, 3, rows)],
            "n": pd.array(np.array(["b", None, "a", "c"], object)[random.integers(0, 4, rows)], dtype="str"),
            "o": pd.Categorical.from_codes(random.integers(-1, 2, rows), ["y", "x"], ordered=True),
            "x": random.normal(size=rows).round(3),
            "i": np.arange(rows),
        }
    )


PROGRAMS: dict[str, Any] = {
    "sum": lambda df: df.groupby("t")["x"].max(),
    "frame": lambda df: df.groupby("t")[["x", "i"]].agg(["min", "count"]),
    "columns": lambda df: df.groupby("t", as_index=False)["i"].sum(),
    "reset": lambda df: df.groupby("t")["i"].sum().reset_index(),
    "in order of appearance": lambda df: df.groupby("t", sort=False)["i"].sum(),
    "missing too": lambda df: df.groupby("t", dropna=False)["i"].sum(),
    "missing too, reset": lambda df: df.groupby("t", dropna=False, sort=False)["i"].sum().reset_index(),
    "two keys": lambda df: df.groupby(["k", "t"])["i"].sum(),
    "two keys, reset": lambda df: df.groupby(["t", "s"])["i"].sum().reset_index(),
    "two keys with missing ones": lambda df: df.groupby(["t", "k"], dropna=False)["i"].min(),
    "two times": lambda df: df.groupby(["t", "u"], sort=False)["i"].max(),
    "size": lambda df: df.groupby("t").size(),
    "nunique": lambda df: df.groupby("t")["k"].nunique(),
    "counts": lambda df: df["t"].value_counts(),
    "transform": lambda df: df.groupby("t")["i"].transform("sum"),
    "cumulated": lambda df: df.groupby("t")["i"].cumsum(),
    "rows": lambda df: df.groupby("t").head(2),
    "day": lambda df: df.groupby(df["u"].dt.tz_localize(None).dt.floor("D"))["i"].sum(),
    "computed": lambda df: df.groupby(df["t"] + pd.Timedelta(1, "h"))["i"].sum(),
    "filtered": lambda df: df[df["i"] % 3 > 0].groupby("t")["i"].sum(),
    "none left": lambda df: df[df["i"] < 0].groupby("t")["i"].sum(),
    "merged": lambda df: df.groupby("t", as_index=False)["i"].sum().merge(df[["t", "x"]], on="t"),
    "sorted": lambda df: df.groupby("t")["i"].sum().sort_values().head(3),
    "levels": lambda df: df.set_index(["t", "k"]).groupby(level=0)["i"].sum(),
    "least": lambda df: df.groupby("k")["t"].min(),
    "largest": lambda df: df.groupby("k")["u"].max(),
    "first": lambda df: df.groupby("s")["u"].first(),
    "last": lambda df: df.groupby("s", as_index=False)["t"].last(),
    "count": lambda df: df.groupby("k")["u"].count(),
    "several": lambda df: df.groupby("k").agg(
        a=("t", "min"), b=("u", "last"), c=("t", "count"), d=("i", "sum")
    ),
    "all columns": lambda df: df.groupby("s").first(),
    "mean": lambda df: df.groupby("k")["t"].mean(),
    "means": lambda df: df.groupby("k")[["t", "u", "i"]].mean(),
    "medians": lambda df: df.groupby("s", as_index=False)[["t", "u"]].median(),
    "quantiles": lambda df: df.groupby("t", dropna=False)["u"].quantile(0.3),
    "means by categories": lambda df: df.groupby(
        df["s"].astype("category").cat.add_categories("z"), observed=False
    )["u"].mean(),
    "spreads": lambda df: df.groupby("k").agg(a=("u", "std"), b=("t", "sem"), c=("u", "mean")),
    "means of rows": lambda df: df.groupby("k")["u"].transform("mean"),
    "running": lambda df: df.groupby("k")[["u", "t"]].cummax(),
    "running, without keys": lambda df: df.groupby("u")["t"].cummin(),
    "ranks": lambda df: df.groupby("k")["t"].rank(ascending=False),
    "where least": lambda df: df.groupby("s")[["i", "t"]].idxmin(),
    "where greatest": lambda df: df.groupby(["s", "i"], as_index=False)["t"].idxmax(),
    "where, named": lambda df: df.groupby("k").agg(a=("t", "idxmax"), b=("t", "max")),
    "where text is least": lambda df: df.set_index("u").groupby("k")["s"].idxmin(),
    "where text is greatest": lambda df: (
        df.set_index("s").groupby("k").agg(a=("n", "idxmax"), b=("o", "idxmin"))
    ),
    "filled": lambda df: df.groupby("k")[["u", "t"]].ffill(),
    "filled backwards": lambda df: df.groupby("t")["u"].bfill(limit=1),
    "times by times": lambda df: df.groupby("t")["u"].max(),
    "hours of groups": lambda df: df.groupby("k")["t"].max().dt.hour,
    "rows of groups": lambda df: df.groupby("k")["t"].transform("max") - df["t"],
    "shifted": lambda df: df.groupby("k")["t"].shift(),
    "resampled": lambda df: df.dropna().resample("7D", on="t")["i"].sum(),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    for zone in ZONES:
        for missing in (False, True):
            for rows in (40, 1, 0):
                pair = [
                    outcome(PROGRAMS[name], frame(library, zone, missing, rows))
                    for library in (lazyframe, pd)
                ]
                assert_same(*pair)


def test_pandas_groups_nothing() -> None:
    before = len(recent())
    for name in (
        "sum",
        "columns",
        "reset",
        "missing too",
        "two keys, reset",
        "least",
        "first",
        "count",
        "several",
        "means",
        "medians",
        "spreads",
        "means of rows",
        "running",
        "ranks",
        "where least",
        "where, named",
        "where text is least",
        "where text is greatest",
        "filled",
        "filled backwards",
    ):
        found = PROGRAMS[name](frame(lazyframe, "Europe/Berlin", True))
        assert len(found.to_pandas())
    assert len(recent()) == before


@pytest.mark.parametrize("observed", [True, False])
@pytest.mark.parametrize("sort", [True, False])
def test_beside_categories_some_may_be_missing(observed: bool, sort: bool) -> None:
    for least in (-1, 5, 100):
        for keys in (["c", "t"], ["t", "u"], ["t", "c", "u"]):

            def program(df: Any, least: int = least, keys: list[str] = keys) -> Any:
                kept = df.assign(c=df["s"].astype("category"))
                kept = kept[kept["i"] > least]
                return kept.groupby(keys, observed=observed, sort=sort)["x"].max()

            pair = [outcome(program, frame(library, "UTC", True)) for library in (lazyframe, pd)]
            assert_same(*pair)
