"""``resample`` of each group, against pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas
import pytest

import lazyframe
from lazyframe.api.groupby_resampling import ResamplerOfGroups
from tests.groupby.grouped_frames import assert_same
from tests.groupby.test_bins import make
from tests.record.compare import outcome

Program = Callable[[Any], Any]


def assert_like_pandas(data: pandas.DataFrame, program: Program) -> None:
    want, got = outcome(program, data), outcome(program, lazyframe.DataFrame(data))
    if isinstance(want, Exception):
        assert (type(got), str(got)) == (type(want), str(want))
        return
    if isinstance(got, Exception):
        raise got
    assert_same(got, want, rounded=True)
    if isinstance(want.index, pandas.MultiIndex):
        for mine, theirs in zip(got.index.levels, want.index.levels, strict=True):
            pandas.testing.assert_index_equal(mine, theirs, exact=True)


PROGRAMS: list[Program] = [
    *[
        lambda df, n=name: getattr(df.groupby("k").resample("D", on="t")[["x", "i"]], n)()
        for name in (
            "sum",
            "mean",
            "min",
            "first",
            "last",
            "count",
            "size",
            "nunique",
            "std",
            "median",
            "prod",
        )
    ],
    *[
        lambda df, f=freq: df.set_index("t").groupby("k")["x"].resample(f).sum()
        for freq in ("D", "h", "7h", "2D", "W", "ME", "MS", "B", "QE")
    ],
    *[
        lambda df, f=freq, c=closed: df.groupby("s").resample(f, on="t", closed=c, label="right")["i"].max()
        for freq in ("D", "12h", "MS", "ME", "W-WED")
        for closed in ("left", "right")
    ],
    lambda df: df.groupby("k").resample("D", on="t")["x"].agg(["sum", "max"]),
    lambda df: df[["k", "t", "x", "i"]].groupby("k").resample("D", on="t").agg({"x": "sum", "i": "first"}),
    lambda df: df.groupby("k").resample("D", on="t")[["x", "i"]].agg({"x": "sum"}),
    lambda df: df.groupby(["k", "b"]).resample("ME", on="t")["x"].mean(),
    lambda df: df.groupby(["k"]).resample("D", on="t")["x"].mean(),
    lambda df: df.groupby("k", sort=False).resample("D", on="t")["x"].mean(),
    lambda df: df.set_index("t")["x"].groupby(df["k"].to_numpy()).resample("D").sum(),
    lambda df: df.groupby("k").resample("D", on="t").x.sum(),
    lambda df: df.groupby("k").resample("D", on="t").size(),
    lambda df: df.groupby("k").resample("D", on="t")["x"].sum(min_count=1),
    lambda df: df.groupby("k").resample("7h", on="t", origin="start")["x"].sum(),
    lambda df: df.groupby("k").resample("D", on="t")["x"].apply(lambda v: v.max()),
    lambda df: df.set_index("t").groupby("k")["x"].resample("D").ffill(),
    lambda df: df.groupby("k").resample("D", on="t")["b"].max(),
    lambda df: df.groupby("k").resample("D", on="t")["n"].sum(),
    lambda df: df.groupby("k").resample("D", on="t")["d"].max(),
    lambda df: df.groupby("k").resample("nonsense", on="t")["x"].sum(),
    lambda df: df.groupby("k").resample("D", on="nowhere")["x"].sum(),
    lambda df: df[df["x"] > 0].groupby("k").resample("D", on="t")["i"].sum(),
    lambda df: df[df["x"] > 0].groupby("k").resample("D", on="t")[["i", "x"]].sum(),
    lambda df: df.assign(t=df["t"].dt.tz_localize("UTC")).groupby("k").resample("D", on="t")["i"].sum(),
    lambda df: df[df["x"] > 9].groupby("k").resample("D", on="t")["i"].sum(),
]


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_programs(number: int) -> None:
    for data in (make(60, 3), make(30, 4, ascending=False), make(12, 6, missing=True)):
        assert_like_pandas(data, PROGRAMS[number])


@pytest.mark.usefixtures("interpreted")
def test_bins_are_recorded() -> None:
    mine = lazyframe.DataFrame(make(60, 3))
    resampled = mine.groupby("k").resample("D", on="t")
    resampled[["x", "i"]].sum()
    assert type(resampled) is ResamplerOfGroups
    assert "_make_plain" in resampled.__dict__


@pytest.mark.usefixtures("interpreted")
def test_the_first_in_time_is_asked_for_rows_in_either_order() -> None:
    for data in (make(60, 3), make(60, 3)[::-1].reset_index(drop=True)):
        assert_like_pandas(data, lambda df: df.groupby("k").resample("ME", on="t")["i"].first())
