"""Distinct strings: listed, counted, and counted each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import dictionaries
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


@pytest.mark.skipif(not SINCE_3_1, reason="pandas 3.0 copies the array with the frame")
def test_few_questions_are_pandas_until_codes_have_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionaries, "_ENCODED_AT_ONCE", 2)
    encoded: list[int] = []
    encode = dictionaries.encode
    monkeypatch.setattr(dictionaries, "encode", lambda *args: encoded.append(1) or encode(*args))
    plain = pandas.Series(["a", None, "b", "a"], dtype="str")
    data = lazyframe.Series(plain)
    found = []
    for _ in range(3):
        pandas.testing.assert_extension_array_equal(data.unique(), plain.unique())
        found.append(len(encoded))
    assert found == [0, 0, 1]


def test_pandas_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    data = lazyframe.Series(["a", None, "b", "a"], dtype="str")
    data = data[data != "b"]
    monkeypatch.setattr(pandas.arrays.ArrowStringArray, "value_counts", None)
    monkeypatch.setattr(pandas.arrays.ArrowStringArray, "unique", None)
    assert data.value_counts().to_dict() == {"a": 2}
    assert data.nunique() == 1
    assert data.unique().tolist()[:1] == ["a"]
