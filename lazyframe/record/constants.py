"""A column of one value."""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, select
from passes.ir.rows import Rows
from passes.ir.values import Literal, RowNumber, Value


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
    everywhere = apply("greater_equal", RowNumber(rows), Literal(0, INT64), dtype=BOOL)
    chosen = Literal(value, dtype)
    return select(everywhere, chosen, Literal(1 - int(bool(value == 0)), dtype))
