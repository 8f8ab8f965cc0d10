"""Whose row order shows in a result."""

from __future__ import annotations

from collections.abc import Sequence

from passes.facts.first_rows import counting_groups
from passes.ir.node import Node
from passes.ir.rows import Concat, Filter, Group, Join, Range, Rows, Sort
from passes.ir.values import (
    Aggregate,
    Chain,
    Gather,
    GroupNumber,
    Key,
    Literal,
    Lookup,
    Map,
    Parameter,
    Position,
    Read,
    Reduce,
    RowNumber,
    Take,
    Value,
)
from passes.ir.walk import children


def observed_order(order: Sequence[Node], results: Sequence[Value], exact: bool = False) -> set[Rows]:
    """The row spaces whose rows must come in their order, or must be these rows in this order.

    Parameters
    ----------
    order : sequence of Node
        Every node, each after what it is made of.
    results : sequence of Value
        What the user asked for.
    exact : bool
        Whether what floats are reduced to shows the order of their rows in its last bits, or in its sign.

    Returns
    -------
    set of Rows
        Not in it are the rows that are only reduced, or grouped with sorted keys, or of which distinct ones
        are counted: the last bits of a sum of floats are nobody's, unless ``exact``.
    """
    counting = counting_groups(order, results)
    counted = {group.parent for group in counting}
    seen = {result.rows for result in results if result.rows is not None}
    for node in reversed(order):
        match node:
            case Reduce(_, column) | Aggregate(_, column) if exact and column.dtype.kind == "f":
                if column.rows is not None:
                    seen.add(column.rows)
            case Filter(parent) | Sort(parent):
                if node in seen:
                    seen.add(parent)
            case Join(left, right):
                if node in seen:
                    seen.update((left, right))
            case Concat(parts):
                if node in seen:
                    seen.update(parts)
            case Group(parent, _, sort):
                if not sort and node not in counting:
                    seen.add(parent)
            case RowNumber() if node.rows in counted:
                pass  # told apart only
            case Range() | Literal() | Parameter() | Read() | Map() | Take() | Reduce() | Key():
                pass
            case Aggregate() | Position() | Chain():
                pass
            case GroupNumber(group):
                if not group.sort and group not in counting:
                    seen.add(group.parent)
            case Gather(column, positions):
                rows = column.rows
                if not (isinstance(positions, (Position, GroupNumber)) or rows is None):
                    seen.add(rows)
            case Lookup(_, of):
                seen.add(of)
            case _:
                seen.update([rows for child in children(node) if (rows := _rows_of(child)) is not None])
    return seen


def _rows_of(node: Node) -> Rows | None:
    return node if isinstance(node, Rows) else node.rows if isinstance(node, Value) else None
