"""What distances between values are multiples of, against the greatest common divisor of all of them."""

from __future__ import annotations

from math import gcd

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.codegen.emit_steps import inverse_and_shift
from lazyframe.run import steps
from lazyframe.run.steps import progression_of_input, step_of
from passes.facts.progressions import NAT, Missing, Progression
from passes.ir.node import Token

WORD = 1 << 64


def divisor(values: list[int]) -> int:
    found = 0
    for value in values:
        found = gcd(found, value - values[0])
    return found


@given(st.integers(1, WORD - 1), st.integers(0, WORD - 1))
def test_rotated_products_are_quotients_of_multiples_and_of_nothing_else(step: int, distance: int) -> None:
    inverse, shift = inverse_and_shift(step)
    product = distance * inverse % WORD
    turned = (product >> shift | product << (64 - shift)) % WORD
    if distance % step == 0:
        assert turned == distance // step
    else:
        assert turned > (WORD - 1) // step


@pytest.mark.parametrize("least", [0, 10**9])
@pytest.mark.parametrize("dtype", ["int8", "uint16", "int32", "int64", "uint64"])
@pytest.mark.parametrize("step", [1, 2, 3, 12, 100, 3_600_000_000_000, 1 << 40])
@pytest.mark.parametrize("threads", [1, 3])
def test_steps_of_random_columns(
    dtype: str, step: int, least: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_TASK_ROWS", 100)
    limits = np.iinfo(dtype)
    most = (limits.max - limits.min) // step
    random = np.random.default_rng(step % 1000)
    for count in {most + 1, min(most + 1, 60)}:
        quotients = random.integers(0, count, 1111, dtype=np.uint64)
        array = np.array([limits.min + int(k) * step for k in quotients], dtype)
        with lazyframe.config(min_rows=least, threads=threads):
            assert step_of(array, int(array.min()), int(array.max())) == divisor(array.tolist())
            assert step_of(array[::3], int(array[::3].min()), int(array[::3].max())) == divisor(
                array[::3].tolist()
            )


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("task", [1, 64])
def test_a_step_that_changes_on_the_way(threads: int, task: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows that are looked at first share more than all do."""
    monkeypatch.setattr(steps, "_TASK_ROWS", task)
    monkeypatch.setattr(steps, "_SAMPLED", 8)
    array = np.arange(640) * 360
    for row, distance, found in ((101, 180, 180), (333, 120, 60), (639, 7, 1)):
        array[row] = distance
        with lazyframe.config(min_rows=0, threads=threads):
            assert step_of(array, 0, int(array.max())) == found


def test_columns_of_one_value_and_of_none() -> None:
    for array, found in (
        (np.full(1000, 7), Progression(7, 7, 0)),
        (np.full(1, NAT), Progression(NAT, NAT, 0)),
        (np.array([2, 9]), Progression(2, 9, 7)),
        (np.array([0, 2**64 - 1], np.uint64), Progression(0, 2**64 - 1, 2**64 - 1)),
        (np.array([-(2**63), 2**63 - 1]), Progression(-(2**63), 2**63 - 1, 2**64 - 1)),
        (np.array([-128, 127, -1], np.int8), Progression(-128, 127, 1)),
    ):
        assert progression_of_input(Token("k"), array) == found
    assert progression_of_input(Token("k"), np.empty(0, np.int64)).numbers == 0


@pytest.mark.parametrize("least", [0, 10**9])
@pytest.mark.parametrize("kind", ["M8[ns]", "m8[us]"])
def test_missing_times_are_passed_over(kind: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_TASK_ROWS", 100)
    random = np.random.default_rng(0)
    array = (random.integers(-50, 50, 1000) * 3_600_000_000).astype("i8")
    array[random.random(1000) < 0.2] = NAT
    array[0] = 50 * 3_600_000_000
    token = Token("t")
    with lazyframe.config(min_rows=least):
        found = progression_of_input(token, array.view(kind))
    assert found == Progression(-50 * 3_600_000_000, 50 * 3_600_000_000, 3_600_000_000, Missing.AS_NAT)
    assert progression_of_input(token, array[:0].view(kind)) is found
    all_missing = progression_of_input(Token("t"), np.full(500, NAT).view(kind))
    assert all_missing.numbers == 0
