"""Identities of arithmetic that keep every bit, for `simplify`."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from passes.ir.values import Literal, Map, Value

with np.errstate(all="ignore"):
    _HALF_IS_ROOT = bool(np.isnan(np.power(np.array([-np.inf]), 0.5))[0])
"""Whether this NumPy's power takes its short cuts (square root, reciprocal) for scalar exponents, as ``**``
always has: they differ from C's pow in the last bit, and in ``(-inf) ** 0.5``."""


def constant(value: Value) -> bool | int | float | None:
    """The number that a constant is; None for anything else."""
    return value.value.item() if isinstance(value, Literal) and value.dtype.kind in "biuf" else None


def is_negative_zero(number: bool | int | float | None) -> bool:
    """Whether ``number`` is -0.0."""
    return isinstance(number, float) and number == 0 and math.copysign(1, number) < 0


def is_positive_zero(number: bool | int | float | None) -> bool:
    """Whether ``number`` is 0.0 or the integer 0."""
    return number == 0 and number is not None and not is_negative_zero(number)


def _like(node: Map, operation: str, *arguments: Value) -> Map:
    return Map(operation, arguments, node.dtype)


def _add(node: Map) -> Value | None:
    for one, other in (node.arguments, node.arguments[::-1]):
        number = constant(one)
        neutral = is_negative_zero(number) if node.dtype.kind == "f" else number == 0
        if number is not None and neutral:
            return other
    return None


def _subtract(node: Map) -> Value | None:
    left, right = node.arguments
    return left if is_positive_zero(constant(right)) else None


def _multiply(node: Map) -> Value | None:
    left, right = node.arguments
    if constant(right) == 1:
        return left
    return right if constant(left) == 1 else None


def _divide(node: Map) -> Value | None:
    left, right = node.arguments
    number = constant(right)
    if number == 1:
        return left
    if number is None or not math.isfinite(number) or abs(math.frexp(number)[0]) != 0.5:
        return None
    with np.errstate(all="ignore"):
        reciprocal = Literal(node.dtype.type(1) / node.dtype.type(number), node.dtype)
    smallest = float(np.finfo(node.dtype).smallest_normal)
    if not smallest <= abs(float(reciprocal.value)) < math.inf:
        return None
    # Dividing by a power of two and multiplying by its reciprocal round the same real number.
    return _like(node, "multiply", left, reciprocal)


def _shift_of(node: Map) -> int | None:
    """``k`` where the right argument is the integer constant ``2 ** k``."""
    number = constant(node.arguments[1])
    if node.dtype.kind not in "iu" or not isinstance(number, int) or number <= 0 or number & (number - 1):
        return None
    return number.bit_length() - 1


def _floor_divide(node: Map) -> Value | None:
    shift = _shift_of(node)
    if shift is None:
        return None
    left = node.arguments[0]
    return left if shift == 0 else _like(node, "right_shift", left, Literal(shift, node.dtype))


def _remainder(node: Map) -> Value | None:
    shift = _shift_of(node)
    if shift is None or shift == 0:
        return None
    # Two's complement: floored division leaves the low bits, for negative numbers too.
    return _like(node, "bitwise_and", node.arguments[0], Literal((1 << shift) - 1, node.dtype))


def _power(node: Map) -> Value | None:
    base, exponent = node.arguments
    number = constant(exponent)
    if number == 1:
        return base
    if number == 2:
        return _like(node, "multiply", base, base)
    if node.dtype.kind != "f" or not _HALF_IS_ROOT:
        return None
    if number == 0.5:
        return _like(node, "square_root", base)
    return _like(node, "divide", Literal(1, node.dtype), base) if number == -1 else None


def _negative(node: Map) -> Value | None:
    inner = node.arguments[0]
    return inner.arguments[0] if isinstance(inner, Map) and inner.operation == "negative" else None


def _absolute(node: Map) -> Value | None:
    inner = node.arguments[0]
    if not isinstance(inner, Map) or inner.operation not in ("absolute", "negative"):
        return None
    if inner.operation == "absolute":
        return inner
    unsigned = node.dtype.kind == "u"  # -x is then another number than x, of the same sign
    return None if unsigned else _like(node, "absolute", inner.arguments[0])


def _same_twice(node: Map) -> Value | None:
    return node.arguments[0] if node.arguments[0] is node.arguments[1] else None


def _shift_by_nothing(node: Map) -> Value | None:
    return node.arguments[0] if constant(node.arguments[1]) == 0 else None


def _rounded(node: Map) -> Value | None:
    inner = node.arguments[0]
    if not isinstance(inner, Map):
        return None
    from_integer = inner.operation == "cast" and inner.arguments[0].dtype.kind in "biu"
    return inner if from_integer or inner.operation in ROUNDINGS else None


ROUNDINGS = ("floor", "ceil", "truncate", "round_half_even")

ARITHMETIC: dict[str, Callable[[Map], Value | None]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "power": _power,
    "negative": _negative,
    "absolute": _absolute,
    "minimum": _same_twice,
    "maximum": _same_twice,
    "fmin": _same_twice,
    "fmax": _same_twice,
    "left_shift": _shift_by_nothing,
    "right_shift": _shift_by_nothing,
    **dict.fromkeys(ROUNDINGS, _rounded),
}
"""By operation."""
