"""Random frames with keys to join by, and what it takes for two results to be the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pyarrow
from hypothesis import strategies as st

import lazyframe
from lazyframe.testing import assert_frame_equal

DAYS = np.array(["2001-01-01", "NaT", "1999-05-05", "2030-12-31"], "M8[ns]")
WORDS = pandas.array(["b", "a", "", None, "zz"], dtype="str")
POOLS: dict[str, Any] = {
    "int64": np.array([1, 2, 3, -5, 2**62], np.int64),
    "narrow": np.array([1, 2, 3, -5], np.int8),
    "unsigned": np.array([1, 2, 2**64 - 1], np.uint64),
    "bool": np.array([True, False]),
    "float": np.array([1.0, -0.0, 0.0, np.nan, np.inf, 2.5]),
    "date": DAYS,
    "span": DAYS - DAYS[0],
    "str": WORDS,
    "category": pandas.Categorical.from_codes([0, 1, 2, -1], categories=["x", "y", "unused", "z"]),
    "object": np.array(["a", 1, None], object),
    "text": np.array(["b", "a", "", None, "zz"], object),
    "text with nan": np.array(["a", np.nan, "b"], object),
    "day": DAYS.astype("M8[s]"),
    "single": np.array([1.0, np.nan, 2.5], np.float32),
}
"""Values of keys that repeat, by kind."""


@st.composite
def frames(draw: st.DrawFn, kinds: tuple[str, ...], name: str) -> pandas.DataFrame:
    """A frame of up to 12 rows with a key ``k0``, ``k1`` ... of each kind, and other columns."""
    rows = draw(st.sampled_from([0, 1, 2, 5, 12]))
    unique = draw(st.booleans())
    columns: dict[str, Any] = {}
    for number, kind in enumerate(kinds):
        pool = POOLS[kind]
        choice = st.lists(st.integers(0, len(pool) - 1), min_size=rows, max_size=rows)
        if unique and number == 0 and rows <= len(pool):
            choice = st.permutations(range(len(pool)))
        columns[f"k{number}"] = pool[np.array(draw(choice)[:rows], np.int64)]
    random = np.random.default_rng(draw(st.integers(0, 9)))
    columns["x"] = random.normal(size=rows)
    columns[name] = random.integers(0, 100, rows).astype(np.int32)
    columns["s"] = pandas.array(random.choice(["p", "q", None], rows), dtype="str")
    columns["flag"] = random.random(rows) < 0.5
    frame = pandas.DataFrame(columns)
    if draw(st.booleans()):
        frame.index = pandas.Index(random.integers(0, 5, rows), name=draw(st.sampled_from([None, "label"])))
    return frame


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gives, or the type and text of what it raises."""
    try:
        return call()
    except Exception as error:
        return type(error), str(error)


def check(program: Callable[[Any, Any, Any], Any], left: pandas.DataFrame, right: pandas.DataFrame) -> Any:
    """Run a program in pandas and in lazyframe; give the lazy result, found to be the same."""
    want = outcome(lambda: program(pandas, left, right))
    got = outcome(lambda: program(lazyframe, lazyframe.DataFrame(left), lazyframe.DataFrame(right)))
    if isinstance(want, pandas.DataFrame):
        assert_frame_equal(got, want, check_exact=True)
    elif isinstance(want, pandas.Series):
        pandas.testing.assert_series_equal(got.to_pandas(), want, check_exact=True)
    elif want[0] is not pyarrow.ArrowInvalid:  # that pandas raises for strings of no rows in no chunk
        assert got == want
    return got
