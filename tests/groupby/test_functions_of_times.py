"""Functions of groups that compute with dates and lengths of time."""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.groupby.grouped_frames import assert_same, check_recorded

pytestmark = pytest.mark.usefixtures("interpreted")

NOW = pandas.Timestamp("2025-01-01 12:30")
DAY = pandas.Timedelta(days=1)

NUMBERS = [
    lambda s: (NOW - s.max()).days,
    lambda s: (s.max() - s.min()).days,
    lambda s: s.max() - s.min(),
    lambda s: (s.max() - s.min()) / DAY,
    lambda s: (NOW - s.min()) / pandas.Timedelta(hours=1),
    lambda s: (s.max() - s.min()) / np.timedelta64(1, "D"),
    lambda s: (s.max() - s.min()).days + 1,
    lambda s: s.diff().dt.days.mean(),
    lambda s: s.diff().mean(),
    lambda s: s.diff().max(),
    lambda s: s.dt.hour.mean(),
    lambda s: (s.dt.day_of_week >= 5).sum(),
    lambda s: s.dt.month.nunique(),
    lambda s: s.dt.date.nunique(),
    lambda s: s.max().year,
    lambda s: s.min().weekday(),
    lambda s: (s > NOW - timedelta(days=365)).sum(),
    lambda s: (s >= "2024-01-05").sum(),
    lambda s: (s < datetime.datetime(2024, 1, 5)).mean(),
    lambda s: s.iloc[0],
    lambda s: s.max(),
    lambda s: NOW - s.min(),
    lambda s: s.max() if len(s) > 2 else s.min(),
    lambda s: (NOW - s).dt.days.max(),
    lambda s: s.max() > NOW - DAY * 360,
    lambda s: s.isna().sum(),
]


@pytest.fixture
def data(frame: pandas.DataFrame) -> pandas.DataFrame:
    out = frame[["k", "b", "x", "e"]].assign(u=frame["t"].astype("M8[us]"), t=frame["t"])
    return out.head(120)


@pytest.mark.parametrize("function", NUMBERS)
def test_numbers(data: pandas.DataFrame, function: Any) -> None:
    for rows in (data, data.dropna()):
        for column in ("u", "e"):
            check_recorded(rows, lambda df, c=column: df.groupby("k")[c], lambda g: g.agg(function), True)  # type: ignore[misc]
        check_recorded(rows, lambda df: df.groupby(["b", "k"])["u"], lambda g: g.apply(function), True)
    for rows in (data[data.u.isna()], data.head(1), data.head(0), data.head(30)):
        got = lazyframe.DataFrame(rows).groupby("k").t.agg(function)
        assert_same(got, rows.groupby("k").t.agg(function), rounded=True)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_seconds(data: pandas.DataFrame, unit: str) -> None:
    rows = data.assign(u=data["u"].astype(f"M8[{unit}]"))
    got = lazyframe.DataFrame(rows).groupby("k").u.agg(lambda s: (s.max() - s.min()).total_seconds())
    assert_same(got, rows.groupby("k").u.agg(lambda s: (s.max() - s.min()).total_seconds()))
    if SINCE_3_1:
        check_recorded(
            rows,
            lambda df: df.groupby("k").u,
            lambda g: g.agg(lambda s: (s.max() - s.min()).total_seconds()),
        )


def test_transform(data: pandas.DataFrame) -> None:
    rows = data.dropna()
    for function in (
        lambda s: (s - s.min()).dt.days,
        lambda s: s.max() - s,
        lambda s: (s - s.shift()).dt.days.fillna(0),
        lambda s: s == s.max(),
    ):
        check_recorded(rows, lambda df: df.groupby("k").u, lambda g: g.transform(function))  # noqa: B023
        got = lazyframe.DataFrame(data).groupby("k").u.transform(function)
        assert_same(got, data.groupby("k").u.transform(function))


def test_series_of_several_kinds(data: pandas.DataFrame) -> None:
    for function in (
        lambda d: pandas.Series({"first": d["u"].min(), "last": d["u"].max()}),
        lambda d: pandas.Series({"last": d["u"].max(), "mean": d["x"].mean(), "rows": len(d)}),
        lambda d: pandas.Series({"days": (d["u"].max() - d["u"].min()).days, "rows": len(d)}),
        lambda d: pandas.Series({"any": (d["x"] > 3).any(), "rows": len(d)}),
        lambda d: (NOW - d["u"].max()).days,
    ):
        for by in ("k", ["b", "k"]):
            check_recorded(data, lambda df: df.groupby(by), lambda g: g.apply(function), True)  # noqa: B023
        for rows in (data[data.u.isna()], data.head(1)):
            got = lazyframe.DataFrame(rows).groupby("k").apply(function)
            assert_same(got, rows.groupby("k").apply(function), rounded=True)


def test_the_present_is_asked_for_each_group(data: pandas.DataFrame) -> None:
    rows = data.dropna()
    for function in (
        lambda s: (pandas.Timestamp.now() - s.max()).days,
        lambda s: (pandas.Timestamp("today") - s.max()).days,
        lambda s: (datetime.datetime.now() - s.max()).days,
    ):
        grouped = lazyframe.DataFrame(rows).groupby("k").u
        got = grouped.agg(function)
        assert grouped._grouped._plain is not None
        assert_same(got, rows.groupby("k").u.agg(function))
