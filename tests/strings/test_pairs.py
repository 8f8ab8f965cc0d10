"""Two columns of strings, end to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.record import dictionaries
from tests.record.compare import assert_same, is_lazy, outcome
from tests.strings.columns import HELD, WORDS, as_held, columns

METHODS: dict[str, Callable[[Any], Any]] = {
    "add": lambda df: df["a"] + df["b"],
    "add more": lambda df: df["a"].str.upper() + " " + df["b"].fillna("-"),
    "cat": lambda df: df["a"].str.cat(df["b"]),
    "cat with": lambda df: df["a"].str.cat(df["b"], sep="-"),
    "cat missing": lambda df: df["a"].str.cat(df["b"], sep="", na_rep="?"),
    "cat upper": lambda df: df["a"].str.cat(df["a"].str.upper(), ", "),
    "cat aligned": lambda df: df["a"].str.cat(df["b"][::-1]),
    "cat several": lambda df: df["a"].str.cat([df["b"], df["a"]]),
    "cat with all": lambda df: df["a"].str.cat([df["b"], df["a"], df["b"]], sep=", ", na_rep="?"),
    "cat frame": lambda df: df["a"].str.cat(df[["b", "a"]], sep="-"),
    "cat outer": lambda df: df["a"].str.cat((df["b"], df["b"]), join="outer"),
    "cat sideways": lambda df: df["a"].str.cat(df["b"], join="sideways"),
    "cat nothing": lambda df: df["a"].str.cat([]),
    "cat numbers": lambda df: df["a"].str.cat([df["b"], df["n"]]),
    "cat arrays": lambda df: df["a"].str.cat([df["b"], df["a"].to_numpy()]),
    "cat objects": lambda df: df["a"].str.cat(df["b"].astype(object)),
    "cat all": lambda df: df["a"].str.cat(sep="+"),
    "subtract": lambda df: df["a"] - df["b"],
}
PARTS: dict[str, Callable[[Any], Any]] = {
    "all": lambda df: df,
    "some": lambda df: df[df["n"] % 2 > 0],
    "none": lambda df: df[df["n"] < 0],
    "sliced": lambda df: df[df["n"] > 1][1:3],
    "joined": lambda df: df[["n", "a"]].merge(df[["n", "b"]][df["n"] > 2], on="n"),
    "sorted": lambda df: df.sort_values("n", ascending=False),
}


def check(data: pandas.DataFrame, name: str, part: str) -> None:
    def program(df: Any) -> Any:
        return METHODS[name](PARTS[part](df))

    assert_same(outcome(program, lazyframe.DataFrame(data)), outcome(program, data))


@given(
    columns(min_size=6, max_size=6),
    st.data(),
    st.sampled_from(list(METHODS)),
    st.sampled_from(list(PARTS)),
    st.booleans(),
)
def test_columns(array: Any, data: Any, name: str, part: str, distinct: bool) -> None:
    values = data.draw(st.lists(WORDS | st.none(), min_size=6, max_size=6))
    frame = pandas.DataFrame({"a": array, "b": as_held(values, data.draw(HELD)), "n": range(6)})
    with pytest.MonkeyPatch.context() as patched:
        if distinct:
            patched.setattr(dictionaries, "_is_short", lambda entries, rows: False)
        check(frame, name, part)


@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize(
    "name", ["add", "add more", "cat", "cat missing", "cat upper", "cat several", "cat frame", "cat outer"]
)
def test_pandas_does_not_run(name: str, distinct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if distinct:
        monkeypatch.setattr(dictionaries, "_is_short", lambda entries, rows: False)
    data = lazyframe.DataFrame({"a": ["x", "y", None, "z"], "b": ["p", None, "q", "r"], "n": np.arange(4)})
    part = data[data["n"] != 1]
    found = METHODS[name](part)
    assert is_lazy(found)
    assert is_lazy(part)
    check(data.to_pandas(), name, "some")
