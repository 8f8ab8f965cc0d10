"""Text and lists that are assigned to columns, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.record.compare import INDEXES, assert_same, is_lazy, outcome

VALUES: dict[str, Any] = {
    "text": lambda n: "web",
    "no text": lambda n: "",
    "array of text": lambda n: np.array(["a", "é", ""] * n)[:n],
    "objects": lambda n: np.array(["a", None, "b"] * n, object)[:n],
    "other objects": lambda n: np.array(["a", 1, np.nan] * n, object)[:n],
    "list of text": lambda n: ["x", "y", None] * (n // 3) + ["x"] * (n % 3),
    "list of numbers": lambda n: [1, 2.5, None] * (n // 3) + [1] * (n % 3),
    "list of integers": lambda n: list(range(n)),
    "list of truths": lambda n: [True] * n,
    "mixed list": lambda n: [1, "a", 2.5][:n] + [0] * (n - 3),
    "list of lists": lambda n: [[1]] * n,
    "long list": lambda n: ["a"] * (n + 1),
    "long array": lambda n: np.array(["a"] * (n + 1)),
    "two dimensions": lambda n: np.array([["a"]] * n),
    "bytes": lambda n: b"a",
    "tuple": lambda n: ("a",) * n,
}


def check(name: str, index: str, rows: int, part: Any) -> None:
    def program(library: Any) -> Any:
        frame = library.DataFrame({"x": np.arange(rows) * 0.5, "k": np.arange(rows) % 3})
        frame.index = INDEXES[index](rows)
        frame = part(frame)
        frame["new"] = VALUES[name](rows)
        frame["x"] = VALUES[name](rows)
        return frame.assign(more=VALUES[name](rows))

    assert_same(outcome(program, lazyframe), outcome(program, pd))


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("index", ["default", "levels"])
def test_values(index: str, name: str) -> None:
    for rows in (0, 1, 6):
        check(name, index, rows, lambda df: df.copy())
        check(name, index, rows, lambda df: df * 2)
        check(name, index, rows, lambda df: df[df["k"] > 0])
        check(name, index, rows, lambda df: df[df["k"] > 9])


def test_what_follows() -> None:
    def program(library: Any) -> Any:
        frame = library.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]}) * 2
        frame["kind"] = np.where(frame["x"].to_numpy() > 4, "big", "small")
        frame["from"] = "web"
        frame["both"] = frame["kind"] + "/" + frame["from"].str.upper()
        part = frame[(frame["kind"] == "big") & (frame["from"] != "")]
        return part.merge(part.groupby(["from", "kind"])["x"].sum().reset_index(), on="kind")

    assert_same(program(lazyframe), program(pd))


@pytest.mark.parametrize("name", ["text", "array of text", "objects", "list of text"])
def test_pandas_does_not_run(name: str) -> None:
    frame = lazyframe.DataFrame({"x": [1.0, 2.0, 3.0]}) * 2
    frame["new"] = VALUES[name](3)
    assert is_lazy(frame)
    part = frame[frame["x"] > 3]
    part["more"] = "text"
    assert is_lazy(part)


def test_what_is_assigned_may_be_changed_later() -> None:
    words, numbers = np.array(["a", "b"], object), [1, 2]
    frame = lazyframe.DataFrame({"x": [1.0, 2.0]}) * 2
    frame["words"], frame["numbers"] = words, numbers
    words[0], numbers[0] = "z", 9
    assert frame["words"].tolist() == ["a", "b"]
    assert frame["numbers"].tolist() == [1, 2]


def test_columns_that_are_numbered_are_written_to_where_a_mask_says() -> None:
    def program(library: Any) -> Any:
        frame = library.DataFrame(np.arange(12.0).reshape(4, 3)) * 2
        frame.loc[frame[1] > 8, 2] = -1.0
        return frame, frame.loc[frame[0] > 6, 2]

    for ours, theirs in zip(program(lazyframe), program(pd), strict=True):
        assert is_lazy(ours)
        assert_same(ours, theirs)


@pytest.mark.parametrize("columns", [[0.0, 1.0], [True, False], [1, 1], ["a", 0]])
def test_labels_that_only_look_like_numbers(columns: list[Any]) -> None:
    def program(library: Any) -> Any:
        frame = library.DataFrame(np.arange(6.0).reshape(3, 2), columns=columns) * 2
        frame.loc[frame.iloc[:, 0] > 2, 0] = -1.0
        return frame

    assert_same(outcome(program, lazyframe), outcome(program, pd))


ARRAYS: dict[str, Any] = {
    "floats": lambda pd, n: np.arange(n) / 3,
    "narrow": lambda pd, n: np.arange(n).astype("int8"),
    "truths": lambda pd, n: np.arange(n) % 2 == 0,
    "times": lambda pd, n: np.arange(n).astype("M8[s]"),
    "days": lambda pd, n: np.arange(n).astype("M8[D]"),
    "text": lambda pd, n: np.array(["a", "é"])[np.arange(n) % 2],
    "objects": lambda pd, n: np.array(["a", None])[np.arange(n) % 2],
    "complex": lambda pd, n: np.arange(n) * 1j,
    "list": lambda pd, n: ["a", "b"] * (n // 2) + ["c"] * (n % 2),
    "computed": lambda pd, n: (pd.Series(np.arange(n) * 1.0) + 0.5).to_numpy(),
    "one more": lambda pd, n: np.arange(n + 1),
    "one less": lambda pd, n: np.arange(max(n - 1, 0)),
}
PARTS: dict[str, Any] = {
    "filtered": lambda df: df[df["k"] > 0],
    "twice": lambda df: df[df["k"] > 0][lambda d: d["x"] < 4.0],
    "sorted": lambda df: df.sort_values("k", ascending=False, kind="stable"),
    "slice of filtered": lambda df: df[df["k"] != 1].iloc[1:-1],
    "top": lambda df: df.sort_values("x", ascending=False).head(4),
    "joined": lambda df: df.merge(df[["k", "x"]], on="k"),
    "none": lambda df: df[df["k"] > 9],
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("part", PARTS)
def test_arrays_for_rows_that_are_left(part: str, name: str) -> None:
    def program(library: Any) -> Any:
        frame = PARTS[part](library.DataFrame({"x": np.arange(12) * 0.5, "k": np.arange(12) % 3}))
        frame["new"] = ARRAYS[name](library, len(frame))
        return [frame, frame[frame["x"] > 1.0], frame.sort_values("x").head(3), frame["new"].iloc[::-1]]

    theirs, ours = outcome(lambda: program(pd)), outcome(lambda: program(lazyframe))
    assert type(ours) is type(theirs)
    for found, wanted in zip(ours, theirs, strict=True) if isinstance(theirs, list) else ((ours, theirs),):
        assert_same(found, wanted)


@pytest.mark.parametrize("part", ["filtered", "twice", "sorted", "slice of filtered"])
def test_an_array_for_rows_that_are_left_computes_no_column(part: str) -> None:
    frame = lazyframe.DataFrame({"x": np.arange(12) * 0.5, "k": np.arange(12) % 3})
    left = PARTS[part](frame)
    left["new"] = np.arange(len(left))
    left["more"] = lazyframe.Series(np.arange(len(left)) * 2.0).to_numpy()
    assert is_lazy(left)
