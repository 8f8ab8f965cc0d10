"""What of a sort is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from passes.ir.node import Node
from passes.ir.rows import Rows, Slice, Sort
from passes.ir.values import Gather, Position, Reduce, Take, Value, Window
from passes.ir.walk import children


def partly_sorted(value: Value) -> Sort | None:
    """The sort that ``value`` is the positions of the first, or last, so many rows of; else None.

    These are found by selection, without sorting the others.
    """
    match value:
        case Take(Position(_, _, Sort() as sort), _, Slice() as rows) if _is_end(rows):
            return sort
    return None


def sorted_whole(order: Iterable[Node], results: Iterable[Value]) -> set[Sort]:
    """The sorts of a graph of which all rows are needed, and not only the first or last so many."""
    needed: set[Node | None] = {result.rows for result in results}
    for node in order:
        if isinstance(node, (Reduce, Window, Gather)):
            needed.add(node.column.rows)
        elif isinstance(node, Rows) and not (isinstance(node, Slice) and _is_end(node)):
            needed.update(children(node))
    return {node for node in needed if isinstance(node, Sort)}


def _is_end(rows: Slice) -> bool:
    if rows.step not in (None, 1):
        return False
    if rows.start in (None, 0):
        return rows.stop is not None and rows.stop >= 0
    return rows.start is not None and rows.start < 0 and rows.stop is None
