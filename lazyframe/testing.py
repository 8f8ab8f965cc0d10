"""``pandas.testing`` for frames and series of either kind.

pandas' functions want the same class on both sides; ours is one with pandas', so both sides are compared
as pandas'.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pandas.testing
from pandas.testing import assert_extension_array_equal, assert_index_equal

from lazyframe.api.wrap import unwrap

__all__ = [
    "assert_extension_array_equal",
    "assert_frame_equal",
    "assert_index_equal",
    "assert_series_equal",
]


def _comparing(theirs: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(theirs)
    def compare(left: Any, right: Any, *args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        theirs(unwrap(left), unwrap(right), *args, **kwargs)

    return compare


assert_frame_equal = _comparing(pandas.testing.assert_frame_equal)
assert_series_equal = _comparing(pandas.testing.assert_series_equal)
