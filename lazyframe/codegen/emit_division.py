"""The text of floored integer division and its remainder, by a column or by one number for all rows.

Machines divide integers one at a time, in tens of cycles. A divisor that is the same in every row is turned
into a multiplication by its reciprocal, in float64, and a correction that makes the quotient exact: that
vectorises where the machine converts vectors of int64, and elsewhere costs no more than the division.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Write = Callable[[str], str]


def divides_by_reciprocal(name: str, dtype: np.dtype) -> bool:
    """Whether `divide_by_scalar` has text for an operation at a dtype."""
    return name in ("floor_divide", "remainder") and dtype.kind == "i" and dtype.itemsize >= 4


def divide_by_scalar(name: str, a: str, b: str, dtype: np.dtype, write: Write) -> str:
    """``a // b`` or ``a % b`` where ``b`` does not vary.

    A quotient of floats is off by three roundings, 2**-51 of itself. Of an int32 that is less than one; of an
    int64 it may be thousands, so what is left is divided once more. Either way the truncated quotient that
    results is the true one or next to it, and the sign of the rest tells which.
    """
    own = dtype.name
    zero, one = f"{own}(0)", f"{own}(1)"
    # 1 and -1 are taken apart: their quotients may not fit a float's conversion
    plain = write(f"({b} > {one}) | ({b} < {own}(-1))")
    divisor = write(f"select({plain}, {b}, {own}(2))")
    reciprocal = write(f"1.0 / float64({divisor})")
    quotient = write(f"{own}(float64({a}) * {reciprocal})")
    rest = write(f"wrap_subtract({a}, wrap_multiply({quotient}, {divisor}))")
    if dtype.itemsize == 8:
        more = write(f"{own}(float64({rest}) * {reciprocal})")
        quotient = write(f"wrap_add({quotient}, {more})")
        rest = write(f"wrap_subtract({rest}, wrap_multiply({more}, {divisor}))")
    below = write(f"({rest} != {zero}) & (({rest} < {zero}) != ({divisor} < {zero}))")
    if name == "floor_divide":
        quotient = write(f"select({below}, wrap_subtract({quotient}, {one}), {quotient})")
        # the rest is the divisor itself where the quotient came out one too small
        quotient = write(f"select({rest} == {divisor}, wrap_add({quotient}, {one}), {quotient})")
        by_unit = write(f"select({b} == {one}, {a}, wrap_subtract({zero}, {a}))")
        whole = write(f"select({b} == {zero}, {zero}, {by_unit})")
        return f"select({plain}, {quotient}, {whole})"
    rest = write(f"select({below}, wrap_add({rest}, {divisor}), {rest})")
    return f"select({plain} & ({rest} != {divisor}), {rest}, {zero})"


def floor_divide_integers(a: str, b: str, dtype: np.dtype, write: Write) -> str:
    """``a // b``, rounded down, and 0 where ``b`` is 0."""
    own = dtype.name
    zero, one = f"{own}(0)", f"{own}(1)"
    safe = _safe_divisor(b, dtype, write)
    quotient = write(f"divide_truncated({a}, {safe})")
    if dtype.kind == "u":
        return f"select({b} == {zero}, {zero}, {quotient})"
    rest = write(f"remainder_truncated({a}, {safe})")
    rounded_up = write(f"({rest} != {zero}) & (({rest} < {zero}) != ({safe} < {zero}))")
    down = write(f"select({rounded_up}, wrap_subtract({quotient}, {one}), {quotient})")
    negated = write(f"select({b} == {own}(-1), wrap_subtract({zero}, {a}), {down})")
    return f"select({b} == {zero}, {zero}, {negated})"


def remainder_integers(a: str, b: str, dtype: np.dtype, write: Write) -> str:
    """``a % b``, of the sign of ``b``, and 0 where that is 0."""
    own = dtype.name
    zero = f"{own}(0)"
    safe = _safe_divisor(b, dtype, write)
    rest = write(f"remainder_truncated({a}, {safe})")
    if dtype.kind == "u":
        return f"select({b} == {zero}, {zero}, {rest})"
    other_sign = write(f"({rest} != {zero}) & (({rest} < {zero}) != ({safe} < {zero}))")
    moved = write(f"select({other_sign}, wrap_add({rest}, {safe}), {rest})")
    return f"select({b} == {zero}, {zero}, {moved})"


def _safe_divisor(b: str, dtype: np.dtype, write: Write) -> str:
    """``b`` where dividing by it cannot trap, else 1."""
    own = dtype.name
    safe = write(f"select({b} == {own}(0), {own}(1), {b})")
    if dtype.kind == "u":
        return safe
    return write(f"select({b} == {own}(-1), {own}(1), {safe})")
