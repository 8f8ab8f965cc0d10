"""Rows of an array that are evenly spaced."""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe.run.bindings import bound_to
from passes.ir.rows import Range
from passes.ir.values import Read, Value, View


def strided(data: Any, start: int, step: int, low: int, high: int) -> Any:
    """Rows ``low`` to ``high`` of what begins at ``start`` in ``data`` and goes on by ``step``: a view."""
    first, behind = start + step * low, start + step * high
    return data[first : behind if behind >= 0 else None : step] if high > low else data[:0]


def slice_in_memory(value: Value) -> np.ndarray | None:
    """A slice of an input in memory as NumPy's view, which may not be written to; None of anything else."""
    if type(value) is View:
        rows = value.rows
        source = slice_in_memory(value.column)
        if source is None or type(rows) is not Range or type(rows.extent) is not int:
            return None
        view: np.ndarray = strided(source, value.start, value.step, 0, rows.extent)
    else:
        bound = bound_to(value.token) if type(value) is Read else None
        if type(bound) is not np.ndarray:
            return None
        view = bound.view()
    view.flags.writeable = False
    return view
