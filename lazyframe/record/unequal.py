"""Comparisons with what no value of a column can be equal to."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas

from lazyframe.record.categories import category_codes
from lazyframe.record.constants import constant
from lazyframe.record.dictionaries import is_text
from lazyframe.record.zoned_times import zone_dtype_of
from passes.ir.values import OPAQUE, Value

_MISSING = (type(None), type(pandas.NaT), type(pandas.NA))
_NUMBERS = (bool, int, float, np.bool_, np.number)
_TIMES = (datetime.date, datetime.timedelta, np.datetime64, np.timedelta64)
_LIMIT = 1 << 63
"""Integers that int64 holds are below."""


def compare_unequal(name: str, column: Value, other: Any) -> Value | None:
    """``==`` or ``!=`` with a scalar of another kind, and any comparison of times with ``NaT``.

    Parameters
    ----------
    name : str
        Of the operator.
    column : Value
        Of any dtype.
    other : object
        What pandas does not compare with any value of the column.

    Returns
    -------
    Value or None
        The same truth in each row; None where pandas has to decide, or to raise.
    """
    is_time = column.dtype.kind in "mM" or zone_dtype_of(column) is not None
    unordered = name in ("eq", "ne") or (other is pandas.NaT and is_time)
    if column.rows is None or not unordered or not _is_of_another_kind(column, other, is_time):
        return None
    return constant(name == "ne", column.rows)


def _is_of_another_kind(column: Value, other: Any, is_time: bool) -> bool:
    if isinstance(other, _MISSING):
        return True
    if column.dtype.kind in "biuf":
        return isinstance(other, (str, datetime.date, datetime.timedelta))
    if is_time:  # text that is no time, and times of another kind
        return isinstance(other, (str, *_NUMBERS, *_TIMES))
    if column.dtype != OPAQUE:
        return False
    if category_codes(column) is not None:
        return isinstance(other, float) and other != other
    if isinstance(other, (np.datetime64, np.timedelta64)) or (
        isinstance(other, int) and not -_LIMIT <= other < _LIMIT
    ):
        return False  # Arrow may raise
    return isinstance(other, (*_NUMBERS, *_TIMES)) and is_text(column)
