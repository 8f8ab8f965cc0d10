"""Iterative walks: a graph may be fifty thousand nodes deep and must not recurse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from passes.ir.node import Node
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Slice, Sort
from passes.ir.values import (
    Aggregate,
    Chain,
    Fold,
    Gather,
    GroupNumber,
    HashedSlot,
    IsFirst,
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
    SortedRun,
    Stored,
    Take,
    View,
    Window,
    WithinGroup,
)

N = TypeVar("N", bound=Node)

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
    IsFirst: lambda node: (node.group,),
    SortedRun: lambda node: (node.column,),
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
    done: dict[Node, None] = {}
    stack: list[Node | None] = [*roots]
    stack.reverse()
    pop, push = stack.pop, stack.append
    while stack:
        node = pop()
        if node is None:  # all that the node below is made of is done
            done[pop()] = None  # type: ignore[index]  # below a None is a node
            continue
        if node in done:
            continue
        parts: tuple[Node, ...]
        if inputs is not children:
            parts = inputs(node)
        elif type(node) is Map:
            parts = node.arguments  # most nodes are maps
        else:
            parts = _CHILDREN[type(node)](node)
        for part in parts:
            if part not in done:
                push(node)
                push(None)
                stack.extend(parts[::-1])
                break
        else:
            done[node] = None
    return list(done)


def rebuild(node: Node, new: Callable[[Node], Any]) -> Node:
    """The same kind of node over ``new(child)`` for each child; the same object when none changed."""
    for child in _CHILDREN[type(node)](node):
        if new(child) is not child:
            return _over_new(node, new)
    return node


def _over_new(node: Node, new: Callable[[Node], Any]) -> Node:
    match node:
        case Map(operation, arguments, dtype):
            return Map(operation, tuple([new(a) for a in arguments]), dtype)
        case Read(token, dtype, rows):
            return Read(token, dtype, new(rows))
        case RowNumber(_, rows):
            return RowNumber(new(rows))
        case Take(column, _, rows):
            return Take(new(column), new(rows))
        case View(column, start, step, _, rows):
            return View(new(column), new(rows), start, step)
        case Outer(column, axis, _, rows):
            return Outer(new(column), new(rows), axis)
        case Fold(operation, column, axis, dtype):
            return Fold(operation, new(column), axis, dtype)
        case Reduce(operation, column, dtype):
            return Reduce(operation, new(column), dtype)
        case Window(operation, column, dtype):
            return Window(operation, new(column), dtype)
        case WithinGroup(operation, column, group, argument, dtype):
            return WithinGroup(operation, new(column), new(group), dtype, argument)
        case Aggregate(operation, column, dtype, rows):
            return Aggregate(operation, new(column), new(rows), dtype)
        case Key(position, _, rows):
            return Key(new(rows), position)
        case GroupNumber(group):
            return GroupNumber(new(group))
        case Gather(column, positions):
            return Gather(new(column), new(positions))
        case Position(side, _, rows):
            return Position(new(rows), side)
        case Chain(columns, _, rows):
            return Chain(_all(columns, new), new(rows))
        case Lookup(keys, of, of_keys):
            return Lookup(_all(keys, new), new(of), _all(of_keys, new))
        case LookupTable(keys, _, rows):
            return LookupTable(new(rows), _all(keys, new))
        case Probe(table, keys):
            return Probe(new(table), _all(keys, new))
        case Stored(value):
            return Stored(new(value))
        case SlotNumber(group):
            return SlotNumber(new(group))
        case HashedSlot(group):
            return HashedSlot(new(group))
        case IsFirst(group):
            return IsFirst(new(group))
        case SortedRun(column):
            return SortedRun(new(column))
        case SlotTable(aggregate):
            return SlotTable(new(aggregate))
        case Filter(parent, mask):
            return Filter(new(parent), new(mask))
        case Slice(parent, start, stop, step):
            return Slice(new(parent), start, stop, step)
        case Product(left, right):
            return Product(new(left), new(right))
        case Join(left, right, left_keys, right_keys, how):
            return Join(new(left), new(right), _all(left_keys, new), _all(right_keys, new), how)
        case Sort(parent, keys, ascending):
            return Sort(new(parent), _all(keys, new), ascending)
        case Concat(parts):
            return Concat(_all(parts, new))
        case Group(parent, keys, sort):
            return Group(new(parent), _all(keys, new), sort)
    raise TypeError(f"not a graph node: {type(node).__name__}")


def _all(nodes: tuple[N, ...], new: Callable[[Node], Any]) -> tuple[N, ...]:
    return tuple([new(node) for node in nodes])


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
