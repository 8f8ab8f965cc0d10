"""``clip`` by fractions, by columns and by times, against pandas."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.record.compare import DTYPES, assert_same, edge_values, is_lazy, outcome, series

NUMBERS = [dtype for dtype in DTYPES if "int" in dtype or "float" in dtype]
SCALARS = (None, 0.5, -2.5, 2.0, 3, 1e30, np.nan, np.float32(0.1), np.uint64(2**63))
TIMES = (
    None, pd.Timestamp("2000-06-01"), pd.NaT, np.datetime64("1999-06-01"), pd.Timestamp("2001"),
    pd.Timestamp("2000", tz="UTC"), "2000", pd.Timestamp("2000-01-01 00:00:00.000000001"),
)  # fmt: skip
LENGTHS = (None, pd.Timedelta(1, "s"), pd.Timedelta(-2, "s"), np.timedelta64(500, "ms"), pd.NaT, 3)


def clipped(values: Any, lower: Any, upper: Any) -> Any:
    return values.clip(lower, upper)


@pytest.mark.parametrize("dtype", [*NUMBERS, "bool"])
def test_by_numbers(dtype: str) -> None:
    for lower, upper in itertools.product(SCALARS, SCALARS):
        ours, theirs = series(lazyframe, dtype), series(pd, dtype)
        assert_same(outcome(clipped, ours, lower, upper), outcome(clipped, theirs, lower, upper))
        if upper is None:
            pair = [outcome(clipped, values[:0], lower, None) for values in (ours, theirs)]
            assert_same(*pair)


@pytest.mark.parametrize("bound", [0.5, -300.5, 2**33, 2.0, np.nan])
def test_frames_by_numbers(bound: float) -> None:
    columns = {dtype: edge_values(dtype) for dtype in NUMBERS} | {"within": np.full(8, 2**20)}
    pair = [library.DataFrame(columns) for library in (lazyframe, pd)]
    assert_same(*[outcome(clipped, frame, bound, None) for frame in pair])
    assert_same(*[outcome(clipped, frame, None, bound) for frame in pair])


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("bound", [*NUMBERS, "bool"])
def test_by_columns(dtype: str, bound: str) -> None:
    small, whole = np.array([3, 1, 2, 0, 7, 5, 2, 9]).astype(bound), edge_values(bound)
    for bounds in (small, whole[::-1]):
        for rows in (0, 8):
            (one, mine), (other, theirs) = [
                (library.Series(edge_values(dtype)[:rows]), library.Series(bounds[:rows]))
                for library in (lazyframe, pd)
            ]
            for ours, expected in (
                ((one, mine, None), (other, theirs, None)),
                ((one, None, mine), (other, None, theirs)),
                ((one, mine, mine), (other, theirs, theirs)),
                ((one, mine, 4), (other, theirs, 4)),
                ((one, -0.5, mine), (other, -0.5, theirs)),
            ):
                assert_same(outcome(clipped, *ours), outcome(clipped, *expected))


WRITTEN = (
    None,
    "2000-01-01",
    "1/1/2001",
    "2000-06-01 00:00:00.5",
    "nonsense",
    "",
    "NaT",
    "1h",
    "-2s",
    "9 days",
)


@pytest.mark.parametrize("dtype", ["datetime64[s]", "datetime64[ns]", "timedelta64[s]", "str"])
def test_times_that_are_written_as_text(dtype: str) -> None:
    values = edge_values({"datetime64[s]": "datetime64[ns]"}.get(dtype, dtype)).astype(dtype)
    ours, theirs = lazyframe.Series(values), pd.Series(values)
    for bounds in itertools.product(WRITTEN, (*WRITTEN, pd.Timestamp("2000-06-01"), 1)):
        assert_same(outcome(clipped, ours, *bounds), outcome(clipped, theirs, *bounds))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times(unit: str) -> None:
    for kind, bounds in (("datetime64", TIMES), ("timedelta64", LENGTHS)):
        values = edge_values("datetime64[ns]" if kind == "datetime64" else "timedelta64[s]")
        values = values.astype(f"{kind}[{unit}]")
        ours, theirs = lazyframe.Series(values), pd.Series(values)
        for lower, upper in itertools.product(bounds, bounds):
            assert_same(outcome(clipped, ours, lower, upper), outcome(clipped, theirs, lower, upper))
        for other in (values[::-1].copy(), np.sort(values)[:1].repeat(8), values[:1].repeat(8)):
            pair = lazyframe.Series(other), pd.Series(other)
            assert_same(outcome(clipped, ours, pair[0], None), outcome(clipped, theirs, pair[1], None))
            assert_same(outcome(clipped, ours, None, pair[0]), outcome(clipped, theirs, None, pair[1]))


def test_what_is_recorded() -> None:
    days = lazyframe.Series(pd.date_range("2000", periods=9))
    assert is_lazy(days.clip("2000-01-03", "2000-01-05"))
    integers, floats = lazyframe.Series([1, 2, 3]), lazyframe.Series([0.5, np.nan, 2.5])
    dates = lazyframe.Series(pd.date_range("2000", periods=3))
    for found in (
        integers.clip(0.5),
        integers.clip(1.5, 2.5),
        integers.clip(floats, floats),
        floats.clip(lower=integers),
        floats.clip(upper=floats, lower=0),
        dates.clip(pd.Timestamp("2000-01-02")),
        dates.clip(upper=dates),
        (dates - dates).clip(pd.Timedelta(0), pd.Timedelta(1, "D")),
        lazyframe.DataFrame({"a": integers, "b": floats}).clip(0.5),
    ):
        assert is_lazy(found)


FRAME_BOUNDS: dict[str, Any] = {
    "column": lambda library, frame: frame["a"],
    "other dtype": lambda library, frame: frame["a"].astype("float64"),
    "reversed": lambda library, frame: library.Series(frame["b"].to_numpy()[::-1], index=frame.index),
    "other labels": lambda library, frame: library.Series(frame["b"].to_numpy()),
    "none": lambda library, frame: None,
    "whole": lambda library, frame: 2,
    "part": lambda library, frame: 0.5,
    "missing": lambda library, frame: np.nan,
    "time": lambda library, frame: pd.Timestamp("2000-06-01"),
    "length": lambda library, frame: pd.Timedelta(1, "s"),
    "finer": lambda library, frame: pd.Timestamp("2000-01-01 00:00:00.000000001"),
    "list": lambda library, frame: [1] * len(frame),
    "pair": lambda library, frame: [3, 1],
    "part of a pair": lambda library, frame: (0.5, 2),
    "pair of which one is missing": lambda library, frame: [np.nan, 1.0],
    "tenths": lambda library, frame: np.array([0.1, 0.5]),
    "large": lambda library, frame: [2**53 + 1, 300],
    "bytes": lambda library, frame: np.array([2, 1], np.uint8),
    "truth": lambda library, frame: [True, False],
    "small frame": lambda library, frame: library.DataFrame(
        {"a": np.arange(len(frame), dtype=np.int8), "b": np.int8(2)}, index=frame.index
    ),
    "frame of floats": lambda library, frame: library.DataFrame(
        {"a": np.linspace(0.5, 2.5, len(frame)), "b": np.nan}, index=frame.index
    ),
    "small column": lambda library, frame: library.Series(
        np.arange(len(frame), dtype=np.int8), index=frame.index
    ),
    "part of a column": lambda library, frame: library.Series(np.arange(len(frame)) * 0.5, index=frame.index),
    "frame": lambda library, frame: frame,
}


@pytest.mark.parametrize("rows", [0, 8])
@pytest.mark.parametrize(
    "dtype", ["float64", "float32", "int8", "int64", "uint64", "datetime64[ns]", "timedelta64[s]", "mixed"]
)
def test_frames_by_columns_and_times(dtype: str, rows: int) -> None:
    one, other = ("int64", "float64") if dtype == "mixed" else (dtype, dtype)
    columns = {"a": edge_values(one)[:rows], "b": edge_values(other)[:rows][::-1].copy()}
    alone = [(bound, "none", axis) for bound in FRAME_BOUNDS for axis in (None, 0, "index", 1)]
    pairs = itertools.product(("none", "column", "whole", "missing", "time"), ("reversed", "part", "length"))
    across = itertools.product(
        ("pair", "part", "tenths"), ("pair", "tenths", "whole", "frame"), (1, "columns")
    )
    frames = itertools.product(("small frame", "whole"), ("frame", "frame of floats", "whole"), (None,))
    several = (*[(*pair, 0) for pair in pairs], *across, *frames)
    for lower, upper, axis in (*alone, *several, ("part", "time", None)):

        def program(library: Any, lower: str = lower, upper: str = upper, axis: Any = axis) -> Any:
            frame = library.DataFrame(columns, index=[3, 1, 4, 5, 9, 2, 6, 8][:rows])
            bounds = [FRAME_BOUNDS[name](library, frame) for name in (lower, upper)]
            return frame.clip(*bounds, axis=axis)

        assert_same(outcome(program, lazyframe), outcome(program, pd))


def test_frames_by_columns_and_times_are_recorded() -> None:
    frame = lazyframe.DataFrame({"a": [1.0, 2.0], "b": [3.0, np.nan]})
    assert is_lazy(frame.clip(frame["a"], axis=0))
    assert is_lazy(frame.clip(0.5, frame["b"], axis="index"))
    assert is_lazy(frame.clip([0.5, 1], [2.5, 3.5], axis=1))
    assert is_lazy(frame.clip(frame, frame + 1))
    assert is_lazy(frame.clip(frame["b"].astype("float32"), axis=0))
    days = lazyframe.DataFrame({"a": pd.to_datetime(["2000-01-01", None])})
    if SINCE_3_1:
        assert is_lazy(days.clip(pd.Timestamp("2000-06-01"), pd.Timestamp("2001")))
