"""``filter`` of groups with categories that have no rows, and with rows that stay and lose their values."""

from __future__ import annotations

from typing import Any

import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same, check_recorded
from tests.record.compare import outcome

pytestmark = pytest.mark.usefixtures("interpreted")


@pytest.fixture(scope="module")
def data(frame: pandas.DataFrame) -> pandas.DataFrame:
    made = frame.head(120).drop(columns=["f", "h"])
    words = made["k"].map({-3: "a", 0: "b", 2: None, 4: ""}).astype("str")
    return made.assign(w=words, z=made["t"].dt.tz_localize("Europe/Berlin", "NaT", "NaT"))


@pytest.mark.parametrize("dropna", [True, False])
@pytest.mark.parametrize("by", ["c", "o", ["c", "o"], ["j", "c"]], ids=str)
def test_categories_without_rows(data: pandas.DataFrame, by: Any, dropna: bool) -> None:
    for choice in (lambda g: g["x"].mean() > 1e3, lambda g: len(g) > 20):
        check_recorded(
            data,
            lambda df: df.groupby(by, observed=False),
            lambda g, c=choice: g.filter(c, dropna=dropna),  # type: ignore[misc]
        )
    check_recorded(
        data,
        lambda df: df.groupby(by, observed=False)["i"],
        lambda g: g.filter(lambda s: s.max() > 0, dropna=dropna),
    )


@pytest.mark.parametrize("choice", [lambda g: len(g) < 30, lambda g: g["x"].iloc[0] > 0.0])
def test_functions_that_say_yes_to_nothing_or_raise(data: pandas.DataFrame, choice: Any) -> None:
    for by in ("c", "o"):

        def use(df: Any, by: str = by) -> Any:
            return df.groupby(by, observed=False).filter(choice)

        want, got = outcome(use, data), outcome(use, lazyframe.DataFrame(data))
        if isinstance(want, pandas.DataFrame):
            assert_same(got, want)
        else:
            assert (type(got), str(got)) == (type(want), str(want))


@pytest.mark.parametrize("by", ["k", "g", "c", ["j", "g"]], ids=str)
def test_rows_that_stay_without_values(data: pandas.DataFrame, by: Any) -> None:
    for least in (0, 12, 1000):
        check_recorded(
            data,
            lambda df: df.groupby(by),
            lambda g, n=least: g.filter(lambda d: len(d) > n, dropna=False),  # type: ignore[misc]
        )
    for column in ("s", "b", "w", ["x", "u"]):
        check_recorded(
            data,
            lambda df, c=column: df.groupby(by)[c],  # type: ignore[misc]
            lambda g: g.filter(lambda d: len(d) > 12, dropna=False),
        )


def test_rows_of_a_missing_category_are_lost(data: pandas.DataFrame) -> None:
    for dropna in (True, False):
        check_recorded(
            data,
            lambda df: df.groupby("c", dropna=False),
            lambda g, d=dropna: g.filter(lambda part: len(part) > 5, dropna=d),  # type: ignore[misc]
        )
