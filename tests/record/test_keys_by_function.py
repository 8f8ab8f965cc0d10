"""Functions and ``pandas.col`` where a key or a column is expected: called once, and recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import lazyframe
from tests.record.compare import assert_same, frame, is_lazy, outcome

pytestmark = pytest.mark.usefixtures("_by_reference")

Program = Callable[[Any, Any], Any]


def _put(value: Any) -> Program:
    def program(pd: Any, df: Any) -> Any:
        df.loc[lambda d: d["c0"] > 1, "c0"] = value
        df.loc[pd.col("c1") > 1, "c1"] = 0
        return df

    return program


LAZY: dict[str, Program] = {
    "frame": lambda pd, df: df[lambda d: d["c0"] > 1],
    "frame by an expression": lambda pd, df: df[pd.col("c0") > 1],
    "both": lambda pd, df: df[(pd.col("c0") > 1) & (pd.col("c1") < 4)],
    "column": lambda pd, df: df[lambda d: "c1"],
    "loc": lambda pd, df: df.loc[lambda d: d["c0"] > 1],
    "loc by an expression": lambda pd, df: df.loc[pd.col("c0") > 1, ["c1"]],
    "loc of columns": lambda pd, df: df.loc[lambda d: d["c1"] > 1, lambda d: ["c0", "c1"]],
    "iloc": lambda pd, df: df[["c1", "c0"]].iloc[lambda d: slice(1, None)],
    "series": lambda pd, df: df["c0"][lambda s: s > 1],
    "loc of a series": lambda pd, df: df["c0"].loc[lambda s: s > 1],
    "assign": lambda pd, df: df.assign(x=pd.col("c0") * 2, y=lambda d: d["x"] + pd.Series(d["c1"])),
    "put": _put(7.0),
}
OTHER: dict[str, Program] = {
    "labels": lambda pd, df: df.loc[lambda d: d.index[:2]],
    "a label": lambda pd, df: df["c0"].loc[lambda s: s.index[1]],
    "a tuple": lambda pd, df: df.loc[lambda d: (d.index[1], "c0")],
    "a tuple by position": lambda pd, df: df.iloc[lambda d: (1, 0)],
    "two positions": lambda pd, df: df.iloc[lambda d: 1, lambda d: 0],
    "no column": lambda pd, df: df[lambda d: "no such column"],
    "no column of an expression": lambda pd, df: df[pd.col("no such column") > 1],
    "a series has no columns": lambda pd, df: df["c0"][pd.col("c0") > 1],
    "a function that fails": lambda pd, df: df.loc[lambda d: 1 // 0],
    "put a list": lambda pd, df: _put([1.0])(pd, df),
    "case_when": lambda pd, df: df.assign(x=pd.col("c0").case_when([(pd.col("c0") > 1, 10)])),
}


def agree(name: str, program: Program, index: str) -> Any:
    dtypes = ("float64", "int32", "str")
    found = outcome(program, lazyframe, frame(lazyframe, dtypes, index))
    lazy = is_lazy(found) if isinstance(found, (pd.Series, pd.DataFrame)) else None
    assert_same(found, outcome(program, pd, frame(pd, dtypes, index)))
    return lazy


@pytest.mark.parametrize("index", ["default", "duplicates", "text"])
@pytest.mark.parametrize("name", LAZY)
def test_recorded(name: str, index: str) -> None:
    assert agree(name, LAZY[name], index)


@pytest.mark.parametrize("index", ["default", "text"])
@pytest.mark.parametrize("name", OTHER)
def test_left_to_pandas(name: str, index: str) -> None:
    agree(name, OTHER[name], index)


def test_a_function_is_called_once() -> None:
    df = frame(lazyframe, ("float64", "int32"))
    called: list[Any] = []

    def first_label(owner: Any) -> Any:
        called.append(owner)
        return owner.index[:1]

    df.loc[first_label]
    df.loc[first_label, "c0"] = 1.0
    df["c0"].loc[first_label]
    assert len(called) == 3
