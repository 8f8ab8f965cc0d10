"""Clocks of zones, medians across columns and large powers, computed in kernels, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import lazyframe
from tests.record.compare import assert_same

pytestmark = pytest.mark.usefixtures("_by_kernels")


def frame(library: Any) -> Any:
    random = np.random.default_rng(5)
    seconds = random.integers(1_500_000_000, 1_700_000_000, 700) // 3600 * 3600 + 1800
    times = pd.Series(pd.DatetimeIndex(seconds.astype("M8[s]"), tz="UTC").tz_convert("America/New_York"))
    times[::50] = pd.NaT
    made = {f"f{k}": random.normal(size=700).round(1) for k in range(5)}
    made["f2"][::3] = np.nan
    made["f3"][::9] = np.nan
    powers = {"n": random.integers(-9, 9, 700), "e": random.integers(0, 500, 700)}
    return library.DataFrame({"t": times, **made, **powers})


def test_clocks() -> None:
    def program(library: Any) -> Any:
        made = frame(library)
        made = made.assign(
            hour=made["t"].dt.hour, day=made["t"].dt.floor("D"), wall=made["t"].dt.tz_localize(None)
        )
        made["later"] = (made["t"] + pd.Timedelta(90, "min")).dt.hour
        return made.assign(since=made["t"] - made["day"])[made["n"] > 0]

    assert_same(program(lazyframe), program(pd))


def test_groups() -> None:
    def program(library: Any) -> Any:
        made = frame(library)
        return made.groupby(made["t"].dt.normalize()).agg({"n": "sum", "t": "max", "e": "count"})

    assert_same(program(lazyframe), program(pd))


def test_numbers() -> None:
    def program(library: Any) -> Any:
        made = frame(library)
        numbers = made[["f0", "f1", "f2", "f3", "f4"]]
        made["middle"] = numbers.median(axis=1) + 0.0
        made["power"] = made["n"] ** made["e"]
        made["tens"] = made["e"].round(-1)
        made["bounded"] = numbers.clip([-1.0, -0.5, 0, 0.5, 1], axis=1)["f1"]
        return made

    assert_same(program(lazyframe), program(pd))
