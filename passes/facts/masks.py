"""Masks as the conditions that they join."""

from __future__ import annotations

from collections.abc import Sequence

from passes.ir.operations import BOOL
from passes.ir.values import Map, Value


def conjuncts(mask: Value) -> list[Value]:
    """The conditions that all hold where a mask does, in their order."""
    parts: list[Value] = []
    stack = [mask]
    while stack:
        part = stack.pop()
        if isinstance(part, Map) and part.operation == "bitwise_and" and part.dtype == BOOL:
            stack.extend(reversed(part.arguments))
        else:
            parts.append(part)
    return parts


def conjunction(parts: Sequence[Value]) -> Value:
    """The mask that holds where all of some conditions do; there is at least one."""
    mask = parts[0]
    for part in parts[1:]:
        mask = Map("bitwise_and", (mask, part), BOOL)
    return mask
