"""Every intrinsic against NumPy, over edge values and random ones, at every float and integer width."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lazyframe.codegen.elementary import BINARY, UNARY
from lazyframe.codegen.kernel import CompileError, KernelSource

NUMPY_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "pow": "power",
    "atan2": "arctan2",
}
FLOATS = ("float64", "float32")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
WIDE = np.finfo(np.longdouble).nmant >= 63


def edges(dtype: str) -> np.ndarray:
    facts = np.finfo(dtype)
    positive = [
        0.0, 0.5, 1.0, 2.0, 3.0, 10.0, 0.1, 1e-5, 27.0, 88.7, 88.8, 709.7, 709.8, 745.2, 1074.0, 1e10,
        1e15, 1e22, np.pi, np.pi / 2, np.inf, np.nan, facts.max, facts.tiny, facts.smallest_subnormal,
        facts.tiny / 3, 1 - facts.epsneg, 1 + facts.eps,
    ]  # fmt: skip
    column = np.array(positive, dtype=dtype)
    return np.concatenate([column, -column])


def numbers(dtype: str, count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    unsigned = f"uint{np.dtype(dtype).itemsize * 8}"
    anything = random.integers(0, np.iinfo(unsigned).max, count, dtype=unsigned).view(dtype)
    parts = [
        anything,
        *(random.uniform(-s, s, count) for s in (1.0, 10.0, 800.0)),
        random.uniform(0.5, 2, count),
    ]
    return np.concatenate([part.astype(dtype) for part in parts])


def truth(name: str, *arguments: np.ndarray) -> np.ndarray:
    if name in ("erf", "erfc"):
        # NumPy has neither, and SciPy's own stop at the subnormals.
        scalar = getattr(math, name)
        return np.array([scalar(x) for x in arguments[0].tolist()], dtype=np.longdouble)
    function = getattr(np, NUMPY_NAMES.get(name, name))
    return np.asarray(function(*(a.astype(np.longdouble) for a in arguments)))


def assert_close(name: str, result: np.ndarray, exact: np.ndarray, limit_ulp: float) -> None:
    expected = exact.astype(result.dtype)
    zero, unlike = expected == 0, ~np.isfinite(expected) | ~np.isfinite(result)
    # What overflows on rounding may as well be the largest number.
    nearly = np.isinf(expected) & np.isfinite(exact) & (np.abs(result) >= np.finfo(result.dtype).max)
    same = (expected == result) | (np.isnan(expected) & np.isnan(result)) | nearly
    assert np.all(same[unlike]), (name, expected[unlike & ~same][:5], result[unlike & ~same][:5])
    signs = np.signbit(expected) == np.signbit(result)
    assert np.all(signs[zero & (result == 0)]), name
    rest = ~unlike
    ulp = np.spacing(np.abs(expected[rest])).astype(np.longdouble)
    error = np.abs(result[rest].astype(np.longdouble) - exact[rest]) / ulp
    assert error.max(initial=0) <= limit_ulp, (name, float(error.max()))


@pytest.mark.parametrize("dtype", FLOATS)
def test_elementary_functions_are_within_four_ulp(apply, dtype):
    x = np.concatenate([edges(dtype), numbers(dtype, 4000, 1)])
    results = apply([f"math_{name}(x0)" for name in UNARY], x)
    with np.errstate(all="ignore"):
        for name, result in zip(UNARY, results, strict=True):
            # What we compare with is itself a float64 then, good to an ulp.
            slack = 0.0 if dtype == "float32" or (WIDE and not name.startswith("erf")) else 1.0
            assert_close(name, result, truth(name, x), 4.0 + slack)


@pytest.mark.parametrize("dtype", FLOATS)
def test_elementary_functions_of_two_arguments_are_within_four_ulp(apply, dtype):
    a, b = (mesh.ravel() for mesh in np.meshgrid(edges(dtype), edges(dtype)))
    x = np.concatenate([a, numbers(dtype, 3000, 2), np.abs(numbers(dtype, 3000, 3))])
    y = np.concatenate([b, numbers(dtype, 3000, 4)[::-1], numbers(dtype, 3000, 5)[::-1]])
    with np.errstate(all="ignore"):
        y[-3000:] /= 100
    results = apply([f"math_{name}(x0, x1)" for name in BINARY], x, y)
    with np.errstate(all="ignore"):
        for name, result in zip(BINARY, results, strict=True):
            assert_close(name, result, truth(name, x, y), 4.0 if WIDE else 5.0)


@pytest.mark.parametrize("dtype", FLOATS)
def test_equal_arguments_give_equal_bits_wherever_they_stand(apply, dtype):
    for size in (1, 2, 3, 7, 8, 9, 17, 31, 65):
        results = apply(
            [f"math_{name}(x0)" for name in ("exp", "log", "sin", "erf", "acosh")], np.full(size, 1.7, dtype)
        )
        for result in results:
            assert len(np.unique(result)) == 1


def test_mixed_widths_and_branches_give_the_same_bits_as_plain_loops(apply):
    x = numbers("float64", 999, 6)
    with np.errstate(all="ignore"):
        narrow = x.astype("float32")
    plain = apply(["math_exp(x0)"], x)[0]
    plain_narrow = apply(["math_exp(x0)"], narrow)[0]
    types = ["float64", "float32"]
    mixed = apply(["math_exp(x0)", "math_exp(x1)"], x, narrow, dtypes=types)
    branching = apply(["math_exp(x0) if x0 > 0.5 else 0.0", "math_exp(x1)"], x, narrow, dtypes=types)
    np.testing.assert_array_equal(mixed[0], plain)
    np.testing.assert_array_equal(mixed[1], plain_narrow)
    np.testing.assert_array_equal(branching[0], np.where(x > 0.5, plain, 0.0))
    np.testing.assert_array_equal(branching[1], plain_narrow)


def same_bits(result: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(result, expected)
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(result[number]), np.signbit(expected[number]))


@pytest.mark.parametrize("dtype", FLOATS)
def test_exact_float_operations_are_numpys_bit_for_bit(apply, dtype):
    a, b = (mesh.ravel() for mesh in np.meshgrid(edges(dtype), edges(dtype)))
    x, y = np.concatenate([a, numbers(dtype, 2000, 7)]), np.concatenate([b, numbers(dtype, 2000, 8)])
    with np.errstate(all="ignore"):
        expected = {
            "square_root(x0)": np.sqrt(x),
            "absolute(x0)": np.abs(x),
            "floor(x0)": np.floor(x),
            "ceil(x0)": np.ceil(x),
            "trunc(x0)": np.trunc(x),
            "rint(x0)": np.rint(x),
            "copysign(x0, x1)": np.copysign(x, y),
            "select(x0 > x1, x0, x1)": np.where(x > y, x, y),
            "select(x0 != x0, x1, x0)": np.where(np.isnan(x), y, x),
            "add_reassociated(x0, x1)": x + y,
            "multiply_reassociated(x0, x1)": x * y,
            "remainder_truncated(x0, x1)": np.fmod(x, y),
            # Neither reassociated nor contracted to a fused multiply-add.
            "x0 * x1 + x0": x * y + x,
            "(x0 + x1) - x1": (x + y) - y,
        }
        # NumPy leaves open which zero wins; IEEE 754-2019 orders them.
        equal_zeros = (x == 0) & (y == 0)
        low = np.where(equal_zeros & (np.signbit(x) | np.signbit(y)), np.array(-0.0, dtype), np.minimum(x, y))
        high = np.where(
            equal_zeros & ~(np.signbit(x) & np.signbit(y)), np.array(0.0, dtype), np.maximum(x, y)
        )
    expected |= {"minimum(x0, x1)": low, "maximum(x0, x1)": high}
    for text, result in zip(expected, apply(list(expected), x, y), strict=True):
        try:
            same_bits(result, expected[text])
        except AssertionError as error:
            raise AssertionError(text) from error


@pytest.mark.parametrize(("dtype", "other"), [("float64", "int64"), ("float32", "uint32"), ("int8", "uint8")])
def test_bits_keep_when_read_as_another_type(apply, dtype, other):
    x = numbers(dtype, 1000, 3)[:1000]
    (result,) = apply([f"bits_as(bits_as(x0, {other}(0)), {dtype}(0))"], x)
    np.testing.assert_array_equal(result.view(f"u{x.itemsize}"), x.view(f"u{x.itemsize}"))


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integer_operations_keep_their_own_width(apply, dtype):
    facts = np.iinfo(dtype)
    edge = np.array([facts.min, facts.max, 0, 1, 2, 3, 100, facts.max - 1, facts.min + 1], dtype=dtype)
    random = np.random.default_rng(9).integers(facts.min, facts.max, 500, dtype=dtype, endpoint=True)
    x, y = (mesh.ravel() for mesh in np.meshgrid(edge, edge))
    x, y = np.concatenate([x, random]), np.concatenate([y, random[::-1]])
    divisor = np.where((y == 0) | (y == -1 if facts.min < 0 else y == 0), np.array(3, dtype), y)
    with np.errstate(all="ignore"):
        expected = {
            "wrap_add(x0, x1)": x + y,
            "wrap_subtract(x0, x1)": x - y,
            "wrap_multiply(x0, x1)": x * y,
            "add_reassociated(x0, x1)": x + y,
            "multiply_reassociated(x0, x1)": x * y,
            "minimum(x0, x1)": np.minimum(x, y),
            "maximum(x0, x1)": np.maximum(x, y),
            "absolute(x0)": np.abs(x),
            "select(x0 < x1, x0, x1)": np.where(x < y, x, y),
            "remainder_truncated(x0, x2)": np.fmod(x, divisor),
            "divide_truncated(x0, x2)": (x - np.fmod(x, divisor)) // divisor,
        }
    for text, result in zip(expected, apply(list(expected), x, y, divisor), strict=True):
        assert np.array_equal(result, expected[text]), text


def test_bool_columns_and_casts(apply):
    flags = np.array([True, False, True, True] * 9)
    x = numbers("float64", 8, 10)[: len(flags)]
    negated, chosen, counted = apply(
        ["not x0", "select(x0, x1, 0.0)", "wrap_add(int8(x0), int8(1))"],
        flags,
        x,
        dtypes=["bool", "float64", "int8"],
    )
    np.testing.assert_array_equal(negated, ~flags)
    np.testing.assert_array_equal(chosen, np.where(flags, x, 0.0))
    np.testing.assert_array_equal(counted, flags.astype("int8") + 1)


def test_scalar_arguments_of_every_type(compiler):
    types = ("bool", *INTEGERS, "float32", "float64")
    names = [f"p{number}" for number in range(len(types))]
    lines = [f"def kernel(lo, hi, {', '.join(names)}, out):"]
    lines += [f"    out[{number}] = float64({name})" for number, name in enumerate(names)]
    lines += ["    return hi - lo", ""]
    source = KernelSource("\n".join(lines), ("int64", "int64", *types, "float64*"), "scalars")
    kernel, out = compiler.obtain(source), np.zeros(len(types))
    lowest = [False, *(int(np.iinfo(name).min) for name in INTEGERS), -1.5, -0.1]
    highest = [True, *(int(np.iinfo(name).max) for name in INTEGERS), 1.5, 0.1]
    for values in (lowest, highest):
        assert kernel(-3, 4, *values, out.ctypes.data) == 7
        np.testing.assert_array_equal(out, np.array(values, dtype="float64"))


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("wrap_add(x0, int32(1))", "wrap_add"),
        ("select(x0 > 1, x0, float64(1.0))", "select"),
        ("select(x0, x0, x0)", "not boolean"),
        ("math_exp(x0)", "math_exp"),
        ("nowhere(x0)", "nowhere"),
    ],
)
def test_mistakes_of_the_generator_are_named(apply, expression, complaint):
    with pytest.raises(CompileError, match=complaint):
        apply([expression], np.arange(3))
