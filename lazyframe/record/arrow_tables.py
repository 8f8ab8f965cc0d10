"""The frames that pandas makes of Arrow's tables, with numbers and times where they are.

pandas copies them, into one block for each dtype.  Arrow's arrays do not change, so that a frame can have
them as they are, as long as whoever writes to it copies first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pyarrow

from lazyframe.pandas_internals import (
    Manager,
    column_arrays,
    column_references,
    manager_from_arrays,
    series_manager,
)
from lazyframe.record.arrow_schemas import (
    described_range,
    has_attrs,
    is_numbers,
    noted_by_pandas,
    shown_by_pandas,
)

_Frame: Any = pandas.DataFrame


class _Lent:
    """Memory of an array that nobody may write to.

    It lives as long as any view of it, and so does an empty block that pandas counts among those which share
    the memory: none is ever alone with it, so that each copies before it writes.
    """

    def __init__(self, array: np.ndarray) -> None:
        self.__array_interface__ = array.__array_interface__
        self._array = array
        self._sharing = series_manager(np.empty(0), pandas.RangeIndex(0))
        self.references = column_references(self._sharing, 0)


def manager_of_arrow(table: Any) -> Manager | None:
    """What the frame has that ``pandas.DataFrame.from_arrow`` makes of a ``pyarrow.Table``.

    None where no column can be had without a copy, and where pandas' own notes in the schema are of more than
    dtypes.
    """
    names = table.schema.names
    if has_attrs(table.schema) or len(set(names)) != len(names):
        return None
    described = noted_by_pandas(table.schema).get("index_columns", [])
    if any(isinstance(label, str) and label in names for label in described):
        return None
    index = described_range(described, table.num_rows)
    labels, dtypes = shown_by_pandas(table.schema)
    if index is None or len(labels) != len(names):
        return None
    found = [_as_it_is(data, shown) for data, shown in zip(table.columns, dtypes, strict=True)]
    others = [k for k, array in enumerate(found) if array is None]
    if len(others) == len(found):
        return None
    copied = dict(zip(others, column_arrays(_Frame.from_arrow(table.select(others))), strict=True))
    lent = [None if array is None else _Lent(array) for array in found]
    arrays = [copied[k] if one is None else np.asarray(one) for k, one in enumerate(lent)]
    references = [None if one is None else one.references for one in lent]
    return manager_from_arrays(arrays, labels.copy(), index, references=references)


def _as_it_is(data: Any, shown: Any) -> np.ndarray | None:
    """A ``pyarrow.ChunkedArray`` as NumPy has it; None where that is another array."""
    kind = data.type
    if (
        data.num_chunks != 1
        or data.null_count
        or pyarrow.types.is_boolean(kind)
        or not is_numbers(kind, shown)
    ):
        return None
    array: np.ndarray = data.chunk(0).to_numpy(zero_copy_only=True)
    return array if array.dtype == shown and array.flags.aligned else None
