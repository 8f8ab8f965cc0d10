"""Reductions across the columns of each row, of every mixture of dtypes, against pandas."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.record.compare import DTYPES, assert_same, frame, is_lazy, outcome

NUMBERS = tuple(dtype for dtype in DTYPES if "int" in dtype or "float" in dtype or dtype == "bool")
MIXTURES = [
    *itertools.combinations(NUMBERS, 2),
    NUMBERS,
    ("int8", "bool", "float32"),
    ("float64", "bool", "uint8", "float32"),
    ("float32",) * 3,
    ("uint8", "int8", "uint8"),
]
_SKIPNA: tuple[dict[str, Any], ...] = ({}, {"skipna": False})
_LEAST: tuple[dict[str, Any], ...] = (*_SKIPNA, {"min_count": 2}, {"min_count": 2, "skipna": False})
_DDOF: tuple[dict[str, Any], ...] = (*_SKIPNA, {"ddof": 0})
OPTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "count": ({},),
    **dict.fromkeys(("min", "max", "mean", "any", "all", "median", "idxmin", "idxmax"), _SKIPNA),
    **dict.fromkeys(("sum", "prod"), (*_LEAST, {"min_count": 9}, {"min_count": 9, "skipna": False})),
    **dict.fromkeys(("var", "std", "sem"), _DDOF),
    "nunique": ({}, {"dropna": False}),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_every_mixture(name: str) -> None:
    for dtypes, options in itertools.product(MIXTURES, OPTIONS[name]):
        for rows, index in ((None, "duplicates"), (0, "default")):
            pair = [frame(library, dtypes, index, rows) for library in (lazyframe, pd)]
            found = [outcome(lambda d: getattr(d, name)(axis=1, **options), one) for one in pair]  # noqa: B023
            assert_same(*found, exact=name in ("count", "any", "all", "nunique", "idxmin", "idxmax"))


def rows_of(columns: int, rows: int, step: float) -> dict[str, np.ndarray]:
    """Columns of few distinct numbers and NaN, infinities and zeros of both signs."""
    values = np.random.default_rng(columns).integers(-3, 4, (rows, columns)) * step
    values[values == -step] = np.nan
    values[:3, :2] = (np.inf, -np.inf)[:columns]
    values[5] = np.nan
    return {f"c{place}": values[:, place] for place in range(columns)}


@pytest.mark.filterwarnings("ignore:invalid value")  # pandas' own, of infinities
@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5, 8, 11, 16, 17])
def test_medians_of_rows(columns: int) -> None:
    made = rows_of(columns, 60, 0.7)
    for dtype in ("float64", "float32"):

        def program(library: Any, dtype: str = dtype, **options: Any) -> Any:
            return library.DataFrame(made).astype(dtype).median(axis=1, **options)

        for options in _SKIPNA:
            assert is_lazy(program(lazyframe, **options)) is (columns < 17) or not SINCE_3_1
            found, expected = program(lazyframe, **options), program(pd, **options)
            assert_same(found + 0.0, expected + 0.0)  # whichever zero a sort has found
    pair = [library.DataFrame(made).fillna(9.0).mul(10.0).round() for library in (lazyframe, pd)]
    pair = [one.clip(-100, 100).astype("int16") for one in pair]
    for options in _SKIPNA:
        assert_same(*[one.median(axis="columns", **options) for one in pair])


@pytest.mark.filterwarnings("ignore:overflow")
def test_median_of_numbers_beyond_half_of_the_largest() -> None:
    columns = {"a": [1.7e308, 1.0], "b": [1.7e308, 2.0], "c": [1.7e308, 3.0]}
    pair = [library.DataFrame(columns) for library in (lazyframe, pd)]
    for options in _SKIPNA:
        assert_same(*[one.median(axis=1, **options) for one in pair])
        assert_same(*[one[["a"]].median(axis=1, **options) for one in pair])


@pytest.mark.parametrize("columns", [17, 40])
def test_distinct_values_of_many_columns(columns: int) -> None:
    made = rows_of(columns, 50, 1.0)
    for dropna in (True, False):
        for keep in (slice(None), slice(0, 0), slice(0, 1)):

            def program(library: Any, dropna: bool = dropna, keep: Any = keep) -> Any:
                one = library.DataFrame(made, index=pd.Index(np.arange(50) // 2, name="pairs")).iloc[keep]
                return one.nunique(axis=1, dropna=dropna)

            assert_same(program(lazyframe), program(pd))

        def whole(library: Any, dropna: bool = dropna) -> Any:
            one = library.DataFrame(made).fillna(0).replace([np.inf, -np.inf], 5).astype("int64")
            one = one.assign(b=one["c0"] > 0, f=1.0, u=np.uint8(3))
            return one[one["c1"] > 0].nunique(axis=1, dropna=dropna)

        assert_same(whole(lazyframe), whole(pd))


@pytest.mark.parametrize("large", [7, 2**53, 2**53 + 1, -(2**53) - 1])
def test_booleans_are_compared_exactly(large: int) -> None:
    columns = {
        "b": [True, False],
        "i": [1, large],
        "f": [1.0, float(large)],
        "u": np.array([1, 0], np.uint64),
    }
    for names in (list("bif"), list("bi"), list("bu"), list("bfu"), list("fib"), list("bfiu")):
        pair = [library.DataFrame(columns)[names] for library in (lazyframe, pd)]
        for ask in ("nunique", "idxmin", "idxmax"):
            assert_same(*[getattr(one, ask)(axis=1) for one in pair])
    assert is_lazy(lazyframe.DataFrame(columns)[["b", "i", "f"]].idxmax(axis=1)) is (abs(large) <= 2**53)


@pytest.mark.parametrize("least", [1, 3, 4])
def test_too_few_values(least: int) -> None:
    for dtypes, skipna in itertools.product([("float64",) * 3, ("float32", "int8", "int8")], (True, False)):

        def program(library: Any, dtypes: Any = dtypes, skipna: bool = skipna) -> Any:
            return frame(library, dtypes).sum(axis="columns", min_count=least, skipna=skipna)

        assert is_lazy(program(lazyframe))
        assert_same(program(lazyframe), program(pd))


def test_distinct_values_of_rows() -> None:
    columns = {
        "a": [0.0, 1.0, np.nan, np.nan, 2.0],
        "b": [-0.0, 1.0, np.nan, 1.0, 3.0],
        "c": [0, 2, 3, 1, 2],
        "d": [5, 5, 5, 5, 5],
    }
    for dropna in (True, False):
        for names in (["a", "b"], ["c", "d"], list("abcd"), ["a"]):
            pair = [library.DataFrame(columns)[names] for library in (lazyframe, pd)]
            assert is_lazy(pair[0].nunique(axis=1, dropna=dropna))
            assert_same(*[one.nunique(axis="columns", dropna=dropna) for one in pair])
    pair = [library.DataFrame(columns) for library in (lazyframe, pd)]
    for threshold in (1, 9):
        assert_same(*[one[one["c"] > threshold].nunique(axis=1) for one in pair])


@pytest.mark.parametrize("name", ["idxmin", "idxmax"])
def test_labels_of_extremes(name: str) -> None:
    columns = {
        "a": [0.0, np.nan, np.inf, np.nan, 1.0],
        "b": [-0.0, 1.0, np.inf, -np.inf, 1.0],
        "c": [np.nan, 1.0, np.nan, np.inf, 1.0],
    }
    for labels in (
        ["a", "b", "c"],
        [5, 7, 5],
        ["x", "x", "y"],
        [1.5, 2.5, 3.5],
        pd.date_range("2000", periods=3),
    ):

        def program(library: Any, labels: Any = labels) -> Any:
            made = library.DataFrame(columns)
            made.columns = labels
            return getattr(made, name)(axis=1)

        assert_same(program(lazyframe), program(pd))
    for picked in (["a"], ["a", "b"], ["c", "b"], ["a", "c"]):
        pair = [library.DataFrame(columns)[picked] for library in (lazyframe, pd)]
        for options in ((), (False,), (True, True)):  # skipna, numeric_only
            assert_same(*[outcome(getattr(one, name), "columns", *options) for one in pair])
    made = lazyframe.DataFrame(columns)
    assert is_lazy(getattr(made, name)(axis=1))
    pair = [
        library.DataFrame(columns | {"t": pd.date_range("2000", periods=5)}) for library in (lazyframe, pd)
    ]
    assert_same(*[getattr(one, name)(axis=1, numeric_only=True) for one in pair])
    assert_same(*[getattr(one[one["b"] > 0], name)(axis=1, numeric_only=True) + "!" for one in pair])


def test_what_is_recorded() -> None:
    mixed = frame(lazyframe, ("uint8", "int32", "float64"))
    for name in sorted(set(OPTIONS) - {"idxmin", "idxmax"}):  # which are not where a row is all missing
        assert is_lazy(getattr(mixed, name)(axis=1))
    if SINCE_3_1:
        beside = frame(lazyframe, ("bool", "int32", "float64"))
        for name in ("sum", "prod", "mean", "min", "max", "count", "any", "all"):
            assert is_lazy(getattr(beside, name)(axis=1))
