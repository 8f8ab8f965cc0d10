"""Arithmetic and comparisons of times, against pandas."""

from __future__ import annotations

import datetime
import operator
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from tests.brief import examples
from tests.dates.columns import pairs
from tests.record.compare import assert_same, is_lazy, outcome

ARITHMETIC = [getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "floordiv", "mod")]
COMPARISONS = [getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")]

LENGTHS = (
    pd.Timedelta(1, "D"), pd.Timedelta(1, "ns"), pd.Timedelta("1h"), pd.Timedelta(-7, "us"), pd.Timedelta(0),
    datetime.timedelta(hours=3), np.timedelta64(1, "D"), np.timedelta64(5, "ms"), np.timedelta64("NaT", "ns"),
    np.timedelta64(1, "M"), pd.offsets.Day(2), pd.offsets.Hour(1), pd.offsets.Nano(3), pd.offsets.MonthEnd(),
    pd.DateOffset(days=1), pd.Timedelta.max,
)  # fmt: skip
POINTS = (
    pd.Timestamp("2000-01-01"), pd.Timestamp("1999-12-31 23:59:59.999999999"), pd.Timestamp("2000", tz="UTC"),
    datetime.datetime(2020, 2, 29, 1, 2, 3), datetime.date(2000, 1, 1), np.datetime64("2000-01-01"),
    np.datetime64("1970-01-01T00:00:00.000000001"), np.datetime64("NaT", "ns"), pd.NaT, None,
    pd.Timestamp(0, unit="s"), datetime.datetime(9999, 12, 31), datetime.datetime(1, 1, 1), pd.Timestamp.min,
)  # fmt: skip
STRINGS = ("2000-01-01", "1999-12-31 23:59:59.5", "2000", "nonsense", "1 day", "9999-01-01", "2000-01-01Z")
NUMBERS = (0, 1, 2, -3, 2.5, 0.0, float("nan"), True, np.int64(7), np.float32(0.1), 2**40, 1e300)


def same(ours: Any, theirs: Any, program: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(outcome(program, ours), outcome(program, theirs))


@settings(max_examples=examples(200))
@given(pairs("mM", 2), st.sampled_from(ARITHMETIC + COMPARISONS))
@pytest.mark.usefixtures("_by_reference")
def test_two_columns(pair: tuple[Any, Any], function: Any) -> None:
    same(*pair, lambda frame: function(frame["t0"], frame["t1"]))


AMBIGUOUS = (np.timedelta64(5), np.timedelta64("NaT"), np.timedelta64(1, "M"), np.timedelta64(1, "Y"))


@pytest.mark.parametrize("length", AMBIGUOUS)
def test_lengths_of_no_fixed_unit_are_pandas_to_judge(length: np.timedelta64) -> None:
    for theirs in (pd.Series(pd.to_timedelta(range(3))), pd.Series(pd.date_range("2020", periods=3))):
        with lazyframe.config(min_rows=0):
            ours = lazyframe.Series(theirs)
            for function in ARITHMETIC + COMPARISONS:
                same(ours, theirs, lambda series: function(series, length))  # noqa: B023
                same(ours, theirs, lambda series: function(length, series))  # noqa: B023
            same(ours, theirs, lambda series: series.clip(length, None))
            same(ours, theirs, lambda series: series.between(length, length))


@settings(max_examples=examples(300))
@given(pairs("mM"), st.sampled_from(ARITHMETIC), st.sampled_from(LENGTHS + POINTS + NUMBERS))
@pytest.mark.usefixtures("_by_reference")
def test_a_column_and_a_scalar(pair: tuple[Any, Any], function: Any, scalar: Any) -> None:
    same(*pair, lambda frame: function(frame["t0"], scalar))
    same(*pair, lambda frame: function(scalar, frame["t0"]))


@pytest.mark.usefixtures("_by_reference")
def test_equal_points_of_other_kinds_and_units() -> None:
    point = pd.Timestamp("2020-01-01")
    ours = lazyframe.Series(np.array(["2020-01-02", "NaT"], "M8[s]"))
    as_numpy = [np.datetime64(point, unit) for unit in ("D", "s", "ns")]
    for scalar in (point, point.as_unit("ns"), point.to_pydatetime(), *as_numpy, point.as_unit("s"), point):
        same(ours, ours.to_pandas(), lambda series, scalar=scalar: series - scalar)


@settings(max_examples=examples(200))
@given(pairs("mM"), st.sampled_from(COMPARISONS), st.sampled_from(POINTS + STRINGS + LENGTHS + NUMBERS))
@pytest.mark.usefixtures("_by_reference")
def test_comparisons_with_a_scalar(pair: tuple[Any, Any], function: Any, scalar: Any) -> None:
    same(*pair, lambda frame: function(frame["t0"], scalar))
    same(*pair, lambda frame: function(scalar, frame["t0"]))


@settings(max_examples=examples(150))
@given(pairs("mM"), st.lists(st.sampled_from(POINTS + STRINGS + LENGTHS), max_size=2))
@pytest.mark.usefixtures("_by_reference")
def test_lists_and_ranges(pair: tuple[Any, Any], values: list[Any]) -> None:
    same(*pair, lambda frame: frame["t0"].isin(values))
    if len(values) == 2:
        same(*pair, lambda frame: frame["t0"].between(*values))
        same(*pair, lambda frame: frame["t0"].between(*values, inclusive="left"))


@given(pairs("mM", 2))
@pytest.mark.usefixtures("_by_reference")
def test_chains(pair: tuple[Any, Any]) -> None:
    same(*pair, lambda frame: -(frame["t0"] - frame["t1"]))
    same(*pair, lambda frame: abs(frame["t0"] - frame["t1"]) / pd.Timedelta(1, "h"))
    same(*pair, lambda frame: (frame["t0"] - frame["t1"]).dt.days)
    same(*pair, lambda frame: (frame["t0"].dt.floor("D") + pd.Timedelta(1, "D")).dt.day_of_year)
    same(*pair, lambda frame: frame[frame["t0"] > "1990-01-01"]["t0"].dt.year)
    same(*pair, lambda frame: (frame["t0"] - frame["t1"]) // pd.Timedelta(1, "D"))


@pytest.mark.usefixtures("_by_reference")
def test_what_is_recorded() -> None:
    one = lazyframe.Series(pd.date_range("2000", periods=3, unit="ns"))
    other = lazyframe.Series(pd.date_range("2001", periods=3, unit="s"))
    for found in (
        one - other,
        one + pd.Timedelta(1, "D"),
        pd.Timestamp("2002") - one,
        one - np.datetime64("2000-01-01"),
        one + pd.offsets.Day(3),
        (one - other) / pd.Timedelta(1, "h"),
        (one - other) // np.timedelta64(1, "D"),
        (one - other) * 2,
        (one - other) / 2.5,
        -(one - other),
        one < other,
        other < "2000-01-01 00:00:00.5",
        one >= datetime.datetime(1, 1, 1),
        pd.Timestamp("2000") <= one,
        one.between("2000-01-01", "2000-01-02"),
        one.isin([pd.Timestamp("2000")]),
        one.astype("datetime64[s]"),
        one.astype("int64"),
    ):
        assert is_lazy(found)
