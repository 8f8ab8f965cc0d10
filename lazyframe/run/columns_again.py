"""Columns of sources that a later computation needs again: pandas has them from the line on that made them.

What no loop can be fused with is in an array in any case, and is kept when it is first computed.  Other
columns are computed in the loop that needs them, and a second loop computes them again: one that is dear is
then computed along and kept, so that a third loads it.  Of several on one path that is the last, which has
the others in it.  What is asked for itself becomes the user's, who may write to it: the second time a copy is
kept, whether it is dear or in an array in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from lazyframe.run.keepable import Keepable
from lazyframe.run.late import most_bytes
from passes.ir.node import Node
from passes.ir.values import Gather, Take, Value
from passes.ir.walk import children


def columns_needed_again(
    order: Sequence[Any],
    keepable: Keepable,
    times: Callable[[Node], int],
    is_kept: Callable[[Node], bool],
    results: Collection[Value],
) -> list[Value]:
    """Columns that are worth storing as they are computed.

    Parameters
    ----------
    order : sequence of Node
        The graph in topological order.
    keepable : Keepable
        What may be kept of it.
    times : callable
        How many computations have needed a node, this one included.
    is_kept : callable
        Whether something that is kept stands for a node.
    results : collection of Value
        What is asked for itself.
    """
    windows = {order[place] for place in keepable.windows}
    asked = [order[place] for place in keepable.dear] + [column for column in windows if column in results]
    again = {column for column in dict.fromkeys(asked) if times(column) > 1}
    if not windows and not again:
        return []
    found: list[Value] = []
    needed: set[Node] = {*results}
    partly: set[Node] = set()
    for node in reversed(order):
        if (node not in needed and node not in partly) or is_kept(node):
            continue
        is_window = node in windows
        is_whole = is_window or node in needed
        is_again = is_whole and node in again
        if (is_again or (is_window and node not in results)) and _fits(node):
            found.append(node)
            if is_again:
                continue  # what it is made of is needed by it alone, as far as is known
        whole, some = _inputs(node, is_whole)
        needed.update(whole)
        partly.update(some)
    return found[::-1]


def _inputs(node: Node, is_whole: bool) -> tuple[list[Node], list[Node]]:
    """What a node needs every row of, and some rows of: only windows are computed whole for these."""
    taken = node.column if isinstance(node, (Take, Gather)) else None
    whole: list[Node] = []
    some: list[Node] = []
    for child in children(node):
        is_column = isinstance(child, Value) and child.rows is not None
        (some if child is taken or (is_column and not is_whole) else whole).append(child)
    return whole, some


def _fits(column: Value) -> bool:
    rows: Any = column.rows
    return isinstance(rows.extent, int) and rows.extent * column.dtype.itemsize <= most_bytes()
