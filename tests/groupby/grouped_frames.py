"""Frames to group, in pandas and recorded, and what it takes for two results to be the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

import lazyframe
from lazyframe.testing import assert_frame_equal, assert_series_equal

ROUNDED = frozenset({"sum", "mean", "var", "std", "sem", "prod"})
"""The aggregations whose floats may differ from pandas' in the last bits."""


def make_frame(rows: int, seed: int = 0) -> pandas.DataFrame:
    """Keys and values of every dtype, with missing values."""
    r = np.random.default_rng(seed)
    times = np.datetime64("2024-01-01", "ns") + r.integers(0, 10**15, rows).astype("timedelta64[ns]")
    times[r.random(rows) < 0.2] = np.datetime64("NaT", "ns")
    return pandas.DataFrame(
        {
            "k": r.integers(-3, 5, rows),
            "j": r.integers(0, 3, rows).astype(np.int8),
            "b": r.random(rows) < 0.5,
            "u": r.choice(np.array([0, 2**63 + 5, 2**64 - 1], np.uint64), rows),
            "wide": r.choice(np.array([-(10**15), 3, 10**15], np.int64), rows),
            "c": pandas.Categorical.from_codes(r.integers(-1, 3, rows), categories=list("zyxw")),
            "o": pandas.Categorical.from_codes(r.integers(0, 3, rows), categories=[9, 5, 7], ordered=True),
            "x": np.where(r.random(rows) < 0.3, np.nan, r.normal(1e3, 5.0, rows)),
            "f": np.where(r.random(rows) < 0.3, np.nan, r.random(rows)).astype(np.float32),
            "i": r.integers(-(2**62), 2**62, rows),
            "y": np.where(r.random(rows) < 0.3, np.nan, r.normal(0.0, 1.0, rows)),
            "s": r.integers(-100, 100, rows).astype(np.int16),
            "t": times,
            "d": times - np.datetime64("2023-01-01", "ns"),
            "g": r.choice(np.array([np.nan, -0.0, 0.0, 2.5, -1.0, np.inf]), rows),
            "e": times.astype("M8[D]").astype("M8[s]")
            - (times.astype("M8[D]").astype(int) % 5).astype("m8[D]"),
            "h": r.choice(np.array([0.5, np.nan, -3.0], np.float32), rows),
        }
    )


def assert_same(got: Any, want: Any, rounded: bool = False, single: bool = False) -> None:
    """The same class, labels, names, dtypes and values; rounded floats to ten (float32: five) digits."""
    if not isinstance(want, (pandas.DataFrame, pandas.Series)):
        assert type(got) is type(want)
        assert got == want
        return
    compare = assert_frame_equal if isinstance(want, pandas.DataFrame) else assert_series_equal
    assert isinstance(got, pandas.DataFrame) == isinstance(want, pandas.DataFrame)
    if rounded:
        dtypes = list(want.dtypes) if isinstance(want, pandas.DataFrame) else [want.dtype]
        compare(got, want, rtol=1e-5 if single or np.float32 in dtypes else 1e-10, atol=1e-300)
    else:
        compare(got, want, check_exact=True)
    if isinstance(want.index, pandas.MultiIndex):
        for mine, theirs in zip(got.index.levels, want.index.levels, strict=True):
            pandas.testing.assert_index_equal(mine, theirs)


def check_recorded(
    data: pandas.DataFrame,
    group: Callable[[Any], Any],
    aggregate: Callable[[Any], Any],
    rounded: bool = False,
) -> Any:
    """Group and aggregate in pandas and recorded; the results are the same, and pandas did not group."""
    want = aggregate(group(data))
    grouped = group(lazyframe.DataFrame(data))
    got = aggregate(grouped)
    assert grouped._grouped._plain is None, "this ran in pandas"
    assert_same(got, want, rounded)
    return got
