"""``pandas.eval`` of frames and series, recorded and compared with pandas."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from lazyframe.pandas_internals import has_numexpr
from tests.record.compare import assert_same, edge_values, is_lazy, outcome

ENGINES = [None, "python", *(["numexpr"] if has_numexpr() else [])]
RECORDED = (
    "f + g", "f + g * 2", "f * 2 - g / 3.0", "f > 1", "-f", "sqrt(f)", "f.a + f.b", "s + f.a", "s * n",
    "f.a + g.b > n", "c = f.a + f.b", "~(f > 1)", "(f > 1) & (g < 2)", "f == g", "f + h", "h * 2",
    "f.a in [1, 2]",
)  # fmt: skip
OTHERS = (
    "f + s", "f + other", "s + renamed", "f.a.sum()", "n + 1", "m + f", "m * 2", "f.missing", "f",
    "missing + f",
    "f + @n", "f.a + 'text'", "f.a", "c = f", "duplicates + 1", "f.insert(0, 'z', 1)", "changed.pop('a')",
    "inf + f", "where + f", "f.a +", "sin(f, g)", "copied.a + f.a",
)  # fmt: skip


def program(module: Any, expression: str, engine: str | None) -> Any:
    index = [3, 1, 1, 0, 7, 9, 2, 2]
    f = module.DataFrame({"a": edge_values("float64"), "b": edge_values("float64")[::-1].copy()}, index=index)
    g, s, n, where = f + 1, f["a"] * 2, 2, f["b"]
    h = module.DataFrame({"a": edge_values("int16"), "b": edge_values("int16")}, index=f.index)
    m = module.DataFrame({"a": edge_values("int8"), "b": edge_values("float32")}, index=f.index)
    other, renamed = module.DataFrame({"a": [1.0]}), s.rename_axis("q")
    changed, copied = f.copy(), f.copy()
    duplicates = module.DataFrame(np.ones((8, 2)), columns=["a", "a"])
    assert len(duplicates) == len(m) == len(h) == len(changed) == len(copied) == len(g) == len(where)
    assert len(other) == 1 < n
    assert renamed.index.name == "q"
    return module.eval(expression, engine=engine, target=f if expression.startswith("c =") else None)


@pytest.fixture
def _not_deep() -> Iterator[None]:
    """A low limit of recursion: of text beside numbers numexpr makes pandas evaluate the same again for ever.

    Each time pandas lists the whole stack, which takes many seconds up to the usual limit.
    """
    before, depth, frame = sys.getrecursionlimit(), 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + 200)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("_not_deep")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("expression", RECORDED + OTHERS)
def test_frames_and_series(expression: str, engine: str | None) -> None:
    ours = outcome(program, lazyframe, expression, engine)
    assert expression in OTHERS or is_lazy(ours)
    assert_same(ours, outcome(program, pd, expression, engine))


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint32", "uint64", "float32"])
def test_frames_of_dtypes(dtype: str) -> None:
    for expression in ("f + f", "f / 3", "f * 2.5", "f > 1", "f % 2", "f + g"):

        def frames(module: Any, expression: str = expression) -> Any:
            f = module.DataFrame({"a": edge_values(dtype), "b": edge_values(dtype)})
            g = module.DataFrame({"a": np.arange(8), "b": np.arange(8)})
            assert len(f) == len(g)
            return module.eval(expression)

        assert_same(outcome(frames, lazyframe), outcome(frames, pd))


def test_a_method_that_writes_is_called_once() -> None:
    frame = lazyframe.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert lazyframe.eval("frame.pop('a') > 1").tolist() == [False, True]
    assert list(frame) == ["b"]
