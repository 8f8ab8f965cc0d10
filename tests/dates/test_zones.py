"""Times that know their zone: parts, rounding, conversions and arithmetic, against pandas."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

import dateutil.tz
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import assert_same, is_lazy, outcome

pytestmark = pytest.mark.usefixtures("_by_reference")

ZONES: tuple[Any, ...] = (
    "UTC", datetime.timezone(datetime.timedelta(hours=5, minutes=30)), "Europe/Berlin", "America/New_York",
    "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia",
    datetime.timezone(-datetime.timedelta(hours=3, minutes=15), "here"),
)  # fmt: skip
UNITS = ("s", "us", "ns")

TEXT = [
    "2021-03-28 00:59:59", "2021-03-28 01:00:00", "2021-10-31 00:30:00", "2021-10-31 01:30:00", None,
    "2020-02-29 23:59:59", "1999-12-31 23:30:00", "2038-07-01 12:00:00", "1970-01-01", "2011-12-30 10:00:00",
    "2021-03-14 07:00:00", "2021-11-07 05:59:59", "2018-11-04 03:00:00",
]  # fmt: skip


def times(library: Any, zone: Any, unit: str = "us", index: Any = None) -> Any:
    """Points in time about which clocks are set, in a zone."""
    points = np.array(TEXT, f"M8[{unit}]")
    return library.Series(pd.DatetimeIndex(points, tz="UTC").tz_convert(zone), index=index, name="t")


PARTS = (
    "year", "month", "day", "hour", "minute", "second", "microsecond", "nanosecond", "day_of_week", "weekday",
    "day_of_year", "quarter", "days_in_month", "is_leap_year", "is_month_start", "is_month_end",
    "is_quarter_start", "is_quarter_end", "is_year_start", "is_year_end", "date", "time", "tz",
)  # fmt: skip


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("unit", UNITS)
def test_parts(zone: Any, unit: str) -> None:
    for rows in (slice(None), slice(5, None), slice(0, 0), slice(4, 5)):
        pair = [times(library, zone, unit)[rows] for library in (lazyframe, pd)]
        for name in PARTS:
            assert_same(*[outcome(lambda one: getattr(one.dt, name), one) for one in pair])  # noqa: B023
        assert_same(*[outcome(lambda one: one.dt.isocalendar(), one) for one in pair])
        assert_same(*[outcome(lambda one: one.dt.day_name(), one) for one in pair])
        assert_same(*[outcome(lambda one: one.dt.strftime("%d %H %Z"), one) for one in pair])


METHODS: dict[str, Any] = {
    "floor hour": lambda t: t.dt.floor("h"),
    "floor day": lambda t: t.dt.floor("D"),
    "floor three hours": lambda t: t.dt.floor(freq="3h"),
    "ceil": lambda t: t.dt.ceil("D"),
    "round": lambda t: t.dt.round("2h"),
    "round seconds": lambda t: t.dt.round("7s"),
    "unclear": lambda t: t.dt.floor("h", ambiguous="NaT", nonexistent="shift_forward"),
    "normalize": lambda t: t.dt.normalize(),
    "as_unit": lambda t: t.dt.as_unit("ms"),
    "convert": lambda t: t.dt.tz_convert("Asia/Tokyo"),
    "convert by name": lambda t: t.dt.tz_convert(tz="America/New_York"),
    "convert to none": lambda t: t.dt.tz_convert(None),
    "convert to nonsense": lambda t: t.dt.tz_convert("Nowhere/Never"),
    "localize": lambda t: t.dt.tz_localize(None),
    "localize again": lambda t: t.dt.tz_localize("UTC"),
    "there and back": lambda t: t.dt.tz_localize(None).dt.tz_localize("UTC"),
    "add": lambda t: t + pd.Timedelta(90, "min"),
    "add on the left": lambda t: np.timedelta64(1, "D") + t,
    "subtract": lambda t: t - datetime.timedelta(days=200),
    "subtract from a length": lambda t: pd.Timedelta(1, "h") - t,
    "hours": lambda t: t + pd.offsets.Hour(5),
    "day": lambda t: t + pd.offsets.Day(1),
    "month": lambda t: t + pd.offsets.MonthEnd(1),
    "months": lambda t: t + pd.DateOffset(months=5),
    "months before": lambda t: t - pd.DateOffset(years=1, months=1),
    "week": lambda t: pd.offsets.Week(weekday=2) + t,
    "from an offset": lambda t: pd.offsets.MonthEnd(1) - t,
    "business days of clear times": lambda t: t[t.dt.month != 3] + pd.offsets.BusinessDay(3),
    "month shown": lambda t: t.dt.strftime("%Y-%m"),
    "hour shown": lambda t: t.dt.strftime("%d %H"),
    "finer": lambda t: t + pd.Timedelta(1, "ns"),
    "multiply": lambda t: t * 2,
    "since": lambda t: t - pd.Timestamp("2021-01-01", tz="Asia/Tokyo"),
    "until": lambda t: pd.Timestamp("2021-01-01", tz="UTC") - t,
    "since without a zone": lambda t: t - pd.Timestamp("2021-01-01"),
    "since text": lambda t: t - "2021-01-01",
    "differences": lambda t: t - t.dt.floor("D"),
    "of two zones": lambda t: t - t.dt.tz_convert("Asia/Tokyo"),
    "sum of two": lambda t: t + t,
    "lengths": lambda t: t + (t - t.dt.normalize()),
    "lengths first": lambda t: (t - t.dt.normalize()) + t,
    "less lengths": lambda t: t - (t - t.dt.normalize()),
    "lengths less times": lambda t: (t - t.dt.normalize()) - t,
    "compared": lambda t: t.dt.floor("D") == t,
    "compared with a scalar": lambda t: t + pd.Timedelta(1, "h") > pd.Timestamp("2020-06-01", tz="UTC"),
    "hours of sums": lambda t: (t + pd.Timedelta(7, "h")).dt.hour,
    "filtered": lambda t: (t[t.dt.year > 2000] + pd.Timedelta(1, "h")).dt.floor("D").dt.day,
    "filtered lengths": lambda t: t[t.dt.year > 2000] + (t - t.dt.normalize())[t.dt.year > 2000],
    "sorted": lambda t: (t - pd.Timedelta(1, "h")).sort_values(),
    "missing": lambda t: (t + pd.Timedelta(1, "h")).isna(),
    "least": lambda t: (t + pd.Timedelta(1, "h")).min(),
    "shown": lambda t: (t + pd.Timedelta(1, "h")).astype(str),
}


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("name", METHODS)
def test_methods(zone: Any, name: str) -> None:
    for unit in UNITS if name in ("floor day", "finer", "convert", "as_unit") else ("us",):
        for rows in (slice(None), slice(5, 8), slice(0, 0), slice(4, 5)):
            labels = pd.Index(np.arange(len(TEXT)) // 2)
            pair = [times(library, zone, unit, labels).iloc[rows] for library in (lazyframe, pd)]
            assert_same(*[outcome(METHODS[name], one) for one in pair])


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_what_clocks_show_becomes_times(zone: Any) -> None:
    for text in TEXT:
        for more in ([], ["2021-07-01 01:02:03", None]):
            values = np.array([text, *more], "M8[us]")

            def program(library: Any, values: Any = values, **options: Any) -> Any:
                return library.Series(values).dt.tz_localize(zone, **options)

            assert_same(outcome(program, lazyframe), outcome(program, pd))
            assert_same(
                *[outcome(lambda one: program(one, nonexistent="NaT"), one) for one in (lazyframe, pd)]
            )


@given(st.lists(st.integers(-(2**32), 2**33), min_size=1, max_size=30), st.sampled_from(ZONES))
def test_any_time(seconds: list[int], zone: Any) -> None:
    points = pd.DatetimeIndex(np.array(seconds, "M8[s]"), tz="UTC").tz_convert(zone)
    pair = [library.Series(points) for library in (lazyframe, pd)]
    for program in (
        lambda t: t.dt.hour,
        lambda t: t.dt.tz_localize(None),
        METHODS["floor day"],
        METHODS["round"],
    ):
        assert_same(*[outcome(program, one) for one in pair])


def test_what_is_recorded() -> None:
    index = pd.date_range("2020-01-01", periods=5000, freq="7h", tz="Europe/Berlin")
    made = lazyframe.Series(index)
    for name in (
        "floor day", "normalize", "convert", "convert to none", "localize", "add", "subtract", "hours",
        "since", "until", "differences", "lengths", "lengths first", "compared", "hours of sums", "filtered",
    ):  # fmt: skip
        assert is_lazy(METHODS[name](made)), name
    naive = lazyframe.Series(index.tz_localize(None).floor("D").unique() + pd.Timedelta(12, "h"))
    assert is_lazy(naive.dt.tz_localize("America/New_York"))
    assert is_lazy(naive.dt.tz_localize(None))
    assert naive.dt.tz_localize(None).equals(naive)
    part = lazyframe.DataFrame({"t": made, "k": range(len(made))})
    part = part[part["k"] > 1]["t"]
    assert (part.dt.tz, part.dt.unit) == (made.to_pandas().dt.tz, made.to_pandas().dt.unit)
    assert is_lazy(part)
    for part in PARTS[:22]:
        if part not in ("time", "weekday"):  # which warns
            assert is_lazy(getattr(made.dt, part)), part
    assert is_lazy(made.dt.as_unit("ns"))


def test_columns_of_frames() -> None:
    def program(library: Any) -> Any:
        made = library.DataFrame({"t": times(pd, "Europe/Berlin"), "x": np.arange(len(TEXT))})
        made["next"] = made["t"] + pd.Timedelta(1, "h")
        made = made[made["x"] % 3 > 0]
        made["day"] = made["next"].dt.floor("D")
        made["hour"] = made["next"].dt.hour
        return made.sort_values("next").assign(gone=lambda one: one["next"] - one["day"])

    assert_same(program(lazyframe), program(pd))


def test_zones_of_other_libraries() -> None:
    london: Any = zoneinfo.ZoneInfo("Europe/London")
    zones = [london, dateutil.tz.tzutc(), dateutil.tz.tzoffset(None, 3600)]
    for zone in zones:
        for name in ("floor day", "convert", "add", "localize", "hours of sums"):
            assert_same(*[outcome(METHODS[name], times(library, zone)) for library in (lazyframe, pd)])


def test_times_of_any_century() -> None:
    points = np.array(
        ["0001-01-02", "1677-09-22", "2262-04-10", "9999-12-30", "1883-11-18T17:03:58"], "M8[s]"
    )
    for chosen in (points, points[4:], points[1:3], points[2:3]):
        for zone in ("UTC", "America/New_York"):
            pair = [
                library.Series(pd.DatetimeIndex(chosen, tz="UTC").tz_convert(zone))
                for library in (lazyframe, pd)
            ]
            for name in ("floor day", "add", "localize", "hours of sums"):
                assert_same(*[outcome(METHODS[name], one) for one in pair])
