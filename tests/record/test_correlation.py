"""``corr`` and ``cov`` of frames, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import outcome

PROGRAMS: dict[str, Any] = {
    "corr": lambda df: df.corr(),
    "cov": lambda df: df.cov(),
    "corr of numbers": lambda df: df.corr(numeric_only=True),
    "cov of numbers": lambda df: df.cov(numeric_only=True),
    "corr of derived": lambda df: (df[["a", "b"]] * 2)[df["k"] > 0].corr(),
    "cov of derived": lambda df: df[df["k"] > 0][["a", "k"]].cov(),
    "at least two": lambda df: df[["a", "b"]].corr(min_periods=2),
    "another freedom": lambda df: df[["a", "b"]].cov(ddof=0),
    "much freedom": lambda df: df[["a", "b"]].cov(ddof=3),
    "at least three": lambda df: df.cov(min_periods=3, numeric_only=True),
    "at least none": lambda df: df[["a", "b"]].cov(min_periods=0),
    "four columns": lambda df: df[["a", "b"]].assign(c=df["a"] + df["b"], d=df["k"]).corr(min_periods=2),
    "four columns, covariance": lambda df: df[["a", "b"]].assign(c=df["b"] * df["k"], d=1).cov(min_periods=2),
    "two series": lambda df: df["a"].corr(df["b"]),
    "two series, at least three": lambda df: df["a"].corr(df["b"], min_periods=3),
    "two series, covariance": lambda df: df["a"].cov(df["b"]),
    "two series, freedom": lambda df: df["a"].cov(df["b"], 2, 2),
    "two filtered series": lambda df: df[df["k"] > 0]["a"].corr(df[df["k"] > 0]["k"]),
    "series of other rows": lambda df: df[df["k"] > 0]["a"].corr(df["k"]),
    "with a series": lambda df: df.corrwith(df["a"], numeric_only=True),
    "with a series, of all": lambda df: df.corrwith(df["k"]),
    "with a series, at least two": lambda df: df[["a", "b"]].corrwith(df["k"] * 2, min_periods=2),
    "with a series, ranks": lambda df: df[["a", "k"]].corrwith(df["b"], method="spearman"),
    "with a filtered series": lambda df: df[df["k"] > 0][["k", "a"]].corrwith(df[df["k"] > 0]["b"]),
    "with a series, across": lambda df: df[["a", "b"]].corrwith(df["a"], axis=1),
    "with a frame": lambda df: df[["a", "b"]].corrwith(df[["b", "k"]]),
    "no method": lambda df: df.corr("none"),
}


def check(plain: pd.DataFrame, name: str, rtol: float = 1e-9) -> None:
    expected = outcome(PROGRAMS[name], plain)
    found = outcome(PROGRAMS[name], lazyframe.DataFrame(plain))
    if isinstance(expected, Exception):
        assert (type(found), str(found)) == (type(expected), str(expected))
        return
    if isinstance(expected, pd.Series):
        assert type(found) is lazyframe.Series
        pd.testing.assert_series_equal(found.to_pandas(), expected, rtol=rtol, atol=1e-12)
        return
    if not isinstance(expected, pd.DataFrame):
        assert type(found) is type(expected)
        assert np.isclose(found, expected, rtol, 1e-12, equal_nan=True)
        return
    assert type(found) is lazyframe.DataFrame
    pd.testing.assert_frame_equal(found.to_pandas(), expected, rtol=rtol, atol=1e-12)


FRAMES = {
    "usual": {"a": [1.0, 2.5, -3.0, 4.0], "b": [2.0, 1.0, 0.5, 7.0]},
    "missing": {"a": [1.0, np.nan, -3.0, 4.0], "b": [2.0, 1.0, 0.5, 7.0]},
    "missing together": {
        "a": [1.0, np.nan, np.nan, 4.0, 5.0, 7.0],
        "b": [2.0, 1.0, np.nan, np.nan, 7.0, 1.5],
    },
    "never together": {"a": [1.0, np.nan, 3.0, np.nan], "b": [np.nan, 1.0, np.nan, 2.0]},
    "once together": {"a": [1.0, np.nan, 3.0, np.nan], "b": [np.nan, 1.0, 2.0, 2.0]},
    "constant together": {"a": [0.1, 7.0, 0.1, 0.1, 9.0], "b": [2.0, np.nan, 0.5, 7.0, np.nan]},
    "all missing": {"a": [np.nan] * 4, "b": [2.0, 1.0, 0.5, 7.0]},
    "far apart": {
        "a": [1e8 + 1, 1e8 + 2, 1e8 + 4, 0.0, 1.0, 2e8],
        "b": [1.0, 2.0, 2.5, np.nan, np.nan, np.nan],
    },
    "missing and infinite": {"a": [1.0, np.inf, -3.0, 4.0, 2.0], "b": [2.0, np.nan, 0.5, 7.0, -np.inf]},
    "small missing": {"a": np.array([1, 2, 5], np.float32), "b": np.array([np.nan, 2.5, 1], np.float32)},
    "infinite": {"a": [1.0, np.inf, -3.0, 4.0], "b": [2.0, 1.0, 0.5, 7.0]},
    "constant": {"a": [0.1, 0.1, 0.1, 0.1], "b": [2.0, 1.0, 0.5, 7.0]},
    "one row": {"a": [1.0], "b": [2.0]},
    "empty": {"a": np.array([], float), "b": np.array([], float)},
    "integers": {"a": np.array([1, 2, 100], np.int8), "b": [2**40, 5, 7]},
    "booleans": {"a": [True, False, True], "b": [False, False, True]},
    "far from zero": {"a": [1e9 + 1, 1e9 + 2, 1e9 + 4], "b": [1.0, 2.0, 3.0]},
    "float32": {"a": np.array([0.1, 0.2, 0.5], np.float32), "b": [1.0, 2.0, 3.0]},
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("data", FRAMES)
def test_frames(data: str, name: str) -> None:
    plain = pd.DataFrame(FRAMES[data])
    plain["k"] = np.arange(len(plain))
    rtol = 1e-6 if data == "far from zero" else 1e-9  # where pandas loses what is far behind the point
    check(plain, name, rtol)
    check(plain.assign(s="text"), name, rtol)
    check(plain.assign(t=pd.Timestamp("2000")), name, rtol)


@pytest.mark.filterwarnings("ignore")
@given(st.lists(st.tuples(*[st.floats(-1e3, 1e3, width=16) | st.just(np.nan)] * 2), max_size=9))
def test_floats(rows: list[Any]) -> None:
    plain = pd.DataFrame(rows, columns=["a", "b"], dtype="float64")
    plain["k"] = np.arange(len(plain))
    check(plain, "corr")
    check(plain, "cov")
    check(plain, "two series")
    check(plain, "two series, covariance")


@pytest.mark.parametrize("rows", [2047, 2048, 5000])
def test_many_rows(rows: int) -> None:
    random = np.random.default_rng(rows)
    values = random.normal(size=(rows, 5)) * [1.0, 1e-3, 1e6, 1.0, 1.0] + [0.0, 1.0, -1e7, 0.0, 5.0]
    values[random.random((rows, 5)) < 0.2] = np.nan
    values[:, 3] = np.where(np.isnan(values[:, 3]), np.nan, 0.1)  # constant
    values[:3000, 4] = np.nan
    plain = pd.DataFrame(values, columns=list("abcde"))
    plain["k"] = np.arange(rows)
    plain["f"] = random.random(rows).astype(np.float32)
    for name in ("corr", "cov", "at least three"):
        check(plain, name)


def test_pandas_is_not_given_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    data = lazyframe.DataFrame(FRAMES["usual"])
    part = data[data["a"] > 0] * 2
    monkeypatch.setattr(pd.DataFrame, "corr", None)
    assert part.corr().shape == (2, 2)
    assert lazyframe.DataFrame(FRAMES["missing together"])[["a", "b"]].cov(min_periods=2).shape == (2, 2)
    assert type(part["a"].corr(part["b"])) is np.float64
    assert "_mgr" not in part.__dict__
