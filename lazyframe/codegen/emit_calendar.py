"""The text of the parts of a date: the steps of `passes.ir.calendar`, where they are explained.

All divisors are constants of the source, so that LLVM multiplies instead.
"""

from __future__ import annotations

from collections.abc import Callable

from passes.ir.calendar import CYCLE_DAYS, DAYS_BEFORE, YEARS_BEFORE

Write = Callable[[str], str]

CALENDAR = frozenset({"year", "month", "day_of_month", "day_of_year"})
"""The operations that have text here."""


def calendar_text(name: str, days: str, write: Write) -> str:
    """The expression of one part of the date that is ``days``, an int32, after 1970-01-01."""
    counted = write(f"wrap_add(uint32({days}), uint32({DAYS_BEFORE}))")
    n = write(f"wrap_add(wrap_multiply(uint32(4), {counted}), uint32(3))")
    century = write(f"divide_truncated({n}, uint32({CYCLE_DAYS}))")
    n = write(f"uint32(remainder_truncated({n}, uint32({CYCLE_DAYS})) | uint32(3))")
    of_century = write(f"divide_truncated({n}, uint32(1461))")
    day = write(f"divide_truncated(remainder_truncated({n}, uint32(1461)), uint32(4))")
    next_year = write(f"{day} >= uint32(306)")
    if name == "day_of_year":
        deciding = write(f"select({of_century} == uint32(0), {century}, {of_century})")
        leap = write(f"select(uint32({deciding} & uint32(3)) == uint32(0), uint32(1), uint32(0))")
        from_january = write(f"wrap_add(wrap_add({day}, uint32(60)), {leap})")
        return f"int32(select({next_year}, wrap_subtract({day}, uint32(305)), {from_january}))"
    if name == "year":
        years = write(f"wrap_add(wrap_multiply(uint32(100), {century}), {of_century})")
        years = write(f"wrap_add({years}, select({next_year}, uint32(1), uint32(0)))")
        return f"int32(wrap_subtract({years}, uint32({YEARS_BEFORE})))"
    n = write(f"wrap_add(wrap_multiply(uint32(2141), {day}), uint32(197913))")
    if name == "month":
        number = write(f"uint32({n} >> uint32(16))")
        return f"int32(select({next_year}, wrap_subtract({number}, uint32(12)), {number}))"
    rest = write(f"uint32({n} & uint32(65535))")
    return f"int32(wrap_add(divide_truncated({rest}, uint32(2141)), uint32(1)))"
