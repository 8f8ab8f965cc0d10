"""One program on pandas' frame and on lazyframe's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

import lazyframe
from tests.record.compare import assert_same, is_lazy, outcome

Program = Callable[[Any], Any]


def ours(frame: pd.DataFrame) -> Any:
    """``frame`` as a frame of lazyframe's, sharing nothing with it."""
    return lazyframe.DataFrame(frame.copy())


def check(frame: pd.DataFrame, program: Program, lazy: bool | None = None) -> None:
    """The same result of both, or the same error.

    Parameters
    ----------
    frame : pandas.DataFrame
    program : callable
        Takes a frame.
    lazy : bool, optional
        Whether the result is recorded rather than computed; unchecked by default.
    """
    expected = outcome(program, frame.copy())
    result = outcome(program, ours(frame))
    if lazy is not None:
        assert not isinstance(expected, Exception), expected
        assert is_lazy(result) is lazy
    assert_alike(result, expected)


def assert_alike(result: Any, expected: Any) -> None:
    """The same in all but whether labels without gaps are a RangeIndex."""
    labelled = isinstance(expected, (pd.Series, pd.DataFrame)) and not isinstance(result, Exception)
    if labelled and expected.index.dtype == "int64":
        # what is selected of a RangeIndex in two steps may be one again when it is selected in one
        pd.testing.assert_index_equal(result.index, expected.index, exact="equiv")
        expected = expected.set_axis(result.index)
    assert_same(result, expected)
    if isinstance(getattr(expected, "index", None), pd.MultiIndex):
        for mine, theirs in zip(result.index.levels, expected.index.levels, strict=True):
            pd.testing.assert_index_equal(mine, theirs)
