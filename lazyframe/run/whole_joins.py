"""Find the partners of all rows first, where the rows of a join are asked for and not what is made of them.

Where each row of the left side has a partner, the rows of the join are those of the left side.  Its columns
are then what they are, and shared: pandas does not copy them either.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe.run.anonymous import Request
from lazyframe.run.bindings import bind_array, bound_to
from lazyframe.run.computed_keys import Compute
from lazyframe.run.kept import keep_rows, kept_rows, kept_value
from lazyframe.run.late import LateColumn
from lazyframe.run.uniqueness import certainly_unique
from passes.ir.rows import Join, Range
from passes.ir.values import Gather, Lookup, Position, Read, RowNumber, Value


def join_first(asked: Request, compute: Compute) -> None:
    """Keep the positions of joins that are asked for whole, if a column of the left side may stay as it is.

    It may where it is an input in memory, the keys on the right tell rows apart and every row on the left has
    a partner, as positions show once they are computed.  The columns of the right side are gathered by these.

    Parameters
    ----------
    asked : Request
        What is asked for.
    compute : callable
        Gives the arrays of values.
    """
    for join in _shown_whole(asked):
        if kept_rows(join) is not None:
            continue
        left = join.left if isinstance(join.left, Range) else _same_rows(join.left)
        keys = tuple([kept_value(key) or key for key in join.right_keys])
        if left is None or not certainly_unique(keys):
            return
        (found,) = compute([Lookup(join.left_keys, join.right, keys)])
        if len(found) and found.min() < 0:
            there = np.flatnonzero(found >= 0)
            keep_rows(join, (bind_array(there, "positions"), bind_array(found[there], "positions")))
            return
        keep_rows(join, (RowNumber(left), bind_array(found, "positions")))


def _same_rows(rows: Any) -> Range | None:
    """The rows that those of a join are, where each row on the left was found to have a partner."""
    known = kept_rows(rows) if isinstance(rows, Join) else None
    first = None if known is None else known[0]
    return first.rows if isinstance(first, RowNumber) else None  # type: ignore[return-value]  # numbered above


def _shown_whole(asked: Request) -> list[Join]:
    """The joins through whose left sides an input in memory is seen as it is, the innermost first."""
    if not asked.shape.joins:
        return []
    longest: list[Join] = []
    for value in asked.values:
        path = _path(value)
        if len(path) > len(longest):
            longest = path
    return longest


def _path(value: Value) -> list[Join]:
    path: list[Join] = []
    while isinstance(value, Gather) and isinstance(value.positions, Position) and value.positions.side == 0:
        rows = value.positions.rows
        if not isinstance(rows, Join) or rows.how != "inner" or not isinstance(rows.right, Range):
            return []
        path.append(rows)
        value = value.column
    if not isinstance(value, Read) or isinstance(bound_to(value.token), LateColumn):
        return []
    return path[::-1]
