"""What Parquet files are as a recorded frame: dtypes and labels from footers, data when needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas
import pyarrow

from lazyframe.pandas_internals import Manager, column_arrays, frame_of_arrow, manager_from_arrays, manager_of
from lazyframe.record.arrow_schemas import (
    described_range,
    has_attrs,
    is_numbers,
    noted_by_pandas,
    shown_by_pandas,
)
from lazyframe.record.capture import is_kernel_dtype
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.row_labels import bind_labels
from lazyframe.record.table import Table
from lazyframe.run.bindings import bind_late
from lazyframe.run.encode import is_text
from lazyframe.run.parquet.decode import read_table
from lazyframe.run.parquet.scan import Scan, ScanColumn
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, Read


def read_at_once(scan: Scan) -> Manager | None:
    """What the frame has that ``pandas.read_parquet`` makes of one file, without opening it again.

    None where pandas has to read.  It raises what pyarrow does, in other words than pandas.
    """
    names = scan.schema.names
    if len(scan.sources) > 1 or not scan.stored.issuperset(names) or has_attrs(scan.schema):
        return None
    if len(set(names)) != len(names):
        return None
    (source,) = scan.sources
    handle = source.opened()
    table = source.reader(handle).read(use_threads=False)
    source.closed(handle)
    return _frame_of_plain(scan, table) or manager_of(frame_of_arrow(table))


def _frame_of_plain(scan: Scan, table: Any) -> Manager | None:
    """A frame of numbers and text, of whose schema pandas was asked before; None if there is anything else.

    pandas takes as long to find out what it makes of a schema as to make it of a few rows.
    """
    names = table.schema.names
    described = noted_by_pandas(scan.schema).get("index_columns", [])
    if any(isinstance(name, str) for name in described):
        return None
    labels, dtypes = shown_by_pandas(scan.schema)
    index = _index(scan, described, [])
    if index is None or len(labels) != len(names):
        return None
    arrays: list[Any] = []
    for data, dtype in zip(table.columns, dtypes, strict=True):
        if isinstance(dtype, pandas.StringDtype) and is_text(data.type):
            arrays.append(dtype.__from_arrow__(data))  # type: ignore[attr-defined]
        elif is_numbers(data.type, dtype) and not data.null_count:
            arrays.append(np.array(data))
        else:
            return None
    return manager_from_arrays(arrays, labels.copy(), index, consolidate=True)


def table_of_scan(scan: Scan, names: Sequence[str] | None = None) -> Table | None:
    """The frame that ``pandas.read_parquet`` gives; None where pandas has to read, or to complain.

    Parameters
    ----------
    scan : Scan
        The files.
    names : sequence of str, optional
        The columns asked for, in order; by default all.
    """
    schema = scan.schema
    if has_attrs(schema) or len(set(schema.names)) != len(schema.names):
        return None
    index_columns = noted_by_pandas(scan.schema).get("index_columns", [])
    in_index = [name for name in index_columns if isinstance(name, str) and name in schema.names]
    if names is None:
        names = [name for name in schema.names if name not in in_index]
    elif not set(names) <= set(schema.names) - set(in_index) or len(set(names)) != len(names):
        return None
    index = _index(scan, index_columns, in_index)
    if index is None:
        return None
    fields = [schema.field(name) for name in names]
    labels, dtypes = shown_by_pandas(pyarrow.schema(fields, metadata=schema.metadata))
    if len(labels) != len(fields):
        return None

    reads: dict[int, Read] = {}

    def source(position: int) -> Read:
        # frames made from this one ask for themselves: what one of them has read is there for the others
        if position not in reads:
            reads.setdefault(position, _read(scan, fields[position], dtypes[position]))
        return reads[position]

    return Table(Range(scan.rows), ColumnLabels(labels.copy()), bind_labels(index), source=source)


def _index(scan: Scan, described: Sequence[Any], stored: Sequence[str]) -> pandas.Index | None:
    """The row labels, read if they are columns of the files: pandas frames show them with everything."""
    if stored:
        return frame_of_arrow(read_table(scan, stored)).index
    return described_range(described, scan.rows)


def _read(scan: Scan, field: Any, shown: Any) -> Read:
    """A column as an input of the graph."""
    if field.name not in scan.stored:
        return bind_late(ScanColumn(scan, field, OPAQUE, None), field.name)
    if pyarrow.types.is_integer(field.type) or pyarrow.types.is_boolean(field.type):
        missing = scan.null_count(field.name) if isinstance(shown, np.dtype) else 0
        if missing is None:
            return _fetched(scan, field)
        if missing:
            nulls = pyarrow.Table.from_arrays(
                [pyarrow.nulls(1, field.type)], schema=pyarrow.schema([field], metadata=scan.schema.metadata)
            )
            (array,) = column_arrays(frame_of_arrow(nulls))
            shown = array.dtype
    dtype = shown if is_numbers(field.type, shown) else OPAQUE
    # the categories of a category are data
    known = None if isinstance(shown, pandas.CategoricalDtype) else shown
    return bind_late(ScanColumn(scan, field, dtype, known), field.name)


def _fetched(scan: Scan, field: Any) -> Read:
    """A column whose dtype only its values tell: it is read now."""
    array = scan.converted(field, read_table(scan, [field.name])[field.name])
    column = ScanColumn(scan, field, array.dtype if is_kernel_dtype(array.dtype) else OPAQUE, array.dtype)
    column.hold(array)
    return bind_late(column, field.name)
