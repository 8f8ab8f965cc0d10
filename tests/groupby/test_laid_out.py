"""Results that pandas lays out by the groups' numbers: every form of keys, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

from lazyframe.pandas_internals import SINCE_3_1
from tests.groupby.grouped_frames import check_recorded, make_frame

pytestmark = pytest.mark.usefixtures("interpreted")

OPTIONS: list[dict[str, bool]] = [
    {},
    {"as_index": False},
    {"dropna": False},
    {"observed": False},
    {"observed": False, "sort": False},
    {"observed": False, "dropna": False, "as_index": False},
    {"sort": False, "dropna": False, "as_index": False},
]

USES: dict[str, Any] = {
    "quantiles": lambda g: g[["y", "s", "t"]].quantile([0.2, 0.5]),
    "distinct": lambda g: g["s"].unique(),
    "lists": lambda g: g["text"].agg(list),
    "one after another": lambda g: g["y"].apply(lambda y: y.max() - y.min()),
    "several functions": lambda g: g.agg(a=("y", lambda y: y.max()), b=("s", "max")),
    "of frames": lambda g: g[["y", "s"]].apply(lambda d: (d["y"] * d["s"]).sum()),
    "centred": lambda g: g["y"].transform(lambda y: y - y.min()),
    "numbers of groups": lambda g: g.ngroup(),
    "numbers of groups from the end": lambda g: g.ngroup(ascending=False),
    "descriptions": lambda g: g[["y", "s"]].describe(),
    "descriptions of numbers": lambda g: g[["text", "y", "b", "s"]].describe([0.1]),
    "of some known": lambda g: g[["y", "s"]].sum(min_count=1),
    "multiplied": lambda g: g["y"].prod(min_count=3),
    "where least": lambda g: g[["s"]].idxmin(),
    "truth of categories": lambda g: g["o"].any(),
    "extreme categories": lambda g: g[["o", "b"]].agg(["max", "first"]),
    "of two and more": lambda g: g[["s", "b", "o"]].min(min_count=2),
    "sums of three and more": lambda g: g[["s", "i"]].sum(min_count=3),
    "shapes": lambda g: g.agg({"y": ["skew", "mean"], "s": "kurt"}),
    "prices": lambda g: g["y"].ohlc(),
    "matrices": lambda g: g[["y", "s"]].corr(),
    "largest": lambda g: g["y"].nlargest(2),
    "descriptions of text": lambda g: g["text"].describe(),
    "descriptions of times": lambda g: g["t"].describe(),
    "texts": lambda g: g["text"].sum(),
    "objects": lambda g: g["objects"].max(),
    "counted": lambda g: g["s"].value_counts(dropna=False),
    "counted together": lambda g: g[["o", "b"]].value_counts(sort=False),
}


@pytest.fixture(scope="module")
def data() -> pandas.DataFrame:
    made = make_frame(90, seed=6)
    made["objects"] = np.array([2, None, 0.5], object)[np.arange(90) % 3]
    made["text"] = pandas.array(np.array(["x", None, "y"], object)[np.arange(90) % 3], dtype="str")
    return made


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("by", ["k", "c", ["o", "k"], ["g", "c"]], ids=str)
def test_forms_of_keys(data: pandas.DataFrame, by: Any, use: str) -> None:
    for options in OPTIONS:
        shows_all = options.get("observed") is False and by != "k"
        if use == "of frames" and (shows_all or "as_index" in options):
            continue  # pandas calls the function for no rows, or raises
        if shows_all and use == "where least":
            continue  # which pandas refuses of no rows
        if use == "largest" and "as_index" in options and not SINCE_3_1:
            continue  # which raises
        if use.startswith("descriptions") and "dropna" in options and by == ["g", "c"]:
            continue  # pandas does not find the missing label again, and raises
        if shows_all and len(by) > 1 and "sort" in options and not SINCE_3_1:
            continue  # its order of these is of all rows
        with np.errstate(invalid="ignore"):  # pandas 3.0 casts NaN to times
            check_recorded(data, lambda df, o=options: df.groupby(by, **o), USES[use], rounded=True)  # type: ignore[misc]


@pytest.mark.parametrize("by", ["k", "c", ["k", "c"]], ids=str)
def test_keys_that_are_selected(data: pandas.DataFrame, by: Any) -> None:
    for options in ({"as_index": False}, {"as_index": False, "observed": False}):
        for use in (
            lambda g: g[["k", "y"]].sum(),
            lambda g: g["k"].count(),
            lambda g: g[["k", "f"]].mean(),
            lambda g: g[["s", "k"]].agg(["min", "max"]),
            lambda g: g.agg({"k": "max", "y": "median"}),
            lambda g: g.agg(s=("k", "max"), k=("s", "min")),
            lambda g: g[["k", "text"]].nunique(),
        ):
            check_recorded(data, lambda df, o=options: df.groupby(by, **o), use, rounded=True)  # type: ignore[misc]
