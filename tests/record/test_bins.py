"""``cut`` and ``qcut``, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import assert_same, edge_values, is_lazy, outcome

CUTS: dict[str, Any] = {
    "edges": lambda pd, s: pd.cut(s, [-1, 0, 3, 7]),
    "floats": lambda pd, s: pd.cut(s, [-2.5, 0.0, 0.5, 3.5]),
    "left": lambda pd, s: pd.cut(s, [0, 3, 7], right=False),
    "lowest": lambda pd, s: pd.cut(s, (0, 3, 7), include_lowest=True),
    "lowest of left": lambda pd, s: pd.cut(s, (0, 3, 7), include_lowest=True, right=False),
    "labels": lambda pd, s: pd.cut(s, [-1, 0, 3, np.inf], labels=["low", "mid", "high"]),
    "numbers": lambda pd, s: pd.cut(s, [-1, 0, 3, 7], labels=False),
    "all numbers": lambda pd, s: pd.cut(s, [-np.inf, 0, np.inf], labels=False),
    "equal labels": lambda pd, s: pd.cut(s, [-1, 0, 3, 7], labels=["a", "b", "a"], ordered=False),
    "precise": lambda pd, s: pd.cut(s, [-1.2345, 0.1234, 3.3333], precision=1),
    "array": lambda pd, s: pd.cut(s, np.arange(-2, 9, 3)),
    "edges too": lambda pd, s: pd.cut(s, [-1, 0, 3, 7], retbins=True)[0],
    "the edges": lambda pd, s: list(pd.cut(s, [-1, 0, 3, 7], retbins=True)[1]),
    "equal edges": lambda pd, s: pd.cut(s, [0, 0, 3]),
    "without equal edges": lambda pd, s: pd.cut(s, [0, 0, 3], duplicates="drop"),
    "falling edges": lambda pd, s: pd.cut(s, [3, 0]),
    "an edge": lambda pd, s: pd.cut(s, [3]),
    "no edge": lambda pd, s: pd.cut(s, []),
    "text": lambda pd, s: pd.cut(s, ["a", "b"]),
    "too few labels": lambda pd, s: pd.cut(s, [0, 3, 7], labels=["a"]),
    "intervals": lambda pd, s: pd.cut(s, pd.IntervalIndex.from_breaks([0, 3, 7])),
    "many": lambda pd, s: pd.cut(s, list(range(100))),
    "three": lambda pd, s: pd.cut(s, 3),
    "four from the left": lambda pd, s: pd.cut(s, 4, right=False, precision=2),
    "two numbers": lambda pd, s: pd.cut(s, 2, labels=False),
    "edges of three": lambda pd, s: list(pd.cut(s, 3, retbins=True)[1]),
    "none": lambda pd, s: pd.cut(s, 0),
    "true": lambda pd, s: pd.cut(s, True),
    "keyword": lambda pd, s: pd.cut(x=s, bins=[0, 5]),
    "quarters": lambda pd, s: pd.qcut(s, 4),
    "thirds": lambda pd, s: pd.qcut(s, 3, duplicates="drop"),
    "shares": lambda pd, s: pd.qcut(s, [0, 0.1, 0.9, 1], labels=["few", "most", "rest"]),
    "inner shares": lambda pd, s: pd.qcut(s, [0.25, 0.75]),
    "numbers of quarters": lambda pd, s: pd.qcut(s, 4, labels=False, duplicates="drop"),
    "edges of quarters": lambda pd, s: list(pd.qcut(s, 2, retbins=True)[1]),
    "wrong share": lambda pd, s: pd.qcut(s, [0, 2]),
    "no quarter": lambda pd, s: pd.qcut(s, 0),
}


def check(values: Any, name: str, keep: Any = None) -> None:
    def program(library: Any) -> Any:
        series = library.Series(values, name="x")
        if keep is not None:
            series = series[library.Series(keep)]
        return CUTS[name](library, series)

    assert_same(outcome(program, lazyframe), outcome(program, pd))


@pytest.mark.parametrize("name", CUTS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "int64", "uint64", "bool", "str"])
def test_edge_values(dtype: str, name: str) -> None:
    values = edge_values(dtype)
    for rows in (0, 1, None):
        check(values[:rows], name)
    check(values, name, np.arange(len(values)) % 3 > 0)
    if dtype.startswith("float"):
        check(values[[0, 1, 5, 6, 7]], name)
        check(values[[0, 2, 7]], name)
        check(values[[2, 2]], name)


@given(
    st.lists(st.floats(-9, 9) | st.sampled_from([np.nan, 0.0, -0.0, 3.0, 7.0]), max_size=20),
    st.sampled_from(list(CUTS)),
)
def test_floats(values: list[float], name: str) -> None:
    check(np.array(values, np.float64), name)


RECORDED = ["edges", "left", "lowest", "labels", "numbers", "array", "three", "quarters", "shares"]


@pytest.mark.parametrize("name", RECORDED)
def test_pandas_does_not_run(name: str) -> None:
    data = lazyframe.DataFrame({"x": [0.5, 1.0, 6.5, 3.0, np.nan, -4.0], "k": range(6)})
    part = data[data["k"] != 1]
    found = CUTS[name](lazyframe, part["x"])
    assert is_lazy(found)
    assert is_lazy(part)


@pytest.mark.parametrize("name", ["labels", "three", "quarters", "numbers"])
def test_what_follows(name: str) -> None:
    values = {"x": [0.5, 1.0, 6.5, 3.0, np.nan, -4.0, 3.0], "y": range(7)}

    def program(library: Any) -> Any:
        frame = library.DataFrame(values)
        frame["bin"] = CUTS[name](library, frame["x"])
        return (
            frame.groupby("bin", observed=True)["y"].sum(),
            frame[frame["bin"].notna()],
            frame["bin"].isna(),
        )

    for found, expected in zip(program(lazyframe), program(pd), strict=True):
        assert_same(found, expected)
