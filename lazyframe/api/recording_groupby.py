"""The methods of frames and series that group rows, or count or describe values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby import record_frame_groupby, record_series_groupby
from lazyframe.api.recording import column_of, overriding, table_of
from lazyframe.api.wrap import wrap, wrapping
from lazyframe.record.computing import compute
from lazyframe.record.describing import describe_columns, is_described
from lazyframe.record.dictionaries import ENCODING, codes_of, is_worth_encoding
from lazyframe.record.groupby_schema import ask, one_row, one_row_frame
from lazyframe.record.reductions import Grouped, count_rows
from passes.ir.rows import Group
from passes.ir.values import Key, Value

DataFrame: Any = pandas.DataFrame
Series: Any = pandas.Series


def _countable(self: Any) -> tuple[Value, Any] | None:
    """An integer or boolean column, or the codes of strings with what they stand for."""
    column = column_of(self)
    if column is None:
        return None
    value = column.value
    if value.dtype.kind in "biu":
        return value, None
    found = codes_of(value) if is_worth_encoding(value, ENCODING) else None
    return None if found is None else (found.codes, found.entries)


def _distinct(value: Value) -> Group:
    """The distinct values of a column, in order of appearance."""
    assert value.rows is not None
    return Group(value.rows, (value,), sort=False)


def _value_counts(
    self: Any,
    normalize: Any = False,
    sort: Any = True,
    ascending: Any = False,
    bins: Any = None,
    dropna: Any = True,
) -> Any:
    flags = (normalize, sort, ascending, dropna)
    found = _countable(self) if bins is None and all(type(flag) is bool for flag in flags) else None
    if found is None:
        return NotImplemented
    value, entries = found
    group = _distinct(value)
    keys, counts = compute([Key(group, 0), count_rows(Grouped(group))])
    if entries is not None:
        if dropna:
            present = keys != len(entries) - 1
            keys, counts = keys[present], counts[present]
        keys = entries.take(keys)
    index = pandas.Index(keys, name=self._name, copy=False)
    result = Series(counts, index=index, name="proportion" if normalize else "count", copy=False)
    if sort:
        result = result.sort_values(ascending=ascending, kind="stable")
    return wrap(result / result.sum() if normalize else result)


def _unique(self: Any) -> Any:
    found = _countable(self)
    if found is None:
        return NotImplemented
    value, entries = found
    (keys,) = compute([Key(_distinct(value), 0)])
    return keys if entries is None else entries.take(keys)


def _nunique(self: Any, dropna: Any = True) -> Any:
    found = _unique(self)
    if found is NotImplemented:
        return NotImplemented
    missing = 0 if isinstance(found, np.ndarray) or not dropna else int(found.isna().sum())
    return len(found) - missing


def _describe_series(self: Any, percentiles: Any = None, include: Any = None, exclude: Any = None) -> Any:
    column = column_of(self)
    if column is None or not is_described(column.value):
        return NotImplemented
    dtype = column.value.dtype
    example = one_row(dtype, self._name)
    answer = ask(["describe", dtype, percentiles], lambda: example.describe(percentiles))
    if answer is None:
        return NotImplemented
    (described,) = describe_columns([column.value], percentiles)
    index = example.describe(percentiles).index
    return wrap(Series(described, index=index, name=self._name, dtype=float, copy=False))


def _describe_frame(self: Any, percentiles: Any = None, include: Any = None, exclude: Any = None) -> Any:
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


class GroupingFrame:
    """Mixin of the frame."""

    groupby = overriding(DataFrame.groupby, record_frame_groupby)
    describe = overriding(wrapping(DataFrame.describe), _describe_frame)


class GroupingSeries:
    """Mixin of the series."""

    groupby = overriding(Series.groupby, record_series_groupby)
    describe = overriding(wrapping(Series.describe), _describe_series)
    value_counts = overriding(wrapping(Series.value_counts), _value_counts)
    unique = overriding(Series.unique, _unique)
    nunique = overriding(Series.nunique, _nunique)
