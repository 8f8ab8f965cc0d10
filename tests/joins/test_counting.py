"""Distinct values of joined rows are counted: whichever side is walked, and where lookups filter them too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.testing import assert_frame_equal

Program = Callable[[Any, Any, Any], Any]


def tables(rows: int) -> tuple[pandas.DataFrame, pandas.DataFrame, pandas.DataFrame]:
    """Parts, who offers which of them, and who is not asked."""
    r = np.random.default_rng(rows)
    parts = pandas.DataFrame(
        {
            "part": np.arange(25) * 3,
            "size": r.integers(0, 4, 25),
            "weight": r.choice([1.5, -0.0, 0.0, np.nan], 25),
            "brand": pandas.array(r.choice(["x", "y", None], 25), dtype="str"),
        }
    )
    offers = pandas.DataFrame(
        {
            "of": r.integers(-2, 80, rows),
            "supplier": r.integers(0, 9, rows),
            "price": r.choice([2.5, -0.0, 0.0, np.nan], rows),
        }
    )
    return parts, offers, pandas.DataFrame({"who": [3, 3, 8]})


def offered(parts: Any, offers: Any, avoided: Any) -> Any:
    both = parts.merge(offers, left_on="part", right_on="of")
    return both[(both["size"] != 1) & ~both["supplier"].isin(avoided["who"])]


PROGRAMS: dict[str, Program] = {
    "by one key": lambda *t: offered(*t).groupby("size", as_index=False)["supplier"].nunique(),
    "by two keys": lambda *t: offered(*t).groupby(["size", "brand"], as_index=False)["supplier"].nunique(),
    "of numbers that are missing": lambda *t: offered(*t).groupby("size", as_index=False)["price"].nunique(),
    "by numbers that are missing": lambda *t: offered(*t).groupby("weight", as_index=False)["of"].nunique(),
    "of text": lambda *t: offered(*t).groupby("supplier", as_index=False)["brand"].nunique(),
    "beside what the first row has": lambda *t: (
        offered(*t).groupby("size", as_index=False).agg(n=("supplier", "nunique"), first=("of", "first"))
    ),
    "in order of appearance": lambda *t: (
        offered(*t).groupby("supplier", as_index=False, sort=False)["size"].nunique()
    ),
    "rows": lambda *t: offered(*t)[["part", "supplier"]].drop_duplicates(),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("rows", [1, 200])
@pytest.mark.parametrize("min_rows", [None, 0])
def test_counts_are_those_of_pandas(name: str, rows: int, min_rows: int | None) -> None:
    frames = tables(rows)
    with lazyframe.config(min_rows=min_rows):
        found = PROGRAMS[name](*[lazyframe.DataFrame(frame) for frame in frames])
        assert_frame_equal(found, PROGRAMS[name](*frames))


def test_no_rows_are_paired_to_count_distinct_values() -> None:
    if not SINCE_3_1:
        pytest.skip("pandas 3.0 pairs rows in another order")
    parts, offers, avoided = [lazyframe.DataFrame(frame) for frame in tables(200)]
    plan = str(PROGRAMS["by one key"](parts, offers, avoided).explain())
    assert "push_filters_into_joins: matched" in plan
    assert "positions of inner join" not in plan[plan.index("\nprogram\n") :]
