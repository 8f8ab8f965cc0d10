"""A call like an earlier one gives what that gave, and of other data what pandas gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same

pytestmark = pytest.mark.usefixtures("_by_reference")

CALLS: dict[str, Callable[[Any], Any]] = {
    "dict": lambda g: g.agg({"x": "mean", "y": ["min", "max"]}),
    "dict of one": lambda g: g.agg({"x": "sum"}),
    "list": lambda g: g[["x", "y"]].agg(["sum", "count"]),
    "names": lambda g: g.agg(total=("x", "sum"), rows=("y", "size")),
    "named": lambda g: g.agg(total=pandas.NamedAgg("x", "sum"), most=pandas.NamedAgg("y", "max")),
    "columns": lambda g: g[["x", "y"]].mean(),
    "column": lambda g: g["x"].max(),
    "column of list": lambda g: g["x"].agg(["min", "mean"]),
    "column by name": lambda g: g["x"].agg(low="min", high="max"),
    "one": lambda g: g["x"].agg("std"),
    "arguments": lambda g: g[["x", "y"]].sum(min_count=2),
    "size": lambda g: g.size(),
    "all": lambda g: g.first(),
    "numeric": lambda g: g.mean(numeric_only=True),
    "unknown": lambda g: g.agg({"z": "sum"}),
    "no such method": lambda g: g.agg({"x": "nothing"}),
}


def make(module: Any, dtype: str, key: str, rows: int = 9) -> Any:
    numbers = np.arange(rows)
    keys = {
        "integers": numbers % 3,
        "text": pandas.array([f"k{n % 2}" for n in numbers], dtype="str"),
        "floats": np.where(numbers % 4 == 0, np.nan, numbers % 3),
        "categories": pandas.Categorical.from_codes(numbers % 2, categories=["a", "b", "c"]),
    }
    return module.DataFrame({"k": keys[key], "x": numbers.astype(dtype), "y": numbers * 0.5})


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("options", [{}, {"as_index": False}, {"sort": False, "dropna": False}], ids=str)
def test_again(name: str, options: dict[str, Any]) -> None:
    def outcome(module: Any, dtype: str, key: str, by: Any) -> Any:
        try:
            return CALLS[name](make(module, dtype, key).groupby(by, **options))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    for dtype, key in (
        ("float64", "integers"), ("float64", "integers"), ("int8", "integers"), ("float32", "integers"),
        ("float64", "text"), ("float64", "floats"), ("float64", "categories"), ("bool", "integers"),
    ):  # fmt: skip
        for by in ("k", ["k"]):
            ours, theirs = outcome(lazyframe, dtype, key, by), outcome(pandas, dtype, key, by)
            rounded = not isinstance(theirs, str)
            assert_same(ours, theirs, rounded=rounded, single=dtype == "float32")


def test_columns_of_the_same_labels_in_other_places() -> None:
    one = pandas.DataFrame({"k": [0, 1, 0], "x": [1.0, 2.0, 3.0], "y": [4.0, 5.0, 6.0]})
    for frame in (one, one[["y", "k", "x"]], one.assign(z=0.5), one.rename(columns={"y": "x", "x": "y"})):
        ours = lazyframe.DataFrame(frame).groupby("k").agg({"x": "sum", "y": ["min"]})
        assert_same(ours, frame.groupby("k").agg({"x": "sum", "y": ["min"]}))


def test_equal_columns_are_not_confused() -> None:
    def call(frame: Any) -> Any:
        return frame.groupby("k").agg({"x": "sum", "y": "sum"})

    same = lazyframe.DataFrame({"k": [0, 1, 0], "x": [1.0, 2.0, 3.0]})
    same["y"] = same["x"]
    call(same)
    other = {"k": [0, 1, 0], "x": [1.0, 2.0, 3.0], "y": [4.0, 5.0, 6.0]}
    assert_same(call(lazyframe.DataFrame(other)), call(pandas.DataFrame(other)))


def test_labels_that_are_equal_and_differ() -> None:
    for labels in ((1, 2), (True, 2), (1.0, 2)):

        def program(module: Any, labels: Any = labels) -> Any:
            frame = module.DataFrame([[0, 1.0], [0, 2.0]], columns=list(labels))
            return frame.groupby(labels[0]).agg({2: "sum"})

        ours, theirs = program(lazyframe), program(pandas)
        assert_same(ours, theirs)
        assert type(ours.index.name) is type(theirs.index.name)


def test_a_frame_that_changes_between() -> None:
    def program(module: Any) -> Any:
        frame = module.DataFrame({"k": [0, 1, 0], "x": [1, 2, 3], "y": [1.0, 2.0, 3.0]})
        frame.groupby("k")["x"].agg(["sum"])
        grouped = frame.groupby("k", as_index=False)
        frame["x"] = frame["x"] * 0.5
        return grouped["x"].sum()

    assert_same(program(lazyframe), program(pandas))
