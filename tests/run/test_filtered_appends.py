"""Rows that a filter leaves of a batch: found first, or written one over the other, by how many pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.codegen import emit_marks
from lazyframe.run import outputs, profile
from tests.groupby.test_filtered_batches import ROWS, frame

pytestmark = pytest.mark.usefixtures("_by_kernels")


def many(df: Any) -> Any:
    return df[(df["passes"] == 1) & df["flag"]]


def one(df: Any) -> Any:
    return df["x"][df["passes"] == 1]


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 255, 257, 320, ROWS])
def test_rows_that_pass(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = frame(rows)
    for length in (100, 300, 10**6):
        monkeypatch.setattr(outputs, "morsel_rows", lambda _, length=length: length)
        for threads in (1, 3):
            with lazyframe.config(threads=threads):
                found = many(lazyframe.DataFrame(data)).to_pandas()
                column = one(lazyframe.DataFrame(data)).to_pandas()
            pandas.testing.assert_frame_equal(found, many(data), rtol=0, atol=0)
            pandas.testing.assert_series_equal(column, one(data), rtol=0, atol=0)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.77, 0.79, 1.0])
def test_shares_of_rows_that_pass(share: float) -> None:
    data = frame(ROWS)
    data["passes"] = (np.arange(ROWS) % 100 < share * 100).astype(np.int64)
    ours = lazyframe.DataFrame(data)
    pandas.testing.assert_frame_equal(many(ours).to_pandas(), many(data))
    pandas.testing.assert_series_equal(one(ours).to_pandas(), one(data))


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_rows_that_pass_beside_a_column_of_all(share: float) -> None:
    data = frame(ROWS)
    data["passes"] = (np.arange(ROWS) % 100 < share * 100).astype(np.int64)
    ours = lazyframe.DataFrame(data)
    names = ["passes", "x", "n", "small"]
    found, column = lazyframe.collect(many(ours)[names], ours["x"] * 2.0)
    pandas.testing.assert_frame_equal(found.to_pandas(), many(data)[names], rtol=0, atol=0)
    pandas.testing.assert_series_equal(column.to_pandas(), data["x"] * 2.0, rtol=0, atol=0)
    computation = profile.last_computation()
    assert isinstance(computation, profile.Computation)
    assert any(emit_marks.is_dear(loop) for loop in computation.program.loops)


def test_rows_are_left_out_of_batches() -> None:
    many(lazyframe.DataFrame(frame(ROWS))).to_pandas()
    computation = profile.last_computation()
    assert isinstance(computation, profile.Computation)
    assert any(emit_marks.is_compacted(loop) for loop in computation.program.loops)


def dear(df: Any) -> Any:
    kept = df[(df["passes"] == 1) & df["flag"]]
    return np.log(kept["x"].abs() + 1.0) * np.exp(-kept["x"] * kept["x"])


def dear_and_merged(df: Any) -> Any:
    value = dear(df)
    return (value - value.mean()) / value.max()


def dear_merged(df: Any) -> Any:
    value = dear(df)
    return np.sqrt(value.abs() + 1.0).sum() + np.arctan(value).max()


@pytest.mark.parametrize("rows", [1, 63, 64, 257, ROWS])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_rows_are_found_before_dear_work(rows: int, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    data = frame(rows)
    data["passes"] = (np.arange(rows) % 100 < share * 100).astype(np.int64)
    expected = [program(data) for program in (dear, dear_and_merged, dear_merged)]
    first: list[Any] = []
    for length in (100, 300, 10**6):
        monkeypatch.setattr(outputs, "morsel_rows", lambda _, length=length: length)
        for threads in (1, 3):
            with lazyframe.config(threads=threads):
                ours = lazyframe.DataFrame(data)
                found = [dear(ours).to_pandas(), dear_and_merged(ours).to_pandas(), dear_merged(ours)]
            pandas.testing.assert_series_equal(found[0], expected[0], rtol=1e-14)
            pandas.testing.assert_series_equal(found[1], expected[1], rtol=1e-12, atol=1e-14)
            assert found[2] == pytest.approx(expected[2], rel=1e-12, nan_ok=True)
            first = first or found
            pandas.testing.assert_series_equal(found[0], first[0], rtol=0, atol=0)


@pytest.mark.parametrize("program", [dear, dear_and_merged, dear_merged])
def test_dear_work_is_of_rows_that_are_left(program: Any) -> None:
    result = program(lazyframe.DataFrame(frame(ROWS)))
    if hasattr(result, "to_pandas"):
        result.to_pandas()
    computation = profile.last_computation()
    assert isinstance(computation, profile.Computation)
    assert any(emit_marks.is_dear(loop) for loop in computation.program.loops)
