"""``median`` and ``quantile``: by pandas, of columns that are computed without their labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import column_of, overriding, table_of
from lazyframe.api.recording_reductions import numeric_columns, reduce_across
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import SINCE_3_1, blame_caller
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.rowwise import MOST_COMPARED
from lazyframe.record.table import Table
from passes.ir.values import OPAQUE

DataFrame: Any = pandas.DataFrame
Series: Any = pandas.Series


def _of_series(name: str) -> Callable[..., Any]:
    @blame_caller
    def record(self: Any, *args: Any, **kwargs: Any) -> Any:
        column = None if "_mgr" in self.__dict__ else column_of(self)
        if column is None or column.value.dtype == OPAQUE:
            return NotImplemented
        (values,) = compute([column.value])
        # the same method, of a series that pandas makes: whatever it says of its arguments it says here
        return wrap(getattr(pandas.Series(values, name=self._name, copy=False), name)(*args, **kwargs))

    return record


def _of_frame(name: str) -> Callable[..., Any]:
    @blame_caller
    def record(self: Any, *args: Any, axis: Any = 0, numeric_only: Any = False, **kwargs: Any) -> Any:
        if axis in (1, "columns") and name == "median" and not args:
            return _median_across(self, numeric_only, **kwargs)
        if args or axis not in (0, "index") or type(numeric_only) is not bool or "_mgr" in self.__dict__:
            return NotImplemented
        table = table_of(self)
        positions = None if table is None else _numeric(table, numeric_only)
        if table is None or not positions:
            return NotImplemented
        arrays = compute([table.value(position) for position in positions])
        frame = DataFrame(dict(enumerate(arrays)), copy=False)
        frame.columns = ColumnLabels(table.current_columns().index()).take(positions).index()
        return wrap(getattr(frame, name)(**kwargs))

    return record


def _median_across(self: Any, numeric_only: Any, skipna: Any = True, **others: Any) -> Any:
    if others or type(numeric_only) is not bool or type(skipna) is not bool:
        return NotImplemented
    table = table_of(self)
    positions = None if table is None else numeric_columns(table, numeric_only)
    if table is None or not positions or len(positions) > MOST_COMPARED:
        return NotImplemented
    dtypes = [table.value(position).dtype for position in positions]
    if not SINCE_3_1 and not skipna and np.result_type(*dtypes) == np.float32:
        return NotImplemented  # float64 where something is missing in the first row
    return reduce_across(table, "median", positions, {"skipna": skipna})


def _numeric(table: Table, numeric_only: bool) -> list[int] | None:
    """The positions of the columns of numbers; None if there are others and pandas has to look at them."""
    values = table.values()
    found = [position for position, value in enumerate(values) if value.dtype.kind in "iuf"]
    rest = [table.dtypes[position] for position in range(len(table)) if position not in found]
    if numeric_only:
        return found if all(isinstance(dtype, pandas.StringDtype) for dtype in rest) else None
    return None if rest else found


class QuantilesOfSeries:
    """Mixin of the series."""

    median = overriding(Series.median, _of_series("median"))
    quantile = overriding(Series.quantile, _of_series("quantile"))


class QuantilesOfFrame:
    """Mixin of the frame."""

    median = overriding(DataFrame.median, _of_frame("median"))
    quantile = overriding(DataFrame.quantile, _of_frame("quantile"))


MIXINS = {"DataFrame": QuantilesOfFrame, "Series": QuantilesOfSeries}
