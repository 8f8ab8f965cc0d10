"""The pass `push_slices_down`."""

from __future__ import annotations

from passes.facts.uses import Demand
from passes.ir.node import Node
from passes.ir.operations import INT64, OPERATIONS
from passes.ir.rows import Range
from passes.ir.values import Gather, Literal, Map, Read, RowNumber, Value, View
from passes.rewrite.rule import rule

SMALL_PART = 8
"""A view of at most one row in so many is worth computing again, even where the whole is needed too."""
CHEAP = 4
"""Cycles per row up to which an operation on inputs is computed again rather than written and read back."""


@rule(View, facts=Demand)
def push_slices_down(node: Node, facts: Demand) -> Node | None:
    """``view(f(x, y))`` -> ``f(view(x), view(y))``; views of views, row numbers and everything collapse.

    Pays: ``(df.a * 2).head()`` computes five rows, and ``x[1:] - x[:-1]`` of computed ``x`` reads inputs at
    two offsets where it had to store ``x``.

    Safe: row-wise work on a row does not depend on the other rows; row ``i`` of a view is row ``start + i *
    step`` of what it sees, so views compose, and the row number of that row is this very number.

    Declines when the operation's value is needed whole or through another view as well, unless the view is a
    small part of it or the operation is cheap and stands on inputs.
    """
    if not isinstance(node, View):
        return None
    column, rows, start, step = node.column, node.rows, node.start, node.step
    if rows is column.rows and start == 0 and (step == 1 or _shorter_than_two(rows)):
        return column
    assert isinstance(rows, Range)
    match column:
        case View(source, inner_start, inner_step):
            return View(source, rows, inner_start + inner_step * start, inner_step * step)
        case RowNumber():
            scaled = Map("multiply", (RowNumber(rows), Literal(step, INT64)), INT64)
            return Map("add", (scaled, Literal(start, INT64)), INT64)
        case Map(operation, arguments, dtype) if _worth_moving(node, column, facts):
            seen = [a if a.rows is None else View(a, rows, start, step) for a in arguments]
            return Map(operation, tuple(seen), dtype)
        case Gather(source, positions) if facts.through_one(column):
            return Gather(source, View(positions, rows, start, step))
    return None


def _shorter_than_two(rows: Node | None) -> bool:
    return isinstance(rows, Range) and isinstance(rows.extent, int) and rows.extent < 2


def _worth_moving(view: View, column: Map, facts: Demand) -> bool:
    if facts.through_one(column):
        return True
    if OPERATIONS[column.operation].cost <= CHEAP and all(_is_input(a) for a in column.arguments):
        return True
    return _is_small_part(view) and facts.through_few(column)


def _is_input(value: Value) -> bool:
    seen = value.column if isinstance(value, View) else value
    return seen.rows is None or isinstance(seen, (Read, RowNumber))


def _is_small_part(view: View) -> bool:
    part, whole = view.rows, view.column.rows
    if not (isinstance(part, Range) and isinstance(whole, Range)):
        return False
    if not (isinstance(part.extent, int) and isinstance(whole.extent, int)):
        return False
    return part.extent * SMALL_PART <= whole.extent
