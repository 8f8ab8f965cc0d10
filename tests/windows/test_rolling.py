"""Windows of so many rows, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.api.wrap import unwrap
from lazyframe.run import windows
from passes.ir.type_rules import ROLLING
from tests.programs.compare import same
from tests.record.compare import is_lazy, outcome

pytestmark = pytest.mark.usefixtures("_by_reference")

EDGES = [0.0, -0.0, 1.5, np.nan, np.inf, -np.inf, 1e300, 3.0, 3.0, 3.0, -2.5, 1e-300]
DTYPES = ("float64", "float32", "int64", "int8", "uint8", "uint64", "bool")


def frame(rows: int, dtype: str = "float64") -> pd.DataFrame:
    numbers = np.resize(np.array(EDGES), rows)
    if dtype not in ("float64", "float32"):
        numbers = np.arange(rows) % 5 - (dtype[0] == "i")
    with np.errstate(over="ignore"):
        column = numbers.astype(dtype)
    index = pd.date_range("2020", periods=rows, name="day")
    return pd.DataFrame({"x": column, "k": np.arange(rows), "y": np.arange(rows) / 3}, index=index)


def check(program: Any, plain: pd.DataFrame, lazy: bool | None = None) -> None:
    wanted = outcome(program, plain)
    found = outcome(program, lazyframe.DataFrame(plain))
    if lazy is not None and not isinstance(wanted, Exception):
        assert is_lazy(found) is lazy
    if isinstance(wanted, Exception):
        assert (type(found), str(found)) == (type(wanted), str(wanted))
    else:
        same(unwrap(found), wanted)


@pytest.mark.parametrize("name", ROLLING)
@pytest.mark.parametrize("rows", [0, 1, 2, 30])
def test_of_columns(name: str, rows: int) -> None:
    for window, options in ((1, {}), (3, {}), (3, {"min_periods": 1}), (4, {"min_periods": 0}), (50, {})):

        def rolled(part: Any, window: int = window, options: Any = options) -> Any:
            return getattr(part.rolling(window, **options), name)()

        for dtype in DTYPES:
            plain = frame(rows, dtype)
            check(lambda df, f=rolled: f(df["x"]), plain, lazy=True)
        check(rolled, frame(rows), lazy=True)
        check(lambda df, f=rolled: f(df[df["k"] % 3 > 0]["x"]) + 1, frame(rows))
        check(lambda df, f=rolled: f(df[df["k"] % 3 > 0])[["y"]], frame(rows))


@pytest.mark.parametrize("name", ROLLING)
@pytest.mark.parametrize("rows", [0, 2, 30])
def test_of_all_before(name: str, rows: int) -> None:
    for options in ({}, {"min_periods": 3}, {"min_periods": 0}):

        def expanded(part: Any, options: Any = options) -> Any:
            return getattr(part.expanding(**options), name)()

        for dtype in ("float64", "float32", "int8", "uint64", "bool"):
            check(lambda df, f=expanded: f(df["x"]), frame(rows, dtype), lazy=True)
        check(expanded, frame(rows), lazy=True)
        check(lambda df, f=expanded: f(df[df["k"] % 3 > 0][["y", "x"]]), frame(rows), lazy=True)


OTHERS: dict[str, Any] = {
    "a column of all before": lambda df: df.expanding()["x"].sum(),
    "an attribute of all before": lambda df: df.expanding(2).y.max(),
    "median of all before": lambda df: df["y"].expanding().median(),
    "agg of all before": lambda df: df["y"].expanding().agg(["sum", "mean"]),
    "apply to all before": lambda df: df["y"].expanding(2).apply(np.sum, raw=True),
    "quantile of all before": lambda df: df["y"].expanding().quantile(0.5),
    "less than none before": lambda df: df["y"].expanding(-1).sum(),
    "no number before": lambda df: df["y"].expanding("x").sum(),
    "a table before": lambda df: df[["x", "y"]].expanding(method="table").sum(engine="none"),
    "text before": lambda df: df.assign(s="a").expanding().sum(),
    "a column": lambda df: df.rolling(3)["x"].sum(),
    "columns": lambda df: df.rolling(3)[["y", "x"]].mean(),
    "no column": lambda df: df.rolling(3)["none"].mean(),
    "attribute": lambda df: df.rolling(3).x.mean(),
    "centred": lambda df: df["x"].rolling(3, center=True).mean(),
    "of days": lambda df: df["x"].rolling("3D").mean(),
    "triangular": lambda df: df["y"].rolling(3, win_type="triang").mean(),
    "closed": lambda df: df["y"].rolling(3, closed="left").mean(),
    "each other": lambda df: df["y"].rolling(3, step=2).mean(),
    "median": lambda df: df["y"].rolling(3).median(),
    "another freedom": lambda df: df["y"].rolling(3).std(ddof=0),
    "agg": lambda df: df["y"].rolling(3).agg(["sum", "mean"]),
    "apply": lambda df: df["y"].rolling(3).apply(np.sum, raw=True),
    "corr": lambda df: df["y"].rolling(3).corr(df["k"]),
    "nothing": lambda df: df["y"].rolling(0).sum(),
    "less than nothing": lambda df: df["y"].rolling(-1).sum(),
    "more than all": lambda df: df["y"].rolling(2, min_periods=3).sum(),
    "no number": lambda df: df["y"].rolling("x").sum(),
    "half": lambda df: df["y"].rolling(1.5).sum(),
    "true": lambda df: df["y"].rolling(True).sum(),
    "text": lambda df: df.assign(s="a").rolling(2).sum(),
    "numbers only": lambda df: df.assign(s="a").rolling(2).sum(numeric_only=True),
    "times": lambda df: df.reset_index()["day"].rolling(2).count(),
    "no columns": lambda df: df[[]].rolling(2).sum(),
    "the same column twice": lambda df: df[["x", "x"]].rolling(2).sum(),
}


@pytest.mark.parametrize("name", OTHERS)
def test_others(name: str) -> None:
    for rows in (0, 12):
        check(OTHERS[name], frame(rows))


def test_looking_does_not_compute() -> None:
    df = lazyframe.DataFrame(frame(30))
    kept = df[df["k"] > 3]
    rolled = kept.rolling(3)["x"].mean()
    assert is_lazy(kept)
    assert is_lazy(rolled)


@given(
    st.lists(st.sampled_from(EDGES), max_size=40),
    st.integers(1, 9),
    st.sampled_from(["min", "max", "count"]),
    st.integers(1, 3),
)
def test_in_parts(values: list[float], window: int, name: str, threads: int) -> None:
    series = pd.Series(values, dtype="float64")
    with pytest.MonkeyPatch.context() as patch, lazyframe.config(threads=threads, min_rows=0):
        patch.setattr(windows, "_PART_ROWS", 9)
        found = getattr(lazyframe.Series(series).rolling(window, min_periods=1), name)()
        same(found.to_pandas(), getattr(series.rolling(window, min_periods=1), name)())
