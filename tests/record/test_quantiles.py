"""Medians and quantiles that are put together of a few values, against pandas and NumPy."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
import lazyframe.numpy as lnp
from lazyframe.run import order_statistics
from tests.brief import examples
from tests.record.compare import DTYPES, edge_values
from tests.windows.test_windows import pairs, same

QUANTILES = st.sampled_from([0.5, 0, 1, 0.25, [0.1, 0.9], [1, 0.0, 0.3, 0.3], (0.7,), 2.0, "x", [], [[0.5]]])


@pytest.fixture(autouse=True)
def _of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_statistics, "LEAST_ROWS", 1)


@pytest.mark.usefixtures("interpreted")
@settings(max_examples=examples(60))
@given(pairs(most=2), QUANTILES, st.sampled_from(["linear", "lower"]), st.booleans())
def test_as_pandas(frames: Any, q: Any, interpolation: Any, skipna: bool) -> None:
    with lazyframe.config(min_rows=0):
        same(*frames, lambda df: df["c0"].median())
        same(*frames, lambda df: df["c0"].median(skipna=skipna))
        same(*frames, lambda df: df["c0"].quantile(q))
        same(*frames, lambda df: df["key"].quantile(q=q, interpolation=interpolation))
        same(*frames, lambda df: df.median(numeric_only=True))
        same(*frames, lambda df: df[["key", "key"]].median(skipna=skipna))
        same(*frames, lambda df: df.quantile(q, numeric_only=True))
        same(*frames, lambda df: df[["key"]].quantile(q=q, interpolation=interpolation))
        same(*frames, lambda df: df["c0"].describe())


@pytest.mark.parametrize("rows", [1, 2, 7, 100])
@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype[0] in "iuf"])
def test_of_more_rows(dtype: str, rows: int) -> None:
    random = np.random.default_rng(rows)
    values = pd.Series(random.choice(edge_values(dtype), rows))
    ours = lazyframe.Series(values)
    shares = [0.0, 1 / 3, 0.1, 0.5, 0.99, 1.0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # infinity less infinity
        pd.testing.assert_series_equal(ours.quantile(shares).to_pandas(), values.quantile(shares), rtol=0)
        expected, found = values.median(), ours.median()
    assert type(found) is type(expected)
    np.testing.assert_array_equal(found, expected)


@settings(max_examples=examples(60))
@given(
    st.sampled_from([dtype for dtype in DTYPES if dtype[0] in "iufb"]),
    st.lists(st.integers(0, 7), min_size=1, max_size=9),
    st.sampled_from([0.5, 0, 1, [0.1, 0.9], np.array([0.25]), -0.1, [[0.5]], "x"]),
)
def test_as_numpy(dtype: str, chosen: list[int], q: Any) -> None:
    values = edge_values(dtype).take(chosen)
    programs = (
        lambda np, a: np.median(a),
        lambda np, a: np.quantile(a, q),
        lambda np, a: np.percentile(a, 100 * np.asarray(q) if q != "x" else q),  # type: ignore[comparison-overlap]
        lambda np, a: np.quantile(a, q, method="lower"),
        lambda np, a: np.median(a, axis=0, keepdims=True),
    )
    with lazyframe.config(min_rows=0), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for program in programs:
            expected, found = _outcome(program, np, values), _outcome(program, lnp, lnp.asarray(values))
            assert isinstance(found, np.generic) == isinstance(expected, np.generic)
            np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
            assert np.asarray(found).dtype == np.asarray(expected).dtype


def _outcome(program: Any, numpy: Any, values: Any) -> Any:
    try:
        return program(numpy, values)
    except (TypeError, ValueError) as error:
        return type(error).__name__


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30), st.data())
def test_order_statistics(values: list[int], data: st.DataObject) -> None:
    ranks = data.draw(st.lists(st.integers(0, len(values) - 1), max_size=6))
    found = order_statistics.order_statistics(np.array(values, np.int16), ranks)
    assert found == {rank: sorted(values)[rank] for rank in ranks}
