"""A column of one value."""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64
from passes.ir.rows import Rows
from passes.ir.values import Literal, RowNumber, Value, map_over


def constant_dtype(value: Any) -> np.dtype | None:
    """The dtype of a column that pandas makes of a scalar; None if it is not for kernels."""
    if isinstance(value, (bool, np.bool_)):
        return BOOL
    if type(value) is int:
        return INT64 if -(2**63) <= value < 2**63 else None
    if type(value) is float:
        return FLOAT64
    if isinstance(value, np.generic) and value.dtype.kind in "iuf" and value.dtype.itemsize in (1, 2, 4, 8):
        return None if value.dtype == np.float16 else value.dtype
    return None


def constant(value: Any, rows: Rows) -> Value | None:
    """A column of ``rows`` that is ``value`` everywhere, or None if it is not for kernels."""
    dtype = constant_dtype(value)
    if dtype is None:
        return None
    everywhere = map_over("greater_equal", (RowNumber(rows), _ZERO), BOOL, rows)
    chosen, other = Literal(value, dtype), Literal(1 - int(bool(value == 0)), dtype)
    return map_over("select", (everywhere, chosen, other), dtype, rows)


_ZERO = Literal(0, INT64)
