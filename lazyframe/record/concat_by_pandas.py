"""What pandas decides of a ``concat`` by what is in it: some columns end to end, and rows by their labels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.pandas_internals import frame_from_manager
from lazyframe.record.capture import capture
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.merge_missing import Positions
from lazyframe.record.merge_rows import positions_at
from lazyframe.record.origin import warn
from lazyframe.record.row_labels import RowLabels, bind_labels, default_labels
from lazyframe.record.table import Column, Table
from passes.ir.rows import Range, Rows
from passes.ir.values import Read, Value


class Aligned(NamedTuple):
    """Rows by their labels, and where they stand in each part."""

    rows: Rows
    labels: RowLabels
    sides: list[Positions]


def concat_by_pandas(
    parts: Sequence[Table], columns: Sequence[Sequence[Value | None]], only_series: bool
) -> list[Read] | None:
    """Columns of all parts as pandas makes them, over the positions in what is put together.

    Parameters
    ----------
    parts : sequence of Table
        Whose rows come one behind the other.
    columns : sequence
        For each column what it is in each part; None in a part that does not have it.
    only_series : bool
        Whether the parts are series, the dtype of whose rows pandas finds in another way.

    Returns
    -------
    list of Read or None
        None where pandas raises.
    """
    frames: list[Any] = []
    for number, part in enumerate(parts):
        present = {k: column[number] for k, column in enumerate(columns) if column[number] is not None}
        labels = ColumnLabels(pandas.Index(list(present), dtype=int))
        table = Table(part.rows, labels, default_labels(part.rows), list(present.values()))
        frame = frame_from_manager(pandas.DataFrame, table.manager())
        if not present and len(part):
            frame[-1] = 0  # of a frame without rows and columns pandas takes no notice
        frames.append(frame)
    if only_series:
        frames = [frame[0] for frame in frames]
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            made = pandas.concat(frames, ignore_index=True)
        except Exception:
            return None
    for warning in warned:
        warn(str(warning.message), warning.category)
    held = capture(made)
    if only_series:
        return [held.read(0)]
    order = made.columns.get_indexer(pandas.RangeIndex(len(columns)))
    return [held.read(int(position)) for position in order]


def align_by_pandas(parts: Sequence[Table | Column], join: str, sort: Any) -> Aligned | None:
    """The rows that have the labels of any part, or for an inner join of all; None where pandas raises.

    pandas is given the labels of the parts and where each row stands, and puts these side by side.
    It sorts dates unless told not to, which ``sort`` may leave open, and warns where that moves them.
    """
    numbered: list[Any] = []
    for part in parts:
        index = part.index
        if index is None:
            index = part.labels.build(compute(part.labels.parts))
        positions = pandas.Series(np.arange(len(index)), index=index)
        numbered.append(positions.to_frame() if isinstance(part, Table) else positions)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            made = pandas.concat(numbered, axis=1, join=join, sort=sort)  # type: ignore[call-overload]
        except Exception:
            return None
    rows = Range(len(made))
    sides = []
    for number, part in enumerate(parts):
        array = made.iloc[:, number].fillna(-1).to_numpy(np.int64)
        sides.append(positions_at(part.rows, array, len(array), rows))
    return Aligned(rows, bind_labels(made.index.view()), sides)
