"""The methods that give each row of a series another value."""

from __future__ import annotations

import datetime
import operator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.record.compare import DTYPES, assert_same, edge_values, is_lazy, outcome, series

SCALARS = (
    0, 1, -5, 0.5, np.nan, True, 300, None, "a", pd.Timestamp("2000-01-01"), pd.Timedelta(1, "s"),
    np.float32(0.1), 2**40,
)  # fmt: skip

PROGRAMS: dict[str, Any] = {
    **{name: lambda s, name=name: getattr(s, name)() for name in (
        "isna", "notna", "round", "abs", "dropna", "copy", "head", "tail", "to_frame", "clip",
    )},
    **{f"round({d})": lambda s, d=d: s.round(d) for d in (1, 2, -1, 10)},
    "filter": lambda s: s[s.notna()],
    "filter and slice": lambda s: s[s.notna()][1:3],
    "filter and tail": lambda s: s[s.notna()].tail(2),
    "filter and renumber": lambda s: s[s.notna()].reset_index(drop=True),
    "slice": lambda s: s.isna()[1:5:2],
    "reversed": lambda s: s.isna().iloc[::-1],
    "map bool": lambda s: s.map({True: 1, False: 0}),
    "isin nothing": lambda s: s.isin([]),
    "where column": lambda s: s.where(s.notna(), s + s),
    "fill with column": lambda s: s.fillna(s),
    "loc": lambda s: s.loc[s.isna()],
    "drop and renumber": lambda s: s.dropna(ignore_index=True),
    "where missing": lambda s: s.where(s.notna()),
    "where half": lambda s: s.where(s > s),
    "mask by function": lambda s: s.mask(lambda t: t == t, s),
    "where to function": lambda s: s.where(s.notna(), lambda t: t + t),
    "between columns of other names": lambda s: s.between(s.rename("other"), s),
    "between columns of one other name": lambda s: s.between(s.rename("other"), s.rename("other")),
}  # fmt: skip

WITH_SCALAR: dict[str, Any] = {
    "fillna": lambda s, v: s.fillna(v),
    "where": lambda s, v: s.where(s.notna(), v),
    "where none": lambda s, v: s.where(s.isna(), v),
    "mask": lambda s, v: s.mask(s.isna(), v),
    "clip below": lambda s, v: s.clip(v),
    "clip above": lambda s, v: s.clip(upper=v),
    "clip both": lambda s, v: s.clip(v, 3),
    "between": lambda s, v: s.between(v, 3),
    "between left": lambda s, v: s.between(v, 3, inclusive="left"),
    "isin": lambda s, v: s.isin([v, 3]),
    "isin one": lambda s, v: s.isin([v]),
    "isin truths": lambda s, v: s.isin([True, v]),
    "isin text": lambda s, v: s.isin(["2000-01-01", "a"]),
    "isin halves": lambda s, v: s.isin([0.5, 3, v]),
    "isin days": lambda s, v: s.isin(pd.date_range("2000-01-01", periods=3)),
    **{f"replace by {w}": lambda s, v, w=w: s.replace(v, w) for w in (0, 1.5, np.nan, None, True, "q")},
    "replace by another": lambda s, v: s.replace(v, s.iloc[0] if len(s) else v),
    "replace the first": lambda s, v: s.replace(s.iloc[0] if len(s) else v, v),
    "replace truth": lambda s, v: s.replace(True, False),
    "replace day": lambda s, v: s.replace(pd.Timestamp("2001-01-01"), pd.Timestamp("1999-01-01")),
    "replace day by none": lambda s, v: s.replace(pd.Timestamp("2001-01-01"), pd.NaT),
    "replace finer": lambda s, v: s.replace(
        pd.Timestamp("2001-01-01"), pd.Timestamp("1999-01-01 00:00:00.5")
    ),
    "replace length": lambda s, v: s.replace(pd.Timedelta(1, "s"), np.timedelta64(7, "s")),
    **{f"replace dict {w}": lambda s, v, w=w: s.replace({v: w, 3: 9}) for w in (0, 1.5, None)},
    "replace list": lambda s, v: s.replace([v, 3], [1, np.nan]),
    "replace list by one": lambda s, v: s.replace([3, v], 0),
    "replace text": lambda s, v: s.replace({"a": v, "?": np.nan}),
    "replace pattern": lambda s, v: s.replace("^a$", v, regex=True),
    "replace patterns": lambda s, v: s.replace(["a", "b"], v, regex=True),
    "replace by regex": lambda s, v: s.replace(regex="a", value=v),
    "replace by regexes": lambda s, v: s.replace(regex={"a": v}),
    "between columns": lambda s, v: s.between(s, v),
    "isin array": lambda s, v: s.isin(np.array([3, v] if isinstance(v, (int, float)) else [v])),
    "isin many": lambda s, v: s.isin([v, *range(-40, 40)]),
    "isin many floats": lambda s, v: s.isin([v, *[k / 2 for k in range(-40, 40)]]),
    "isin range": lambda s, v: s.isin(range(3, 50)),
    "isin labels": lambda s, v: s.isin(pd.Index([3, 7])),
    "isin labels of floats": lambda s, v: s.isin(pd.Index([3.5, -0.0, np.nan])),
    **{f"map to {w}": lambda s, v, w=w: s.map({v: w, 3: w}) for w in (0, 1.5, None, True, "q")},
}

TARGETS = (
    "float64", "float32", "int8", "int64", "uint8", "uint64", "bool", "str", "datetime64[ns]", float, int,
    bool, "float16", "category", "Int64", "int32", "complex",
)  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_methods(name: str, dtype: str) -> None:
    for rows in (0, 1, None):
        ours, theirs = series(lazyframe, dtype, rows), series(pd, dtype, rows)
        assert_same(outcome(PROGRAMS[name], ours), outcome(PROGRAMS[name], theirs))


@pytest.mark.parametrize("name", WITH_SCALAR)
@pytest.mark.parametrize("dtype", DTYPES)
def test_methods_of_a_scalar(name: str, dtype: str) -> None:
    for scalar in SCALARS:
        ours, theirs = series(lazyframe, dtype), series(pd, dtype)
        assert_same(outcome(WITH_SCALAR[name], ours, scalar), outcome(WITH_SCALAR[name], theirs, scalar))


@pytest.mark.parametrize("dtype", DTYPES)
def test_astype(dtype: str) -> None:
    for target in TARGETS:

        def whole(s: Any, target: Any = target) -> Any:
            return s.astype(target)

        def in_range(s: Any, target: Any = target) -> Any:
            return s.where(s.notna() & (s < 1e9) & (s > -1)).dropna().astype(target)

        for program in (whole, in_range):
            ours, theirs = series(lazyframe, dtype), series(pd, dtype)
            assert_same(outcome(program, ours), outcome(program, theirs))


@pytest.mark.parametrize(
    "program",
    [
        lambda s: s.fillna(0), lambda s: s.clip(0, 3), lambda s: s.round(1), lambda s: s.isna(),
        lambda s: s.where(s > 0, 1.0), lambda s: s.between(0, 3), lambda s: s.isin([1, 3.5]),
        lambda s: s.replace(3.5, 0.0), lambda s: s.astype("float32"), lambda s: s[s > 0], lambda s: s.abs(),
        lambda s: (s > 0).map({True: 1.0, False: 2.0}), lambda s: s[s > 0].head(1), lambda s: s.dropna(),
        lambda s: np.exp(s), lambda s: np.maximum(s, 0), lambda s: np.hypot(s, s),
    ],
)  # fmt: skip
def test_what_is_recorded(program: Any) -> None:
    result = program(series(lazyframe, "float64"))
    assert is_lazy(result)
    with np.errstate(all="ignore"):
        assert_same(result, program(series(pd, "float64")), exact=False)


@pytest.mark.parametrize("value", [np.nan, 1.5, -0.0, 300, np.float64(0.1), 2**40, np.int16(-3)])
@pytest.mark.parametrize("dtype", ["int8", "int64", "uint16", "float32", "bool"])
def test_numbers_become_wider_where_they_have_to(dtype: str, value: Any) -> None:
    for program in (
        lambda s: s.where(s == s.max(), value),
        lambda s: s.where(s == s, value),
        lambda s: s.mask(s == s.max(), value),
        lambda s: s.mask(s != s, value),
    ):
        ours, theirs = outcome(program, series(lazyframe, dtype)), outcome(program, series(pd, dtype))
        assert is_lazy(ours) or (dtype == "bool" and value == value)
        assert_same(ours, theirs)


@pytest.mark.parametrize("other", [None, pd.NaT, pd.NA, "x", pd.Timestamp("2020"), datetime.timedelta(1)])
@pytest.mark.parametrize("dtype", ["int8", "uint64", "float32", "bool", "datetime64[ns]", "timedelta64[s]"])
def test_comparisons_with_what_is_nowhere(dtype: str, other: Any) -> None:
    for compare in (operator.eq, operator.ne, operator.lt, operator.ge):
        pair = [outcome(lambda s, f=compare: f(s, other), series(kind, dtype)) for kind in (lazyframe, pd)]
        assert compare not in (operator.eq, operator.ne) or is_lazy(pair[0])
        assert_same(*pair)


@pytest.mark.parametrize("ufunc", [np.invert, np.negative, np.absolute])
@pytest.mark.parametrize("dtype", DTYPES)
def test_ufuncs_that_are_operators(ufunc: Any, dtype: str) -> None:
    """NumPy refuses them in other words than Python does."""
    ours, theirs = series(lazyframe, dtype), series(pd, dtype)
    assert_same(outcome(ufunc, ours), outcome(ufunc, theirs))
    assert_same(outcome(ufunc, ours.to_frame()), outcome(ufunc, theirs.to_frame()))


def test_casting_what_is_not_finite_raises_at_the_line() -> None:
    with pytest.raises(pd.errors.IntCastingNaNError):
        series(lazyframe, "float64").astype(int)


@pytest.mark.parametrize("repeat", [1, 40])
@pytest.mark.parametrize("dtype", DTYPES)
def test_text_and_categories_of_each_value(dtype: str, repeat: int) -> None:
    plain = pd.Series(np.tile(edge_values(dtype), repeat) if dtype != "str" else ["a", None] * repeat)
    given = pd.CategoricalDtype(plain.dropna().unique()[::-1], ordered=True)
    for wanted in (str, "category", given):
        for part in (lambda s: s, lambda s: s[s == s], lambda s: s[s != s]):
            pair = [
                outcome(lambda s, p=part, w=wanted: p(s).astype(w), k(plain))
                for k in (lazyframe.Series, pd.Series)
            ]
            assert is_lazy(pair[0]) or dtype == "str" or not len(pair[1])
            assert_same(*pair)


def test_integers_map_to_floats_where_one_is_not_found() -> None:
    for values in ([1, 2], [1, 3]):
        for table in ({1: 10, 2: 20}, {1: 1.5, 2: 2.5}):
            result = lazyframe.Series(values).map(table)
            assert is_lazy(result)
            assert_same(result, pd.Series(values).map(table))


@pytest.mark.parametrize("dtype", ["float64", "int32", "datetime64[ns]", "str"])
def test_ufuncs(dtype: str) -> None:
    for ufunc in (np.sqrt, np.isnan, np.square, np.sign, np.floor, np.deg2rad, np.log1p, np.negative):
        assert_same(outcome(ufunc, series(lazyframe, dtype)), outcome(ufunc, series(pd, dtype)), exact=False)
    for ufunc in (np.add, np.maximum, np.fmin, np.copysign, np.arctan2, np.power, np.less):
        for other in (2, 0.5, np.float32(3), edge_values(dtype)):
            ours, theirs = series(lazyframe, dtype), series(pd, dtype)
            assert_same(outcome(ufunc, ours, other), outcome(ufunc, theirs, other), exact=False)
            assert_same(outcome(ufunc, other, ours), outcome(ufunc, other, theirs), exact=False)


@pytest.mark.skipif(not hasattr(pd, "col"), reason="pandas has no expressions")
@pytest.mark.parametrize("dtype", ["int64", "float64", "str", "datetime64[ns]"])
def test_an_expression_fills_nothing(dtype: str) -> None:
    plain = pd.Series([1, 2, 3]).astype(dtype)
    for either in (plain, lazyframe.Series(plain)):
        with pytest.raises(TypeError, match="boolean value of an expression is ambiguous"):
            either.fillna(pd.col("a"))


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool"])
def test_lengths_of_numpy_are_no_numbers(dtype: str) -> None:
    length = np.timedelta64(5, "s")
    for program in (
        lambda one: one.isin([length]),
        lambda one: one.isin([length, 5]),
        lambda one: one.replace(length, 1),
        lambda one: one.replace({length: 1, 3: 2}),
        lambda one: one.fillna(length),
        lambda one: one.to_frame().isin([length]),
    ):
        assert_same(*[outcome(program, series(library, dtype)) for library in (lazyframe, pd)])


@pytest.mark.parametrize("dtype", ["int8", "int16", "int64", "uint8", "uint64"])
def test_integers_rounded_to_tens(dtype: str) -> None:
    values = np.array([0, 4, 5, 15, 25, 35, 49, 51, 99, 100], dtype)
    for digits in (-1, -2, -3, -9, -20):
        pair = [library.Series(values) for library in (lazyframe, pd)]
        assert_same(*[outcome(lambda one: one.round(digits), one) for one in pair])  # noqa: B023
        assert_same(*[outcome(lambda one: one.to_frame("a").round(digits), one) for one in pair])  # noqa: B023
        edges = [series(library, dtype) for library in (lazyframe, pd)]
        assert_same(*[outcome(lambda one: one.round(digits), one) for one in edges])  # noqa: B023
    assert is_lazy(lazyframe.Series(values).round(-1))
    assert is_lazy(lazyframe.Series(values).to_frame("a").round(-1))


@pytest.mark.parametrize("dtype", DTYPES)
def test_columns_of_other_dtypes_in_place(dtype: str) -> None:
    for other in DTYPES:
        for rows in (0, 1, 8):

            def program(library: Any, what: str, other: str = other, rows: int = rows) -> Any:
                one, two = series(library, dtype, rows), series(library, other, rows)
                condition = library.Series(np.arange(rows) % 3 > 0)
                return getattr(one, what)(*([two] if what == "fillna" else [condition, two]))

            for what in ("fillna", "where", "mask"):
                assert_same(*[outcome(program, library, what) for library in (lazyframe, pd)])
    for one, two in (("float64", "int32"), ("float32", "int8"), ("int64", "uint8"), ("int8", "float64")):
        pair = series(lazyframe, one), series(lazyframe, two)
        assert is_lazy(pair[0].where(pair[0] > 1, pair[1]))
        assert is_lazy(pair[0].fillna(pair[1]))
