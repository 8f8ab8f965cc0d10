"""Division of integers by a number that is the same in every row, which kernels do by multiplying."""

from __future__ import annotations

import numpy as np
import pytest

import lazyframe
from lazyframe.run.bindings import bind_array
from lazyframe.run.execute import compute
from passes.ir.operations import evaluate
from passes.ir.values import Literal, Map

DAY = 86_400 * 10**9


def divisors(dtype: np.dtype) -> list[int]:
    limits = np.iinfo(dtype)
    found = [0, 1, 2, 3, 7, 10, 1000, DAY, 10**9, limits.max, limits.max - 1, limits.max // 2]
    found += [2**bits + off for bits in range(2, dtype.itemsize * 8, 5) for off in (-1, 0, 1)]
    found += [-divisor for divisor in found] + [limits.min, limits.min + 1]
    return [divisor for divisor in found if limits.min <= divisor <= limits.max]


def dividends(divisor: int, dtype: np.dtype) -> np.ndarray:
    """Limits, any numbers, and the multiples of the divisor with their neighbours."""
    limits = np.iinfo(dtype)
    random = np.random.default_rng(abs(divisor) % 2**32)
    furthest = limits.max // max(abs(divisor), 1)
    factors = [0, 1, 2, 3, 5, 100, furthest, furthest - 1, furthest // 2]
    factors += [int(f) for f in random.integers(0, max(furthest, 1), 300, np.uint64)]
    multiples = [factor * divisor + off for factor in factors for off in (-1, 0, 1)]
    near = [m for m in [*multiples, *[-m for m in multiples]] if limits.min <= m <= limits.max]
    edges = np.array([*near, *divisors(dtype)], dtype)
    return np.concatenate([edges, random.integers(limits.min, limits.max, 3000, dtype, endpoint=True)])


@pytest.mark.parametrize("name", ["floor_divide", "remainder"])
@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
def test_every_quotient_is_exact(name: str, dtype: str) -> None:
    own = np.dtype(dtype)
    for divisor in divisors(own):
        numbers = dividends(divisor, own)
        by = Literal(divisor, own)
        with lazyframe.config(min_rows=0):
            (found,) = compute([Map(name, (bind_array(numbers), by), own)])
        wanted = evaluate(name, [numbers, by.value], own)
        assert (found == wanted).all(), numbers[found != wanted][:3]
