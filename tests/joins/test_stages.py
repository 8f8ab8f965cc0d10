"""Rows that pass one guard after another are those that pass them all, wherever batches and morsels end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.codegen import guards_in_turn
from lazyframe.run import outputs, profile

ROWS = 1500
PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "filtered": lambda df: df[["fact", "value", "far", "x"]],
    "grouped": lambda df: df.groupby("c", as_index=False).agg(s=("x", "sum"), n=("value", "max")),
    "grouped by many": lambda df: df.groupby("many", as_index=False)["x"].sum(),
    "reduced": lambda df: df[["x", "value"]].sum(),
}


def spread(numbers: Any, distance: int) -> Any:
    """The numbers, or far apart, and no multiples of one distance: found by hashing."""
    return numbers * distance + (numbers % 3 if distance > 1 else 0)


def tables(distance: int, keep: float) -> list[pandas.DataFrame]:
    """Facts, something for most of them, and something for some of that."""
    r = np.random.default_rng(8)
    x = r.normal(size=ROWS)
    x[::50] = np.nan
    fact = pandas.DataFrame(
        {
            "fact": np.arange(ROWS),
            "a": spread(r.integers(0, 400, ROWS), distance),
            "many": r.integers(0, 3000, ROWS),
            "x": x,
        }
    )
    near = pandas.DataFrame({"a": spread(r.permutation(400)[:350], distance), "value": np.arange(350)})
    near["b"] = r.integers(0, 60, 350)
    near["b2"] = spread(near["b"], distance) - 7
    far = pandas.DataFrame({"b": np.arange(60), "far": r.random(60), "c": r.integers(0, 4, 60)})
    far["b2"] = spread(far["b"], distance) - 7
    return [fact, near, far[far["far"] < keep]]


@pytest.mark.parametrize("rows", [1, 256, 300, 10**6])
@pytest.mark.parametrize("distance", [1, 10**13])
@pytest.mark.parametrize("name", PROGRAMS)
def test_chains_of_lookups(name: str, distance: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "morsel_rows", lambda _: rows)
    for keep in (0.0, 0.1, 1.0):
        data = tables(distance, keep)

        def program(fact: Any, near: Any, far: Any) -> Any:
            return PROGRAMS[name](fact.merge(near, on="a").merge(far, on=["b", "b2"]))

        expected = program(*data)
        results = []
        for threads in (1, 3, 7) if rows == 300 else (2,):
            with lazyframe.config(threads=threads):
                results.append(program(*[lazyframe.DataFrame(frame) for frame in data]).to_pandas())
        check = pandas.testing.assert_series_equal if name == "reduced" else pandas.testing.assert_frame_equal
        check(results[0], expected, rtol=1e-12)
        for found in results[1:]:
            check(found, results[0], rtol=0, atol=0)


def test_chains_of_lookups_are_staged() -> None:
    fact, near, far = [lazyframe.DataFrame(frame) for frame in tables(10**13, 0.5)]
    fact.merge(near, on="a").merge(far, on=["b", "b2"])["x"].sum()
    computation = profile.last_computation()
    assert computation is not None
    assert any(guards_in_turn.is_staged(loop) for loop in computation.program.loops)


def test_a_table_of_as_many_rows() -> None:
    """Its rows are those of the loop, which does not load the table as it goes."""
    r = np.random.default_rng(5)
    fact = pandas.DataFrame({"a": r.permutation(ROWS), "x": r.random(ROWS)})
    near = pandas.DataFrame({"a": r.permutation(ROWS) * 2, "y": r.random(ROWS)})

    def program(fact: Any, near: Any) -> Any:
        return fact.merge(near, on="a")

    with lazyframe.config(min_rows=0):
        found = program(lazyframe.DataFrame(fact), lazyframe.DataFrame(near)).to_pandas()
    pandas.testing.assert_frame_equal(found, program(fact, near))


@pytest.mark.parametrize("distance", [1, 10**13])
def test_results_behind_some_common_guards(distance: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fact, near, _ = tables(distance, 1.0)

    def program(fact: Any, near: Any) -> Any:
        joined = fact[fact["passes"]].merge(near, on="a")
        value = joined["x"] * (1.0 - joined["fact"])
        return value.to_numpy(), value[joined["b"] < 20].to_numpy()

    for share in (0.0, 0.05, 1.0):
        fact["passes"] = np.random.default_rng(3).random(ROWS) < share
        for rows in (1, 300, 10**6):
            monkeypatch.setattr(outputs, "morsel_rows", lambda _, rows=rows: rows)
            found = lazyframe.collect(*program(lazyframe.DataFrame(fact), lazyframe.DataFrame(near)))
            for ours, wanted in zip(found, program(fact, near), strict=True):
                np.testing.assert_array_equal(np.asarray(ours), wanted)
    computation = profile.last_computation()
    assert computation is not None
    assert any(guards_in_turn.common_guards(loop) for loop in computation.program.loops)
