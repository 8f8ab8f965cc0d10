"""The pass `merge_filters`."""

from __future__ import annotations

from passes.facts.uses import Derivations
from passes.ir.node import Node
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Filter, Rows
from passes.ir.type_rules import BOOL
from passes.ir.values import Map, Take, Value
from passes.ir.walk import topological
from passes.rewrite.rule import rule

COSTLY_MASK = 40
"""Cycles per row above which the outer mask is left to the rows that the inner one keeps."""


@rule(Filter, Take, facts=Derivations)
def merge_filters(node: Node, facts: Derivations) -> Node | None:
    """``filter(filter(t, m), n)`` -> ``filter(t, m & n)``, and columns are taken from ``t`` directly.

    Pays: one row space, one selection and one guard in the loop, where there were two.

    Safe: the outer mask is row-wise work on columns taken from ``t``, so it can be computed on all rows of
    ``t`` (no operation raises), and where the inner mask is false its value does not matter.

    Declines when the inner filter has another consumer (its rows would be selected twice), when something
    over its rows depends on which rows they are (a window, a row number, a group, a gather), and when the
    outer mask costs more than a branch does.
    """
    match node:
        case Filter(Filter(parent, inner_mask) as inner, mask) if facts.serves_one(inner):
            if _is_costly(mask, inner):
                return None
            lifted = _lift(mask, inner, facts)
            return None if lifted is None else Filter(parent, Map("bitwise_and", (inner_mask, lifted), BOOL))
        case Take(column, _, Filter(parent) as merged) if column.rows is not parent:
            # The driver has put the merged filter in place of the outer one: its columns follow.
            assert column.rows is not None
            lifted = _lift(column, column.rows, facts)
            assert lifted is not None, "the facts had promised row-wise work on taken columns"
            return Take(lifted, merged)
    return None


def _row_wise(node: Node, rows: Rows) -> tuple[Value, ...]:
    return node.arguments if isinstance(node, Map) and node.rows is rows else ()


def _is_costly(mask: Value, rows: Rows) -> bool:
    cost, seen, stack = 0, {mask}, [mask]
    while stack and cost <= COSTLY_MASK:
        value = stack.pop()
        fresh = [v for v in _row_wise(value, rows) if v not in seen]
        cost += OPERATIONS[value.operation].cost if isinstance(value, Map) and value.rows is rows else 0
        seen.update(fresh)
        stack.extend(fresh)
    return cost > COSTLY_MASK


def _lift(value: Value, rows: Rows, facts: Derivations) -> Value | None:
    """A column of the filter ``rows``, computed over the parent's rows instead; None where it cannot be."""
    lifted = facts.lifted.setdefault(rows, {})
    todo = topological([value], lambda node: () if node in lifted else _row_wise(node, rows))
    for node in todo:
        if node in lifted:
            continue
        match node:
            case Value(rows=None):
                lifted[node] = node
            case Map(operation, arguments, dtype):
                lifted[node] = Map(operation, tuple([lifted[a] for a in arguments]), dtype)
                lifted[node].origin = lifted[node].origin or node.origin
            case Take(column, _, taken_to) if taken_to is rows:
                lifted[node] = column
            case _:
                return None
    return lifted[value]
