"""Shifts and differences of rows are NumPy's where that is sooner; their answers are pandas'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.run.profile import AtOnce, last_computation

ROWS = 1_000


@pytest.fixture(autouse=True)
def _rows_are_many() -> Iterator[None]:
    with lazyframe.config(min_rows=ROWS // 2):
        yield


def data() -> pandas.DataFrame:
    random = np.random.default_rng(1)
    x = random.normal(size=ROWS)
    x[::9], x[1::31], x[2::31] = np.nan, np.inf, -0.0
    return pandas.DataFrame(
        {
            "x": x,
            "f": x.astype(np.float32),
            "i": random.integers(-(2**62), 2**62, ROWS) * 2,
            "h": random.integers(-9, 9, ROWS).astype(np.int8),
            "u": random.integers(0, 9, ROWS).astype(np.uint32),
            "t": random.integers(0, 10**9, ROWS).astype("M8[s]"),
            "d": random.integers(0, 10**9, ROWS).astype("m8[us]"),
            "b": random.random(ROWS) < 0.5,
        },
        index=pandas.Index(random.integers(0, 5, ROWS), name="label"),
    )


PERIODS = [1, -1, 7, -7, ROWS - 1, ROWS, 1 - ROWS, -ROWS, ROWS + 5, -ROWS - 5]


@pytest.mark.parametrize("periods", PERIODS)
def test_columns_are_shifted_as_in_pandas(periods: int) -> None:
    plain = data()
    frame = lazyframe.DataFrame(plain)
    before = plain.copy(deep=True)
    for name in plain:
        found = frame[name].shift(periods).to_pandas()
        pandas.testing.assert_series_equal(found, plain[name].shift(periods))
    for name in ["t", "x"]:
        found = frame[name].shift(periods)
        assert str(found.explain()).startswith("NumPy computes this at once")
        lazyframe.collect(found)
        assert isinstance(last_computation(), AtOnce)
        assert "shift" in str(lazyframe.explain())
    found.iloc[:] = 5.0
    filled = frame["i"].shift(periods, fill_value=3).to_pandas()
    pandas.testing.assert_series_equal(filled, plain["i"].shift(periods, fill_value=3))
    pandas.testing.assert_frame_equal(frame.to_pandas(), before)


@pytest.mark.parametrize("periods", PERIODS)
def test_differences_are_as_in_pandas(periods: int) -> None:
    plain = data()
    frame = lazyframe.DataFrame(plain)
    for name in ["x", "f", "i", "h", "u", "t", "d"]:
        pandas.testing.assert_series_equal(frame[name].diff(periods).to_pandas(), plain[name].diff(periods))
    numbers = ["x", "f", "u"]
    found = frame[numbers].diff(periods)
    pandas.testing.assert_frame_equal(found.to_pandas(), plain[numbers].diff(periods))
    found = frame[numbers].shift(periods)
    pandas.testing.assert_frame_equal(found.to_pandas(), plain[numbers].shift(periods))
    assert isinstance(last_computation(), AtOnce)


def test_what_stands_beside_them_is_computed_too() -> None:
    plain = data()
    frame = lazyframe.DataFrame(plain)
    programs: list[Any] = [
        lambda df: df.assign(before=df["x"].shift(1)),
        lambda df: df["x"] - df["x"].shift(2) * 2,
        lambda df: df["x"].shift(1) > df["x"],
        lambda df: df["x"].shift(1).shift(-3),
        lambda df: df["x"].diff()[df["u"] > 3],
        lambda df: df["x"].shift(1).where(df["u"] > 3, 0.0),
        lambda df: df.iloc[3:]["x"].diff(),
    ]
    for program in programs:
        found, want = program(frame).to_pandas(), program(plain)
        compare = pandas.testing.assert_frame_equal if want.ndim == 2 else pandas.testing.assert_series_equal
        compare(found, want)
    pandas.testing.assert_frame_equal(frame.to_pandas(), plain)


def test_choices_by_what_is_no_number_of_a_row_are_no_shifts() -> None:
    plain = data()
    frame = lazyframe.DataFrame(plain)
    programs: list[Any] = [
        lambda df: df["x"].where(~df["b"]),
        lambda df: df["x"].where(df["x"].notna(), 0.0),
        lambda df: df["x"].mask(df["x"].isna() | df["b"]).shift(1),
        lambda df: df["x"].where(df["x"] >= 0.0, df["x"].shift(1)),
    ]
    for program in programs:
        pandas.testing.assert_series_equal(program(frame).to_pandas(), program(plain))
