"""``to_datetime``: pandas' times, unit, errors and guesses, of each distinct string once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.record import dictionaries
from tests.record.compare import assert_same, is_lazy, outcome

pytestmark = pytest.mark.usefixtures("_by_reference")

TEXTS = [
    "2020-01-05", "1999-12-31", "2020-02-30", "2020-01-05 10:11:12", "2020-01-05T10:11:12.5", "20200105",
    "2020-01-05 00:00:00.123456789", "2020-01-05T10:00:00Z", "2020-01-05 10:00+02:00", "01/02/2020",
    "13/01/2020", "Jan 5, 2020", "1677-01-01", "9999-12-31", "", "abc", "10:11", "2020",
]  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "coerce": {"errors": "coerce"},
    "ISO": {"format": "ISO8601"},
    "mixed": {"format": "mixed", "errors": "coerce"},
    "format": {"format": "%Y-%m-%d"},
    "format, coerced": {"format": "%Y-%m-%d", "errors": "coerce"},
    "inexact": {"format": "%Y-%m-%d", "exact": False, "errors": "coerce"},
    "day first": {"dayfirst": True, "errors": "coerce"},
    "no cache": {"cache": False},
    "utc": {"utc": True, "errors": "coerce"},
    "unit": {"unit": "s"},
    "day, month, year": {"format": "%d/%m/%Y", "errors": "coerce"},
    "unknown": {"errors": "ignore"},
}


def check(values: Any, dtype: Any, options: dict[str, Any]) -> None:
    n = len(values)
    frame = pandas.DataFrame({"s": pandas.Series(values, dtype=dtype), "n": np.arange(n) % 3})
    for part in (
        lambda df: df,
        lambda df: df[df["n"] > 0],
        lambda df: df.sort_values("n", ascending=False, kind="stable"),
    ):

        def program(library: Any, part: Any = part) -> Any:
            return library.to_datetime(part(library.DataFrame(frame))["s"], **options)

        assert_same(outcome(program, lazyframe), outcome(program, pandas))


@given(st.data(), st.sampled_from(list(OPTIONS)), st.sampled_from(["str", object]), st.booleans())
def test_strings(data: Any, name: str, dtype: Any, distinct: bool) -> None:
    words = data.draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3)) + data.draw(
        st.sampled_from([[], [None]])
    )
    values = data.draw(st.lists(st.sampled_from(words), max_size=7))
    with pytest.MonkeyPatch.context() as patched:
        if distinct:
            patched.setattr(dictionaries, "_is_short", lambda entries, rows: False)
        check(values, dtype, OPTIONS[name])


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("text", TEXTS)
def test_one_string(name: str, text: str) -> None:
    check([None, text, "2020-01-05"], "str", OPTIONS[name])


TIMES = ["datetime64[s]", "datetime64[ns]", "datetime64[ns, UTC]", "timedelta64[s]"]


@pytest.mark.parametrize("dtype", TIMES)
def test_strings_as_times(dtype: str) -> None:
    for kind in ("str", object):
        for texts in [[text] for text in TEXTS] + [["1 day", "2h"], TEXTS[:2] + TEXTS[3:7], TEXTS[7:9], []]:
            frame = pandas.DataFrame({"s": pandas.Series([*texts, None], dtype=kind)})
            for part in (lambda df: df["s"], lambda df: df[df["s"].notna()]["s"]):

                def program(library: Any, part: Any = part, frame: Any = frame) -> Any:
                    return part(library.DataFrame(frame)).astype(dtype)

                assert_same(outcome(program, lazyframe), outcome(program, pandas))
    if dtype in TIMES[:2]:
        assert is_lazy(lazyframe.Series(TEXTS[:2], dtype="str").astype(dtype))


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "uint64", "float64", "bool"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "D", "h", "fortnight", None])
def test_numbers(dtype: str, unit: Any) -> None:
    for values in ([0, 1, 7], [], [1]):
        check(values, dtype, {"unit": unit})
        check(values, dtype, {"unit": unit, "origin": "2000-01-01"})
    if dtype == "int64":
        for values in ([-5, 2**40], [2**62, 1], [-(2**63), 1]):
            check(values, dtype, {"unit": unit})


def test_times_are_left_as_they_are() -> None:
    days = pandas.to_datetime(["2020-01-05", None])
    for dtype in ("datetime64[s]", "datetime64[ns]"):
        for options in (
            {},
            {"format": "%Y"},
            {"unit": "s"},
            {"errors": "coerce"},
            {"utc": True},
            {"origin": "julian"},
        ):
            check(days, dtype, options)
    assert is_lazy(lazyframe.to_datetime(lazyframe.Series(days), format="%Y"))


LENGTHS = ["1 days", "02:30:00", "-1 days +01:00:00", "3h", "1.5 s", "5", "abc", "", "1us"]


@given(
    st.lists(st.sampled_from([*LENGTHS[:4], None]), max_size=6), st.sampled_from(["raise", "coerce", "wrong"])
)
def test_lengths(words: list[Any], errors: str) -> None:
    def program(library: Any) -> Any:
        return library.to_timedelta(library.Series(words, dtype="str", name="s"), errors=errors)

    assert_same(outcome(program, lazyframe), outcome(program, pandas))


@pytest.mark.parametrize("unit", [None, "s", "D", "ms", "min", "M", "nonsense"])
def test_lengths_of_each_kind(unit: Any) -> None:
    numbers = [
        np.array([0, 1, -7]), np.array([3], np.int8), np.array([2**62]), np.array([2**40]),
        np.array([], np.int64), np.array([1.5, np.nan]), np.array([True]), np.array([5], np.uint64),
        np.array([1, 2], "m8[s]"), *[np.array([word, None], object) for word in LENGTHS],
    ]  # fmt: skip
    for values in numbers:

        def program(library: Any, values: Any = values) -> Any:
            return library.to_timedelta(library.Series(values, name="s"), unit=unit)

        assert_same(outcome(program, lazyframe), outcome(program, pandas))


@pytest.mark.parametrize(
    "use",
    [
        lambda df: lazyframe.to_datetime(df["d"], errors="coerce"),
        lambda df: lazyframe.to_datetime(df["d"], dayfirst=False),
        lambda df: lazyframe.to_datetime(arg=df["d"], format="%Y-%m-%d"),
        lambda df: lazyframe.to_datetime(df["e"], format="%d.%m.%Y"),
        lambda df: lazyframe.to_datetime(df["u"]),
        lambda df: lazyframe.to_datetime(df["k"].astype(str), format="%Y%m%d"),
        lambda df: lazyframe.to_numeric(df["d"], errors="coerce"),
        lambda df: lazyframe.to_timedelta(df["n"], unit="D"),
        lambda df: lazyframe.to_timedelta(df["h"]),
    ],
)
def test_what_is_recorded(use: Any) -> None:
    values = {
        "d": ["2020-01-05", None, "2021-07-01"], "e": ["05.01.2020", "06.02.2021", None],
        "u": ["1/5/2020", None, "2/20/2021"], "k": [20200105, 20210701, 20200105], "n": range(3),
        "h": ["1h", None, "2 days"],
    }  # fmt: skip
    data = lazyframe.DataFrame(values)
    part = data[data["n"] != 1]
    assert is_lazy(use(part))
    assert is_lazy(part)


@pytest.mark.parametrize("distinct", [False, True])
def test_pandas_does_not_run(distinct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if distinct:
        monkeypatch.setattr(dictionaries, "_is_short", lambda entries, rows: False)
    data = lazyframe.DataFrame({"d": ["2020-01-05", None, "2021-07-01", "2020-01-05"], "n": range(4)})
    part = data[data["n"] != 2]
    times = lazyframe.to_datetime(part["d"])
    assert is_lazy(times)
    assert is_lazy(part)
    assert part[times.dt.year == 2020]["n"].tolist() == [0, 3]
    counted = lazyframe.to_datetime(data["n"], unit="D")
    assert is_lazy(counted)
    assert counted.dt.day.tolist() == [1, 2, 3, 4]


def test_now_is_when_it_is_asked() -> None:
    data = lazyframe.Series(["2020-01-01", "now"])
    first = lazyframe.to_datetime(data)
    second = lazyframe.to_datetime(data)
    assert pandas.Timestamp("2020-01-01") < first.iloc[1] < second.iloc[1]


def test_other_arguments_are_pandas() -> None:
    for argument in (["2020-01-05"], "2020-01-05", pandas.Index(["2020-01-05"])):
        assert type(lazyframe.to_datetime(argument)) is type(pandas.to_datetime(argument))
    frame = lazyframe.DataFrame({"year": [2020], "month": [1], "day": [5]})
    assert type(lazyframe.to_datetime(frame)) is lazyframe.Series
    with pytest.raises(TypeError):
        lazyframe.to_datetime()
