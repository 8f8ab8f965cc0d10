"""Compute the keys that rows are looked up by first, where they are no inputs, and keep them.

Whether no two of them are equal is then known, as it is of inputs.  The keys of a join are all needed in any
case, before any of its rows is found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lazyframe.run.anonymous import Request
from lazyframe.run.bindings import bound_to
from lazyframe.run.kept import keep_value, kept_value
from lazyframe.run.late import LateColumn
from passes.ir.rows import Range
from passes.ir.values import Map, Parameter, Read, Value
from passes.ir.walk import topological

Compute = Callable[[Sequence[Value]], list[Any]]


def compute_keys(asked: Request, compute: Compute) -> None:
    """Keep the keys on the right sides of joins that are computed from inputs in memory.

    Parameters
    ----------
    asked : Request
        What is asked for.
    compute : callable
        Gives the arrays of values.
    """
    for place in asked.shape.keepable.keys:
        known_key(asked.order[place], compute)  # type: ignore[arg-type]  # keys are values


def known_key(key: Value, compute: Compute) -> Value:
    """A key, as an input if it is computed from inputs in memory."""
    if not isinstance(key, Map) or not isinstance(key.rows, Range):
        return key
    known = kept_value(key)
    if known is not None:
        return known
    if not all(map(_is_in_memory, topological([key]))):
        return key
    (array,) = compute([key])
    return keep_value(key, array)


def _is_in_memory(node: Any) -> bool:
    return not isinstance(node, (Read, Parameter)) or not isinstance(bound_to(node.token), LateColumn)
