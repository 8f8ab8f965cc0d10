"""Lengths of time times, over and modulo numbers and each other, against pandas."""

from __future__ import annotations

import datetime
import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from tests.brief import examples
from tests.dates.columns import pairs
from tests.record.compare import assert_same, is_lazy, outcome

ARITHMETIC = [getattr(operator, name) for name in ("mul", "truediv", "floordiv", "mod")]
DTYPES = ("float64", "float32", "int8", "int32", "int64", "uint8", "uint64", "bool")
INTEGERS = (0, 1, 2, -1, -3, 7, 100, 2**31 - 1, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1)
FLOATS = (0.0, -0.0, 1.0, 2.0, -2.5, 0.1, 1e-3, 1e6, 1e-300, 1e300, np.nan, np.inf, -np.inf)
LENGTHS = (
    pd.Timedelta(1, "s"), pd.Timedelta(-7, "ns"), datetime.timedelta(days=1), np.timedelta64(5, "ms"),
    np.timedelta64(3, "D"), np.timedelta64("NaT", "ns"), np.timedelta64(1, "M"), pd.Timedelta(0), pd.NaT,
    pd.Timedelta.max, np.timedelta64(2**62, "ns"),
)  # fmt: skip
NUMBERS = (
    2.0,
    -4.0,
    0.5,
    -0.1,
    0.0,
    1e-300,
    1e300,
    np.inf,
    np.nan,
    0,
    3,
    -2,
    2**40,
    True,
    np.int8(-3),
    np.float32(2.0),
)


@st.composite
def beside_numbers(draw: Callable, lengths: int = 1) -> tuple[Any, Any]:
    """Frames of lengths of time ``t0``, ... and of a column ``n`` of numbers, mostly small ones."""
    ours, theirs = draw(pairs("m", lengths))
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    if dtype.kind == "b":
        values: Any = st.booleans()
    elif dtype.kind == "f":
        values = st.sampled_from([2.0, 3.0, -0.5]) if draw(st.booleans()) else st.sampled_from(FLOATS)
    else:
        limits = np.iinfo(dtype)
        some = INTEGERS if draw(st.booleans()) else range(-3, 9)
        values = st.sampled_from([number for number in some if limits.min <= number <= limits.max])
    found = draw(st.lists(values, min_size=len(theirs), max_size=len(theirs)))
    with np.errstate(over="ignore"):
        numbers = np.array(found, dtype)
    return ours.assign(n=numbers), theirs.assign(n=numbers)


def same(pair: tuple[Any, Any], program: Callable[[Any], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(*[outcome(program, frame) for frame in pair])


@settings(max_examples=examples(150))
@given(beside_numbers(), st.sampled_from(ARITHMETIC))
@pytest.mark.usefixtures("_by_reference")
def test_lengths_and_numbers(pair: tuple[Any, Any], function: Any) -> None:
    same(pair, lambda frame: function(frame["t0"], frame["n"]))
    same(pair, lambda frame: function(frame["n"], frame["t0"]))
    same(pair, lambda frame: function(frame["t0"], frame["n"]) + frame["t0"])


@settings(max_examples=examples(100))
@given(beside_numbers(), st.sampled_from(ARITHMETIC), st.sampled_from(LENGTHS))
@pytest.mark.usefixtures("_by_reference")
def test_numbers_and_a_length(pair: tuple[Any, Any], function: Any, length: Any) -> None:
    same(pair, lambda frame: function(frame["n"], length))
    same(pair, lambda frame: function(length, frame["n"]))


@settings(max_examples=examples(100))
@given(pairs("m", 2), st.sampled_from(ARITHMETIC), st.sampled_from(LENGTHS))
@pytest.mark.usefixtures("_by_reference")
def test_lengths_and_lengths(pair: tuple[Any, Any], function: Any, length: Any) -> None:
    same(pair, lambda frame: function(frame["t0"], frame["t1"]))
    same(pair, lambda frame: function(frame["t0"], length))
    same(pair, lambda frame: function(length, frame["t0"]))
    same(pair, lambda frame: -function(frame["t0"], frame["t1"]))


@settings(max_examples=examples(60))
@given(pairs("m"), st.sampled_from(ARITHMETIC), st.sampled_from(NUMBERS))
@pytest.mark.usefixtures("_by_reference")
def test_lengths_and_a_number(pair: tuple[Any, Any], function: Any, factor: Any) -> None:
    same(pair, lambda frame: function(frame["t0"], factor))
    same(pair, lambda frame: function(factor, frame["t0"]))


@settings(max_examples=examples(60))
@given(beside_numbers(2), st.sampled_from(ARITHMETIC))
@pytest.mark.usefixtures("_by_reference")
def test_frames(pair: tuple[Any, Any], function: Any) -> None:
    same(
        pair, lambda frame: function(frame[["t0", "t1"]], frame[["t1", "t0"]].set_axis(["t0", "t1"], axis=1))
    )
    same(pair, lambda frame: function(frame[["t0", "n"]], frame[["n", "t1"]].set_axis(["t0", "n"], axis=1)))
    same(pair, lambda frame: frame[["t0", "t1"]].mul(frame["n"], axis=0))


def test_whole_floats_are_whole_numbers() -> None:
    """pandas 3.1 multiplies exactly where a float is whole, pandas 3.0 does not."""
    ticks = np.array([2**53 + 1, 2**53 + 3, -(2**60) - 1], "m8[ns]")
    with lazyframe.config(min_rows=0):
        ours, theirs = lazyframe.Series(ticks), pd.Series(ticks)
        for factor in (2.0, -2.0, np.float32(4.0)):
            assert_same(ours * factor, theirs * factor)
            assert_same(ours / factor, theirs / factor)


@pytest.mark.usefixtures("_by_reference")
def test_what_is_recorded() -> None:
    lengths = lazyframe.Series(np.array([1, 2, "NaT"], "m8[us]"))
    others = lazyframe.Series(np.array([5, 0, 7], "m8[ms]"))
    for numbers in (lazyframe.Series([1, 0, 3]), lazyframe.Series([0.5, np.nan, 0.0])):
        for found in (
            lengths * numbers,
            numbers * lengths,
            lengths / numbers,
            lengths // numbers,
            lengths % numbers,
            numbers * pd.Timedelta(1, "D"),
            np.timedelta64(1, "D") * numbers,
            pd.Timedelta(1, "D") / numbers,
            lengths // others,
            lengths % others,
            lengths % pd.Timedelta(3, "us"),
            pd.Timedelta(1, "D") // lengths,
            pd.Timedelta(1, "D") % others,
            lengths // 2,
            lengths % 2.5,
        ):
            assert is_lazy(found)


@pytest.mark.parametrize("moved", [0, 1])
@pytest.mark.usefixtures("_by_reference")
def test_none_left_of_a_column_without_any_known(moved: int) -> None:
    """Whether one is missing decides pandas' dtype: it says nothing that one is in the whole column."""

    def program(module: Any) -> Any:
        column = module.Series(np.array(["NaT"] * 3, "m8[us]"))
        left = column[module.Series([False] * 3)]
        return (left + pd.Timedelta(moved, "s")) // pd.Timedelta(2, "s")

    assert_same(outcome(program, lazyframe), outcome(program, pd))
