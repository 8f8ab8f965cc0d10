"""``series -= other``, ``frame *= other`` and ``mask &= other``: the left operand becomes the result."""

from __future__ import annotations

import operator
import warnings
from typing import Any

import pandas as pd
import pytest

import lazyframe
from tests.record.compare import DTYPES, assert_same, frame, is_lazy, outcome, series

OPERATORS = {
    name: getattr(operator, name)
    for name in ("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ior", "ixor")
}


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("left", DTYPES)
def test_series(name: str, left: str) -> None:
    others = [*DTYPES[:1], "int64", "bool", 2, 0.5, True, "x", None]
    for other in others:
        if (name, left, other) == ("imul", "str", "int64"):
            continue  # a string of as many letters as an integer can say
        answers = []
        for library in (lazyframe, pd):
            one = series(library, left)
            before = one.copy()
            two = series(library, other) if other in DTYPES else other
            result = outcome(OPERATORS[name], one, two)
            if not isinstance(result, Exception):
                assert result is one, "the object stays"
            answers.append((result, before))
        assert_same(answers[0][0], answers[1][0], exact=name != "ipow")
        assert_same(answers[0][1], answers[1][1])


def test_they_are_recorded() -> None:
    one, mask = series(lazyframe, "float64"), series(lazyframe, "bool")
    one -= series(lazyframe, "int64")
    mask &= one > 0.0
    mask |= True
    assert is_lazy(one)
    assert is_lazy(mask)
    assert one.name == "float64"
    assert mask.name == "bool"
    both = frame(lazyframe, ("float64", "int8"))
    both *= 2
    assert is_lazy(both)


@pytest.mark.parametrize("index", ["default", "duplicates", "text"])
def test_columns_of_a_frame(index: str) -> None:
    def program(df: Any) -> Any:
        kept = df["c0"]
        df["c0"] -= df["c1"] * 2
        df["c1"] /= 3
        df.c2 |= df["c0"] > 1.0
        part = df[["c0", "c1"]]
        part += 1
        part -= part
        other = df["c0"]
        other += kept
        return [df, kept, part, other, df["c0"].count()]

    ours, theirs = (
        program(frame(library, ("float64", "int64", "bool"), index)) for library in (lazyframe, pd)
    )
    for one, other in zip(ours, theirs, strict=True):
        assert_same(one, other)


def test_other_labels() -> None:
    def program(library: Any) -> Any:
        one, other = series(library, "float64"), series(library, "int64")
        other.index = range(4, 12)
        one += other
        return one

    assert_same(program(lazyframe), program(pd))


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("name", ["z", None, 3])
def test_series_are_renamed_in_place(name: Any) -> None:
    def program(library: Any) -> list[Any]:
        df = library.DataFrame({"a": [1.0, 2.0, 2.0]})
        made = [df["a"], df["a"] + 1, df["a"][df["a"] > 1], library.concat([df["a"], df["a"]])]
        for one in made:
            one.rename(name, inplace=True)
        return [*made, df["a"], made[1].to_frame(), made[2] * 2]

    for mine, theirs in zip(program(lazyframe), program(pd), strict=True):
        assert_same(mine, theirs)


IN_PLACE = [
    "df.drop(columns='b', inplace=True)",
    "df.rename(columns={'a': 'q'}, inplace=True)",
    "df.sort_values('a', inplace=True)",
    "df.sort_index(axis=1, inplace=True)",
    "df.drop_duplicates(inplace=True)",
    "df.reset_index(inplace=False)",
    "df.query('a > 1', inplace=True)",
    "df.eval('n = a', inplace=True)",
    "df.copy()['a'].copy().dropna(inplace=True)",
    "df.select_dtypes('object')",
]


@pytest.mark.parametrize("min_rows", [0, 200_000])
@pytest.mark.parametrize("call", IN_PLACE)
def test_warnings_name_the_line_of_the_user(call: str, min_rows: int) -> None:
    seen = []
    for library in (lazyframe, pd):
        df = library.DataFrame({"a": [1.0, 2.0, 2.0], "b": [2, 1, 1], "s": ["x", "y", "y"]})
        with warnings.catch_warnings(record=True) as caught, lazyframe.config(min_rows=min_rows):
            warnings.simplefilter("always")
            exec(compile(f"\n\n{call}", "program", "exec"), {"df": df[df["a"] > 0]})
        seen.append([(one.category, str(one.message), one.filename, one.lineno) for one in caught])
    assert seen[0] == seen[1]
