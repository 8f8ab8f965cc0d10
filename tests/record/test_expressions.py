"""``query`` and ``eval``: what is parsed here, and what is left to pandas, mean the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.record.compare import assert_same, is_lazy, outcome

LIMIT, HALF, TEXT, FLAG, SCALAR = 2, 0.5, "a", True, np.float64(1.5)


def data(module: Any) -> Any:
    made = module.DataFrame(
        {
            "x": [1.5, np.nan, -0.0, 0.0, np.inf, -np.inf, 3.0],
            "y": [1.0, 2.0, -1.0, 0.5, np.nan, 1.0, 3.0],
            "i": [1, -2, 3, 0, 5, 2**62, -(2**62)],
            "k": [0, 1, 2, 2, 1, 0, 3],
            "b": [True, False, True, True, False, False, True],
            "f": np.arange(7, dtype=np.float32),
            "sin": np.arange(7.0),
            "index": np.arange(7)[::-1].copy(),
            "s": list("abcabca"),
        },
        index=[3, 1, 1, 0, 7, 9, 2],
    )
    return made.rename_axis("labels")


RECORDED = (
    "x > 0", "x > 0 and k < 5", "x > 0 & k < 5", "(x > 0) | (k == 2)", "not x > 0", "~(x > 0)", "~b & x > y",
    "b and not (x < y or i != k)", "0 < x <= 3", "x + y * 2 - i / k > 1", "x > -1.5", "i + 1 > k * k",
    "i / k > 1", "x == x", "x != y", "1 < i", "x > @LIMIT", "x > @HALF and k <= @LIMIT", "k == @local",
    "b or b", "index > 3 and k < 3", "x>0and k<5", "i * i > 3", "x > 1e400",
)  # fmt: skip
OF_PANDAS = (
    "b", "x > labels", "x > f", "f > 1", "f > 0.1", "sin > 1", "x % 2 > 0", "x ** 2 > 1", "i // 2 > 0",
    "-x > 1",
    "sin(x) > 0", "s == 'a'", "s == @TEXT", "k in [1, 2]", "x > @missing", "missing > 1", "x >", "x > 1 +",
    "x > 0 == True", "b + b", "b > 0", "x and b", "~x > 5", "x > @FLAG", "x > @SCALAR", "x > 9999999999",
    "1 < 2",
    "x.abs() > 1", "`x` > 1", "x > 0 if b else b", "x @LIMIT", "", " x > 1", "x > 1\n", "i & 1 > 0", "b == b",
    "x > 1j", "(x, y) > 1", "True and b", "x > y > 2 + 3", "2 + 3 > x", "@LIMIT > 1", "x > @pd.NA",
)  # fmt: skip


@pytest.mark.parametrize("expression", RECORDED + OF_PANDAS)
def test_query(expression: str) -> None:
    def program(module: Any) -> Any:
        local = 1
        assert local
        return data(module).query(expression)

    ours = outcome(lambda: program(lazyframe))
    assert_same(ours, outcome(lambda: program(pd)))


@pytest.mark.parametrize(
    "expression",
    [*RECORDED, *OF_PANDAS, "x + y", "x + 1 - y / 2", "@local * i", "i + 1", "x * x / k", "new = x + 1"],
)
def test_eval(expression: str) -> None:
    def program(module: Any) -> Any:
        local = 1
        assert local
        return data(module).eval(expression)

    assert_same(outcome(lambda: program(lazyframe)), outcome(lambda: program(pd)))


@pytest.mark.parametrize("expression", ["x > 0 and k < 5", "x + y * 2 > @LIMIT", "0 < x <= 3 or not b"])
def test_simple_expressions_are_recorded(expression: str) -> None:
    frame = data(lazyframe)
    assert is_lazy(frame.eval(expression))
    assert is_lazy(frame.query(expression))


def test_an_expression_sees_the_variables_of_each_call() -> None:
    def above(module: Any, bound: Any) -> Any:
        return data(module).query("x > @bound")

    for bound in (0, 0.5, 2, "a", True, None, np.float32(0.1), -1):
        assert_same(outcome(lambda b=bound: above(lazyframe, b)), outcome(lambda b=bound: above(pd, b)))


def test_options_are_for_pandas() -> None:
    for options in (
        {"engine": "python"}, {"parser": "python"}, {"local_dict": {"bound": 1}}, {"resolvers": [{"x": 1}]},
        {"inplace": True}, {"inplace": False}, {"target": None},
    ):  # fmt: skip

        def program(module: Any, options: Any = options) -> Any:
            bound = 0
            assert bound == 0
            return data(module).eval("x > @bound", **options)

        assert_same(outcome(lambda run=program: run(lazyframe)), outcome(lambda run=program: run(pd)))
