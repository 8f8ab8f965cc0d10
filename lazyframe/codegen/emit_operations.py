"""The Python text of each operation at each kind of dtype, as kernels compute it.

Each function gives an expression over variable names, and writes statements where one is not enough.  NumPy's
meaning (`passes.ir.operations`) is the reference, down to division by zero, wrapping integers and the sign of
zero; the algorithms of floor division and remainder are those of NumPy's ``npy_math``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lazyframe.codegen.emit_calendar import CALENDAR, calendar_text
from lazyframe.codegen.emit_division import (
    divide_by_scalar,
    floor_divide_integers,
    remainder_integers,
)

Write = Callable[[str], str]
"""Takes an expression, emits its assignment to a new variable and returns the variable's name."""

_INFIX = {
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
}  # fmt: skip
_FLOAT_INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_WRAPPING = {"add": "wrap_add", "subtract": "wrap_subtract", "multiply": "wrap_multiply"}
_BITWISE = {"bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^"}
_ROUNDING = {"floor": "floor", "ceil": "ceil", "truncate": "trunc", "round_half_even": "rint"}
_LIBRARY = {
    "cube_root": "cbrt", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "power": "pow",
    **{name: name for name in ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan",
                               "hypot", "sinh", "cosh", "tanh", "erf", "erfc")},
}  # fmt: skip


_EXTREMES = {"minimum": "&", "fmin": "&", "maximum": "|", "fmax": "|"}
"""Of booleans."""


def kernel_type(dtype: np.dtype) -> str:
    """The scalar type that a kernel computes ``dtype`` in."""
    if dtype.kind in "mM":
        return "int64"
    return "boolean" if dtype.kind == "b" else dtype.name


def memory_type(dtype: np.dtype) -> str:
    """The element type of ``dtype`` in memory."""
    if dtype.kind in "mM":
        return "int64"
    return "uint8" if dtype.kind == "b" else dtype.name


def operation_text(
    name: str,
    arguments: list[str],
    dtype: np.dtype,
    result: np.dtype,
    write: Write,
    write_before: Write | None = None,
) -> str:
    """The expression of one operation.

    Parameters
    ----------
    name : str
        Of `passes.ir.operations.OPERATIONS`.
    arguments : list of str
        Variable names.
    dtype, result : numpy.dtype
        Of the last argument, which decides what is computed, and of the result.
    write : callable
        For intermediate results.
    write_before : callable, optional
        For what is found once for all rows; only where the last argument is the same in every row.
    """
    kind = dtype.kind
    own = kernel_type(dtype)
    if name in _INFIX:
        return f"{arguments[0]} {_INFIX[name]} {arguments[1]}"
    if name == "select":
        return f"select({', '.join(arguments)})"
    if name == "cast":
        return _cast(arguments[0], dtype, result)
    if name == "reinterpret":
        own_result = kernel_type(result)
        if (kind == "f") != (result.kind == "f"):
            return f"bits_as({arguments[0]}, {own_result}(0))"
        return f"{own_result}({arguments[0]})"
    if name in _BITWISE:
        text = f"{arguments[0]} {_BITWISE[name]} {arguments[1]}"
        return f"boolean({text})" if kind == "b" else f"{own}({text})"
    if name == "invert":
        return f"not {arguments[0]}" if kind == "b" else f"{own}(~{arguments[0]})"
    if kind == "b" and name in _EXTREMES:
        return f"boolean({arguments[0]} {_EXTREMES[name]} {arguments[1]})"
    if name in ("minimum", "maximum"):
        return f"{name}({arguments[0]}, {arguments[1]})"
    if name == "absolute":
        return f"absolute({arguments[0]})"
    if kind == "f":
        return _of_floats(name, arguments, own, write)
    if name in CALENDAR:
        return calendar_text(name, arguments[0], write)
    if write_before is not None and name in ("floor_divide", "remainder"):
        return divide_by_scalar(name, arguments[0], arguments[1], dtype, write, write_before)
    return _of_integers(name, arguments, dtype, write)


def _cast(argument: str, dtype: np.dtype, result: np.dtype) -> str:
    if result.kind == "b":
        return argument if dtype.kind == "b" else f"{argument} != {kernel_type(dtype)}(0)"
    if dtype.kind == "f" and result.kind in "iu" and result.itemsize < 4:
        return f"{kernel_type(result)}(int32({argument}))"
    if dtype.kind == "b":
        return f"{kernel_type(result)}(select({argument}, int8(1), int8(0)))"
    return f"{kernel_type(result)}({argument})"


def _of_floats(name: str, arguments: list[str], own: str, write: Write) -> str:
    a = arguments[0]
    b = arguments[1] if len(arguments) > 1 else ""
    if name in _FLOAT_INFIX:
        return f"{a} {_FLOAT_INFIX[name]} {b}"
    if name in _ROUNDING:
        return f"{_ROUNDING[name]}({a})"
    if name in _LIBRARY:
        return f"math_{_LIBRARY[name]}({', '.join(arguments)})"
    match name:
        case "negative":
            return f"-{a}"
        case "square_root":
            return f"square_root({a})"
        case "copysign":
            return f"copysign({a}, {b})"
        case "is_nan":
            return f"{a} != {a}"
        case "is_finite":
            difference = write(f"{a} - {a}")
            return f"{difference} == {difference}"
        case "is_infinite":
            return f"absolute({a}) == {own}(math.inf)"
        case "sign_bit":
            return f"copysign({own}(1), {a}) < {own}(0)"
        case "sign":
            below = write(f"select({a} < {own}(0), {own}(-1), {a})")
            at_zero = write(f"select({a} == {own}(0), {own}(0), {below})")
            return f"select({a} > {own}(0), {own}(1), {at_zero})"
        case "fmin" | "fmax":
            both = write(f"{'minimum' if name == 'fmin' else 'maximum'}({a}, {b})")
            either = write(f"select({b} != {b}, {a}, {both})")
            return f"select({a} != {a}, {b}, {either})"
        case "floor_divide":
            return _floor_divide_floats(a, b, own, write)
        case "remainder":
            return _remainder_floats(a, b, own, write)
    raise ValueError(f"no kernel text for {name} of floats")


def _remainder_floats(a: str, b: str, own: str, write: Write) -> str:
    zero = f"{own}(0)"
    rest = write(f"remainder_truncated({a}, {b})")
    other_sign = write(f"({b} < {zero}) != ({rest} < {zero})")
    moved = write(f"select({other_sign}, {rest} + {b}, {rest})")
    signed = write(f"select({rest} != {zero}, {moved}, copysign({zero}, {b}))")
    return f"select({b} == {zero}, {rest}, {signed})"


def _floor_divide_floats(a: str, b: str, own: str, write: Write) -> str:
    zero, one = f"{own}(0)", f"{own}(1)"
    quotient = write(f"{a} / {b}")
    rest = write(f"remainder_truncated({a}, {b})")
    exact = write(f"({a} - {rest}) / {b}")
    other_sign = write(f"({rest} != {zero}) & (({b} < {zero}) != ({rest} < {zero}))")
    whole = write(f"select({other_sign}, {exact} - {one}, {exact})")
    down = write(f"floor({whole})")
    nearest = write(f"select({whole} - {down} > {own}(0.5), {down} + {one}, {down})")
    signed = write(f"select({whole} != {zero}, {nearest}, copysign({zero}, {quotient}))")
    return f"select({b} == {zero}, {quotient}, {signed})"


def _of_integers(name: str, arguments: list[str], dtype: np.dtype, write: Write) -> str:
    a = arguments[0]
    b = arguments[1] if len(arguments) > 1 else ""
    own = kernel_type(dtype)
    if name in _WRAPPING:
        return f"{_WRAPPING[name]}({a}, {b})"
    match name:
        case "negative":
            return f"wrap_subtract({own}(0), {a})"
        case "sign":
            return f"select({a} > {own}(0), {own}(1), select({a} < {own}(0), {own}(-1), {own}(0)))"
        case "fmin" | "fmax":
            return f"{'minimum' if name == 'fmin' else 'maximum'}({a}, {b})"
        case "left_shift" | "right_shift":
            return _shift(name, a, b, dtype, write)
        case "floor_divide":
            return floor_divide_integers(a, b, dtype, write)
        case "remainder":
            return remainder_integers(a, b, dtype, write)
        case "power":
            return _power_of_integers(a, b, own, write)
    raise ValueError(f"no kernel text for {name} of {dtype}")


def _shift(name: str, a: str, b: str, dtype: np.dtype, write: Write) -> str:
    """NumPy shifts out everything when the count is not below the width."""
    own, bits = kernel_type(dtype), dtype.itemsize * 8
    wide = own if dtype.itemsize == 8 else "int64"
    legal = write(f"({b} >= {own}(0)) & ({b} < {own}({bits}))")
    count = write(f"select({legal}, {b}, {own}(0))")
    symbol = "<<" if name == "left_shift" else ">>"
    moved = write(f"{own}({wide}({a}) {symbol} {wide}({count}))")
    emptied = f"{own}(0)"
    if name == "right_shift" and dtype.kind == "i":
        emptied = write(f"select({a} < {own}(0), {own}(-1), {own}(0))")
    return f"select({legal}, {moved}, {emptied})"


def _power_of_integers(a: str, b: str, own: str, write: Write) -> str:
    """By squaring, for the last six bits of an exponent: the recorder leaves others than 0 to 63 to NumPy."""
    power = f"{own}(1)"
    base = a
    left = write(f"uint64({b})")
    for bit in range(6):
        taken = f"({left} & uint64({1 << bit})) != uint64(0)"
        power = write(f"select({taken}, wrap_multiply({power}, {base}), {power})")
        base = write(f"wrap_multiply({base}, {base})")
    return power
