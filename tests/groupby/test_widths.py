"""Groups whose keys are far apart are numbered by hashing from the start where that can be known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.run import execute


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """One entry for each plan that is run, complete or not."""
    found: list[int] = []
    run_plan = execute.run_plan

    def counting(*arguments: Any) -> None:
        found.append(len(found))
        run_plan(*arguments)

    monkeypatch.setattr(execute, "run_plan", counting)
    with lazyframe.config(min_rows=0):
        yield found


def frame(seed: int, distance: int) -> pandas.DataFrame:
    r = np.random.default_rng(seed)
    return pandas.DataFrame({"k": r.integers(0, 50, 500) * distance, "x": r.random(500)})


def check(data: pandas.DataFrame, program: Any) -> None:
    expected = program(data)
    found = program(lazyframe.DataFrame(data))
    pandas.testing.assert_frame_equal(found.to_pandas(), expected)


def by_input(df: Any) -> Any:
    return df[df["x"] > 0.1].groupby("k", as_index=False)["x"].max()


def by_work(df: Any) -> Any:
    return df.assign(k=df["k"] * 3 + 1).groupby("k", as_index=False)["x"].max()


def test_what_inputs_tell_is_foreseen(runs: list[int]) -> None:
    check(frame(0, 10**12), by_input)
    assert len(runs) == 1


def test_what_only_a_run_tells_is_remembered(runs: list[int]) -> None:
    check(frame(1, 10**12), by_work)
    assert len(runs) == 2
    runs.clear()
    check(frame(2, 10**12), by_work)
    assert len(runs) == 1
    check(frame(3, 1), by_work)  # these would fit: any way of grouping gives the same


def by_halves(df: Any) -> Any:
    return df.assign(k=df["k"] * 0.5).groupby("k", as_index=False)["x"].max()


def test_floats_are_foreseen_to_be_far_apart(runs: list[int]) -> None:
    check(frame(3, 1), by_halves)
    assert len(runs) == 1


def test_a_table_may_have_twice_as_many_slots_as_there_are_rows(runs: list[int]) -> None:
    data = pandas.DataFrame({"k": np.arange(70_000)[::-1] * 2, "x": np.arange(70_000) * 0.5})
    check(data, by_input)
    assert len(runs) == 1
