"""Medians and quantiles of groups whose values are laid side by side are pandas', to the last bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.run import long_calls
from lazyframe.run import values_of_groups as module

FLOATS = [1e308, -1e308, 1.0, 0.1, 3.3, -2.5, 1e16, np.nan, np.inf, -np.inf]
INTEGERS = [2**62, -(2**63), 2**53 + 1, 0, 1, 5, -7]


@pytest.mark.parametrize("by_kernel", [True, False])
@pytest.mark.parametrize(
    "values",
    [
        np.array(FLOATS),
        np.array(INTEGERS),
        np.array([0, 1, 2**64 - 1], np.uint64),
        np.array([-(2**31), 2**31 - 1, 7], np.int32),
        np.array([-128, 127, 3], np.int8),
    ],
    ids=lambda values: str(values.dtype),
)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=5, max_size=60), st.booleans())
def test_as_pandas(
    values: np.ndarray, by_kernel: bool, rows: list[tuple[int, int]], partitioned: bool
) -> None:
    numbers = np.array([number for number, _ in rows])
    column = values[[number % len(values) for _, number in rows]]
    by = pd.Categorical.from_codes(numbers, categories=pd.RangeIndex(5))
    grouped = pd.Series(column).groupby(by, observed=False)
    shares = np.array([0.5, 0.0, 1 / 3, 0.9, 1.0])
    with pytest.MonkeyPatch.context() as patch, lazyframe.config(min_rows=0), np.errstate(all="ignore"):
        patch.setattr(module, "LEAST_VALUES", 1)
        patch.setattr(long_calls, "LONGEST_CALL", 7)
        patch.setattr(module, "_SORTED", 0 if partitioned else 100)
        if not by_kernel:
            patch.setattr(module.tiers, "scan_for", lambda *_: None)
        medians = module.medians_of_groups(column, numbers, 5)
        quantiles = module.quantiles_of_groups(column, numbers, 5, shares)
    assert medians is not None
    assert quantiles is not None
    np.testing.assert_array_equal(medians, grouped.median().to_numpy())
    np.testing.assert_array_equal(quantiles.ravel(), grouped.quantile(shares).to_numpy())


@pytest.mark.parametrize("dtype", ["float32", "bool", "datetime64[ns]"])
def test_other_dtypes_are_pandas(dtype: str) -> None:
    column = np.zeros(1000, dtype)
    assert module.medians_of_groups(column, np.zeros(1000, np.int64), 1) is None
    assert module.quantiles_of_groups(column, np.zeros(1000, np.int64), 1, np.array([0.5])) is None


def test_many_groups_are_pandas() -> None:
    assert module.medians_of_groups(np.arange(100.0), np.arange(100), 100) is None
