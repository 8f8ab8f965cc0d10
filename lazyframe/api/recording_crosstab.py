"""``pandas.crosstab``: pandas lays out the counts of pairs, which are counted as groups."""

from __future__ import annotations

from typing import Any

import pandas

from lazyframe.api.recording import column_of, fitting, is_large, lazy_frame
from lazyframe.api.wrap import unwrap, wrap
from lazyframe.pandas_internals import blame_caller
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.row_labels import default_labels
from lazyframe.record.table import Table


@blame_caller
def record_crosstab(
    index: Any, columns: Any, *, margins: Any = False, margins_name: Any = "All", normalize: Any = False
) -> Any:
    """``pandas.crosstab(index, columns)`` of two series with the same labels, no two of which are equal."""
    if not isinstance(index, pandas.Series) or not isinstance(columns, pandas.Series):
        return NotImplemented
    one, other = column_of(index), column_of(columns)
    if one is None or other is None or one.rows is not other.rows or not one.labels.same_as(other.labels):
        return NotImplemented
    known = one.labels.known()
    if known is None or known.nlevels > 1 or not known.is_unique:
        return NotImplemented
    labels = ColumnLabels(pandas.Index(["index", "columns"]))
    rows = lazy_frame(Table(one.rows, labels, default_labels(one.rows), [one.value, other.value]))
    pairs = unwrap(rows.groupby(["index", "columns"], observed=True).size().reset_index(name="rows"))
    if not len(pairs):
        return NotImplemented
    table: Any = pandas.crosstab(
        pairs["index"].rename(index.name),
        pairs["columns"].rename(columns.name),
        values=pairs["rows"],
        aggfunc="sum",
        margins=margins,
        margins_name=margins_name,
        normalize=normalize,
    )
    return wrap(table if normalize is not False else table.fillna(0).astype("int64"))


_fits = fitting(record_crosstab)


@blame_caller
def crosstab(index: Any, *args: Any, **kwargs: Any) -> Any:
    """``pandas.crosstab``, recorded where a series is worth it."""
    if is_large(index) and _fits(args, kwargs):
        recorded = record_crosstab(index, *args, **kwargs)
        if recorded is not NotImplemented:
            return recorded
    return wrap(pandas.crosstab(index, *args, **kwargs))
