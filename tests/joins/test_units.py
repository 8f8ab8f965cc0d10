"""Dates of two units as keys, against pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

from lazyframe.pandas_internals import SINCE_3_1
from tests.joins.frames import check

pytestmark = [pytest.mark.usefixtures("interpreted"), pytest.mark.filterwarnings("ignore")]

Frame = Any
Program = Callable[[Any, Frame, Frame], Any]


def frame(seed: int, unit: str, rows: int, name: str) -> pandas.DataFrame:
    random = np.random.default_rng(seed)
    days = np.array(["2001-01-01", "NaT", "1999-05-05", "2030-12-31T12:30", "1969-12-31T23:59:59"], "M8[ns]")
    if unit == "ns":
        days = days + np.arange(5) % 2
    picked = days[random.integers(0, 5, rows)].astype(f"M8[{unit}]")
    numbers = {"i": random.integers(0, 3, rows), "v": random.integers(0, 9, rows)}
    return pandas.DataFrame({"d": picked} | numbers | {name: random.normal(size=rows)})


PROGRAMS: list[Callable[[Any], Program]] = [
    lambda how: lambda pd, a, b: a.merge(b, on="d", how=how),
    lambda how: lambda pd, a, b: a.merge(b, on=["i", "d"], how=how, sort=True),
    lambda how: lambda pd, a, b: a[a["v"] > 2].merge(b, on="d", how=how, indicator=True),
    lambda how: lambda pd, a, b: a.join(b.set_index("d"), on="d", how=how, rsuffix="_r"),
    lambda how: (
        lambda pd, a, b: a.merge(b.set_index(["d", "i"]), left_on=["d", "i"], right_index=True, how=how)
    ),
    lambda how: lambda pd, a, b: a.set_index("d").merge(b, left_index=True, right_on="d", how=how),
    lambda how: lambda pd, a, b: a.set_index("d").merge(b, on="d", how=how),
    lambda how: lambda pd, a, b: a.merge(b.rename(columns={"d": "q"}), left_on="d", right_on="q", how=how),
    lambda how: lambda pd, a, b: a.merge(b[b["d"] > "2040"], on="d", how=how),
    lambda how: lambda pd, a, b: a[a["d"] > "2040"].merge(b, on="d", how=how),
]


@pytest.mark.parametrize("how", ["inner", "left", "right", "outer"])
@pytest.mark.parametrize("units", [("ns", "us"), ("s", "ns")], ids=str)
def test_merges(units: tuple[str, str], how: Any) -> None:
    left = frame(1, units[0], 9, "x")
    same = left.astype({"d": f"M8[{units[1]}]"})
    for right in (frame(2, units[1], 5, "y"), frame(2, units[1], 9, "y"), same):
        for program in PROGRAMS:
            check(program(how), left, right)
            check(program(how), left, right.drop_duplicates("d"))


@pytest.mark.parametrize("units", [("ns", "us"), ("us", "ns"), ("ms", "s")], ids=str)
def test_lookups(units: tuple[str, str]) -> None:
    left, right = frame(1, units[0], 9, "x"), frame(2, units[1], 5, "y")
    for rows in (right, right.drop_duplicates("d"), right[:0]):
        check(lambda pd, a, b: a[a["d"].isin(b["d"])], left, rows)
        check(lambda pd, a, b: a["d"].map(b.set_index("d")["y"]), left, rows)
        check(lambda pd, a, b: a["d"].map(b.set_index("d")["i"]), left, rows)


@pytest.mark.skipif(not SINCE_3_1, reason="the key is at one unit or the other")
def test_nothing_is_done_in_pandas() -> None:
    left, right = frame(1, "us", 9, "x"), frame(2, "ns", 7, "y").drop_duplicates("d")
    lookups: list[Program] = [
        lambda pd, a, b: a[a["d"].isin(b["d"])],
        lambda pd, a, b: a["d"].map(b.set_index("d")["y"]),
    ]
    for program in (*[program("inner") for program in PROGRAMS[:4]], PROGRAMS[0]("left"), *lookups):
        assert not check(program, left, right).__dict__.get("_fallbacks")
        assert not check(program, left.astype({"d": "M8[ns]"}), right.astype({"d": "M8[ms]"})).__dict__.get(
            "_fallbacks"
        )
