"""pandas' operators, for every pair of dtypes and every kind of scalar."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.record.compare import DTYPES, assert_same, edge_values, is_lazy, outcome, series

OPERATORS = {
    name: getattr(operator, name)
    for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "eq", "ne", "lt", "le", "gt", "ge",
        "and_", "or_", "xor",
    )
}  # fmt: skip

SCALARS = (
    0, 1, 2, -1, 300, 0.5, 0.0, -0.0, 2.0, -1.0, np.nan, np.inf, True, False, np.int8(3), np.float32(0.1),
    np.uint64(7), np.int64(-2), np.bool_(True), pd.Timestamp("2000-01-01"), "2000-01-01",
    pd.Timedelta(1, "s"), None, "x", 2**63, 2**70, np.datetime64("2000-01-01"), np.datetime64("NaT", "ns"),
    1j,
)  # fmt: skip

RECORDED = {
    ("add", "int8", "float32"), ("sub", "float64", "int64"), ("truediv", "int32", "int64"),
    ("floordiv", "int64", "int8"), ("mod", "float32", "uint8"), ("pow", "float64", "int8"),
    ("eq", "bool", "int16"), ("lt", "datetime64[ns]", "datetime64[ns]"), ("and_", "bool", "bool"),
    ("xor", "uint8", "int16"),
    *[(name, "uint64", "int8") for name in ("eq", "ne", "lt", "le", "gt", "ge")],
    *[(name, "int64", "uint64") for name in ("eq", "ne", "lt", "le", "gt", "ge")],
    ("and_", "bool", "int8"), ("or_", "uint64", "bool"), ("xor", "bool", "float32"),
}  # fmt: skip


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("left", DTYPES)
def test_columns(name: str, left: str) -> None:
    for right in DTYPES:
        if name == "mul" and {left, right} in ({"int32", "str"}, {"uint32", "str"}):
            continue  # a string of as many letters as a 32-bit integer can say
        for rows in (0, 1, None):
            pair = [series(library, dtype, rows) for library in (lazyframe, pd) for dtype in (left, right)]
            result = outcome(OPERATORS[name], *pair[:2])
            if (name, left, right) in RECORDED:
                assert is_lazy(result)
            assert_same(result, outcome(OPERATORS[name], *pair[2:]), exact=name != "pow")


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_scalars_on_either_side(name: str, dtype: str) -> None:
    function = OPERATORS[name]
    ours, theirs = series(lazyframe, dtype), series(pd, dtype)
    for scalar in SCALARS:
        exact = name != "pow"  # an elementary function: within 4 units in the last place
        assert_same(outcome(function, ours, scalar), outcome(function, theirs, scalar), exact)
        assert_same(outcome(function, scalar, ours), outcome(function, scalar, theirs), exact)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "uint64", "int64"])
@pytest.mark.parametrize("name", ["add", "mul", "truediv", "lt", "ne"])
def test_scalars_are_recorded(name: str, dtype: str) -> None:
    assert is_lazy(OPERATORS[name](series(lazyframe, dtype), 3))
    assert is_lazy(OPERATORS[name](3, series(lazyframe, dtype)))


@pytest.mark.parametrize("scalar", [2**64, -1, np.int64(-2), np.int8(7), 2**63])
def test_unsigned_integers_are_compared_with_any_integer(scalar: Any) -> None:
    values = np.array([0, 1, 7, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 2, 2**64 - 1], np.uint64)
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        function = OPERATORS[name]
        ours, theirs = lazyframe.Series(values), pd.Series(values)
        assert is_lazy(function(ours, scalar))
        assert is_lazy(function(scalar, ours))
        assert_same(function(ours, scalar), function(theirs, scalar))
        assert_same(function(scalar, ours), function(scalar, theirs))
        signed = values.view(np.int64)
        pair = [(library.Series(signed), library.Series(values)) for library in (lazyframe, pd)]
        assert_same(function(*pair[0]), function(*pair[1]))
        assert_same(function(*pair[0][::-1]), function(*pair[1][::-1]))
        assert_same(outcome(function, pair[0][0], scalar), outcome(function, pair[1][0], scalar))


@pytest.mark.parametrize("name", ["and_", "or_", "xor"])
def test_logic_of_booleans_and_numbers(name: str) -> None:
    function = OPERATORS[name]

    def of_frames(library: Any, other: Any) -> Any:
        one = library.DataFrame({column: edge_values(column) for column in ("bool", "int8", "uint64")})
        two = library.DataFrame(dict(zip(one.columns, map(edge_values, other), strict=True)))
        return function(one, two)

    for other in (("int16", "bool", "bool"), ("float64", "bool", "uint8"), ("float32", "float64", "bool")):
        assert_same(outcome(of_frames, lazyframe, other), outcome(of_frames, pd, other))
    for scalar in (2, True, np.int8(3), np.bool_(False), 0, -1, 1.5, 2**63, None, np.float64(1.0)):
        for dtype in ("bool", "int8", "uint64"):
            ours, theirs = series(lazyframe, dtype), series(pd, dtype)
            assert_same(outcome(function, ours, scalar), outcome(function, theirs, scalar))
            assert_same(
                outcome(function, ours.to_frame(), scalar), outcome(function, theirs.to_frame(), scalar)
            )
    for left, scalar in (("bool", 2), ("int8", True), ("bool", np.int8(3)), ("uint64", np.bool_(True))):
        assert is_lazy(function(series(lazyframe, left), scalar))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "function", [operator.neg, operator.pos, operator.inv, abs], ids=["neg", "pos", "inv", "abs"]
)
def test_unary(dtype: str, function: Any) -> None:
    assert_same(outcome(function, series(lazyframe, dtype)), outcome(function, series(pd, dtype)))


@pytest.mark.parametrize("name", ["add", "rsub", "mul", "div", "floordiv", "mod", "pow", "eq", "ge"])
@pytest.mark.parametrize("dtype", ["float64", "int8", "bool", "uint32"])
def test_methods(name: str, dtype: str) -> None:
    def by_scalar(s: Any) -> Any:
        return getattr(s, name)(2)

    def by_series(s: Any) -> Any:
        return getattr(s, name)(s)

    def filled(s: Any) -> Any:
        return getattr(s, name)(s, fill_value=1)

    for program in (by_scalar, by_series, filled):
        ours, theirs = series(lazyframe, dtype), series(pd, dtype)
        assert_same(outcome(program, ours), outcome(program, theirs), exact=name != "pow")


METHODS = (
    "rsub", "rtruediv", "rdiv", "rfloordiv", "rmod", "rpow", "radd", "rmul", "sub", "div", "mod", "pow", "le",
    "__rsub__", "__rtruediv__", "__rfloordiv__", "__rmod__", "__rpow__", "__rxor__", "__sub__", "__ge__",
)  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_two_objects(name: str) -> None:
    """The right one, and what is computed of it, may be the first operand."""
    kinds = ["int64"] if name == "__rxor__" else ["float64", "int64", "uint8"]
    for dtype in kinds:

        def of_series(library: Any, dtype: str = dtype) -> Any:
            frame = library.DataFrame({"a": series(pd, dtype), "b": series(pd, dtype)[::-1].to_numpy()})
            return getattr(frame["a"], name)(frame["b"] + frame["b"])

        def of_frames(library: Any, dtype: str = dtype) -> Any:
            frame = library.DataFrame({"a": series(pd, dtype), "b": series(pd, dtype)[::-1].to_numpy()})
            return getattr(frame, name)(frame + frame)

        for program in (of_series, of_frames):
            ours, theirs = outcome(program, lazyframe), outcome(program, pd)
            assert_same(ours, theirs, exact="pow" not in name)


@pytest.mark.parametrize(
    ("left", "right"), [("a", "a"), ("a", "b"), ("a", None), (np.nan, np.nan), (1, 1.0), ((1, 2), (1, 2))]
)
def test_name_of_a_result(left: Any, right: Any) -> None:
    def program(library: Any) -> Any:
        return library.Series([1, 2], name=left) + library.Series([1, 2], name=right)

    assert_same(program(lazyframe), program(pd))


def test_what_has_other_labels_is_aligned_by_pandas() -> None:
    def program(library: Any) -> Any:
        return library.Series([1, 2], index=[0, 1]) + library.Series([1, 2], index=[1, 2])

    assert_same(program(lazyframe), program(pd))


def test_equal_labels_are_not_aligned() -> None:
    result = lazyframe.Series([1, 2], index=[3, 3]) + lazyframe.Series([5, 6], index=[3, 3])
    assert is_lazy(result)
    assert result.tolist() == [6, 8]


def test_an_empty_filter_divided_by_zero_stays_integer() -> None:
    def program(library: Any) -> Any:
        s = library.Series([1, 2])
        return s[s > 5] // 0

    assert_same(program(lazyframe), program(pd))


@pytest.mark.parametrize("name", ["and_", "or_", "xor"])
def test_logic_of_frames_and_numbers_of_numpy(name: str) -> None:
    for dtype in ("int8", "uint8", "uint16", "int64", "uint64", "bool"):
        for scalar in (np.int8(3), np.uint8(3), np.int64(-1), np.uint64(7), np.bool_(True), 300):

            def program(library: Any, dtype: str = dtype, scalar: Any = scalar) -> Any:
                column = series(library, dtype)
                return OPERATORS[name](library.DataFrame({"a": column, "b": column}), scalar)

            assert_same(outcome(program, lazyframe), outcome(program, pd))


def test_signs() -> None:
    for dtype in DTYPES:
        for function in (operator.neg, operator.pos):
            pair = [series(library, dtype) for library in (lazyframe, pd)]
            assert_same(*[outcome(function, one) for one in pair])
            assert_same(*[outcome(function, one.to_frame()) for one in pair])
    made = lazyframe.DataFrame({"a": [True, False], "b": [1.5, np.nan]})
    for found in (-made, +made, -made["a"]):
        assert is_lazy(found)
