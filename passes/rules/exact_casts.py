"""Identities of conversions that keep every bit, for `simplify`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from passes.ir.values import Map, Value


@lru_cache(maxsize=256)
def is_exact(source: np.dtype, target: np.dtype) -> bool:
    """Whether every value of ``source`` has its very value in ``target``.

    NumPy calls int64 to float64 safe, but a float64 holds 53 bits.
    """
    rounds = source.kind in "iu" and source.itemsize == 8 and target.kind == "f"
    return np.can_cast(source, target, "safe") and not rounds


def _cast(node: Map) -> Value | None:
    inner = node.arguments[0]
    if inner.dtype == node.dtype:
        return inner
    if not isinstance(inner, Map) or inner.operation != "cast":
        return None
    source = inner.arguments[0]
    if not is_exact(source.dtype, inner.dtype):
        return None
    if source.dtype == node.dtype:
        return source
    # A float out of an integer's range converts to what the hardware says, and that differs by width.
    from_float = inner.dtype.kind == "f" and node.dtype.kind in "iu"
    if from_float and not is_exact(source.dtype, node.dtype):
        return None
    return Map("cast", (source,), node.dtype)


def _reinterpret(node: Map) -> Value | None:
    inner = node.arguments[0]
    if inner.dtype == node.dtype:
        return inner
    if not isinstance(inner, Map) or inner.operation != "reinterpret":
        return None
    source = inner.arguments[0]
    return source if source.dtype == node.dtype else Map("reinterpret", (source,), node.dtype)


CASTS: dict[str, Callable[[Map], Value | None]] = {"cast": _cast, "reinterpret": _reinterpret}
"""By operation."""
