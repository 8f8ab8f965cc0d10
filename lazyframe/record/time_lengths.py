"""Lengths of time times, over and modulo numbers and each other, as pandas computes them: on their ticks.

NumPy rounds towards zero whatever it divides a length of time by, and knows no remainder. Where a result does
not fit, pandas 3.1 raises and pandas 3.0 does not: either is left to it.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.date_parts import number, ticks_per_second
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    INT64,
    UINT64,
    apply,
    cast,
    is_missing,
    literal,
    negate,
    select,
)
from lazyframe.record.number_limits import reach_of
from lazyframe.record.time_limits import (
    MOST,
    NAT,
    Limits,
    has_missing,
    limits_of,
    remember_limits,
    shifted,
)
from passes.ir.values import Literal, Map, Value

SCALARS = (datetime.timedelta, np.timedelta64)
_FITS = 2.0**62
"""A float below which, rounded up or down, is an integer of 64 bits."""


class Lengths(NamedTuple):
    """A column of lengths of time, or one for all rows.

    Parameters
    ----------
    ticks : Value
        int64.
    limits : Limits
        Of the ticks.
    dtype : numpy.dtype
        timedelta64.
    missing : Value or None
        Where there is a NaT, if there may be any.
    """

    ticks: Value
    limits: Limits
    dtype: np.dtype
    missing: Value | None

    @property
    def furthest(self) -> int:
        """How far from 0 a length is at most, in ticks."""
        return max(abs(self.limits.low), abs(self.limits.high)) if self.limits.low <= self.limits.high else 0

    def at(self, dtype: np.dtype) -> Lengths | None:
        """The same at another unit that is as fine; None if they might not fit."""
        if dtype is self.dtype:
            return self if self.limits.fits() else None
        mine, theirs = ticks_per_second(self.dtype), ticks_per_second(dtype)
        assert mine is not None
        assert theirs is not None
        factor = theirs // mine
        limits = self.limits.scaled(factor)
        return Lengths(shifted(self.ticks, factor, 0), limits, dtype, self.missing) if limits.fits() else None


def lengths_of(column: Value) -> Lengths:
    """A timedelta64 column."""
    limits = limits_of(column)
    missing = is_missing(column) if limits.missing else None
    return Lengths(Map("reinterpret", (column,), INT64), limits, column.dtype, missing)


def one_length(scalar: Any) -> Lengths | None:
    """A length of time; None if it is NaT, or no such thing."""
    if not isinstance(scalar, SCALARS):
        return None
    kind: Any = (
        scalar.dtype if isinstance(scalar, np.generic) else (type(scalar), getattr(scalar, "unit", None))
    )
    return _known_length(scalar, kind)


@lru_cache(maxsize=256)
def _known_length(scalar: Any, kind: Hashable) -> Lengths | None:
    """`one_length`; those that are equal, but of another ``kind``, have other units."""
    try:
        length: Any = pandas.Timedelta(scalar)
    except (TypeError, ValueError, OverflowError):
        return None
    if length is pandas.NaT:
        return None
    exact = length.to_numpy()
    ticks = int(exact.view(np.int64))
    return Lengths(number(ticks, INT64), Limits(ticks, ticks, missing=False), exact.dtype, None)


# and numbers -------------------------------------------------------------------------------------------


def by_number(name: str, lengths: Lengths, factor: Any) -> Value | None:
    """``lengths <name> factor``, a number or a column of numbers; None where pandas has to decide.

    Parameters
    ----------
    name : str
        ``"mul"``, ``"truediv"``, ``"floordiv"`` or ``"mod"``; any other gives None.
    lengths : Lengths
        A column, or one length if ``factor`` is a column.
    factor : Value, int or float
        What is multiplied with, or divided by.
    """
    numbers = _numbers(factor)
    if numbers is None or name not in ("mul", "truediv", "floordiv", "mod"):
        return None
    if name in ("floordiv", "mod") and not _rounds_alike():
        return None
    if numbers.dtype.kind == "f":
        return _by_float(name, lengths, numbers)
    if numbers.dtype == UINT64 and reach_of(numbers).high > MOST:
        return None
    return _multiplied(lengths, numbers) if name == "mul" else _divided(name, lengths, cast(numbers, INT64))


def _numbers(factor: Any) -> Value | None:
    if isinstance(factor, Value):
        return factor if factor.dtype.kind in "iuf" and factor.rows is not None else None
    if isinstance(factor, (bool, np.bool_, np.timedelta64)):  # the last of which is an integer of NumPy's
        return None
    if isinstance(factor, (float, np.floating)) and SINCE_3_1 and factor != 0 and float(factor).is_integer():
        factor = int(factor)
    if isinstance(factor, (int, np.integer)):
        return number(int(factor), INT64) if abs(int(factor)) <= MOST else None
    return literal(float(factor), FLOAT64) if isinstance(factor, (float, np.floating)) else None


@lru_cache(maxsize=1)
def _rounds_alike() -> bool:
    """Whether this NumPy rounds ``length // number`` as ``length / number``, towards zero."""
    lengths = np.array([-7], "m8[s]")
    return all(bool((lengths // np.array([two]) == lengths / two)[0]) for two in (2, 2.0))


def _multiplied(lengths: Lengths, numbers: Value) -> Value | None:
    ends = [int(a) * int(b) for a in _ends(lengths.limits) for b in _ends(reach_of(numbers))]
    limits = Limits(min(ends, default=0), max(ends, default=-1), missing=False)
    return _made(lengths, apply("multiply", lengths.ticks, cast(numbers, INT64)), limits, lengths.missing)


def _divided(name: str, lengths: Lengths, numbers: Value) -> Value | None:
    missing = lengths.missing
    if not isinstance(numbers, Literal):
        zero = apply("equal", numbers, literal(0, INT64), dtype=BOOL)
        missing = zero if missing is None else apply("bitwise_or", missing, zero, dtype=BOOL)
    elif numbers.value == 0:
        return None
    quotient = _rounded_to_zero(lengths, numbers)
    if name == "mod":
        quotient = apply("subtract", lengths.ticks, apply("multiply", quotient, numbers))
    size = lengths.furthest
    return _made(lengths, quotient, Limits(-size, size, missing=False), missing)


def _ends(limits: Any) -> tuple[Any, ...]:
    return (limits.low, limits.high) if limits.low <= limits.high else ()


def _rounded_to_zero(lengths: Lengths, numbers: Value) -> Value:
    """The quotient of ticks and integers; 0 where a divisor is 0."""
    below = apply("less", lengths.ticks, literal(0, INT64), dtype=BOOL)
    size = apply("absolute", lengths.ticks)
    if isinstance(numbers, Literal):
        divisor = int(numbers.value)
        quotient = apply("floor_divide", size, number(abs(divisor), INT64))
        negative = below if divisor > 0 else negate(below)
    else:
        # of the least integer the size is one more than the largest
        sizes = cast(size, UINT64), cast(apply("absolute", numbers), UINT64)
        quotient = cast(apply("floor_divide", *sizes), INT64)
        divisor_below = apply("less", numbers, literal(0, INT64), dtype=BOOL)
        negative = apply("bitwise_xor", below, divisor_below, dtype=BOOL)
    return select(negative, apply("negative", quotient), quotient)


def _by_float(name: str, lengths: Lengths, numbers: Value) -> Value | None:
    reach = reach_of(numbers)
    numbers = cast(numbers, FLOAT64)
    limit = lengths.furthest * reach.furthest if name == "mul" else lengths.furthest / reach.nearest
    if not limit < _FITS:
        return None
    operation = "multiply" if name == "mul" else "divide"
    whole, missing = _whole(apply(operation, cast(lengths.ticks, FLOAT64), numbers))
    if name == "mod":
        product, unknown = _whole(apply("multiply", cast(whole, FLOAT64), numbers))
        whole = apply("subtract", lengths.ticks, product)
        missing = apply("bitwise_or", missing, unknown, dtype=BOOL)
        limit = lengths.furthest
    if lengths.missing is not None:
        missing = apply("bitwise_or", lengths.missing, missing, dtype=BOOL)
    bound = int(limit) + 2**12
    return _made(lengths, whole, Limits(-bound, bound, missing=False), missing)


def _whole(floats: Value) -> tuple[Value, Value]:
    """Floats rounded towards zero, 0 where they are no numbers, and where that is."""
    known = apply("is_finite", floats, dtype=BOOL)
    return cast(select(known, floats, literal(0.0, FLOAT64)), INT64), negate(known)


def _made(lengths: Lengths, ticks: Value, limits: Limits, missing: Value | None) -> Value | None:
    """``ticks`` as lengths of time, NaT where they are ``missing``; None if they might not fit."""
    if not limits.fits():
        return None
    if missing is not None:
        ticks = select(missing, literal(NAT, INT64), ticks)
    result = Map("reinterpret", (ticks,), lengths.dtype)
    remember_limits(result, Limits(limits.low, limits.high, missing is not None))
    return result


# and lengths -------------------------------------------------------------------------------------------


def by_length(name: str, one: Value | Lengths, other: Value | Lengths, whole: bool = True) -> Value | None:
    """``one <name> other`` of two columns, or of a column and one length; None where pandas has to decide.

    Parameters
    ----------
    name : str
        ``"truediv"``, ``"floordiv"`` or ``"mod"``; any other gives None.
    one, other : Value or Lengths
        timedelta64 columns, or one length.
    whole : bool
        Whether the columns are blocks of their own: pandas gives floats for whole quotients where a length of
        the block is missing.
    """
    left, right = [side if isinstance(side, Lengths) else lengths_of(side) for side in (one, other)]
    units = ticks_per_second(left.dtype), ticks_per_second(right.dtype)
    if units[0] is None or units[1] is None:
        return None
    finer = left.dtype if units[0] >= units[1] else right.dtype
    mine, theirs = left.at(finer), right.at(finer)
    if mine is None or theirs is None:
        return None
    if name == "truediv":
        ratio = apply("divide", cast(mine.ticks, FLOAT64), cast(theirs.ticks, FLOAT64))
        return _nan_at(_either(mine, theirs), ratio)
    if name not in ("floordiv", "mod"):
        return None
    missing = _either(mine, theirs)
    if not whole and missing is not None:
        return None
    any_missing = any(isinstance(side, Value) and has_missing(side) for side in (one, other))
    quotient = apply("floor_divide", mine.ticks, theirs.ticks)
    if name == "floordiv":
        return _nan_at(missing, cast(quotient, FLOAT64)) if any_missing else quotient
    return _rest(mine, theirs, quotient, right if any_missing else None, missing)


def _rest(
    mine: Lengths, theirs: Lengths, quotient: Value, at_floats: Lengths | None, missing: Value | None
) -> Value | None:
    """What the whole quotient, floats where something is missing, times the divisor leaves, as in pandas."""
    size = mine.furthest + theirs.furthest
    if at_floats is None or size < 2**53:
        if size > MOST:
            return None
        product = apply("multiply", quotient, theirs.ticks)
        bound = max(mine.furthest, theirs.furthest)
    else:
        if size >= _FITS / 2:
            return None
        floats = apply("multiply", cast(quotient, FLOAT64), cast(at_floats.ticks, FLOAT64))
        multiplied = Lengths(cast(floats, INT64), Limits(0, -1, missing=False), at_floats.dtype, None)
        scaled = multiplied.at(theirs.dtype)
        assert scaled is not None
        product = scaled.ticks
        bound = 3 * size
    limits = Limits(-bound, bound, missing=False)
    return _made(mine, apply("subtract", mine.ticks, product), limits, missing)


def _either(one: Lengths, other: Lengths) -> Value | None:
    """Where a length of either is missing."""
    if one.missing is None or other.missing is None:
        return other.missing if one.missing is None else one.missing
    return apply("bitwise_or", one.missing, other.missing, dtype=BOOL)


def _nan_at(missing: Value | None, result: Value) -> Value:
    return result if missing is None else select(missing, literal(np.nan, FLOAT64), result)
