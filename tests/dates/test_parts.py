"""Parts of dates and lengths of time, and rounding, against pandas."""

from __future__ import annotations

import datetime
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.brief import examples
from tests.dates.columns import DATES, UNITS, pairs
from tests.record.compare import assert_same, is_lazy, outcome

DATE_PARTS = (
    "year", "month", "day", "hour", "minute", "second", "microsecond", "nanosecond", "quarter", "day_of_week",
    "day_of_year", "days_in_month", "is_month_start", "is_month_end", "is_quarter_start", "is_quarter_end",
    "is_year_start", "is_year_end", "is_leap_year",
)  # fmt: skip
ELSEWHERE = ("date", "time", "weekday", "dayofweek", "dayofyear", "daysinmonth", "unit", "tz")
TIME_PARTS = ("days", "seconds", "microseconds", "nanoseconds")
FREQUENCIES = ("D", "h", "15min", "s", "ms", "us", "ns", "2D", "7h", "100ns", "1500ns", "W", "nonsense", 3)


def same(ours: Any, theirs: Any, program: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(outcome(program, ours), outcome(program, theirs))


@settings(max_examples=examples(150))
@given(pairs("M"), st.sampled_from(DATE_PARTS + ELSEWHERE))
@pytest.mark.usefixtures("_by_reference")
def test_parts_of_dates(pair: tuple[Any, Any], part: str) -> None:
    same(*pair, lambda frame: getattr(frame["t0"].dt, part))


@given(pairs("m"), st.sampled_from(TIME_PARTS))
@pytest.mark.usefixtures("_by_reference")
def test_parts_of_lengths(pair: tuple[Any, Any], part: str) -> None:
    same(*pair, lambda frame: getattr(frame["t0"].dt, part))
    same(*pair, lambda frame: frame["t0"].dt.total_seconds())


@settings(max_examples=examples(150))
@given(pairs("mM"), st.sampled_from(["floor", "ceil", "round"]), st.sampled_from(FREQUENCIES))
@pytest.mark.usefixtures("_by_reference")
def test_rounding(pair: tuple[Any, Any], mode: str, freq: Any) -> None:
    same(*pair, lambda frame: getattr(frame["t0"].dt, mode)(freq))
    same(*pair, lambda frame: frame["t0"].dt.normalize())


@given(pairs("mM"), st.sampled_from(UNITS))
@pytest.mark.usefixtures("_by_reference")
def test_units(pair: tuple[Any, Any], unit: str) -> None:
    same(*pair, lambda frame: frame["t0"].dt.as_unit(unit))
    same(*pair, lambda frame: frame["t0"].astype(f"datetime64[{unit}]"))
    same(*pair, lambda frame: frame["t0"].astype(f"timedelta64[{unit}]"))
    same(*pair, lambda frame: frame["t0"].astype("int64"))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.usefixtures("_by_kernels")
def test_all_in_one_kernel(unit: str, missing: bool) -> None:
    usual = [date.as_unit(unit).to_numpy() for date in DATES * 3 if 1680 < date.year < 2260]
    dates = np.array(usual, f"datetime64[{unit}]")
    if missing:
        dates[4] = "NaT"

    def program(library: Any) -> Any:
        frame = library.DataFrame({"t": dates})
        for part in DATE_PARTS:
            frame[part] = getattr(frame["t"].dt, part)
        frame["rounded"] = frame["t"].dt.round("h")
        frame["length"] = frame["t"].dt.normalize() - frame["t"]
        frame["seconds"] = frame["length"].dt.total_seconds()
        return frame

    ours = program(lazyframe)
    assert is_lazy(ours)
    assert_same(ours, program(pd))


@pytest.mark.usefixtures("_by_reference")
def test_what_is_recorded() -> None:
    series = lazyframe.Series(pd.date_range("2000", periods=3, unit="ns"))
    for part in DATE_PARTS:
        assert is_lazy(getattr(series.dt, part)), part
    lengths = series - series.dt.floor("h")
    assert is_lazy(lengths)
    for part in TIME_PARTS:
        assert is_lazy(getattr(lengths.dt, part)), part
    assert not SINCE_3_1 or is_lazy(lengths.dt.total_seconds())


@pytest.mark.usefixtures("_by_reference")
def test_missing_dates_that_were_filtered_away_leave_integers() -> None:
    def program(library: Any) -> Any:
        series = library.Series(np.array(["2000-01-01", "NaT", "2001-02-03"], "datetime64[ns]"))
        return series[series.notna()].dt.month

    assert program(lazyframe).dtype == np.int32
    assert_same(program(lazyframe), program(pd))


@pytest.mark.skipif(not SINCE_3_1, reason="pandas 3.0 does not warn")
@pytest.mark.usefixtures("_by_reference")
def test_warnings_name_the_line() -> None:
    series = lazyframe.Series(pd.date_range("2000", periods=3))
    with pytest.warns(Warning, match="deprecated") as caught:
        found = series.dt.dayofweek
    assert is_lazy(found)
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.usefixtures("_by_reference")
def test_seconds_that_round_to_whole_ones() -> None:
    whole = np.array([2**53 // 10**9 + 1, 9_000_000_000, -9_000_000_000, 4_194_305, -5], np.int64) * 10**9
    ticks = (whole[:, None] + [0, 1, 2, 400, 999_999_600, 999_999_999, 500_000_000]).ravel()
    theirs = pd.Series(ticks.view("timedelta64[ns]"))
    ours = lazyframe.Series(theirs)
    assert_same(ours.dt.total_seconds(), theirs.dt.total_seconds())
    assert not SINCE_3_1 or is_lazy(ours.dt.total_seconds())


@pytest.mark.usefixtures("_by_reference")
@pytest.mark.parametrize("dtype", ["datetime64[ns]", "datetime64[s]", "timedelta64[us]"])
@pytest.mark.parametrize(
    "use",
    [
        lambda t: t.where(t.notna() & (t != t.iloc[0])),
        lambda t: t.mask(t == t.iloc[0]),
        lambda t: t.where(t == t.iloc[0], None),
        lambda t: t.where(t == t.iloc[0], pd.NaT),
        lambda t: t.where(t == t.iloc[0], np.float64("nan")),
        lambda t: t.fillna(np.nan),
        lambda t: t == datetime.date(2000, 1, 1),
        lambda t: t != datetime.date(2000, 1, 1),
        lambda t: t < datetime.date(2000, 1, 1),
    ],
)
def test_what_is_missing_and_what_is_no_time(use: Any, dtype: str) -> None:
    values = np.array([946_684_800, 5, "NaT"], dtype.replace("ns", "s").replace("us", "s")).astype(dtype)
    theirs = pd.Series(values)
    assert_same(outcome(use, lazyframe.Series(theirs)), outcome(use, theirs))


@pytest.mark.usefixtures("_by_reference")
def test_times_with_a_zone_are_pandas() -> None:
    theirs = pd.Series(pd.date_range("2000", periods=3, tz="UTC"))
    for use in (
        lambda t: t.dt.as_unit("ms"),
        lambda t: t.dt.year,
        lambda t: t.dt.day_name(),
        lambda t: t.dt.date,
    ):
        assert_same(outcome(use, lazyframe.Series(theirs)), outcome(use, theirs))
