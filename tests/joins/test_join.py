"""``join``, and merges on one side's labels or both sides', give what pandas gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.brief import examples
from tests.joins.frames import POOLS, check, frames

pytestmark = pytest.mark.usefixtures("interpreted")

HOW = ("left", "right", "inner", "outer")


def is_lazy(frame: Any) -> bool:
    return "_mgr" not in frame.__dict__


@st.composite
def labelled(draw: st.DrawFn, most_levels: int = 2) -> tuple[pandas.DataFrame, pandas.DataFrame, list[str]]:
    """Two frames, the second of which has its keys for labels, and the keys of the first."""
    kinds = tuple(draw(st.lists(st.sampled_from(sorted(POOLS)), min_size=1, max_size=most_levels)))
    keys = [f"k{number}" for number in range(len(kinds))]
    right = draw(frames(kinds, "right")).set_index(keys)
    if draw(st.booleans()):
        right = right[~right.index.duplicated()]
    return draw(frames(kinds, "left")), right, keys


@settings(max_examples=examples(30))
@given(labelled(), st.sampled_from(HOW), st.booleans())
def test_columns_and_the_labels_of_the_right(sides: Any, how: Any, sort: bool) -> None:
    left, right, keys = sides
    check(
        lambda pd, one, other: one.join(other, on=keys, how=how, sort=sort, suffixes=("", "_r")), left, right
    )
    check(
        lambda pd, one, other: pd.merge(
            other, one, left_index=True, right_on=keys, how=how, suffixes=("_r", ""), sort=sort
        ),
        left,
        right,
    )


@settings(max_examples=examples(30))
@given(labelled(), st.sampled_from(HOW))
def test_both_labels(sides: Any, how: Any) -> None:
    left, right, keys = sides
    check(lambda pd, one, other: one.set_index(keys).join(other, how=how, suffixes=("_l", "_r")), left, right)
    check(lambda pd, one, other: one[one.x > 0].join(other.reset_index()[["right"]], how=how), left, right)


@given(labelled(most_levels=1), st.sampled_from(HOW))
def test_groups_are_joined(sides: Any, how: Any) -> None:
    left, right, keys = sides

    def program(pd: Any, one: Any, other: Any) -> Any:
        totals = other.groupby(level=0).agg(total=("right", "sum"), most=("x", "max"))
        joined = one.join(totals, on=keys, how=how)
        return joined[joined.total > 20]

    check(program, left, right)


@pytest.mark.parametrize("validate", ["1:1", "1:m", "m:1", "m:m", "one_to_many", "sideways", None])
@pytest.mark.parametrize("how", HOW)
def test_validate(validate: Any, how: Any) -> None:
    left = pandas.DataFrame({"k": [1, 2, 2, 3], "x": [1.0, 2.0, 3.0, 4.0]})
    right = pandas.DataFrame({"k": [2, 4, 3], "y": [1, 2, 3]})
    for one, other in ((left, right), (right, left), (right, right.rename(columns={"y": "z"})), (left, left)):
        check(lambda pd, a, b: a.merge(b, on="k", how=how, validate=validate), one, other)
        check(lambda pd, a, b: a.join(b.set_index("k"), on="k", how=how, validate=validate), one, other)
        check(
            lambda pd, a, b: a.set_index("k").join(b.set_index("k"), how=how, validate=validate), one, other
        )


@settings(max_examples=examples(30))
@given(st.data(), st.sampled_from(HOW), st.booleans(), st.sampled_from([True, "source", "x_x", "k0"]))
def test_which_side_a_row_comes_from(data: Any, how: Any, sort: bool, indicator: Any) -> None:
    kinds = tuple(data.draw(st.lists(st.sampled_from(sorted(POOLS)), min_size=1, max_size=2)))
    left, right = data.draw(frames(kinds, "left")), data.draw(frames(kinds, "right"))
    keys = [f"k{number}" for number in range(len(kinds))]

    def program(pd: Any, one: Any, other: Any) -> Any:
        merged = one.merge(other, on=keys, how=how, sort=sort, indicator=indicator)
        return merged if indicator != True else merged[merged["_merge"] == "left_only"]  # noqa: E712

    check(program, left, right)


@pytest.mark.parametrize("indicator", ["x_x", "x_y"])
def test_an_indicator_named_as_a_suffix_names_a_column(indicator: str) -> None:
    left = pandas.DataFrame({"k": [1, 2], "x": [3, 4]})
    check(lambda pd, a, b: a.merge(b, on="k", how="left", indicator=indicator), left, left[:1])


@given(st.data())
def test_every_row_beside_every_other(data: Any) -> None:
    left, right = data.draw(frames(("int64",), "left")), data.draw(frames(("str",), "right"))
    check(lambda pd, one, other: one.merge(other, how="cross"), left, right)

    def program(pd: Any, one: Any, other: Any) -> Any:
        both = one.merge(other, how="cross", suffixes=("", "_o"))
        return both[both.left < both.right].groupby("left").right.sum()

    check(program, left, right)


@pytest.mark.parametrize(
    "arguments",
    [
        {"how": "cross", "on": "k"},
        {"how": "cross", "left_index": True},
        {"left_index": True},
        {"right_index": True},
        {"left_index": True, "right_on": ["k", "x"]},
        {"left_index": True, "right_on": "nothing"},
        {"left_index": True, "left_on": "k", "right_on": "k"},
        {"left_index": 1, "right_index": True},
        {"left_index": True, "right_index": True, "on": "k"},
        {"on": "k", "indicator": 1},
        {"on": "k", "indicator": ""},
        {"on": "k", "how": "left_anti", "indicator": True},
        {"on": "k", "how": "right_anti", "sort": True},
        {"on": "k", "validate": "m:1", "how": "left_anti"},
    ],
)
def test_what_pandas_judges(arguments: Any) -> None:
    left = pandas.DataFrame({"k": [1, 2, 2], "x": [1.0, 2.0, 3.0]})
    right = pandas.DataFrame({"k": [2, 4], "y": [1, 2]})
    check(lambda pd, one, other: one.merge(other, **arguments), left, right)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "arguments",
    [{}, {"lsuffix": "_l"}, {"rsuffix": "_r", "lsuffix": ""}, {"on": "x"}, {"how": "cross", "rsuffix": "_r"}],
)
def test_columns_of_one_name(arguments: Any) -> None:
    left = pandas.DataFrame({"k": [1, 2, 2], "x": [1, 2, 3]})
    check(lambda pd, one, other: one.join(other, **arguments), left, left)
    check(lambda pd, one, other: one.join(other.k, **arguments), left, left)
    check(lambda pd, one, other: one.join([other, other.x], **arguments), left, left)


@pytest.mark.skipif(not SINCE_3_1, reason="they are not")
def test_suffixes_are_deprecated_at_the_line_of_the_user() -> None:
    frame = lazyframe.DataFrame({"k": [1, 2, 2]})
    with pytest.warns(pandas.errors.Pandas4Warning, match="suffix") as caught:
        frame.join(frame, rsuffix="_r")
    assert caught[0].filename == __file__


def test_what_is_kept_row_by_row_is_part_of_the_loop() -> None:
    left = lazyframe.DataFrame({"k": [3, 1, 2, 1], "n": [1, 2, 3, 4]})
    sizes = lazyframe.DataFrame({"g": [1, 3, 3], "total": [1.0, 2.0, 3.0]}).groupby("g").sum()
    joined = left.join(sizes, on="k")
    assert is_lazy(joined)
    text = str(lazyframe.explain(joined.total * joined.n))
    assert "probe" in text
    assert "kernels: 2\n" in text  # the groups' sums, and the rest


def test_anti_merges_are_lazy() -> None:
    left = lazyframe.DataFrame({"k": [3, 1, 2, 1], "n": [1, 2, 3, 4]})
    right = lazyframe.DataFrame({"k": [1, 5], "m": [True, False]})
    assert is_lazy(left.merge(right, on="k", how="left_anti"))
    assert is_lazy(left.merge(right, on="k", how="right_anti"))
    assert is_lazy(left.merge(right, how="cross"))
    assert is_lazy(left.merge(right, on="k", how="outer", indicator=True))
    assert is_lazy(left.merge(right, on="k", how="left", sort=True, validate="m:1"))
    assert is_lazy(left.set_index("k").join(right.set_index("k"), how="outer"))
    assert np.isnan(left.merge(right, on="k", how="left_anti").m.iloc[0])
