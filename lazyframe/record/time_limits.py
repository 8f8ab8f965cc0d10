"""What is known of a column of times before it is computed with: its least and greatest value, and NaT.

pandas raises where a time does not fit its unit, and gives floats in the place of integers where there is a
NaT. Both are decided here, when something is recorded: by one pass over an input, remembered as long as the
input is, and from there by interval arithmetic over what is recorded on top of it.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from lazyframe.record.computing import compute, found_of
from lazyframe.record.elementwise import BOOL, INT64, apply, is_missing, select
from passes.ir.values import Gather, Literal, Map, Reduce, Take, Value, View

NAT = int(np.iinfo(np.int64).min)
MOST = int(np.iinfo(np.int64).max)


class Limits(NamedTuple):
    """Of a column of times, in ticks of its unit.

    Parameters
    ----------
    low, high : int
        No value but NaT is outside; ``low > high`` where there is none.
    missing : bool
        Whether there may be a NaT.
    measured : bool
        Whether the column was looked at: if there may be a NaT, there is one.
    """

    low: int
    high: int
    missing: bool
    measured: bool = False

    def scaled(self, factor: int, offset: int = 0) -> Limits:
        """Of ``column * factor + offset``."""
        if self.low > self.high or (factor == 1 and offset == 0):
            return self
        one, other = self.low * factor + offset, self.high * factor + offset
        return Limits(one, other, self.missing) if factor > 0 else Limits(other, one, self.missing)

    def plus(self, other: Limits) -> Limits:
        """Of the sum with another column."""
        missing = self.missing or other.missing
        if self.low > self.high or other.low > other.high:
            return Limits(0, -1, missing)
        return Limits(self.low + other.low, self.high + other.high, missing)

    def fits(self) -> bool:
        """Whether an int64 holds all values, none of which is then taken for NaT."""
        return self.low > self.high or (self.low > NAT and self.high <= MOST)


_known: WeakKeyDictionary[Value, Limits] = WeakKeyDictionary()
_origins: WeakKeyDictionary[Value, Value] = WeakKeyDictionary()


def remember_limits(column: Value, limits: Limits) -> None:
    """Keep what interval arithmetic says of a new column, which nobody has looked at."""
    _known[column] = Limits(limits.low, limits.high, limits.missing) if limits.measured else limits


def remember_origin(column: Value, origin: Value) -> None:
    """Note that a new column has no values but NaT and those of ``origin``, which it is made of."""
    _origins[column] = origin


def limits_of(column: Value) -> Limits:
    """Of a datetime64 or timedelta64 column; of one taken from others, those of what it is taken from."""
    source = column
    more_missing = False
    while (found := _known.get(source)) is None:
        if isinstance(source, (Take, View, Gather)):
            source = source.column
        elif source in _origins:
            source, more_missing = _origins[source], True
        else:
            _known[source] = _measured(source)
    return Limits(found.low, found.high, missing=True) if more_missing else found


def _measured(column: Value) -> Limits:
    ticks = Map("reinterpret", (column,), INT64)
    low, high = compute([Reduce("minimum", ticks, INT64), Reduce("maximum", ticks, INT64)])
    # NaT is the least integer of all
    missing = int(low) == NAT
    if missing:
        known = select(_is_missing(column), Literal(MOST, INT64), ticks)
        (low,) = compute([Reduce("minimum", known, INT64)])
    return Limits(int(low), int(high), missing, measured=True)


def _is_missing(column: Value) -> Value:
    missing = is_missing(column)
    assert missing is not None
    return missing


def exact_limits(column: Value) -> Limits:
    """The least and the greatest value that there is in a column, and whether there is a NaT."""
    known = _known.get(column)
    if known is None or not known.measured:
        known = _known[column] = _measured(column)
    return known


def has_missing(column: Value) -> bool:
    """Whether there is a NaT in ``column``: exactly, unlike `limits_of`."""
    if not limits_of(column).missing:
        return False
    known = _known.get(column)
    if known is not None and known.measured:
        return True
    return found_of(column, "missing", lambda: Reduce("any", _is_missing(column), BOOL))


def masked(column: Value, result: Value, limits: Limits) -> Value:
    """int64 ``result`` with NaT where ``column``, of times, has it."""
    missing = is_missing(column) if limits.missing else None
    return result if missing is None else select(missing, Literal(NAT, INT64), result)


def shifted(column: Value, factor: int, offset: int) -> Value:
    """int64 ``column * factor + offset`` of an int64 column."""
    result = column
    if factor != 1:
        result = apply("multiply", result, Literal(factor, INT64))
    return result if offset == 0 else apply("add", result, Literal(offset, INT64))
