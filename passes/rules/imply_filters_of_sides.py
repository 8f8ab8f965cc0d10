"""The pass `imply_filters_of_sides`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from passes.facts.joined import on_side, serves_only, side_of, uses_of_joins
from passes.facts.keys import UniqueKeys
from passes.facts.masks import conjunction, conjuncts, disjunction, disjuncts
from passes.ir.node import Node, carry_origin
from passes.ir.rows import Filter, Join, Rows
from passes.ir.values import Map, Take, Value
from passes.ir.walk import rebuild, topological


def imply_filters_of_sides(results: Sequence[Value], unique: UniqueKeys = frozenset()) -> tuple[Value, ...]:
    """``filter(join(a, b), p(a) & q(b) | r(a) & s(b))`` -> the same, ``& (p(a) | r(a)) & (q(b) | s(b))``.

    What each of some alternatives asks of the rows of one side, one of them says of every row that is left.

    Pays: `push_filters_into_joins` moves what is implied to that side. Of all trade, what little there is
    between two nations is joined, either of which may sell.

    Safe: what is added holds wherever the mask does.

    Declines where an alternative asks nothing of that side, and where nothing can be moved there: of joins
    that are no inner ones, or whose rows are needed by anything but that filter.
    """
    now = tuple(results)
    order = topological(now)
    implied = _implied(order, now)
    if not implied:
        return now
    became: dict[Node, Node] = {}
    for node in order:
        fresh = rebuild(node, became.__getitem__)
        if node in implied:
            assert isinstance(fresh, Filter)
            more = [_mask(alternatives, became) for alternatives in implied[node]]
            fresh = Filter(fresh.parent, conjunction([fresh.mask, *more]))
        carry_origin(node, fresh)
        became[node] = fresh
    return tuple([became[result] for result in now])  # type: ignore[misc]  # values stay values


_Alternatives = tuple[tuple[Value, ...], ...]
"""Conditions of one side, one of which holds: each is of parts that all hold."""


def _implied(order: Sequence[Node], results: Sequence[Value]) -> dict[Filter, list[_Alternatives]]:
    """By filters, what their masks imply of single sides and do not say yet."""
    found: dict[Filter, list[_Alternatives]] = {}
    uses: dict[Rows, list[Node]] | None = None
    for rows in order:
        if not isinstance(rows, Filter):
            continue
        first = _first_filter(rows)
        join = first.parent
        if not (isinstance(join, Join) and join.how == "inner"):
            continue
        said = set(conjuncts(rows.mask))
        new = [
            alternatives
            for part in conjuncts(rows.mask)
            for alternatives in _of_sides(disjuncts(part), rows.parent)
            if _mask(alternatives) not in said
        ]
        if not new:
            continue
        if uses is None:
            uses = uses_of_joins(order)
        if serves_only(join, first, uses[join], results):
            found[rows] = list(dict.fromkeys(new))
    return found


def _first_filter(rows: Filter) -> Filter:
    """Of filters of filters the innermost, which is the next to be moved."""
    while isinstance(rows.parent, Filter):
        rows = rows.parent
    return rows


def _of_sides(alternatives: Sequence[Value], rows: Rows) -> list[_Alternatives]:
    """What is asked of each side of which every alternative asks something."""
    if len(alternatives) < 2:
        return []
    asked: list[dict[Rows | None, list[Value]]] = []
    for alternative in alternatives:
        by_side: dict[Rows | None, list[Value]] = {}
        for part in conjuncts(alternative):
            by_side.setdefault(_deepest_side(part, rows), []).append(part)
        asked.append(by_side)
    sides = [side for side in asked[0] if side is not None and all(side in others for others in asked)]
    return [tuple(dict.fromkeys([tuple(by_side[side]) for by_side in asked])) for side in sides]


def _deepest_side(part: Value, rows: Rows) -> Rows | None:
    """The rows, of a side or of a side's side, whose columns are all that ``part`` needs, if there are."""
    found: Rows | None = None
    while True:
        if isinstance(rows, Filter):
            before = _before_filter(part, rows)
            if before is None:
                return found
            part, rows = before, rows.parent
        elif isinstance(rows, Join) and rows.how == "inner":
            side = side_of(part, rows)
            if side is None:
                return found
            part = on_side(part, rows)
            found = rows = (rows.left, rows.right)[side]
        else:
            return found


def _before_filter(part: Value, rows: Filter) -> Value | None:
    """``part`` over the rows before a filter, if it is row-wise work on columns taken from these."""
    became: dict[Node, Value] = {}
    for node in topological([part], lambda node: _row_wise(node, rows)):
        match node:
            case Value(rows=None):
                became[node] = node
            case Map(operation, arguments, dtype):
                became[node] = Map(operation, tuple([became[argument] for argument in arguments]), dtype)
            case Take(column, _, taken_to) if taken_to is rows:
                became[node] = column
            case _:
                return None
    return became[part]


def _row_wise(node: Node, rows: Rows) -> tuple[Value, ...]:
    return node.arguments if isinstance(node, Map) and node.rows is rows else ()


def _mask(alternatives: _Alternatives, became: Mapping[Node, Node] | None = None) -> Value:
    """The mask of some alternatives, of what became of their parts."""
    masks = [
        conjunction([part if became is None else became[part] for part in parts])  # type: ignore[misc]  # values
        for parts in alternatives
    ]
    return disjunction(masks)
