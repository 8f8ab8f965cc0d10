"""Year, month and day from a number of days, in NumPy and in kernels, against NumPy's own calendar."""

from __future__ import annotations

import numpy as np
import pytest

import lazyframe
from lazyframe.run.bindings import bind_array
from lazyframe.run.execute import compute
from passes.ir.calendar import CYCLE_DAYS, LARGEST_DAY
from passes.ir.operations import evaluate
from passes.ir.values import Map

INT32 = np.dtype(np.int32)
PARTS = ("year", "month", "day_of_month", "day_of_year")

# one whole cycle of 400 years decides the arithmetic; then dates before the year 0, and the first and last
DAYS = np.concatenate(
    [
        np.arange(CYCLE_DAYS),
        np.arange(-730_000, -700_000),
        np.arange(-LARGEST_DAY, 2_000 - LARGEST_DAY),
        np.arange(LARGEST_DAY - 2_000, LARGEST_DAY + 1),
    ]
).astype(np.int32)


def expected(part: str) -> np.ndarray:
    days = DAYS.astype("datetime64[D]")
    years, months = days.astype("datetime64[Y]"), days.astype("datetime64[M]")
    if part == "year":
        return years.astype(np.int64) + 1970
    if part == "month":
        return months.astype(np.int64) % 12 + 1
    return (days - (months if part == "day_of_month" else years).astype("datetime64[D]")).astype(np.int64) + 1


@pytest.mark.parametrize("part", PARTS)
def test_numpy(part: str) -> None:
    assert (evaluate(part, [DAYS], INT32) == expected(part)).all()
    assert evaluate(part, [DAYS[5]], INT32) == expected(part)[5]


def test_kernels_are_exact_even_where_there_is_no_date() -> None:
    days = np.concatenate([DAYS, np.array([2**31 - 1, -(2**31), 2**30, -(2**30)], np.int32)])
    with lazyframe.config(min_rows=0):
        computed = compute([Map(part, (bind_array(days),), INT32) for part in PARTS])
    for part, found in zip(PARTS, computed, strict=True):
        assert (found == evaluate(part, [days], INT32)).all()
