"""Keys and columns to sort by that are levels of the index, called by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

from lazyframe.pandas_internals import SINCE_3_1
from tests.joins.frames import POOLS, check

pytestmark = pytest.mark.usefixtures("interpreted")

Frame = Any
Program = Callable[[Any, Frame, Frame], Any]
KEYS = [["i"], ["f"], ["s", "i"], ["c", "d"]]
KINDS = {"i": "int64", "s": "str", "f": "float", "d": "date", "c": "category"}


def frame(seed: int, keys: list[str], name: str) -> pandas.DataFrame:
    random = np.random.default_rng(seed)
    columns = {key: POOLS[KINDS[key]][random.integers(0, 4, 9)] for key in keys}
    return pandas.DataFrame(columns | {"v": random.integers(0, 9, 9), name: random.normal(size=9)})


def same(program: Program, left: pandas.DataFrame, right: pandas.DataFrame) -> None:
    found = check(program, left, right)
    if not isinstance(found, tuple):
        wanted = program(pandas, left, right)
        if wanted.index.nlevels > 1:
            for mine, theirs in zip(found.index.levels, wanted.index.levels, strict=True):
                pandas.testing.assert_index_equal(mine, theirs, exact=True)


@pytest.mark.parametrize("how", ["inner", "left", "right", "outer"])
@pytest.mark.parametrize("keys", KEYS, ids="-".join)
def test_levels_as_keys(keys: list[str], how: Any) -> None:
    left, right = frame(1, keys, "x"), frame(2, keys, "y")
    on: Any = keys if len(keys) > 1 else keys[0]
    q: Any = [f"q{key}" for key in keys]
    renamed = dict(zip(keys, q, strict=True))
    programs: list[Program] = [
        lambda pd, a, b: a.set_index(keys).merge(b, on=on, how=how),
        lambda pd, a, b: a.set_index([*keys, "v"]).merge(b, on=on, how=how, indicator=True),
        lambda pd, a, b: a.merge(b.set_index(["v", *keys]), on=on, how=how, validate="m:1"),
        lambda pd, a, b: a.set_index(keys).merge(b.set_index(keys), on=on, how=how),
        lambda pd, a, b: a.set_index(["v", *keys]).merge(
            b.set_index([*keys, "v"]), on=on, how=how, sort=True
        ),
        lambda pd, a, b: a.set_index(keys[:1]).merge(b, on=on, how=how),
        lambda pd, a, b: a.set_index(keys[-1:]).merge(b.set_index(keys[:1]), on=on, how=how),
        lambda pd, a, b: a.set_index(keys).merge(
            b.rename(columns=renamed), left_on=keys, right_on=q, how=how
        ),
        lambda pd, a, b: a.set_index(keys).merge(
            b.rename(columns=renamed).set_index(q), left_on=keys, right_on=q, how=how
        ),
        lambda pd, a, b: a.set_index(keys).join(b[[*keys, "y"]].set_index(keys), on=on, how=how),
        lambda pd, a, b: a.set_index(["v", *keys]).join(b[[*keys, "y"]].set_index(keys), on=on, how=how),
        lambda pd, a, b: a.set_index(keys)[lambda d: d["v"] > 2].merge(b, on=on, how=how)[
            lambda d: d["y"] > 0
        ],
    ]
    for number, program in enumerate(programs):
        same(program, left, right if number % 2 else right.drop_duplicates(keys))
        if how == "inner":
            same(program, left, right.drop_duplicates(keys) if number % 2 else right)


@pytest.mark.skipif(not SINCE_3_1, reason="keys repeat on the right")
def test_levels_are_merged_lazily() -> None:
    left, right = frame(1, ["i", "s"], "x"), frame(2, ["i", "s"], "y")
    few = right.drop_duplicates("i").drop(columns="s")
    for program in (
        lambda pd, a, b: a.set_index("i").merge(b, on="i"),
        lambda pd, a, b: a.set_index(["s", "i"]).merge(b, on="i", how="left"),
        lambda pd, a, b: a.merge(b.set_index("i"), on="i"),
        lambda pd, a, b: a.set_index(["s", "i"]).merge(b.set_index("i"), on="i", how="left"),
        lambda pd, a, b: a.set_index(["s", "i"]).join(b.set_index("i")["y"], on="i"),
        lambda pd, a, b: a.set_index(["s", "i"]).sort_values("i", kind="stable"),
    ):
        assert not check(program, left, few).__dict__.get("_fallbacks")


@pytest.mark.parametrize("how", ["inner", "left", "right", "outer"])
def test_levels_of_two_dtypes(how: Any) -> None:
    left, right = frame(1, ["i"], "x"), frame(2, ["i"], "y").drop_duplicates("i")
    for dtype in ("int32", "float64", "str"):
        others = right.astype({"i": dtype})
        for part in (others, others[:0]):
            same(lambda pd, a, b: a.set_index("i").merge(b, on="i", how=how), left, part)
            same(
                lambda pd, a, b: a.set_index(["i", "v"]).merge(b.set_index("i")["y"], on="i", how=how),
                left,
                part,
            )
            same(lambda pd, a, b: a[:0].set_index("i").merge(b.set_index("i"), on="i", how=how), left, part)
    days = left.assign(i=left["i"].astype("M8[us]")), right.assign(i=right["i"].astype("M8[ns]"))
    same(lambda pd, a, b: a.set_index("i").merge(b, on="i", how=how), *days)


def test_names_that_pandas_refuses() -> None:
    left, right = frame(1, ["i"], "x"), frame(2, ["i"], "y")
    for program in (
        lambda pd, a, b: a.set_index("i", drop=False).merge(b, on="i"),
        lambda pd, a, b: a.set_index(["i", "i"], drop=False).merge(b, on="i"),
        lambda pd, a, b: a.set_index("i", drop=False).sort_values("i"),
        lambda pd, a, b: a.set_index("i").merge(b.rename(columns={"i": "q"}), on="i"),
    ):
        same(program, left, right)


@pytest.mark.parametrize("levels", [["i"], ["i", "s"], ["s"], ["c", "i"]], ids="-".join)
def test_rows_sorted_by_levels(levels: list[str]) -> None:
    whole = frame(1, ["i", "s", "c"], "x")
    for by in ("i", ["i", "x"], ["s", "i"], ["x", "i"], "nothing"):
        for ways in (True, False):
            for program in (
                lambda pd, a, b, by=by, up=ways: a.set_index(levels).sort_values(
                    by, ascending=up, kind="stable"
                ),
                lambda pd, a, b, by=by, up=ways: (
                    a[a["x"] > 0]
                    .set_index(levels)
                    .sort_values(by, ascending=up, kind="stable", na_position="first")
                ),
            ):
                same(program, whole, whole)
    indexed = whole.set_index(levels)
    for program in (
        lambda pd, a, b: a.sort_values(levels, kind="stable"),
        lambda pd, a, b: a[a["x"] > 0].sort_values(levels[0], kind="stable"),
        lambda pd, a, b: a.sort_values("i", key=lambda column: -column, kind="stable"),
    ):
        same(program, indexed, indexed)
