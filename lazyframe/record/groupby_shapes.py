"""Skewness and kurtosis of groups, of sums of powers of what lies between a value and its group's mean.

They are NaN of too few values, and of values that are all the same.  Of values that are far from 0 for
their spread they are nearer to the exact ones than pandas', whose means are rounded with each row.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from lazyframe.record import reductions
from lazyframe.record.elementwise import BOOL, FLOAT64, apply, both, cast, is_missing, literal, select
from lazyframe.record.reductions import Grouped
from passes.ir.values import Value


def skewness(by: Grouped, column: Value, skipna: bool = True) -> Value:
    """The skewness without bias, as pandas estimates it.

    Parameters
    ----------
    by : Grouped
        The groups.
    column : Value
        Numbers, of the rows that are grouped.
    skipna : bool
        Whether missing values are left out.
    """
    count, second, third, _ = _moments(by, column, skipna)
    one, two = _number(1.0), _number(2.0)
    size = apply("divide", _times(count, _root(_minus(count, one))), _minus(count, two))
    found = _times(size, apply("divide", third, _times(second, _root(second))))
    return _defined(column.dtype, count, 3.0, second, found)


def kurtosis(by: Grouped, column: Value, skipna: bool = True) -> Value:
    """The excess kurtosis without bias, as pandas estimates it.

    Parameters
    ----------
    by, column, skipna
        As of `skewness`.
    """
    count, second, _, fourth = _moments(by, column, skipna)
    one, two, three = _number(1.0), _number(2.0), _number(3.0)
    less = _minus(count, one)
    apart = _times(_minus(count, two), _minus(count, three))
    upper = _times(count, apply("add", count, one), less, fourth)
    normal = apply("divide", _times(three, less, less), apart)
    found = _minus(apply("divide", upper, _times(apart, second, second)), normal)
    return _defined(column.dtype, count, 4.0, second, found)


def _moments(by: Grouped, column: Value, skipna: bool) -> tuple[Value, Value, Value, Value]:
    """How many values there are, and the sums of the squares, cubes and fourth powers of their distances.

    The squares are exactly 0 where all values are the same, whose mean may be rounded.  By what the rounded
    mean is off is known from the sum of the distances, and the sums of powers are those from the mean itself.
    """
    column = cast(column, FLOAT64)
    count = cast(reductions.count_valid(by, column), FLOAT64)
    distance = _minus(column, by.spread(reductions.mean(by, column, skipna=skipna)))
    missing = is_missing(column) if skipna else None
    if missing is not None:
        distance = select(missing, _number(0.0), distance)
    square = _times(distance, distance)
    powers = (distance, square, _times(square, distance), _times(square, square))
    first, second, third, fourth = [by.reduce("sum", power, FLOAT64) for power in powers]
    off = apply("divide", first, count)
    off2 = _times(off, off)
    fourth = _minus(fourth, _minus(_times(_number(4.0), off, third), _times(_number(6.0), off2, second)))
    third = _minus(third, _times(_number(3.0), off, second))
    second = _minus(second, _times(off, first))
    lowest, highest = [end(by, column, skipna=skipna) for end in (reductions.lowest, reductions.highest)]
    same = apply("equal", lowest, highest, dtype=BOOL)
    return count, select(same, _times(second, _number(0.0)), second), third, fourth


def _defined(dtype: np.dtype, count: Value, least: float, second: Value, found: Value) -> Value:
    """What was found where there are enough values, and not all are the same."""
    enough = apply("greater_equal", count, _number(least), dtype=BOOL)
    apart = apply("greater", second, _number(0.0), dtype=BOOL)
    return cast(select(both(enough, apart), found, _number(np.nan)), reductions.float_dtype(dtype))


def _number(value: float) -> Value:
    return literal(value, FLOAT64)


def _times(*factors: Value) -> Value:
    return reduce(lambda left, right: apply("multiply", left, right), factors)


def _minus(left: Value, right: Value) -> Value:
    return apply("subtract", left, right)


def _root(value: Value) -> Value:
    return apply("square_root", value)
