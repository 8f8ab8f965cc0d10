"""Which constants no pass looks into: programs that differ in nothing else have one plan."""

from __future__ import annotations

import math
from collections.abc import Sequence

from passes.ir.node import Node
from passes.ir.values import Literal, Map, Value
from passes.ir.walk import children

INDIFFERENT = frozenset({
    "add", "subtract", "multiply", "divide", "floor_divide", "remainder", "minimum", "maximum", "fmin",
    "fmax", "copysign", "hypot", "arctan2", "equal", "not_equal", "less", "less_equal", "greater",
    "greater_equal", "select",
})  # fmt: skip
"""Operations on columns that a rule simplifies for special constants only: see `is_special`."""


def is_special(constant: Literal) -> bool:
    """Whether a rule may know more of an operation with this constant than with others of its dtype.

    That is so of booleans, zeros, infinities, NaN and, as divisors and factors, powers of two.
    """
    if constant.dtype.kind == "f":
        number = float(constant.value)
        return not math.isfinite(number) or abs(math.frexp(number)[0]) in (0.0, 0.5)
    if constant.dtype.kind not in "iu":
        return True
    magnitude = abs(int(constant.value))
    return magnitude & (magnitude - 1) == 0


def unseen_constants(order: Sequence[Node], results: Sequence[Value]) -> set[Node]:
    """The constants of a graph, given in topological order, that its plan does not depend on.

    Each is an operand of columns' `INDIFFERENT` operations and of nothing else, and is not special.
    """
    found: set[Node] = {node for node in order if type(node) is Literal and not is_special(node)}
    if not found:
        return found
    found.difference_update(results)
    for node in order:
        if not (type(node) is Map and node.rows is not None and node.operation in INDIFFERENT):
            found.difference_update(children(node))
    return found
