"""Shifts by several distances, fills of so many rows, and running results that keep what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from tests.brief import examples
from tests.groupby.grouped_frames import check_recorded, make_frame
from tests.record.compare import assert_same as assert_same_outcome
from tests.record.compare import outcome

KEYS: list[Any] = ["k", "c", "g", ["b", "j"], ["h", "k"]]

SHIFTS: list[Any] = [
    lambda g: g[["x", "f", "t"]].shift([1, 2]),
    lambda g: g.x.shift([-1, 0, 3]),
    lambda g: g.x.shift([2]),
    lambda g: g.x.shift([1, 1]),
    lambda g: g.y.shift([1, 2], suffix="back"),
    lambda g: g[["x", "s", "i"]].shift([1, -2], fill_value=0),
    lambda g: g.x.shift(1, None, 2.5),
    lambda g: g.x.shift(periods=-1, freq=None, fill_value=None, suffix=""),
]

CHANGES: list[Any] = [
    lambda g: g[["x", "s", "t"]].shift(0),
    lambda g: g[["x", "s"]].diff(0),
    lambda g: g[["x", "f"]].pct_change(0),
    lambda g: g[["x", "y"]].pct_change(2, fill_method=None),
    lambda g: g.x.pct_change(periods=-1, freq=None),
]

FILLS: list[Any] = [
    lambda g: g[["x", "f", "t", "d", "s", "text"]].ffill(limit=1),
    lambda g: g[["x", "f", "t", "i", "text"]].bfill(limit=2),
    lambda g: g.x.ffill(0),
    lambda g: g.text.bfill(1),
    lambda g: g.x.ffill(limit=10**6),
    lambda g: g.x.bfill(limit=None),
]

RUNNING: list[Any] = [
    lambda g: g[["x", "f", "s", "i"]].cumsum(skipna=False),
    lambda g: g[["x", "y"]].cumprod(skipna=False),
    lambda g: g[["x", "f", "s"]].cummax(skipna=False),
    lambda g: g.edge.cummin(skipna=False),
    lambda g: g.edge.cumsum(skipna=False),
    lambda g: g.edge.cumsum(),
]


def with_text(frame: pandas.DataFrame) -> pandas.DataFrame:
    r = np.random.default_rng(3)
    text = pandas.Series(r.choice(np.array(["one", "", "three", None], object), len(frame)), dtype="str")
    edge = r.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5, 1e308], len(frame))
    return frame.assign(text=text, edge=edge)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("use", [*SHIFTS, *CHANGES, *FILLS, *RUNNING])
@pytest.mark.parametrize("by", KEYS, ids=str)
def test_each_row(frame: pandas.DataFrame, by: Any, use: Any) -> None:
    data = with_text(frame).set_index(pandas.Index(np.arange(400) % 37, name="label"))
    check_recorded(data[:150], lambda df: df.groupby(by), use, rounded=use in RUNNING)
    filtered = data[data["s"] > 0]
    check_recorded(filtered, lambda df: df.groupby(by, sort=False), use, rounded=use in RUNNING)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("name", ["cumsum", "cummin", "cummax"])
def test_running_times(frame: pandas.DataFrame, name: str) -> None:
    columns = ["d"] if name == "cumsum" else ["t", "d"]
    check_recorded(frame, lambda df: df.groupby("k")[columns], lambda g: getattr(g, name)(skipna=False))


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("rows", [0, 1, 2])
@pytest.mark.parametrize("use", [*SHIFTS, *CHANGES, *FILLS, *RUNNING])
def test_few_rows(rows: int, use: Any) -> None:
    data = with_text(make_frame(rows, seed=5))

    def used(df: Any) -> Any:
        return use(df.groupby("k"))

    assert_same_outcome(outcome(used, lazyframe.DataFrame(data)), outcome(used, data))


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize(
    "use",
    [
        lambda g: g.x.shift([]),
        lambda g: g.x.shift([1, "two"]),
        lambda g: g.x.shift(1, suffix="back"),
        lambda g: g.x.shift((1, 2)),
        lambda g: g.x.shift([True]),
        lambda g: g.t.shift(1, freq="D"),
        lambda g: g.x.shift([1], fill_value="text"),
        lambda g: g.x.ffill(limit=-1),
        lambda g: g.x.ffill(limit=-3),
        lambda g: g.x.ffill(limit=1.5),
        lambda g: g.x.ffill(limit=2**70),
        lambda g: g.x.cumsum(False, False),
        lambda g: g.x.pct_change(fill_method="ffill"),
        lambda g: g.t.pct_change(freq="D"),
        lambda g: g.x.cumsum(skipna="no"),
    ],
)
def test_other_arguments_do_what_pandas_does(frame: pandas.DataFrame, use: Any) -> None:
    def used(df: Any) -> Any:
        return use(df.groupby("k"))

    assert_same_outcome(outcome(used, lazyframe.DataFrame(frame)), outcome(used, frame))


ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([np.nan, -2.0, np.nan, 0.0, -0.0, np.inf])), max_size=25
)


@settings(max_examples=examples(25))
@given(ROWS, st.integers(0, 3), st.sampled_from(["ffill", "bfill"]))
def test_fills_in_kernels(rows: list[tuple[int, float]], limit: int, name: str) -> None:
    frame = pandas.DataFrame(rows, columns=["k", "x"]).astype({"k": "int64", "x": "float64"})
    check_recorded(frame, lambda df: df.groupby("k").x, lambda g: getattr(g, name)(limit=limit))


@settings(max_examples=examples(25))
@given(ROWS, st.sampled_from(["cumsum", "cumprod", "cummax", "cummin"]))
def test_running_results_in_kernels(rows: list[tuple[int, float]], name: str) -> None:
    frame = pandas.DataFrame(rows, columns=["k", "x"]).astype({"k": "int64", "x": "float64"})
    for skipna in (True, False):
        check_recorded(
            frame,
            lambda df: df[df.x != -2].groupby("k").x,
            lambda g, s=skipna: getattr(g, name)(skipna=s),  # type: ignore[misc]
        )
