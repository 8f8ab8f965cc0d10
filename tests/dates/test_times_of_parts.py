"""``to_datetime`` of frames of years, months and days, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import assert_same, is_lazy, outcome

DAYS = np.arange(np.datetime64("1999-12-01"), np.datetime64("2001-02-01"), dtype="M8[D]")
CENTURIES = np.array(
    ["1000-01-01", "1582-10-10", "1700-02-28", "1900-03-01", "2000-02-29", "2400-02-29", "9999-12-31"],
    "M8[D]",
)


def parts_of(days: np.ndarray, dtype: str = "int64") -> pandas.DataFrame:
    index = pandas.DatetimeIndex(days.astype("M8[s]"))
    parts = {"year": index.year, "month": index.month, "day": index.day}
    return pandas.DataFrame({name: np.asarray(part).astype(dtype) for name, part in parts.items()})


def check(frame: pandas.DataFrame, lazy: bool | None = None, **options: Any) -> None:
    for part in (lambda df: df, lambda df: df[df["day"] > 2]):

        def program(library: Any, df: Any, part: Any = part) -> Any:
            return library.to_datetime(part(df), **options)

        expected = outcome(lambda df: program(pandas, df), frame.copy())
        found = outcome(lambda df: program(lazyframe, df), lazyframe.DataFrame(frame.copy()))
        if lazy is not None:
            assert is_lazy(found) is lazy
        assert_same(found, expected)


@pytest.mark.usefixtures("_by_reference")
@pytest.mark.parametrize("dtype", ["int16", "int32", "int64", "uint16", "uint64", "float64", "str"])
def test_all_days(dtype: str) -> None:
    lazy = dtype in ("int16", "int32", "int64", "uint16")
    check(parts_of(DAYS, dtype).astype({"day": "int64"}), lazy)
    check(parts_of(CENTURIES, dtype).astype({"day": "int64"}), lazy, errors="coerce")


@pytest.mark.usefixtures("_by_kernels")
def test_kernels() -> None:
    frame = parts_of(np.concatenate([DAYS, CENTURIES])).assign(hour=5, second=np.arange(len(DAYS) + 7) % 60)
    check(frame, True)


@pytest.mark.usefixtures("_by_reference")
@given(
    st.lists(
        st.tuples(st.integers(998, 2101), st.integers(0, 13), st.integers(0, 32), st.integers(-1, 25)),
        max_size=3,
    ),
    st.sampled_from(["raise", "coerce"]),
)
def test_what_is_no_date(rows: list[tuple[int, ...]], errors: str) -> None:
    frame = pandas.DataFrame(np.array(rows, "int64").reshape(-1, 4), columns=["year", "month", "day", "hour"])
    check(frame.iloc[:, :3], errors=errors)
    check(frame, errors=errors)


@pytest.mark.usefixtures("_by_reference")
def test_other_columns_and_options() -> None:
    frame = parts_of(DAYS[:9]).set_axis(list("abcdefghi"))
    check(frame[["day", "year", "month"]], True)
    check(frame.set_axis(["years", "months", "day"], axis=1), True)
    check(frame.assign(hour=1, minute=2, second=3), True)
    check(frame.assign(hours=1, hour=2))
    check(frame.assign(ms=4))
    check(frame.assign(other=4))
    check(frame.assign(minute=np.arange(9) * 10))
    check(frame.assign(hour=1.5))
    check(frame.assign(month=True))
    check(frame.assign(day=np.where(np.arange(9) == 4, np.nan, frame["day"])), errors="coerce")
    check(frame.drop(columns="month"))
    check(frame.iloc[:0])
    check(frame, utc=True)
    check(frame, unit="s")
    check(frame, format="%Y")
    check(frame, errors="wrong")
