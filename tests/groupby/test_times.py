"""Aggregations of times in groups, against pandas to the last tick."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.record.groupby_times import _is_exactly_summed
from lazyframe.record.time_limits import Limits
from tests.brief import examples
from tests.groupby.grouped_frames import assert_same, check_recorded, make_frame
from tests.record.compare import assert_same as assert_outcome
from tests.record.compare import outcome

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
"""That pandas 3.0 gives for quantiles of nothing but NaT."""

UNITS = ["s", "ms", "us", "ns"]
OPERATIONS = ["mean", "median", "std", "sem", "quantile"]


def with_units(rows: int) -> pandas.DataFrame:
    """The frame of all dtypes with dates and lengths of time at every unit."""
    frame = make_frame(rows)
    for unit in UNITS:
        frame[f"M{unit}"] = frame["t"].astype(f"M8[{unit}]")
        frame[f"m{unit}"] = frame["d"].astype(f"m8[{unit}]")
    frame["old"] = frame["t"] - pandas.Timedelta(days=365 * 80)
    frame["late"] = frame["t"] + pandas.Timedelta(days=365 * 230)
    return frame


@pytest.fixture(scope="module")
def times() -> pandas.DataFrame:
    return with_units(300)


COLUMNS = ["Mns", "mns", "Mus", "mus", "Ms", "ms", "old", "late"]


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("by", ["k", "c", ["g", "b"], "wide", "e"], ids=str)
def test_aggregations(times: pandas.DataFrame, by: Any, operation: str) -> None:
    for options in ({}, {"sort": False}, {"dropna": False}, {"as_index": False}):
        check_recorded(
            times,
            lambda df, o=options: df.groupby(by, **o)[COLUMNS],  # type: ignore[misc]
            lambda g: getattr(g, operation)(),
        )
    check_recorded(times, lambda df: df.groupby(by)["mus"], lambda g: getattr(g, operation)())


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("rows", [0, 1, 2])
@pytest.mark.parametrize("operation", [*OPERATIONS, "sum", "any", "all"])
def test_few_rows(rows: int, operation: str) -> None:
    data = with_units(rows)
    columns = ["mns", "mus"] if operation in ("sum", "any", "all") else COLUMNS
    check_recorded(data, lambda df: df.groupby("k")[columns], lambda g: getattr(g, operation)())


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize(
    "use",
    [
        lambda g: g[["Mns", "mus"]].agg(["mean", "std", "min"]),
        lambda g: g.agg({"Mns": ["mean", "median"], "x": "max", "mus": "sum"}),
        lambda g: g.agg(middle=("Mus", "median"), spread=("Ms", "std"), n=("s", "size")),
        lambda g: g[["Mns", "mus"]].transform("mean"),
        lambda g: g.mns.transform("std"),
        lambda g: g.Mns.std(ddof=0),
        lambda g: g[["Mns", "mus"]].quantile(0.9),
        lambda g: g[["Mns", "mus", "x"]].quantile([0.1, 0.5]),
        lambda g: g.Ms.quantile([0.25]),
        lambda g: g[["mns", "mus"]].any(),
        lambda g: g.mns.all(),
        lambda g: g[["Mns", "mus"]].idxmin() if (g.Mns.count() > 0).all() else None,
    ],
)
@pytest.mark.parametrize("by", ["k", "h", ["b", "j"]], ids=str)
def test_other_forms(times: pandas.DataFrame, by: Any, use: Any) -> None:
    check_recorded(times, lambda df: df.groupby(by), use)
    check_recorded(times, lambda df: df[df.x > 1000].groupby(by, sort=False), use)


@pytest.mark.usefixtures("interpreted")
def test_running_sums_and_labels_of_extremes(times: pandas.DataFrame) -> None:
    check_recorded(times, lambda df: df.groupby("k")[["mns", "mus"]], lambda g: g.cumsum())
    check_recorded(times, lambda df: df.groupby("k").mns, lambda g: g.transform("cumsum"))
    dated = times.set_index(pandas.date_range("2020", periods=len(times)))
    for name in ("idxmin", "idxmax"):
        check_recorded(dated, lambda df: df.groupby("k")[COLUMNS], lambda g, n=name: getattr(g, n)())  # type: ignore[misc]


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize(
    ("column", "operation"), [("Mns", "sum"), ("Mns", "var"), ("mus", "prod"), ("Ms", "any")]
)
def test_what_pandas_refuses(times: pandas.DataFrame, column: str, operation: str) -> None:
    with pytest.raises(TypeError) as theirs:
        getattr(times.groupby("k")[column], operation)()
    with pytest.raises(TypeError) as ours:
        getattr(lazyframe.DataFrame(times).groupby("k")[column], operation)()
    assert str(ours.value) == str(theirs.value)


TICKS = st.one_of(
    st.integers(-(2**51), 2**51),
    st.integers(2**60, 2**61 - 2**32),
    st.integers(2**59, 2**60 - 2**32),
    st.integers(-(2**61) + 2**32, -(2**60)),
    st.sampled_from([0, 1, -1, -(2**63), 2**63 - 1, -(2**63) + 1, 2**53, 2**53 + 1, -(2**53) - 1]),
)


@pytest.mark.usefixtures("interpreted")
@settings(max_examples=examples(40))
@given(st.data(), st.sampled_from(["M8[ns]", "m8[us]"]))
def test_any_ticks(data: Any, dtype: str) -> None:
    """Of one magnitude as a rule, so that a mean is two sums."""
    one_magnitude = st.sampled_from(range(4)).flatmap(
        lambda k: st.lists(TICKS.original_strategies[k] | st.just(-(2**63)), max_size=40)  # type: ignore[attr-defined]
    )
    ticks = np.array(data.draw(one_magnitude | st.lists(TICKS, max_size=40)), np.int64)
    keys = np.random.default_rng(len(ticks)).integers(0, 3, len(ticks))
    frame = pandas.DataFrame({"k": keys, "t": ticks.view(dtype)})
    for operation in ("mean", "median", "std"):
        check_recorded(frame, lambda df: df.groupby("k").t, lambda g, o=operation: getattr(g, o)())  # type: ignore[misc]


@given(
    st.integers(0, 62).flatmap(lambda bits: st.lists(st.integers(2**bits, 2 ** (bits + 1) - 1), max_size=60)),
    st.booleans(),
    st.integers(1, 2**40),
)
def test_the_sum_that_is_called_exact_is(ticks: list[int], both_signs: bool, step: int) -> None:
    values = [(-tick if both_signs and k % 2 else tick) // step * step for k, tick in enumerate(ticks)]
    limits = Limits(min(values, default=0), max(values, default=-1), missing=False)
    if not _is_exactly_summed(limits, len(values)):
        return
    total = compensation = 0.0
    for value in values:
        y = float(value) - compensation
        t = total + y
        compensation = t - total - y
        total = t
    assert total == float(sum(int(float(value)) for value in values))


def test_which_sums_are_exact() -> None:
    def ticks(first: str, last: str, unit: str) -> Limits:
        low, high = (int(np.datetime64(day, unit).view(np.int64)) for day in (first, last))
        return Limits(low, high, missing=True)

    assert _is_exactly_summed(ticks("1900-01-01", "2041-01-01", "us"), 10**6)
    assert _is_exactly_summed(ticks("2007-01-01", "2042-01-01", "ns"), 10**7)
    assert _is_exactly_summed(ticks("1992-01-01", "1999-01-01", "ns"), 10**7)
    assert not _is_exactly_summed(ticks("1992-01-01", "2007-01-01", "ns"), 10)
    assert not _is_exactly_summed(ticks("2007-01-01", "2042-01-01", "ns"), 1 << 27)
    assert not _is_exactly_summed(ticks("2007-01-01", "2042-01-01", "ns"), None)
    assert _is_exactly_summed(Limits(0, -1, missing=True), 5)


LENGTHS: dict[str, Any] = {
    "sum": lambda df: df.groupby("k")["d"].sum(),
    "of all": lambda df: df.groupby("k").sum(),
    "named": lambda df: df.groupby("k", as_index=False).agg(a=("d", "sum"), b=("d", "max")),
    "of rows": lambda df: df.groupby("k")["d"].transform("sum"),
    "of a function": lambda df: df.groupby("k")["d"].agg(lambda d: d.sum()),
}


@pytest.mark.parametrize("name", LENGTHS)
@pytest.mark.usefixtures("interpreted")
def test_sums_of_lengths_that_do_not_fit(name: str) -> None:
    most = np.iinfo(np.int64).max // 5
    for lengths in ([most] * 4, [most] * 6, [most, -most] * 3, [np.iinfo(np.int64).min, most], []):
        data = pandas.DataFrame({"k": np.arange(len(lengths)) // 6, "d": np.array(lengths, "m8[ns]")})
        assert_outcome(*[outcome(LENGTHS[name], library.DataFrame(data)) for library in (lazyframe, pandas)])


def test_in_kernels_means_are_part_of_the_loop() -> None:
    frame = with_units(500)

    def program(df: Any) -> Any:
        df = df[df.k != 1]
        return df.groupby("k").agg(t=("Mus", "mean"), d=("mns", "mean"), v=("Mns", "mean"), x=("x", "max"))

    got = program(lazyframe.DataFrame(frame))
    text = str(lazyframe.explain(got))
    assert "host mean(" not in text
    assert text.count(">> 36) at") >= 3  # part of what is merged in the loop over the rows
    assert_same(got, program(frame))


def test_in_kernels_other_statistics_wait_for_the_groups() -> None:
    frame = with_units(500)

    def program(df: Any) -> Any:
        df = df[df.k != 1]
        return df.groupby("k").agg(t=("Mus", "median"), d=("mns", "std"), v=("late", "mean"))

    got = program(lazyframe.DataFrame(frame))
    text = str(lazyframe.explain(got))
    for step in ("host median(", "host std(", "host mean("):
        assert step in text
    assert_same(got, program(frame))
