"""Merges by keys of any kinds: pandas finds which rows pair, and all other columns wait."""

from __future__ import annotations

import datetime
import warnings
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.brief import examples
from tests.joins.frames import DAYS, POOLS, check, frames
from tests.joins.test_join_labels import is_recorded

pytestmark = [pytest.mark.usefixtures("interpreted"), pytest.mark.filterwarnings("ignore::UserWarning")]

Program = Any
HOW = ["inner", "left", "right", "outer", "left_anti", "right_anti"]
KINDS: dict[str, Any] = {
    **POOLS,
    "small": np.array([1.0, 2.0, 0.5, np.nan]),
    "large": np.array([2**60, 2**60 + 1, 3]),
    "category of integers": pandas.Categorical([1, 2, 3], categories=[3, 1, 2]),
    "others": pandas.Categorical([1, 7, None], categories=[1, 2, 7]),
    "ordered": pandas.Categorical([1, 2, 3], categories=[3, 1, 2], ordered=True),
    "category of floats": pandas.Categorical([1.0, 2.5, None]),
    "category of truths": pandas.Categorical([True, False]),
    "category of days": pandas.Categorical(DAYS),
    "category of seconds": pandas.Categorical(DAYS.astype("M8[s]")),
    "category of objects": pandas.Categorical(np.array(["a", 1], object)),
    "Python's integers": np.array([1, 2, 7], object),
    "Python's dates": np.array([datetime.date(2001, 1, 1), datetime.date(1999, 5, 5)], object),
}


def keys_of(kinds: Any) -> pandas.DataFrame:
    return pandas.DataFrame({f"k{number}": KINDS[kind] for number, kind in enumerate(kinds)})


@st.composite
def sides(draw: st.DrawFn) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """Two frames with two keys each, of any kinds, mostly of the same."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=2, max_size=2))
    others = [draw(st.sampled_from([kind, *sorted(KINDS)])) for kind in kinds]
    made = []
    for which, name in ((kinds, "y"), (others, "z")):
        frame = draw(frames(("int64", "int64"), name))
        for number, kind in enumerate(which):
            pool = KINDS[kind]
            frame[f"k{number}"] = pool[frame[f"k{number}"].to_numpy() % len(pool)]
        made.append(frame)
    return made[0], made[1]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    how = draw(st.sampled_from(HOW))
    options = {"how": how, "sort": draw(st.booleans()), "indicator": draw(st.booleans())}
    options["validate"] = draw(st.sampled_from([None, None, "1:m", "m:1"]))
    few = {name: options[name] for name in ("how", "sort", "validate")}
    on = draw(st.sampled_from([["k0"], ["k1", "k0"]]))
    called = {label: f"r{label}" for label in on}
    return draw(
        st.sampled_from(
            [
                lambda pd, a, b: a.merge(b, on=on, **options),
                lambda pd, a, b: a[a["x"] > 0].merge(
                    b.rename(columns=called), left_on=on, right_on=[*called.values()], **options
                ),
                lambda pd, a, b: a.merge(b, left_on=on, right_on=on[::-1], **options),
                lambda pd, a, b: a.join(b.set_index(on), on=on, rsuffix="_r", **few),
                lambda pd, a, b: a.set_index(on).merge(b, left_index=True, right_on=on, **options),
                lambda pd, a, b: a.set_index(on).merge(
                    b.set_index(on), left_index=True, right_index=True, **options
                ),
                lambda pd, a, b: a.set_index(on).merge(b.set_index(on), on=on, **options),
                lambda pd, a, b: a.set_index(on).merge(b[b["x"] < 0], on=on, **options),
            ]
        )
    )


@settings(max_examples=examples(150))
@given(sides(), programs())
def test_merges(pair: Any, program: Program) -> None:
    merged = check(program, *pair)
    if isinstance(merged, pandas.DataFrame):
        assert not merged.__dict__.get("_fallbacks")


@pytest.mark.parametrize("kinds", [("others", "ordered"), ("category of integers", "int64"), ("object",) * 2])
@pytest.mark.parametrize("how", HOW[:4])
def test_other_columns_wait(kinds: tuple[str, str], how: Any) -> None:
    left, right = [keys_of([kind]).assign(**{name: 1.5}) for kind, name in zip(kinds, "xy", strict=True)]
    if kinds[0] == "category of integers":
        right = right[:1]

    def program(pd: Any, a: Any, b: Any) -> Any:
        merged = a.merge(b, on="k0", how=how)
        merged["z"] = merged["x"] * 2.0 + merged["y"]
        assert pd is pandas or is_recorded(merged)
        return merged

    check(program, left, right)


def test_floats_that_are_no_integers() -> None:
    left, right = keys_of(["int64"]), keys_of(["small"]).assign(y=1)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        check(lambda pd, a, b: a.merge(b, on="k0", how="left"), left, right)
    theirs, ours = [(str(warning.message), warning.filename, warning.lineno) for warning in warned]
    assert theirs == ours
    assert theirs[1] == __file__


@pytest.mark.parametrize("rows", [(0, 0), (0, 3), (3, 0), (1, 3), (3, 1), (3, 2)], ids=str)
def test_cross_merges(rows: tuple[int, int]) -> None:
    left = pandas.DataFrame({"x": np.arange(rows[0]), "s": ["a"] * rows[0]})
    right = pandas.DataFrame({"x": np.arange(rows[1]), "y": 0.5})
    crossed = check(lambda pd, a, b: a[a["x"] != 1].merge(b, how="cross"), left, right)
    assert not crossed.__dict__.get("_fallbacks")


def test_pairs_of_which_there_are_as_many_as_rows_on_the_left() -> None:
    """These pandas 3.0 has in another order."""
    left = pandas.DataFrame({"k": [3, 1, 2, 9], "x": 1.0})
    right = pandas.DataFrame({"k": [1, 1, 3, 3], "y": range(4)})
    merged = check(lambda pd, a, b: a.merge(b, on="k"), left, right)
    assert not merged.__dict__.get("_fallbacks")


@settings(max_examples=examples(25))
@given(sides(), st.sampled_from(HOW), st.booleans())
def test_arrays(pair: Any, how: str, sort: bool) -> None:
    options: Any = {"how": how, "sort": sort}
    for program in (
        lambda pd, one, other: one.merge(other, left_on=one.k0.to_numpy(), right_on="k0", **options),
        lambda pd, one, other: one.merge(
            other, left_on=[one.k0, "k1"], right_on=["k1", other.k0.array], suffixes=("", "_other"), **options
        ),
        lambda pd, one, other: pd.merge(one, other, left_on=one.y, right_on=other.z.to_numpy(), **options),
        lambda pd, one, other: one.set_index("y").merge(
            other, left_index=True, right_on=other.z, indicator=not how.endswith("anti"), **options
        ),
    ):
        check(program, *pair)


@pytest.mark.parametrize("how", ["inner", "left", "right", "outer"])
def test_arrays_beside_labels(how: str) -> None:
    """Where no label is on both sides nothing is asked of pandas, but for outer merges."""
    random = np.random.default_rng(1)
    one = pandas.DataFrame({"x": range(9), "f": [0.0, -0.0, np.nan, 1.0, 2.0, np.nan, 3.0, -0.0, 5.0]})
    other = pandas.DataFrame({"k": [3, 1, 1, 0, 8], "g": [0.0, np.nan, 1.0, 1.0, -0.0], "y": range(5)})
    other["t"] = pandas.to_datetime(other["k"], unit="D")
    keys = random.integers(0, 5, 9)
    options: Any = {"how": how}
    programs: list[Any] = [
        lambda pd, a, b: a.merge(b, left_on=keys, right_on="k", **options),
        lambda pd, a, b: a.merge(b, left_on=[a["x"] % 4, "f"], right_on=["k", "g"], sort=True, **options),
        lambda pd, a, b: a.merge(
            b, left_on=(a["x"] % 4).rename("y"), right_on="k", indicator=True, **options
        ),
        lambda pd, a, b: b.merge(a, left_on="k", right_on=keys, suffixes=("", "_r"), **options),
        lambda pd, a, b: a.merge(b, left_on=pd.to_datetime(a["x"], unit="D"), right_on="t", **options),
        lambda pd, a, b: a[a["x"] > 3].merge(b, left_on=a[a["x"] > 3]["x"], right_on="k", **options),
        lambda pd, a, b: a.merge(b[b["k"] > 9], left_on=a["x"], right_on="k", **options),
    ]
    for program in programs:
        merged = check(program, one, other)
        assert how == "outer" or not merged.__dict__.get("_fallbacks")
    for program in (
        lambda pd, a, b: a.merge(b, left_on=a["f"], right_on="g", **options),
        lambda pd, a, b: a.merge(b, left_on=a["x"] * 1.0, right_on="k", **options),
        lambda pd, a, b: a.merge(b.rename(columns={"k": "x"}), left_on=keys, right_on="x", **options),
        lambda pd, a, b: a.merge(b, left_on=[keys, keys], right_on=["k"], **options),
        lambda pd, a, b: a.merge(b, left_on=keys[1:], right_on="k", **options),
        lambda pd, a, b: a.merge(b, left_on=keys, right_on="nowhere", **options),
    ):
        check(program, one, other)


NEAREST: list[dict[str, Any]] = [
    {"on": "t"},
    {"on": "t", "by": "g", "direction": "nearest", "tolerance": 3},
    {"left_on": "t", "right_on": "u", "direction": "forward", "allow_exact_matches": False},
    {"on": "t", "left_by": ["g", "s"], "right_by": ["g", "s"], "suffixes": ("", "_r")},
    {"left_on": "x", "right_on": "t"},
    {"on": "t", "by": "s", "left_on": "t"},
    {"left_on": "t", "right_index": True},
]
ORDERED: list[dict[str, Any]] = [
    {"on": "t"},
    {"on": ["t", "g"], "how": "left", "fill_method": "ffill"},
    {"left_on": "t", "right_on": "u", "fill_method": "ffill"},
    {"on": "t", "left_by": "g"},
    {"on": "t", "fill_method": "bfill", "how": "outer"},
    {"how": "inner", "on": "s", "suffixes": ("_l", "_r")},
]


def test_nearest_and_ordered() -> None:
    random = np.random.default_rng(0)
    frames = []
    for rows, name in ((12, "x"), (9, "u")):
        times = np.sort(random.integers(0, 20, rows))
        text = pandas.array(random.choice(["p", "q", None], rows), "str")
        numbers = np.sort(random.integers(0, 20, rows))
        frames.append(
            pandas.DataFrame({"t": times, "g": times % 2, "s": text, name: numbers, "f": times / 4})
        )
    for name, asked in (("merge_asof", NEAREST), ("merge_ordered", ORDERED)):
        for options in asked:
            by_pandas = "right_index" in options or ("left_by" in options and name == "merge_ordered")

            def program(
                pd: Any,
                one: Any,
                other: Any,
                name: str = name,
                options: Any = options,
                by_pandas: bool = by_pandas,
            ) -> Any:
                found = getattr(pd, name)(one, other, **options)
                assert pd is pandas or is_recorded(found) or by_pandas
                return found

            check(program, *frames)
            check(lambda pd, one, other, f=program: f(pd, one[one.g > 0], other[other.t > 9]), *frames)
