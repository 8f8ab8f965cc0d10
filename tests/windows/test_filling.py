"""``ffill``, ``bfill`` and ``interpolate``, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from tests.brief import examples
from tests.record.compare import DTYPES, INDEXES, assert_same, edge_values, is_lazy, outcome
from tests.windows.test_windows import pairs, same

pytestmark = pytest.mark.usefixtures("_by_reference")

METHODS: dict[str, Any] = {
    "ffill": lambda s: s.ffill(),
    "bfill": lambda s: s.bfill(),
    "ffill two": lambda s: s.ffill(limit=2),
    "bfill one": lambda s: s.bfill(limit=1),
    "ffill none": lambda s: s.ffill(limit=0),
    "ffill inside": lambda s: s.ffill(limit_area="inside"),
    "ffill sideways": lambda s: s.ffill(axis=1),
    "ffill by text": lambda s: s.ffill(limit="a"),
    "both": lambda s: s.ffill().bfill(),
    "interpolate": lambda s: s.interpolate(),
    "interpolate one": lambda s: s.interpolate("linear", limit=1),
    "interpolate back": lambda s: s.interpolate(limit_direction="backward"),
    "interpolate none": lambda s: s.interpolate(limit=-1),
    "interpolate by time": lambda s: s.interpolate("time"),
}


@settings(max_examples=examples(80))
@given(pairs(most=3), st.sampled_from(list(METHODS)))
def test_columns_and_frames(pair: tuple[Any, Any], name: str) -> None:
    same(*pair, lambda frame: METHODS[name](frame["c0"]))
    same(*pair, METHODS[name])


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("dtype", [*DTYPES, "category"])
def test_edge_values(dtype: str, name: str) -> None:
    values = edge_values("str" if dtype == "category" else dtype)
    plain = pd.Series(values, dtype=dtype if dtype == "category" else None)
    if dtype in ("category", "str"):
        plain[[1, 2, 3, 6]] = None
    for rows in (0, 1, 3, 8):
        part = plain[:rows]
        assert_same(outcome(METHODS[name], lazyframe.Series(part)), outcome(METHODS[name], part))


@pytest.mark.parametrize("index", INDEXES)
def test_gaps(index: str) -> None:
    nan = np.nan
    plain = pd.DataFrame({"x": [nan, 1.0, nan, nan, nan, -2.0, nan, 0.5], "k": range(8)})
    plain.index = INDEXES[index](8)
    for name, use in METHODS.items():
        if name not in ("interpolate by time", "ffill sideways"):
            assert_same(outcome(use, lazyframe.DataFrame(plain)), outcome(use, plain))


@pytest.mark.parametrize("name", ["ffill", "bfill", "ffill two", "both", "interpolate", "interpolate one"])
def test_pandas_does_not_run(name: str) -> None:
    data = lazyframe.DataFrame(
        {"x": [1.0, None, 3.0], "f": np.array([1, np.nan, 2], "float32"), "k": [1, 2, 3]}
    )
    part = data[data["k"] > 1]
    assert is_lazy(METHODS[name](part))
    assert is_lazy(part)


@pytest.mark.parametrize("name", ["ffill", "bfill one"])
def test_texts_and_times_are_filled_lazily(name: str) -> None:
    days = pd.to_datetime(["2020-01-01", None, "2020-01-03"])
    data = lazyframe.DataFrame({"s": ["a", None, "b"], "t": days, "k": [1, 2, 3]})
    part = data[data["k"] < 3]
    for label in ("s", "t"):
        assert is_lazy(METHODS[name](part[label]))
    assert is_lazy(part)
