"""What is recorded from what was found before is what is recorded at first: of other data, other values."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.record.compare import DTYPES, assert_same, edge_values, is_lazy, outcome, series

NUMBERS = tuple(dtype for dtype in DTYPES if np.dtype("str" if dtype == "str" else dtype).kind in "biuf")

CALLS: dict[str, Callable[[Any], Any]] = {
    "round": lambda s: s.round(2),
    "round to even": lambda s: s.round(),
    "isin": lambda s: s.isin([0, 5, 7]),
    "isin floats": lambda s: s.isin([0.5, float("nan")]),
    "replace": lambda s: s.replace({0: 3, 5: 7}),
    "replace by floats": lambda s: s.replace(0, 0.5),
    "replace booleans": lambda s: s.replace(True, False),
    "map": lambda s: s.map({0: 1.5, 5: 2.5}),
    "map to integers": lambda s: s.map({0: 1, 5: 2}),
    "map booleans": lambda s: s.map({True: 1, False: 0}),
    "map to text": lambda s: s.map({0: "a", 5: "b"}),
    "power": lambda s: s**2,
    "root": lambda s: s**0.5,
    "reciprocal": lambda s: s**-1,
    "power of a number": lambda s: 2**s,
    "quotient": lambda s: s // s,
    "remainder": lambda s: s % s,
    "clip": lambda s: s.clip(-1, 3),
    "clip by fractions": lambda s: s.clip(-1.5, 300.5),
    "clip by a limit of integers": lambda s: s.clip(-(2**40), 2**40 + 1),
    "clip by columns": lambda s: s.clip(s, s[::-1].set_axis(s.index)),
    "between": lambda s: s.between(-1, 5),
    "quotient by a number": lambda s: s // 3,
    "quotient by a float": lambda s: s // -0.5,
    "quotient by zero": lambda s: s // 0,
    "remainder by a number": lambda s: s % -3,
    "power of a column": lambda s: s ** s[::-1].set_axis(s.index),
    "power of the column itself": lambda s: s.abs() ** s.abs().clip(0, 5),
    "frame round": lambda s: s.to_frame().round(1),
    "frames": lambda s: s.to_frame() * s.to_frame(),
    "frames compared": lambda s: s.to_frame() < s.to_frame(),
    "frames divided": lambda s: s.to_frame() // s.to_frame(),
}


@pytest.mark.parametrize("name", CALLS)
def test_again(name: str) -> None:
    call = CALLS[name]
    for dtype in DTYPES:
        for rows in (8, 3, 8, 0):
            ours = outcome(lambda: call(series(lazyframe, dtype, rows)))  # noqa: B023
            assert_same(ours, outcome(lambda: call(series(pd, dtype, rows))))  # noqa: B023


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("name", ["floordiv", "mod"])
def test_division_by_columns_with_and_without_zeros(name: str, swapped: bool) -> None:
    for dtype in NUMBERS:
        for other in ("int64", "int8", "uint8", dtype):
            for divisor in ([1, 2, 3], [1, 0, 3], [3, 2, 1]):

                def program(module: Any, other: str = other, divisor: Any = divisor) -> Any:
                    one = module.Series(edge_values(dtype)[:3])  # noqa: B023
                    two = module.Series(divisor).astype(other)
                    operator = getattr(one, f"__{'r' if swapped else ''}{name}__")
                    return operator(two)

                assert_same(outcome(program, lazyframe), outcome(program, pd))


def test_what_was_given_may_change_afterwards() -> None:
    table, values, pairs = {0: 1.0, 1: 2.0}, [0, 1], {0: 7}

    def program(module: Any) -> Any:
        s = module.Series([0, 1, 2, 1])
        results = []
        for _ in range(2):
            given = [dict(table), list(values), dict(pairs)]
            made = [s.map(given[0]), s.isin(given[1]), s.replace(given[2])]
            for one in given:
                one.clear()  # type: ignore[attr-defined]
            results += made
        return module.DataFrame({str(k): one for k, one in enumerate(results)})

    assert_same(program(lazyframe), program(pd))


def test_a_table_is_complete_for_some_columns_only() -> None:
    def program(module: Any, values: list[int]) -> Any:
        return module.Series(values).map({0: 10, 1: 20})

    for values in ([0, 1], [0, 1, 2], [1, 1], [2], []):
        assert_same(program(lazyframe, values), program(pd, values))


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
@pytest.mark.parametrize("name", ["lt", "ge", "eq", "ne"])
def test_times_compared_again(unit: str, name: str) -> None:
    given = [
        pd.Timestamp("2000-01-01"),
        pd.Timestamp("2000-01-01").as_unit("s"),
        pd.Timestamp("2000-01-01 00:00:00.5"),
        datetime.datetime(2000, 1, 1),
        np.datetime64("2000-01-01", "D"),
        np.datetime64("2000-01-01T00:00:00", "ns"),
        np.datetime64("NaT", "ns"),
        pd.NaT,
        "2000-01-01",
        "2000",
        datetime.date(2000, 1, 1),
        pd.Timestamp("2000-01-01", tz="UTC"),
        pd.Timestamp("2000-01-01 01:00", tz="Europe/Berlin"),
    ]

    def program(module: Any, moment: Any) -> Any:
        return getattr(module.Series(edge_values("datetime64[ns]").astype(f"M8[{unit}]")), name)(moment)

    for moment in given + given:
        assert_same(outcome(program, lazyframe, moment), outcome(program, pd, moment))


ONE = (1, 1.0, np.int64(1), np.float64(1.0), np.int8(1), np.float32(1.0), True, np.bool_(True))
SECOND = (
    *[pd.Timedelta(1, "s").as_unit(unit) for unit in ("s", "ms", "ns")],
    datetime.timedelta(seconds=1), np.timedelta64(1, "s"), np.timedelta64(1000, "ms"),
    pd.offsets.Second(1), pd.Timedelta("1s500ms"), pd.NaT, np.timedelta64("NaT", "ns"),
)  # fmt: skip
MIDNIGHT = (
    *[pd.Timestamp("2000-01-01").as_unit(unit) for unit in ("s", "us", "ns")],
    datetime.datetime(2000, 1, 1), np.datetime64("2000-01-01", "D"), np.datetime64("2000-01-01", "ns"),
    pd.Timestamp("2000-01-01", tz="UTC"), pd.NaT,
)  # fmt: skip


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint64", "float32", "bool", "M8[s]", "M8[ns]", "m8[ms]"])
def test_bounds_that_are_equal(dtype: str) -> None:
    """Of another type or unit they may give another dtype, or be refused."""
    numbers = np.array([0, 1, 2, 100])
    values = numbers.astype(dtype) if dtype[1] != "8" else numbers.astype("i8").view(f"{dtype[0]}8[s]")
    bounds = {"M": MIDNIGHT, "m": SECOND}.get(dtype[0], ONE)
    calls = (
        lambda s, bound: s.clip(bound, None),
        lambda s, bound: s.clip(bound, bound),
        lambda s, bound: s.between(bound, bound),
        lambda s, bound: s.clip(upper=bound).head(0),
    )
    for bound in (*bounds, *bounds[::-1]):
        for call in calls:
            ours, theirs = [library.Series(values.astype(dtype)) for library in (lazyframe, pd)]
            assert_same(outcome(call, ours, bound), outcome(call, theirs, bound))


_LENGTHS = {
    "short": [1, -7, 0, 86_400],
    "with one missing": [1, "NaT", 0, 86_400],
    "missing": ["NaT"] * 4,
    "long": [2**62, 5, -(2**62), 1],
    "short again": [5, 5, 5, 86_400],
}
_FACTORS: tuple[Any, ...] = (
    [1, 2, 3, -4], [1, 0, 3, 0], [2**40, 1, -1, 2], [0.5, -2.0, np.nan, np.inf], [1e300, 1.0, 1.0, 1e-300],
    3, -3, 0, 3.0, 0.1, -0.0, np.float64(2.0), np.int8(-3), True, *SECOND,
)  # fmt: skip


@pytest.mark.parametrize(
    "name", ["mul", "rmul", "truediv", "rtruediv", "floordiv", "rfloordiv", "mod", "rmod"]
)
def test_lengths_of_time_again(name: str) -> None:
    """Whether a result fits, and what dtype it has, follows from values: what held of others may not here."""

    def program(library: Any, values: list[Any], factor: Any, rows: int) -> Any:
        lengths = library.Series(np.array(values, "m8[us]")[:rows])
        other = library.Series(factor[:rows]) if isinstance(factor, list) else factor
        return getattr(lengths, f"__{name}__")(other)

    for factor in _FACTORS:
        for form, rows in [*[(form, 4) for form in _LENGTHS], ("short", 0), ("with one missing", 1)]:
            arguments = (_LENGTHS[form], factor, rows)
            assert_same(outcome(program, lazyframe, *arguments), outcome(program, pd, *arguments))


def test_rows_have_a_least_value_in_some_frames_only() -> None:
    def program(library: Any, rows: list[list[float]], name: str, skipna: bool) -> Any:
        return getattr(library.DataFrame(rows, columns=["a", "b"]), name)(axis=1, skipna=skipna)

    nan = np.nan
    for name in ("idxmin", "idxmax"):
        for skipna in (True, False):
            for rows in (
                [[1.0, 2.0], [2.0, 1.0]],
                [[1.0, nan], [nan, 1.0]],
                [[nan, nan], [1.0, 2.0]],
                [[1.0, 2.0]],
            ):
                arguments = (rows, name, skipna)
                assert_same(outcome(program, lazyframe, *arguments), outcome(program, pd, *arguments))


def test_now_is_another_time_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    times = lazyframe.Series(pd.date_range("2000-01-01", periods=3))
    moments = iter([pd.Timestamp("2000-01-02"), pd.Timestamp("2000-01-02"), pd.Timestamp("1999-01-01")])
    monkeypatch.setattr("lazyframe.record.datetimes._scalar", lambda value, dtype: next(moments))
    assert (times > "now").tolist() == [False, False, True]
    monkeypatch.setattr("lazyframe.record.datetimes._scalar", lambda value, dtype: pd.Timestamp("1999-01-01"))
    assert (times > "now").tolist() == [True, True, True]


EXPRESSIONS = (
    "x + k * 2",
    "x > @limit and k < 5",
    "(x + @limit) / k > 1 - @limit * x",
    "not b or @limit <= x",
)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_again(expression: str) -> None:
    def program(module: Any, k: Any, limit: Any) -> Any:
        data = {"x": [1.5, np.nan, -0.0, 3.0], "k": k, "b": [True, False, True, False]}
        return module.DataFrame(data, index=[4, 4, 1, 0]).eval(expression)

    for limit in (1, 2, 0.5, -0.0, 0, np.nan, True, 1):
        for k in ([1, -2, 3, 2**62], [0.5, 1.0, -0.0, np.inf], [True, False, True, True], list("abcd")):
            ours, theirs = outcome(program, lazyframe, k, limit), outcome(program, pd, k, limit)
            assert_same(ours, theirs)


def test_an_expression_knows_the_line_of_each_time() -> None:
    frame = lazyframe.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]})
    first = frame.eval("x * y + 1")
    second = frame.eval("x * y + 1").explain()
    assert is_lazy(first)
    here = test_an_expression_knows_the_line_of_each_time.__code__.co_firstlineno
    assert f"test_remembered.py:{here + 3}" in str(second) or f"line {here + 3}" in str(second)


def test_filtered_rows_of_one_column() -> None:
    def program(module: Any) -> Any:
        frame = module.DataFrame({"x": [1.0, 2.0, 3.0], 7: [4, 5, 6]}, index=[1, 1, 0])
        mask = frame["x"] > 1.0
        parts = [frame.loc[mask, "x"], frame.loc[mask, ["x", 7]], frame.loc[mask, [7]], frame.loc[mask]]
        return [frame.loc[mask, "x"].name, *[part.to_numpy().tolist() for part in parts], parts[0].index[0]]

    assert program(lazyframe) == program(pd)


def test_labels_that_frames_share() -> None:
    frame = lazyframe.DataFrame({"a": [1, 2], "b": [3.0, 4.0], "c": [5, 6]})
    made = [frame[["a", "b"]] for _ in range(3)] + [frame.drop(columns=["c"]) for _ in range(2)]
    for k, one in enumerate(made):
        one[f"new {k}"] = one["a"] * k
        one["last"] = 0.5
    for k, one in enumerate(made):
        assert list(one.columns) == ["a", "b", f"new {k}", "last"]
        assert one[f"new {k}"].tolist() == [k, 2 * k]
    made[0].columns.name = "renamed"
    assert frame[["a", "b"]].columns.name is None
