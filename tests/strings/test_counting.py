"""Distinct strings: listed, counted, and counted each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.strings.columns import columns
from tests.strings.test_values import check


@given(columns(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_value_counts(array: Any, normalize: bool, sort: bool, ascending: bool, dropna: bool) -> None:
    options = {"normalize": normalize, "sort": sort, "ascending": ascending, "dropna": dropna}
    check(array, lambda s: s.value_counts(**options))
    check(array, lambda s: s.str.lower().value_counts(**options))


@given(columns(), st.booleans())
def test_nunique(array: Any, dropna: bool) -> None:
    check(array, lambda s: s.nunique(dropna=dropna))
    check(array, lambda s: s.str[:1].nunique(dropna))


@given(columns())
def test_unique(array: Any) -> None:
    numbers = np.arange(len(array)) % 3
    for series, keep in (
        (pandas.Series, pandas.Series(numbers)),
        (lazyframe.Series, lazyframe.Series(numbers)),
    ):
        found = series(array)[keep > 0].unique()
        if series is pandas.Series:
            want = found
    assert type(found) is type(want)
    pandas.testing.assert_extension_array_equal(found, want)


def test_pandas_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    data = lazyframe.Series(["a", None, "b", "a"], dtype="str")
    data = data[data != "b"]
    monkeypatch.setattr(pandas.arrays.ArrowStringArray, "value_counts", None)
    monkeypatch.setattr(pandas.arrays.ArrowStringArray, "unique", None)
    assert data.value_counts().to_dict() == {"a": 2}
    assert data.nunique() == 1
    assert data.unique().tolist()[:1] == ["a"]
