"""Object arrays that hold strings, and what else they hold: what is missing in them."""

from __future__ import annotations

from types import NoneType
from typing import Any

import numpy as np
import pandas


def is_objects(array: Any) -> bool:
    """Whether an array is one of Python objects, whatever they are."""
    return isinstance(array, np.ndarray) and array.dtype == object


def is_numbers(array: Any) -> bool:
    """Whether an array is NumPy's and kernels can hold it."""
    return isinstance(array, np.ndarray) and array.dtype != object


def are_strings(array: np.ndarray) -> bool:
    """Whether all objects are strings, in pandas' eyes, or missing: nothing that anybody could change."""
    return pandas.api.types.infer_dtype(array, skipna=True) in ("string", "empty")


def are_truths(array: np.ndarray) -> bool:
    """Whether all objects are booleans, or missing."""
    return pandas.api.types.infer_dtype(array, skipna=True) == "boolean"


_KINDS = frozenset({str, NoneType, float})
_SOME = 1 << 10
"""Where there is something else there is mostly some of it among so many."""


def missing_among(array: np.ndarray) -> list[Any] | None:
    """The different missing values, None and NaN, beside the strings in an object array.

    None where something else is in it: another type, one derived from ``str`` too, is no string here.
    """
    kinds = set(map(type, array[:_SOME]))
    if kinds <= _KINDS:
        kinds = set(map(type, array))
    if not kinds <= _KINDS:
        return None
    if float in kinds and any(value == value for value in array if type(value) is float):
        return None
    return [value for kind, value in ((NoneType, None), (float, np.nan)) if kind in kinds]
