"""Rows grouped by Python's strings: pandas labels groups by ``str``, and leaves the column as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.record import dictionaries, strings
from tests.record.compare import assert_same, is_lazy, outcome
from tests.strings.columns import WORDS

USES: dict[str, Callable[[Any], Any]] = {
    "sum": lambda df: df.groupby("k")["x"].sum(),
    "missing": lambda df: df.groupby("k", dropna=False)["x"].sum(),
    "as they come": lambda df: df.groupby("k", sort=False)["x"].count(),
    "two keys": lambda df: df.groupby(["k", "n"])["x"].max(),
    "two keys, missing": lambda df: df.groupby(["n", "k"], dropna=False)["x"].min(),
    "columns": lambda df: df.groupby(["n", "k"], as_index=False)["x"].sum(),
    "a column": lambda df: df.groupby("k", as_index=False).agg({"x": "max"}),
    "reset": lambda df: df.groupby("k")[["x", "n"]].sum().reset_index(),
    "rows": lambda df: df.groupby("k").head(1),
    "each row": lambda df: df.groupby("k")["x"].transform("sum"),
    "numbered": lambda df: df.groupby("k").cumcount(),
    "series": lambda df: df["x"].groupby(df["k"]).agg(["sum", "size"]),
    "part": lambda df: df.groupby(df["k"].str[:1])["x"].sum(),
    "item": lambda df: df.groupby(df["k"].str.split("a").str[0])["x"].sum(),
    "of a filter": lambda df: df[df["n"] > 0].groupby("k")["x"].sum(),
    "of nothing": lambda df: df[df["n"] > 5].groupby("k")["x"].sum(),
    "size": lambda df: df.groupby("k").size().sort_values(kind="stable"),
    "strings": lambda df: df.groupby("n")["k"].count(),
    "first": lambda df: df.groupby("n")["k"].first(),
}


def frame_of(values: list[Any]) -> pandas.DataFrame:
    array = np.empty(len(values), object)
    array[:] = values
    n = np.arange(len(values))
    return pandas.DataFrame({"k": pandas.Series(array, dtype=object), "n": n % 3, "x": n * 2 - 5})


@given(st.data(), st.sampled_from(list(USES)), st.sampled_from([[], [None], [np.nan], [None, np.nan], [1]]))
def test_groups(data: Any, name: str, others: list[Any]) -> None:
    words = data.draw(st.lists(WORDS, max_size=3)) + others
    values = data.draw(st.lists(st.sampled_from(words), max_size=8)) if words else []
    frame = frame_of(values)
    with pytest.MonkeyPatch.context() as patched:
        if data.draw(st.booleans()):
            patched.setattr(dictionaries, "_is_short", lambda entries, rows: False)
        if data.draw(st.booleans()):
            patched.setattr(strings, "LONGEST_KEY", 0)
        assert_same(outcome(USES[name], lazyframe.DataFrame(frame)), outcome(USES[name], frame))


@pytest.mark.parametrize("name", USES)
def test_each_use(name: str) -> None:
    for values in (["b", "a", None, "b", "ca", np.nan], ["b", "a", "b"], [None, None], [np.nan], []):
        frame = frame_of(values)
        assert_same(outcome(USES[name], lazyframe.DataFrame(frame)), outcome(USES[name], frame))


@pytest.mark.parametrize("name", ["sum", "two keys", "columns", "part", "item", "of a filter"])
def test_pandas_does_not_run(name: str) -> None:
    assert is_lazy(USES[name](lazyframe.DataFrame(frame_of(["b", "a", "b", "ca"]))))


def test_a_long_column_is_a_key_after_a_merge_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strings, "LONGEST_KEY", 0)
    frame = frame_of(["b", "a", "b", "ca"])
    other = frame[:2].rename(columns={"x": "y"})
    recorded = lazyframe.DataFrame(frame)
    assert not is_lazy(USES["sum"](recorded))
    merged = recorded.merge(lazyframe.DataFrame(other), on="k", how="left")
    found = merged.groupby("k")["x"].sum()
    assert is_lazy(found)
    want = frame.merge(other, on="k", how="left").groupby("k")["x"].sum()
    pandas.testing.assert_series_equal(found.to_pandas(), want)
