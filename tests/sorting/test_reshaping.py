"""``concat`` of columns, ``pivot_table`` and ``crosstab``, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.programs.frames import INDEXES, Spec
from tests.record.compare import is_lazy, outcome
from tests.sorting.programs import assert_alike, ours


def with_key(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(k=np.arange(len(frame)) % 3, j=np.arange(len(frame)) % 4)


def check(frame: pd.DataFrame, program: Any, lazy: bool | None = None) -> None:
    """The same of a program that takes a library and a frame."""
    expected = outcome(program, pd, frame.copy())
    result = outcome(program, lazyframe, ours(frame))
    if lazy is not None and not isinstance(expected, Exception):
        assert is_lazy(result) is lazy
    assert_alike(result, expected)


@pytest.mark.parametrize("rows", [0, 1, 9])
@pytest.mark.parametrize("index", INDEXES)
def test_columns_side_by_side(index: str, rows: int) -> None:
    frame = with_key(Spec(("float64", "str", "int8"), rows, index, 1).make())
    check(frame, lambda pd, df: pd.concat([df, df["c0"] * 2], axis=1), True)
    check(frame, lambda pd, df: pd.concat([df[["c0"]], df[["c2", "k"]] * 2], axis="columns"), True)
    check(frame, lambda pd, df: pd.concat((df["c0"].rename("x"), df["c1"]), axis=1, join="inner"), True)
    check(frame, lambda pd, df: pd.concat([df["c0"].rename(None), df["k"].rename(None)], axis=1), True)
    check(frame, lambda pd, df: pd.concat([df["c0"].rename(None), df["k"]], axis=1, ignore_index=True), True)
    check(frame, lambda pd, df: pd.concat([df[df["k"] > 0], (df["c0"] + 1)[df["k"] > 0]], axis=1), True)
    check(frame, lambda pd, df: pd.concat([df], axis=1))
    named = {"a": lambda df: df["c0"], "b": lambda df: df[["k", "c1"]]}
    for keys in (["p", "q"], [1, "q"], [("p", 1), ("q", 2)], ["p", "p"], [None, "q"]):
        check(
            frame,
            lambda pd, df, keys=keys: pd.concat([f(df) for f in named.values()], axis=1, keys=keys),
            True,
        )
        check(frame, lambda pd, df, keys=keys: pd.concat([df["c0"], df["k"] + 1], axis=1, keys=keys), True)
    check(frame, lambda pd, df: pd.concat({k: f(df) for k, f in named.items()}, axis=1), True)
    check(frame, lambda pd, df: pd.concat({k: f(df) for k, f in named.items()}, axis=1, names=["n"]), True)
    check(frame, lambda pd, df: pd.concat({"a": df["c0"], "b": df["k"]}, axis=1)["b"] + 1, True)
    check(frame, lambda pd, df: pd.concat([df["c0"], df["k"]], axis=1, keys=["a"]))
    check(frame, lambda pd, df: pd.concat([df["c0"], df["k"]], axis=1, keys="ab"))
    check(frame, lambda pd, df: pd.concat([df["c0"], df["k"]], axis=1, keys=["a", "b"], ignore_index=True))
    check(frame, lambda pd, df: pd.concat({"a": df["c0"], "b": None}, axis=1))
    check(frame, lambda pd, df: pd.concat({}, axis=1))


def test_what_is_put_together_with_nothing() -> None:
    frame = with_key(Spec(("float64", "str"), 9, "default", 1).make())
    for options in ({}, {"ignore_index": True}):
        check(frame, lambda pd, df, o=options: pd.concat([None, df[df["k"] > 0]], **o), True)
        check(frame, lambda pd, df, o=options: pd.concat([df["c1"][df["k"] > 0], None], **o), True)
    check(frame.set_index("c1"), lambda pd, df: pd.concat([None, df]))
    check(frame.set_index("k"), lambda pd, df: pd.concat([None, df], sort=True))


def test_other_concatenations_are_pandas() -> None:
    frame = with_key(Spec(("float64", "str", "int8"), 9, "text", 1).make())
    check(frame, lambda pd, df: pd.concat([df, df]))
    check(frame, lambda pd, df: pd.concat([df["c0"], df["k"]]))
    check(frame, lambda pd, df: pd.concat([df, df.reset_index(drop=True)]))
    check(frame, lambda pd, df: pd.concat([df, df.reset_index(drop=True)], ignore_index=True, axis=0))
    check(frame, lambda pd, df: pd.concat([df["c0"], df["k"]], axis=1, keys=["a", "b"]))
    check(frame, lambda pd, df: pd.concat({"a": df["c0"], "b": df["k"]}, axis=1))
    check(frame, lambda pd, df: pd.concat([], axis=1))
    check(frame, lambda pd, df: pd.concat([df, 1], axis=1))
    check(frame, lambda pd, df: pd.concat([df["c0"], None, df["k"]], axis=1))
    check(frame, lambda pd, df: pd.concat([df["c0"], df["k"]], axis=2))
    check(frame, lambda pd, df: pd.concat([df["c0"], df["k"].rename_axis("other")], axis=1))


@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("how", ["mean", "sum", "count", "max", ["min", "first"]], ids=str)
def test_pivot_table(how: Any, rows: int) -> None:
    frame = with_key(Spec(("int32", "str", "category"), rows, "text", 1, missing=False).make())

    def pivoted(pd: Any, df: Any, **options: Any) -> Any:
        return pd.pivot_table(df, **{"values": "c0", "index": "k", "columns": "j", "aggfunc": how, **options})

    check(frame, pivoted)
    check(frame, lambda pd, df: pivoted(pd, df, index=["k", "c1"], fill_value=0))
    check(frame, lambda pd, df: pivoted(pd, df, index="c2", observed=True))
    check(frame, lambda pd, df: pivoted(pd, df[df["j"] > 0], columns=None))
    check(frame, lambda pd, df: pivoted(pd, df, values=["c0", "j"], columns="c1", sort=False))
    check(frame, lambda pd, df: df.pivot_table("c0", "missing", "k"))
    if how == "sum":
        check(frame, lambda pd, df: pivoted(pd, df, margins=True))


def test_crosstab() -> None:
    frame = with_key(Spec(("int32", "str", "category"), 40, "text", 1).make())
    check(frame, lambda pd, df: pd.crosstab(df["k"], df["j"]))
    plain = frame.reset_index(drop=True)
    for one, other in (("k", "j"), ("c1", "c2"), ("c2", "k"), ("c0", "c1"), ("k", "k")):
        for rows in (40, 3, 1, 0):
            part = plain.iloc[:rows]
            check(part, lambda pd, df, one=one, other=other: pd.crosstab(df[one], df[other]))
            check(part, lambda pd, df, one=one, other=other: pd.crosstab(df[one] == df[other], df[one]))
        for options in (
            {"margins": True},
            {"margins": True, "margins_name": "all of them"},
            {"normalize": True},
            {"normalize": "index", "margins": True},
            {"normalize": "columns"},
            {"normalize": "sideways"},
            {"dropna": False},
            {"rownames": ["x"]},
        ):
            check(plain, lambda pd, df, o=options, a=one, b=other: pd.crosstab(df[a], df[b], **o))
        for aggfunc, rows in (("mean", 40), ("sum", 1), ("sum", 0), ("nosuch", 40), (np.sum, 9)):
            check(
                plain.iloc[:rows],
                lambda pd, df, a=one, b=other, f=aggfunc: pd.crosstab(df[a], df[b], df["j"] + 1, aggfunc=f),
            )
    for options in (
        {"dropna": False, "normalize": "index", "margins": True},
        {"rownames": ("x",), "colnames": ["x"]},
        {"rownames": ["x", "y"]},
        {"colnames": "y"},
    ):
        check(plain, lambda pd, df, o=options: pd.crosstab(df["c2"], df["c1"], **o))
    for options in ({}, {"margins": True}, {"normalize": True}, {"dropna": False}, {"rownames": ["x"]}):
        check(
            plain,
            lambda pd, df, o=options: pd.crosstab(df["k"], df["j"], values=df["c0"], aggfunc="sum", **o),
        )
    check(
        plain, lambda pd, df: pd.crosstab(df["k"].rename(None), df["j"].rename(None), df["c0"], aggfunc="sum")
    )
    check(plain, lambda pd, df: pd.crosstab(df["k"], df["j"], df["c0"][df["k"] > 0], aggfunc="sum"))
    check(plain, lambda pd, df: pd.crosstab(df["k"], df["j"], aggfunc="sum"))
    check(plain, lambda pd, df: pd.crosstab(df["k"][df["j"] > 1], df["j"][df["k"] > 0]))
    check(plain, lambda pd, df: pd.crosstab(df["k"], df["j"].to_numpy()))
    check(plain, lambda pd, df: pd.crosstab(df["k"], df["j"], df["c0"]))
    for part in (plain, plain.iloc[:3], frame, frame.iloc[:0]):
        for options in ({}, {"margins": True}, {"normalize": True}, {"dropna": False}):
            check(part, lambda pd, df, o=options: pd.crosstab(df["k"], [df["j"], df["c1"]], **o))
            check(part, lambda pd, df, o=options: pd.crosstab([df["k"], df["c2"]], df["j"] > 1, **o))
            check(part, lambda pd, df, o=options: pd.crosstab([df["k"], df["c1"]], [df["j"], df["k"]], **o))
    check(plain, lambda pd, df: pd.crosstab([df["k"]], [df["j"]]))
    for text in ({"margins_name": "All"}, {"margins_name": "a"}):  # which may be a key
        check(
            plain.assign(t=np.where(plain["j"] > 1, "a", "b")),
            lambda pd, df, o=text: pd.crosstab(df["t"], df["j"], df["c0"], aggfunc="sum", margins=True, **o),
        )
    check(plain, lambda pd, df: pd.crosstab([], [df["j"]]))
    check(frame, lambda pd, df: pd.crosstab(df["k"], df["c2"], values=df["c0"], aggfunc="sum"))


def test_crosstab_of_values_with_margins(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = with_key(Spec(("int32", "str", "category"), 40, "text", 1).make()).reset_index(drop=True)
    programs: list[Any] = [
        lambda pd, df, a=aggfunc, o=options, r=rows, c=columns: pd.crosstab(
            r(df), c(df), values=df["c0"], aggfunc=a, **o
        )
        for aggfunc, options, rows, columns in (
            ("mean", {"margins": True}, lambda df: df["k"], lambda df: df["j"]),
            ("sum", {"margins": True, "normalize": True}, lambda df: df["k"], lambda df: df["j"]),
            ("sum", {"normalize": "columns"}, lambda df: [df["k"], df["c1"]], lambda df: df["j"]),
            (["max", "count"], {}, lambda df: df["k"], lambda df: [df["j"], df["c2"]]),
            ("median", {"margins": True, "margins_name": "T"}, lambda df: [df["k"]], lambda df: df["k"]),
            ("count", {"dropna": False, "margins": True}, lambda df: [df["k"], df["c2"]], lambda df: df["j"]),
            ("sum", {"rownames": ["x"], "colnames": ["y"]}, lambda df: df["c1"], lambda df: df["c2"]),
        )
    ]
    wanted = [program(pd, frame) for program in programs]
    monkeypatch.setattr(pd, "crosstab", None)
    for program, want in zip(programs, wanted, strict=True):
        assert_alike(program(lazyframe, ours(frame)), want)
