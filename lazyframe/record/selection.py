"""Rows and columns of tables: masks, slices, labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import pandas

from lazyframe.record.origin import stamp
from lazyframe.record.row_labels import BoundLabels, RowLabels, bind_labels, default_labels
from lazyframe.record.table import Column, ColumnsOf, Table
from passes.ir.rows import Filter, Range, Rows, Slice
from passes.ir.values import Gather, Take, Value, View

Data = TypeVar("Data", Table, Column)


def filter_rows(data: Data, mask: Value, positions: Sequence[int] | None = None) -> Data:
    """The rows where ``mask``, a boolean column of the same rows, is true; of a table some columns only."""
    rows = Filter(data.rows, mask)
    labels = data.labels.take(rows)
    if isinstance(data, Column):
        return Column(Take(data.value, rows), labels, data.name)
    columns = data.current_columns()
    if positions is not None:
        columns = columns.take(positions)
    source = ColumnsOf(data, positions, lambda value: Take(value, rows))
    return Table(rows, columns, labels, source=source)


def mask_rows(column: Column, mask: Value) -> Column:
    """The rows of a series where ``mask`` is true, as ``series[mask]`` labels them."""
    rows = Filter(column.rows, mask)
    labels = column.labels
    taken = labels.mask(rows) if isinstance(labels, BoundLabels) else labels.take(rows)
    return Column(Take(column.value, rows), taken, column.name)


def slice_rows(data: Data, start: int | None, stop: int | None, step: int | None) -> Data:
    """The rows ``start:stop:step``."""
    if not isinstance(data.rows, Range):
        part = Slice(data.rows, start, stop, step)
        sliced: Data = _over(data, part, data.labels.take(part), lambda value: Take(value, part))
        return sliced
    assert isinstance(data.rows.extent, int)
    positions = range(data.rows.extent)[slice(start, stop, step)]
    if len(positions) == data.rows.extent and positions.step == 1:
        # with names of its own, as the user may give it others
        whole: Any = (
            Column(data.value, data.labels, data.name) if isinstance(data, Column) else data.derived()
        )
        return whole  # type: ignore[no-any-return]
    rows, first, stride = Range(len(positions)), positions.start, positions.step
    labels = data.labels.view(rows, first, stride)
    if positions.stop != first + stride * len(positions):
        labels = _ending_at(positions, data.labels) or labels
    viewed: Data = _over(data, rows, labels, lambda value: View(value, rows, first, stride))
    return viewed


def _ending_at(positions: range, labels: RowLabels) -> RowLabels | None:
    """Those of a RangeIndex, which shows where a slice was told to stop; None of any other labels."""
    whole = labels.known()
    if not isinstance(whole, pandas.RangeIndex):
        return None
    stop = positions.stop if positions.stop >= 0 else None
    return bind_labels(whole[positions.start : stop : positions.step])


def renumbered(data: Data) -> Data:
    """The same rows, labelled by their positions."""
    labels = default_labels(data.rows)
    if isinstance(data, Column):
        return Column(data.value, labels, data.name)
    return data.derived(labels=labels)


def gather_rows(data: Data, positions: Value, what: str) -> Data | None:
    """The rows at positions, all in range; None where their labels depend on more than their order.

    Parameters
    ----------
    data : Table or Column
        What is selected from.
    positions : Value
        Over the rows that are made.
    what : str
        The method, for ``explain``.
    """
    labels = data.labels.gather(positions)
    if labels is None:
        return None
    stamp(positions, what)
    assert positions.rows is not None
    gathered: Data = _over(data, positions.rows, labels, lambda value: Gather(value, positions))
    return gathered


def _over(data: Any, rows: Rows, labels: RowLabels, seen: Any) -> Any:
    if isinstance(data, Column):
        return Column(seen(data.value), labels, data.name)
    return data.derived(rows=rows, labels=labels, source=ColumnsOf(data, seen=seen))


def pick_columns(table: Table, positions: Sequence[int]) -> Table:
    """The columns at ``positions``, in that order."""
    columns = table.current_columns().take(positions)
    return table.derived(columns=columns, source=ColumnsOf(table, positions))


def positions_of(table: Table, labels: Sequence[Any]) -> list[int] | None:
    """The position of each label's one column; None where pandas has to decide."""
    columns = table.current_columns()
    positions = []
    for label in labels:
        position = None if isinstance(label, (bool, list)) else columns.position(label)
        if position is None:
            return None
        positions.append(position)
    return positions


def whole_numbers(key: slice) -> bool:
    """Whether a slice's ends and step are integers or left out."""
    return (
        all(part is None or type(part) is int for part in (key.start, key.stop, key.step)) and key.step != 0
    )
