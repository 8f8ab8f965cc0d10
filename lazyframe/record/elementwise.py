"""Row-wise operations recorded with NumPy's typing rules: the ground that pandas' rules stand on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lazyframe.record.chains import taken_further
from passes.ir.values import Literal, Map, Value

BOOL = np.dtype(np.bool_)
INT64 = np.dtype(np.int64)
UINT64 = np.dtype(np.uint64)
FLOAT64 = np.dtype(np.float64)
KINDS = frozenset("biuf")
"""Kinds of dtype that kernels compute with; datetime64 and timedelta64 come in as their integers."""

Operand = Value | np.generic | bool | int | float

UFUNCS: dict[str, str] = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "divide",
    "floor_divide": "floor_divide", "remainder": "remainder", "power": "power", "float_power": "power",
    "negative": "negative", "absolute": "absolute", "fabs": "absolute",
    "equal": "equal", "not_equal": "not_equal", "less": "less", "less_equal": "less_equal",
    "greater": "greater", "greater_equal": "greater_equal",
    "bitwise_and": "bitwise_and", "bitwise_or": "bitwise_or", "bitwise_xor": "bitwise_xor",
    "invert": "invert", "left_shift": "left_shift", "right_shift": "right_shift",
    "minimum": "minimum", "maximum": "maximum", "fmin": "fmin", "fmax": "fmax",
    "isnan": "is_nan", "isfinite": "is_finite", "isinf": "is_infinite", "signbit": "sign_bit",
    "sign": "sign", "copysign": "copysign",
    "floor": "floor", "ceil": "ceil", "trunc": "truncate", "rint": "round_half_even",
    "sqrt": "square_root", "cbrt": "cube_root",
    "exp": "exp", "exp2": "exp2", "expm1": "expm1", "log": "log", "log2": "log2", "log10": "log10",
    "log1p": "log1p", "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "arcsin", "arccos": "arccos",
    "arctan": "arctan", "arctan2": "arctan2", "hypot": "hypot", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "arcsinh": "arcsinh", "arccosh": "arccosh", "arctanh": "arctanh",
    "erf": "erf", "erfc": "erfc",
}  # fmt: skip
"""From the names of NumPy's (and ``scipy.special``'s) ufuncs to the graph's operations, where one operation
at the ufunc's loop dtype is the whole meaning."""


def literal(value: object, dtype: np.dtype) -> Literal:
    """A constant of ``dtype``; raises OverflowError, as NumPy does, where a Python integer does not fit."""
    if type(value) is int and (dtype is FLOAT64 or dtype is INT64) and -(2**63) <= value < 2**63:
        return Literal(value, dtype)
    return Literal(dtype.type(value) if isinstance(value, int) else value, dtype)


def cast(value: Value, dtype: np.dtype) -> Value:
    """``value`` at ``dtype`` with C's (NumPy's unsafe) conversion; itself when it has that dtype."""
    if value.dtype is dtype or value.dtype == dtype:
        return value
    return Map("cast", (value,), dtype)


def apply(operation: str, *arguments: Value, dtype: np.dtype | None = None) -> Value:
    """One `Map` of arguments that are of the computing dtype already; ``dtype`` defaults to theirs."""
    return Map(operation, arguments, arguments[-1].dtype if dtype is None else dtype)


def select(condition: Value, yes: Value, no: Value) -> Value:
    """``yes`` where ``condition``, else ``no``, both of one dtype."""
    return Map("select", (condition, yes, no), yes.dtype)


def both(left: Value, right: Value) -> Value:
    """Logical and of two boolean values."""
    return Map("bitwise_and", (left, right), BOOL)


def negate(value: Value) -> Value:
    """Logical not of a boolean value."""
    return Map("invert", (value,), BOOL)


def is_missing(value: Value) -> Value | None:
    """The boolean column that is true at NaN or NaT; None for a dtype that has no missing value."""
    if value.dtype.kind == "f":
        return Map("is_nan", (value,), BOOL)
    if value.dtype.kind in "mM":
        nat = Literal(np.iinfo(np.int64).min, INT64)
        return Map("equal", (Map("reinterpret", (value,), INT64), nat), BOOL)
    return None


@lru_cache(maxsize=4096)
def loop_dtypes(ufunc: np.ufunc, operands: tuple[np.dtype | type, ...]) -> tuple[np.dtype, ...] | None:
    """The dtypes that NumPy computes in and returns; None where it would raise.

    A Python scalar is given as its type, so that NumPy's promotion treats it as weak (NEP 50).
    """
    try:
        found: tuple[np.dtype, ...] = ufunc.resolve_dtypes((*operands, *[None] * ufunc.nout))
    except TypeError:
        return None
    return found


def operand_type(operand: Operand) -> np.dtype | type:
    """What promotion sees: a dtype, or the type of a Python scalar."""
    if isinstance(operand, (Value, np.generic)):
        return operand.dtype
    if isinstance(operand, bool):
        return BOOL
    return type(operand)


def call_ufunc(ufunc: np.ufunc, operands: Sequence[Operand]) -> Value | None:
    """Record ``ufunc(*operands)`` as NumPy would compute it.

    Parameters
    ----------
    ufunc : numpy.ufunc
        Or one of ``scipy.special``.
    operands : sequence
        Values of one row space, scalars of the graph, NumPy or Python scalars.

    Returns
    -------
    Value or None
        None where the ufunc, a dtype or a Python integer out of range is not for kernels: NumPy decides then.
    """
    types: list[np.dtype | type] = []
    for operand in operands:
        types.append(operand.dtype if isinstance(operand, Value) else operand_type(operand))
    found = kernel_loop(ufunc, tuple(types))
    if found is None:
        return _compare_signed_with_unsigned(ufunc, operands)
    operation, computing, dtype, is_plain = found
    arguments: list[Value] = []
    for operand in operands:
        if isinstance(operand, Value):
            arguments.append(cast(taken_further(operand), computing))
            continue
        try:
            arguments.append(literal(operand, computing))
        except (OverflowError, ValueError):
            return _compare_beyond_limits(operation, operands) if computing.kind in "iu" else None
    if is_plain:
        return Map(operation, tuple(arguments), dtype)
    return _typed(operation, ufunc.__name__, arguments, dtype)


@lru_cache(maxsize=4096)
def kernel_loop(
    ufunc: np.ufunc, operands: tuple[np.dtype | type, ...]
) -> tuple[str, np.dtype, np.dtype, bool] | None:
    """The operation of a ufunc's loop for these operands, the dtypes that it takes and gives, and whether it
    is the `Map` of that name, whatever the operands are; None where NumPy decides."""
    operation = UFUNCS.get(ufunc.__name__)
    if operation is None or ufunc.nout != 1 or len(operands) != ufunc.nin:
        return None
    dtypes = loop_dtypes(ufunc, operands)
    if dtypes is None or any(d.kind not in KINDS or d.itemsize > 8 for d in dtypes):
        return None
    computing = dtypes[0]
    if computing == np.float16 or dtypes[-1] == np.float16:
        return None
    if any(d != computing for d in dtypes[1:-1]):
        return None  # int64 with uint64: NumPy compares them exactly, in a loop of two dtypes
    is_plain = computing.kind != "b" and operation not in _TYPED
    return operation, computing, dtypes[-1], is_plain


_MIRRORED = {
    "equal": "equal", "not_equal": "not_equal", "less": "greater", "less_equal": "greater_equal",
    "greater": "less", "greater_equal": "less_equal",
}  # fmt: skip
"""From comparisons to those of the same operands the other way round."""


def _compare_signed_with_unsigned(ufunc: np.ufunc, operands: Sequence[Operand]) -> Value | None:
    """Comparisons of uint64 with signed integers, which NumPy compares by their values; None of others."""
    operation = UFUNCS.get(ufunc.__name__, "")
    if operation not in _MIRRORED:
        return None
    sides: list[Value] = []
    for operand in operands:
        if isinstance(operand, Value):
            sides.append(taken_further(operand))
        elif isinstance(operand, np.generic):
            sides.append(literal(operand, operand.dtype))
        else:
            return None
    one, other = sides
    if one.dtype.kind == "i":
        one, other, operation = other, one, _MIRRORED[operation]
    if one.dtype != UINT64 or other.dtype.kind != "i":
        return None
    alike = Map(operation, (one, cast(other, one.dtype)), BOOL)
    if operation in ("not_equal", "greater", "greater_equal"):
        return Map("bitwise_or", (Map("less", (other, literal(0, other.dtype)), BOOL), alike), BOOL)
    return both(Map("greater_equal", (other, literal(0, other.dtype)), BOOL), alike)


def _compare_beyond_limits(operation: str, operands: Sequence[Operand]) -> Value | None:
    """Comparisons of integers with a number that is beyond all of them; None of other operations."""
    if operation not in _MIRRORED:
        return None
    column, number = operands
    if not isinstance(column, Value):
        column, number, operation = number, column, _MIRRORED[operation]
    if type(number) is not int or not isinstance(column, Value) or column.dtype.kind == "b":
        return None
    holds = operation == "not_equal" or operation in (
        ("less", "less_equal") if number > 0 else ("greater", "greater_equal")
    )
    column = taken_further(column)
    return Map("equal" if holds else "not_equal", (column, column), BOOL)


_TYPED = frozenset({
    "power", "is_nan", "is_infinite", "is_finite", "sign_bit", "floor", "ceil", "truncate", "copysign",
    "sign", "absolute",
})  # fmt: skip
"""Operations that `_typed` knows more of."""


def _typed(operation: str, name: str, arguments: list[Value], dtype: np.dtype) -> Value | None:
    kind = arguments[0].dtype.kind
    if kind == "b":
        return _boolean(operation, arguments)
    if operation == "power" and kind in "iu":
        exponent = arguments[1]
        if not (isinstance(exponent, Literal) and 0 <= int(exponent.value) < 64):
            return None  # NumPy raises for a negative exponent anywhere in the column
    if kind in "iu" and name in ("isnan", "isinf", "isfinite", "signbit"):
        return None
    if kind in "iu" and operation in ("floor", "ceil", "truncate"):
        return arguments[0]
    if operation == "copysign" and dtype.kind != "f":
        return None
    if operation == "sign" and kind == "u":
        return cast(Map("not_equal", (arguments[0], literal(0, dtype)), BOOL), dtype)
    if operation == "absolute" and kind == "u":
        return arguments[0]
    if name == "float_power" and isinstance(arguments[1], Literal) and arguments[1].value == 0.5:
        return None  # unlike NumPy's power it is no square root: of -inf it is inf, of -0.0 it is 0.0
    if operation == "power" and kind == "f":
        return _float_power(arguments[0], arguments[1], dtype)
    return Map(operation, tuple(arguments), dtype)


def _float_power(base: Value, exponent: Value, dtype: np.dtype) -> Value:
    """NumPy computes the common exponents without ``pow``, so that -inf ** 0.5 is NaN."""
    if isinstance(exponent, Literal):
        if exponent.value == 2:
            return Map("multiply", (base, base), dtype)
        if exponent.value == 0.5:
            return Map("square_root", (base,), dtype)
        if exponent.value == -1:
            return Map("divide", (literal(1.0, dtype), base), dtype)
        if exponent.value == 1:
            return base
    return Map("power", (base, exponent), dtype)


_BOOLEAN = {
    "add": "bitwise_or", "maximum": "bitwise_or", "fmax": "bitwise_or", "bitwise_or": "bitwise_or",
    "multiply": "bitwise_and", "minimum": "bitwise_and", "fmin": "bitwise_and", "bitwise_and": "bitwise_and",
    "bitwise_xor": "bitwise_xor", "not_equal": "bitwise_xor",
}  # fmt: skip


def _boolean(operation: str, arguments: list[Value]) -> Value | None:
    """NumPy's loops for booleans, all of them logic."""
    if operation in _BOOLEAN:
        return Map(_BOOLEAN[operation], tuple(arguments), BOOL)
    if operation == "invert":
        return negate(arguments[0])
    if operation == "absolute":
        return arguments[0]
    if operation == "equal":
        return negate(Map("bitwise_xor", tuple(arguments), BOOL))
    if operation in ("less", "greater"):
        small, large = arguments if operation == "less" else arguments[::-1]
        return both(negate(small), large)
    if operation in ("less_equal", "greater_equal"):
        small, large = arguments if operation == "less_equal" else arguments[::-1]
        return Map("bitwise_or", (negate(small), large), BOOL)
    return None


def logical(name: str, operands: Sequence[Operand]) -> Value | None:
    """``logical_and``, ``logical_or``, ``logical_xor`` and ``logical_not`` of values of any kernel dtype.

    None of Python's integers that no int64 holds, which NumPy refuses.
    """
    if any(type(operand) is int and not -(2**63) <= operand < 2**63 for operand in operands):
        return None
    truths: list[Value] = []
    for operand in operands:
        if not isinstance(operand, Value):
            truths.append(Literal(bool(operand), BOOL))
        elif operand.dtype == BOOL:
            truths.append(operand)
        elif operand.dtype.kind in KINDS:
            truths.append(Map("not_equal", (operand, literal(0, operand.dtype)), BOOL))
        else:
            return None
    if name == "logical_not":
        return negate(truths[0])
    return Map("bitwise_" + name.removeprefix("logical_"), tuple(truths), BOOL)


def as_operand(value: Any) -> Operand | None:
    """``value`` if it is a scalar that kernels compute with, else None."""
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, np.generic) and value.dtype.kind in KINDS:
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in KINDS:
        scalar: np.generic = value.dtype.type(value)
        return scalar
    return None
