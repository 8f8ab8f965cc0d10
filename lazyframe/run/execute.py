"""Compute values of the graph: the one door from recording to results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lazyframe.run import reference
from passes.ir.values import Value


def compute(values: Sequence[Value]) -> list[Any]:
    """Compute several values in one program, work that they share done once.

    Parameters
    ----------
    values : sequence of Value
        Columns or scalars.

    Returns
    -------
    list
        In the same order: a one-dimensional array per column (for an opaque column the pandas object of its
        kind), a NumPy scalar per scalar.  Arrays are new or, for a plain `Read`, the input itself.
    """
    return reference.compute(values)
