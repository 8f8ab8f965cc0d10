"""What takes pandas long on small data: recorded there, with pandas' answers."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.api import dear, groupby_short
from tests.record.compare import assert_same

ROWS = 400


def columns(groups: int) -> dict[str, Any]:
    random = np.random.default_rng(5)
    x = random.normal(size=ROWS)
    x[random.random(ROWS) < 0.1] = np.nan
    return {
        "g": random.integers(0, groups, ROWS), "h": random.integers(0, 3, ROWS), "x": x,
        "y": random.integers(-9, 9, ROWS), "s": random.choice(list("abcde"), ROWS),
    }  # fmt: skip


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each call that was thought to take long was recorded."""
    found: list[bool] = []
    ask = groupby_short._Asked.recorded

    def asking(self: Any) -> Any:
        grouped = ask(self)
        found.append(grouped is not None)
        return grouped

    monkeypatch.setattr(groupby_short._Asked, "recorded", asking)
    monkeypatch.setattr(dear, "TO_LOAD_SECONDS", 0.0)
    monkeypatch.setattr(dear, "WORTH_SECONDS", 0.0025)
    monkeypatch.setattr(dear, "LEAST_ROWS", 100)
    return found


def spread(values: Any) -> Any:
    return values.max() - values.min()


DEAR: list[Callable[[Any], Any]] = [
    lambda df: df.groupby("g")["x"].agg(spread),
    lambda df: df.groupby(["g", "h"])[["x", "y"]].agg(spread),
    lambda df: df.groupby("g", sort=False, as_index=False).agg(most=("x", spread), all=("y", "sum")),
    lambda df: df.groupby("g").agg({"x": [spread, "count"], "y": "max"}),
    lambda df: df["x"].groupby(df["g"]).agg(spread),
    lambda df: df.groupby("g").apply(lambda rows: rows["y"].max() - rows["y"].min()),
    lambda df: df.groupby("g")["x"].transform(lambda values: values - values.min()),
    lambda df: df.groupby("g").filter(lambda rows: len(rows) > 6),
    lambda df: df.groupby("g")["x"].describe(),
    lambda df: df.groupby("g")[["x", "y"]].describe(),
    lambda df: df.groupby("g")[["x", "y"]].corr(),
    lambda df: df.groupby("g")[["x", "y"]].cov(),
    lambda df: df.groupby("g")["x"].nlargest(2),
    lambda df: df.groupby("g")["y"].nsmallest(3),
    lambda df: df.groupby("g")["s"].unique(),
    lambda df: df.groupby("g")["x"].rolling(3).mean(),
    lambda df: df.groupby("g")[["x", "y"]].rolling(2, min_periods=1).max(),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of covariances in groups of one row
@pytest.mark.parametrize("program", DEAR)
def test_of_many_groups(program: Callable[[Any], Any], recorded: list[bool]) -> None:
    data = columns(90)
    found = program(lazyframe.DataFrame(data))
    assert recorded == [True]
    assert_same(found, program(pandas.DataFrame(data)), exact=False)


@pytest.mark.parametrize("program", DEAR)
def test_of_few_groups_it_is_pandas(program: Callable[[Any], Any], recorded: list[bool]) -> None:
    data = columns(2)
    assert_same(program(lazyframe.DataFrame(data)), program(pandas.DataFrame(data)), exact=False)
    assert recorded == []


def test_modules_are_loaded_once_pandas_has_taken_as_long(
    recorded: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dear, "TO_LOAD_SECONDS", 0.01)
    monkeypatch.setattr(dear, "_spent", {})
    data = columns(90)
    for _ in range(4):
        found = lazyframe.DataFrame(data).groupby("g")["x"].agg(spread)  # about 0.0036 s each
        assert_same(found, pandas.DataFrame(data).groupby("g")["x"].agg(spread), exact=False)
    assert recorded == [True, True]


def test_what_takes_no_time_is_pandas(recorded: list[bool]) -> None:
    data = columns(90)
    for program in (
        lambda df: df.groupby("g").agg("sum", numeric_only=True),
        lambda df: df.groupby("g")["x"].transform("mean"),
        lambda df: df.groupby("g").agg({"x": ["max", "min"]}),
        lambda df: df.groupby(df["g"] % 80)["x"].max(),
        lambda df: df.groupby(lambda label: label % 90)["x"].nlargest(1),
    ):
        assert_same(program(lazyframe.DataFrame(data)), program(pandas.DataFrame(data)), exact=False)
    assert recorded == []


def test_a_column_that_was_put_there_since_is_not_grouped(recorded: list[bool]) -> None:
    found = []
    for library in (pandas, lazyframe):
        frame = library.DataFrame(columns(90))
        grouped, series = frame.groupby("g"), frame["x"].groupby(frame["g"])
        frame["g"] = frame["h"]
        frame["x"] = frame["x"] + 1
        found.append([grouped["x"].agg(spread), series.agg(spread)])
    for theirs, ours in zip(*found, strict=True):
        assert_same(ours, theirs, exact=False)
    assert recorded == [False, True]  # the series is what it was


def test_errors_of_functions_are_raised(recorded: list[bool]) -> None:
    def fails(values: Any) -> Any:
        raise LookupError("not this one")

    for library in (pandas, lazyframe):
        frame = library.DataFrame(columns(90))
        with pytest.raises(LookupError, match="not this one"):
            frame.groupby("g")["x"].agg(fails)
        with pytest.raises(KeyError, match="nowhere"):
            frame.groupby("g")["nowhere"]
        with pytest.raises(TypeError):
            frame.groupby("g")["s"].nlargest(1)
    assert True in recorded


def test_copies_and_pickles_are_groups(recorded: list[bool]) -> None:
    frame = lazyframe.DataFrame(columns(90))
    grouped = frame.groupby("g")
    wanted = frame.to_pandas().groupby("g")[["x"]].describe()
    for again in (copy.copy(grouped), pickle.loads(pickle.dumps(grouped))):
        assert_same(again[["x"]].describe(), wanted, exact=False)
    assert recorded == [True]  # of the copy: pickles are pandas' own
    assert type(grouped).__name__ == "DataFrameGroupBy"
    assert isinstance(grouped, pandas.api.typing.DataFrameGroupBy)


@pytest.mark.parametrize("rows", [3, 800])
@pytest.mark.parametrize("dropna", [True, False])
def test_distinct_values_of_rows(rows: int, dropna: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dear, "TO_LOAD_SECONDS", 0.0)
    data = pandas.concat([pandas.DataFrame(columns(5))] * 2, ignore_index=True).head(rows)
    for names in (["g", "h", "x"], ["g", "s"], ["x"]):
        frame = lazyframe.DataFrame(data[names])
        for axis in (1, "columns"):
            found = frame.nunique(axis=axis, dropna=dropna)
            assert "_mgr" in vars(found)
            assert_same(found, data[names].nunique(axis=axis, dropna=dropna), exact=False)
        assert_same(frame.nunique(), data[names].nunique(), exact=False)
