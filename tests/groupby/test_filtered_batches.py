"""Rows that pass a filter and are grouped: those alone, or all of a batch, by how many of it pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.codegen import emit_marks
from lazyframe.run import outputs, profile

ROWS = 3000

pytestmark = pytest.mark.usefixtures("_by_kernels")


def frame(rows: int) -> pandas.DataFrame:
    """Of which parts pass hardly, half or entirely."""
    random = np.random.default_rng(rows)
    x = random.normal(size=rows)
    x[::37] = np.nan
    x[5:6] = np.inf
    part = np.arange(rows) // 300 % 4
    share = np.array([0.0, 0.02, 0.5, 1.0])[part]
    passes = np.where(random.random(rows) < share, 1, 0)
    return pandas.DataFrame(
        {
            "passes": passes,
            "flag": random.random(rows) < 0.9,
            "few": random.integers(-2, 3, rows),
            "many": random.integers(0, 900, rows) * 7,
            "x": x,
            "n": random.integers(-(2**62), 2**62, rows),
            "small": random.integers(-100, 100, rows).astype(np.int16),
        }
    )


def program(df: Any, key: str) -> Any:
    kept = df[(df["passes"] == 1) & df["flag"]]
    how = {"s": ("x", "sum"), "n": ("n", "sum"), "most": ("small", "max"), "least": ("x", "min")}
    return kept.groupby(key, as_index=False).agg(**how)


@pytest.mark.parametrize("key", ["few", "many"])
@pytest.mark.parametrize("rows", [1, 63, 64, 65, 255, 257, 320, ROWS])
def test_groups_of_filtered_rows(key: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = frame(rows)
    expected = program(data, key)
    for length in (100, 300, 10**6):
        monkeypatch.setattr(outputs, "morsel_rows", lambda _, length=length: length)
        found = []
        for threads in (1, 3):
            with lazyframe.config(threads=threads):
                found.append(program(lazyframe.DataFrame(data), key).to_pandas())
        pandas.testing.assert_frame_equal(found[0], expected, rtol=1e-12)
        pandas.testing.assert_frame_equal(found[1], found[0], rtol=0, atol=0)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.24, 0.26, 1.0])
def test_shares_of_rows_that_pass(share: float) -> None:
    data = frame(ROWS)
    data["passes"] = (np.arange(ROWS) % 100 < share * 100).astype(np.int64)
    found = program(lazyframe.DataFrame(data), "many").to_pandas()
    pandas.testing.assert_frame_equal(found, program(data, "many"), rtol=1e-12)


def test_rows_are_left_out_of_batches() -> None:
    program(lazyframe.DataFrame(frame(ROWS)), "few").to_pandas()
    computation = profile.last_computation()
    assert isinstance(computation, profile.Computation)
    assert any(emit_marks.is_compacted(loop) for loop in computation.program.loops)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.24, 0.5, 1.0])
def test_rows_that_are_grouped_and_appended(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    data = frame(ROWS)
    data["passes"] = (np.arange(ROWS) % 100 < share * 100).astype(np.int64)
    expected = data[(data["passes"] == 1) & data["flag"]]
    ours = lazyframe.DataFrame(data)
    kept = ours[(ours["passes"] == 1) & ours["flag"]]
    for length in (100, 300, 10**6):
        monkeypatch.setattr(outputs, "morsel_rows", lambda _, length=length: length)
        groups, rows = lazyframe.collect(program(ours, "many"), kept["x"] * 2.0)
        pandas.testing.assert_frame_equal(groups.to_pandas(), program(data, "many"), rtol=1e-12)
        pandas.testing.assert_series_equal(rows.to_pandas(), expected["x"] * 2.0, rtol=0, atol=0)
    computation = profile.last_computation()
    assert isinstance(computation, profile.Computation)
    (loop,) = [loop for loop in computation.program.loops if emit_marks.is_compacted(loop)]
    assert {builder.appends for builder in loop.builders} == {False, True}
