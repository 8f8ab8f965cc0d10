"""Times that know their zone: as keys, in order, compared, against pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

from lazyframe.pandas_internals import SINCE_3_1
from tests.joins.frames import check

pytestmark = pytest.mark.usefixtures("interpreted")

Frame = Any
Program = Callable[[Any, Frame, Frame], Any]
ZONES = [
    ("ns", "UTC", "ns", "UTC"),
    ("us", "Europe/Berlin", "us", "Europe/Berlin"),
    ("ns", "UTC", "us", "UTC"),
    ("ns", "UTC", "ns", "Asia/Tokyo"),
]
POINT = pandas.Timestamp("1999-05-05", tz="UTC")


def frame(seed: int, unit: str, zone: str, name: str) -> pandas.DataFrame:
    random = np.random.default_rng(seed)
    days = np.array(["2001-01-01", "NaT", "1999-05-05", "2030-12-31T12:30"], f"M8[{unit}]")
    times = pandas.Series(days[random.integers(0, 4, 10)]).dt.tz_localize("UTC").dt.tz_convert(zone)
    values = {"z": times, "i": random.integers(0, 3, 10), "v": random.integers(0, 9, 10)}
    return pandas.DataFrame(values | {name: random.normal(size=10)})


@pytest.mark.parametrize("how", ["inner", "left", "right", "outer"])
@pytest.mark.parametrize("zones", ZONES, ids=str)
def test_merges(zones: tuple[str, str, str, str], how: Any) -> None:
    left, right = frame(1, *zones[:2], "x"), frame(2, *zones[2:], "y")
    programs: list[Program] = [
        lambda pd, a, b: a.merge(b, on="z", how=how),
        lambda pd, a, b: a.merge(b, on=["i", "z"], how=how, sort=True),
        lambda pd, a, b: a.join(b.set_index("z"), on="z", how=how, rsuffix="_r"),
        lambda pd, a, b: a.set_index("z").join(b.set_index("z"), how=how, rsuffix="_r"),
        lambda pd, a, b: a.set_index("z").merge(b, on="z", how=how, indicator=True),
        lambda pd, a, b: a.merge(b.rename(columns={"z": "q"}), left_on="z", right_on="q", how=how, sort=True),
    ]
    for program in programs:
        check(program, left, right)
        check(program, left, right.drop_duplicates("z"))


COMPARISONS: list[Program] = [
    lambda pd, a, b: a[a["z"] > POINT],
    lambda pd, a, b: a[a["z"] >= "2000-01-01"],
    lambda pd, a, b: a[a["z"] == POINT.tz_convert("Asia/Tokyo")],
    lambda pd, a, b: a[a["z"] != POINT],
    lambda pd, a, b: a[a["z"] > POINT],
    lambda pd, a, b: a[a["z"] < POINT.to_pydatetime()],
    lambda pd, a, b: a[a["z"] < "2000-01-01T00:00+05:00"],
    lambda pd, a, b: a[a["z"].between(POINT, "2002")],
    lambda pd, a, b: a[a["z"] <= a["z"].shift(1)],
]
ROWS: list[Program] = [
    lambda pd, a, b: a[a["z"].isin(b["z"])],
    lambda pd, a, b: a[~a["z"].isin(b["z"][b["v"] > 3])],
    lambda pd, a, b: a.sort_values("z", kind="stable"),
    lambda pd, a, b: a.sort_values(["z", "v"], ascending=[False, True], na_position="first"),
    lambda pd, a, b: a.drop_duplicates("z"),
    lambda pd, a, b: a.drop_duplicates(["i", "z"], keep="last"),
    lambda pd, a, b: a["z"].duplicated(),
]
OTHERS: list[Program] = [
    lambda pd, a, b: a[a["z"] < pandas.Timestamp("2000")],
    lambda pd, a, b: a[a["z"] == pandas.Timestamp("2000")],
    lambda pd, a, b: a[a["z"] < "no time"],
    lambda pd, a, b: a[a["z"] == "no time"],
    lambda pd, a, b: a[a["z"] < pandas.NaT],
    lambda pd, a, b: a[a["z"] < POINT.date()],
    lambda pd, a, b: a[a["z"] < np.datetime64("2000")],
    lambda pd, a, b: a[a["z"] > b["z"]],
    lambda pd, a, b: a["z"].map(b.set_index("z")["y"]),
    lambda pd, a, b: a["z"].map(b.drop_duplicates("z").set_index("z")["y"]),
    lambda pd, a, b: a["z"].map(b.drop_duplicates("z").set_index("z")["i"]),
    lambda pd, a, b: a["z"] - POINT,
    lambda pd, a, b: a["z"].dt.hour,
    lambda pd, a, b: a.set_index("z").sort_index(kind="stable"),
    lambda pd, a, b: a.set_index(["z", "i"]).sort_index(kind="stable"),
    lambda pd, a, b: pd.concat([a[a["v"] > 3], a[a["v"] <= 3]]),
]


@pytest.mark.parametrize("zones", ZONES, ids=str)
def test_rows(zones: tuple[str, str, str, str]) -> None:
    left, right = frame(1, *zones[:2], "x"), frame(2, *zones[2:], "y")
    for program in (*COMPARISONS, *ROWS, *OTHERS):
        check(program, left, right)
        check(lambda pd, a, b, p=program: p(pd, a[a["v"] > 2], b), left, right)


@pytest.mark.skipif(not SINCE_3_1, reason="keys repeat on the right")
def test_nothing_is_done_in_pandas() -> None:
    left, right = frame(1, "us", "Europe/Berlin", "x"), frame(2, "us", "Europe/Berlin", "y")
    merges: list[Program] = [
        lambda pd, a, b: a.merge(b, on="z"),
        lambda pd, a, b: a.merge(b, on="z", how="left"),
        lambda pd, a, b: a["z"].map(b.set_index("z")["y"]),
    ]
    right = right.drop_duplicates("z")
    for program in (*merges, *COMPARISONS[:8], *ROWS):
        assert not check(program, left, right).__dict__.get("_fallbacks")
