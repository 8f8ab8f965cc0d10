"""``query`` and ``eval``: what is parsed here, and what is left to pandas, mean the same."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.record.compare import assert_same, is_lazy, outcome

LIMIT, HALF, TEXT, FLAG, SCALAR = 2, 0.5, "a", True, np.float64(1.5)
NUMBERS, TEXTS, NOWHERE = [1, 2], ("a", "b"), pd.NaT
DAY, WHEN, DATE = pd.Timestamp("2020-03-01"), datetime.datetime(2019, 12, 31, 5), datetime.date(2020, 6, 1)


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
            "t": ["a", None, "c", "x & y", "a", "it's", "@LIMIT"],
            "n": np.arange(7, dtype=np.int16),
            "u": np.arange(7, dtype=np.uint8),
            "d": pd.to_datetime(
                ["2020-01-01", None, "2020-03-01", "2021-01-01", "2019-12-31", "2020-06-01", None]
            ),
            "e": pd.to_datetime("2020-03-01") + pd.to_timedelta(np.arange(7), unit="D"),
            "o": pd.Series(["a", 1, None, "b", 2.5, "a", "c"], dtype=object).to_numpy(),
            "g": pd.Categorical(list("abcabca")),
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
TEXT_AND_TIMES = (
    "s == 'a'", 's != "b"', "'a' == s", "s == @TEXT", "s in ['a', 'c']", "s not in ('a', 'q')", "k in [1, 2]",
    "k not in @NUMBERS", "s in @TEXTS", "d >= '2020-01-01'", "'2020-01-01' <= d < '2020-06-01'", "d < e",
    "d != e", "d == @DAY", "d > @WHEN and d <= @DATE", "not d > '2020-02'", "s == 'a' and x > 0 or n < 3",
    "n > 2 and n != -5", "2 <= n < 5", "(x + 1) * 2 > 1 and s == 'a'", "~(s == 'a') & b", "t == 'x & y'",
    "t != 'a'", 't == "it\'s"', "t == '@LIMIT'", "t in ['a', 'c']", "x in [1.5, 3]", "d > e and b",
    "s == 'nowhere'", "s != 'nowhere'", "i in [1, 2.5]", "s not in []", "d >= '2020-01-01 12:00:00.5'",
)  # fmt: skip
OF_PANDAS = (
    "s < 'b'", "s == t", "s == x", "s + 'a' == 'aa'", "s == ['a', 'b']", "s in 'abc'", "'a' in s", "k in x",
    "d == 'nonsense'", "d > 1", "d > '2020-01-01 00:00+02:00'", "d in ['2020-01-01']", "d == 'NaT'", "u > 2",
    "n > 2.5", "n + 1 > 3", "f > 1 and s == 'a'", "o == 'a'", "o in ['a', 1]", "g == 'a'", "s == 1",
    "n == 'a'",
    "d - e > 0", "s == 'a' and x", "s == 'a' == b", "s.str.len() > 0", "s == @x", "s == @missing", "s in [x]",
    "n > 9999999999", "b == 1", "b in [True]", "s == None", "s in ['a', None]", "x in [@LIMIT]",
    "s == 'a\\n'",
    "d > @NOWHERE", "s in [['a']]", "k == 1 in [1]", "labels == 3 and s == 'a'", "d == @TEXT", "f in [1]",
    "s in ['a' 'b']", "s == f'a'", "s == b'a'", "s == r'a'", "s == ''", "s[0] == 'a'", "s == 'a' if b else b",
    "b", "x > labels", "x > f", "f > 1", "f > 0.1", "sin > 1", "x % 2 > 0", "x ** 2 > 1", "i // 2 > 0",
    "-x > 1",
    "sin(x) > 0", "s == 'a'", "s == @TEXT", "k in [1, 2]", "x > @missing", "missing > 1", "x >", "x > 1 +",
    "x > 0 == True", "b + b", "b > 0", "x and b", "~x > 5", "x > @FLAG", "x > @SCALAR", "x > 9999999999",
    "1 < 2",
    "x.abs() > 1", "`x` > 1", "x > 0 if b else b", "x @LIMIT", "", " x > 1", "x > 1\n", "i & 1 > 0", "b == b",
    "x > 1j", "(x, y) > 1", "True and b", "x > y > 2 + 3", "2 + 3 > x", "@LIMIT > 1", "x > @pd.NA",
)  # fmt: skip


@pytest.mark.parametrize("expression", RECORDED + TEXT_AND_TIMES + OF_PANDAS)
def test_query(expression: str) -> None:
    def program(module: Any) -> Any:
        local = 1
        assert local
        return data(module).query(expression)

    ours = outcome(lambda: program(lazyframe))
    assert_same(ours, outcome(lambda: program(pd)))


@pytest.mark.parametrize(
    "expression",
    [
        *RECORDED,
        *TEXT_AND_TIMES,
        *OF_PANDAS,
        "x + y",
        "x + 1 - y / 2",
        "@local * i",
        "i + 1",
        "x * x / k",
        "new = x + 1",
    ],
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


@pytest.mark.parametrize("expression", TEXT_AND_TIMES)
def test_queries_of_text_and_times_are_recorded(expression: str) -> None:
    assert is_lazy(data(lazyframe).query(expression))


def test_an_expression_sees_the_variables_of_each_call() -> None:
    def above(module: Any, bound: Any) -> Any:
        return data(module).query("x > @bound")

    for bound in (0, 0.5, 2, "a", [1, 2], DAY, True, None, np.float32(0.1), -1):
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
