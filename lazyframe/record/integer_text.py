"""Integers and booleans as text: pandas writes each that there may be once, and rows look theirs up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import is_str
from lazyframe.record.elementwise import BOOL, INT64, apply, cast, literal
from lazyframe.record.row_counts import has_rows
from lazyframe.record.row_labels import length_of
from lazyframe.record.string_entries import bind_dictionary
from passes.ir.values import Gather, Reduce, Value

_MOST = 1 << 15
_ROWS_AN_INTEGER = 4
"""With so many rows for each integer, to write all of these costs less than to write all rows."""


def text_of_integers(column: Value, wanted: Any) -> Value | None:
    """``column.astype(str)``; None where pandas has to decide, and where integers are far apart.

    Parameters
    ----------
    column : Value
        Of any dtype.
    wanted : object
        The dtype, as users name it.
    """
    try:
        dtype: Any = pandas.api.types.pandas_dtype(wanted)
    except TypeError:
        return None
    if not is_str(dtype) or column.rows is None or column.dtype.kind not in "biu":
        return None
    if column.dtype == BOOL:
        return _looked_up(column, np.array([False, True]), wanted, 0)
    if column.dtype == np.uint64 or not has_rows(column.rows):
        return None
    low, high = compute([Reduce("minimum", column, column.dtype), Reduce("maximum", column, column.dtype)])
    first, last = int(low), int(high)
    if last - first >= max(_MOST, (length_of(column.rows) or 0) // _ROWS_AN_INTEGER):
        return None
    return _looked_up(column, np.arange(first, last + 1), wanted, first)


def _looked_up(column: Value, each: np.ndarray, wanted: Any, first: int) -> Value:
    entries = bind_dictionary(pandas.Series(each, copy=False).astype(wanted).array)
    position = cast(column, INT64)
    return Gather(entries, apply("subtract", position, literal(first, INT64)) if first else position)
