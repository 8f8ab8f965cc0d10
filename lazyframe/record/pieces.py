"""A recorded frame as the columns of one part of its rows after another, for whoever needs no more at once.

A part is so many rows of what the frame's columns are read from. That is possible where a row of the result
needs nothing but its own row of the source: work row by row, filters, what is looked up in memory. What is
computed of all rows, such as a mean, is computed first. Every part is then a program of the same shape, over
inputs that are parts of the source's, so that it is planned once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import source_of
from lazyframe.record.elementwise import INT64
from lazyframe.record.table import Table
from lazyframe.run import execute
from lazyframe.run.bindings import bind_array, bind_late, bind_opaque, bind_scalar, bound_to, dtype_of_input
from lazyframe.run.late import LateColumn
from lazyframe.run.parquet.scan import Scan, ScanColumn
from passes.ir.node import Node, carry_origin
from passes.ir.rows import Filter, Range, Rows
from passes.ir.values import (
    OPAQUE,
    Gather,
    Literal,
    Map,
    Parameter,
    Read,
    Reduce,
    RowNumber,
    Take,
    Value,
)
from passes.ir.walk import children, rebuild, topological

PIECE_ROWS = 1 << 18
"""Rows of the source that a piece has at least, but for the last."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the source's rows: of a file its row groups from ``group`` to ``end``."""

    first: int
    stop: int
    group: int = 0
    end: int = 0


class Pieces:
    """The values of a frame, to be computed for one piece after another.

    Parameters
    ----------
    base : Range
        The source's rows.
    filters : int
        How many there are, one of what the other has left.
    positions : Value
        Which of the source's rows are left.
    order : sequence of Node
        All that the frame and ``positions`` are made of, each after what it is made of.
    scan : Scan, optional
        The file that it is read from; None where all is in memory.
    """

    def __init__(
        self, base: Range, filters: int, positions: Value, order: Sequence[Node], scan: Scan | None
    ) -> None:
        self.base = base
        self.filters = filters
        self.positions = positions
        self._order = order
        self._scan = scan
        scalars = [node for node in order if isinstance(node, Reduce)]
        self._scalars = dict(zip(scalars, map(bind_scalar, compute(scalars)), strict=True))

    @cached_property
    def all(self) -> tuple[Piece, ...]:
        """The pieces, in the order of their rows."""
        assert isinstance(self.base.extent, int)
        if self._scan is None:
            ends = range(0, self.base.extent, PIECE_ROWS)
            return tuple([Piece(first, min(first + PIECE_ROWS, self.base.extent)) for first in ends])
        found: list[Piece] = []
        first = group = 0
        for number, (start, rows) in enumerate(self._scan.pieces):
            if start + rows - first >= PIECE_ROWS or number + 1 == len(self._scan.pieces):
                found.append(Piece(first, start + rows, group, number + 1))
                first, group = start + rows, number + 1
        return tuple(found)

    def arrays(self, piece: Piece, wanted: Sequence[Value]) -> list[Any] | None:
        """What some of the frame's values, or `positions`, are in a piece; None where no row is left."""
        part = None if self._scan is None else self._scan.part(piece.group, piece.end)
        rows = Range(piece.stop - piece.first)
        number = RowNumber(rows)
        became: dict[Node, Node] = {self.base: rows}
        before = bind_scalar(np.int64(piece.first))
        for node in self._order:
            match node:
                case Range():
                    continue
                case Read():
                    fresh: Node = _part_of(node, piece, part)
                case RowNumber():
                    fresh = Map("add", (number, before), INT64)
                case Reduce():
                    fresh = self._scalars[node]
                case Gather(column, positions):
                    fresh = Gather(column, became[positions])  # type: ignore[arg-type]  # a value stays one
                case _:
                    fresh = rebuild(node, became.__getitem__)
            carry_origin(node, fresh)
            became[node] = fresh

        def computed(values: Sequence[Value]) -> list[Any]:
            return execute.compute([became[value] for value in values])  # type: ignore[misc]  # are values

        if self.filters:  # of rows that are not left no column is read but those of the filters
            (left,) = computed([self.positions])
            if not len(left):
                return None
        found = computed(wanted)
        return found if len(found[0]) else None


def pieces_of(table: Table) -> Pieces | None:
    """How to compute a frame piece by piece; None where rows need others, or a dtype depends on the data."""
    base: Rows = table.rows
    filters: list[Filter] = []
    while isinstance(base, Filter):
        filters.append(base)
        base = base.parent
    if not isinstance(base, Range) or not isinstance(base.extent, int) or base.extent <= PIECE_ROWS:
        return None
    values = table.values()
    if not all(value.dtype != OPAQUE or _is_of_known_dtype(value) for value in values):
        return None
    positions: Value = RowNumber(base)
    for rows in reversed(filters):
        positions = Take(positions, rows)
    order = topological([*values, positions], _of_its_row)
    if not all(_is_of_its_row(node, base) for node in order):
        return None
    late = [bound for node in order if isinstance(node, Read) and _is_late(bound := bound_to(node.token))]
    scans = {id(column.source): column.source for column in late}
    scan = next(iter(scans.values()), None)
    if len(scans) > 1 or not (scan is None or _has_in_files(scan, late)):
        return None
    return Pieces(base, len(filters), positions, order, scan)


def _is_of_known_dtype(value: Value) -> bool:
    """Whether each part of a column that only the host can touch has the same dtype, and type in Arrow."""
    source = source_of(value)
    if source is None:
        return False
    bound = bound_to(source.token)
    if isinstance(bound, LateColumn) and bound.shown is None:
        return False
    dtype = dtype_of_input(source.token)
    if isinstance(dtype, pandas.CategoricalDtype):
        return not _is_late(bound)
    return isinstance(dtype, (pandas.StringDtype, pandas.DatetimeTZDtype))


def _of_its_row(node: Node) -> tuple[Node, ...]:
    """What has to be known of a piece for ``node`` to be known of it."""
    if isinstance(node, Reduce):
        return ()
    if isinstance(node, Gather):
        return (node.positions,)
    return children(node)


def _is_of_its_row(node: Node, base: Range) -> bool:
    match node:
        case Read(_, _, rows) | RowNumber(_, rows):
            return rows is base
        case Gather(column, _):
            return isinstance(column, Read) and not _is_late(bound_to(column.token))
        case Range():
            return node is base
    return isinstance(node, (Map, Take, Filter, Literal, Parameter, Reduce))


def _is_late(bound: Any) -> bool:
    return isinstance(bound, LateColumn)


def _has_in_files(scan: Any, columns: Sequence[LateColumn]) -> bool:
    """Whether some columns are in the files that a scan reads, and not in memory or in their paths."""
    return isinstance(scan, Scan) and all(column.name in scan.stored for column in columns)


def _part_of(node: Read, piece: Piece, part: Scan | None) -> Read:
    """The rows of an input that a piece has."""
    bound = bound_to(node.token)
    if isinstance(bound, ScanColumn):
        held = bound.held()
        if held is None:
            assert part is not None
            return bind_late(ScanColumn(part, bound.field, bound.dtype, bound.shown), node.token.hint)
        bound = held
    bind: Callable[[Any, str], Read] = bind_opaque if node.dtype == OPAQUE else bind_array
    return bind(bound[piece.first : piece.stop], node.token.hint)
