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


def record_crosstab(
    index: Any,
    columns: Any,
    values: Any = None,
    *,
    aggfunc: Any = None,
    margins: Any = False,
    margins_name: Any = "All",
    normalize: Any = False,
) -> Any:
    """``pandas.crosstab(index, columns)`` of two series with the same labels, no two of which are equal."""
    if values is None and aggfunc is None:
        return _counted(index, columns, margins, margins_name, normalize)
    if type(aggfunc) is not str or margins is not False or normalize is not False:
        return NotImplemented
    return _aggregated(index, columns, values, aggfunc)


def _aggregated(index: Any, columns: Any, values: Any, aggfunc: str) -> Any:
    """What pandas does, of a frame that is recorded: pivot_table groups it."""
    parts = [
        column_of(part) if isinstance(part, pandas.Series) else None for part in (index, columns, values)
    ]
    one = parts[0]
    if one is None:
        return NotImplemented
    for part in parts[1:]:
        if part is None or part.rows is not one.rows or not one.labels.same_as(part.labels):
            return NotImplemented
    known = one.labels.known()
    if known is None or known.nlevels > 1 or not known.is_unique or not len(known):
        return NotImplemented
    names = ColumnLabels(pandas.Index(["row_0", "col_0", "__dummy__"]))
    frame = lazy_frame(Table(one.rows, names, one.labels, [part.value for part in parts if part is not None]))
    table = frame.pivot_table("__dummy__", index=["row_0"], columns=["col_0"], observed=True, aggfunc=aggfunc)
    named = [
        default if name is None else name
        for name, default in ((index.name, "row_0"), (columns.name, "col_0"))
    ]
    return wrap(table.rename_axis(index=named[0], columns=named[1]))


def _counted(index: Any, columns: Any, margins: Any, margins_name: Any, normalize: Any) -> Any:
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
