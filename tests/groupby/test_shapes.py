"""Skewness and kurtosis of groups, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from tests.groupby.grouped_frames import assert_same, check_recorded, make_frame

pytestmark = pytest.mark.usefixtures("interpreted")


@pytest.fixture(scope="module")
def data() -> pandas.DataFrame:
    made = make_frame(200, seed=8)
    rare = np.where(made["j"] == 1, made["y"], 0.1)
    return made.assign(n=made["i"] % 7, same=rare, inf=np.where(made["k"] == 2, np.inf, made["y"]))


@pytest.mark.skipif(not SINCE_3_1, reason="pandas 3.0 makes integers of what it can")
@pytest.mark.parametrize("name", ["skew", "kurt"])
def test_shapes(data: pandas.DataFrame, name: str) -> None:
    columns = ["y", "n", "s", "b", "same", "inf"]
    for by in ("k", "g", ["j", "b"], "c"):
        for options in ({}, {"as_index": False}, {"dropna": False}, {"observed": False}):
            check_recorded(
                data,
                lambda df, o=options, b=by: df.groupby(b, **o)[columns],  # type: ignore[misc]
                lambda g: getattr(g, name)(),
                rounded=True,
            )
    uses: tuple[Any, ...] = (
        lambda g: getattr(g["y"], name)(skipna=False),
        lambda g: g["n"].agg([name, "mean"]),
        lambda g: g.agg(a=("y", name), b=("x", "max")),
        lambda g: g["y"].transform(name),
        lambda g: getattr(g, name)(numeric_only=True)[["y"]],
    )
    for use in uses:
        check_recorded(data[:60].drop(columns="x").assign(x=1), lambda df: df.groupby("j"), use, rounded=True)
    check_recorded(data, lambda df: df.groupby("k")["f"], lambda g: getattr(g, name)(), rounded=True)
    few = data[:6].assign(k=[0, 0, 0, 1, 1, 1], y=[1.0, 2.0, np.nan, 1.0, 5.0, 5.0])
    check_recorded(few, lambda df: df.groupby("k")["y"], lambda g: getattr(g, name)(), rounded=True)


def test_what_has_no_shape(data: pandas.DataFrame) -> None:
    for rows in (0, 3, 200):
        frame = data[["k", "y", "t"]][:rows]
        assert_same(
            lazyframe.DataFrame(frame).groupby("k").y.skew(), frame.groupby("k").y.skew(), rounded=True
        )
    with pytest.raises(TypeError):
        lazyframe.DataFrame(data).groupby("k")["t"].skew()
