"""Expressions on columns of every dtype of numbers: numexpr's dtypes and values, or the operators'."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import lazyframe
from lazyframe.pandas_internals import has_numexpr
from tests.brief import examples
from tests.record.compare import DTYPES, assert_same, edge_values, is_lazy, outcome

NUMBERS = [dtype for dtype in DTYPES if "64[" not in dtype and dtype != "str"]
ENGINES = ["python", *(["numexpr"] if has_numexpr() else [])]
ROW_WISE = (
    "a + b", "a - b", "a * b", "a / b", "a % b", "a // b", "-a", "+a", "~a", "a / 3.0", "a / 3", "3 / a",
    "a + 1", "a * 2.5", "a < b", "a == b", "a != 1", "a >= 2.5", "1 < a <= 5", "a > 0 and b > 0", "a & b",
    "a | b", "abs(a)", "floor(a)", "a", "a in [1, 2]", "a + b in [1, 2]", "(a + b) * 2 - a / 2", "a > @whole",
    "a * @part", "a + @whole", "a > index", "c = a + b", "a + 4294967296", "a % 2 == 0", "a % 2", "a // 2",
    "a ** 2", "a ** 3", "a ** 0", "a ** -1", "a ** 0.5", "(a > 1) == (b > 1)", "-(a + b)", "a + True",
    "a % @whole", "a > a.max()", "a.clip(0, 1) > b",
)  # fmt: skip
ROUNDED = ("sqrt(a) + b", "sin(a)", "exp(a) * 2", "arctan2(a, b)", "log1p(a) - 1", "a ** b", "a ** 2.5")


def evaluated(module: Any, expression: str, one: str, other: str, engine: str) -> Any:
    whole, part = 2, 1.5
    assert whole > part
    columns = {"a": edge_values(one), "b": edge_values(other)}
    frame = module.DataFrame(columns, index=[3, 1, 1, 0, 7, 9, 2, 2])
    return frame.eval(expression, engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("one", NUMBERS)
def test_dtypes_and_values(one: str, engine: str) -> None:
    for other in ("int64", "float32", "uint64") if engine == "numexpr" else ("int64",):
        for expression in ROW_WISE:
            asked = expression, one, other, engine
            assert_same(outcome(evaluated, lazyframe, *asked), outcome(evaluated, pd, *asked))
        for expression in ROUNDED:
            asked = expression, one, other, engine
            ours, theirs = outcome(evaluated, lazyframe, *asked), outcome(evaluated, pd, *asked)
            if isinstance(theirs, Exception):
                assert_same(ours, theirs)
            else:  # computed as float32, and given as float64
                assert ours.dtype == theirs.dtype
                np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("one", NUMBERS)
def test_what_is_recorded(one: str) -> None:
    for engine in ENGINES:
        for expression in ("a + b", "a < b", "a * 2.5", "a + @whole", "a / 3", "a % 2 == 0", "c = a - b"):
            found = outcome(evaluated, lazyframe, expression, one, "int64", engine)
            assert isinstance(found, Exception) or is_lazy(found), (expression, engine)


@pytest.mark.skipif("numexpr" not in ENGINES, reason="numexpr is not installed")
def test_numexpr_divides_by_a_constant_by_multiplying() -> None:
    frame = lazyframe.DataFrame({"a": np.random.default_rng(0).normal(size=1000)})
    for expression in ("a / 3.0", "a / 3", "a ** 5", "a ** -2", "1.5 / a"):
        assert_same(frame.eval(expression), frame.to_pandas().eval(expression))
    assert (frame.eval("a / 3.0") != frame["a"] / 3.0).any()


@pytest.mark.usefixtures("_by_kernels")
@pytest.mark.parametrize("engine", ENGINES)
def test_kernels_compute_it(engine: str) -> None:
    frame = {dtype: edge_values(dtype) for dtype in NUMBERS}
    lines = [
        "p = (int8 + uint8) * 2 - int16 / 3.0", "q = uint64 + int32", "r = (int64 % uint32 > 0) & ~bool",
        "s = float32 * 2 + int8", "t = p > q or float64 < 1", "u = int32 // 3 + int64 % 5",
    ]  # fmt: skip

    def program(module: Any) -> Any:
        return module.DataFrame(frame).eval("\n".join(lines), engine=engine)

    assert is_lazy(program(lazyframe))
    assert_same(program(lazyframe), program(pd))


LEAVES = st.sampled_from(["a", "b", "c", "1", "2.5", "@whole", "-3", "index"])


def _grown(parts: Any) -> Any:
    return st.one_of(
        st.tuples(parts, st.sampled_from(["+", "-", "*", "/"]), parts).map(lambda p: f"({' '.join(p)})"),
        st.tuples(parts, st.sampled_from(["<", ">=", "==", "!="]), parts).map(lambda p: f"({' '.join(p)})"),
        st.tuples(parts, st.sampled_from(["and", "|"]), parts).map(lambda p: f"({' '.join(p)})"),
        parts.map(lambda part: f"-{part}"),
        parts.map(lambda part: f"abs({part})"),
        parts.map(lambda part: f"(not {part})"),
        parts.map(lambda part: f"({part} in [1, 2.5])"),
    )


@settings(max_examples=examples(150))
@given(
    st.recursive(LEAVES, _grown, max_leaves=6),
    st.tuples(*[st.sampled_from(NUMBERS)] * 3),
    st.sampled_from(ENGINES),
    st.sampled_from([0, 1, 8]),
)
def test_any_expression(expression: str, dtypes: tuple[str, ...], engine: str, rows: int) -> None:
    def program(module: Any) -> Any:
        whole = 2
        assert whole
        columns = {name: edge_values(dtype)[:rows] for name, dtype in zip("abc", dtypes, strict=True)}
        return module.DataFrame(columns).eval(expression, engine=engine)

    assert_same(outcome(program, lazyframe), outcome(program, pd))
