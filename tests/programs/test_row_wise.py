"""Row-wise operations of pandas' in kernels, over random edge data: one compilation for each dtype."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from tests.brief import examples
from tests.record.compare import assert_same, edge_values, is_lazy

pytestmark = pytest.mark.usefixtures("_by_kernels")


@settings(max_examples=examples(40))
@given(st.data())
def test_powers_of_integers(data: st.DataObject) -> None:
    base = data.draw(st.sampled_from(["int8", "uint16", "int64", "uint64"]))
    limits = np.iinfo(base)
    pair = st.tuples(st.integers(int(limits.min), int(limits.max)), st.integers(0, 63))
    rows = data.draw(st.lists(pair, max_size=9))
    bases, exponents = np.array([r[0] for r in rows], base), np.array([r[1] for r in rows], base)
    found = lazyframe.Series(bases) ** lazyframe.Series(exponents)
    assert is_lazy(found)
    assert_same(found, pd.Series(bases) ** pd.Series(exponents))


LENGTHS = np.array([1, 7, -7, 0, 10**15 + 1, -(10**15), 86_400, "NaT"], "m8[ns]")
DIVISORS = np.array([2, -2, 0, 3, "NaT", 7, -(10**6), 1], "m8[us]")
WHOLE = np.array([2, -2, 0, 3, 5, 7, -1, 1])
FRACTIONS = np.array([2.0, -0.5, 0.0, np.nan, 0.1, 3.0, -0.0, 1.0])


@pytest.mark.parametrize("name", ["mul", "truediv", "floordiv", "mod"])
def test_lengths_of_time(name: str) -> None:
    function = getattr(operator, name)

    def program(library: Any, rows: int, turn: int) -> list[Any]:
        lengths, *others = [
            library.Series(np.roll(column, shift)[:rows])
            for column, shift in ((LENGTHS, 0), (WHOLE, turn), (FRACTIONS, turn), (DIVISORS, turn))
        ]
        numbers = others[:2]
        found = [function(lengths, other) for other in (numbers if name == "mul" else others)]
        day = pd.Timedelta(1, "D")
        return [*found, *[function(day, other) for other in numbers], function(lengths, 3)]

    for rows in (0, 1, 8):
        for turn in range(8):
            pair = [program(library, rows, turn) for library in (lazyframe, pd)]
            for ours, theirs in zip(*pair, strict=True):
                assert is_lazy(ours)
                assert_same(ours, theirs)


@pytest.mark.parametrize("bound", ["int64", "float64"])
def test_clipping(bound: str) -> None:
    bounds = np.array([2, -3, 5, 3, 0, 7, 7, 1]).astype(bound)
    if bound == "float64":
        bounds[::3] = np.nan

    def program(library: Any, rows: int, turn: int) -> list[Any]:
        integers, limits = (
            library.Series(edge_values("int64")[:rows]),
            library.Series(np.roll(bounds, turn)[:rows]),
        )
        floats = library.Series(edge_values("float64")[:rows])
        return [
            integers.clip(limits),
            integers.clip(0.5, 4.5),
            floats.clip(upper=limits),
            integers.clip(limits, 4),
        ]

    for rows in (0, 1, 8):
        for turn in range(8):
            for ours, theirs in zip(
                *[program(library, rows, turn) for library in (lazyframe, pd)], strict=True
            ):
                assert is_lazy(ours)
                assert_same(ours, theirs)
