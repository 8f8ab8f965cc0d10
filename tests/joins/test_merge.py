"""Merging gives what pandas gives: rows, order, labels, dtypes, errors."""

from __future__ import annotations

import warnings
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


@st.composite
def sides(draw: st.DrawFn, most_keys: int = 3) -> tuple[pandas.DataFrame, pandas.DataFrame, list[str]]:
    """Two frames and their common keys."""
    kinds = tuple(draw(st.lists(st.sampled_from(sorted(POOLS)), min_size=1, max_size=most_keys)))
    keys = [f"k{number}" for number in range(len(kinds))]
    return draw(frames(kinds, "left")), draw(frames(kinds, "right")), keys


def is_lazy(frame: Any) -> bool:
    return "_mgr" not in frame.__dict__


@given(sides())
def test_inner_merge_on_common_names(given_sides: Any) -> None:
    left, right, keys = given_sides
    check(lambda pd, one, other: one.merge(other, on=keys), left, right)


def test_frames_that_are_not_large_but_wide_are_merged_lazily() -> None:
    wide = pandas.DataFrame({"k": np.arange(50)} | {f"c{n}": np.arange(50.0) for n in range(7)})
    narrow = wide[["k", "c0"]]
    for data, lazy in ((wide, True), (narrow, False), (wide[:20], False)):
        with lazyframe.config(min_rows=150):
            found = lazyframe.DataFrame(data).merge(lazyframe.DataFrame(narrow[::3]), on="k")
            assert is_lazy(found) == lazy
            pandas.testing.assert_frame_equal(found.to_pandas(), data.merge(narrow[::3], on="k"))


@given(sides(), st.sampled_from([("_x", "_y"), (None, "_r"), ("_l", "")]))
def test_suffixes(given_sides: Any, suffixes: Any) -> None:
    left, right, keys = given_sides
    check(lambda pd, one, other: pd.merge(one, other, on=keys, suffixes=suffixes), left, right)


@given(sides())
def test_keys_of_other_names(given_sides: Any) -> None:
    left, right, keys = given_sides
    right = right.rename(columns=dict(zip(keys, [f"{key}_other" for key in keys], strict=True)))
    others = [f"{key}_other" for key in keys]
    check(lambda pd, one, other: one.merge(other, left_on=keys, right_on=others), left, right)


@settings(max_examples=examples(100))
@given(
    sides(), st.sampled_from(["left", "right", "outer", "inner", "left_anti", "right_anti"]), st.booleans()
)
def test_other_kinds(given_sides: Any, how: Any, sort: bool) -> None:
    left, right, keys = given_sides
    check(lambda pd, one, other: one.merge(other, on=keys, how=how, sort=sort), left, right)


@given(sides(most_keys=1), st.sampled_from(["inner", "left"]))
def test_one_key_and_the_index(given_sides: Any, how: Any) -> None:
    left, right, (key,) = given_sides
    check(lambda pd, one, other: one.merge(other, left_on="left", right_index=True, how=how), left, right)
    check(lambda pd, one, other: one.merge(other, left_index=True, right_index=True, how=how), left, right)
    check(lambda pd, one, other: one.merge(other.set_index(key), left_on=key, right_index=True), left, right)


@pytest.mark.filterwarnings("ignore")
@given(st.sampled_from(sorted(POOLS)), st.sampled_from(sorted(POOLS)), st.data())
def test_keys_of_two_dtypes(one_kind: str, other_kind: str, data: Any) -> None:
    left, right = data.draw(frames((one_kind,), "left")), data.draw(frames((other_kind,), "right"))
    check(lambda pd, one, other: one.merge(other, on="k0"), left, right)


@given(sides(most_keys=1))
def test_filters_before_and_after(given_sides: Any) -> None:
    left, right, keys = given_sides

    def program(pd: Any, one: Any, other: Any) -> Any:
        merged = one[one.x > -0.5].merge(other[~other.flag], on=keys)
        merged = merged[(merged.x_x < 0.7) & (merged.right > 20) & (merged.left < merged.right)]
        return merged.assign(z=merged.x_x + merged.x_y)

    check(program, left, right)


@given(sides(most_keys=1))
def test_groups_of_merged_rows(given_sides: Any) -> None:
    left, right, keys = given_sides

    def program(pd: Any, one: Any, other: Any) -> Any:
        merged = one.merge(other, on=keys)
        return merged.groupby("left").right.sum()

    check(program, left, right)


@given(sides(most_keys=1), st.data())
def test_chains(given_sides: Any, data: Any) -> None:
    left, right, keys = given_sides
    third = data.draw(frames(("narrow", "str"), "third")).rename(columns={"k0": "right"})

    def program(pd: Any, one: Any, other: Any) -> Any:
        merged = one.merge(other, on=keys, suffixes=("_1", "_2")).merge(
            pd.DataFrame(third), on="right", suffixes=("", "_3")
        )
        return merged[merged.left > 10]

    right = right.assign(right=right.right % 4)
    check(program, left, right)


@pytest.mark.parametrize(
    "arguments",
    [
        {"on": "nothing"},
        {"on": "k0", "left_on": "k0"},
        {"left_on": "k0"},
        {"left_on": ["k0", "x"], "right_on": "k0"},
        {"on": "k0", "suffixes": (None, None)},
        {"on": "k0", "suffixes": ("_right", "")},
        {"on": "k0", "how": "sideways"},
        {"on": []},
        {},
        {"how": "cross"},
        {"on": "k0", "validate": "one_to_one"},
        {"on": "k0", "validate": "m:m"},
        {"on": "k0", "indicator": True},
        {"on": "k0", "copy": False},
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_unusual_arguments_do_what_pandas_does(arguments: dict[str, Any]) -> None:
    left = pandas.DataFrame({"k0": [1, 2, 2], "x": [1.0, 2.0, 3.0], "y": [1, 1, 1]})
    right = pandas.DataFrame({"k0": [2, 2, 1], "x": [3.0, 2.0, 1.0], "z": [2, 1, 1]})
    check(lambda pd, one, other: one.merge(other, **arguments), left, right)


@pytest.mark.skipif(not SINCE_3_1, reason="keys repeat on the right")
def test_a_merge_is_lazy_and_knows_its_columns() -> None:
    left = lazyframe.DataFrame({"k": [1, 2, 2], "x": [1.0, 2.0, 3.0]})
    right = lazyframe.DataFrame({"k": [2, 1, 2], "x": [1, 2, 3], "s": ["a", "b", "c"]})
    merged = left.merge(right, on="k")
    assert is_lazy(merged)
    assert list(merged.columns) == ["k", "x_x", "x_y", "s"]
    assert [str(dtype) for dtype in merged.dtypes] == ["int64", "float64", "int64", "str"]
    assert is_lazy(merged)
    assert len(merged) == 5


@pytest.mark.skipif(not SINCE_3_1, reason="keys repeat on the right")
def test_a_small_frame_is_merged_lazily_with_a_large_one() -> None:
    with lazyframe.config(min_rows=100):
        small = lazyframe.DataFrame({"k": [1, 2], "y": ["a", "b"]})
        large = lazyframe.DataFrame({"k": np.arange(200) % 3})
        assert is_lazy(small.merge(large, on="k"))
        assert is_lazy(large.merge(small, on="k"))
        assert is_lazy(lazyframe.merge(small, large))
        assert not is_lazy(small.merge(small, on="k"))


def test_a_series_is_merged_as_a_frame() -> None:
    left = pandas.DataFrame({"k": [1, 2, 2], "x": [1.0, 2.0, 3.0]})
    right = pandas.Series([2, 3, 1], name="k")
    check(lambda pd, one, other: one.merge(pd.Series(right), on="k"), left, left)


@pytest.mark.parametrize("kind", ["int64", "narrow", "unsigned", "bool", "float", "date", "str", "category"])
@pytest.mark.parametrize("how", ["left", "right", "outer"])
def test_rows_without_partner(kind: str, how: Any) -> None:
    pool = POOLS[kind]
    strings = pandas.Series(list("abca"), dtype="str")
    left = pandas.DataFrame({"k": pool[[0, 1, 1, 0]], "n": [1, 2, 3, 4], "s": strings})
    right = pandas.DataFrame({"k": pool[[1, 1, 1]], "m": np.array([1, 2, 3], np.uint8), "s": strings[:3]})
    right["when"] = np.array(["2001-01-01", "NaT", "2002-02-02"], "M8[s]")
    right["t"] = 1.5
    check(lambda pd, one, other: one.merge(other, on="k", how=how), left, right)
    check(lambda pd, one, other: one.merge(other, on=["k", "s"], how=how), left, right)
    check(lambda pd, one, other: other.merge(one, on="k", how=how), left, right)
    check(
        lambda pd, one, other: one[one.n > 1].merge(other, on="k", how=how).groupby("n").t.sum(), left, right
    )
    renamed = right.rename(columns={"k": "q"})
    check(lambda pd, one, other: one.merge(other, left_on="k", right_on="q", how=how), left, renamed)


def test_a_left_merge_is_lazy_but_for_who_has_a_partner() -> None:
    left = lazyframe.DataFrame({"k": [1, 2, 3], "x": [1.0, 2.0, 3.0]})
    right = lazyframe.DataFrame({"k": [2, 1, 2], "y": [1, 2, 3]})
    merged = left.merge(right, on="k", how="left")
    assert is_lazy(merged)
    assert [str(dtype) for dtype in merged.dtypes] == ["int64", "float64", "float64"]
    assert [str(dtype) for dtype in left.merge(right, on="k", how="right").dtypes] == [
        "int64",
        "float64",
        "int64",
    ]


@pytest.mark.parametrize("name", [None, "label", "k", "n", "total"])
def test_groups_are_merged_by_their_labels(name: Any) -> None:
    left = pandas.DataFrame(
        {"k": [3, 1, 2, 1], "n": [1, 2, 3, 4]}, index=pandas.Index([5, 5, 7, 9], name=name)
    )
    right = pandas.DataFrame({"g": [1, 3, 3, 9], "total": [1.0, 2.0, 3.0, 4.0]})
    right["n"] = [True, False, True, False]

    def program(pd: Any, one: Any, other: Any) -> Any:
        totals = other.groupby("g").agg({"total": "sum", "n": "max"}).rename_axis(name)
        return one.merge(totals, left_on="k", right_index=True)

    check(program, left, right)
    check(
        lambda pd, one, other: one.merge(other.groupby("g").sum(), left_on="k", right_index=True), left, right
    )


def test_a_merge_by_labels_is_lazy() -> None:
    left = lazyframe.DataFrame({"k": [3, 1, 2, 1], "n": [1, 2, 3, 4]})
    totals = lazyframe.DataFrame({"g": [1, 3, 3], "total": [1.0, 2.0, 3.0]}).groupby("g").sum()
    assert is_lazy(left.merge(totals, left_on="k", right_index=True))


WHOLE = st.lists(st.sampled_from([0.0, -0.0, 1.0, 2.0, 3.0, np.nan, 200.0]), max_size=7)
NOT_WHOLE = st.lists(
    st.sampled_from([1.0, 1.5, np.inf, -np.inf, 2.0**63, -(2.0**63), np.nan, 2.0]), max_size=5
)


@settings(max_examples=examples(60))
@given(
    st.sampled_from(["int64", "int8", "uint64", "uint16"]),
    st.lists(st.integers(0, 3), max_size=6),
    WHOLE | NOT_WHOLE,
    st.sampled_from(["inner", "left", "right", "outer"]),
)
def test_integers_and_floats(dtype: str, integers: list[int], floats: list[float], how: Any) -> None:
    left = pandas.DataFrame({"k": np.array(integers, dtype), "x": np.arange(len(integers))})
    right = pandas.DataFrame({"k": np.array(floats, float), "y": np.arange(len(floats))})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(lambda pd, one, other: one.merge(other, on="k", how=how), left, right)
        check(lambda pd, one, other: other.merge(one, on="k", how=how), left, right)
        check(lambda pd, one, other: other.join(one.set_index("k"), on="k", how=how), left, right)
    check(lambda pd, one, other: other.k.map(one.drop_duplicates("k").set_index("k").x), left, right)
    check(lambda pd, one, other: one[one.k.isin(other.k)], left, right)
    check(lambda pd, one, other: other[other.k.isin(one.k)], left, right)


def test_integers_and_floats_are_merged_lazily() -> None:
    left = lazyframe.DataFrame({"k": [1, 2, 2]})
    right = lazyframe.DataFrame({"k": [2.0, np.nan, 1.0]})
    assert is_lazy(left.merge(right, on="k"))
    assert is_lazy(right.merge(left.drop_duplicates(), on="k", how="left"))


def test_integers_too_large_for_floats() -> None:
    left = pandas.DataFrame({"k": [2**53 + 1, 2**53, 5]})
    right = pandas.DataFrame({"k": [2.0**53, 5.0]})
    check(lambda pd, one, other: one.merge(other, on="k"), left, right)
    check(lambda pd, one, other: other.merge(one, on="k", how="left"), left, right)


@settings(max_examples=examples(40))
@given(
    st.sampled_from(["date", "day", "span", "int64", "float", "single", "narrow"]),
    st.sampled_from(["date", "day", "single", "float"]),
    st.sampled_from(["inner", "left", "right", "outer"]),
    st.booleans(),
    st.data(),
)
@pytest.mark.filterwarnings("ignore")
def test_other_names_of_keys_of_two_dtypes(one: str, other: str, how: Any, sort: bool, data: Any) -> None:
    left, right = data.draw(frames((one,), "left")), data.draw(frames((other,), "right"))
    right = right.rename(columns={"k0": "other"})
    check(lambda pd, a, b: a.merge(b, left_on="k0", right_on="other", how=how, sort=sort), left, right)
    check(lambda pd, a, b: a[a.flag].merge(b, left_on="k0", right_on="other", how=how), left, right)
    check(lambda pd, a, b: a[a.k0.isin(b.other)], left, right)
    check(lambda pd, a, b: b.other.map(a.drop_duplicates("k0").set_index("k0").left), left, right)


WORDS = pandas.Series(["b", "a", None, "b", ""], dtype=object)


@pytest.mark.skipif(not SINCE_3_1, reason="one key of strings")
@pytest.mark.parametrize("how", ["inner", "left"])
def test_python_strings_are_merged_lazily(how: Any) -> None:
    left = pandas.DataFrame({"k": WORDS, "x": np.arange(5)})
    right = pandas.DataFrame({"k": WORDS[[3, 1, 2]].fillna(np.nan), "y": np.arange(3)})
    ours, theirs = lazyframe.DataFrame(left), lazyframe.DataFrame(right)
    assert is_lazy(ours.merge(theirs, on="k", how=how))
    assert is_lazy(ours[ours.x > 1].merge(theirs, on="k", how=how))
    check(lambda pd, one, other: one.merge(other, on="k", how=how), left, right)
    check(lambda pd, one, other: one[one.x > 1].merge(other[other.y < 2], on="k", how=how), left, right)


def test_dates_of_two_units_are_merged_lazily() -> None:
    left = pandas.DataFrame({"t": POOLS["date"], "x": np.arange(4)})
    right = pandas.DataFrame({"u": POOLS["day"][[3, 1, 0]], "y": np.arange(3)})
    ours, theirs = lazyframe.DataFrame(left), lazyframe.DataFrame(right)
    assert is_lazy(ours.merge(theirs, left_on="t", right_on="u"))
    far = right.assign(u=np.array(["9999-01-01"] * 3, "M8[s]"))
    check(lambda pd, one, other: one.merge(other, left_on="t", right_on="u"), left, far)


@pytest.mark.parametrize("how", ["right", "outer"])
def test_categories_without_partner_are_merged(how: Any) -> None:
    pool = POOLS["category"]
    left = pandas.DataFrame({"k": pool[[0, 1, 3]], "x": np.arange(3)})
    right = pandas.DataFrame({"k": pool[[2, 0, 0, 3]], "y": np.arange(4)})
    merged = lazyframe.DataFrame(left).merge(lazyframe.DataFrame(right), on="k", how=how)
    assert is_lazy(merged)
    check(lambda pd, one, other: one.merge(other, on="k", how=how), left, right)


@pytest.mark.parametrize("how", ["left", "right"])
@pytest.mark.parametrize("twice", [False, True])
def test_several_keys_that_are_distinct_on_the_other_side(how: Any, twice: bool) -> None:
    many = pandas.DataFrame({"a": [3, 1, 1, 2, 9, 1], "b": [0, 5, 0, 5, 0, 5], "x": np.arange(6) * 0.5})
    pairs = pandas.DataFrame({"a": [1, 1, 2, 3], "b": [0, 5, 5, 1], "v": [7, 8, 9, 10], "s": list("pqrs")})
    if twice:
        pairs = pandas.concat([pairs, pairs[1:2]], ignore_index=True)
    left, right = (many, pairs) if how == "left" else (pairs, many)

    def program(pd: Any, one: Any, other: Any) -> Any:
        merged = one.merge(other, on=["a", "b"], how=how)
        merged["w"] = merged.x * merged.v
        return merged[merged.x > 0.0]

    found = check(program, left, right)
    check(lambda pd, one, other: program(pd, one, other)[["a", "s"]].dropna(), left, right)
    if how == "left" and not twice:
        floats = [side.astype({"v": float}) if "v" in side else side for side in (left, right)]
        again = program(lazyframe, *map(lazyframe.DataFrame, floats))
        assert "lookup(" in str(again.w.explain())
    assert len(found) == (7 if twice else 5), "a repeated pair is met by two rows"


def test_a_merge_with_groups_of_several_keys_is_a_lookup() -> None:
    left = pandas.DataFrame({"a": [3, 1, 1, 2, 9], "b": [0, 7, 0, 1, 0], "x": np.arange(5.0)})

    def program(pd: Any, one: Any, other: Any) -> Any:
        sums = other[other.x != 2].groupby(["a", "b"]).x.sum().rename("y")
        return one.join(sums, on=["a", "b"])

    check(program, left, left)
    check(program, left, left.assign(b=[0.5, np.nan, 0.5, 1.0, 0.5]))
    assert "lookup(" in str(program(lazyframe, *[lazyframe.DataFrame(left)] * 2).explain())
