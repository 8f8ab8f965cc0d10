"""The pass `push_filters_into_concats`."""

from __future__ import annotations

from collections.abc import Sequence

from passes.facts.keys import UniqueKeys
from passes.ir.node import Node, carry_origin
from passes.ir.rows import Concat, Filter
from passes.ir.values import Chain, Gather, Map, Take, Value
from passes.ir.walk import rebuild, topological

Pieces = tuple[Value, ...]


def push_filters_into_concats(results: Sequence[Value], known: UniqueKeys = frozenset()) -> tuple[Value, ...]:
    """``filter(concat(a, b), p(chain(a.x, b.x)))`` -> ``concat(filter(a, p(a.x)), filter(b, p(b.x)))``.

    Pays: rows that do not pass are never put end to end, and the mask is a guard of the loops over the parts.

    Safe: a mask that is row-wise work on chains is the same work on what is chained, and a concat of filtered
    parts has the same rows in the same order.

    Declines where the mask, or a column that is seen through the filter, looks at where rows stand in the
    concat: their numbers, or what windows and groups make of all of them.
    """
    order = topological(results)
    if not any(isinstance(node, Concat) for node in order):
        return tuple(results)
    pushed = _pushable(order)
    if not pushed:
        return tuple(results)
    became: dict[Node, Node] = {}
    pieces: dict[Node, Pieces] = {}
    for node in order:
        fresh = became[node] = _one(node, became, pieces, pushed)
        carry_origin(node, fresh)
        if fresh not in pieces:
            found = _pieces(fresh, pieces)
            if found is not None:
                pieces[fresh] = found
    return tuple([became[result] for result in results])  # type: ignore[misc]  # values stay values


def _pushable(order: Sequence[Node]) -> set[Filter]:
    """The filters of concats, and of these, whose mask and columns are row-wise work on chains."""
    pushed: set[Filter] = set()
    for node in order:
        if isinstance(node, Filter) and (isinstance(node.parent, Concat) or node.parent in pushed):
            pushed.add(node)
    while True:
        rowwise: set[Node] = set()
        kept: set[Filter] = set()
        for node in order:
            match node:
                case Chain():
                    rowwise.add(node)
                case Map(_, arguments):
                    if all(argument.rows is None or argument in rowwise for argument in arguments):
                        rowwise.add(node)
                case Gather(_, positions):
                    if positions in rowwise:
                        rowwise.add(node)
                case Take(column, _, Filter() as rows) if rows in pushed:
                    if column not in rowwise:
                        kept.add(rows)
                    rowwise.add(node)
                case Filter(parent, mask) if node in pushed:
                    if mask not in rowwise or not (isinstance(parent, Concat) or parent in pushed):
                        kept.add(node)
        if not kept:
            return pushed
        pushed -= kept


def _one(node: Node, became: dict[Node, Node], pieces: dict[Node, Pieces], pushed: set[Filter]) -> Node:
    match node:
        case Filter(parent, mask) if node in pushed:
            whole = became[parent]
            assert isinstance(whole, Concat)
            masks = zip(whole.parts, pieces[became[mask]], strict=True)
            return Concat(tuple([Filter(part, own) for part, own in masks]))
        case Take(column, _, rows) if rows in pushed:
            left = became[rows]
            assert isinstance(left, Concat)
            seen = tuple(
                [
                    Take(piece, part)  # type: ignore[arg-type]  # the parts are filters
                    for piece, part in zip(pieces[became[column]], left.parts, strict=True)
                ]
            )
            return _chained(became[column], seen, left, pieces)
    return rebuild(node, became.__getitem__)


def _chained(column: Node, seen: Pieces, rows: Concat, pieces: dict[Node, Pieces]) -> Value:
    """The column whose pieces are ``seen``; of what is gathered the positions are chained."""
    if isinstance(column, Gather):
        filters = zip(pieces[column.positions], rows.parts, strict=True)
        positions = tuple([Take(piece, part) for piece, part in filters])  # type: ignore[arg-type]
        chained = Chain(positions, rows)
        pieces[chained] = positions
        made: Value = Gather(column.column, chained)
        pieces[made] = tuple([Gather(column.column, position) for position in positions])
        return made
    return Chain(seen, rows)


def _pieces(node: Node, pieces: dict[Node, Pieces]) -> Pieces | None:
    """A column of a concat as the columns of its parts; None where it is no row-wise work on chains."""
    match node:
        case Chain(columns):
            return columns
        case Map(operation, arguments, dtype) if isinstance(node.rows, Concat):
            if not all(argument.rows is None or argument in pieces for argument in arguments):
                return None
            return tuple(
                [
                    Map(operation, tuple([_piece(one, k, pieces) for one in arguments]), dtype)
                    for k in range(len(node.rows.parts))
                ]
            )
        case Gather(column, positions) if positions in pieces:
            return tuple([Gather(column, piece) for piece in pieces[positions]])
    return None


def _piece(argument: Value, number: int, pieces: dict[Node, Pieces]) -> Value:
    return argument if argument.rows is None else pieces[argument][number]
