"""What pandas is asked of each day: names, formats, ISO weeks, and dates moved by months and the like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.dates.columns import UNITS, pairs
from tests.record.compare import assert_same, is_lazy, outcome

pytestmark = pytest.mark.usefixtures("_by_reference")

OFFSETS = [
    pd.DateOffset(months=1), pd.DateOffset(months=-13), pd.DateOffset(years=1, days=2),
    pd.DateOffset(weeks=2),
    pd.offsets.MonthEnd(), pd.offsets.MonthEnd(0), pd.offsets.MonthBegin(-2), pd.offsets.QuarterEnd(),
    pd.offsets.QuarterBegin(startingMonth=1), pd.offsets.YearEnd(), pd.offsets.YearBegin(0),
    pd.offsets.Week(weekday=2), pd.offsets.BusinessDay(3), pd.offsets.SemiMonthEnd(), pd.DateOffset(1),
    pd.DateOffset(month=5), pd.DateOffset(hours=3), pd.DateOffset(months=1, normalize=True),
    pd.offsets.BusinessHour(), pd.offsets.BusinessDay(offset=pd.Timedelta(hours=1)), pd.DateOffset(days=0),
    pd.DateOffset(nanoseconds=1), pd.offsets.CustomBusinessDay(), pd.offsets.Hour(3),
]  # fmt: skip
SHORT: list[list[str]] = [
    ["2020-02-28 23:59:59", "NaT", "2021-01-31", "2019-12-30 01:00"], ["2020-01-01"], ["NaT"], [],
]  # fmt: skip
METHODS: dict[str, Callable[[Any], Any]] = {
    "day_name": lambda t: t.dt.day_name(),
    "month_name": lambda t: t.dt.month_name(),
    "in a language": lambda t: t.dt.day_name("C"),
    "date": lambda t: t.dt.date,
    "isocalendar": lambda t: t.dt.isocalendar(),
    "week as number": lambda t: t.dt.isocalendar().week.astype(int) * 2,
    "present weeks": lambda t: t[t.notna()].dt.isocalendar()["week"].astype("int64"),
    "no week": lambda t: t.dt.isocalendar()["week"].isna(),
    "is a date": lambda t: t.dt.date == "2020-01-01",
    "week": lambda t: t.dt.isocalendar().week,
    "day": lambda t: t.dt.strftime("%Y-%m-%d"),
    "month": lambda t: t.dt.strftime("in %b (%-m) of %y%%"),
    "time": lambda t: t.dt.strftime("%H:%M on %d"),
    "hour": lambda t: t.dt.strftime("%H"),
    "minute": lambda t: t.dt.strftime("%I:%M %p"),
    "second": lambda t: t.dt.strftime("%T"),
    "day and hour": lambda t: t.dt.strftime("%Y-%m-%d %H h"),
    "day and second": lambda t: t.dt.strftime("%Y-%m-%d %H:%M:%S"),
    "date and time": lambda t: t.dt.strftime("%c"),
    "microsecond": lambda t: t.dt.strftime("%S.%f"),
    "percent and hour": lambda t: t.dt.strftime("%%H %H"),
    "lines": lambda t: t.dt.strftime("%d\n%m"),
    "to_period of month": lambda t: t.dt.to_period("M"),
    "to_period of week": lambda t: t.dt.to_period(freq="W-SUN"),
    "to_period of hour": lambda t: t.dt.to_period("h"),
    "to_period of its own": lambda t: t.dt.to_period(),
    "to_period of nonsense": lambda t: t.dt.to_period("WWW"),
    "month as text": lambda t: t.dt.to_period("M").astype(str),
    "a quarter": lambda t: t.dt.to_period("Q") == "2020Q1",
    "quarters from": lambda t: t[t.dt.to_period("Q") >= "2020Q2"],
    "start of month": lambda t: t.dt.to_period("M").dt.to_timestamp(),
    "present months": lambda t: t.dt.to_period("M").dropna(),
    "different months": lambda t: t.dt.to_period("M").nunique(),
    "months in order": lambda t: t.dt.to_period("M").sort_values(kind="stable"),
    "by month": lambda t: t.groupby(t.dt.to_period("M")).count(),
    "months twice": lambda t: t.dt.to_period("Y").repeat(2),
    "rounded": lambda t: t.dt.floor("h", ambiguous="NaT", nonexistent="shift_forward"),
    "rounded wrongly": lambda t: t.dt.ceil("h", "raise", "nonsense"),
    "rounded too much": lambda t: t.dt.round("h", "raise", "raise", 1),
    "rounded to nothing": lambda t: t.dt.round(),
    "rounded twice": lambda t: t.dt.round("h", freq="D"),
    "localized": lambda t: t.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo").dt.hour,
    "since": lambda t: (t - pd.Timestamp("2020-01-01")).dt.components,
    "hours since": lambda t: (t - pd.Timestamp("2020-01-01")).dt.components["hours"],
    "percent": lambda t: t.dt.strftime("%"),
    "upper": lambda t: t.dt.day_name().str.upper().str[:3],
    "weekend": lambda t: t.dt.day_name().isin(["Saturday", "Sunday"]),
    "monthly": lambda t: t.groupby(t.dt.strftime("%m")).count(),
}


@given(pairs(), st.sampled_from(list(METHODS)))
def test_methods(pair: tuple[Any, Any], name: str) -> None:
    ours, theirs = pair
    assert_same(outcome(METHODS[name], ours["t0"]), outcome(METHODS[name], theirs["t0"]))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", METHODS)
def test_each_method(name: str, unit: str) -> None:
    for dates in (
        ["2020-02-28 23:59:59", "NaT", "2021-01-01", "2019-12-30 01:00"],
        ["2020-01-01"],
        ["NaT"],
        [],
    ):
        theirs = pd.Series(np.array(dates, f"datetime64[{unit}]"), name="t")
        ours = lazyframe.Series(theirs)
        assert_same(outcome(METHODS[name], ours), outcome(METHODS[name], theirs))


@given(pairs(), st.sampled_from(OFFSETS), st.sampled_from(["add", "radd", "sub", "rsub"]))
def test_offsets(pair: tuple[Any, Any], offset: Any, name: str) -> None:
    ours, theirs = pair

    def program(frame: Any) -> Any:
        return getattr(frame["t0"], f"__{name}__")(offset)

    assert_same(outcome(program, ours), outcome(program, theirs))


@pytest.mark.parametrize("offset", OFFSETS, ids=repr)
def test_each_offset(offset: Any) -> None:
    for dates in (
        ["2020-02-28 23:59:59", "NaT", "2021-01-31", "2019-12-30 01:00"],
        ["2020-01-01"],
        ["NaT"],
        [],
    ):
        theirs = pd.Series(np.array(dates, "datetime64[us]"), name="t")
        ours = lazyframe.Series(theirs)
        for use in (
            lambda t: t + offset,
            lambda t: t - offset,
            lambda t: offset + t,
            lambda t: (t + offset) > t,
        ):
            assert_same(outcome(use, ours), outcome(use, theirs))


@pytest.mark.parametrize(
    "use",
    [
        *[
            METHODS[name]
            for name in (
                "day_name",
                "date",
                "isocalendar",
                "day",
                "upper",
                "weekend",
                "hour",
                "second",
                "day and hour",
                "to_period of month",
                "month as text",
                "a quarter",
                "rounded",
                "since",
            )
        ],
        lambda t: t + pd.DateOffset(months=1),
        lambda t: t - pd.offsets.MonthEnd(),
        lambda t: (t + pd.offsets.BusinessDay(2)).dt.month,
    ],
)
def test_pandas_does_not_run(use: Callable[[Any], Any]) -> None:
    data = lazyframe.DataFrame({"t": pd.to_datetime(["2020-01-31", None, "2020-02-29"]), "n": range(3)})
    part = data[data["n"] != 1]
    assert is_lazy(use(part["t"]))
    assert is_lazy(part)


def test_dates_far_apart_are_left_to_pandas() -> None:
    theirs = pd.Series(np.array(["1000-01-01", "9999-12-31"], "datetime64[s]"))
    ours = lazyframe.Series(theirs)
    for use in (METHODS["day_name"], lambda t: t + pd.offsets.MonthEnd()):
        assert_same(outcome(use, ours), outcome(use, theirs))


@pytest.mark.parametrize("some", [slice(None), slice(0, 0), slice(None, None, -1), slice(1, None)])
@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(3), pd.Index([5, 6, 7]), pd.Index([5, 6, 9]), pd.Index([0.0, 1.0, 2.0]),
        pd.Index(list("abc")), pd.Index(list("abc"), dtype=object), pd.date_range("2000", periods=3),
        pd.MultiIndex.from_arrays([[1, 2, 3]]),
    ],
)  # fmt: skip
def test_labels_of_weeks(index: Any, some: slice) -> None:
    times = pd.to_datetime(["2020-01-01", "2021-01-01", None])
    frame = pd.DataFrame({"t": times, "n": [3, 1, 2]}, index=index)
    for part in (
        lambda df: df[some],
        lambda df: df[df["n"] > 1][some],
        lambda df: df.sort_values("n")[some],
        lambda df: df.merge(df, on="n")[some].rename(columns={"t_x": "t"}),
    ):

        def program(df: Any, part: Any = part) -> Any:
            return part(df)["t"].dt.isocalendar()

        assert_same(outcome(program, lazyframe.DataFrame(frame)), outcome(program, frame))
