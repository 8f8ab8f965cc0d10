"""The pass `simplify`; its identities are in `passes.rules.exact_arithmetic` and its two neighbours."""

from __future__ import annotations

from collections.abc import Callable

from passes.ir.node import Node
from passes.ir.operations import INT64
from passes.ir.rows import Filter, Group
from passes.ir.values import Aggregate, Gather, Literal, Map, RowNumber, Take, Value
from passes.rewrite.rule import Facts, rule
from passes.rules.exact_arithmetic import ARITHMETIC
from passes.rules.exact_casts import CASTS
from passes.rules.exact_logic import LOGIC, known_truth

IDENTITIES: dict[str, Callable[[Map], Value | None]] = {**ARITHMETIC, **LOGIC, **CASTS}
"""By operation: what computes the same bits with less work, or None."""


@rule(Map, Filter, Take, Gather, Aggregate)
def simplify(node: Node, facts: Facts) -> Node | None:
    """An operation -> one that gives the same bits for less, a filter that keeps every row -> its parent, row
    numbers that are gathered by positions -> the positions, and a count of what is true in every row -> the
    number of rows, which every group has counted already.

    Pays: recorded programs are full of ``* 1``, casts there and back, and missing-value tests of integers.

    Safe: every identity holds for NaN, infinities, both zeros, subnormals and integers that wrap; only the
    payload of a NaN is free.  So ``x + 0.0`` stays (it turns -0.0 into 0.0) and ``x - 0.0`` goes; ``x * 0``
    stays; ``~(a < b)`` turns only for integers.

    Declines where a column would become a scalar: those who use it need its rows.
    """
    match node:
        case Map():
            identity = IDENTITIES.get(node.operation)
            found = identity(node) if identity is not None else None
            return found if found is not None and found.rows is node.rows else None
        case Filter(parent, mask) if known_truth(mask) is True:
            return parent
        case Aggregate("sum", Map("cast", (flag,)), dtype, Group() as group) if dtype == INT64:
            return Aggregate("sum", Literal(1, INT64), group, INT64) if known_truth(flag) is True else None
        case Gather(RowNumber(), positions):
            return positions
        case Take(column, _, rows) if column.rows is rows:
            return column  # the driver has put a filter's parent in its place
    return None
