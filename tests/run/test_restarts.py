"""A run that stops, as keys turn out too far apart, is taken over by the next one."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.run import execute, plan
from lazyframe.run import joins as pairing
from lazyframe.run.environment import GroupTooWideError

ROWS = 2_000
FAR = 10**12


def frames() -> tuple[dict[str, Any], dict[str, Any]]:
    random = np.random.default_rng(3)
    left = {
        "k": random.integers(0, 30, ROWS),
        "wide": random.integers(0, 300, ROWS) * FAR,
        "near": random.integers(0, 9, ROWS),
        "x": random.normal(size=ROWS),
    }
    right = {"k": np.repeat(np.arange(25), 2), "y": np.arange(50) % 7, "far": np.arange(50) % 11 * FAR}
    return left, right


def of_joined_rows(pd: Any) -> Any:
    left, right = [pd.DataFrame(data) for data in frames()]
    joined = left.merge(right, on="k")
    joined = joined[joined.x > -1.0]
    joined["key"] = joined.wide + joined.far
    return joined.groupby(["near", "key"]).agg(total=("x", "sum"), n=("y", "size")).reset_index()


def of_groups_of_groups(pd: Any) -> Any:
    left = pd.DataFrame(frames()[0])
    left = left.assign(key=left.wide * 2 + left.near)
    first = left.groupby(["near", "key"], as_index=False).agg(total=("x", "sum"), rows=("k", "max"))
    second = first.assign(key=first.key - first.rows).groupby("key", as_index=False).agg(n=("total", "size"))
    return second.sort_values(["n", "key"], ascending=[False, True])


def of_the_same_groups(pd: Any) -> Any:
    left = pd.DataFrame(frames()[0])
    means = left.groupby("near", as_index=False).agg(mean=("x", "mean"))
    with_means = left.merge(means, on="near")
    with_means["key"] = with_means.wide * 2 + with_means.near
    return with_means[with_means.x > with_means["mean"]].groupby("key", as_index=False).agg(n=("x", "sum"))


PROGRAMS = (of_joined_rows, of_groups_of_groups, of_the_same_groups)


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> list[GroupTooWideError]:
    """Every stop of a run, of programs that nobody has planned before."""
    monkeypatch.setattr(plan, "_plans", OrderedDict())
    found: list[GroupTooWideError] = []
    run = execute.run_plan

    def watched(*arguments: Any) -> None:
        try:
            run(*arguments)
        except GroupTooWideError as error:
            found.append(error)
            raise

    monkeypatch.setattr(execute, "run_plan", watched)
    return found


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("min_rows", [0, 1])
@pytest.mark.usefixtures("interpreted")
def test_answers(program: Any, min_rows: int, stops: list[Any]) -> None:
    expected = program(pandas)
    with lazyframe.config(min_rows=min_rows):
        found = program(lazyframe)
        pandas.testing.assert_frame_equal(found.to_pandas(), expected, check_exact=False, rtol=1e-12)
        assert stops
        again = program(lazyframe).to_pandas()
    pandas.testing.assert_frame_equal(again, expected, check_exact=False, rtol=1e-12)


@pytest.mark.usefixtures("interpreted")
def test_joins_are_not_run_again(stops: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    joins: list[int] = []
    join_positions = pairing.join_positions

    def counted(*arguments: Any) -> Any:
        joins.append(1)
        return join_positions(*arguments)

    monkeypatch.setattr(pairing, "join_positions", counted)
    with lazyframe.config(min_rows=1):
        of_joined_rows(lazyframe).to_pandas()
    assert len(stops) == 1
    assert len(joins) == 1
