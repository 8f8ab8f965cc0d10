"""The bounds of columns, which must not depend on how the columns are divided."""

from __future__ import annotations

import numpy as np
import pytest

import lazyframe
from lazyframe.run.bounds import bounds_of_input
from passes.ir.node import Token


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "uint64"])
@pytest.mark.parametrize("rows", [0, 1, 7, 2_000_003])
@pytest.mark.parametrize("step", [1, -2])
@pytest.mark.parametrize("least", [0, 10**9])
def test_bounds_are_numpys(dtype: str, rows: int, step: int, least: int) -> None:
    limits = np.iinfo(dtype)
    random = np.random.default_rng(rows)
    array = random.integers(limits.min, limits.max, rows, np.dtype(dtype), endpoint=True)[::step]
    token = Token("k")
    with lazyframe.config(min_rows=least):
        low, high = bounds_of_input(token, array)
    assert (low.dtype, high.dtype) == (array.dtype, array.dtype)
    if rows:
        assert (low, high) == (array.min(), array.max())
    else:
        assert (low, high) == (limits.max, limits.min)
    assert bounds_of_input(token, array[:0]) == (low, high)
