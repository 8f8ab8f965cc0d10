"""What of a join is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from passes.ir.node import Node
from passes.ir.rows import Filter, Join
from passes.ir.values import Value
from passes.ir.walk import children


def joined_whole(order: Sequence[Node], results: Iterable[Value]) -> set[Join]:
    """The joins of a graph of which more is needed than what filters leave, of them or of joins of them."""
    whole: set[Node | None] = {result.rows for result in results}
    while True:
        needed = whole | _needed(order, whole)
        if needed == whole:
            return {node for node in whole if isinstance(node, Join)}
        whole = needed


def _needed(order: Iterable[Node], whole: set[Node | None]) -> set[Node | None]:
    """The rows that something looks at other than through a filter, or for a join that is not ``whole``."""
    found: set[Node | None] = set()
    for node in order:
        own = node.rows if isinstance(node, Value) else node
        if isinstance(own, Filter) or (isinstance(own, Join) and own not in whole):
            continue
        for child in children(node):
            found.add(child.rows if isinstance(child, Value) else child)
    return found
