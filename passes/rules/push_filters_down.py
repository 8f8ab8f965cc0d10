"""The pass `push_filters_down`."""

from __future__ import annotations

from passes.facts.uses import Demand
from passes.ir.node import Node
from passes.ir.values import Gather, Map, Take
from passes.rewrite.rule import rule


@rule(Take, facts=Demand)
def push_filters_down(node: Node, facts: Demand) -> Node | None:
    """``take(f(x, y), r)`` -> ``f(r.x, r.y)``: a filtered result becomes a result of filtered inputs.

    Pays: the work is done for the rows that are left only, and takes end up on inputs, where they cost
    nothing of their own.  Scalars are not taken.  A gather's positions are taken, so that it gathers less.

    Safe: row-wise work on a row does not depend on the other rows.

    Declines when the value is needed unfiltered as well, or by several filters: it would be computed twice.
    """
    match node:
        case Take(Map(operation, arguments, dtype) as column, _, rows) if facts.through_one(column):
            return Map(operation, tuple([a if a.rows is None else Take(a, rows) for a in arguments]), dtype)
        case Take(Gather(source, positions) as column, _, rows) if facts.through_one(column):
            return Gather(source, Take(positions, rows))
    return None
