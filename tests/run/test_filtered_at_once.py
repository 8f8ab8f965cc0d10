"""What a filter leaves of columns in memory is NumPy's where that is sooner, and shared if it is all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import shares_memory
from lazyframe.run import at_once, filtered_at_once
from lazyframe.run.profile import AtOnce, last_computation

ROWS = 2_000


@pytest.fixture(autouse=True)
def _rows_are_many() -> Iterator[None]:
    with lazyframe.config(min_rows=ROWS // 2):
        yield


def data(labels: str = "range") -> pandas.DataFrame:
    random = np.random.default_rng(3)
    x = random.normal(size=ROWS)
    x[::99] = np.nan
    index: Any = {
        "range": pandas.RangeIndex(5, 5 + 2 * ROWS, 2, name="r"),
        "numbers": pandas.Index(random.integers(0, 9, ROWS), name="n"),
        "times": pandas.date_range("2020-01-01", periods=ROWS, freq="h", name="t"),
        "levels": pandas.MultiIndex.from_arrays([np.arange(ROWS) % 7, np.arange(ROWS)], names=["a", "b"]),
    }[labels]
    return pandas.DataFrame(
        {
            "x": x,
            "i": random.integers(0, 100, ROWS),
            "flag": random.random(ROWS) < 0.5,
            "word": pandas.array(random.choice(["p", "q", None], ROWS), dtype="str"),
            "kind": pandas.Categorical(random.choice(["u", "v"], ROWS)),
            "zoned": pandas.date_range("2021-01-01", periods=ROWS, freq="min", tz="UTC"),
            "object": pandas.Series([1, "a"] * (ROWS // 2), index=index, dtype=object).to_numpy(),
        },
        index=index,
    )


MASKS: list[Callable[[Any], Any]] = [
    lambda df: df["i"] >= 0,
    lambda df: df["i"] < 0,
    lambda df: df["i"] == 3,
    lambda df: df["flag"],
    lambda df: (df["x"] > 0) | df["flag"],
    lambda df: ~(df["x"] > 1),
    lambda df: (df["i"] >= 0) & (df["i"] < df["i"].max()),
    lambda df: df["i"].isin(range(100)),
]


@pytest.mark.parametrize("labels", ["range", "numbers", "times", "levels"])
@pytest.mark.parametrize("most_rows", [1 << 20, 0])
def test_filters_are_as_in_pandas(labels: str, most_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtered_at_once, "_MOST_ROWS", most_rows)
    plain = data(labels)
    frame = lazyframe.DataFrame(plain)
    for mask in MASKS:
        pandas.testing.assert_frame_equal(frame[mask(frame)].to_pandas(), plain[mask(plain)], check_freq=True)
        got, want = frame["x"][mask(frame)].to_pandas(), plain["x"][mask(plain)]
        pandas.testing.assert_series_equal(got, want, check_freq=True)
        got = frame.loc[mask(frame), ["word", "x"]].to_pandas()
        pandas.testing.assert_frame_equal(got, plain.loc[mask(plain), ["word", "x"]], check_freq=True)
        assert frame.loc[mask(frame), "i"].sum() == plain.loc[mask(plain), "i"].sum()


def test_no_program_is_run() -> None:
    frame = lazyframe.DataFrame(data())
    chosen = frame[frame["i"] == 3]
    assert str(chosen.explain()).startswith("NumPy computes this at once")
    lazyframe.collect(chosen)
    found = last_computation()
    assert isinstance(found, AtOnce)
    assert [step for step, *_ in found.steps] == ["equal", "filter"]
    assert "filter: 2,000 rows" in str(lazyframe.explain())


@pytest.mark.parametrize("column", ["x", "flag", "word", "kind", "zoned", "object"])
@pytest.mark.parametrize("labels", ["range", "levels"])
def test_who_writes_to_one_frame_does_not_change_the_other(column: str, labels: str) -> None:
    plain = data(labels)
    before = plain.copy(deep=True)
    value: Any = plain[column].iloc[7]
    for write_to_source in (True, False):
        frame = lazyframe.DataFrame(plain)
        found = lazyframe.collect(frame[frame["i"] >= 0])
        assert shares_memory(found[["x"]]._mgr, frame[["x"]]._mgr)
        written, other = (frame, found) if write_to_source else (found, frame)
        written.iloc[3, list(plain).index(column)] = value
        pandas.testing.assert_frame_equal(other.to_pandas(), before)
        pandas.testing.assert_frame_equal(plain, before)


def test_labels_that_are_all_there_may_be_renamed() -> None:
    for labels in ("range", "levels"):
        frame = lazyframe.DataFrame(data(labels))
        names = list(frame.index.names)
        found = lazyframe.collect(frame[frame["i"] >= 0])
        found.index.names = ["new"] * len(names)
        assert list(frame.index.names) == names


def test_arrays_that_are_handed_out_are_the_users() -> None:
    plain = data()
    frame = lazyframe.DataFrame(plain)
    array = np.asarray(frame["x"][frame["i"] >= 0].to_numpy())
    if array.flags.writeable:
        array[:] = 0.0
    pandas.testing.assert_frame_equal(frame.to_pandas(), plain)


def test_an_input_that_nobody_counts_is_copied() -> None:
    numbers = np.arange(float(ROWS))
    frame = lazyframe.DataFrame({"x": pandas.Series(numbers, copy=False), "y": 1})
    found = lazyframe.collect(frame[frame["x"] >= 0])
    numbers[0] = 99.0
    found.iloc[1, 0] = 77.0
    again = lazyframe.collect(frame[frame["x"] >= 0])
    assert again["x"].iloc[1] == 1.0
    assert numbers[1] == 1.0


def test_a_dear_mask_is_left_to_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = data()
    frame = lazyframe.DataFrame(plain)
    monkeypatch.setattr(at_once, "_MOST_STEPS", 0)
    found = frame[(frame["x"] > 0) & (frame["i"] < 50)]
    pandas.testing.assert_frame_equal(found.to_pandas(), plain[(plain["x"] > 0) & (plain["i"] < 50)])
    assert not isinstance(last_computation(), AtOnce)
