"""Which rows are more than which others."""

from __future__ import annotations

from passes.ir.node import Node
from passes.ir.rows import Range, Rows
from passes.ir.values import Value
from passes.ir.walk import children

Longer = frozenset[tuple[Range, Range]]
"""Pairs of the rows of inputs, of which the first are known to be several times as many."""


def base_ranges(rows: Rows) -> frozenset[Range]:
    """The rows of inputs that ``rows`` are derived from, without those that are only looked at."""
    found: set[Range] = set()
    waiting: list[Node] = [rows]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Range):
            found.add(one)
        waiting += [child for child in children(one) if not isinstance(child, Value)]
    return frozenset(found)
