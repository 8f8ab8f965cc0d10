"""The least and greatest values that a file notes of its row groups."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow

from lazyframe.run.late import Bounds
from lazyframe.run.parquet.footer import FooterError
from lazyframe.run.parquet.pages import UNITS

if TYPE_CHECKING:
    from lazyframe.run.parquet.scan import RowGroup, ScanColumn


def bounds_in(column: ScanColumn, group: RowGroup) -> Bounds | None:
    """Limits of a column's values in a row group, at its dtype; None where the file does not tell.

    A missing value of a column of times is the least of all, as its integer is; NaN is left out, and so is
    what is missing of a column of numbers.
    """
    footer = group.source.footer
    leaf = footer.leaves.get(column.name)
    if leaf is None or not _is_ordered(footer.column(leaf), column):
        return None
    try:
        statistics = footer.chunk(group.number, leaf).statistics
    except FooterError:
        return None
    if statistics is None or not statistics.has_min_max:
        return None
    if footer.has_doubtful_bounds(group.number, leaf):
        return None  # nothing else in a footer tells that a byte of it has changed
    low, high = statistics.min_raw, statistics.max_raw
    if low != low or high != high or low > high:
        return None
    if column.dtype.kind != "M":
        return Bounds(column.dtype.type(low), column.dtype.type(high))
    if footer.column(leaf).max_definition_level and (not statistics.has_null_count or statistics.null_count):
        low = np.iinfo(np.int64).min
    first, last = np.array([low, high], np.int64).view(column.dtype)
    return Bounds(first, last)


def _is_ordered(stored: Any, column: ScanColumn) -> bool:
    """Whether the file's order of a column's values is NumPy's, and its values the same numbers."""
    logical = stored.logical_type.type
    kind = column.field.type
    if pyarrow.types.is_signed_integer(kind):
        return column.dtype.kind in "if" and logical in ("NONE", "INT")
    if pyarrow.types.is_floating(kind):
        return stored.physical_type in ("FLOAT", "DOUBLE") and column.dtype.kind == "f"
    if not pyarrow.types.is_timestamp(kind) or stored.physical_type != "INT64" or logical != "TIMESTAMP":
        return False
    described = json.loads(stored.logical_type.to_json())
    return column.dtype.kind == "M" and UNITS.get(described["timeUnit"]) == np.datetime_data(column.dtype)[0]
