"""The pass `probe_unique_sides`."""

from __future__ import annotations

from collections.abc import Sequence

from passes.facts.keys import UniqueKeys, tell_rows_apart
from passes.facts.order import observed_order
from passes.ir.node import Node, carry_origin
from passes.ir.operations import BOOL, INT64
from passes.ir.rows import Filter, Join
from passes.ir.values import Gather, Literal, Lookup, Map, Position, RowNumber, Take, Value
from passes.ir.walk import rebuild, topological


def probe_unique_sides(results: Sequence[Value], known: UniqueKeys) -> tuple[Value, ...]:
    """``join(a, b, a.k == b.k)`` -> ``filter(a, lookup(b, a.k == b.k) >= 0)`` where no two ``b.k`` are equal.

    Columns of ``b`` are gathered by what the lookup found.  Where it is ``a.k`` that are distinct the sides
    change places, if nobody can see the order of the rows.

    Pays: nothing is stored for a pair of rows; looking up is part of the loop that uses what is found.

    Safe: a row that is looked up has at most one partner, and rows keep the order of the side that is
    walked, which for the left side is the order of the join.

    Declines for joins that keep rows without partner, and where neither side's keys are known to be distinct.
    """
    order = topological(results)
    if not any(isinstance(node, Join) for node in order):
        return tuple(results)
    seen = observed_order(order, results)
    became: dict[Node, Node] = {}
    walked: dict[Join, int] = {}
    for node in order:
        became[node] = _one(node, became, walked, known, node in seen)
        carry_origin(node, became[node])
    return tuple([became[result] for result in results])  # type: ignore[misc]  # values stay values


def _one(
    node: Node, became: dict[Node, Node], walked: dict[Join, int], known: UniqueKeys, in_order: bool
) -> Node:
    """What a node becomes; ``walked`` is told which side of a join that is replaced is walked."""
    match node:
        case Join():
            join = rebuild(node, became.__getitem__)
            assert isinstance(join, Join)
            side = _walked_side(join, known, in_order)
            if side is None:
                return join
            walked[node] = side
            return Filter((join.left, join.right)[side], _is_found(_lookup(join, side)))
        case Gather(column, Position(side, _, rows)) if rows in walked:
            return _seen(became[column], side, rows, became, walked)
        case Position(side, _, rows) if rows in walked:
            own = (rows.left, rows.right)[side]
            return _seen(RowNumber(became[own]), side, rows, became, walked)  # type: ignore[arg-type]
    return rebuild(node, became.__getitem__)


def _walked_side(join: Join, known: UniqueKeys, in_order: bool) -> int | None:
    if join.how != "inner":
        return None
    if tell_rows_apart(join.right_keys, known):
        return 0
    return 1 if not in_order and tell_rows_apart(join.left_keys, known) else None


def _lookup(join: Join, side: int) -> Lookup:
    if side == 0:
        return Lookup(join.left_keys, join.right, join.right_keys)
    return Lookup(join.right_keys, join.left, join.left_keys)


def _is_found(lookup: Lookup) -> Value:
    return Map("greater_equal", (lookup, Literal(0, INT64)), BOOL)


def _seen(column: Node, side: int, rows: Join, became: dict[Node, Node], walked: dict[Join, int]) -> Value:
    """A column of a join's side seen from the rows that replace the join."""
    kept = became[rows]
    assert isinstance(column, Value)
    assert isinstance(kept, Filter)
    if walked[rows] == side:
        return Take(column, kept)
    assert isinstance(kept.mask, Map)
    found = Map("maximum", (kept.mask.arguments[0], Literal(0, INT64)), INT64)
    return Gather(column, Take(found, kept))
