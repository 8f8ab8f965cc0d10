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
    ("uint8", "int8", "uint8"),
]
_SKIPNA: tuple[dict[str, Any], ...] = ({}, {"skipna": False})
_LEAST: tuple[dict[str, Any], ...] = (*_SKIPNA, {"min_count": 2}, {"min_count": 2, "skipna": False})
_DDOF: tuple[dict[str, Any], ...] = (*_SKIPNA, {"ddof": 0})
OPTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "count": ({},),
    **dict.fromkeys(("min", "max", "mean", "any", "all", "median", "idxmin", "idxmax"), _SKIPNA),
    **dict.fromkeys(("sum", "prod"), _LEAST),
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
    for name in ("sum", "prod", "mean", "min", "max", "count", "any", "all", "var", "std", "sem", "nunique"):
        assert is_lazy(getattr(mixed, name)(axis=1))
    if SINCE_3_1:
        beside = frame(lazyframe, ("bool", "int32", "float64"))
        for name in ("sum", "prod", "mean", "min", "max", "count", "any", "all"):
            assert is_lazy(getattr(beside, name)(axis=1))
