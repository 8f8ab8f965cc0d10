"""Where the rows of a column stand in the data that it comes from."""

from __future__ import annotations

from passes.ir.rows import Filter, Range, Rows, Slice, Sort
from passes.ir.values import Gather, Position, Read, RowNumber, Take, Value, View


def sliced(value: Value) -> bool:
    """Whether ``value`` is an input, or slices of one: then no positions are needed."""
    while isinstance(value, View):
        value = value.column
    return isinstance(value, Read)


def positions_of(value: Value) -> Value:
    """For a column made of an input by `Take`, `View` and `Gather`: its rows' positions in that input.

    Returns
    -------
    Value
        An int64 column of ``value.rows``.
    """
    chain: list[Take | View | Gather] = []
    while isinstance(value, (Take, View, Gather)):
        chain.append(value)
        value = value.column
    assert value.rows is not None
    positions: Value = RowNumber(value.rows)
    for link in reversed(chain):
        rows = link.rows
        if isinstance(link, Take):
            assert isinstance(rows, (Filter, Slice))
            positions = Take(positions, rows)
        elif isinstance(link, View):
            assert isinstance(rows, Range)
            positions = View(positions, rows, link.start, link.step)
        elif isinstance(positions, RowNumber):
            positions = link.positions
        else:
            positions = Gather(positions, link.positions)
    return positions


def root_numbers(rows: Rows | None) -> Value:
    """For each row, a number among the rows that all filters and slices are of: to count rows by."""
    chain: list[Filter | Slice] = []
    while isinstance(rows, (Filter, Slice)):
        chain.append(rows)
        rows = rows.parent
    assert rows is not None
    # those of a sort are not counted where its first rows are all that is asked for
    numbers: Value = Position(rows, 0) if isinstance(rows, Sort) else RowNumber(rows)
    for derived in reversed(chain):
        numbers = Take(numbers, derived)
    return numbers


def is_scattered(gather: Gather) -> bool:
    """Whether neighbouring rows are gathered from all over the column: those of a sort are."""
    positions = gather.positions
    while isinstance(positions, Take):
        positions = positions.column
    return isinstance(positions, Position) and isinstance(positions.rows, Sort)


def source_of(value: Value) -> Value:
    """The input that ``value`` is a part of, when it is one; else ``value``."""
    source = value
    while isinstance(source, (Take, View)):
        source = source.column
    return source if isinstance(source, Read) else value
