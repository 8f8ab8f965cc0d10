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


@pytest.mark.parametrize("name", [*sorted(recording_reductions._QUICK), "idxmin", "idxmax"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS)
def test_the_answer_is_pandas_own(
    name: str, dtype: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(values: Any) -> Any:
        pytest.fail("a computation began")

    monkeypatch.setattr(recording_reductions, "compute", nothing)
    array = columns(dtype)
    options = {} if name == "count" else options
    labels = [f"k{row}" for row in range(len(array))]
    with config(min_rows=8):
        found = answer(lazyframe.DataFrame({"a": array}, labels)["a"], name, options)
    wanted = answer(pandas.Series(array, labels), name, options)
    assert type(found) is type(wanted)
    np.testing.assert_array_equal(found, wanted)


def answer(column: Any, name: str, options: dict[str, Any]) -> Any:
    """The reduction of a column, or the message of what it raises."""
    try:
        return getattr(column, name)(**options)
    except (TypeError, ValueError) as error:
        return str(error)


@pytest.mark.parametrize("name", sorted(recording_reductions._QUICK_OF_TIMES))
@pytest.mark.parametrize("kind", ["datetime64[us]", "timedelta64[ns]"])
@pytest.mark.parametrize("of_none", [False, True])
def test_so_it_is_of_times(name: str, kind: str, of_none: bool) -> None:
    array = np.full(20, 0 if of_none else 5).astype(kind)
    array[::2] = "NaT"
    array[3] = "NaT" if of_none else 7
    array[1::2] = "NaT" if of_none else array[1::2]
    with config(min_rows=8):
        found = answer(lazyframe.DataFrame({"a": array})["a"], name, {})
    wanted = answer(pandas.Series(array), name, {})
    assert type(found) is type(wanted)
    assert found is wanted or found == wanted
    assert getattr(found, "unit", None) == getattr(wanted, "unit", None)


@pytest.mark.parametrize("name", ["argmin", "argmax", "idxmin", "idxmax"])
@pytest.mark.parametrize("skipna", [True, False])
def test_positions_in_nothing_but_nan_are_refused(name: str, skipna: bool) -> None:
    array = np.full(20, np.nan)
    with config(min_rows=8):
        found = answer(lazyframe.DataFrame({"a": array})["a"], name, {"skipna": skipna})
    assert found == answer(pandas.Series(array), name, {"skipna": skipna})
    assert isinstance(found, str)


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


@pytest.mark.parametrize("kind", ["datetime64[us]", "timedelta64[ns]"])
def test_of_computed_times_nothing_is_captured(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_reductions, "column_of", lambda series: pytest.fail("it was captured"))
    theirs = pandas.Series(np.array([5, "NaT", 7] * 5, kind))
    with config(min_rows=8):
        ours = lazyframe.Series(theirs)
        for name in sorted(recording_reductions._QUICK_OF_TIMES):
            found, wanted = answer(ours, name, {}), answer(theirs, name, {})
            assert type(found) is type(wanted)
            assert found == wanted
