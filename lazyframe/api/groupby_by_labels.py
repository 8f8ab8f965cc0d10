"""Groups by what belongs to each row's label: by a function or a dict of labels, or by another series."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import column_of
from lazyframe.record.computing import compute
from lazyframe.record.groupby_index import as_pandas
from lazyframe.record.groupby_keys import bound_key, group_rows, key_column, level_column
from lazyframe.record.groupby_purity import is_pure
from lazyframe.record.membership import map_by_labels
from lazyframe.record.row_labels import RowLabels, length_of
from lazyframe.record.string_rows import call_quietly
from lazyframe.record.table import Column, Table
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, RowNumber, Value

_ROWS_A_LABEL = 4
"""With fewer, what is asked of each label is asked about as often as pandas asks."""


def named_by_labels(part: Any, source: Table | Column) -> tuple[Value, Hashable] | None:
    """A key and its name, where ``by`` is a function or a dict of labels, or a series; else None.

    Also None where pandas has to decide. A function is called once for each label, if it only computes.
    """
    if len(source.labels.names) != 1:
        return None
    found = level_column(source.labels, 0)
    if found is None or found[0].rows is not source.rows:
        return None
    labels, name = found
    if isinstance(part, pandas.Series):
        table = column_of(_with_listed_labels(part)) if labels.dtype == np.int64 else None
        value = None if table is None else map_by_labels(labels, table)
        return None if value is None else (value, part._name)
    function: Callable[[Any], Any] | None = part.get if type(part) is dict else part
    if function is part and not is_pure(part):
        return None
    made = _of_each_label(labels, function)
    table = None if made is None else column_of(made)
    value = _of_every_row(source.labels, labels, function) if table is None else map_by_labels(labels, table)
    return None if value is None else (value, name)


def _of_every_row(index: RowLabels, labels: Value, function: Any) -> Value | None:
    """What a function gives of the label of each row, as pandas asks it."""
    known = index.known()
    if not isinstance(labels.rows, Range) or known is None or not len(known):
        return None
    first = call_quietly(lambda: known[:1].map(function))
    if first is None or first.dtype == object:
        return None
    return bound_key(known.map(function), labels.rows)


def _with_listed_labels(table: pandas.Series) -> pandas.Series:
    """The same series, its labels an index that can be looked up in."""
    index = table.index
    if not isinstance(index, pandas.RangeIndex):
        return table
    return pandas.Series(table.array, index=pandas.Index(np.asarray(index)), copy=False)


def _of_each_label(labels: Value, function: Any) -> pandas.Series | None:
    """What a function gives of each distinct label, if all of that is text, or are whole numbers."""
    key = key_column(labels, None) if labels.dtype in (np.int64, OPAQUE) else None
    assert labels.rows is not None
    if key is None or key.may_be_missing or key.is_listed or isinstance(labels, RowNumber):
        return None
    (computed,) = compute([group_rows([key], sort=False, dropna=True).label(0)])
    distinct = pandas.Index(as_pandas(key, computed))
    if len(distinct) * _ROWS_A_LABEL > (length_of(labels.rows) or 0) and len(distinct) > 1:
        return None
    given = call_quietly(lambda: [function(label) for label in distinct.astype(object)])
    kinds = {type(one) for one in given or ()}
    if not (kinds == {str} or (kinds == {int} and all(abs(one) < 2**63 for one in given))):
        return None
    made = pandas.Series(given, index=distinct)
    return None if made.dtype == object else made
