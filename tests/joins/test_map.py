"""``map`` by another series, or by a dict that becomes one, is a lookup among its labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.joins.frames import POOLS, check

pytestmark = pytest.mark.usefixtures("interpreted")

VALUES: dict[str, Any] = {
    **POOLS,
    "halves": np.array([0.5, -0.0, np.nan, np.inf]),
    "codes": np.array([7, 0, 2**60], np.int64),
}


@st.composite
def mapped(draw: st.DrawFn) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """A column, and a frame of one column whose labels are of the same kind, or of another."""
    kind = draw(st.sampled_from(sorted(POOLS)))
    pool = POOLS[kind]
    picks = draw(st.lists(st.integers(0, len(pool) - 1), max_size=9))
    labels = draw(
        st.lists(st.integers(0, len(pool) - 1), max_size=6, unique=draw(st.sampled_from([True, True, False])))
    )
    of = VALUES[draw(st.sampled_from(sorted(VALUES)))]
    values = of[
        np.array(draw(st.lists(st.integers(0, len(of) - 1), min_size=6, max_size=6)), int)[: len(labels)]
    ]
    other = POOLS[draw(st.sampled_from([kind, kind, kind, "int64", "narrow"]))]
    index = pandas.Index(other[np.array(labels, int) % len(other)], name="label")
    return pandas.DataFrame({"k": pool[np.array(picks, int)]}), pandas.DataFrame({"v": values}, index=index)


@given(mapped())
def test_by_a_series(sides: Any) -> None:
    check(lambda pd, one, other: one.k.map(other.v), *sides)


@given(mapped())
def test_by_a_dict(sides: Any) -> None:
    def program(pd: Any, one: Any, other: Any) -> Any:
        return one.k.map(dict(zip(sides[1].index, sides[1].v, strict=True)))

    check(program, *sides)


def test_by_groups_is_lazy_and_part_of_the_loop() -> None:
    frame = pandas.DataFrame({"k": [3, 1, 2, 1, 3], "x": [1.0, 2.0, 3.0, 4.0, 5.0]})

    def program(pd: Any, one: Any, other: Any) -> Any:
        total = other.groupby("k").x.sum()
        share = one.x / one.k.map(total)
        if pd is lazyframe:
            assert "_mgr" not in share.__dict__
        return share[share > 0.2]

    check(program, frame, frame[frame.k > 1])


@given(mapped())
def test_what_is_missing_is_not_looked_up(sides: Any) -> None:
    check(lambda pd, one, other: one.k.map(other.v, na_action="ignore"), *sides)
    check(lambda pd, one, other: one.k.astype("category").map(other.v, na_action="ignore"), *sides)


def test_what_is_recorded() -> None:
    values = pandas.DataFrame({"n": [1, 2, 3], "s": ["x", "y", "z"], "t": pandas.to_datetime(["2020"] * 3)})
    columns: dict[str, Any] = {
        "float": [0.5, np.nan, -0.0],
        "single": np.array([0.5, np.nan, 0.0], "float32"),
        "object": pandas.Series(["b", None, "a"], dtype=object),
        "date": pandas.to_datetime(["2020", None, "2021"]),
        "range": [7, 9, 8],
    }
    for kind, column in columns.items():
        frame = pandas.DataFrame({"k": column})
        index = frame["k"].dropna()
        labels = pandas.RangeIndex(7, 9) if kind == "range" else pandas.Index(index, dtype=index.dtype)
        for name in values:
            table = values[[name]][: len(labels)].set_axis(labels)

            def program(pd: Any, one: Any, other: Any, name: str = name, kind: str = kind) -> Any:
                found = one.k.map(other[name])
                if pd is lazyframe:
                    assert "_mgr" not in found.__dict__, (kind, name)
                return found

            check(program, frame, table)
            if kind != "float":
                check(
                    lambda pd, one, other, name=name: one.k.map(other[name], na_action="ignore"), frame, table
                )


def test_labels_that_repeat_are_an_error() -> None:
    frame = pandas.DataFrame({"k": [3, 1, 2]}, index=[1, 1, 2])
    check(lambda pd, one, other: one.k.map(other.k), frame, frame)
    check(
        lambda pd, one, other: one.k.map(other.k, na_action="ignore"), frame, frame.set_index("k", drop=False)
    )


@pytest.mark.parametrize("missing", [False, True])
def test_strings_by_groups_of_them_are_a_lookup(missing: bool) -> None:
    words = pandas.Series(["b", "a", None if missing else "c", "b", "d", "a"], dtype="str")
    frame = pandas.DataFrame({"k": words, "x": np.arange(6.0), "n": [0, 1, 0, 1, 0, 1]})

    def program(pd: Any, one: Any, other: Any) -> Any:
        means = one[one.n == 0].groupby("k").x.mean()
        return one[one.n == 1].k.map(means)

    def again(pd: Any, one: Any, other: Any) -> Any:
        counts = one.groupby(["k", "n"], as_index=False).x.count()
        return counts.groupby("k").x.max() + counts.groupby("k").n.sum()

    check(program, frame, frame)
    check(again, frame, frame)
    check(lambda pd, one, other: one.merge(one.groupby("k").x.mean(), on="k", how="left"), frame, frame)
    assert "lookup(" in str(program(lazyframe, *[lazyframe.DataFrame(frame)] * 2).explain())


@pytest.mark.parametrize("values", ["int64", "float", "bool", "date", "str", "category", "object", "text"])
@pytest.mark.parametrize("least", [0, 1, 2, 3])
def test_strings_of_which_few_or_none_are_left(values: str, least: int) -> None:
    """pandas infers the dtype of what strings become from what there is."""
    words = pandas.Series(["a", "b", None], dtype="str")
    frame = pandas.DataFrame({"k": words, "n": [0, 1, 2]})
    table = pandas.DataFrame({"v": POOLS[values][[0, 1]]}, index=["a", "q"])
    check(lambda pd, one, other: one[one["n"] >= least]["k"].map(other["v"]), frame, table)
    check(lambda pd, one, other: one["k"][least:].map(other["v"]), frame, table[1:])
