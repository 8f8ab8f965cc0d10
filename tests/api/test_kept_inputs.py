"""A long frame that programs come back to keeps its inputs, and what was found out of them."""

from __future__ import annotations

import gc
from weakref import ref

import numpy as np
import pandas
import pytest

import lazyframe as pd
from lazyframe.record import capture, time_limits


@pytest.fixture(autouse=True)
def _short_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "LONG", 1)


def _frame() -> pandas.DataFrame:
    return pandas.DataFrame({"k": [2, 1, 2, 3], "v": [1.0, 2.0, 3.0, np.nan], "t": ["a", "b", "a", "c"]})


def _ask(frame: pd.DataFrame) -> pandas.Series:
    return frame.groupby("k")["v"].sum().to_pandas()


def _is_kept(frame: pd.DataFrame) -> bool:
    known = frame.__dict__.get("_capture")
    return known is not None and known() is not None


def test_from_the_third_use_on() -> None:
    with pd.config(min_rows=0):
        frame = pd.DataFrame(_frame())
        kept = []
        for _ in range(4):
            _ask(frame)
            kept.append(_is_kept(frame))
        assert kept == [False, False, True, True]


def test_a_short_frame_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "LONG", 5)
    with pd.config(min_rows=0):
        frame = pd.DataFrame(_frame())
        for _ in range(4):
            _ask(frame)
        assert not _is_kept(frame)


def test_what_is_written_afterwards_counts() -> None:
    with pd.config(min_rows=0):
        frame, plain = pd.DataFrame(_frame()), _frame()
        for step in range(8):
            before = frame["v"] * 2
            wanted = plain["v"] * 2
            for each in (frame, plain):
                each.iat[step % 4, 0] = 5  # in place where nobody shares the memory
                each.iloc[step % 3, 1] = step
                if step == 6:
                    each["w"] = each["k"] + 1
                    each.pop("t")
            pandas.testing.assert_series_equal(before.to_pandas(), wanted)
            pandas.testing.assert_series_equal(_ask(frame), plain.groupby("k")["v"].sum())
            pandas.testing.assert_frame_equal(frame.to_pandas(), plain)


def test_it_goes_with_the_frame() -> None:
    with pd.config(min_rows=0):
        column = np.arange(5.0)
        frame = pd.DataFrame({"k": np.array([1, 1, 2, 2, 2]), "v": column}, copy=False)
        for _ in range(4):
            _ask(frame)
        assert _is_kept(frame)
        held = ref(frame.__dict__["_capture"]())
        gc.collect()
        gc.disable()
        try:
            del frame
            assert held() is None
        finally:
            gc.enable()


def test_labels_are_kept_along_and_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []
    before = time_limits._measured
    monkeypatch.setattr(time_limits, "_measured", lambda column: measured.append(1) or before(column))
    times = pandas.date_range("2020-01-30", periods=5, freq="7h", name="t", unit="us")
    plain = pandas.DataFrame({"v": np.arange(5.0)}, index=times)
    with pd.config(min_rows=0):
        frame = pd.DataFrame(plain.copy())
        found = [frame.resample("D")["v"].sum().to_pandas() for _ in range(6)]
        once = len(measured)
        found += [frame.resample("D")["v"].sum().to_pandas() for _ in range(6)]
        assert len(measured) == once
        for one in found:
            pandas.testing.assert_series_equal(one, plain.resample("D")["v"].sum())


@pytest.mark.parametrize("of_index", [False, True])
def test_labels_that_are_named_or_replaced_afterwards(of_index: bool) -> None:
    times = pandas.date_range("2020-01-30", periods=4, freq="7h", name="t", unit="us")
    plain = pandas.DataFrame({"v": np.arange(4.0)}, index=times)
    with pd.config(min_rows=0):
        frame = pd.DataFrame(plain.copy())
        for step in range(5):
            _same_bins(frame, plain)
            for each in (frame, plain):
                if of_index:
                    each.index = times[::-1] + pandas.Timedelta(step, "h")
                else:
                    each.index.name = f"t{step}"
            _same_bins(frame, plain)


def _same_bins(frame: pd.DataFrame, plain: pandas.DataFrame) -> None:
    found = frame.resample("D")["v"].sum().to_pandas()
    pandas.testing.assert_series_equal(found, plain.resample("D")["v"].sum())
    pandas.testing.assert_frame_equal(frame[frame["v"] > 1].to_pandas(), plain[plain["v"] > 1])
