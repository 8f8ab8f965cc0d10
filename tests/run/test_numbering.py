"""Numbering rows by their keys: every size of table, every division of the work, and keys that collide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import lazyframe
from lazyframe import settings
from lazyframe.codegen.kernel import KernelSource
from lazyframe.run import morsels, numbering, runs
from lazyframe.run.numbering import number_rows
from lazyframe.run.numbering_in_runs import numbered_in_runs
from tests.brief import examples

DTYPES = ["int64", "uint64", "int32", "int8", "uint16", "bool"]


@pytest.fixture(autouse=True)
def _in_kernels() -> Iterator[None]:
    with lazyframe.config(min_rows=0):
        yield


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide the work of few rows as that of many."""
    monkeypatch.setattr(numbering, "SAMPLE_ROWS", 64)
    monkeypatch.setattr(numbering, "LEAST_PART_ROWS", 32)
    monkeypatch.setattr(numbering, "PARTITION_ROWS", 16)
    monkeypatch.setattr(numbering, "_FIRST_SLOTS", 4)


def check(keys: list[np.ndarray], threads: int = 1) -> None:
    """Each row's number is how many other combinations of keys appeared before its own."""
    found = number_rows(keys, threads)
    seen: dict[tuple[int, ...], int] = {}
    firsts: list[int] = []
    want: list[int] = []
    for row, combination in enumerate(zip(*[key.tolist() for key in keys], strict=True)):
        if combination not in seen:
            seen[combination] = len(seen)
            firsts.append(row)
        want.append(seen[combination])
    assert found.numbers.tolist() == want
    assert found.firsts.tolist() == firsts
    assert found.numbers.dtype == found.firsts.dtype == np.int64


def column(r: np.random.Generator, dtype: str, rows: int, distinct: int) -> np.ndarray:
    if dtype == "bool":
        return r.random(rows) < 0.5
    limits = np.iinfo(dtype)
    some = r.integers(limits.min, limits.max, distinct, dtype=dtype, endpoint=True)
    some[: min(2, distinct)] = (limits.min, limits.max)[:distinct]
    return r.choice(some, rows)


@hypothesis_settings(max_examples=examples(60))
@given(
    seed=st.integers(0, 2**32),
    rows=st.sampled_from([0, 1, 2, 5, 63, 64, 65, 300, 1000]),
    dtypes=st.lists(st.sampled_from(DTYPES), min_size=1, max_size=7),
    distinct=st.sampled_from([1, 2, 20, 1000]),
    threads=st.sampled_from([1, 3]),
    many=st.booleans(),
)
def test_any_keys(seed: int, rows: int, dtypes: list[str], distinct: int, threads: int, many: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        small_parts.__wrapped__(patch)  # type: ignore[attr-defined]  # the fixture's function
        patch.setattr(numbering, "MANY_GROUPS", 0 if many else 1 << 40)
        r = np.random.default_rng(seed)
        check([column(r, dtype, rows, distinct) for dtype in dtypes], threads)


@pytest.fixture
def in_runs(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each division of the rows by their first key was good for something."""
    found: list[bool] = []

    def noted(*arguments: Any) -> Any:
        answer = numbered_in_runs(*arguments)
        found.append(answer is not None)
        return answer

    monkeypatch.setattr(numbering, "numbered_in_runs", noted)
    monkeypatch.setattr(morsels, "MORSEL_ROWS", 64)
    return found


def ascending(r: np.random.Generator, dtype: str, rows: int, longest: int) -> np.ndarray:
    limits = np.iinfo(dtype)
    some = np.sort(r.integers(limits.min, limits.max, rows, np.dtype(dtype), endpoint=True))
    return np.repeat(some, r.integers(1, longest + 1, rows))[:rows]


@pytest.mark.parametrize("dtype", ["int64", "uint64", "int32"])
@pytest.mark.parametrize("others", [[], ["int8"], ["uint64"], ["int8", "bool"], ["int64", "int64"]], ids=str)
@pytest.mark.parametrize("rows", [2, 63, 64, 65, 1000])
def test_keys_of_which_the_first_ascends(
    dtype: str, others: list[str], rows: int, in_runs: list[bool]
) -> None:
    r = np.random.default_rng(rows)
    check([ascending(r, dtype, rows, 9), *[column(r, other, rows, 3) for other in others]], threads=2)
    assert in_runs == ([True] if others != ["int64", "int64"] else [])


def test_a_first_key_that_ascends_at_first_only(in_runs: list[bool]) -> None:
    r = np.random.default_rng(4)
    for row in (4097, 4200, 4223, 4999):
        key = np.arange(5000) // 3
        key[row] = 7
        check([key, column(r, "int8", 5000, 3)], threads=2)
    assert in_runs == [False] * 4


@pytest.mark.parametrize("longest", [64, 65, 66, 500])
def test_a_first_key_with_many_rows(longest: int, in_runs: list[bool]) -> None:
    r = np.random.default_rng(5)
    for before in (0, 1, 50, 200):
        key = np.repeat([1, 2, 3], [before, longest, 300])
        key[-300:] += np.arange(300) // 2
        check([key, column(r, "int8", len(key), 100)], threads=2)
    assert not any(in_runs) if longest > 65 else any(in_runs)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("many", [False, True])
def test_growth_at_every_size(monkeypatch: pytest.MonkeyPatch, many: bool) -> None:
    monkeypatch.setattr(numbering, "MANY_GROUPS", 0 if many else 1 << 40)
    for rows in range(140):
        check([np.arange(rows)[::-1] * 10**12], threads=2)
        check([np.arange(rows) // 2 * 10**12 - 5], threads=2)


def hashes(keys: np.ndarray) -> np.ndarray:
    """What the kernels compute."""
    with np.errstate(over="ignore"):
        mixed = keys.view(np.uint64) ^ np.uint64(numbering.SEED)
        mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
        mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
        return mixed ^ (mixed >> np.uint64(33))


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("which", ["lowest", "highest"])
def test_keys_of_equal_hashes(monkeypatch: pytest.MonkeyPatch, many: bool, which: str) -> None:
    monkeypatch.setattr(numbering, "MANY_GROUPS", 0 if many else 1 << 40)
    r = np.random.default_rng(1)
    keys = r.integers(-(2**63), 2**63, 400_000)
    mixed = hashes(keys)
    equal = mixed & np.uint64(2047) if which == "lowest" else mixed >> np.uint64(53)
    collide = keys[equal == equal[0]]
    assert len(collide) > 100
    check([r.choice(collide, 1000)], threads=2)


def test_a_partition_with_most_rows_of_one_key() -> None:
    r = np.random.default_rng(2)
    keys = r.integers(-(2**60), 2**60, 150_000)
    keys[60_000:120_000] = 7
    check([keys], threads=2)
    check([keys, keys // 3], threads=2)


def test_pandas_numbers_rows_where_there_are_no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "_kernels", lambda *_: None)
    r = np.random.default_rng(3)
    for rows in (0, 1, 500):
        check([column(r, "int64", rows, 30)])
        check([column(r, "int8", rows, 30), column(r, "uint64", rows, 30), column(r, "bool", rows, 30)])


@pytest.mark.parametrize("breaks_at", [None, 3, 900])
@pytest.mark.parametrize("others", [1, 2])
def test_a_wide_column_that_follows_from_the_others(
    breaks_at: int | None, others: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "_FEW_ROWS", 100)
    r = np.random.default_rng(5)
    keys = [r.integers(0, 40, 1000), r.integers(0, 3, 1000).astype(np.int8)][:others]
    wide = r.integers(-(1 << 63), 1 << 63, 40)[keys[0]]
    if breaks_at is not None:
        wide[breaks_at] += 1
        keys[0][breaks_at] = keys[0][breaks_at - 1]
    check([wide, *keys])
    check([*keys, wide, r.integers(-(1 << 63), 1 << 63, 1000)])


def test_kernels_are_made_for_few_rows_that_pandas_numbers_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepared: list[KernelSource] = []
    monkeypatch.setattr(numbering.compiler, "at_hand", lambda _: None)
    monkeypatch.setattr(numbering.compiler, "prepare", prepared.append)
    monkeypatch.setattr(numbering, "_noticed", numbering._Noticed())
    many = np.random.default_rng(6).permutation(100_000) % 3000
    with settings.config(min_rows=200_000):
        for _ in range(5):
            check([many[:50]])
        for _ in range(2):
            check([many])
        assert not prepared
        check([many])
    assert prepared == numbering._sources()


def test_where_parts_meet_an_array_is_seen_not_to_ascend() -> None:
    rows = runs._FIRST + runs._CHUNK_ROWS + 5
    array = np.arange(rows) // 2
    assert runs.ascends_throughout(array)
    assert not runs.ascends_strictly(array)
    for row in (1, runs._FIRST - 1, runs._FIRST, runs._FIRST + runs._CHUNK_ROWS, rows - 1):
        changed = array.copy()
        changed[row] = -1
        assert not runs.ascends_throughout(changed)
    assert runs.ascends_throughout(array[:0])
