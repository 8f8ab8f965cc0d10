"""Groups by functions and dicts of labels, and by series that are labelled otherwise, against pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same, check_recorded
from tests.record.compare import outcome

pytestmark = pytest.mark.usefixtures("interpreted")

WORDS = np.array(["ab", "b", "", "ccc"], object)


def make(rows: int, labels: str, name: Any = None) -> pandas.DataFrame:
    r = np.random.default_rng(2)
    numbers = r.integers(-3, 6, rows)
    index = {
        "numbers": pandas.Index(numbers),
        "narrow": pandas.Index(numbers.astype(np.int8)),
        "text": pandas.Index(pandas.array(WORDS[numbers % 4], "str")),
        "floats": pandas.Index(numbers / 2),
        "range": pandas.RangeIndex(rows),
        "levels": pandas.MultiIndex.from_arrays([numbers, numbers % 2]),
        "days": pandas.DatetimeIndex(np.datetime64("2020-01-30", "ns") + numbers.astype("m8[D]")),
    }[labels]
    if labels != "levels":
        index.name = name
    return pandas.DataFrame({"x": r.normal(size=rows), "i": r.integers(0, 9, rows)}, index=index)


class Counting(dict[Any, Any]):
    def __missing__(self, key: Any) -> Any:
        return "missing"


BY: list[Any] = [
    {k: f"n{k % 2}" for k in range(-3, 6)},
    {k: k % 3 for k in range(-3, 6)},
    {1: "one"},
    {float(k): k % 2 for k in range(-3, 6)},
    {k: (k, "a") for k in range(-3, 6)},
    {k: [k] for k in range(-3, 6)},
    dict.fromkeys(range(-3, 6)),
    {k: k % 2 == 0 for k in range(-3, 6)},
    dict.fromkeys(range(-3, 6), 2**70),
    {"ab": "u", "b": "v", "": "u", "ccc": "w"},
    {"ab": 1, "b": 2, "": 1, "ccc": 3},
    {},
    Counting({1: "one"}),
    lambda k: k % 3,
    lambda k: k * 0.5,
    lambda k: "a",
    lambda k: k.nowhere,
    lambda s: len(s),
    lambda s: s.upper(),
    lambda t: t.month,
    len,
    pandas.Series({k: f"n{k % 2}" for k in range(-3, 6)}, name="of"),
    pandas.Series({k: k % 3 for k in range(-3, 5)}, name="x"),
    pandas.Series([1, 2, 3], index=[1, 1, 2]),
    pandas.Series({"ab": 1, "b": 2}),
    pandas.Series(dtype=float),
]


@pytest.mark.parametrize("labels", ["numbers", "narrow", "text", "floats", "range", "levels", "days"])
@pytest.mark.parametrize("number", range(len(BY)))
def test_all_labels(labels: str, number: int) -> None:
    for rows, name in ((60, None), (60, "id"), (1, "x"), (0, None)):
        data = make(rows, labels, name)
        programs: list[Callable[[Any], Any]] = [
            lambda df: df.groupby(BY[number])["x"].sum(),
            lambda df: df["i"].groupby(BY[number]).max(),
        ]
        if rows == 60:
            programs += [
                lambda df: df.groupby(BY[number], as_index=False).sum(),
                lambda df: df.groupby([BY[number], "i"], sort=False)["x"].mean(),
                lambda df: df.groupby(BY[number])["x"].transform("sum"),
            ]
        for program in programs:
            want, got = outcome(program, data), outcome(program, lazyframe.DataFrame(data))
            if isinstance(want, Exception):
                assert (type(got), str(got)) == (type(want), str(want))
            else:
                assert_same(got, want, rounded=True)


@pytest.mark.parametrize("number", [0, 1, 3, 13, 21, 22])
def test_labels_that_are_numbers_are_recorded(number: int) -> None:
    data = make(60, "numbers", "id")
    check_recorded(data, lambda df: df.groupby(BY[number]), lambda g: g.sum(), rounded=True)


@pytest.mark.parametrize("number", [9, 10, 17, 18])
def test_labels_that_are_text_are_recorded(number: int) -> None:
    data = make(60, "text")
    check_recorded(data, lambda df: df.groupby(BY[number]), lambda g: g.sum(), rounded=True)


SPACED: dict[str, Callable[[Any], Any]] = {
    "level": lambda df: df.groupby(level=0),
    "name": lambda df: df.groupby("when"),
    "with a column": lambda df: df.groupby(["when", "b"], sort=False),
    "filtered": lambda df: df[df.a > 1].groupby("when"),
    "every other": lambda df: df.iloc[::2].groupby("when"),
    "named level": lambda df: df.set_index("b", append=True).groupby("when"),
}


@pytest.mark.parametrize("step", ["D", "-2h"])
@pytest.mark.parametrize("by", SPACED)
def test_labels_with_a_frequency(by: str, step: str) -> None:
    index = pandas.date_range("2000", periods=4, freq=step, name="when")
    frame = pandas.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0, 1, 1, 0]}, index=index)
    found = SPACED[by](lazyframe.DataFrame(frame))["a"].sum().to_pandas().index
    wanted = SPACED[by](frame)["a"].sum().index
    pandas.testing.assert_index_equal(found, wanted)
    if by != "with a column":
        assert found.freq == wanted.freq
    else:
        assert found.levels[0].freq == wanted.levels[0].freq


@pytest.mark.parametrize("labels", ["range", "days", "floats"])
def test_labels_that_are_asked_row_by_row_are_recorded(labels: str) -> None:
    data = make(60, labels, "id")
    by = (lambda t: t.month) if labels == "days" else (lambda k: k * 2 % 3)
    for source in (data, data[::-1]):
        check_recorded(source, lambda df: df.groupby(by), lambda g: g.sum(), rounded=True)
    text = data.set_axis([f"row {k}" for k in range(60)])
    check_recorded(text, lambda df: df.groupby([lambda s: s[-1], "i"]), lambda g: g.size())


RANGES: dict[str, Callable[[Any], Any]] = {
    **{by: SPACED[by] for by in ("level", "name", "filtered", "every other")},
    "one left": lambda df: df[df.a < 2.5].groupby(level=0),
    "none left": lambda df: df[df.a < 0].groupby(level=0),
    "numbered": lambda df: df[df.a < 5].reset_index(drop=True).groupby(level=0),
    "one numbered": lambda df: df[df.a < 2.5].reset_index(drop=True).groupby(level=0),
    "backwards": lambda df: df.sort_values("a", ascending=False).groupby(level=0),
}


@pytest.mark.parametrize("rows", [0, 1, 4, 7])
@pytest.mark.parametrize("by", RANGES)
def test_labels_that_are_a_range(by: str, rows: int) -> None:
    frame = pandas.DataFrame({"a": np.arange(rows) * 1.0 + 2.0}, index=pandas.RangeIndex(rows, name="when"))
    found = RANGES[by](lazyframe.DataFrame(frame))["a"].sum().to_pandas().index
    pandas.testing.assert_index_equal(found, RANGES[by](frame)["a"].sum().index, exact=True)


@pytest.mark.parametrize("sorted_already", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        lambda df: df.sort_values("a", kind="stable"),
        lambda df: df[df["x"] > 0],
        lambda df: df.drop_duplicates(),
        lambda df: df[df["x"] > 1].reset_index(drop=True),
    ],
)
def test_rows_left_as_they_were(change: Any, sorted_already: bool) -> None:
    """pandas copies nothing then, and takes the series for the frame's own column."""
    data = pandas.DataFrame({"a": [1, 1, 2, 3, 3], "b": [1, 1, 2, 1, 1], "x": [1.0, 2.0, 3.0, 4.0, 5.0]})
    data = data if sorted_already else data.iloc[[3, 0, 4, 1, 2]].reset_index(drop=True)
    for taken in (lambda df: df, lambda df: df[df["b"] > 0], lambda df: df[df["b"] > 9]):
        frames = [taken(df) for df in (lazyframe.DataFrame(data), data)]
        assert_same(*[change(df).groupby(["a", df["b"]]).last() for df in frames])
    frames = [lazyframe.DataFrame(data[:0]), data[:0]]
    assert_same(*[change(df).groupby(["a", df["b"]]).last() for df in frames])
