"""Reductions of inputs that pandas has done before a computation begins are pandas' own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.api import recording_reductions
from lazyframe.settings import config

DTYPES = ("bool", "int8", "uint8", "int64", "uint64", "float32", "float64")
OPTIONS: tuple[dict[str, Any], ...] = ({}, {"skipna": False})


def columns(dtype: str) -> np.ndarray:
    values = np.array([3.0, 1.0, np.nan, -0.0, 5.0, np.inf, 2.0, 1.0, 7.0, 0.0] * 2)
    return (
        values.astype(dtype) if dtype.startswith("float") else np.nan_to_num(values, posinf=9).astype(dtype)
    )


@pytest.mark.parametrize("name", sorted(recording_reductions._QUICK))
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS)
def test_the_answer_is_pandas_own(
    name: str, dtype: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(values: Any) -> Any:
        pytest.fail("a computation began")

    monkeypatch.setattr(recording_reductions, "compute", nothing)
    array = columns(dtype)
    with config(min_rows=8):
        found = getattr(lazyframe.DataFrame({"a": array})["a"], name)(**options)
    wanted = getattr(pandas.Series(array), name)(**options)
    assert type(found) is type(wanted)
    np.testing.assert_array_equal(found, wanted)


def test_what_is_recorded_or_long_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    before = recording_reductions.compute
    monkeypatch.setattr(recording_reductions, "compute", lambda values: begun.append(1) or before(values))
    frame = lazyframe.DataFrame({"a": np.arange(20.0)})
    with config(min_rows=8):
        assert (frame["a"] * 2.0).sum() == 380.0
        assert frame["a"].std() == pandas.Series(np.arange(20.0)).std()
        assert len(begun) == 2
    with config(min_rows=4):
        assert frame["a"].sum() == 190.0
    assert len(begun) == 3
