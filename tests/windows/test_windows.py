"""Shifts, differences and running totals, against pandas."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from passes.ir.type_rules import RANK_METHODS
from tests.brief import examples
from tests.dates.columns import arrays
from tests.record.compare import DTYPES, INDEXES, assert_same, edge_values, is_lazy, outcome

NUMBERS = [dtype for dtype in DTYPES if dtype[0] in "biuf"]
ACCUMULATIONS = ("cumsum", "cumprod", "cummax", "cummin")
PERIODS = (1, 2, -1, -3, 0, 7, -9, 100, np.int64(1), [1, -2, 0], (2,), range(3), [], [1.0], 1.0, "a")
FILLS = (0, 1.5, np.nan, None, True, pd.NaT, pd.Timestamp("2000"), pd.Timedelta(1, "s"), "x", 300)
WORDS = ["b", None, "a", "", None, "b", "b", "c"]
DAYS = pd.to_datetime([None, "2020", "2021", None, "2020", None, "2019", "2020"], utc=True)
OPAQUE: dict[str, Any] = {
    "str": pd.array(WORDS, "str"),
    "category": pd.Categorical(WORDS, [*"zcba", ""]),
    "ordered": pd.Categorical(WORDS, [*"zcba", ""], ordered=True),
    "numbered": pd.Categorical([3.5, None, -1.0, 2.0, None, 3.5, 3.5, 0.0], [3.5, 2.0, 0.0, -1.0]),
    "object": pd.array(WORDS, object),
    "zoned": DAYS.tz_convert("Europe/Berlin").array,
}


@st.composite
def columns(draw: Callable, length: int) -> Any:
    """A column of any dtype with what breaks things in it."""
    dtype = draw(st.sampled_from([*NUMBERS, "M", "m", *OPAQUE]))
    if dtype in ("M", "m"):
        return draw(arrays(dtype, draw(st.sampled_from(["s", "ns"])), length))
    chosen = np.array(draw(st.lists(st.integers(0, 7), min_size=length, max_size=length)), np.intp)
    if dtype in OPAQUE:
        return pd.Series(OPAQUE[dtype].take(chosen), dtype=OPAQUE[dtype].dtype)
    return edge_values(dtype).take(chosen)


@st.composite
def pairs(draw: Callable, most: int = 1) -> tuple[Any, Any]:
    """A lazyframe frame and the same of pandas; sometimes filtered or sorted."""
    length = draw(st.integers(0, 8))
    made = {f"c{number}": draw(columns(length)) for number in range(draw(st.integers(1, most)))}
    frame = pd.DataFrame(made)
    frame["key"] = draw(st.lists(st.integers(0, 3), min_size=length, max_size=length))
    frame["key"] = frame["key"].astype("int64")
    frame.index = INDEXES[draw(st.sampled_from(sorted(INDEXES)))](length)
    ours = lazyframe.DataFrame(frame)
    match draw(st.integers(0, 4)):
        case 0:
            return ours[ours["key"] > 1], frame[frame["key"] > 1]
        case 1:
            return ours.sort_values("key", kind="stable"), frame.sort_values("key", kind="stable")
        case 2:
            return ours.iloc[1:6:2], frame.iloc[1:6:2]
    return ours, frame


def same(ours: Any, theirs: Any, program: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(outcome(program, ours), outcome(program, theirs))


@settings(max_examples=examples(250))
@given(pairs(), st.sampled_from(PERIODS), st.sampled_from(FILLS))
@pytest.mark.usefixtures("_by_reference")
def test_shift(pair: tuple[Any, Any], periods: Any, fill: Any) -> None:
    same(*pair, lambda frame: frame["c0"].shift(periods))
    same(*pair, lambda frame: frame["c0"].shift(periods, fill_value=fill))


@settings(max_examples=examples(250))
@given(pairs(), st.sampled_from(PERIODS))
@pytest.mark.usefixtures("_by_reference")
def test_differences(pair: tuple[Any, Any], periods: Any) -> None:
    same(*pair, lambda frame: frame["c0"].diff(periods))
    same(*pair, lambda frame: frame["c0"].pct_change(periods))


@settings(max_examples=examples(250))
@given(pairs(), st.sampled_from(ACCUMULATIONS), st.sampled_from([True, False, None, 1]))
@pytest.mark.usefixtures("_by_reference")
def test_running_totals(pair: tuple[Any, Any], name: str, skipna: Any) -> None:
    same(*pair, lambda frame: getattr(frame["c0"], name)())
    same(*pair, lambda frame: getattr(frame["c0"], name)(skipna=skipna))


@settings(max_examples=examples(200))
@given(pairs(3), st.sampled_from(PERIODS[:11]), st.sampled_from(FILLS), st.sampled_from(ACCUMULATIONS))
@pytest.mark.usefixtures("_by_reference")
def test_frames(pair: tuple[Any, Any], periods: int, fill: Any, name: str) -> None:
    same(*pair, lambda frame: frame.shift(periods))
    same(*pair, lambda frame: frame.shift(periods, fill_value=fill))
    same(*pair, lambda frame: frame.shift(periods, axis=1))
    same(*pair, lambda frame: frame.shift(periods, suffix="_before"))
    same(*pair, lambda frame: frame.diff(periods))
    same(*pair, lambda frame: getattr(frame, name)())
    same(*pair, lambda frame: getattr(frame, name)(numeric_only=True))


@settings(max_examples=examples(20))
@given(pairs(), st.sampled_from([1, -2]))
@pytest.mark.usefixtures("_by_kernels")
def test_kernels(pair: tuple[Any, Any], periods: int) -> None:
    same(*pair, lambda frame: frame["c0"].shift(periods))
    same(*pair, lambda frame: (frame["key"] * 2).diff(periods).cumsum() + frame["key"].shift(-periods))


@pytest.mark.usefixtures("_by_reference")
def test_what_is_recorded() -> None:
    for dtype in ("float64", "int64", "int8", "datetime64[ns]", "timedelta64[s]"):
        series = lazyframe.Series(edge_values(dtype))
        for result in (
            series.shift(),
            series.shift(-1),
            series.diff(),
            series.cummax(),
            series.to_frame().diff(),
        ):
            assert is_lazy(result), dtype
    floats = lazyframe.Series(edge_values("float64"))
    assert is_lazy(floats.cumsum())
    assert is_lazy(floats.cumprod(skipna=False))
    assert is_lazy(floats.pct_change())
    assert is_lazy(lazyframe.Series([True]).cumsum())
    assert is_lazy(floats.shift(1, fill_value=0.5))
    assert is_lazy(floats.shift([1, 2]))
    assert is_lazy(lazyframe.Series([True]).shift())
    assert is_lazy(lazyframe.Series([True]).diff())
    for name, values in OPAQUE.items():
        series = lazyframe.Series(values, dtype=values.dtype)
        assert is_lazy(series[series.rank() >= 0].shift(-1)), name  # what is in memory pandas moves at once
        assert is_lazy(series.shift([0, 1])), name
        assert is_lazy(series.ffill()), name
        assert is_lazy(series.rank()), name


RANKS = {
    "method": ["average", "min", "max", "first", "dense", "other"],
    "na_option": ["keep", "top", "bottom", "middle"],
}
FLAGS = st.sampled_from([False, True, None])


@pytest.mark.usefixtures("interpreted")
@settings(max_examples=examples(40))
@given(pairs(most=2), st.sampled_from(RANKS["method"]), st.sampled_from(RANKS["na_option"]), FLAGS, FLAGS)
def test_ranks(frames: Any, method: Any, na_option: Any, ascending: Any, pct: Any) -> None:
    options = {"method": method, "na_option": na_option, "ascending": ascending, "pct": pct}
    with lazyframe.config(min_rows=0):
        same(*frames, lambda df: df["c0"].rank(**options))
        same(*frames, lambda df: df.rank(**options))
        same(*frames, lambda df: df.rank(numeric_only=True, **options))
        same(*frames, lambda df: df[df["c0"].rank(pct=True) > 0.3])


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("method", RANKS["method"][:-1])
@pytest.mark.parametrize("na_option", ["top", "bottom"])
def test_ranks_of_what_is_missing(method: str, na_option: str) -> None:
    floats = np.array([np.inf, np.nan, -0.0, 2.0, np.nan, 0.0, -np.inf, 2.0])
    plain = pd.DataFrame({
        "f": floats,
        "t": pd.to_datetime([None, "2020", "2021", None, "2020", None, "2019", "2020"]),
        "s": pd.array(["b", None, "a", "", None, "b", "b", "a"], "str"),
        "i": [3, 1, 1, 2, 0, 3, 1, 2],
        "n": np.full(8, np.nan),
    })  # fmt: skip
    options = [{"ascending": up, "pct": share} for up in (True, False) for share in (True, False)]
    with lazyframe.config(min_rows=0):
        lazy = lazyframe.DataFrame(plain)
        for option in options:
            same(lazy, plain, lambda df, o=option: df.rank(method=method, na_option=na_option, **o))
            assert is_lazy(lazy.rank(method=method, na_option=na_option, **option))


@pytest.mark.usefixtures("interpreted")
@settings(max_examples=examples(30))
@given(
    pairs(most=2), st.sampled_from([0.5, [0.1, 0.9], 2.0, "x", []]), st.sampled_from(["linear", "nearest"])
)
def test_medians_and_quantiles(frames: Any, q: Any, interpolation: Any) -> None:
    with lazyframe.config(min_rows=0):
        same(*frames, lambda df: df["c0"].median())
        same(*frames, lambda df: df["key"].median(skipna=False))
        same(*frames, lambda df: (df["key"] * 2).quantile(q, interpolation))
        same(*frames, lambda df: df["c0"].quantile(q=q, interpolation=interpolation))
        same(*frames, lambda df: df.median(numeric_only=True))
        same(*frames, lambda df: df.median())
        same(*frames, lambda df: df[["key"]].quantile(q, interpolation=interpolation))
        same(*frames, lambda df: df.quantile(q, numeric_only=True))


@pytest.mark.usefixtures("interpreted")
@settings(max_examples=examples(40))
@given(pairs(most=2), st.sampled_from([1, -2, 0]))
def test_changes_by_parts(frames: Any, periods: int) -> None:
    with lazyframe.config(min_rows=0):
        same(*frames, lambda df: df["key"].pct_change(periods))
        same(*frames, lambda df: df["c0"].pct_change(periods))


@settings(max_examples=examples(60))
@given(
    pairs(most=3),
    st.sampled_from(RANK_METHODS),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["keep", "top"]),
)
def test_ranks_across_columns(frames: Any, method: str, ascending: bool, pct: bool, na_option: str) -> None:
    options: dict[str, Any] = {"method": method, "ascending": ascending, "pct": pct, "na_option": na_option}
    with lazyframe.config(min_rows=0):
        same(*frames, lambda df: df.rank(axis=1, **options))
        same(*frames, lambda df: df.rank(axis="columns", numeric_only=True, **options))


@pytest.mark.parametrize("name", ["cummax", "cummin"])
@pytest.mark.parametrize("dtype", ["str", "ordered", "category", "object"])
def test_extremes_so_far_of_what_kernels_do_not_hold(dtype: str, name: str) -> None:
    theirs = pd.DataFrame({"c0": OPAQUE[dtype], "key": range(8)})
    with lazyframe.config(min_rows=0):
        ours = lazyframe.DataFrame(theirs)
        for skipna in (True, False):
            for start in (0, 1, 9):
                same(ours, theirs, lambda df: getattr(df[df.key >= start].c0, name)(skipna=skipna))  # noqa: B023
            same(ours, theirs, lambda df: getattr(df, name)(skipna=skipna))  # noqa: B023
        if dtype in ("str", "ordered"):
            assert is_lazy(getattr(ours[ours.key > 0].c0, name)())


def test_ranks_are_lazy() -> None:
    with lazyframe.config(min_rows=0):
        frame = lazyframe.DataFrame({"a": [3, 1, 2], "s": list("bca")})
        assert is_lazy(frame.rank())
        assert is_lazy(frame[frame.a > 1].s.rank(pct=True, method="dense"))
        assert is_lazy(frame.rank(na_option="top"))
        assert is_lazy(frame[["a", "a"]].rank(axis=1))
        assert is_lazy(frame.a.pct_change())
