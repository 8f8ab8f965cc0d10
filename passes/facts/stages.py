"""How many passes over rows a value waits for, one after another."""

from __future__ import annotations

from passes.ir.node import Node
from passes.ir.values import Fold, Reduce, Value
from passes.ir.walk import children, topological

_set_stages = vars(Value)["_stages"].__set__


def stages(value: Value) -> int:
    """The most reductions on a way from an input to ``value``: found once for each value."""
    if value._stages is not None:
        return value._stages
    found: dict[Node, int] = {}
    for node in topological([value], _unknown_children):
        known = node._stages if isinstance(node, Value) else None
        if known is None:
            known = max([found[child] for child in children(node)], default=0)
            known += isinstance(node, (Reduce, Fold))
            if isinstance(node, Value):
                _set_stages(node, known)
        found[node] = known
    return found[value]


def _unknown_children(node: Node) -> tuple[Node, ...]:
    return () if isinstance(node, Value) and node._stages is not None else children(node)
