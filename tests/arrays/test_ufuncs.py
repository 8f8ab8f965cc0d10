"""Ufuncs and operators on lazy arrays against NumPy: values, dtype, shape, error."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

import lazyframe.numpy
from lazyframe.api.array import LazyArray
from lazyframe.record.elementwise import UFUNCS
from tests.arrays.compare import agree, lazily, outcome

DTYPES = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
EXACT = {"add", "subtract", "multiply", "divide", "floor_divide", "remainder", "negative", "absolute", "fabs",
         "sqrt", "floor", "ceil", "trunc", "rint", "sign", "copysign"}  # fmt: skip


def edge_values(dtype: str, seed: int = 0) -> np.ndarray:
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return np.array([True, False, True, False, False, True, True])
    if kind.kind == "f":
        edges = [0.0, -0.0, 1.0, -1.5, np.nan, np.inf, -np.inf, 2.5, 1e-30, 3.0, 0.25]
        return np.roll(np.array(edges, kind), seed)
    limits = np.iinfo(kind)
    edges = [0, 1, limits.max, limits.min, 7, 2, 3, limits.max - 1, 5, 100, 12]
    return np.roll(
        np.array([edge % 2 ** (8 * kind.itemsize) for edge in edges], np.uint64).astype(kind), seed
    )


def tolerance(name: str) -> float:
    return 0 if name in EXACT or name.startswith(("is", "bitwise", "logical", "less", "greater")) else 8


UNARY = sorted(
    {n for n in UFUNCS if hasattr(np, n) and getattr(np, n).nin == 1}
    | {
        "logical_not",
        "square",
        "reciprocal",
        "deg2rad",
        "rad2deg",
        "degrees",
        "radians",
        "positive",
        "conjugate",
        "spacing",
    }
)
BINARY = sorted(
    {n for n in UFUNCS if hasattr(np, n) and getattr(np, n).nin == 2}
    | {"logical_and", "logical_or", "logical_xor", "nextafter", "gcd"}
)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_unary(name: str, dtype: str) -> None:
    agree(getattr(np, name), edge_values(dtype), ulps=tolerance(name))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BINARY)
def test_binary(name: str, dtype: str) -> None:
    ufunc = getattr(np, name)
    for shift, other in ((1, dtype), (3, "f8"), (5, "i8"), (2, "u1")):
        left, right = edge_values(dtype), edge_values(other, shift)
        least = min(len(left), len(right))
        agree(ufunc, left[:least], right[:least], ulps=tolerance(name))


SCALARS = [
    2,
    -1,
    0,
    300,
    2.5,
    True,
    np.float32(1.5),
    np.int8(3),
    np.uint64(7),
    np.float64(np.nan),
    10**19,
    None,
    "a",
    np.array(2.0),
    [1.0] * 11,
    1j,
]
OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
    operator.and_,
    operator.lshift,
    operator.eq,
    operator.lt,
    divmod,
]


@pytest.mark.parametrize("function", OPERATORS)
@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "i8", "f4", "f8"])
def test_operators_with_scalars_on_either_side(function: Any, dtype: str) -> None:
    for scalar in SCALARS:
        ulps = 8 if function in (operator.pow, divmod) else 0
        agree(lambda x: function(x, scalar), edge_values(dtype), ulps=ulps)  # noqa: B023
        if not isinstance(scalar, np.ndarray):
            agree(lambda x: function(scalar, x), edge_values(dtype), ulps=ulps)  # noqa: B023


def test_two_results_and_methods_of_ufuncs() -> None:
    x, y = edge_values("f8"), edge_values("f8", 4)
    for program in (
        lambda a, b: np.divmod(a, b),
        lambda a, b: np.modf(a),
        lambda a, b: np.subtract.outer(a, b),
        lambda a, b: np.multiply.outer(a, b).sum(axis=0),
        lambda a, b: np.minimum.reduce(a[:4]),
        lambda a, b: np.logical_or.reduce(a > 2),
        lambda a, b: np.maximum.accumulate(a),
        lambda a, b: np.add.reduceat(a, [0, 3]),
        lambda a, b: np.add(a, b, where=a > 0, out=np.zeros(11)),
        lambda a, b: np.add(a, b, dtype=np.float32),
        lambda a, b: np.hypot(a, b, casting="same_kind"),
    ):
        agree(program, x, y, ulps=4)
    ints = np.arange(6)
    agree(lambda a: np.add.reduce(a, keepdims=True), ints)
    agree(lambda a: (np.add.at(a, [0, 0, 2], 5), a)[1], ints)
    agree(lambda a: np.add.accumulate(a, dtype="i4"), ints)


def test_out_is_the_array_that_was_given() -> None:
    def program(x: Any, out: Any) -> Any:
        result = np.multiply(x, 3.0, out=out)
        assert result is out
        return out

    agree(program, np.arange(4.0), np.zeros(4))
    agree(program, np.arange(4), np.zeros(4, "i8"))
    agree(program, np.arange(4.0), np.zeros(3))
    into = np.zeros(4)
    assert np.add(lazily(np.arange(4.0)), 1, out=into) is into
    np.testing.assert_array_equal(into, [1, 2, 3, 4])


@pytest.mark.parametrize("rows", [4, 2000])
@pytest.mark.parametrize(
    "write",
    [
        lambda np_, a: np_.subtract(a, 1, a),
        lambda np_, a: np_.sqrt(a, a),
        lambda np_, a: np_.modf(a, a, np.empty(len(a))),
        lambda np_, a: np_.divmod(a, 2.0, a, np.empty(len(a))),
        lambda np_, a: np_.clip(a, 0, 1, a),
        lambda np_, a: np_.round(a, 1, a),
        lambda np_, a: np_.around(a, 1, a),
        lambda np_, a: np_.nan_to_num(a, copy=False),
        lambda np_, a: np_.nan_to_num(a, False),
        lambda np_, a: np_.nan_to_num(a),
        lambda np_, a: np_.nan_to_num(a, True),
        lambda np_, a: np_.clip(a, 0, 1),
    ],
)
def test_plain_arrays_are_written_to_in_place(write: Any, rows: int) -> None:
    values = np.resize(np.array([2.55, np.nan, 0.25, np.inf]), rows)
    found, wanted = values.copy(), values.copy()
    with np.errstate(invalid="ignore"):
        result, expected = write(lazyframe.numpy, found), write(np, wanted)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(result, expected)
    if isinstance(expected, np.ndarray):
        assert (result is found) == (expected is wanted)


@pytest.mark.parametrize("ufunc", [np.add, np.multiply])
@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "u8", "f4", "f8", "?"])
@pytest.mark.parametrize("given", ["i1", "i4", "u2", "f4", "?"])
def test_accumulating_at_a_dtype(ufunc: np.ufunc, given: str, dtype: str) -> None:
    function = {"add": np.cumsum, "multiply": np.cumprod}[ufunc.__name__]
    agree(lambda a: function(a, dtype=dtype), np.array([1, 2, 0, 1], given))
    agree(lambda a: ufunc.accumulate(a, dtype=dtype), np.array([1, 2, 0, 1], given))


def test_errors_are_numpys_and_at_the_line() -> None:
    x, y = lazily(np.arange(3.0)), lazily(np.arange(4.0))
    with pytest.raises(
        ValueError, match=r"operands could not be broadcast together with shapes \(3,\) \(4,\)"
    ):
        x + y
    with pytest.raises(ValueError, match="Integers to negative integer powers"):
        lazily(np.arange(3)) ** -1
    with pytest.raises(TypeError, match="ufunc 'bitwise_and' not supported"):
        x & y
    with pytest.raises(OverflowError):
        lazily(np.arange(3, dtype="i1")) + 300


def test_scipy_ufuncs_are_recorded() -> None:
    special = pytest.importorskip("scipy.special")
    x = np.linspace(-3, 3, 13)
    for function in (special.erf, special.erfc):
        assert type(function(lazily(x))) is LazyArray
        agree(function, x, ulps=8)
    agree(special.gamma, x, ulps=8)


def test_a_deep_chain_does_not_recurse() -> None:
    x = lazily(np.zeros(3))
    for _ in range(50_000):
        x = x + 1.0
    assert type(x) is LazyArray
    assert float(x.sum()) == 150_000.0


def test_lists_and_plain_arrays_on_either_side() -> None:
    plain = np.array([1.0, 2.0, 3.0])
    agree(lambda x: plain * x + [4, 5, 6], plain)
    agree(lambda x: [4, 5, 6] - x, plain)
    agree(lambda x: np.float64(2) * x - np.arange(3), plain)
    assert outcome(lambda x: x == [1, 2], lazily(plain)) == outcome(lambda x: x == [1, 2], plain)


@pytest.mark.parametrize("exponent", [0.5, -1, 1, 2, -0.5, 3])
def test_float_power_takes_no_short_cuts(exponent: float) -> None:
    x = np.array([4.0, -0.0, 0.0, np.inf, -np.inf, np.nan, -2.0])
    agree(lambda a: np.float_power(a, exponent), x, ulps=2)
    agree(lambda a: np.signbit(np.asarray(np.float_power(a, exponent)))[~np.isnan(x)], x)


@pytest.mark.parametrize("ufunc", [np.logical_and, np.logical_or, np.logical_xor])
def test_logic_refuses_large_integers(ufunc: Any) -> None:
    for number in (2**63, -(2**63), 2**63 - 1, -(2**63) - 1):
        agree(lambda a, number=number: ufunc(a, number), np.array([0, 1]))
        agree(lambda a, number=number: ufunc(number, a), np.array([0.0, 1.0]))
