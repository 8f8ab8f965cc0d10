"""``query`` and ``eval``: what is parsed here, and what is left to pandas, mean the same."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
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
            "a b": np.arange(7.0) / 2,
            "it's": np.arange(7),
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
    "-x in [1]", "d - e > 0", "s == 'a' and x", "s == 'a' == b", "s.str.len() > 0", "s == @x", "s in [x]",
    "s == @missing",
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


ASKING = (
    "s.str.startswith('a')", "s.str.len() > 0 and x > 0", "d.dt.year == 2020", "x.isna()", "x.between(1, 2)",
    "~x.isna() and k > 1", "s.str.upper() == 'A'", "d.dt.month in [1, 3]", "x > x.mean()", "x.abs() > 1",
    "s.isin(['a', 'b'])", "s.str.contains('b') & x > 0", "(e - d).dt.days > 10", "(x + y).abs() > 1",
    "x.fillna(0) + 1 > 2", "t.isna() | x > 0", "x.clip(lower=0, upper=@LIMIT) > 1", "k.clip(0, 2) == k",
    "s.str.slice(0, 1) == 'a'", "x.round(1) > 1", "d > d.min()", "n.astype('int64') + 1 > @LIMIT",
    "i + k in [1, 2]", "x + y > @LIMIT and s == 'a'", "x.notna() and not b",
    "d.dt.day_of_week < 3 and d >= @DAY", "s.str.lower().str.startswith(@TEXT)", "x.shift(1) > 0",
)  # fmt: skip
ITEMS = ("s.str[0] == 'a'", "s.str[0:2] == 'a'", "s.str[-1] != @TEXT and x > 0", "s.str[::2] == 'a'")
NAMES = (
    "labels > 2", "index > 3", "ilevel_0 > 2", "`x` > 0", "`x` + `y` > 1", "`a b` > 1", "`a b` + index > 3",
    "`it's` > 1", "columns == 1", "clevel_0 == 1", "`no such` > 1", "missing.str.len() > 1", "level > 1",
)  # fmt: skip
ENGINES = (None, "python", "numexpr")


def engine_of(name: str | None) -> dict[str, Any]:
    return {} if name is None else {"engine": name}


@pytest.fixture(params=[True, False], ids=["numexpr", "no numexpr"])
def _with_and_without_numexpr(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whether pandas may evaluate with numexpr, where there is one."""
    with pd.option_context("compute.use_numexpr", request.param):
        yield


@pytest.mark.usefixtures("_with_and_without_numexpr")
@pytest.mark.parametrize("expression", RECORDED + TEXT_AND_TIMES + OF_PANDAS + ASKING + ITEMS + NAMES)
def test_query(expression: str) -> None:
    def program(module: Any) -> Any:
        local = 1
        assert local
        return data(module).query(expression)

    ours = outcome(lambda: program(lazyframe))
    assert_same(ours, outcome(lambda: program(pd)))


@pytest.mark.usefixtures("_with_and_without_numexpr")
@pytest.mark.parametrize(
    "expression",
    [
        *ASKING,
        *ITEMS,
        *NAMES,
        "x + 1 in [1, 2.5]",
        "x + y in [1, 2.5] and not x.isna()",
        "x + y in [1, 2.5] and x > 0",
        "x + @LIMIT in [1, 2]",
        "x - y > 0 in [1, 2]",
        "(x - y > 0) not in [1, 2]",
        "new = x + y\nother = x.mean() + y",
        "new = x + y\nother = x in [1, 2]",
        "new = x + y\nother = new.abs() + k.abs()",
        "x = x + y\nother = x.abs()",
        "s[9]",
        "s[0:2]",
        "x[x > 0]",
        "x[@LIMIT]",
        "s.str[None]",
        *RECORDED,
        *TEXT_AND_TIMES,
        *OF_PANDAS,
        "x + y",
        "x + 1 - y / 2",
        "@local * i",
        "i + 1",
        "x * x / k",
        "new = x + 1",
        "x = x * 2",
        "labels = x + 1",
        "index = x + 1\nnew = index * 2",
        "`a b` = x + 1",
        "new = x + y\nother = new * 2\nx = other - 1",
        "new = s.str.len()\nother = new + k > 2",
        "new = x.mean()",
        "new = x.mean()\nother = x - new",
        "new = f + 1\nother = new * 2.5",
        "new = 1",
        "new = x + 1\nx > 1",
        "new = missing + 1",
        "new = other = x",
        "@local = x",
        "s.str.upper()",
        "d.dt.year",
        "e - d",
        "x",
        "n",
        "-n",
        "sin(x) + cos(y)",
        "arctan2(x, y)",
        "abs(n)",
        "sqrt(f)",
        "x.mean()",
        "round(x)",
        "sin(x, y)",
        "x / 3.0",
        "x / @HALF",
        "f / 3",
        "x ** 3",
        "x ** 0.5",
        "x ** @HALF",
        "k ** 2",
        "k ** k",
        "k % 2",
        "x % 2",
        "i // 2",
        "x // y",
        "1 / x",
        "2 ** k",
    ],
)
def test_eval(expression: str) -> None:
    def program(module: Any) -> Any:
        local = 1
        assert local
        return data(module).eval(expression)

    exact = not re.search(r"sin|cos|arctan|\*\*|mean", expression)
    assert_same(outcome(lambda: program(lazyframe)), outcome(lambda: program(pd)), exact)


@pytest.mark.parametrize("expression", ["x > 0 and k < 5", "x + y * 2 > @LIMIT", "0 < x <= 3 or not b"])
def test_simple_expressions_are_recorded(expression: str) -> None:
    frame = data(lazyframe)
    assert is_lazy(frame.eval(expression))
    assert is_lazy(frame.query(expression))


@pytest.mark.usefixtures("_with_and_without_numexpr")
@pytest.mark.parametrize("expression", TEXT_AND_TIMES + ASKING)
def test_queries_of_text_and_times_are_recorded(expression: str) -> None:
    assert is_lazy(data(lazyframe).query(expression))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("expression", ["labels > 2", "index > 3", "`a b` > 1", "x = x + `a b`\ny = x * 2"])
def test_labels_quoted_names_and_assignments_are_recorded(engine: str | None, expression: str) -> None:
    if engine == "numexpr":
        pytest.importorskip("numexpr")
    assert is_lazy(data(lazyframe).eval(expression, **engine_of(engine)))


def test_an_expression_sees_the_variables_of_each_call() -> None:
    def above(module: Any, bound: Any) -> Any:
        return data(module).query("x > @bound")

    for bound in (0, 0.5, 2, "a", [1, 2], DAY, True, None, np.float32(0.1), -1):
        assert_same(outcome(lambda b=bound: above(lazyframe, b)), outcome(lambda b=bound: above(pd, b)))


@pytest.mark.parametrize("engine", [None, "python"])
def test_what_is_remembered_of_an_expression_is_of_its_dtypes_and_variables(engine: str | None) -> None:
    """The same text again and again, of other columns, other variables, and data that change a dtype."""
    frames = [
        {"p": [1, 2, 3], "q": ["a", None, "b"]}, {"p": [1.5, np.nan, 3], "q": ["a", "b", "c"]},
        {"p": [1, 2, 3], "q": ["a", "bb", "c"]}, {"p": [True, False, True], "q": ["a", None, "b"]},
        {"p": np.array([1, 2, 300], dtype=np.int16), "q": ["a", "b", ""]},
        {"p": pd.to_datetime(["2020-01-01", None, "2021-01-01"]), "q": list("abc")},
    ]  # fmt: skip
    expressions = (
        "q.str.len() + 1", "q.str.len() > @bound", "p.max() + p", "p + @bound", "q in @several",
        "q == @first", "p.shift(1) + 1", "p > @bound and q == 'a'",
    )  # fmt: skip

    def program(module: Any, expression: str, columns: Any, bound: Any, first: Any, several: Any) -> Any:
        return module.DataFrame(columns).eval(expression, **engine_of(engine))

    for expression in expressions:
        for columns in frames:
            for bound, first, several in (
                (1, "a", ["a"]), (-0.0, 1, ("a", "c")), (True, None, {"a"}), (np.float32(0.1), ["a b"], []),
                (0.0, "b", ["a"]),
            ):  # fmt: skip
                given = expression, columns, bound, first, several
                ours = outcome(program, lazyframe, *given)
                assert_same(ours, outcome(program, pd, *given))


@pytest.mark.parametrize("expression", ["f + 1 in [1, 2]", "x + s.str.len() not in [1, 2]"])
def test_what_numexpr_does_not_find_on_the_way(expression: str) -> None:
    """pandas names what it has evaluated so far by its address, and finds none of it."""
    ours, theirs = [outcome(lambda m=module: data(m).eval(expression)) for module in (lazyframe, pd)]
    assert type(ours) is type(theirs) if isinstance(theirs, Exception) else is_lazy(ours)


def test_code_of_the_users_runs_once() -> None:
    calls: list[int] = []

    def count(values: Any) -> Any:
        calls.append(1)
        return values

    for expression in ("@count(x) > 1", "x.apply(@count) > 1 and s[0] == 'a'", "@calls.append(1)"):
        expected = outcome(
            lambda text=expression: data(pd).eval(text, local_dict={"count": count, "calls": calls})
        )
        before, calls[:] = len(calls), []
        ours = outcome(
            lambda text=expression: data(lazyframe).eval(text, local_dict={"count": count, "calls": calls})
        )
        assert_same(ours, expected)
        assert len(calls) == before
        calls.clear()


def test_duplicate_and_unusual_column_labels_are_as_pandas_has_them() -> None:
    for columns in (["x", "x"], ["x", 1], ["x", None], ["x", "x y"], ["x", ("a", 1)], ["`", "x"]):

        def program(module: Any, columns: Any = columns) -> Any:
            return module.DataFrame(np.arange(6.0).reshape(3, 2), columns=columns).query("x > 1")

        assert_same(outcome(lambda run=program: run(lazyframe)), outcome(lambda run=program: run(pd)))


def test_levels_of_labels_are_names() -> None:
    for names in (
        ["p", "q"],
        ["p", "p"],
        [None, "q"],
        [1, "q"],
        ["x", "q"],
        ["columns", "index"],
        ["a b", "c"],
    ):
        for expression in (
            "p > 1",
            "q == 'a'",
            "ilevel_0 > 1",
            "x > 1",
            "index > 1",
            "columns > 1",
            "`a b` > 1",
        ):

            def program(module: Any, names: Any = names, expression: str = expression) -> Any:
                index = pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=names)
                return module.DataFrame({"x": np.arange(4.0)}, index=index).query(expression)

            assert_same(outcome(lambda run=program: run(lazyframe)), outcome(lambda run=program: run(pd)))


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
