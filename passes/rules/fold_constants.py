"""The pass `fold_constants`."""

from __future__ import annotations

from passes.ir.node import Node
from passes.ir.operations import evaluate
from passes.ir.values import Literal, Map
from passes.rewrite.rule import Facts, rule


@rule(Map)
def fold_constants(node: Node, facts: Facts) -> Node | None:
    """An operation on constants -> the constant that it gives.

    Pays: the work is done once, not once a row, and `simplify` sees constants that it knows.

    Safe: NumPy computes it, as it would have; a constant keeps every bit, and NaN, -0.0 and wrapped integers
    are NumPy's own.

    Declines where NumPy raises: whoever runs the plan decides then.
    """
    if not isinstance(node, Map):
        return None
    values = []
    for argument in node.arguments:
        if not isinstance(argument, Literal):
            return None
        values.append(argument.value)
    try:
        return Literal(evaluate(node.operation, values, node.dtype), node.dtype)
    except (ValueError, TypeError):
        return None
