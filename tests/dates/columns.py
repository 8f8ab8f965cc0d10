"""Columns of times for hypothesis: every unit, NaT, limits, filtered, and with indexes of any kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import INDEXES

UNITS = ("s", "ms", "us", "ns")
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
NAT = -(2**63)

DATES = [
    pd.Timestamp(text)
    for text in (
        "1970-01-01", "2000-02-29 12:34:56.789012345", "1999-12-31 23:59:59.999999999", "1900-02-28",
        "1900-03-01", "2100-02-28 23:59:59", "2024-02-29", "2023-06-30", "1969-12-31 23:59:59.5",
        "1700-01-01 00:30", "2262-04-11 23:47:16", "1677-09-22", "2020-12-31", "2021-01-01 00:00:00.000001",
    )
]  # fmt: skip


def _ticks(kind: str, unit: str) -> st.SearchStrategy[int]:
    """Mostly what people have, sometimes what breaks things."""
    per_second = PER_SECOND[unit]
    if kind == "M":
        usual = st.sampled_from([date.value * per_second // 10**9 for date in DATES])
    else:
        usual = st.sampled_from([0, 1, -1, 86_400 * per_second, 1 - per_second, 12_345_678_901, 7, -1000])
    decades = 50 * 366 * 86_400 * per_second
    ancient = st.integers(-(10**13), 10**13) if unit in ("s", "ms") else st.integers(1 - 2**63, 2**63 - 1)
    return usual | st.integers(-decades, decades) | usual | ancient


@st.composite
def arrays(draw: Callable, kind: str, unit: str, length: int) -> np.ndarray:
    """``length`` times of a unit; half of the arrays have no NaT, and most stay far from the limits."""
    values = st.integers(-(10**9), 10**9) | _ticks(kind, unit) if draw(st.booleans()) else _ticks(kind, unit)
    if draw(st.booleans()):
        values = values | st.just(NAT)
    if draw(st.integers(0, 3)) > 0:
        most = 200 * 366 * 86_400 * PER_SECOND[unit]
        values = values.filter(lambda tick: tick == NAT or abs(tick) < most)
    found = draw(st.lists(values, min_size=length, max_size=length))
    return np.array(found, np.int64).view(f"{kind}8[{unit}]")


@st.composite
def pairs(draw: Callable, kinds: str = "M", columns: int = 1) -> tuple[Any, Any]:
    """A lazyframe frame and the same of pandas, of times called ``t0``, ``t1``, ..."""
    length = draw(st.integers(0, 8))
    index = draw(st.sampled_from(sorted(INDEXES)))
    made = {}
    for number in range(columns):
        kind, unit = draw(st.sampled_from(kinds)), draw(st.sampled_from(UNITS))
        made[f"t{number}"] = draw(arrays(kind, unit, length))
    frame = pd.DataFrame(made)
    frame.index = INDEXES[index](length)
    ours = lazyframe.DataFrame(frame)
    if draw(st.integers(0, 3)) == 0:
        keep = draw(st.lists(st.booleans(), min_size=length, max_size=length))
        number = np.array(keep, bool)
        ours["keep"], frame["keep"] = number, number
        return ours[ours["keep"]], frame[frame["keep"]]
    return ours, frame
