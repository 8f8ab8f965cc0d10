"""Make random graphs exact, so that kernels, NumPy and the reference must agree in every bit.

Elementary functions may differ by a few ulp, float sums in the order of their terms, and which zero is the
least: these are tested on their own, and give way here to operations that have one answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from passes.ir.node import Node
from passes.ir.operations import FLOAT64, OPERATIONS
from passes.ir.values import Aggregate, Fold, Literal, Map, Reduce, Value, Window
from passes.ir.walk import substitute

INEXACT = frozenset(
    {
        "power", "cube_root", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan",
        "arcsin", "arccos", "arctan", "arctan2", "hypot", "sinh", "cosh", "tanh", "arcsinh", "arccosh",
        "arctanh", "erf", "erfc",
    }
)  # fmt: skip


def exactly(results: Sequence[Value]) -> list[Value]:
    """The graph with one answer in the place of operations that leave some room."""
    became = substitute(results, _exact)
    return [became[result] for result in results]  # type: ignore[misc]  # values stay values


def _exact(node: Node) -> Node | None:
    if not isinstance(node, (Map, Reduce, Fold, Aggregate, Window)) or node.dtype.kind != "f":
        return None
    match node:
        case Map(name, arguments, dtype):
            if name in INEXACT:
                instead = "square_root" if OPERATIONS[name].arity == 1 else "subtract"
                return Map(instead, arguments, dtype)
            return _plus_zero(node) if name in ("maximum", "minimum", "fmax", "fmin") else None
        case Reduce(_, column, dtype):
            return _plus_zero(Reduce("maximum", column, dtype))
        case Fold(_, column, axis, dtype):
            return _plus_zero(Fold("maximum", column, axis, dtype))
        case Aggregate(_, column, dtype, group):
            return _plus_zero(Aggregate("maximum", column, group, dtype))
    return None


def _plus_zero(value: Value) -> Value:
    """The same value, but 0.0 for -0.0."""
    zero = Literal(0.0) if value.dtype == FLOAT64 else Literal(0.0, value.dtype)
    return Map("add", (value, zero), value.dtype)
