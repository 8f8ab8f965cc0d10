"""Rows of an array that are evenly spaced."""

from __future__ import annotations

from typing import Any


def strided(data: Any, start: int, step: int, low: int, high: int) -> Any:
    """Rows ``low`` to ``high`` of what begins at ``start`` in ``data`` and goes on by ``step``: a view."""
    first, behind = start + step * low, start + step * high
    return data[first : behind if behind >= 0 else None : step] if high > low else data[:0]
