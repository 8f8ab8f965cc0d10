"""Which rows are the first with their keys: by neighbours where keys are sorted, by hashing elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.run import first_rows as module
from lazyframe.run.first_rows import first_rows
from passes.facts.first_rows import first_row_masks
from passes.ir.parser import parse_graph
from passes.ir.walk import topological
from passes.pipeline import optimise
from tests.brief import examples


@pytest.fixture
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide the work on few rows as that on many."""
    monkeypatch.setattr(module, "LONGEST_RUN", 4)
    monkeypatch.setattr(module, "RUN_MORSEL_ROWS", 16)
    monkeypatch.setattr(module, "_SAMPLE_ROWS", 8)
    monkeypatch.setattr(module.tiers, "scan_for", lambda *_: None)


def check(keys: list[np.ndarray], threads: int = 1) -> None:
    seen: set[tuple[int, ...]] = set()
    want = []
    for combination in zip(*[key.tolist() for key in keys], strict=True):
        want.append(combination not in seen)
        seen.add(combination)
    found = first_rows(keys, threads)
    assert found.dtype == np.bool_
    assert found.tolist() == want


@hypothesis_settings(max_examples=examples(80))
@given(
    seed=st.integers(0, 2**32),
    rows=st.sampled_from([0, 1, 2, 5, 15, 16, 17, 33, 200]),
    dtypes=st.lists(st.sampled_from(["int64", "uint64", "int16", "bool"]), min_size=1, max_size=3),
    distinct=st.sampled_from([1, 3, 50, 1000]),
    sorted_by=st.sampled_from([None, 0, 1]),
    threads=st.sampled_from([1, 3]),
)
def test_any_keys(
    seed: int, rows: int, dtypes: list[str], distinct: int, sorted_by: int | None, threads: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, lazyframe.config(min_rows=0):
        small_runs.__wrapped__(patch)  # type: ignore[attr-defined]  # the fixture's function
        r = np.random.default_rng(seed)
        keys = [r.integers(0, distinct, rows).astype(dtype) for dtype in dtypes]
        if sorted_by is not None and sorted_by < len(keys):
            keys[sorted_by] = np.sort(keys[sorted_by])
        check(keys, threads)


@pytest.mark.usefixtures("small_runs")
@pytest.mark.parametrize("length", [1, 3, 4, 5, 6, 7, 40])
@pytest.mark.parametrize("before", range(14, 19))
def test_runs_of_any_length_at_the_ends_of_morsels(before: int, length: int) -> None:
    key = np.concatenate([np.arange(before), np.full(length, before), np.arange(20) + before + 1])
    check([key, np.arange(len(key)) % 2])
    check([key])


@pytest.mark.usefixtures("small_runs")
@pytest.mark.parametrize("at", range(14, 19))
def test_keys_that_descend_once(at: int) -> None:
    check([np.concatenate([np.arange(at), np.arange(40)]), np.zeros(at + 40, np.int64)])


def runs_of(r: np.random.Generator, rows: int, longest: int) -> np.ndarray:
    """Ascending keys, of which each has up to so many rows."""
    return np.repeat(np.arange(rows), r.integers(1, longest + 1, rows))[:rows]


@pytest.fixture
def by_kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Divide the work on few rows among kernels, without which nothing is found."""
    monkeypatch.setattr(module.morsels, "LEAST_MORSEL_ROWS", 1 << 10)
    monkeypatch.setattr(module, "_mark_morsel", lambda *_: pytest.fail("NumPy was asked"))
    with lazyframe.config(min_rows=0):
        yield


@pytest.mark.usefixtures("by_kernel")
@pytest.mark.parametrize("others", [["int64"], ["bool", "int64"], []])
@pytest.mark.parametrize("rows", [1, 2, 511, 512, 513, 5000])
def test_kernels_mark_the_rows(rows: int, others: list[str]) -> None:
    r = np.random.default_rng(rows)
    for longest in (1, 7, module.LONGEST_RUN):
        more = [r.integers(0, 4, rows).astype(dtype) for dtype in others]
        check([*more, runs_of(r, rows, longest)], threads=2)


@pytest.mark.usefixtures("by_kernel")
def test_rows_that_kernels_do_not_mark_are_numbered() -> None:
    r = np.random.default_rng(0)
    other = r.integers(0, 3, 5000)
    long = runs_of(r, 5000, 7)
    long[3000:3100] = long[3000]
    check([np.maximum.accumulate(long), other])
    for at in (4500, 4608, 4999):
        falls = runs_of(r, 5000, 7)
        falls[at] = 0
        check([falls, other])


def test_columns_of_a_matrix_are_compared_where_they_are() -> None:
    r = np.random.default_rng(0)
    apart = np.stack([runs_of(r, 5000, 7), r.integers(0, 3, 5000)], axis=1)
    with lazyframe.config(min_rows=0):
        check([apart[:, 0], apart[:, 1]])


GRAPH = """
t  = source(k: int64, x: int64)
g0 = group(t, t.k, t.x, sort=False)
return gather(g0.minimum(row_number(t)), group_number(g0)) != row_number(t)
"""


def test_what_else_is_asked_of_the_groups_needs_their_numbers() -> None:
    (mask,) = parse_graph(GRAPH).results
    order = topological([mask])
    assert list(first_row_masks(order, [mask])) == [mask]
    first = mask.arguments[0]  # type: ignore[attr-defined]  # a map
    assert first_row_masks(order, [mask, first]) == {}
    lines = GRAPH.strip().splitlines()
    for more in ("g0.key(0)", "g0.sum(t.x)", "group_number(g0)", "g0.minimum(row_number(t))"):
        results = parse_graph("\n".join([*lines[:-1], f"{lines[-1]}, {more}"])).results
        assert first_row_masks(topological(results), results) == {}
    other = GRAPH.replace("!= row_number(t)", "!= t.x")
    results = parse_graph(other).results
    assert first_row_masks(topological(results), results) == {}


def test_rows_are_not_numbered_for_it() -> None:
    results = parse_graph(GRAPH).results
    assert "IsFirst" in str(
        [type(step).__name__ for step in _targets(optimise(results, hashed=frozenset({0})))]
    )
    assert "IsFirst" not in str([type(step).__name__ for step in _targets(optimise(results))])


def _targets(program: Any) -> list[Any]:
    return [step.target for step in program.steps if hasattr(step, "target")]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The numbers of rows that were asked about."""
    found: list[int] = []

    def counting(keys: list[np.ndarray], threads: int) -> np.ndarray:
        found.append(len(keys[0]))
        return first_rows(keys, threads)

    monkeypatch.setattr(module, "first_rows", counting)
    with lazyframe.config(min_rows=0):
        yield found


def frame(seed: int, ascending: bool) -> pandas.DataFrame:
    r = np.random.default_rng(seed)
    k = r.integers(0, 100, 400)
    k = k * 10**9 + k % 3  # far apart, and no multiples of one distance
    x = r.choice([0.5, -0.0, 0.0, np.nan, np.inf, 3.0], 400)
    return pandas.DataFrame({"k": np.sort(k) if ascending else k, "n": r.integers(0, 5, 400), "x": x})


@pytest.mark.parametrize("ascending", [True, False])
def test_distinct_values_of_groups(counted: list[int], ascending: bool) -> None:
    data = frame(0, ascending)
    df = lazyframe.DataFrame(data)
    found = df.groupby("k").agg(n=("n", "nunique"), x=("x", "nunique"))
    pandas.testing.assert_frame_equal(
        found.to_pandas(), data.groupby("k").agg(n=("n", "nunique"), x=("x", "nunique"))
    )
    some = df[df["x"] > 0].groupby("k")["n"].nunique()
    pandas.testing.assert_series_equal(some.to_pandas(), data[data["x"] > 0].groupby("k")["n"].nunique())
    assert counted[:2] == [400, 400]
    assert len(counted) == 3


@pytest.mark.parametrize("ascending", [True, False])
def test_duplicates(counted: list[int], ascending: bool) -> None:
    data = frame(1, ascending)
    df = lazyframe.DataFrame(data)
    found = df.duplicated(["k", "n"])
    pandas.testing.assert_series_equal(found.to_pandas(), data.duplicated(["k", "n"]))
    assert counted == [400]
