"""Columns of one constant; and which constants no pass looks into, so that programs share a plan."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from passes.ir.operations import INT64
from passes.ir.values import Literal, Map, RowNumber, Value

INDIFFERENT = frozenset({
    "add", "subtract", "multiply", "divide", "floor_divide", "remainder", "minimum", "maximum", "fmin",
    "fmax", "copysign", "hypot", "arctan2", "equal", "not_equal", "less", "less_equal", "greater",
    "greater_equal", "select",
})  # fmt: skip
"""Operations on columns that a rule simplifies for special constants only: see `is_special`."""


def is_special(constant: Literal) -> bool:
    """Whether a rule may know more of an operation with this constant than with others of its dtype.

    That is so of booleans, zeros, infinities, NaN and, as divisors and factors, powers of two.
    """
    return _is_special(constant.bits, constant.dtype)


@lru_cache(1024)
def _is_special(bits: bytes, dtype: np.dtype) -> bool:
    value = np.frombuffer(bits, dtype)[0]
    if dtype.kind == "f":
        number = float(value)
        return not math.isfinite(number) or abs(math.frexp(number)[0]) in (0.0, 0.5)
    if dtype.kind not in "iu":
        return True
    magnitude = abs(int(value))
    return magnitude & (magnitude - 1) == 0


def literal_everywhere(column: Value) -> Literal | None:
    """The constant that a column is in every row, where it was recorded as that; None for any other."""
    if type(column) is not Map or column.operation != "select" or column.rows is None:
        return None
    mask, chosen, _ = column.arguments
    if type(mask) is not Map or mask.operation != "greater_equal" or type(chosen) is not Literal:
        return None
    return chosen if type(mask.arguments[0]) is RowNumber and mask.arguments[1] is _ZERO else None


_ZERO = Literal(0, INT64)
