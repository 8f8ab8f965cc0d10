"""``resample`` and ``pandas.Grouper(freq=...)``: bins of times, against pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from tests.brief import examples
from tests.groupby.grouped_frames import assert_same
from tests.record.compare import outcome

FREQUENCIES = ["D", "h", "35min", "2D", "MS", "ME", "W-WED", "QE", "YS", "2MS", "B"]
REDUCTIONS = [
    "sum", "mean", "min", "max", "count", "size", "std", "var", "sem", "prod", "median", "nunique", "first",
    "last", "quantile",
]  # fmt: skip


def make(rows: int, seed: int = 0, ascending: bool = True, missing: bool = False) -> pandas.DataFrame:
    r = np.random.default_rng(seed)
    times = np.datetime64("2019-12-30T11:00", "us") + r.integers(0, 70 * 86400, rows).astype("m8[s]")
    times = times[: rows // 2].tolist() + [times[0] if rows else None] * (rows - rows // 2)
    made = np.array(times, "M8[us]") + (np.arange(rows) % 7).astype("m8[h]")
    if ascending:
        made = np.sort(made)
    if missing:
        made[r.random(rows) < 0.2] = np.datetime64("NaT", "ns")
    x = np.where(r.random(rows) < 0.3, np.nan, r.normal(size=rows))
    return pandas.DataFrame({
        "t": made,
        "k": r.integers(0, 3, rows),
        "x": x,
        "i": r.integers(-5, 5, rows),
        "n": r.integers(-5, 5, rows).astype(np.int16),
        "b": r.random(rows) < 0.5,
        "d": made - np.datetime64("2020-01-01", "us"),
        "f": x.astype(np.float32),
        "s": pandas.array(np.array(["u", "v", None], object)[r.integers(0, 3, rows)], "str"),
    })  # fmt: skip


def ran_recorded(resampled: Any) -> bool:
    return "_make_plain" in resampled.__dict__


def same(data: pandas.DataFrame, program: Callable[[Any], Any], recorded: bool | None = None) -> None:
    want = outcome(program, data)
    holder: list[Any] = []

    def noted(made: Any) -> Any:
        holder.append(made)
        return made

    got = outcome(lambda df: program(_Noting(df, noted)), lazyframe.DataFrame(data))
    if isinstance(want, Exception):
        assert (type(got), str(got)) == (type(want), str(want))
        return
    if isinstance(got, Exception):
        raise got
    assert_same(got, want, rounded=True, single=True)
    if isinstance(getattr(want, "index", None), pandas.DatetimeIndex):
        assert got.index.freq == want.index.freq
    if recorded is not None:
        assert holder
        assert all(map(ran_recorded, holder)) is recorded


class _Noting:
    """A frame that notes what ``resample`` and ``groupby`` gave."""

    def __init__(self, frame: Any, note: Callable[[Any], Any]) -> None:
        self._frame, self._note = frame, note

    def resample(self, *args: Any, **kwargs: Any) -> Any:
        return self._note(self._frame.resample(*args, **kwargs))

    def groupby(self, *args: Any, **kwargs: Any) -> Any:
        return self._note(self._frame.groupby(*args, **kwargs))

    def set_index(self, *args: Any, **kwargs: Any) -> Any:
        return _Noting(self._frame.set_index(*args, **kwargs), self._note)

    def __getitem__(self, key: Any) -> Any:
        found = self._frame[key]
        return _Noting(found, self._note) if isinstance(found, (pandas.DataFrame, pandas.Series)) else found


@pytest.fixture(scope="module")
def data() -> pandas.DataFrame:
    return make(300)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("freq", FREQUENCIES)
def test_frequencies(data: pandas.DataFrame, freq: str) -> None:
    day_steps = freq != "B"
    same(data, lambda df: df.resample(freq, on="t")["x"].sum(), True if day_steps else None)
    same(data, lambda df: df.set_index("t").resample(freq)[["x", "i"]].mean())
    same(data, lambda df: df.set_index("t")["x"].resample(freq).count())
    same(data, lambda df: df.groupby(pandas.Grouper(key="t", freq=freq))["i"].max())
    same(data, lambda df: df.groupby(["k", pandas.Grouper(key="t", freq=freq)])["x"].sum())
    for closed in ("left", "right"):
        for label in ("left", "right"):
            same(data, lambda df, c=closed, a=label: df.resample(freq, on="t", closed=c, label=a)["x"].sum())


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(data: pandas.DataFrame, name: str) -> None:
    for column in ("x", "i", "n", "b", "d", "f", "s", "k"):
        same(data, lambda df, c=column: getattr(df.resample("17h", on="t")[c], name)())
    same(data, lambda df: getattr(df.set_index("t")["x"].resample("D"), name)())
    same(data, lambda df: getattr(df.resample("D", on="t")[["x", "i"]], name)(), True)
    same(data, lambda df: getattr(df[["t", "x", "i"]].resample("MS", on="t"), name)(), True)
    same(
        data, lambda df: getattr(df[["t", "x", "i"]].groupby(pandas.Grouper(key="t", freq="D")), name)(), True
    )
    same(data, lambda df: getattr(df.groupby(["k", pandas.Grouper(key="t", freq="D")])[["x", "n"]], name)())


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "+03:30"])
@pytest.mark.parametrize("freq", ["D", "h", "35min", "2D", "MS", "W-WED", "B"])
def test_times_with_a_zone(zone: str, freq: str) -> None:
    data = make(200, 11, ascending=False, missing=freq in ("D", "MS"))
    data["t"] = (data["t"] + pandas.Timedelta(days=60)).dt.tz_localize("UTC").dt.tz_convert(zone)
    data["u"] = data["t"].sample(frac=1, random_state=1).to_numpy()
    same(data, lambda df: df.resample(freq, on="t")[["x", "i"]].sum(), True)
    same(data, lambda df: df.set_index("t")["x"].resample(freq, closed="right").agg(["max", "count"]))
    same(data, lambda df: df.groupby(pandas.Grouper(key="t", freq=freq))["i"].first(), True)
    same(data, lambda df: df.resample(freq, on="t")["u"].last(), True)
    same(data, lambda df: df.groupby(["k", pandas.Grouper(key="t", freq=freq)])["x"].mean().reset_index())


def test_pandas_warns_of_what_has_no_effect_on_days_of_a_zone() -> None:
    data = make(20, 13, ascending=False)
    data["t"] = data["t"].dt.tz_localize("UTC").dt.tz_convert("US/Eastern")
    for frame in (data, lazyframe.DataFrame(data)):
        with pytest.warns(RuntimeWarning, match="'origin' keyword does not take effect"):
            frame.resample("D", on="t", origin="start")["x"].sum()


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("missing", [True, False])
def test_first_and_last_in_time_of_rows_in_another_order(missing: bool) -> None:
    data = make(150, 12, ascending=False, missing=missing)
    data["c"] = data["s"].astype("category")
    for column in ("x", "i", "b", "d", "f", "s", "c"):
        same(data, lambda df, c=column: df.resample("17h", on="t")[c].first(), True)
        same(data, lambda df, c=column: df.resample("D", on="t")[c].last(skipna=False), True)
    same(data, lambda df: df.resample("D", on="t")["x"].ohlc(), True)
    named = data[["t", "x", "f"]].rename_axis(columns="n")
    same(named, lambda df: df.resample("D", on="t")[["x"]].ohlc(), True)
    same(named, lambda df: df.resample("D", on="t").ohlc())
    same(data, lambda df: df.set_index("t")[["x", "s"]].resample("D").agg(["first", "last"]), True)


def test_pandas_puts_into_bins_what_is_in_memory_and_in_order(data: pandas.DataFrame) -> None:
    later = data.sort_values("x").reset_index(drop=True)
    for program in (
        lambda df: df.resample("D", on="t")[["x"]].sum(),
        lambda df: df.set_index("t")["x"].resample("D").sum(),
        lambda df: df.groupby(pandas.Grouper(key="t", freq="D"))["x"].sum(),
    ):
        for min_rows, asked, recorded in ((200, data, False), (200, later, True), (50, data, True)):
            with lazyframe.config(min_rows=min_rows):
                same(asked, program, recorded)


def test_pandas_puts_computed_series_into_bins_that_are_in_order(data: pandas.DataFrame) -> None:
    with lazyframe.config(min_rows=200):
        filled = lazyframe.DataFrame(data).set_index("t")["x"].ffill() * 2.0
        asked = filled.resample("D")
        assert not ran_recorded(asked)
        found = asked.sum()
    wanted = (data.set_index("t")["x"].ffill() * 2.0).resample("D").sum()
    pandas.testing.assert_series_equal(found.to_pandas(), wanted)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("missing", [True, False])
@pytest.mark.parametrize("rows", [0, 1, 40])
def test_orders(rows: int, ascending: bool, missing: bool) -> None:
    data = make(rows, 5, ascending, missing)
    for name in ("sum", "first", "last", "size"):
        for freq in ("ME", "17h"):
            same(data, lambda df, f=freq, n=name: getattr(df.resample(f, on="t")["x"], n)())
            same(data, lambda df, f=freq, n=name: getattr(df.set_index("t")["i"].resample(f), n)())
        same(data, lambda df, n=name: getattr(df.groupby(pandas.Grouper(key="t", freq="D"))["x"], n)())
        same(data, lambda df, n=name: getattr(df.groupby([pandas.Grouper(key="t", freq="D"), "k"])["x"], n)())
    same(data, lambda df: df.resample("D", on="t")["x"].ohlc())
    same(
        data, lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"]).agg({"x": "first", "i": "sum"})
    )
    same(data, lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"])["x"].transform("sum"))


PROGRAMS: list[Callable[[Any], Any]] = [
    lambda df: df.resample("D", on="t").agg({"x": "sum", "i": ["min", "max"]}),
    lambda df: df.resample("D", on="t").agg(a=("x", "mean"), b=("i", "first")),
    lambda df: df.resample("D", on="t")["x"].agg(["sum", "last"]),
    lambda df: df.resample("D", on="t")["x"].agg(["ohlc"]),
    lambda df: df.resample("D", on="t")["x"].agg("sum"),
    lambda df: df.resample("D", on="t")["x"].agg("ohlc"),
    lambda df: df.resample("D", on="t").x.mean(),
    lambda df: df.resample("D", on="t").x.ohlc(),
    lambda df: df.resample("D", on="t")[["x"]].ohlc(),
    lambda df: df.resample("D", on="t")["i"].ohlc(),
    lambda df: df.resample("D", on="t")["x"].apply(lambda v: v.max() - v.min()),
    lambda df: df.resample("D", on="t")["x"].agg(lambda v: v.max() - v.min()),
    lambda df: df.resample("D", on="t")["x"].transform("mean"),
    lambda df: df.resample("D", on="t")["x"].sum(min_count=1),
    lambda df: df.resample("D", on="t")["x"].quantile([0.1, 0.5]),
    lambda df: df.resample("D", on="t")["x"].quantile(0.3),
    lambda df: df.resample("D", on="t")["x"].std(ddof=0),
    lambda df: df.resample("D", on="t").size(),
    lambda df: df.resample("D", on="t").mean(numeric_only=True),
    lambda df: df.resample("D", on="t").sum(),
    lambda df: df.resample("3h", on="t", origin="start")["x"].sum(),
    lambda df: df.resample("3h", on="t", origin="epoch")["x"].sum(),
    lambda df: df.resample("3h", on="t", origin="end")["x"].sum(),
    lambda df: df.resample("3h", on="t", offset="1h")["x"].sum(),
    lambda df: df.resample("ME", on="t", offset="1h")["x"].sum(),
    lambda df: df.resample("nonsense", on="t")["x"].sum(),
    lambda df: df.resample("D")["x"].sum(),
    lambda df: df.resample("D", on="x")["x"].sum(),
    lambda df: df.resample("D", on="nowhere")["x"].sum(),
    lambda df: df.resample("D", on="t")["nowhere"].sum(),
    lambda df: df.resample("D", on="t")["t"].count(),
    lambda df: df.set_index("t")["x"].resample("D").ffill(),
    lambda df: df.set_index("t")["x"].resample("D").first().ffill(),
    lambda df: df.set_index("t")["x"].resample("D").interpolate(),
    lambda df: df.set_index("t").resample("D")["x"].cumsum(),
    lambda df: df.set_index(["k", "t"]).resample("D", level="t")["x"].sum(),
    lambda df: df.set_index(["k", "t"]).groupby(["k", pandas.Grouper(level="t", freq="D")])["x"].sum(),
    lambda df: df.set_index("t").groupby(pandas.Grouper(freq="D"))["x"].sum(),
    lambda df: df.set_index("t").groupby(["k", pandas.Grouper(freq="D")])["x"].sum(),
    lambda df: df.set_index("t").groupby([pandas.Grouper(freq="D")])["x"].sum(),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D")])["x"].sum(),
    lambda df: df.groupby(pandas.Grouper(key="t", freq="D"), as_index=False)["x"].sum(),
    lambda df: df.groupby(["k", pandas.Grouper(key="t", freq="D")], as_index=False)["x"].sum(),
    lambda df: df.groupby(["k", pandas.Grouper(key="t", freq="D")], sort=False)["x"].sum(),
    lambda df: df.groupby(["k", pandas.Grouper(key="t", freq="D")], dropna=False)["x"].sum(),
    lambda df: df.groupby(["k", pandas.Grouper(key="t", freq="D")], observed=False)["x"].sum(),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "s"])["x"].agg(["sum", "count"]),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"])["s"].value_counts(),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"])["x"].cumsum(),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"])["x"].describe(),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"]).size().unstack(),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"])["x"].sum().reset_index(),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"])["x"].sum().loc[lambda v: v > 0],
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"]).head(1),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"])[["x", "i"]].corr(),
    lambda df: df.groupby([pandas.Grouper(key="t", freq="D"), "k"])["x"].apply(lambda v: v.max()),
    lambda df: [name for name, _ in df.groupby(pandas.Grouper(key="t", freq="ME"))],
    lambda df: df.groupby(pandas.Grouper(key="t", freq="ME")).ngroups,
    lambda df: str(df.resample("D", on="t")).split("[")[0],
    lambda df: len(df.resample("D", on="t")),
    lambda df: df[df["x"] > 0].resample("D", on="t")["x"].sum(),
    lambda df: df[df["x"] > 5].resample("D", on="t")["x"].sum(),
]  # fmt: skip


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_programs(number: int) -> None:
    for data in (make(120, 3), make(120, 4, ascending=False), make(60, 6, missing=True)):
        want, got = outcome(PROGRAMS[number], data), outcome(PROGRAMS[number], lazyframe.DataFrame(data))
        if isinstance(want, Exception):
            assert (type(got), str(got)) == (type(want), str(want))
        elif isinstance(want, (pandas.DataFrame, pandas.Series)):
            assert_same(got, want, rounded=True)
            if isinstance(want.index, pandas.DatetimeIndex):
                assert got.index.freq == want.index.freq
        else:
            assert got == want


def test_in_kernels() -> None:
    data = make(3000, 8)
    for threads in (1, 3):
        with lazyframe.config(threads=threads):
            mine = lazyframe.DataFrame(data)
            for freq in ("D", "ME", "17h"):
                want = data.resample(freq, on="t")[["x", "i"]].agg(["sum", "max", "count"])
                got = mine.resample(freq, on="t")[["x", "i"]].agg(["sum", "max", "count"])
                assert_same(got, want, rounded=True)


@pytest.mark.usefixtures("interpreted")
def test_bins_are_those_of_the_rows_when_resample_was_called(data: pandas.DataFrame) -> None:
    mine = lazyframe.DataFrame(data)
    resampled = mine.resample("D", on="t")
    mine["x"] = 0.0
    assert_same(resampled["x"].sum(), data.resample("D", on="t")["x"].sum(), rounded=True)
    again = data.copy()
    again["x"] = 0.0
    assert_same(
        resampled["x"].apply(lambda v: v.max()), data.resample("D", on="t")["x"].apply(lambda v: v.max())
    )
    assert_same(mine.resample("D", on="t")["x"].sum(), again.resample("D", on="t")["x"].sum())


@pytest.mark.usefixtures("interpreted")
@settings(max_examples=examples(25), deadline=None)
@given(
    st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=12),
    st.sampled_from(["D", "h", "37min", "ME", "MS", "W", "QS", "5D", "YE"]),
    st.sampled_from([None, "left", "right"]),
    st.sampled_from(["s", "ms", "us", "ns"]),
)
def test_any_times(ticks: list[int], freq: str, closed: Any, unit: str) -> None:
    per = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[unit]
    times = np.array([tick * 1000 // per for tick in ticks], f"M8[{unit}]")
    data = pandas.DataFrame({"t": times, "x": np.arange(len(times), dtype=float)})
    if (times.max() - times.min()) / np.timedelta64(1, "D") > 400 and freq in ("h", "37min"):
        freq = "D"
    same(data, lambda df: df.resample(freq, on="t", closed=closed)["x"].sum())
    same(data, lambda df: df.groupby([pandas.Grouper(key="t", freq=freq, closed=closed), "x"]).size())
