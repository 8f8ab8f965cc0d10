"""Loops stop where nobody looks at what is behind: of filtered rows, `head` and `tail` want an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

import lazyframe
from lazyframe.run import outputs
from lazyframe.settings import config

ROWS = 1000
MORSEL = 64

ENDS: dict[str, Callable[[Any], Any]] = {
    "head": lambda kept: kept.head(7),
    "head of none": lambda kept: kept.head(0),
    "head of more than there are": lambda kept: kept.head(ROWS),
    "all but the last": lambda kept: kept.head(-3),
    "tail": lambda kept: kept.tail(7),
    "tail of none": lambda kept: kept.tail(0),
    "tail of more than there are": lambda kept: kept.tail(ROWS),
    "all but the first": lambda kept: kept.tail(-3),
    "part of the head": lambda kept: kept.iloc[5:90:3],
    "part of the tail": lambda kept: kept.iloc[-90:-5],
    "from the tail to the head": lambda kept: kept.iloc[-400:10],
    "one column": lambda kept: kept["a"].iloc[100:110],
    "computed": lambda kept: (kept["a"] * 2.0 + kept["b"]).head(3),
    "labels": lambda kept: kept.head(20).reset_index(),
}


def frame(chosen: np.ndarray) -> dict[str, Any]:
    random = np.random.default_rng(3)
    return {"a": random.normal(size=ROWS), "b": random.integers(0, 9, ROWS), "keep": chosen}


CHOSEN = {
    "half": np.random.default_rng(1).random(ROWS) < 0.5,
    "few": np.random.default_rng(2).random(ROWS) < 0.01,
    "none": np.zeros(ROWS, np.bool_),
    "the last alone": np.arange(ROWS) == ROWS - 1,
    "the first alone": np.arange(ROWS) == 0,
    "all": np.ones(ROWS, np.bool_),
}


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("chosen", CHOSEN)
@pytest.mark.parametrize("end", ENDS)
def test_an_end_is_pandas_end(end: str, chosen: str, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "morsel_rows", lambda _: MORSEL)
    data = frame(CHOSEN[chosen])
    labels = np.arange(ROWS)[::-1] * 2
    expected, recorded = pandas.DataFrame(data, index=labels), lazyframe.DataFrame(data, index=labels)
    with config(min_rows=0, threads=threads):
        found = ENDS[end](recorded[recorded["keep"]]).to_pandas()
        wanted = ENDS[end](expected[expected["keep"]])
    compare = assert_frame_equal if isinstance(wanted, pandas.DataFrame) else assert_series_equal
    compare(found, wanted)


def rows_walked(*results: Any) -> list[int]:
    explained = lazyframe.explain(*results, analyze=True).text.splitlines()
    ran = [line.partition(" threads: " if " threads: " in line else " thread: ")[2] for line in explained]
    return [int(text.split()[0].replace(",", "")) for text in ran if " rows in " in text]


@pytest.mark.usefixtures("interpreted", "_by_kernels")
def test_no_more_is_walked_than_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "morsel_rows", lambda _: MORSEL)
    data = frame(np.ones(ROWS, np.bool_))
    recorded = lazyframe.DataFrame(data)
    kept = recorded[recorded["b"] >= 0]
    with config(threads=1):
        assert rows_walked(kept.head(100)) == [2 * MORSEL]
        assert rows_walked(kept.tail(3)) == [ROWS % MORSEL]
        text = lazyframe.explain(kept.tail(3), analyze=True).text
        assert f"stopped when it had the rows that are looked at: {ROWS % MORSEL} of 1,000 walked" in text


@pytest.mark.usefixtures("interpreted", "_by_kernels")
def test_all_is_walked_where_something_else_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "morsel_rows", lambda _: MORSEL)
    recorded = lazyframe.DataFrame(frame(np.ones(ROWS, np.bool_)))
    kept = recorded[recorded["b"] >= 0]
    head, tail = kept["a"].head(3), kept["a"].tail(3)
    assert rows_walked(head, tail) == [ROWS]
    assert rows_walked(head, kept["a"].cumsum()) == [ROWS]


@pytest.mark.usefixtures("_by_kernels")
def test_kernels_stop_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "morsel_rows", lambda _: MORSEL)
    data = frame(CHOSEN["half"])
    expected, recorded = pandas.DataFrame(data), lazyframe.DataFrame(data)
    with config(threads=2):
        kept = recorded[recorded["keep"]]
        assert_frame_equal(kept.head(70).to_pandas(), expected[expected["keep"]].head(70))
        assert_frame_equal(kept.tail(70).to_pandas(), expected[expected["keep"]].tail(70))
