"""The meaning of a graph: each node computed whole, one after another, by NumPy.

No optimisation and no fusion.  Tests hold every plan against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lazyframe.run.bindings import data_of
from lazyframe.run.windows import accumulate
from lazyframe.run.within_groups import within_groups
from passes.ir.node import Node
from passes.ir.operations import REDUCTIONS, evaluate, neutral
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.values import (
    Aggregate,
    Chain,
    Fold,
    Gather,
    GroupNumber,
    Key,
    Literal,
    Lookup,
    Map,
    Outer,
    Parameter,
    Position,
    Read,
    Reduce,
    RowNumber,
    Take,
    Value,
    View,
    Window,
    WithinGroup,
)
from passes.ir.walk import topological


def take(column: Any, positions: np.ndarray) -> Any:
    """``column`` at ``positions``: an array of any kind or a pandas Index."""
    return column.take(positions)


def group_positions(keys: list[np.ndarray], sort: bool) -> tuple[np.ndarray, np.ndarray]:
    """Each row's group number, and each group's first row, in the order of the groups."""
    codes = np.zeros(len(keys[0]), np.int64)
    for key in keys:
        distinct, inverse = np.unique(key, return_inverse=True)
        codes = codes * max(len(distinct), 1) + inverse
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    if sort:
        return inverse, first
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[inverse], first[order]


def join_positions(
    left_keys: list[np.ndarray], right_keys: list[np.ndarray], how: str
) -> tuple[np.ndarray, np.ndarray]:
    """The positions on both sides of each pair of rows with equal keys, one pair after another."""
    left, right = list(zip(*left_keys, strict=True)), list(zip(*right_keys, strict=True))
    partners: dict[object, list[int]] = {}
    for row, key in enumerate(right):
        partners.setdefault(key, []).append(row)
    pairs = [(row, other) for row, key in enumerate(left) for other in partners.get(key, [])]
    if how in ("left", "outer"):
        pairs += [(row, -1) for row, key in enumerate(left) if key not in partners]
    if how in ("right", "outer"):
        known = set(left)
        pairs += [(-1, row) for row, key in enumerate(right) if key not in known]
    match how:
        case "right":
            pairs.sort(key=lambda pair: (pair[1], pair[0]))
        case "outer":
            pairs.sort(key=lambda pair: (left[pair[0]] if pair[0] >= 0 else right[pair[1]], pair))
        case _:
            pairs.sort()
    positions = np.array(pairs, np.int64).reshape(-1, 2)
    return positions[:, 0].copy(), positions[:, 1].copy()


def sort_positions(keys: list[np.ndarray], ascending: tuple[bool, ...]) -> np.ndarray:
    """Where each of the sorted rows stood: one key after another, the last first."""
    order = np.arange(len(keys[0]))
    for key, up in reversed(list(zip(keys, ascending, strict=True))):
        ranks = np.unique(key, return_inverse=True)[1]
        order = order[np.argsort((ranks if up else -ranks)[order], kind="stable")]
    return order


def compute(values: Sequence[Value], lent: bool = False) -> list[Any]:
    """Each value's array (columns), pandas object (opaque columns) or NumPy scalar."""
    done: dict[Node, Any] = {}
    for node in topological(values):
        done[node] = _one(node, done)
    return [done[value] for value in values]


def _one(node: Node, done: dict[Node, Any]) -> Any:
    match node:
        case Rows():
            return _rows(node, done)
        case Read() | Parameter():
            return data_of(node.token)
        case Literal():
            return node.value
        case RowNumber():
            assert node.rows is not None
            return np.arange(_length(node.rows, done))
        case Map():
            return evaluate(node.operation, [done[a] for a in node.arguments], node.dtype)
        case Take():
            assert node.rows is not None
            return take(done[node.column], done[node.rows]["positions"])
        case View():
            assert isinstance(node.rows, Range)
            positions = node.start + node.step * np.arange(node.rows.extent)
            return take(done[node.column], positions)
        case Outer():
            product = node.rows
            assert isinstance(product, Product)
            left, right = _length(product.left, done), _length(product.right, done)
            column = done[node.column]
            return np.repeat(column, right) if node.axis == 0 else np.tile(column, left)
        case Fold():
            folded = node.column.rows
            assert isinstance(folded, Product)
            shape = (_length(folded.left, done), _length(folded.right, done))
            if shape[node.axis] == 0:
                return np.full(shape[1 - node.axis], neutral(node.operation, node.dtype))
            reduce = REDUCTIONS[node.operation].whole
            return reduce(done[node.column].reshape(shape), axis=node.axis).astype(node.dtype)
        case Reduce():
            column = done[node.column]
            if len(column) == 0:
                return neutral(node.operation, node.dtype)
            with np.errstate(all="ignore"):
                return node.dtype.type(REDUCTIONS[node.operation].whole(column))
        case Window():
            return accumulate(node.operation, done[node.column], node.dtype)
        case Gather():
            return take(done[node.column], done[node.positions])
        case Chain(columns):
            return np.concatenate([done[column] for column in columns])
        case Position(side, _, rows):
            return done[rows]["sides"][side]
        case Lookup(keys, _, of_keys):
            places = {key: row for row, key in enumerate(zip(*[done[k] for k in of_keys], strict=True))}
            found = [places.get(key, -1) for key in zip(*[done[k] for k in keys], strict=True)]
            return np.array(found, np.int64)
        case WithinGroup(operation, column, group, argument, dtype):
            numbers, length = done[group]["inverse"], _length(group, done)
            return within_groups(operation, done[column], numbers, length, argument).astype(dtype)
        case GroupNumber():
            return done[node.group]["inverse"]
        case Key():
            group = node.rows
            assert isinstance(group, Group)
            return done[group.keys[node.position]][done[group]["first"]]
        case Aggregate():
            return _aggregate(node, done)
    raise TypeError(f"no meaning for {type(node).__name__}")


def _length(rows: Rows, done: dict[Node, Any]) -> int:
    length: int = done[rows]["length"]
    return length


def _rows(rows: Rows, done: dict[Node, Any]) -> dict[str, Any]:
    match rows:
        case Range(extent):
            return {"length": extent}
        case Product(left, right):
            return {"length": _length(left, done) * _length(right, done)}
        case Filter(_, mask):
            positions = np.flatnonzero(done[mask])
            return {"length": len(positions), "positions": positions}
        case Slice(parent, start, stop, step):
            positions = np.arange(_length(parent, done))[start:stop:step]
            return {"length": len(positions), "positions": positions}
        case Join(_, _, left_keys, right_keys, how):
            sides = join_positions([done[k] for k in left_keys], [done[k] for k in right_keys], how)
            return {"length": len(sides[0]), "sides": sides}
        case Sort(_, keys, ascending):
            order = sort_positions([done[k] for k in keys], ascending)
            return {"length": len(order), "sides": (order,)}
        case Concat(parts):
            return {"length": sum([_length(part, done) for part in parts])}
        case Group(_, keys, sort):
            inverse, first = group_positions([done[k] for k in keys], sort)
            return {"length": len(first), "inverse": inverse, "first": first}
    raise TypeError(f"no meaning for {type(rows).__name__}")


def _aggregate(node: Aggregate, done: dict[Node, Any]) -> np.ndarray:
    group = done[node.rows]
    table = np.full(group["length"], neutral(node.operation, node.dtype))
    reduction = REDUCTIONS[node.operation]
    with np.errstate(all="ignore"):
        reduction.combine.at(table, group["inverse"], done[node.column])  # type: ignore[attr-defined]
    return table
