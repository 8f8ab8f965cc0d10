"""``unique`` and ``agg(list)`` of groups, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.groupby.grouped_frames import make_frame

pytestmark = pytest.mark.usefixtures("interpreted")

COLUMNS = ["k", "j", "b", "u", "x", "f", "g", "s", "t", "d", "e", "text", "c", "o"]


def make(rows: int) -> pandas.DataFrame:
    data = make_frame(rows, seed=21)
    words = np.array(["b", None, "a", ""], object)[np.random.default_rng(2).integers(0, 4, rows)]
    return data.assign(text=pandas.array(words, dtype="str"), key=data["k"] % 3)


def check(data: pandas.DataFrame, program: Any, recorded: bool = True) -> None:
    """The same labels, and for each group the same values in an object of the same type."""
    want = program(data.groupby("key") if recorded is True else data)
    grouped = lazyframe.DataFrame(data).groupby("key") if recorded is True else None
    got = program(grouped if recorded is True else lazyframe.DataFrame(data))
    assert type(got) is getattr(lazyframe, type(want).__name__)
    pandas.testing.assert_index_equal(got.index, want.index)
    if isinstance(want, pandas.DataFrame):
        pandas.testing.assert_index_equal(got.columns, want.columns)
        pairs = [(got[label], want[label]) for label in want]
    else:
        assert got.name == want.name
        pairs = [(got, want)]
    for mine, theirs in pairs:
        assert mine.dtype == theirs.dtype
        for one, other in zip(mine.to_numpy(), theirs.to_numpy(), strict=True):
            assert type(one) is type(other)
            if isinstance(other, list):
                assert [type(value) for value in one] == [type(value) for value in other]
                assert repr(one) == repr(other)
            elif isinstance(other, np.ndarray):
                assert one.dtype == other.dtype
                np.testing.assert_array_equal(one, other)
                np.testing.assert_array_equal(
                    np.signbit(one), np.signbit(other)
                ) if one.dtype.kind == "f" else None
            elif isinstance(other, pandas.api.extensions.ExtensionArray):
                pandas.testing.assert_extension_array_equal(one, other)
            else:
                assert one == other


@pytest.mark.parametrize("rows", [0, 1, 200])
@pytest.mark.parametrize("column", COLUMNS)
def test_unique(rows: int, column: str) -> None:
    data = make(rows)
    check(data, lambda grouped: grouped[column].unique())
    if rows:
        grouped = lazyframe.DataFrame(data).groupby("key")[column]
        grouped.unique()
        assert grouped._grouped._plain is None


LISTED = COLUMNS if SINCE_3_1 else COLUMNS[:-2]  # pandas 3.0 takes lists of categories for categories


@pytest.mark.parametrize("rows", [0, 1, 200])
@pytest.mark.parametrize("column", [*LISTED, LISTED, ["x"]], ids=str)
def test_lists(rows: int, column: Any) -> None:
    data = make(rows)
    check(data, lambda grouped: grouped[column].agg(list))
    if rows:
        grouped = lazyframe.DataFrame(data).groupby("key")[column]
        grouped.agg(list)
        assert grouped._grouped._plain is None
    if not isinstance(column, list):
        check(data, lambda grouped: grouped[column].apply(list))


@pytest.mark.parametrize("by", ["g", ["b", "text"], "c", ["c", "k"]], ids=str)
@pytest.mark.parametrize(
    "options", [{}, {"sort": False}, {"dropna": False}, {"as_index": False}, {"observed": False}], ids=str
)
def test_other_groups(by: Any, options: dict[str, bool]) -> None:
    data = make(120)
    for program in (
        lambda df: df.groupby(by, **options)["x"].unique(),
        lambda df: df.groupby(by, **options)["x"].agg(list),
        lambda df: df.groupby(by, **options)["c"].unique(),
        lambda df: df.groupby(by, **options)[["x", "s"]].agg(list),
        lambda df: df[df["y"] > 0].groupby(by, **options)["x"].unique(),
    ):
        check(data, program, recorded=False)


@pytest.mark.parametrize("by", ["c", "o", ["c", "k"], ["text", "o"]], ids=str)
@pytest.mark.parametrize("options", [{}, {"sort": False}, {"dropna": False}], ids=str)
def test_groups_by_categories(by: Any, options: dict[str, bool]) -> None:
    data = make(60)
    for column in ("x", "b", "c"):
        for name in ("unique", "agg")[: 2 if SINCE_3_1 or column != "c" else 1]:  # of which 3.0 raises
            grouped = lazyframe.DataFrame(data).groupby(by, **options)[column]
            mine = grouped.unique() if name == "unique" else grouped.agg(list)
            assert grouped._grouped._plain is None
            check(
                data,
                lambda df, c=column, n=name, m=mine: (
                    m
                    if isinstance(df, lazyframe.DataFrame)
                    else getattr(df.groupby(by, **options)[c], n)(*([list] if n == "agg" else []))
                ),
                recorded=False,
            )
