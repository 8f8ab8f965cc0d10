"""What of a sort is asked for."""

from __future__ import annotations

from passes.ir.rows import Slice, Sort
from passes.ir.values import Position, Take, Value


def partly_sorted(value: Value) -> Sort | None:
    """The sort that ``value`` is the positions of the first, or last, so many rows of; else None.

    These are found by selection, without sorting the others.
    """
    match value:
        case Take(Position(_, _, Sort() as sort), _, Slice() as rows) if _is_end(rows):
            return sort
    return None


def _is_end(rows: Slice) -> bool:
    if rows.step not in (None, 1):
        return False
    if rows.start in (None, 0):
        return rows.stop is not None and rows.stop >= 0
    return rows.start is not None and rows.start < 0 and rows.stop is None
