"""The pass `drop_unobserved_sorts`."""

from __future__ import annotations

from collections.abc import Sequence

from passes.facts.keys import UniqueKeys
from passes.facts.order import observed_order
from passes.ir.node import Node, carry_origin
from passes.ir.rows import Filter, Sort
from passes.ir.values import Gather, Position, RowNumber, Take, Value
from passes.ir.walk import rebuild, topological


def drop_unobserved_sorts(results: Sequence[Value], known: UniqueKeys = frozenset()) -> tuple[Value, ...]:
    """``max(gather(t.a, position(sort(t, ...), 0)))`` -> ``max(t.a)``: what nobody sees sorted is not sorted.

    Pays: nothing is sorted and nothing is gathered.

    Safe: a sort has the rows of its parent, and what is only counted, reduced or grouped by sorted keys does
    not depend on their order.

    Declines where floats are reduced: the last bits of a sum, and which of two zeros is the least, follow the
    order; and where the first rows, or a row's number, are asked for.
    """
    order = topological(results)
    if not any(isinstance(node, Sort) for node in order):
        return tuple(results)
    seen = observed_order(order, results, exact=True)
    became: dict[Node, Node] = {}
    for node in order:
        became[node] = _one(node, became, node in seen)
        carry_origin(node, became[node])
    return tuple([became[result] for result in results])  # type: ignore[misc]  # values stay values


def _one(node: Node, became: dict[Node, Node], in_order: bool) -> Node:
    match node:
        case Sort(parent) if not in_order:
            return became[parent]
        case Position(_, _, Sort() as rows) if not isinstance(became[rows], Sort):
            return RowNumber(became[rows])  # type: ignore[arg-type]  # rows stay rows
        case Gather(column, positions):
            return _gathered(became[column], became[positions])  # type: ignore[arg-type]  # values stay values
    return rebuild(node, became.__getitem__)


def _gathered(column: Value, positions: Value) -> Value:
    """The rows at ``positions``; where these are every row's own, or some rows', without gathering."""
    match positions:
        case RowNumber(_, rows) if rows is column.rows:
            return column
        case Take(RowNumber(_, rows), _, Filter() as left) if rows is column.rows:
            return Take(column, left)
    return Gather(column, positions)
