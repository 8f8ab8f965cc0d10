"""What each operation of a `Map` and each reduction means, said in NumPy.

An operation computes at the dtype of its arguments (the recorder has inserted the casts) and its
meaning here is the reference: constants are folded with it, plans are interpreted with it and
kernels are tested against it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from passes.ir import calendar

Array = Any  # a numpy.ndarray or a numpy scalar: ufuncs take and give both

BOOL = np.dtype(np.bool_)
INT64 = np.dtype(np.int64)
FLOAT64 = np.dtype(np.float64)


class Operation(NamedTuple):
    """One row-wise operation.

    Parameters
    ----------
    name : str
        As it prints.
    arity : int
        Number of arguments.
    meaning : callable
        NumPy's function of that many arrays.  None for ``cast`` and ``reinterpret``, which need the dtype.
    cost : int
        Rough cycles per row in a vectorised loop; decides sharing and cutting, never an answer.
    symbol : str
        Infix or prefix spelling for the printer, empty for a call.
    """

    name: str
    arity: int
    meaning: Callable[..., Array] | None
    cost: int = 1
    symbol: str = ""


def _erf(x: Array, function: Callable[[float], float]) -> Array:
    return np.vectorize(function, otypes=[x.dtype])(x) if np.size(x) else np.asarray(x)


def _select(condition: Array, yes: Array, no: Array) -> Array:
    return np.where(condition, yes, no)


def _square_root(x: Array) -> Array:
    return np.sqrt(x)


def _remainder(a: Array, b: Array) -> Array:
    if np.ndim(a) and not np.ndim(b) and a.dtype.kind in "iu" and b:
        # by one number NumPy divides in vectors, and the rest of the division it does not
        return a - np.floor_divide(a, b) * b
    return np.remainder(a, b)


def _power(a: Array, b: Array) -> Array:
    """Of integers the last six bits of an exponent: NumPy has no negative powers, and rows that nobody sees,
    behind a filter, may have such an exponent."""
    return np.power(a, b if a.dtype.kind == "f" else b & b.dtype.type(63))


_TABLE = (
    Operation("add", 2, np.add, 1, "+"),
    Operation("subtract", 2, np.subtract, 1, "-"),
    Operation("multiply", 2, np.multiply, 1, "*"),
    Operation("divide", 2, np.divide, 4, "/"),
    Operation("floor_divide", 2, np.floor_divide, 12, "//"),
    Operation("remainder", 2, _remainder, 12, "%"),
    Operation("power", 2, _power, 30, "**"),
    Operation("negative", 1, np.negative, 1, "-"),
    Operation("absolute", 1, np.absolute),
    Operation("equal", 2, np.equal, 1, "=="),
    Operation("not_equal", 2, np.not_equal, 1, "!="),
    Operation("less", 2, np.less, 1, "<"),
    Operation("less_equal", 2, np.less_equal, 1, "<="),
    Operation("greater", 2, np.greater, 1, ">"),
    Operation("greater_equal", 2, np.greater_equal, 1, ">="),
    Operation("bitwise_and", 2, np.bitwise_and, 1, "&"),
    Operation("bitwise_or", 2, np.bitwise_or, 1, "|"),
    Operation("bitwise_xor", 2, np.bitwise_xor, 1, "^"),
    Operation("invert", 1, np.invert, 1, "~"),
    Operation("left_shift", 2, np.left_shift, 2, "<<"),
    Operation("right_shift", 2, np.right_shift, 2, ">>"),
    Operation("select", 3, _select),
    Operation("minimum", 2, np.minimum, 2),
    Operation("maximum", 2, np.maximum, 2),
    Operation("fmin", 2, np.fmin, 2),
    Operation("fmax", 2, np.fmax, 2),
    Operation("is_nan", 1, np.isnan),
    Operation("is_finite", 1, np.isfinite),
    Operation("is_infinite", 1, np.isinf),
    Operation("sign_bit", 1, np.signbit),
    Operation("sign", 1, np.sign, 2),
    Operation("copysign", 2, np.copysign),
    Operation("floor", 1, np.floor),
    Operation("ceil", 1, np.ceil),
    Operation("truncate", 1, np.trunc),
    Operation("round_half_even", 1, np.rint),
    Operation("square_root", 1, _square_root, 8),
    Operation("cube_root", 1, np.cbrt, 25),
    Operation("exp", 1, np.exp, 15),
    Operation("exp2", 1, np.exp2, 15),
    Operation("expm1", 1, np.expm1, 20),
    Operation("log", 1, np.log, 15),
    Operation("log2", 1, np.log2, 15),
    Operation("log10", 1, np.log10, 15),
    Operation("log1p", 1, np.log1p, 20),
    Operation("sin", 1, np.sin, 20),
    Operation("cos", 1, np.cos, 20),
    Operation("tan", 1, np.tan, 25),
    Operation("arcsin", 1, np.arcsin, 20),
    Operation("arccos", 1, np.arccos, 20),
    Operation("arctan", 1, np.arctan, 20),
    Operation("arctan2", 2, np.arctan2, 30),
    Operation("hypot", 2, np.hypot, 15),
    Operation("sinh", 1, np.sinh, 25),
    Operation("cosh", 1, np.cosh, 25),
    Operation("tanh", 1, np.tanh, 25),
    Operation("arcsinh", 1, np.arcsinh, 25),
    Operation("arccosh", 1, np.arccosh, 25),
    Operation("arctanh", 1, np.arctanh, 25),
    Operation("erf", 1, lambda x: _erf(x, math.erf), 20),
    Operation("erfc", 1, lambda x: _erf(x, math.erfc), 25),
    Operation("year", 1, calendar.year, 12),
    Operation("month", 1, calendar.month, 12),
    Operation("day_of_month", 1, calendar.day_of_month, 12),
    Operation("day_of_year", 1, calendar.day_of_year, 12),
    Operation("cast", 1, None),
    Operation("reinterpret", 1, None, 0),
)

OPERATIONS: dict[str, Operation] = {operation.name: operation for operation in _TABLE}


def evaluate(name: str, arguments: list[Array], dtype: np.dtype, spent: Array | None = None) -> Array:
    """Apply an operation to arrays (or NumPy scalars) with NumPy.

    Parameters
    ----------
    name : str
        A key of `OPERATIONS`.
    arguments : list of array
        Of the dtypes that the `Map` was recorded with; mutually broadcastable.
    dtype : numpy.dtype
        Of the result, and of all arguments where one of them is ``spent``.
    spent : array, optional
        One of the arguments that nobody needs any more, of the result's shape: it may become the result.

    Returns
    -------
    array
        Of ``dtype``.  Division by zero, overflow and invalid values follow IEEE and wrap silently.
    """
    with np.errstate(all="ignore"):
        if name == "cast":
            return np.asarray(arguments[0]).astype(dtype)[()]
        if name == "reinterpret":
            return np.asarray(arguments[0]).view(dtype)[()]
        meaning = OPERATIONS[name].meaning
        assert meaning is not None
        if spent is not None and type(meaning) is np.ufunc:
            return meaning(*arguments, out=spent)
        result = meaning(*arguments)
    return result if result.dtype == dtype else result.astype(dtype)


class Reduction(NamedTuple):
    """An associative operation that `Reduce`, `Fold` and `Aggregate` apply.

    ``combine`` merges two partial results; ``whole`` reduces a non-empty array at once.
    """

    name: str
    combine: Callable[..., Array]
    whole: Callable[..., Array]


REDUCTIONS: dict[str, Reduction] = {
    reduction.name: reduction
    for reduction in (
        Reduction("sum", np.add, np.add.reduce),
        Reduction("product", np.multiply, np.multiply.reduce),
        Reduction("minimum", np.minimum, np.minimum.reduce),
        Reduction("maximum", np.maximum, np.maximum.reduce),
        Reduction("any", np.logical_or, np.logical_or.reduce),
        Reduction("all", np.logical_and, np.logical_and.reduce),
    )
}


def neutral(reduction: str, dtype: np.dtype) -> Any:
    """The value that leaves any other unchanged, bit for bit, under ``reduction`` at ``dtype``.

    The neutral element of a floating sum is -0.0: adding 0.0 would turn -0.0 into 0.0.
    """
    kind = dtype.type
    if reduction == "sum":
        return kind(-0.0) if dtype.kind == "f" else kind(0)
    if reduction == "product":
        return kind(1)
    if reduction == "any":
        return np.False_
    if reduction == "all":
        return np.True_
    lowest = reduction == "maximum"
    if dtype.kind == "f":
        return kind(-np.inf if lowest else np.inf)
    if dtype.kind == "b":
        return np.bool_(not lowest)
    limits = np.iinfo(dtype)
    return kind(limits.min if lowest else limits.max)
