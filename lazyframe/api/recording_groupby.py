"""The methods of frames and series that group rows or describe values."""

from __future__ import annotations

from typing import Any

import pandas

from lazyframe.api.dear import STAND_INS
from lazyframe.api.groupby import record_frame_groupby, record_series_groupby
from lazyframe.api.recording import column_of, overriding, table_of
from lazyframe.api.wrap import wrap, wrapping
from lazyframe.pandas_internals import is_time_grouper
from lazyframe.record.computing import compute
from lazyframe.record.groupby_schema import ask, one_row, one_row_frame

DataFrame: Any = pandas.DataFrame
Series: Any = pandas.Series


def _describe_series(self: Any, percentiles: Any = None, include: Any = None, exclude: Any = None) -> Any:
    from lazyframe.record.describing import describe_columns, is_described

    column = column_of(self) if include is None and exclude is None else None
    if column is not None and column.value.dtype.kind in "mM":
        (times,) = compute([column.value])
        return wrap(Series(times, name=self._name, copy=False).describe(percentiles))
    if column is None or not is_described(column.value):
        return NotImplemented  # pandas 3.1 warns of what it ignores
    dtype = column.value.dtype
    example = one_row(dtype, self._name)
    answer = ask(["describe", dtype, percentiles], lambda: example.describe(percentiles))
    if answer is None:
        return NotImplemented
    (described,) = describe_columns([column.value], percentiles)
    index = example.describe(percentiles).index
    return wrap(Series(described, index=index, name=self._name, dtype=float, copy=False))


def _describe_frame(self: Any, percentiles: Any = None, include: Any = None, exclude: Any = None) -> Any:
    from lazyframe.record.describing import describe_columns

    table = table_of(self) if include is None and exclude is None else None
    if table is None:
        return NotImplemented
    dtypes = table.dtypes
    if any(getattr(d, "kind", "O") in "mM" or _is_extension_number(d) for d in dtypes):
        return NotImplemented
    positions = [p for p, dtype in enumerate(dtypes) if dtype in _NUMBERS]
    answer = ask(
        ["describe", [str(dtype) for dtype in dtypes], len(table), percentiles],
        lambda: one_row_frame(pandas.RangeIndex(len(table)), dtypes).describe(percentiles),
    )
    if answer is None or answer.columns is None or len(answer.columns) != len(positions) or not positions:
        return NotImplemented
    described = describe_columns([table.value(p) for p in positions], percentiles)
    example = one_row(float).describe(percentiles)
    frame = DataFrame(dict(enumerate(described)), index=example.index)
    frame.columns = table.columns.take(positions)
    return wrap(frame)


_NUMBERS = frozenset(
    pandas.api.types.pandas_dtype(name)
    for name in (
        "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"
    )
)  # fmt: skip


def _is_extension_number(dtype: Any) -> bool:
    return pandas.api.types.is_extension_array_dtype(dtype) and pandas.api.types.is_numeric_dtype(dtype)


def _grouping(record: Any) -> Any:
    """The recorder of ``groupby``: by bins of times, or as ``record`` records others."""

    def groupby(self: Any, by: Any = None, *args: Any, **given: Any) -> Any:
        if type(by) is not str and is_time_grouper(by) and not args:
            from lazyframe.api.groupby_bins import record_groupby_of_bins

            return record_groupby_of_bins(self, by, **given)
        return record(self, by, *args, **given)

    return groupby


def _resample(self: Any, rule: Any, *args: Any, on: Any = None, level: Any = None, **given: Any) -> Any:
    from lazyframe.api.groupby_bins import record_resample

    return record_resample(self, rule, *args, on=on, level=level, **given)


class GroupingFrame:
    """Mixin of the frame."""

    groupby = overriding(STAND_INS["DataFrame"]["groupby"], _grouping(record_frame_groupby))
    resample = overriding(DataFrame.resample, _resample)
    describe = overriding(wrapping(DataFrame.describe), _describe_frame)


class GroupingSeries:
    """Mixin of the series."""

    groupby = overriding(STAND_INS["Series"]["groupby"], _grouping(record_series_groupby))
    resample = overriding(Series.resample, _resample)
    describe = overriding(wrapping(Series.describe), _describe_series)


MIXINS = {"DataFrame": GroupingFrame, "Series": GroupingSeries}
