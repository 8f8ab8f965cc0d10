"""What may be assigned to a column without computing it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import aligned_value, array_value
from lazyframe.record.capture import is_kernel_dtype
from lazyframe.record.constants import constant
from lazyframe.record.table import Table
from lazyframe.run.bindings import bind_array
from passes.ir.rows import Range
from passes.ir.values import Value


def assigned_value(value: Any, table: Table) -> Value | None:
    """The column that ``frame[label] = value`` makes; None where pandas has to decide."""
    if isinstance(value, pandas.Series):
        return aligned_value(value, table)
    lazy = array_value(value)
    if lazy is not None:
        return lazy if lazy.rows is table.rows else None
    if isinstance(value, np.ndarray):
        if value.ndim != 1 or not is_kernel_dtype(value.dtype) or table.rows is not Range(len(value)):
            return None
        if value.dtype.kind in "mM" and not _is_unit_of_pandas(value.dtype):
            return None
        return bind_array(value.copy())
    return constant(value, table.rows)


def _is_unit_of_pandas(dtype: np.dtype) -> bool:
    return np.datetime_data(dtype) in (("s", 1), ("ms", 1), ("us", 1), ("ns", 1))
