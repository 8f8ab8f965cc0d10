"""Some levels of an index: ``reset_index(level=)``, ``droplevel``, ``sort_index(level=)``, against pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.sorting.programs import check

ROWS = 12
Frame = Any


def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame({
        "a": random.integers(0, 4, ROWS).astype(np.int8),
        "b": pd.array(random.choice(["x", "y", "", None], ROWS), dtype="str"),
        "d": np.datetime64("2020-01-01", "s") + random.integers(0, 5, ROWS),
        "c": pd.Categorical.from_codes(random.integers(-1, 2, ROWS), ["q", "p", "unused"]),
        "x": random.normal(size=ROWS),
    })  # fmt: skip


def product(*levels: Any) -> pd.MultiIndex:
    return pd.MultiIndex.from_product(levels, names=["a", "b"])


INDEXES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "three": lambda df: df.set_index(["a", "b", "d"]),
    "category": lambda df: df.set_index(["c", "a"]).rename_axis(["b", "a"]),
    "ranges": lambda df: df.set_index(product(range(4), range(3))),
    "days": lambda df: df.set_index(product(pd.date_range("2020", periods=4), [3, 1, 2])),
    "objects": lambda df: df.set_index(product([1, "z"], [b"p", b"q", 5, 6, 7, 8])),
    "nameless": lambda df: df.set_index(product([1, 2], range(6)).rename([None, None])),
    "same name": lambda df: df.set_index(product([1, 2], range(6)).rename(["a", "a"])),
    "missing": lambda df: df.set_index(
        pd.MultiIndex([[1, 2], ["z", "y"]], [[0, -1, 1] * 4, [0, 1, -1, 1] * 3], names=["a", "b"])
    ),
    "one": lambda df: df.set_index("x", drop=False).rename_axis("a"),
}
LEVELS = [0, -1, "a", "nothing", [1, 0], ["a", 0]]
PARTS: list[Callable[[Frame], Frame]] = [
    lambda df: df[df["x"] > 0.0],
    lambda df: df[df["x"] > 9.0],
    lambda df: df[df["x"] > -9.0].iloc[1:9:2],
]


@pytest.mark.parametrize("level", LEVELS, ids=str)
@pytest.mark.parametrize("index", INDEXES)
def test_some_levels(index: str, level: Any) -> None:
    whole = INDEXES[index](frame())[["x"]]
    programs: list[Callable[[Frame], Any]] = [
        lambda df: df.reset_index(level=level),
        lambda df: df.reset_index(level=level, drop=True),
        lambda df: df.droplevel(level),
        lambda df: df["x"].reset_index(level),
        lambda df: df["x"].reset_index(level=level, drop=True),
        lambda df: df["x"].droplevel(level),
        lambda df: df.reset_index(level=level, names=["q", "w"]),
        lambda df: df["x"].reset_index(level=level, name="n"),
        lambda df: (lambda left: left[left["x"] > 0.1])(df.reset_index(level=level)),
        lambda df: (lambda left: left[left["x"] > 0.1].reset_index())(df.droplevel(level)),
        lambda df: df.droplevel(level)["x"] + df["x"].droplevel(level),
    ]
    for part in PARTS:
        for program in programs:
            check(whole, lambda df, part=part, program=program: program(part(df)))


MADE: dict[str, Callable[[Frame], Frame]] = {
    "groups": lambda df: df.groupby(["a", "b"])[["x"]].max(),
    "more groups": lambda df: df.groupby(["a", "b", "d"], dropna=False)[["x"]].max(),
    "groups as they come": lambda df: df.groupby(["a", "b"], sort=False)[["x"]].max(),
    "groups of categories": lambda df: df.groupby(["c", "b"], observed=True)[["x"]].max(),
    "set": lambda df: df[["a", "b", "x"]].set_index(["a", "b"]),
    "set thrice": lambda df: df[["a", "c", "b", "x"]].set_index(["a", "b", "c"]),
}


@pytest.mark.parametrize("made", MADE)
def test_some_levels_of_what_is_recorded(made: str) -> None:
    programs: list[Callable[[Frame], Any]] = [
        lambda df: df.reset_index(level="b"),
        lambda df: df.reset_index(level=0, drop=True),
        lambda df: df.droplevel("b"),
        lambda df: df["x"].reset_index(level=[0]),
        lambda df: df[df["x"] > 0.0].reset_index(level="b"),
        lambda df: (lambda left: left[left["x"] > 0.0])(df.droplevel(0)),
        lambda df: (lambda left: left[left["x"] > 0.0].reset_index())(df.droplevel(0)),
    ]
    for program in programs:
        check(frame(), lambda df, program=program: program(MADE[made](df)), lazy=True)
    check(frame(), lambda df: MADE[made](df).droplevel(0).sort_index(kind="stable"))
    check(frame(), lambda df: MADE[made](df).reset_index(level=0).reset_index())


@pytest.mark.parametrize("level", [0, 1, -1, [0, 1]], ids=str)
def test_levels_that_keys_of_a_concat_made(level: Any) -> None:
    def both(df: Frame) -> Frame:
        import lazyframe

        concat = lazyframe.concat if isinstance(df, lazyframe.DataFrame) else pd.concat
        return concat({"p": df[df["x"] > 0][["x"]], "o": df[df["x"] <= 0][["x"]]}, names=["k", None])

    for name in ("three", "one"):
        whole = frame() if name == "one" else INDEXES[name](frame())
        check(whole, lambda df: both(df).reset_index(level=level))
        check(whole, lambda df: both(df).reset_index(level=level, drop=True))
        check(whole, lambda df: both(df)["x"].droplevel(0).iloc[2:5])


def shuffled(df: pd.DataFrame) -> pd.DataFrame:
    return df.iloc[np.random.default_rng(3).permutation(len(df))]


OPTIONS: list[dict[str, Any]] = [
    {},
    {"ascending": False},
    {"na_position": "first"},
    {"na_position": "first", "ascending": False},
    {"sort_remaining": False},
    {"sort_remaining": 0},
    {"ascending": [True, False]},
    {"ascending": [False]},
    {"ascending": [True, False, True]},
    {"ignore_index": True},
    {"key": lambda labels: labels},
    {"key": lambda labels: labels.astype(str)},
    {"key": lambda labels: -labels.astype(float)},
    {"key": lambda labels: labels.isin([1]), "ascending": False},
]


@pytest.mark.parametrize("level", [None, 1, "a", [1, 0], "nothing"], ids=str)
@pytest.mark.parametrize("index", [name for name in INDEXES if name != "objects"])
def test_sort_index(index: str, level: Any) -> None:
    whole = shuffled(INDEXES[index](frame()))[["x"]]
    parts = [lambda df: df, PARTS[0], lambda df: df[df["x"] > 0.0]["x"]]
    for part in parts:
        for options in OPTIONS:
            check(whole, lambda df, p=part, o=options: p(df).sort_index(level=level, kind="stable", **o))


@pytest.mark.parametrize(
    "options", [{}, {"ascending": False}, {"level": "a", "na_position": "first"}], ids=str
)
def test_sort_index_of_floats(options: Any) -> None:
    floats = [1.0, np.nan, -0.0, 0.0, np.inf, -np.inf, np.nan, -1.0, 2.0, 0.0, -0.0, 5.0]
    whole = frame().assign(f=floats)
    for keys in (["f", "a"], ["a", "f"]):
        check(whole, lambda df, k=keys: df.set_index(k).sort_index(**options), lazy=True)
        check(whole, lambda df, k=keys: df[df["x"] > 0].set_index(k)["x"].sort_index(**options), lazy=True)


@pytest.mark.parametrize("made", MADE)
def test_sort_index_of_what_is_recorded(made: str) -> None:
    for options in OPTIONS[:8]:
        for level in (None, [1, 0]):
            check(
                frame(), lambda df, o=options, k=level: MADE[made](df).sort_index(level=k, kind="stable", **o)
            )
            check(frame(), lambda df, o=options, k=level: MADE[made](df).iloc[::-1].sort_index(level=k, **o))


def test_levels_are_sorted_lazily() -> None:
    whole = shuffled(INDEXES["three"](frame().assign(b="x")))
    check(whole, lambda df: df.sort_index(), lazy=True)
    check(whole, lambda df: df.sort_index(level="d"), lazy=True)
    check(whole, lambda df: df.sort_index(level=["d", "a"], ascending=[True, False]), lazy=True)
    check(whole, lambda df: df[df["x"] > 0].reset_index(level="d"), lazy=True)


def test_an_integer_that_is_missing_in_other_rows_only() -> None:
    whole = INDEXES["missing"](frame())[["x"]].assign(here=[1, 0, 1] * 4)
    check(whole, lambda df: df[df["here"] > 0].reset_index())
    check(whole, lambda df: df[df["here"] > 0].groupby(level="a")["x"].sum())
    check(whole, lambda df: df[df["here"] > 0].groupby("a")["x"].sum())
    check(whole, lambda df: df[df["x"] > -9].reset_index())


def test_labels_of_one_level_and_a_list_of_ways() -> None:
    whole = shuffled(frame())
    check(whole, lambda df: df.sort_index(ascending=[False]))
    check(whole, lambda df: df.sort_index(ascending=[True]))
    check(whole, lambda df: df["x"].sort_index(ascending=[False]))
