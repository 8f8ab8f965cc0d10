"""Columns of filtered rows of files that more than one computation needs: the file is read once for them.

Which columns are needed again is not known when the first computation runs, and storing what nobody asks for
costs time and memory.  The second computation shows it: columns that an earlier one computed on its way, and
that this one builds on, are computed along and kept, so that a third does not read the file.  They are noted
with the shape of the first computation as well, since programs are run again: from then on a computation of
that shape keeps them itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from lazyframe.run.anonymous import Request, Shape
from lazyframe.run.bindings import bind_scalar, bound_to
from lazyframe.run.late import LateColumn, most_bytes
from lazyframe.run.streaming import is_streamed
from passes.ir.node import Node
from passes.ir.operations import INT64
from passes.ir.rows import Filter, Join, Range, Rows
from passes.ir.values import Map, Parameter, Read, Reduce, Take, Value
from passes.ir.walk import children, topological

Kept = Mapping[Value, Read | Parameter]

_computed: WeakKeyDictionary[Value, tuple[Shape, int]] = WeakKeyDictionary()
"""Columns of filtered rows, with the shape of the first computation that needed each, and its place there."""


def columns_to_keep(asked: Request, kept: Kept, counting: bool) -> list[Value]:
    """Columns of filtered rows of files that are worth storing as they are computed.

    Parameters
    ----------
    asked : Request
        The computation.
    kept : mapping
        What is kept so far.
    counting : bool
        Whether it is about to run, and what it needs again is noted.
    """
    shape, order = asked.shape, asked.order
    lengths = _lengths_in_files(asked) if shape.keepable.filtered else frozenset()
    if not lengths:
        return []
    in_files: dict[Rows, bool] = {}
    found: dict[Value, int] = {}
    for place in shape.keepable.filtered:
        column: Any = order[place]
        if column.rows not in in_files:
            in_files[column.rows] = not lengths.isdisjoint(_lengths_below(column.rows))
        if in_files[column.rows]:
            found[column] = place
    foreseen: list[Any] = [order[place] for place, small in shape.needed_again.items() if small]
    again = _outermost([column for column in found if column in _computed], asked, kept)
    if counting:
        for column in again:
            first, place = _computed[column]
            first.needed_again.setdefault(place, True)
        for column, place in found.items():
            _computed.setdefault(column, (shape, place))
    return [*foreseen, *again]


def fits(column: Value, array: np.ndarray) -> bool:
    """Whether what was computed of a column may be kept; one that is too large is not tried again."""
    if array.nbytes <= most_bytes():
        return True
    if column in _computed:
        first, place = _computed[column]
        first.needed_again[place] = False
    return False


def _lengths_in_files(asked: Request) -> frozenset[int]:
    """How many rows there are in the files that would be read piece by piece."""
    order: list[Any] = asked.order
    bound = [bound_to(order[place].token) for _, place in asked.shape.inputs]
    columns = [data for data in bound if isinstance(data, LateColumn) and data.source.in_files]
    return frozenset([column.rows for column in columns if is_streamed(column)])


def _lengths_below(rows: Rows) -> set[int | str]:
    """The lengths of the inputs that derived rows come from."""
    below = topological([rows], _parents)
    return {node.extent for node in below if isinstance(node, Range)}


def _parents(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Join):
        return node.left, node.right
    parent = getattr(node, "parent", None)
    return () if parent is None else (parent,)


def _outermost(columns: Sequence[Value], asked: Request, kept: Kept) -> list[Value]:
    """Those of ``columns`` that something other than one of them is made of, or that are results."""
    if not columns:
        return []
    known = set(columns)
    needed: set[Node] = {value for value in asked.values if value in known}
    for node in topological(asked.values, lambda node: () if node in kept else children(node)):
        if node not in known and node not in kept:
            needed.update([child for child in children(node) if child in known])
    return [column for column in columns if column in needed]


def rows_of_kept(asked: Request, kept: Kept) -> tuple[dict[Node, Node], list[Node]]:
    """Filtered rows all that is needed of which is kept, with the dense rows that stand for them.

    Returns
    -------
    dict of Node to Node
        Nothing else than what is kept is taken through these filters.  How many rows they leave stands for
        what counts them, as the mask may be of other columns of the file.
    list of Node
        What is left of the graph, in topological order; what is kept has nothing below it.
    """
    columns: list[Any] = [asked.order[place] for place in asked.shape.keepable.filtered]
    dense: dict[Node, Node] = {}
    for column in columns:
        rows = kept[column].rows if column in kept else None
        if rows is not None:
            dense[column.rows] = rows
    dense = _counted(dense)
    while dense:
        order = topological(asked.values, partial(_below, kept=kept, dense=dense))
        open_rows = {node.rows for node in order if isinstance(node, Take) and _below(node, kept, dense)}
        if open_rows.isdisjoint(dense):
            return dense, order
        dense = _counted({rows: instead for rows, instead in dense.items() if rows not in open_rows})
    return {}, asked.order


def _below(node: Node, kept: Kept, dense: Mapping[Node, Node]) -> tuple[Node, ...]:
    """What a node is made of; nothing where something that is there stands for it."""
    return () if node in dense or (node in kept and _is_dense(node, dense)) else children(node)


def _counted(dense: Mapping[Node, Node]) -> dict[Node, Node]:
    """The same rows, and what counts them."""
    found: dict[Node, Node] = {}
    for rows, instead in dense.items():
        if isinstance(rows, Filter) and isinstance(instead, Range):
            found[rows] = instead
            count = Reduce("sum", Map("cast", (rows.mask,), INT64), INT64)
            found[count] = bind_scalar(np.int64(instead.extent))
    return found


def _is_dense(node: Node, dense: Mapping[Node, Node]) -> bool:
    rows = getattr(node, "rows", None)
    return rows is None or rows in dense
