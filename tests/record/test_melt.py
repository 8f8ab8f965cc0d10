"""``melt``, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import DTYPES, INDEXES, assert_same, frame, is_lazy, outcome

MELTS: dict[str, Any] = {
    "one id": lambda df: df.melt("k"),
    "ids": lambda df: df.melt(["k", "c1"]),
    "values": lambda df: df.melt("k", ["c0"]),
    "several values": lambda df: df.melt(id_vars=["c1"], value_vars=["k", "c0", "c0"]),
    "in another order": lambda df: df.melt(["k"], ["c1", "c0"]),
    "names": lambda df: df.melt("k", var_name="what", value_name="much"),
    "equal names": lambda df: df.melt("k", var_name="k"),
    "name of a column": lambda df: df.melt("k", value_name="c0"),
    "no ids": lambda df: df[["c0", "k"]].melt(),
    "no values": lambda df: df.melt(["k", "c0", "c1"]),
    "none of it": lambda df: df.melt("k", []),
    "missing": lambda df: df.melt("none"),
    "missing value": lambda df: df.melt("k", "none"),
    "with labels": lambda df: df.melt("k", ignore_index=False),
    "with labels of one": lambda df: df.melt("k", ["c0"], ignore_index=False),
    "with labels, then": lambda df: df.melt("k", ignore_index=False)[lambda them: them["value"] > 0],
    "with labels, reset": lambda df: df.melt("k", ignore_index=False).reset_index(),
    "level": lambda df: df.melt("k", col_level=0),
    "axis name": lambda df: df.rename_axis(columns="axis").melt("k"),
    "numbered columns": lambda df: df[["c0", "c1"]].set_axis([0, 1], axis=1).melt(0),
    "then": lambda df: df.melt("k", ["c0"])["value"] == df.melt("k", ["c0"])["value"],
}


def check(plain: pd.DataFrame, name: str) -> None:
    for part in (
        lambda df: df,
        lambda df: df[df["k"] > 0],
        lambda df: df[df["k"] > 9],
        lambda df: df.iloc[1:5:2],
    ):

        def program(df: Any, part: Any = part) -> Any:
            return MELTS[name](part(df))

        assert_same(outcome(program, lazyframe.DataFrame(plain)), outcome(program, plain))


@pytest.mark.parametrize("name", MELTS)
@pytest.mark.parametrize("index", ["default", "text", "range"])
def test_index(index: str, name: str) -> None:
    for rows in (0, 8):
        plain = frame(pd, ("float64", "int64"), index, rows)
        check(plain.assign(k=np.arange(rows) % 3), name)


@given(
    st.sampled_from(DTYPES),
    st.sampled_from(DTYPES),
    st.sampled_from(list(INDEXES)),
    st.sampled_from(list(MELTS)),
)
def test_dtypes(one: str, other: str, index: str, name: str) -> None:
    plain = frame(pd, (one, other), index)
    check(plain.assign(k=np.arange(8) % 3), name)


@pytest.mark.parametrize(
    "name", ["one id", "values", "names", "no ids", "in another order", "with labels", "with labels of one"]
)
def test_pandas_does_not_run(name: str) -> None:
    data = frame(lazyframe, ("float64", "float64"), "text")
    data["k"] = np.arange(8) % 3
    for part in (data, data[data["k"] > 0]):
        assert is_lazy(MELTS[name](part))
    assert is_lazy(lazyframe.melt(frame=data, id_vars="k"))


def test_other_columns() -> None:
    plain = pd.DataFrame(
        {"c": pd.Categorical(["a", "b", None]), "o": [1, "x", None], "k": [0, 1, 2], "c0": [1, 2, 3]}
    )
    plain["z"] = pd.date_range("2000", periods=3, tz="UTC")
    for use in (
        lambda df: df.melt("k", ["c"]), lambda df: df.melt("c", ["k", "c0"]), lambda df: df.melt("o", ["k"]),
        lambda df: df.melt("k", ["z"]), lambda df: df.melt("z", "c0"), lambda df: df.melt("k", ["o", "c0"]),
        lambda df: df.melt(["c", "k"])[["c", "variable"]], lambda df: df.melt("k", ["c", "c"]),
        lambda df: df.melt("k", ["c0"]).groupby("variable")["value"].sum(),
    ):  # fmt: skip
        assert_same(outcome(use, lazyframe.DataFrame(plain)), outcome(use, plain))


@pytest.mark.parametrize("text", [["b", "a"], ["b", None, "a"], ["a", 1], [None, None]], ids=str)
def test_melted_objects_are_what_pandas_infers(text: list[Any]) -> None:
    plain = pd.DataFrame({"x": pd.Series(text, dtype=object), "k": range(len(text))})
    plain = plain.assign(y=plain["x"], s="s")
    for ids, values in (("k", "x"), ("x", "k"), ("k", ["x", "y"]), (["x", "k"], ["y"]), ("k", ["x", "s"])):

        def program(df: Any, ids: Any = ids, values: Any = values) -> Any:
            return df.melt(ids, values)

        assert_same(outcome(program, lazyframe.DataFrame(plain)), outcome(program, plain))
