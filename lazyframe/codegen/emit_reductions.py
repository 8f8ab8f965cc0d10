"""How kernels accumulate: dtypes, neutral elements and compensation of every reduction."""

from __future__ import annotations

import numpy as np

from lazyframe.codegen.emit_operations import kernel_type, memory_type
from passes.ir.loops import Builder
from passes.ir.operations import neutral
from passes.ir.values import Fold, Reduce, Value

BLOCK_ROWS = 1024
"""Rows whose floats are summed in vector lanes before the block's sum is added with compensation.  With 32
lanes a lane adds 32 terms, where NumPy's pairwise sum adds 16 in a row, then halves: errors of one size."""


def accumulator_dtype(operation: str, dtype: np.dtype) -> np.dtype:
    """The dtype in which a reduction accumulates: float32 sums run in float64, at no loss."""
    if operation == "sum" and dtype.kind == "f":
        return np.dtype(np.float64)
    return dtype


def compensated(operation: str, dtype: np.dtype) -> bool:
    """Whether partial results carry a compensation term."""
    return operation == "sum" and dtype.kind == "f"


def reduction_of(builder: Builder) -> str | None:
    """The operation that a builder merges into cells, or None."""
    target = builder.target
    return target.operation if isinstance(target, (Reduce, Fold)) else None


def is_float_sum(target: Value) -> bool:
    """Whether cells are summed in blocks and with compensation."""
    return isinstance(target, (Reduce, Fold)) and compensated(target.operation, target.dtype)


def output_type(builder: Builder) -> str:
    """The element type behind the pointer of a builder that is no group table's."""
    target = builder.target
    if isinstance(target, Reduce):
        return memory_type(accumulator_dtype(target.operation, target.dtype))
    return memory_type(target.dtype)


def to_memory(text: str, dtype: np.dtype) -> str:
    """``text`` as it is stored: booleans are bytes."""
    return f"uint8(select({text}, uint8(1), uint8(0)))" if dtype.kind == "b" else text


def neutral_text(operation: str, dtype: np.dtype) -> str:
    """The neutral element of a reduction."""
    value = neutral(operation, dtype)
    own = kernel_type(dtype)
    if dtype.kind == "f":
        spelled = {np.inf: "math.inf", -np.inf: "-math.inf"}.get(float(value), repr(float(value)))
        text = f"{own}({spelled})"
        # LLVM folds the minimum with an infinity that it sees, and then does not find the reduction
        return f"opaque({text})" if operation in ("minimum", "maximum") else text
    return f"{own}({int(value)})"


def combine_text(operation: str, dtype: np.dtype, held: str, x: str) -> str:
    """``held`` with ``x`` merged into it."""
    own = kernel_type(dtype)
    match operation:
        case "sum":
            return f"add_reassociated({held}, {x})"
        case "product":
            return f"multiply_reassociated({held}, {x})"
        case "any":
            return f"boolean({held} | {x})"
        case "all":
            return f"boolean({held} & {x})"
        case "minimum" | "maximum" if dtype.kind == "b":
            return f"boolean({held} {'&' if operation == 'minimum' else '|'} {x})"
        case "minimum" | "maximum":
            return f"{operation}({held}, {x})"
    raise ValueError(f"no kernel text for the reduction {operation} of {own}")
