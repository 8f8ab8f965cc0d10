"""What pandas finds out of a few columns, shown to it alone: all others wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.pandas_internals import frame_from_manager
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.row_labels import default_labels
from lazyframe.record.table import Table
from lazyframe.run.bindings import bind_array
from passes.ir.rows import Range, Rows
from passes.ir.values import Gather, RowNumber, Value


def shown(columns: Sequence[Value]) -> Any:
    """A frame of columns of one row space, computed; columns and rows are numbered."""
    rows = columns[0].rows
    assert rows is not None
    labels = ColumnLabels(pandas.RangeIndex(len(columns)))
    return frame_from_manager(pandas.DataFrame, Table(rows, labels, default_labels(rows), columns).manager())


def over(array: np.ndarray, rows: Rows) -> Value:
    """What was found for each of some rows, as a column of these."""
    return at_rows(bind_array(array, "found"), rows)


def at_rows(array: Value, rows: Rows) -> Value:
    """An input that has a value for each of some rows, in their order, as a column of these."""
    return array if isinstance(rows, Range) else Gather(array, RowNumber(rows))
