"""The text of floored integer division and its remainder, by a column or by one number for all rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Write = Callable[[str], str]


def divide_by_scalar(name: str, a: str, b: str, dtype: np.dtype, write: Write, write_before: Write) -> str:
    """``a // b`` or ``a % b`` where ``b`` does not vary."""
    own = dtype.name
    factor, shift = write_before(f"reciprocal({b})"), write_before(f"reciprocal_shift({b})")
    quotient = f"floor_quotient({a}, {b}, {factor}, {shift})"
    if name == "floor_divide":
        return quotient
    quotient = write(quotient)
    rest = write(f"wrap_subtract({a}, wrap_multiply({quotient}, {b}))")
    return f"select({b} == {own}(0), {own}(0), {rest})"


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
