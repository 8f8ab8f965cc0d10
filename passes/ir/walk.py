"""Iterative walks: a graph may be fifty thousand nodes deep and must not recurse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from passes.ir.node import Node
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Slice, Sort
from passes.ir.values import (
    Aggregate,
    Chain,
    Fold,
    Gather,
    GroupNumber,
    HashedSlot,
    Key,
    Literal,
    Lookup,
    LookupTable,
    Map,
    Outer,
    Parameter,
    Position,
    Probe,
    Read,
    Reduce,
    RowNumber,
    SlotNumber,
    SlotTable,
    Stored,
    Take,
    View,
    Window,
    WithinGroup,
)

_CHILDREN: dict[type[Node], Callable[[Any], tuple[Node, ...]]] = {
    Map: lambda node: node.arguments,
    Read: lambda node: (node.rows,),
    RowNumber: lambda node: (node.rows,),
    Literal: lambda node: (),
    Parameter: lambda node: (),
    Range: lambda node: (),
    Take: lambda node: (node.rows, node.column),
    View: lambda node: (node.rows, node.column),
    Outer: lambda node: (node.rows, node.column),
    Fold: lambda node: (node.column,),
    Reduce: lambda node: (node.column,),
    Window: lambda node: (node.column,),
    WithinGroup: lambda node: (node.group, node.column),
    Aggregate: lambda node: (node.rows, node.column),
    Key: lambda node: (node.rows,),
    GroupNumber: lambda node: (node.group,),
    Gather: lambda node: (node.column, node.positions),
    Position: lambda node: (node.rows,),
    Chain: lambda node: (node.rows, *node.columns),
    Lookup: lambda node: (node.of, *node.keys, *node.of_keys),
    LookupTable: lambda node: (node.rows, *node.keys),
    Probe: lambda node: (node.table, *node.keys),
    Stored: lambda node: (node.value,),
    SlotNumber: lambda node: (node.group,),
    HashedSlot: lambda node: (node.group,),
    SlotTable: lambda node: (node.aggregate,),
    Filter: lambda node: (node.parent, node.mask),
    Slice: lambda node: (node.parent,),
    Product: lambda node: (node.left, node.right),
    Join: lambda node: (node.left, node.right, *node.left_keys, *node.right_keys),
    Sort: lambda node: (node.parent, *node.keys),
    Concat: lambda node: node.parts,
    Group: lambda node: (node.parent, *node.keys),
}


def children(node: Node) -> tuple[Node, ...]:
    """The nodes that ``node`` is made of, its row space first."""
    return _CHILDREN[type(node)](node)


def topological(roots: Iterable[Node], inputs: Callable[[Node], tuple[Node, ...]] = children) -> list[Node]:
    """Every node reachable from ``roots``, each after all that it is made of, in a fixed order."""
    order: list[Node] = []
    done: set[Node] = set()
    stack: list[Node | None] = [*roots]
    stack.reverse()
    while stack:
        node = stack.pop()
        if node is None:  # all that the node below is made of is done
            node = stack.pop()
            assert node is not None
        elif node in done:
            continue
        else:
            parts = _CHILDREN[type(node)](node) if inputs is children else inputs(node)
            pending = [part for part in parts if part not in done]
            if pending:
                stack.append(node)
                stack.append(None)
                pending.reverse()
                stack.extend(pending)
                continue
        done.add(node)
        order.append(node)
    return order


def rebuild(node: Node, new: Callable[[Node], Node]) -> Node:
    """The same kind of node over ``new(child)`` for each child; the same object when none changed."""
    match node:
        case Map(operation, arguments, dtype):
            fresh = tuple([new(a) for a in arguments])
            return node if fresh == arguments else Map(operation, fresh, dtype)  # type: ignore[arg-type]
        case Read(token, dtype, rows):
            return _same(node, Read, (token, dtype), (rows,), new)
        case RowNumber(_, rows):
            return _same(node, RowNumber, (), (rows,), new)
        case Literal() | Parameter() | Range():
            return node
        case Take(column, _, rows):
            return _same(node, Take, (), (column, rows), new)
        case View(column, start, step, _, rows):
            c, r = new(column), new(rows)
            return node if c is column and r is rows else View(c, r, start, step)  # type: ignore[arg-type]
        case Outer(column, axis, _, rows):
            c, r = new(column), new(rows)
            return node if c is column and r is rows else Outer(c, r, axis)  # type: ignore[arg-type]
        case Fold(operation, column, axis, dtype):
            c = new(column)
            return node if c is column else Fold(operation, c, axis, dtype)  # type: ignore[arg-type]
        case Reduce(operation, column, dtype):
            c = new(column)
            return node if c is column else Reduce(operation, c, dtype)  # type: ignore[arg-type]
        case Window(operation, column, dtype):
            c = new(column)
            return node if c is column else Window(operation, c, dtype)  # type: ignore[arg-type]
        case WithinGroup(operation, column, group, argument, dtype):
            c, r = new(column), new(group)
            unchanged = c is column and r is group
            return node if unchanged else WithinGroup(operation, c, r, dtype, argument)  # type: ignore[arg-type]
        case Aggregate(operation, column, dtype, rows):
            c, r = new(column), new(rows)
            unchanged = c is column and r is rows
            return node if unchanged else Aggregate(operation, c, r, dtype)  # type: ignore[arg-type]
        case Key(position, _, rows):
            r = new(rows)
            return node if r is rows else Key(r, position)  # type: ignore[arg-type]
        case GroupNumber(group):
            return _same(node, GroupNumber, (), (group,), new)
        case Gather(column, positions):
            return _same(node, Gather, (), (column, positions), new)
        case Position(side, _, rows):
            r = new(rows)
            return node if r is rows else Position(r, side)  # type: ignore[arg-type]
        case Chain(columns, _, rows):
            r, own = new(rows), tuple([new(c) for c in columns])
            return node if r is rows and own == columns else Chain(own, r)  # type: ignore[arg-type]
        case Lookup(keys, of, of_keys):
            r, own, others = new(of), tuple([new(k) for k in keys]), tuple([new(k) for k in of_keys])
            unchanged = r is of and own == keys and others == of_keys
            return node if unchanged else Lookup(own, r, others)  # type: ignore[arg-type]
        case LookupTable(keys, _, rows):
            r, own = new(rows), tuple([new(k) for k in keys])
            return node if r is rows and own == keys else LookupTable(r, own)  # type: ignore[arg-type]
        case Probe(table, keys):
            t, own = new(table), tuple([new(k) for k in keys])
            return node if t is table and own == keys else Probe(t, own)  # type: ignore[arg-type]
        case Stored(value):
            return _same(node, Stored, (), (value,), new)
        case SlotNumber(group):
            return _same(node, SlotNumber, (), (group,), new)
        case HashedSlot(group):
            return _same(node, HashedSlot, (), (group,), new)
        case SlotTable(aggregate):
            return _same(node, SlotTable, (), (aggregate,), new)
        case Filter(parent, mask):
            return _same(node, Filter, (), (parent, mask), new)
        case Slice(parent, start, stop, step):
            r = new(parent)
            return node if r is parent else Slice(r, start, stop, step)  # type: ignore[arg-type]
        case Product(left, right):
            return _same(node, Product, (), (left, right), new)
        case Join(left, right, left_keys, right_keys, how):
            sides = (new(left), new(right))
            keys_of = tuple([new(k) for k in left_keys]), tuple([new(k) for k in right_keys])
            unchanged = sides == (left, right) and keys_of == (left_keys, right_keys)
            return node if unchanged else Join(*sides, *keys_of, how)  # type: ignore[arg-type]
        case Sort(parent, keys, ascending):
            r, fresh_keys = new(parent), tuple([new(k) for k in keys])
            unchanged = r is parent and fresh_keys == keys
            return node if unchanged else Sort(r, fresh_keys, ascending)  # type: ignore[arg-type]
        case Concat(parts):
            fresh_parts = tuple([new(part) for part in parts])
            return node if fresh_parts == parts else Concat(fresh_parts)  # type: ignore[arg-type]
        case Group(parent, keys, sort):
            r, fresh_keys = new(parent), tuple([new(k) for k in keys])
            unchanged = r is parent and fresh_keys == keys
            return node if unchanged else Group(r, fresh_keys, sort)  # type: ignore[arg-type]
    raise TypeError(f"not a graph node: {type(node).__name__}")


def _same(
    node: Node,
    make: Callable[..., Node],
    leading: tuple[object, ...],
    parts: tuple[Node, ...],
    new: Callable[[Node], Node],
) -> Node:
    fresh = tuple([new(part) for part in parts])
    return node if fresh == parts else make(*leading, *fresh)


def substitute(roots: Iterable[Node], replace: Callable[[Node], Node | None]) -> dict[Node, Node]:
    """Rewrite bottom-up: each node is rebuilt over its new children, then offered to ``replace``.

    Returns
    -------
    dict
        From every reachable node to what it became.
    """
    became: dict[Node, Node] = {}
    for node in topological(roots):
        fresh = rebuild(node, became.__getitem__)
        replaced = replace(fresh)
        became[node] = fresh if replaced is None else replaced
    return became
