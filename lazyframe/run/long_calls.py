"""One pass of a kernel over many rows, in calls between which Ctrl-C is heard."""

from __future__ import annotations

from lazyframe.codegen.kernel import Kernel

LONGEST_CALL = 1 << 24
"""Rows of one call."""


def pass_over(rows: int, kernel: Kernel, *arguments: int) -> None:
    """Call ``kernel`` for all rows in their order, with the same ``arguments`` each time."""
    for low in range(0, rows, LONGEST_CALL):
        kernel(low, min(low + LONGEST_CALL, rows), *arguments)
