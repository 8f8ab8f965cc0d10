"""``from_arrow``: pandas' own for short data; what is long is taken without a copy, where it can be."""

from __future__ import annotations

from typing import Any

import pandas

from lazyframe.pandas_internals import frame_from_manager
from lazyframe.settings import current

_Frame: Any = pandas.DataFrame
_Series: Any = pandas.Series
_EXPORTS = ("__arrow_c_array__", "__arrow_c_stream__")


def frame_of_arrow_data(data: Any) -> Any:
    """``pandas.DataFrame.from_arrow(data)``."""
    import pyarrow

    if not isinstance(data, pyarrow.Table):
        if not any(hasattr(data, name) for name in _EXPORTS):
            return _Frame.from_arrow(data)  # which says what is wrong
        data = pyarrow.table(data)
    found = _uncopied(data)
    return _Frame.from_arrow(data) if found is None else found


def series_of_arrow_data(data: Any) -> Any:
    """``pandas.Series.from_arrow(data)``."""
    import pyarrow

    if not isinstance(data, (pyarrow.Array, pyarrow.ChunkedArray)):
        if not any(hasattr(data, name) for name in _EXPORTS):
            return _Series.from_arrow(data)
        data = pyarrow.chunked_array(data)
    found = _uncopied(pyarrow.table({"column": data}))
    if found is None:
        return _Series.from_arrow(data)
    return found["column"].rename(getattr(data, "_name", None))


def _uncopied(table: Any) -> pandas.DataFrame | None:
    if not table.num_rows or table.num_rows < current().min_rows:
        return None
    from lazyframe.record.arrow_tables import manager_of_arrow

    manager = manager_of_arrow(table)
    return None if manager is None else frame_from_manager(pandas.DataFrame, manager)
