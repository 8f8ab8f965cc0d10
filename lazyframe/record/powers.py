"""Powers of integers: NumPy refuses a negative exponent, wherever it stands."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from lazyframe.record.chains import taken_further
from lazyframe.record.computing import found_of
from lazyframe.record.elementwise import (
    BOOL,
    Operand,
    apply,
    both,
    call_ufunc,
    cast,
    kernel_loop,
    literal,
    operand_type,
)
from lazyframe.record.number_limits import reach_of
from passes.ir.values import Map, Reduce, Value

_MOST = 63
"""The largest exponent that kernels take, which square a base six times."""

_MOST_DIGITS = 3


def power(base: Operand, exponent: Operand) -> Value | None:
    """``numpy.power(base, exponent)``; None where it raises, and where integers have exponents above 262143.

    The exponents of integers are looked at now.
    """
    if not isinstance(exponent, Value):
        return call_ufunc(np.power, (base, exponent))
    loop = kernel_loop(
        np.power, (base.dtype if isinstance(base, Value) else operand_type(base), exponent.dtype)
    )
    if loop is None or loop[1].kind == "f":
        return call_ufunc(np.power, (base, exponent))
    _, computing, dtype, _ = loop
    try:
        number = cast(taken_further(base), computing) if isinstance(base, Value) else literal(base, computing)
    except (OverflowError, ValueError):
        return None
    digits = _digits(exponent)
    if digits is None:
        return None
    wide = cast(taken_further(exponent), computing)
    result: Value = Map("power", (number, wide), dtype)
    for _ in range(digits - 1):
        # an operation takes an exponent's last six bits
        number = apply("multiply", *[Map("power", (number, literal(_MOST // 2 + 1, computing)), dtype)] * 2)
        wide = apply("floor_divide", wide, literal(_MOST + 1, computing))
        result = apply("multiply", result, Map("power", (number, wide), dtype))
    return result


def facts_of_power(base: Value | int | float, exponent: Value | int | float) -> Hashable | None:
    """All that decides the dtype of `power` in pandas, if that is anything; None where that would be more."""
    facts: list[tuple[Any, Any]] = []
    for operand in (base, exponent):
        if not isinstance(operand, Value):
            facts.append((type(operand), operand))
        elif operand.rows is not None:
            facts.append((operand.dtype, None))
    if len(facts) < 2:
        return None
    if isinstance(exponent, Value):
        loop = kernel_loop(np.power, tuple([kind for kind, _ in facts]))
        if loop is None or (loop[1].kind != "f" and _digits(exponent) is None):
            return None
    return "pow", *facts


def _digits(column: Value) -> int | None:
    """How many times what kernels take the exponents have, which are looked at once.

    None where NumPy raises, and where they are so large that NumPy is as quick.
    """
    if column.dtype == BOOL or found_of(column, "is exponent", lambda: _all_exponents(column)):
        return 1
    if column.rows is None:
        return None
    reach = reach_of(column)
    digits = -(-int(reach.high).bit_length() // 6)
    return digits if reach.low >= 0 and digits <= _MOST_DIGITS else None


def _all_exponents(column: Value) -> Value:
    inside = apply("less_equal", column, literal(_MOST, column.dtype), dtype=BOOL)
    if column.dtype.kind == "i":
        inside = both(apply("greater_equal", column, literal(0, column.dtype), dtype=BOOL), inside)
    return inside if column.rows is None else Reduce("all", inside, BOOL)
