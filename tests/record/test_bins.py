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
    "intervals from the left": lambda pd, s: pd.cut(
        s, pd.IntervalIndex.from_breaks([-1.5, 3, 7], closed="left")
    ),
    "intervals of neither": lambda pd, s: pd.cut(s, pd.IntervalIndex.from_breaks([0, 3, 7], closed="both")),
    "intervals apart": lambda pd, s: pd.cut(s, pd.IntervalIndex.from_tuples([(0, 1), (2, 5)])),
    "no intervals": lambda pd, s: pd.cut(s, pd.IntervalIndex.from_breaks([])),
    "intervals too": lambda pd, s: pd.cut(s, pd.IntervalIndex.from_breaks([0, 3]), retbins=True)[0],
    "an index": lambda pd, s: pd.cut(s, pd.Index([0, 3, 7])),
    "many": lambda pd, s: pd.cut(s, list(range(100))),
    "many floats": lambda pd, s: pd.cut(s, np.linspace(-4, 8, 99), labels=False),
    "many from the left": lambda pd, s: pd.cut(s, np.arange(-3, 61), right=False),
    "many with the lowest": lambda pd, s: pd.cut(s, np.arange(-1, 126), include_lowest=True, labels=False),
    "many to infinity": lambda pd, s: pd.cut(s, [-np.inf, *range(127), np.inf]),
    "a hundred": lambda pd, s: pd.cut(s, 100),
    "hundredths": lambda pd, s: pd.qcut(s, 100, labels=False, duplicates="drop"),
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


def _days(library: Any, s: Any) -> Any:
    made = library.to_datetime(["2000-01-01", "2001-01-01", "2002-06-01"])
    return made if s.dtype.kind == "M" else made - made[0]


TIMES: dict[str, Any] = {
    "edges": lambda pd, s: pd.cut(s, _days(pd, s)),
    "left": lambda pd, s: pd.cut(s, _days(pd, s), right=False, labels=["a", "b"]),
    "lowest": lambda pd, s: pd.cut(s, list(_days(pd, s)), include_lowest=True),
    "numbers": lambda pd, s: pd.cut(s, _days(pd, s).to_numpy(), labels=False),
    "another unit": lambda pd, s: pd.cut(s, _days(pd, s).as_unit("ns")),
    "a finer edge": lambda pd, s: pd.cut(s, _days(pd, s).as_unit("ns") + pd.Timedelta(1, "ns")),
    "intervals": lambda pd, s: pd.cut(s, pd.IntervalIndex.from_breaks(_days(pd, s))),
    "many": lambda pd, s: pd.cut(s, _days(pd, s)[0] + pd.to_timedelta(np.arange(99), "D")),
    "missing edge": lambda pd, s: pd.cut(s, [_days(pd, s)[0], pd.NaT]),
    "edges of numbers": lambda pd, s: pd.cut(s, [0, 1]),
    "edges of text": lambda pd, s: pd.cut(s, ["2000-01-01", "2001-01-01"]),
    "edges with a zone": lambda pd, s: pd.cut(s, pd.date_range("2000", periods=3, tz="UTC")),
    "three": lambda pd, s: pd.cut(s, 3),
    "edges of three": lambda pd, s: list(pd.cut(s, 3, retbins=True)[1]),
    "three from the left": lambda pd, s: pd.cut(s, 3, right=False, labels=False),
    "quarters": lambda pd, s: pd.qcut(s, 4, duplicates="drop"),
    "shares": lambda pd, s: pd.qcut(s, [0, 0.5, 1], labels=["early", "late"]),
}


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("unit", ["s", "us", "ns"])
@pytest.mark.parametrize("kind", ["M8", "m8"])
def test_times(kind: str, unit: str, name: str) -> None:
    days = np.array(
        ["2000-01-01", "NaT", "2001-01-01", "2001-01-02", "2003-01-01", "1999-12-31", "2000-02-01"]
    )
    values = days.astype(f"M8[{unit}]")
    if kind == "m8":
        values = values - values[0]
    for part in (values, values[[0]], values[[1]], values[:0], values[[0, 2, 3, 4]], values[[0, 0]]):

        def program(library: Any, part: Any = part) -> Any:
            return TIMES[name](library, library.Series(part, name="x"))

        assert_same(outcome(program, lazyframe), outcome(program, pd))


@pytest.mark.parametrize("name", ["edges", "another unit", "intervals", "many", "three", "quarters"])
def test_pandas_does_not_run_for_times(name: str) -> None:
    times = np.array(["2000-01-02", "NaT", "2001-01-01", "2002-01-01"], "M8[us]")
    data = lazyframe.DataFrame({"x": times, "k": range(4)})
    assert is_lazy(TIMES[name](lazyframe, data[data["k"] != 1]["x"]))


RECORDED = [
    "edges",
    "intervals",
    "an index",
    "many",
    "a hundred",
    "hundredths",
    "left",
    "lowest",
    "labels",
    "numbers",
    "array",
    "three",
    "quarters",
    "shares",
]


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


@pytest.mark.parametrize(("dtype", "name"), [("float64", "many from the left"), ("int16", "many")])
def test_kernels_halve(monkeypatch: pytest.MonkeyPatch, dtype: str, name: str) -> None:
    monkeypatch.undo()
    with lazyframe.config(min_rows=0):
        check(edge_values(dtype)[2:], name)
        check(np.arange(-5, 120).astype(dtype), name)
