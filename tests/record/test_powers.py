"""Integers and booleans to the power of a column: looked at before they are recorded, as NumPy may refuse."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
import lazyframe.numpy
from tests.record.compare import DTYPES, assert_same, edge_values, is_lazy, outcome, series

INTEGERS = [dtype for dtype in DTYPES if "int" in dtype]
SMALL = np.array([0, 1, 2, 3, 63, 7, 5, 0])


@pytest.mark.parametrize("base", [*INTEGERS, "bool", "float32", "float64"])
@pytest.mark.parametrize("exponent", [*INTEGERS, "bool"])
def test_a_column_to_the_power_of_a_column(base: str, exponent: str) -> None:
    for exponents in (SMALL.astype(exponent), edge_values(exponent), np.array([0, 64] * 4).astype(exponent)):
        for rows in (0, 1, 8):
            columns = edge_values(base)[:rows], exponents[:rows]
            ours, theirs = [[library.Series(c) for c in columns] for library in (lazyframe, pd)]
            exact = "float" not in base
            assert_same(outcome(operator.pow, *ours), outcome(operator.pow, *theirs), exact)
            assert_same(outcome(ours[1].rpow, ours[0]), outcome(theirs[1].rpow, theirs[0]), exact)


@pytest.mark.parametrize(
    ("base", "exponent"), [("int8", "uint32"), ("uint64", "bool"), ("bool", "int64"), ("int64", "int8")]
)
def test_what_is_recorded(base: str, exponent: str) -> None:
    bases, exponents = lazyframe.Series(edge_values(base)), lazyframe.Series(SMALL.astype(exponent))
    assert is_lazy(bases**exponents)
    assert is_lazy(2**exponents)


@pytest.mark.parametrize("exponent", [*INTEGERS, "bool"])
@pytest.mark.parametrize("base", [2, -3, 0, True, 300, 2**62, np.int8(3), np.uint64(5), 2.0])
def test_a_number_to_the_power_of_a_column(base: Any, exponent: str) -> None:
    for exponents in (SMALL.astype(exponent), edge_values(exponent)):
        ours, theirs = lazyframe.Series(exponents), pd.Series(exponents)
        exact = not isinstance(base, float)
        for _ in range(2):  # what was found once is remembered
            assert_same(outcome(operator.pow, base, ours), outcome(operator.pow, base, theirs), exact)
        pair = ours.to_frame(), theirs.to_frame()
        assert_same(*[outcome(operator.pow, base, frame) for frame in pair], exact)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 5, -1, 64, 0.5, 2.0, True, np.int8(3)])
def test_booleans_to_the_power_of_a_number(exponent: Any) -> None:
    values = np.array([True, False])
    pair = lazyframe.Series(values), pd.Series(values)
    assert_same(*[outcome(operator.pow, series, exponent) for series in pair])
    assert_same(*[outcome(operator.pow, series.to_frame(), exponent) for series in pair])


def test_frames() -> None:
    def program(library: Any, exponents: Any) -> Any:
        bases = library.DataFrame(
            {"a": [1, 2, -3], "b": np.array([5, 6, 7], np.int8), "c": [0.5, 1.5, np.nan]}
        )
        return bases ** library.DataFrame(dict(zip("abc", exponents, strict=True)))

    for exponents in (
        ([0, 1, 2], [3, 2, 1], [0, 1, 2]),
        ([0, 1, 2], [3, 2, -1], [0, 1, 2]),
        ([1, 1, 1],) * 3,
    ):
        pair = [outcome(program, library, exponents) for library in (lazyframe, pd)]
        assert_same(*pair, exact=False)

    def by_rows(library: Any, exponent: Any) -> Any:
        return library.DataFrame({"a": [1, 2, -3], "b": [4, 5, 6]}).pow(library.Series(exponent), axis=0)

    for exponent in ([0, 1, 2], [0, 1, -2]):
        assert_same(*[outcome(by_rows, library, exponent) for library in (lazyframe, pd)])


def test_exponents_that_a_filter_leaves() -> None:
    def program(library: Any) -> Any:
        frame = library.DataFrame({"a": [2, 3, 5, 7], "e": [3, -1, 2, 70]})
        frame = frame[(frame["e"] > 0) & (frame["e"] < 10)]
        return frame["a"] ** frame["e"]

    assert is_lazy(program(lazyframe))
    assert_same(program(lazyframe), program(pd))


def test_arrays() -> None:
    bases, exponents = np.array([2, -3, 5]), np.array([3, 63, 0])
    lazy = lazyframe.Series(bases).to_numpy(), lazyframe.Series(exponents).to_numpy()
    assert np.array_equal(lazy[0] ** lazy[1], bases**exponents)
    assert np.array_equal(lazyframe.numpy.power(3, lazy[1]), 3**exponents)
    with pytest.raises(ValueError, match="negative integer powers"):
        lazyframe.numpy.power(lazy[0], lazy[0])


@pytest.mark.parametrize("base", ["int8", "int16", "int32", "int64", "uint8", "uint64", "bool"])
def test_large_exponents(base: str) -> None:
    for exponent in ("int8", "uint8", "int64", "uint16", "uint64"):
        most = min(np.iinfo(exponent).max, 2**18 - 1)

        def program(library: Any, exponent: str = exponent, most: int = most) -> Any:
            powers = np.array([0, 1, 63, 64, 65, 100, most - 1, most]).astype(exponent)
            return series(library, base).abs() ** library.Series(powers)

        assert_same(outcome(program, lazyframe), outcome(program, pd), exact="f" not in base)
    longest = lazyframe.Series([3, 5, -7]) ** lazyframe.Series([2**18, 1, 2])
    assert not is_lazy(longest)
    assert_same(longest, pd.Series([3, 5, -7]) ** pd.Series([2**18, 1, 2]))
    assert is_lazy(lazyframe.Series([3, 5, -7]) ** lazyframe.Series([2**18 - 1, 1, 2]))
    assert is_lazy(lazyframe.Series([3, 5, -7]) ** lazyframe.Series([64, 127, 2], dtype="int8"))
