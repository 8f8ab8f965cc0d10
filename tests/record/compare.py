"""The same program on pandas' objects and on lazyframe's: same answer, or same exception."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import lazyframe

DTYPES = (
    "float64", "float32", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
    "datetime64[ns]", "timedelta64[s]", "str",
)  # fmt: skip

Program = Callable[..., Any]


def edge_values(dtype: str) -> Any:
    """Eight values of a dtype: its extremes, zeros, what is missing."""
    if dtype == "str":
        return pd.array(list("abcdefgh"), dtype="str")
    if dtype.startswith("float"):
        return np.array([0.5, -0.0, np.nan, np.inf, -np.inf, 1e10, -2.5, 3.5], dtype)
    if dtype == "bool":
        return np.array([True, False] * 4)
    if dtype.startswith("datetime"):
        return np.array(["2000-01-01", "NaT", "2001-01-01", "1999-01-01"] * 2, dtype)
    if dtype.startswith("timedelta"):
        return np.array([1, "NaT", -5, 0] * 2, dtype)
    limits = np.iinfo(dtype)
    if dtype.startswith("u"):
        return np.array([0, 1, 5, 3, 0, limits.max, 7, 9], dtype)
    return np.array([0, -1, 5, 3, limits.min, limits.max, 7, -3], dtype)


def series(library: Any, dtype: str, rows: int | None = None) -> Any:
    """A series of edge values, named as its dtype."""
    return library.Series(edge_values(dtype)[:rows], name=dtype)


INDEXES: dict[str, Callable[[int], Any]] = {
    "default": lambda n: pd.RangeIndex(n),
    "range": lambda n: pd.RangeIndex(10, 10 + 2 * n, 2),
    "duplicates": lambda n: pd.Index([1, 1, 2, 2, 3, 3, 4, 4][:n]),
    "text": lambda n: pd.Index(list("abcdefgh")[:n], name="letters"),
    "floats": lambda n: pd.Index(np.arange(n) + 0.5, name=("a", 1)),
    "days": lambda n: pd.date_range("2000", periods=n, name="when"),
    "levels": lambda n: pd.MultiIndex.from_product([[1, 2], list("abcd")], names=["x", None])[:n],
}


def frame(library: Any, dtypes: tuple[str, ...], index: str = "default", rows: int | None = None) -> Any:
    """A frame of columns ``c0``, ``c1``, ... of edge values; nobody else has its memory."""
    made = library.DataFrame(_unlabelled(dtypes, rows).copy())
    made.index = _labels(index, len(made)).view()  # of its own names
    return made


# tests make some frames thousands of times, for as long as they compute with them
@cache
def _unlabelled(dtypes: tuple[str, ...], rows: int | None) -> pd.DataFrame:
    return pd.DataFrame({f"c{i}": pd.Series(edge_values(dtype)[:rows]) for i, dtype in enumerate(dtypes)})


@cache
def _labels(index: str, rows: int) -> pd.Index:
    return INDEXES[index](rows)


def is_lazy(result: Any) -> bool:
    """Whether a frame or series is recorded and not computed."""
    return "_recorded" in result.__dict__ and "_mgr" not in result.__dict__


def outcome(program: Program, *arguments: Any) -> Any:
    """What a program returns or raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return program(*arguments)
        except Exception as error:
            return error


def assert_same(result: Any, expected: Any, exact: bool = True) -> None:
    """Equal in kind, dtype, labels and values; sums of floats within their last digits unless ``exact``."""
    if isinstance(expected, Exception):
        assert type(result) is type(expected), result
        assert str(result) == str(expected)
        return
    if isinstance(result, Exception):
        raise AssertionError(f"raised where pandas returns {expected!r}") from result
    if isinstance(expected, (pd.Series, pd.DataFrame)):
        kind = lazyframe.Series if isinstance(expected, pd.Series) else lazyframe.DataFrame
        assert type(result) is kind
        plain = result.to_pandas()
        options: dict[str, Any] = (
            {"check_exact": True} if exact else {"rtol": _tolerance(expected), "atol": 0}
        )
        if isinstance(expected, pd.Series):
            pd.testing.assert_series_equal(plain, expected, **options)
        else:
            pd.testing.assert_frame_equal(plain, expected, **options)
        assert type(plain.index) is type(expected.index)
        if exact:
            _assert_same_signs(plain, expected)
        return
    assert type(result) is type(expected), (result, expected)
    if isinstance(expected, np.floating) and not exact:
        assert np.isclose(result, expected, rtol=_tolerance(expected), atol=0, equal_nan=True)
    else:
        assert result == expected or (result != result and expected != expected)


def _tolerance(expected: Any) -> float:
    dtypes = [expected.dtype] if hasattr(expected, "dtype") else list(expected.dtypes)
    return 1e-6 if np.dtype("float32") in dtypes else 1e-12


def _assert_same_signs(result: Any, expected: Any) -> None:
    """Zeros of the same sign: equality does not tell."""
    dtypes = [expected.dtype] if isinstance(expected, pd.Series) else list(expected.dtypes)
    for position, dtype in enumerate(dtypes):
        if isinstance(dtype, np.dtype) and dtype.kind != "f":
            continue
        columns = (result, expected)
        if isinstance(expected, pd.DataFrame):
            columns = (result.iloc[:, position], expected.iloc[:, position])
        mine, theirs = [column.to_numpy() for column in columns]
        if theirs.dtype.kind == "f":
            known = ~np.isnan(theirs)
            assert (np.signbit(mine) == np.signbit(theirs))[known].all()
