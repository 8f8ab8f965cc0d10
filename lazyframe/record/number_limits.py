"""How large the numbers of a column are, found out once, where pandas' answer depends on it."""

from __future__ import annotations

import math
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL, FLOAT64, apply, cast, literal, select
from passes.ir.values import Gather, Literal, Reduce, Take, Value, View


class Reach(NamedTuple):
    """Of a column of numbers, or one number.

    Parameters
    ----------
    low, high : int or float
        No number but NaN is outside; ``low > high`` where there is none.
    nearest : float
        How near to 0 a number other than 0 is at most; infinity where there is none. Of integers 1.
    """

    low: float
    high: float
    nearest: float

    @property
    def furthest(self) -> float:
        """How far from 0 a number is at most."""
        return max(abs(self.low), abs(self.high)) if self.low <= self.high else 0


_known: WeakKeyDictionary[Value, Reach] = WeakKeyDictionary()


def reach_of(column: Value) -> Reach:
    """Of a column of integers or floats, or a literal; of a column taken from another, that of the other."""
    if isinstance(column, Literal):
        number = column.value.item()
        if number != number:
            return Reach(math.inf, -math.inf, math.inf)
        return Reach(number, number, abs(number) if number else math.inf)
    while isinstance(column, (Take, View, Gather)) and column not in _known:
        column = column.column
    if column not in _known:
        _known[column] = _measured(column)
    return _known[column]


def _measured(column: Value) -> Reach:
    if column.dtype.kind in "iu":
        low, high = compute([Reduce(name, column, column.dtype) for name in ("minimum", "maximum")])
        return Reach(int(low), int(high), 1)
    numbers = cast(column, FLOAT64)
    missing = apply("is_nan", numbers, dtype=BOOL)
    size = apply("absolute", numbers)
    infinity = literal(np.inf, FLOAT64)
    beside_zero = select(apply("greater", size, literal(0.0, FLOAT64), dtype=BOOL), size, infinity)
    found = [
        Reduce("minimum", select(missing, infinity, numbers), FLOAT64),
        Reduce("maximum", select(missing, literal(-np.inf, FLOAT64), numbers), FLOAT64),
        Reduce("minimum", beside_zero, FLOAT64),
    ]
    low, high, nearest = compute(found)
    return Reach(float(low), float(high), float(nearest))
