"""Rows in the order of keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.dictionaries import text_codes_of
from lazyframe.record.elementwise import BOOL, is_missing, select
from lazyframe.record.groupby_encoding import encode
from lazyframe.record.groupby_keys import KeyColumn, key_column
from lazyframe.record.origin import stamp
from lazyframe.record.row_labels import default_labels
from lazyframe.record.table import Column, ColumnsOf, Table
from lazyframe.record.zoned_times import points_of
from passes.ir.rows import Sort
from passes.ir.values import Gather, Literal, Map, Position, Value

Data = TypeVar("Data", Table, Column)


def sort_key(value: Value, missing_first: bool, infinite: bool = False) -> Value | None:
    """An integer column of the order of ``value``; None for a column that pandas has to compare.

    Parameters
    ----------
    value : Value
        Of numbers, times, categories or strings.
    missing_first : bool
        Whether missing values come before all others in the ascending order.
    infinite : bool
        Whether missing floats are equal to the infinity at that end.
    """
    value = points_of(value)
    if value.dtype.kind in "biu":
        return value
    if infinite and value.dtype.kind == "f":
        end = Literal(-np.inf if missing_first else np.inf, value.dtype)
        missing = is_missing(value)
        return encode(value if missing is None else select(missing, end, value), missing=False)
    if value.dtype.kind in "fmM":
        return _of_numbers(value, missing_first)
    key = key_column(value, None)
    if key is None:
        objects = text_codes_of(value, force=True)  # pandas takes many times as long to compare them
        if objects is None:
            return None
        key = KeyColumn(objects.codes, None, None, objects.has_missing, objects.read)
    if not missing_first:
        return key.missing_last()
    if key.entries is None or not key.may_be_missing:
        return key.value  # a missing category is -1
    code = key.value
    gone = Map("equal", (code, Literal(key.missing, code.dtype)), BOOL)
    return select(gone, Literal(-1, code.dtype), code)


def _of_numbers(value: Value, missing_first: bool) -> Value:
    encoded = encode(value, missing=not missing_first)
    missing = is_missing(value) if value.dtype.kind == "f" and missing_first else None
    if missing is None:
        return encoded  # NaT is the least integer
    return select(missing, Literal(np.iinfo(encoded.dtype).min, encoded.dtype), encoded)


def sort_rows(
    data: Data,
    by: Sequence[Value],
    ascending: Sequence[bool],
    missing_last: bool = True,
    renumber: bool = False,
    what: str = "sort_values",
    of_labels: bool = False,
) -> Data | None:
    """The rows in the order of columns, those of equal ones as they were; None where pandas must compare.

    Parameters
    ----------
    data : Table or Column
        What is sorted.
    by : sequence of Value
        Columns of the same rows; the first decides, then the next.
    ascending : sequence of bool
        One a column.
    missing_last : bool
        Whether missing values come behind all others, whichever way the others go.
    renumber : bool
        Label the sorted rows by their positions.
    what : str
        The method, for ``explain``.
    of_labels : bool
        Whether the columns are levels of the index, of which pandas compares codes.
    """
    # of several columns pandas 3.1 makes NaN that comes first an infinity
    infinite = SINCE_3_1 and len(by) > 1 and not missing_last and not of_labels
    keys = [sort_key(value, missing_last != up, infinite) for value, up in zip(by, ascending, strict=True)]
    if not keys or None in keys:
        return None
    rows = Sort(data.rows, tuple(keys), tuple(ascending))  # type: ignore[arg-type]  # no None
    positions = Position(rows, 0)
    stamp(positions, what)
    labels = default_labels(rows) if renumber else data.labels.gather(positions)
    if labels is None:
        return None
    if isinstance(data, Column):
        return Column(Gather(data.value, positions), labels, data.name)
    return data.derived(
        rows=rows, labels=labels, source=ColumnsOf(data, seen=lambda column: Gather(column, positions))
    )
