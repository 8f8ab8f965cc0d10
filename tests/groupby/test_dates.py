"""Groups by Python's dates and by periods, which are made of times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import assert_same, check_recorded

pytestmark = pytest.mark.usefixtures("interpreted")

ROWS = 300


@pytest.fixture(scope="module")
def data() -> pandas.DataFrame:
    random = np.random.default_rng(3)
    seconds = random.integers(0, 40 * 86_400, ROWS)
    text = random.choice(list("abc"), ROWS)
    return pandas.DataFrame({
        "t": pandas.to_datetime("2019-12-20") + pandas.to_timedelta(seconds, unit="s"),
        "k": random.integers(0, 3, ROWS), "x": random.normal(size=ROWS), "s": text,
        "c": pandas.Categorical(text, list("cbaz")),
    })  # fmt: skip


KEYS: dict[str, Callable[[Any], Any]] = {
    "dates": lambda df: df["t"].dt.date,
    "days": lambda df: df["t"].dt.to_period("D"),
    "months": lambda df: df["t"].dt.to_period("M"),
}

USES: dict[str, Callable[[Any], Any]] = {
    "sums": lambda g: g["x"].sum(),
    "several": lambda g: g.agg(a=("x", "mean"), b=("s", "first")),
    "sizes": lambda g: g.size(),
    "ranks": lambda g: g["x"].rank(),
    "functions": lambda g: g["x"].agg(lambda x: x.max() - x.min()),
    "descriptions": lambda g: g["x"].describe(),
    "numbers": lambda g: g.ngroup(),
    "largest": lambda g: g["x"].nlargest(1),
}

OPTIONS: list[dict[str, bool]] = [
    {}, {"sort": False}, {"as_index": False}, {"dropna": False}, {"observed": False, "as_index": False},
]  # fmt: skip


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("by", ["key", ["key", "k"], ["s", "key"], ["c", "key"], None], ids=str)
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_keys(data: pandas.DataFrame, key: Any, by: Any, options: dict[str, bool], use: Any) -> None:
    def grouped(df: Any) -> Any:
        df = df[df["x"] > -1.5]
        return df.groupby(key(df), **options) if by is None else df.assign(key=key(df)).groupby(by, **options)

    check_recorded(data, grouped, use, rounded=True)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_of_a_missing_time_pandas_decides(data: pandas.DataFrame, key: Any) -> None:
    some = data.assign(t=data["t"].where(data["k"] > 0))
    for dropna in (True, False):
        want = some.groupby(key(some), dropna=dropna)["x"].sum()
        frame = lazyframe.DataFrame(some)
        assert_same(frame.groupby(key(frame), dropna=dropna)["x"].sum(), want, rounded=True)
