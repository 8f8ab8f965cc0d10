"""Reductions of series and frames: value, type, exception."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.record.compare import DTYPES, INDEXES, assert_same, frame, is_lazy, outcome, series

NAMES = ("sum", "prod", "mean", "min", "max", "count", "any", "all", "var", "std", "sem", "nunique")
POSITIONS = ("idxmin", "idxmax", "argmin", "argmax")
FRAMES = (
    ("float64", "float32"), ("float32", "float32"), ("int8", "int64"), ("uint8", "uint64"), ("bool", "bool"),
    ("float64", "int32"), ("bool", "int64"), ("float64", "str"), ("datetime64[ns]", "float64"),
    ("uint8", "float32"), ("float64",) * 3, ("int64", "uint64"),
)  # fmt: skip


def both(program: Any, ours: Any, theirs: Any) -> None:
    assert_same(outcome(program, ours), outcome(program, theirs), exact=False)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_of_a_series(name: str, dtype: str) -> None:
    for rows in (0, 1, 2, 3, None):
        ours, theirs = series(lazyframe, dtype, rows), series(pd, dtype, rows)
        both(lambda s: getattr(s, name)(), ours, theirs)
        both(lambda s: getattr(s[s.isna()], name)(), ours, theirs)
        both(lambda s: s.agg(name), ours, theirs)
        both(lambda s: s.agg([name, "count"]), ours, theirs)
        for options in ({"skipna": False}, {"min_count": 2}, {"ddof": 0}, {"axis": 0}, {"axis": 1}):
            both(lambda s, options=options: getattr(s, name)(**options), ours, theirs)
        if name not in ("count", "sem", "nunique"):
            both(lambda s: getattr(np, name)(s), ours, theirs)


@pytest.mark.parametrize("name", POSITIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_of_positions(name: str, dtype: str) -> None:
    for rows in (0, 1, 2, 3, None):
        ours, theirs = series(lazyframe, dtype, rows), series(pd, dtype, rows)
        both(lambda s: getattr(s, name)(), ours, theirs)
        both(lambda s: getattr(s, name)(skipna=False), ours, theirs)
        both(lambda s: getattr(s[s.notna()], name)(), ours, theirs)
        both(lambda s: getattr(s[s == s.max()], name)(), ours, theirs)


@pytest.mark.parametrize("index", INDEXES)
def test_labels_of_extremes_of_filtered_rows(index: str) -> None:
    ours, theirs = (frame(library, ("int8", "float64"), index) for library in (lazyframe, pd))
    before = len(lazyframe.fallbacks())
    for program in (
        lambda d: d[d.c0 > 0].c1.idxmin(),
        lambda d: d.c0[d.c1 > 0].idxmax(),
        lambda d: d[d.c0 > 0].idxmax(),
    ):
        both(program, ours, theirs)
    assert lazyframe.fallbacks()[before:] == []


@pytest.mark.parametrize("name", ["sum", "prod"])
def test_sums_of_integers_want_so_many_rows(name: str) -> None:
    ours, theirs = (frame(library, ("int8", "bool")) for library in (lazyframe, pd))
    for program in (
        lambda d: getattr(d.c0, name)(min_count=8),
        lambda d: getattr(d.c0, name)(min_count=9),
        lambda d: getattr(d[d.c0 > 0], name)(min_count=3),
        lambda d: getattr(d[d.c0 > 0].c1, name)(min_count=5),
        lambda d: getattr(d, name)(min_count=9),
    ):
        both(program, ours, theirs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtypes", FRAMES, ids="-".join)
@pytest.mark.parametrize("axis", [0, 1])
def test_of_a_frame(name: str, dtypes: tuple[str, ...], axis: int) -> None:
    for rows in (0, 1, 2, None):
        ours, theirs = frame(lazyframe, dtypes, rows=rows), frame(pd, dtypes, rows=rows)
        both(lambda d: getattr(d, name)(axis=axis), ours, theirs)
        both(lambda d: getattr(d[d.c1.isna()], name)(axis=axis), ours, theirs)
        for options in ({"skipna": False}, {"numeric_only": True}, {"ddof": 0}, {"min_count": 1}):
            both(lambda d, options=options: getattr(d, name)(axis=axis, **options), ours, theirs)


@pytest.mark.parametrize("dtypes", FRAMES, ids="-".join)
def test_agg_of_a_frame(dtypes: tuple[str, ...]) -> None:
    for rows in (0, 1, 2, None):
        ours, theirs = frame(lazyframe, dtypes, rows=rows), frame(pd, dtypes, rows=rows)
        for function in (
            "sum", ["sum", "mean"], {"c0": "sum", "c1": "max"}, {"c0": ["sum"], "c1": ["min", "max"]},
            ["nope"],
        ):  # fmt: skip
            both(lambda d, function=function: d.agg(function), ours, theirs)
        both(lambda d: d.idxmax(), ours, theirs)
        both(lambda d: np.sum(d, axis=0), ours, theirs)


def test_a_frame_is_reduced_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    from lazyframe.run import execute

    passes = []
    compute = execute.compute
    monkeypatch.setattr(execute, "compute", lambda values, **_: passes.append(len(values)) or compute(values))
    data = frame(lazyframe, ("float64", "float64"))
    data = data[data.c0 > 0]
    data.mean()
    assert len(passes) == 1
    data.agg({"c0": ["sum", "std"], "c1": ["min", "max"]})
    assert len(passes) == 2


def test_across_columns_is_lazy() -> None:
    assert is_lazy(frame(lazyframe, ("float64", "float32")).sum(axis=1))


@pytest.mark.parametrize("name", ["sum", "max", "mean"])
def test_numbers_that_kernels_do_not_read_are_numbers(name: str) -> None:
    columns = {"a": np.arange(3, dtype=">i8"), "b": [1.0, 2.0, 3.0], "c": list("xyz")}
    pair = [library.DataFrame(columns) for library in (lazyframe, pd)]
    for axis in (0, 1):
        assert_same(*[getattr(one, name)(axis=axis, numeric_only=True) for one in pair])
