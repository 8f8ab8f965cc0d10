"""What is recorded by what was recorded before of arrays of such axes and dtypes is what NumPy computes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lazyframe.record import array_recipes
from lazyframe.record.array_form import vector
from lazyframe.run.bindings import bind_array
from passes.ir.values import Map
from tests.arrays.compare import lazily, outcome, same

LONG = np.array([0.0, -0.0, 1.5, np.nan, np.inf])
SHAPES: dict[str, Callable[[Any], Any]] = {
    "vector": lambda a: a,
    "row": lambda a: a[None, :],
    "column": lambda a: a[:, None],
    "pairs": lambda a: a[:, None] + a[None, :],
    "pairs the other way": lambda a: a[None, :] * a[:, None],
    "sum of pairs": lambda a: (a[:, None] - a[None, :]).sum(axis=1),
    "extreme of pairs": lambda a: (a[:, None] - a[None, :]).max(axis=0),
    "part": lambda a: a[1:],
    "one": lambda a: a[:1],
    "total": lambda a: a.sum(),
    "filtered": lambda a: a[a > 1],
}


@pytest.mark.parametrize("pair", list(itertools.product(SHAPES, SHAPES)), ids=" and ".join)
def test_pairs_of_shapes(pair: tuple[str, str]) -> None:
    left, right = [SHAPES[name] for name in pair]

    def program(a: Any, b: Any) -> Any:
        return left(a) - right(b), left(a) * right(a), np.maximum(right(b), left(b))

    other = np.arange(5, dtype=np.float32)
    for _ in range(2):
        same(outcome(program, lazily(LONG), lazily(other)), outcome(program, LONG, other), ulps=4)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "float32", "float64", "bool"])
def test_scalars_of_one_type(dtype: str) -> None:
    array = np.array([0, 1, 2, 3], dtype)
    scalars = (3, -3, 300, 2**70, 1.5, True, np.float32(2.5), np.int8(-1), np.uint64(7), np.bool_(False))
    for scalar in (*scalars, *scalars):

        def program(a: Any, scalar: Any = scalar) -> Any:
            return a + scalar, scalar - a

        same(outcome(program, lazily(array)), outcome(program, array))


def test_the_second_operation_is_recorded_by_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    forms = [vector(bind_array(LONG.copy())) for _ in range(3)]
    first = array_recipes.record_by_recipe(np.add, forms[:2])
    monkeypatch.setattr(array_recipes, "_recipe", lambda *_: pytest.fail("found again"))
    second = array_recipes.record_by_recipe(np.add, forms[1:])
    assert first is not None
    assert second is not None
    assert isinstance(second.columns[0], Map)
    assert second.columns[0].arguments == (forms[1].columns[0], forms[2].columns[0])
    assert second.axes == first.axes
