"""Merges of columns with labels that keep rows of both sides, and sorted and anti merges of labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.joins.frames import POOLS, check

pytestmark = pytest.mark.usefixtures("interpreted")

INDEXES: dict[str, Any] = {
    "range": pandas.RangeIndex(2, 7),
    "named": pandas.Index([3, 1, 2, 9, 3], name="n"),
    "narrow": pandas.Index(np.array([1, 2, 3, 4, 4], np.int8)),
    "unsigned": pandas.Index(np.array([1, 2, 3, 4, 2**63], np.uint64)),
    "float": pandas.Index([1.0, -0.0, np.nan, 3.0, np.inf]),
    "str": pandas.Index(["a", "b", None, "a", ""], dtype="str"),
    "object": pandas.Index(["a", 1, None, 2.5, "a"], dtype=object),
    "date": pandas.date_range("2020", periods=5, name="d"),
    "bool": pandas.Index([True, False, True, True, False]),
    "category": pandas.CategoricalIndex(list("abcab")),
    "interval": pandas.IntervalIndex.from_breaks(range(6)),
    "levels": pandas.MultiIndex.from_arrays([[1, 2, 3, 4, 4], list("abcda")], names=["p", None]),
}
HOW = ("left", "right", "outer", "inner")


def is_recorded(frame: Any) -> bool:
    """Whether a frame waits, and nothing was done in pandas for it."""
    return "_mgr" not in frame.__dict__ and not frame.__dict__.get("_fallbacks")


def sides(index: str) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    left = pandas.DataFrame({"k": [1, 2, 2, 7, 8], "x": [1.0, 2.0, np.nan, 4.0, -0.0]}, index=INDEXES[index])
    right = pandas.DataFrame({"y": [1, 2, 3, 4]}, index=pandas.Index([2, 1, 5, 2]))
    return left, right


@pytest.mark.parametrize("index", sorted(INDEXES))
@pytest.mark.parametrize("how", ["right", "outer"])
def test_labels_of_rows_without_partner(index: str, how: Any) -> None:
    left, right = sides(index)
    for other in (right, right.loc[[2, 1]], right.loc[[5]], right.iloc[:0], right.rename_axis("k")):
        for sort in (False, True):
            check(
                lambda pd, a, b, s=sort: a.merge(b, left_on="k", right_index=True, how=how, sort=s),  # type: ignore[misc]
                left,
                other,
            )
        check(lambda pd, a, b: a[a.x > 1].join(b[b.y > 1], on="k", how=how), left, other)
        check(lambda pd, a, b: a.join(b, on="k", how=how).reset_index(), left, other)
    mirrored = {"right": "left"}.get(how, how)
    check(lambda pd, a, b: b.merge(a, left_index=True, right_on="k", how=mirrored), left, right)
    check(lambda pd, a, b: b.merge(a, left_index=True, right_on="k", how=mirrored), left.iloc[:0], right)
    made = lazyframe.DataFrame(left).join(lazyframe.DataFrame(right), on="k", how=how)
    assert is_recorded(made)


@pytest.mark.parametrize("kind", sorted(set(POOLS) - {"object"}))
@pytest.mark.parametrize("how", HOW)
def test_keys_among_labels(kind: str, how: Any) -> None:
    pool = POOLS[kind]
    few, all_but_one = np.array([0, 1, 1]), np.append(np.arange(1, len(pool)), len(pool) - 1)
    left = pandas.DataFrame({"k": pandas.Series(pool[few], dtype=pool.dtype), "x": [1, 2, 3]})
    right = pandas.DataFrame({"k": pandas.Series(pool[all_but_one], dtype=pool.dtype)})
    right["y"] = np.arange(len(right))
    for other in (right, right.drop_duplicates("k"), right.rename(columns={"k": "x"})):
        key = other.columns[0]
        check(lambda pd, a, b, q=key: a.join(b.set_index(q), on="k", how=how), left, other)  # type: ignore[misc]
        check(
            lambda pd, a, b, q=key: b.set_index(q).merge(a, left_index=True, right_on="k", how=how),  # type: ignore[misc]
            left,
            other,
        )


@pytest.mark.parametrize("how", ["right", "outer"])
def test_several_keys_among_labels(how: Any) -> None:
    left, right = sides("named")
    right.index = pandas.MultiIndex.from_arrays([[2, 1, 5, 2], [2.0, 1.0, 1.0, 2.0]])
    check(lambda pd, a, b: a.join(b, on=["k", "x"], how=how), left, right)
    check(lambda pd, a, b: a.set_index(["k"]).join(b, on=["k", "x"], how=how), left, right)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("index", ["range", "named", "str", "date", "levels"])
def test_sorted_labels_and_who_they_are_of(how: Any, index: str) -> None:
    left, _ = sides(index)
    right = left.iloc[[4, 1, 2, 2]].rename(columns={"k": "q", "x": "z"})
    kinds: list[dict[str, Any]] = [{"sort": True}, {"indicator": True}, {"sort": True, "indicator": "side"}]
    for options in kinds:
        check(
            lambda pd, a, b, o=options: a.merge(b, left_index=True, right_index=True, how=how, **o),  # type: ignore[misc]
            left,
            right,
        )
    check(lambda pd, a, b: a.join(b, how=how, sort=True), left, right)
    check(
        lambda pd, a, b: a.merge(a[["x"]], left_index=True, right_index=True, how=how, indicator=True),
        left,
        right,
    )
    made = lazyframe.DataFrame(left).join(lazyframe.DataFrame(right), how=how, sort=True)
    assert is_recorded(made)


@pytest.mark.parametrize("how", ["left_anti", "right_anti"])
@pytest.mark.parametrize("sort", [False, True])
def test_rows_that_nobody_has(how: Any, sort: bool) -> None:
    left, right = sides("named")
    named = right.reset_index(names="k")
    options = {"how": how, "sort": sort}
    check(lambda pd, a, b: a.merge(b, on="k", **options), left, named)
    check(lambda pd, a, b: a.merge(b, left_on="k", right_index=True, **options), left, right)
    check(lambda pd, a, b: b.merge(a, left_index=True, right_on="k", **options), left, right)
    check(lambda pd, a, b: a.merge(b, left_index=True, right_index=True, **options), left, right)
    check(lambda pd, a, b: a.merge(b, left_index=True, right_index=True, **options), left, left[["x"]])
    ours, theirs = lazyframe.DataFrame(left), lazyframe.DataFrame(right)
    assert is_recorded(ours.merge(theirs, left_index=True, right_index=True, **options))
    assert is_recorded(ours.merge(theirs, left_on="k", right_index=True, how="left_anti", sort=sort))


@pytest.mark.parametrize("unit", ["s", "ns"])
def test_dates_among_labels_are_lazy(unit: str) -> None:
    left = lazyframe.DataFrame({"t": POOLS["date"].astype(f"M8[{unit}]"), "x": np.arange(4)})
    right = lazyframe.DataFrame({"u": POOLS["date"].astype(f"M8[{unit}]"), "y": np.arange(4)}).set_index("u")
    for how in HOW:
        assert is_recorded(left.join(right, on="t", how=how))
