"""The pass `push_filters_into_joins`."""

from __future__ import annotations

from collections.abc import Sequence

from passes.facts.joined import on_side, serves_only, side_of, uses_of_joins
from passes.facts.keys import UniqueKeys
from passes.facts.masks import conjunction, conjuncts
from passes.ir.node import Node, carry_origin
from passes.ir.rows import Filter, Join, Rows
from passes.ir.values import Gather, Position, RowNumber, Take, Value
from passes.ir.walk import rebuild, topological


def push_filters_into_joins(results: Sequence[Value], unique: UniqueKeys = frozenset()) -> tuple[Value, ...]:
    """``filter(join(a, b), p(a.x) & q(b.y))`` -> ``join(filter(a, p(a.x)), filter(b, q(b.y)))``.

    Each part of the mask that needs one side's columns only moves there.  What needs both stays, and so does
    what looks rows up, of which the join may leave fewer.

    Pays: fewer rows are paired, and a filter of an input becomes a guard of the loop that reads it.

    Safe for inner joins: the pairs that are left are the same, in the same order.

    Declines when the join's rows are needed by anything but that filter, or their numbers are.
    """
    now = tuple(results)
    while True:
        order = topological(now)
        found = _pushable(order, now)
        if found is None:
            return now
        now = _push(order, now, *found)


def _pushable(
    order: Sequence[Node], results: Sequence[Value]
) -> tuple[Filter, list[Value], list[Value]] | None:
    """The filter of a join that serves nothing else, and the parts of its mask that one side can evaluate."""
    uses: dict[Rows, list[Node]] | None = None
    for rows in reversed(order):
        join = rows.parent if isinstance(rows, Filter) else None
        if not (isinstance(rows, Filter) and isinstance(join, Join) and join.how == "inner"):
            continue
        if uses is None:
            uses = uses_of_joins(order)
        if not serves_only(join, rows, uses[join], results):
            continue
        parts: tuple[list[Value], list[Value]] = ([], [])
        for part in conjuncts(rows.mask):
            side = side_of(part, join)
            if side is not None:
                parts[side].append(part)
        if parts[0] or parts[1]:
            return rows, *parts
    return None


def _push(
    order: Sequence[Node], results: Sequence[Value], rows: Filter, left: list[Value], right: list[Value]
) -> tuple[Value, ...]:
    join = rows.parent
    assert isinstance(join, Join)
    sides: list[Rows] = [join.left, join.right]
    for side, parts in enumerate((left, right)):
        if parts:
            sides[side] = Filter(sides[side], conjunction([on_side(part, join) for part in parts]))
    keys = [
        tuple([key if kept is old else Take(key, kept) for key in own])  # type: ignore[arg-type]  # a filter
        for own, kept, old in (
            (join.left_keys, sides[0], join.left),
            (join.right_keys, sides[1], join.right),
        )
    ]
    fewer = Join(sides[0], sides[1], keys[0], keys[1], join.how)
    rest = [part for part in conjuncts(rows.mask) if part not in {*left, *right}]
    became: dict[Node, Node] = {join: fewer}

    def seen(column: Value, side: int) -> Value:
        kept = sides[side]
        below = column if kept is (join.left, join.right)[side] else Take(column, kept)  # type: ignore[arg-type]
        return Gather(below, Position(fewer, side))

    def new(node: Node) -> Node:
        match node:
            case Gather(column, Position(side, _, of)) if of is join:
                return seen(became.get(column, column), side)  # type: ignore[arg-type]  # a value
            case Position(side, _, of) if of is join:
                return seen(RowNumber((join.left, join.right)[side]), side)
            case Filter() if node is rows:
                mask = [became[part] for part in rest]
                return Filter(fewer, conjunction(mask)) if mask else fewer  # type: ignore[arg-type]  # values
            case Take(column, _, of) if of is rows:
                moved = became[column]
                return Take(moved, became[rows]) if rest else moved  # type: ignore[arg-type]
        return rebuild(node, lambda child: became.get(child, child))

    for node in order:
        if node is not join:
            became[node] = new(node)
            carry_origin(node, became[node])
    return tuple([became[result] for result in results])  # type: ignore[misc]  # values stay values
