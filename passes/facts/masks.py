"""Masks as the conditions that they join."""

from __future__ import annotations

from collections.abc import Sequence

from passes.ir.operations import BOOL
from passes.ir.values import Map, Value


def conjuncts(mask: Value) -> list[Value]:
    """The conditions that all hold where a mask does, in their order."""
    return _parts(mask, "bitwise_and")


def disjuncts(mask: Value) -> list[Value]:
    """The conditions one of which holds where a mask does, in their order."""
    return _parts(mask, "bitwise_or")


def conjunction(parts: Sequence[Value]) -> Value:
    """The mask that holds where all of some conditions do; there is at least one."""
    return _joined(parts, "bitwise_and")


def disjunction(parts: Sequence[Value]) -> Value:
    """The mask that holds where one of some conditions does; there is at least one."""
    return _joined(parts, "bitwise_or")


def _parts(mask: Value, operation: str) -> list[Value]:
    parts: list[Value] = []
    stack = [mask]
    while stack:
        part = stack.pop()
        if isinstance(part, Map) and part.operation == operation and part.dtype == BOOL:
            stack.extend(reversed(part.arguments))
        else:
            parts.append(part)
    return parts


def _joined(parts: Sequence[Value], operation: str) -> Value:
    mask = parts[0]
    for part in parts[1:]:
        mask = Map(operation, (mask, part), BOOL)
    return mask
