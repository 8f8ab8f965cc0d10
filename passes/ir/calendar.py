"""From days since 1970-01-01 to year, month and day of the proleptic Gregorian calendar, in NumPy.

The algorithm is that of C. Neri and L. Schneider, "Euclidean affine functions and their application to
calendar algorithms", Software: Practice and Experience 53 (2023), with unsigned 32-bit numbers throughout:
years begin in March, so that the leap day is the last, and are counted from one long before any date that is
asked for. Kernels compute the same steps (`lazyframe.codegen.emit_calendar`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any

CYCLE_DAYS = 146_097
"""In the 400 years after which the calendar repeats itself."""

CYCLES_BEFORE = 3_669
"""Cycles from the year that is counted from to the year 0: dates may be as far before as after 1970."""

DAYS_BEFORE = 719_468 + CYCLE_DAYS * CYCLES_BEFORE
"""From the first of March of that year to 1970-01-01."""

YEARS_BEFORE = 400 * CYCLES_BEFORE

LARGEST_DAY = 536_000_000
"""Days further from 1970 than this, some 1.47 million years, have no meaning that pandas knows."""


def _split(days: Array) -> tuple[Array, Array, Array]:
    """Century, year of the century and day of the year, all counted from 0 and from March."""
    n = np.uint32(4) * (np.asarray(days).astype(np.uint32) + np.uint32(DAYS_BEFORE)) + np.uint32(3)
    # what is left of a division by multiplying back: NumPy has no fast remainder
    century = n // np.uint32(CYCLE_DAYS)
    n = (n - century * np.uint32(CYCLE_DAYS)) | np.uint32(3)
    of_century = n // np.uint32(1461)
    return century, of_century, (n - of_century * np.uint32(1461)) >> np.uint32(2)


def _month_and_rest(day: Array) -> tuple[Array, Array]:
    """The month, from 3 for March to 14, and 65536ths of it in the lower 16 bits of the second."""
    n = np.uint32(2141) * day + np.uint32(197_913)
    return n >> np.uint32(16), n & np.uint32(0xFFFF)


def _in_next_year(day: Array) -> Array:
    """1 for January and February, else 0."""
    return (day >= np.uint32(306)).astype(np.uint32)


def year(days: Array) -> Array:
    """The year, int32, of int32 days."""
    century, of_century, day = _split(days)
    counted = np.uint32(100) * century + of_century + _in_next_year(day)
    return (counted - np.uint32(YEARS_BEFORE)).astype(np.int32)


def month(days: Array) -> Array:
    """The month, 1 to 12."""
    day = _split(days)[2]
    number = _month_and_rest(day)[0]
    return (number - np.uint32(12) * _in_next_year(day)).astype(np.int32)


def day_of_month(days: Array) -> Array:
    """The day of the month, from 1."""
    rest = _month_and_rest(_split(days)[2])[1]
    return (rest // np.uint32(2141) + np.uint32(1)).astype(np.int32)


def day_of_year(days: Array) -> Array:
    """The day of the year, from 1."""
    century, of_century, day = _split(days)
    # leap where the century is divisible by 4, if the year is its first, else where the year is
    deciding = of_century | century * (of_century == np.uint32(0))
    leap = (deciding & np.uint32(3) == np.uint32(0)).astype(np.uint32)
    january = _in_next_year(day)
    in_year = day + np.uint32(60) + leap - january * (np.uint32(365) + leap)
    return in_year.astype(np.int32)
