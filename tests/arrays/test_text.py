"""``numpy.where`` and ``numpy.select`` of strings: codes until somebody sees the text."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
import lazyframe.numpy
from lazyframe.api.array import LazyArray
from tests.arrays.compare import outcome, same
from tests.groupby.grouped_frames import assert_same

ROWS = 60


def frame(pd: Any) -> Any:
    numbers = np.random.default_rng(3)
    x = np.where(numbers.random(ROWS) < 0.1, np.nan, numbers.normal(size=ROWS))
    return pd.DataFrame({"x": x, "k": np.arange(ROWS) % 4, "s": ["u", "v", "w"] * (ROWS // 3)})


def texts(np: Any, df: Any) -> tuple[Any, Any, Any]:
    """One of two, one of three by one condition within another, and one of several."""
    two = np.where(df["x"] > 0, "up", "down")
    three = np.where(df.x > 1, "big", np.where(df["x"] < -1, "tiny", "mid"))
    several = np.select([df.x > 1, df.k == 2, df.k == 3], ["é", "two\0", "é"], default="")
    return two, three, several


IN_FRAMES: list[Callable[..., Any]] = [
    lambda pd, df, two, three, several: df.assign(a=two, b=three, c=several),
    lambda pd, df, two, three, several: df.assign(a=two)[lambda d: d.a == "up"].groupby("a").x.sum(),
    lambda pd, df, two, three, several: df.assign(a=two, b=three).groupby(["a", "b"]).size(),
    lambda pd, df, two, three, several: pd.crosstab(df.assign(a=several).a, df.k),
    lambda pd, df, two, three, several: df.assign(c=several).c.str.len(),
    lambda pd, df, two, three, several: df.assign(b=three).sort_values(["b", "k"], kind="stable"),
    lambda pd, df, two, three, several: df.assign(a=two).merge(
        pd.DataFrame({"a": ["up", "down"], "w": [1, 2]}), on="a"
    ),
    lambda pd, df, two, three, several: df.groupby(two).x.mean(),
    lambda pd, df, two, three, several: df.s.isin(several),
    lambda pd, df, two, three, several: df.loc[two == "up", "x"],
    lambda pd, df, two, three, several: pd.Series(three, index=df.index),
    lambda pd, df, two, three, several: pd.DataFrame({"a": two, "z": 1}),
    lambda pd, df, two, three, several: pd.Series(pd.Categorical(several)),
]
ARRAYS: list[Callable[..., Any]] = [
    lambda np, two, three, several: [two, three, several],
    lambda np, two, three, several: [np.unique(three), np.sort(several), np.concatenate([two, three])],
    lambda np, two, three, several: [two == "up", (two == "up").sum(), two + "!"],
    lambda np, two, three, several: [two[:5], two[2], two[[1, 3]], two.reshape(-1, 2), two.T, several.size],
    lambda np, two, three, several: [two.astype(object), np.array(three.tolist()), np.array(list(several))],
    lambda np, two, three, several: [copy.deepcopy(two), pickle.loads(pickle.dumps(three)), several.copy()],
    lambda np, two, three, several: np.where(two == "up", two, three),
    lambda np, two, three, several: two.sum(),
    lambda np, two, three, several: np.sqrt(two),
]


@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize("program", IN_FRAMES)
def test_in_frames(program: Callable[..., Any], filtered: bool) -> None:
    def run(pd: Any, np: Any) -> Any:
        df = frame(pd)
        df = df[df.k > 0] if filtered else df
        return program(pd, df, *texts(np, df))

    assert_same(run(lazyframe, lazyframe.numpy), run(pandas, np), rounded=True)


@pytest.mark.parametrize("program", ARRAYS)
def test_as_arrays(program: Callable[..., Any]) -> None:
    df, theirs = frame(lazyframe), frame(pandas)
    found = outcome(lambda: program(lazyframe.numpy, *texts(lazyframe.numpy, df)))
    same(found, outcome(lambda: program(np, *texts(np, theirs))))


def test_a_frame_assigned_to_waits_for_the_conditions() -> None:
    df = frame(lazyframe)
    df = df[df.k > 0]
    text = lazyframe.numpy.where(df.x > 0, "up", "down")
    df["a"] = text
    assert type(text) is LazyArray
    assert text.pending is not None
    assert "_mgr" not in vars(df)
    found = df.groupby("a").x.sum()
    assert "test_text.py" in str(found.explain())
    assert found.explain().fallbacks == ()


def test_writing_to_the_array_leaves_the_frame() -> None:
    def run(pd: Any, np: Any) -> Any:
        df = frame(pd)
        text = np.where(df.x > 0, "up", "down")
        df["before"] = text
        text[text == "up"] = "U"
        df["after"] = text
        return df

    assert_same(run(lazyframe, lazyframe.numpy), run(pandas, np))


def test_many_strings_are_for_numpy() -> None:
    def run(pd: Any, np: Any) -> Any:
        df = frame(pd)
        text = "none"
        for k in range(40):
            text = np.where(df.x > k / 10, f"over {k}", text)
        return pd.DataFrame({"text": text})

    assert_same(run(lazyframe, lazyframe.numpy), run(pandas, np))


def test_in_kernels() -> None:
    def run(pd: Any, np: Any) -> Any:
        df = frame(pd)
        df["a"], df["b"], df["c"] = texts(np, df)
        return df[df.a == "up"].groupby(["b", "c"]).x.agg(["count", "max"])

    assert_same(run(lazyframe, lazyframe.numpy), run(pandas, np))
