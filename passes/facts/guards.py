"""What the builders of a loop have in common that run behind a filter."""

from __future__ import annotations

from passes.ir.loops import Loop, row_values
from passes.ir.rows import Product
from passes.ir.values import Fold, SlotTable, Value


def finds_rows_first(loop: Loop) -> bool:
    """Whether all that a loop appends and merges, into no tables, is of one filter's rows, or of all.

    A kernel can then find the rows of a batch that pass before it computes anything of them.
    """
    guards = {builder.guards for builder in loop.builders if builder.guards}
    if len(guards) != 1 or isinstance(loop.domain, Product):
        return False
    return not any(isinstance(builder.target, (SlotTable, Fold)) for builder in loop.builders)


def paid_by_all(loop: Loop) -> set[Value]:
    """What is computed for every row: guards, and what has none."""
    return set(row_values([root for b in loop.builders for root in (b.guards or b.roots())]))
