"""What of joined rows is needed, and of which side a column of theirs is made."""

from __future__ import annotations

from collections.abc import Sequence

from passes.ir.node import Node, carry_origin
from passes.ir.rows import Filter, Join, Rows
from passes.ir.values import Gather, Lookup, Map, Position, Take, Value
from passes.ir.walk import children, topological


def uses_of_joins(order: Sequence[Node]) -> dict[Rows, list[Node]]:
    """By joins, the nodes that are made of them, or of columns of theirs."""
    found: dict[Rows, list[Node]] = {}
    for node in order:
        for child in children(node):
            rows = child.rows if isinstance(child, Value) else child
            if isinstance(rows, Join):
                found.setdefault(rows, []).append(node)
    return found


def serves_only(join: Join, rows: Filter, uses: Sequence[Node], results: Sequence[Value]) -> bool:
    """Whether all that is needed of a join, whose ``uses`` these are, is what a filter leaves of it."""
    if any(result.rows is join for result in results):
        return False
    for node in uses:
        own = isinstance(node, (Map, Gather, Position, Lookup)) and node.rows is join
        own = own and not (isinstance(node, Gather) and node.column.rows is join)
        own = own and not (isinstance(node, Lookup) and node.of is join)
        if not (own or node is rows or (isinstance(node, Take) and node.rows is rows)):
            return False
    return True


def side_of(part: Value, join: Join) -> int | None:
    """The side whose columns are all that ``part`` needs of the join."""
    sides = set()
    for node in topological([part], lambda node: _within(node, join)):
        if isinstance(node, Map) or (isinstance(node, Value) and node.rows is None):
            continue
        if not (isinstance(node, Gather) and isinstance(node.positions, Position)):
            return None
        sides.add(node.positions.side)
    return sides.pop() if len(sides) == 1 else None


def on_side(part: Value, join: Join) -> Value:
    """``part`` over the rows of the one side that it needs."""
    became: dict[Node, Node] = {}
    for node in topological([part], lambda node: _within(node, join)):
        if isinstance(node, Gather):
            became[node] = node.column
        elif isinstance(node, Map) and node.rows is join:
            arguments = tuple([became[a] for a in node.arguments])
            became[node] = Map(node.operation, arguments, node.dtype)  # type: ignore[arg-type]  # values
        else:
            became[node] = node
        carry_origin(node, became[node])
    return became[part]  # type: ignore[return-value]  # a value stays a value


def _within(node: Node, join: Join) -> tuple[Value, ...]:
    return node.arguments if isinstance(node, Map) and node.rows is join else ()
