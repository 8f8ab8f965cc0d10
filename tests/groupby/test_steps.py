"""Keys that are multiples of one number are divided by it: hours, days, and what else is far apart evenly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.run import morsels, outputs, profile, steps

pytestmark = pytest.mark.without_pandas

ROWS = 700
HOUR = 3_600_000_000_000
NAT = np.iinfo(np.int64).min

Frame = Any


def keys() -> dict[str, np.ndarray]:
    """Columns that are too far apart for a table, unless they are divided."""
    r = np.random.default_rng(3)
    few = r.integers(-20, 30, ROWS)
    times = few * HOUR + r.integers(0, 5, ROWS) * 60_000_000_000
    found = {
        "before_and_after_1970": (few * HOUR).view("M8[ns]"),
        "minutes": times.view("M8[ns]"),
        "some_missing": np.where(r.random(ROWS) < 0.2, NAT, few * HOUR).view("M8[ns]"),
        "all_missing": np.full(ROWS, NAT).view("M8[us]"),
        "spans": (few * 10**12).view("m8[us]"),
        "one": np.full(ROWS, 5 * HOUR).view("M8[ns]"),
        "two": np.where(few > 0, -(2**63), 2**63 - 1),
        "unsigned": (few + 20).astype(np.uint64) * np.uint64(2**58),
        "odd": few * (10**15 + 7) - 3,
        "power_of_two": few << 50,
        "narrow": (few * 40_000_000).astype(np.int32),
        "step_one": np.where(few > 0, few, few * 10**12 + 1),
        "outlier": np.where(np.arange(ROWS) == ROWS - 1, HOUR + 1, few * HOUR),
    }  # fmt: skip
    return {name: column.astype(column.dtype) for name, column in found.items()}


@pytest.fixture(scope="module")
def data() -> pandas.DataFrame:
    r = np.random.default_rng(4)
    x = np.where(r.random(ROWS) < 0.1, np.nan, r.integers(-9, 9, ROWS) * 0.5)
    return pandas.DataFrame({**keys(), "k": r.integers(0, 3, ROWS), "x": x})


def check(data: pandas.DataFrame, program: Callable[[Frame], Any]) -> None:
    expected, found = program(data), program(lazyframe.DataFrame(data))
    if isinstance(expected, (int, float)):
        assert found == expected
        return
    compare = pandas.testing.assert_series_equal
    if isinstance(expected, pandas.DataFrame):
        compare = pandas.testing.assert_frame_equal  # type: ignore[assignment]  # of the other kind
    compare(found.to_pandas(), expected)


PROGRAMS: dict[str, Callable[[Frame, str], Any]] = {
    "aggregate": lambda df, key: df.groupby(key).agg({"x": ["sum", "max", "count"]}),
    "appearance": lambda df, key: df.groupby(key, sort=False)["x"].size(),
    "two_keys": lambda df, key: df.groupby([key, "k"])["x"].sum(),
    "two_keys_turned": lambda df, key: df.groupby(["k", key], as_index=False)["x"].min(),
    "missing": lambda df, key: df.groupby(key, dropna=False)["x"].sum(),
    "shift": lambda df, key: df.groupby(key)["x"].shift(),
    "transform": lambda df, key: df.groupby(key)["x"].transform("mean"),
    "value_counts": lambda df, key: df[key].value_counts(),
    "nunique": lambda df, key: df[key].nunique(),
    "counted_in_groups": lambda df, key: df.groupby("k")[key].nunique(),
    "distinct": lambda df, key: df[key].drop_duplicates(),
    "filtered": lambda df, key: df[df["x"] > 0].groupby(key)["x"].mean(),
}


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("key", keys())
@pytest.mark.parametrize("program", PROGRAMS)
def test_groups_are_pandas(data: pandas.DataFrame, key: str, program: str) -> None:
    check(data, lambda df: PROGRAMS[program](df, key))


@pytest.mark.parametrize("rows", [1, 64, 10_000])
@pytest.mark.parametrize("key", ["some_missing", "unsigned"])
def test_in_kernels(data: pandas.DataFrame, key: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "morsel_rows", lambda _: rows)
    monkeypatch.setattr(morsels, "MORSEL_ROWS", rows)
    monkeypatch.setattr(steps, "_TASK_ROWS", rows)
    for threads in (1, 3):
        with lazyframe.config(threads=threads):
            for program in ("aggregate", "two_keys", "missing", "filtered"):
                check(data, lambda df, program=program: PROGRAMS[program](df, key))  # type: ignore[misc]


ROUNDED: dict[str, Callable[[Frame], Any]] = {
    "floor": lambda df: df["minutes"].dt.floor("h"),
    "ceil": lambda df: df["minutes"].dt.ceil("h"),
    "normalize": lambda df: df["minutes"].dt.normalize(),
    "missing": lambda df: df["some_missing"].dt.floor("D"),
    "unit": lambda df: df["minutes"].dt.floor("h").dt.as_unit("us"),
    "later": lambda df: df["minutes"].dt.floor("h") + pandas.Timedelta("30min"),
    "scaled": lambda df: df["k"] * 10**15 - 7,
    "multiples": lambda df: df["odd"] // 10**14 * 10**14,
    "wrapped": lambda df: df["power_of_two"] * 1024 * 3,
}


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("key", ROUNDED)
def test_keys_that_were_computed(data: pandas.DataFrame, key: str) -> None:
    made = ROUNDED[key]
    check(data, lambda df: df.groupby(made(df))["x"].sum())
    check(data, lambda df: df.groupby(made(df).rename("other"))["x"].shift(-2))
    check(data, lambda df: made(df).value_counts())
    check(data, lambda df: df[df["x"] > 0].assign(t=made(df)).groupby("t")["x"].max())


def test_rounded_times_in_kernels(data: pandas.DataFrame) -> None:
    check(data, lambda df: df.groupby(df["minutes"].dt.floor("h"))["x"].sum())
    check(data, lambda df: df.groupby(df["some_missing"].dt.floor("h"))["x"].sum())


def way_of(data: pandas.DataFrame, program: Callable[[Frame], Any]) -> str:
    waiting = program(lazyframe.DataFrame(data))
    text = str(waiting.explain(analyze=True))
    return next(line for line in text.splitlines() if "slots" in line)


def test_how_they_are_found_is_shown(data: pandas.DataFrame) -> None:
    found = way_of(data, PROGRAMS_BY["before_and_after_1970"])
    assert "addressed by key, divided by what all keys are multiples of: a table of 50 slots" in found
    assert "hashing" in way_of(data, PROGRAMS_BY["step_one"])


PROGRAMS_BY = {
    key: (lambda df, key=key: df.groupby(key)["x"].sum()) for key in ("before_and_after_1970", "step_one")
}


def test_rounding_down_needs_no_look_for_bounds(data: pandas.DataFrame) -> None:
    frame = lazyframe.DataFrame(data)
    found = frame.groupby(frame["minutes"].dt.floor("h"))["x"].sum()
    found.to_pandas()
    last = profile.last_computation()
    assert isinstance(last, profile.Computation)
    assert len([loop for loop in last.program.loops if loop.domain.__class__.__name__ == "Range"]) == 1
