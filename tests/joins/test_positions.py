"""Pairing rows by keys gives the pairs that pandas gives, in its order."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.run import joins, morsels, pairing
from lazyframe.run.joins import join_positions
from lazyframe.run.reference import join_positions as plain_positions
from lazyframe.settings import config
from passes.ir.rows import JOIN_KINDS
from tests.passes.data import edge_values

DTYPES = [np.dtype(name) for name in ("bool", "int8", "uint8", "int32", "int64", "uint64")]


@st.composite
def keys(draw: st.DrawFn) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """One to three pairs of columns of few distinct values, the limits of their dtypes among them."""
    sides: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    lengths = [draw(st.integers(0, 12)), draw(st.integers(0, 12))]
    for dtype in draw(st.lists(st.sampled_from(DTYPES), min_size=1, max_size=3)):
        pool = draw(st.lists(st.sampled_from(edge_values(dtype).tolist()), min_size=1, max_size=4))
        for side, length in zip(sides, lengths, strict=True):
            side.append(
                np.array(draw(st.lists(st.sampled_from(pool), min_size=length, max_size=length)), dtype)
            )
    return sides


def merged(left: list[np.ndarray], right: list[np.ndarray], how: str) -> tuple[np.ndarray, np.ndarray]:
    """The positions that pandas merges, carried along as columns."""
    names = [f"key{k}" for k in range(len(left))]
    one = pandas.DataFrame(dict(zip(names, left, strict=True))).assign(left=np.arange(len(left[0])))
    other = pandas.DataFrame(dict(zip(names, right, strict=True))).assign(right=np.arange(len(right[0])))
    both = one.merge(other, on=names, how=how)
    return tuple(both[side].fillna(-1).to_numpy(np.int64) for side in ("left", "right"))


@pytest.mark.parametrize("how", JOIN_KINDS)
@given(sides=keys())
def test_pairs_are_those_of_pandas(how: str, sides: tuple[list[np.ndarray], list[np.ndarray]]) -> None:
    expected = merged(*sides, how)
    # pandas 3.0 takes as many pairs as there are rows on the left for one pair a row
    assume(SINCE_3_1 or how != "inner" or len(expected[0]) != len(sides[0][0]))
    for function in (join_positions, plain_positions):
        found = function(*sides, how)
        for side, wanted in zip(found, expected, strict=True):
            assert side.dtype == np.int64
            np.testing.assert_array_equal(side, wanted)


@given(sides=keys(), few=st.booleans())
def test_pairs_with_a_side_that_ascends_are_those_of_pandas(
    sides: tuple[list[np.ndarray], list[np.ndarray]], few: bool
) -> None:
    left, right = [side[:1] for side in sides]
    right = [np.sort(right[0])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joins, "_ROWS_A_SEARCH", 0 if few else 1 << 40)
        answers = [join_positions(left, right, "inner", known) for known in (None, True, False)]
    for found in answers:
        for side, wanted in zip(found, merged(left, right, "inner"), strict=True):
            assert side.dtype == np.int64
            np.testing.assert_array_equal(side, wanted)


def test_whether_an_input_ascends_is_known_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    r = np.random.default_rng(1)
    many = pandas.DataFrame({"k": np.arange(3000) // 3, "x": r.random(3000)})
    few = pandas.DataFrame({"k": r.integers(0, 1000, 200), "y": r.random(200)})
    looked: list[int] = []
    monkeypatch.setattr(joins, "ascends", lambda part: looked.append(len(part)))
    with config(min_rows=0):
        left, right = lazyframe.DataFrame(few), lazyframe.DataFrame(many)
        joined = left[left["y"] > 0.5].merge(right, on="k")
        got = joined.assign(z=joined["x"] + joined["y"]).to_pandas()
    want = few[few["y"] > 0.5].merge(many, on="k")
    pandas.testing.assert_frame_equal(got, want.assign(z=want["x"] + want["y"]))
    assert not looked


def test_a_side_that_ascends_until_its_last_row() -> None:
    right = np.arange(10_000) // 3
    right[-1] = 5
    left = np.array([3333, 5, -1, 5, 10**6])
    for found, wanted in zip(
        join_positions([left], [right], "inner"), merged([left], [right], "inner"), strict=True
    ):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("how", JOIN_KINDS)
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("unique", ["left", "right", "both", "neither", "but for one"])
def test_sides_without_equal_keys(
    how: str, threads: int, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(morsels, "morsel_rows", lambda rows: 7)
    monkeypatch.setattr(joins, "_FEW_ROWS", 20)
    random = np.random.default_rng(5)
    sides = [random.integers(-50, 60, 200), random.integers(-40, 70, 150)]
    for k, side in enumerate(("left", "right")):
        if unique in (side, "both", "but for one"):
            sides[k] = random.permutation(120)[:90] - 60
    if unique == "but for one":
        sides[1][-1] = sides[1][0]
    with config(threads=threads):
        found = join_positions([sides[0]], [sides[1]], how)
    for side, wanted in zip(found, merged([sides[0]], [sides[1]], how), strict=True):
        np.testing.assert_array_equal(side, wanted)


@pytest.mark.parametrize("how", JOIN_KINDS)
@pytest.mark.parametrize("by_kernels", [True, False])
def test_rows_paired_by_counting(how: str, by_kernels: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(morsels, "LEAST_MORSEL_ROWS", 1 << 10)
    monkeypatch.setattr(pairing, "_ROWS_A_PART", 500)
    if by_kernels:
        monkeypatch.setattr(joins, "pair_codes", lambda *args: pytest.fail("pandas was asked"))
        if how == "outer":
            return
    else:
        monkeypatch.setattr(joins, "pair_by_counting", lambda *_, **__: None)
    random = np.random.default_rng(5)
    left, right = random.integers(-50, 260, 3000), random.integers(-40, 270, 5000)
    left[left == 7] = 8  # which only the right side has
    with config(threads=3):
        found = join_positions([left], [right], how)
    for side, wanted in zip(found, merged([left], [right], how), strict=True):
        assert side.dtype == np.int64
        np.testing.assert_array_equal(side, wanted)


@pytest.mark.parametrize(("few", "many"), [(3, 2000), (2000, 3), (50, 60)])
def test_rows_without_partner_are_left_out_early(few: int, many: int) -> None:
    random = np.random.default_rng(few)
    left, right = [random.integers(0, 900, few)], [random.integers(0, 900, many)]
    for side, wanted in zip(join_positions(left, right, "inner"), merged(left, right, "inner"), strict=True):
        np.testing.assert_array_equal(side, wanted)


@pytest.mark.parametrize("how", JOIN_KINDS)
def test_ranges_too_wide_to_count_are_hashed(how: str) -> None:
    random = np.random.default_rng(0)
    left = [random.integers(0, 50, 1000) << 50, random.integers(0, 3, 1000) << 60]
    right = [random.integers(0, 50, 300) << 50, random.integers(0, 3, 300) << 60]
    for side, wanted in zip(join_positions(left, right, how), merged(left, right, how), strict=True):
        np.testing.assert_array_equal(side, wanted)


@pytest.mark.usefixtures("_by_kernels")
@pytest.mark.parametrize("how", JOIN_KINDS)
@pytest.mark.parametrize("lengths", [(300, 40), (40, 300), (0, 5), (5, 0)], ids=str)
def test_rows_of_one_side_are_looked_up_in_hashed_ones_of_the_other(
    how: str, lengths: tuple[int, int]
) -> None:
    random = np.random.default_rng(1)
    left, right = [[random.integers(-30, 30, length) ** 11] for length in lengths]
    for side, wanted in zip(join_positions(left, right, how), merged(left, right, how), strict=True):
        assert side.dtype == np.int64
        np.testing.assert_array_equal(side, wanted)
