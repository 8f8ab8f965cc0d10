"""Columns of mostly distinct strings: pandas works on them in pieces, and joined rows look its answers up."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any
from weakref import ref

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import dictionaries, string_rows
from lazyframe.record.capture import Capture
from lazyframe.run import late
from lazyframe.run.bindings import bind_array
from tests.record.compare import assert_same, is_lazy, outcome
from tests.strings import test_accessor, test_values
from tests.strings.columns import as_held, columns
from tests.strings.test_values import check

METHODS = {
    **{name: (lambda s, use=use: use(s.str)) for name, use in test_accessor.METHODS.items()},
    **{f"series {name}": use for name, use in test_values.METHODS.items()},
}


@pytest.fixture(autouse=True, scope="module")
def _never_short() -> Iterator[None]:
    """No dictionary is worth it, and every three rows are a piece."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dictionaries, "_is_short", lambda entries, rows: False)
        patched.setattr(string_rows, "_PIECE", 3)
        yield


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    with lazyframe.config(threads=3):
        yield


@given(columns(), st.sampled_from(list(METHODS)))
def test_methods(array: Any, name: str) -> None:
    check(array, METHODS[name])


@pytest.mark.parametrize("name", METHODS)
def test_each_method(name: str) -> None:
    check(as_held(["ab", "b", "é b", "a", "", "A.", "7", None], "arrow"), METHODS[name])


@given(columns(min_size=4, max_size=4), st.sampled_from(list(METHODS)), st.booleans())
def test_methods_of_joined_rows(array: Any, name: str, none: bool) -> None:
    few = pandas.DataFrame({"k": range(4), "s": array})
    many = pandas.DataFrame({"k": np.arange(9) % 4 + (9 if none else 0)})

    def program(library: Any) -> Any:
        joined = library.DataFrame(many).merge(library.DataFrame(few), on="k")
        return METHODS[name](joined["s"])

    assert_same(outcome(program, lazyframe), outcome(program, pandas))


def test_joined_rows_are_not_given_to_pandas() -> None:
    few = lazyframe.DataFrame({"k": range(4), "s": ["ab", "b", "é", None]})
    joined = lazyframe.DataFrame({"k": np.arange(9) % 4}).merge(few, on="k")
    found = joined[joined["s"].str.contains("b")]
    assert is_lazy(joined)
    assert is_lazy(found)
    assert found["k"].tolist() == [0, 1, 0, 1, 0]


@pytest.mark.parametrize("least", [5, 1])
def test_filtered_rows_are_not_computed(least: int) -> None:
    data = lazyframe.DataFrame({"k": range(8), "s": list("abcdabcd")})
    few = data[data["k"] > least]
    found = few[few["s"].str.upper().str.contains("C|D")]
    assert is_lazy(few)
    assert is_lazy(found)
    assert found["k"].tolist() == [k for k in (2, 3, 6, 7) if k > least]


@pytest.mark.skipif(not SINCE_3_1, reason="pandas 3.0 copies the array with the frame")
def test_what_was_asked_of_a_column_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    data = lazyframe.DataFrame({"k": range(4), "s": ["ab", "b", "é", None]})
    assert data["s"].str.contains("b").tolist() == [True, True, False, False]
    monkeypatch.setattr(string_rows, "run_in_pieces", None)
    assert data["s"].str.contains("b").tolist() == [True, True, False, False]
    few = data[data["k"] > 2]
    assert few["s"].str.contains("b").tolist() == [False]


def test_what_was_asked_goes_with_the_column_or_when_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    column = as_held(["ab", "b", "é", None], "arrow")
    read = Capture(pandas.Series(column)).read(0)
    for word in "abc":
        dictionaries.keep_answer(read, word, bind_array(np.zeros(1000)))
    kept = [ref(answer) for answer in dictionaries._seen(read).answers.values()]
    assert dictionaries.kept_answer(read, "a") is not None
    monkeypatch.setattr(late, "_budget", late.Budget(10_000))
    dictionaries.keep_answer(read, "d", bind_array(np.zeros(1000)))
    dictionaries.keep_answer(read, "e", bind_array(np.zeros(1000)))
    assert dictionaries.kept_answer(read, "d") is None
    assert dictionaries.kept_answer(read, "e") is not None
    del read, column
    gc.collect()
    assert not any(answer() for answer in kept)


@given(columns(min_size=6, max_size=6), st.sampled_from(list(METHODS)), st.integers(0, 6), st.booleans())
def test_methods_of_rows_left_of_joined_and_sliced_rows(
    array: Any, name: str, least: int, sliced: bool
) -> None:
    few = pandas.DataFrame({"k": range(6), "s": array})
    many = pandas.DataFrame({"k": np.arange(9) % 6})

    def program(library: Any) -> Any:
        part = library.DataFrame(few)
        part = part[1:4] if sliced else part[part["k"] >= least]
        joined = library.DataFrame(many).merge(part, on="k")
        joined = joined.sort_values("k", kind="stable").head(5)
        return METHODS[name](joined["s"])

    assert_same(outcome(program, lazyframe), outcome(program, pandas))


def test_errors_are_raised_at_the_line() -> None:
    data = lazyframe.Series(["1", "2", "3", "x"], dtype="str")
    with pytest.raises(ValueError, match="could not convert"):
        data.astype(float)
    with pytest.raises(Exception, match="missing"):
        data.str.contains("(")
