"""A column looked up among the values or labels of another one."""

from __future__ import annotations

import pandas

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.dictionaries import string_dtype_of
from lazyframe.record.elementwise import BOOL, INT64
from lazyframe.record.merge_keys import key_pair
from lazyframe.record.merge_missing import Positions
from lazyframe.record.merge_rows import has_rows
from lazyframe.record.merge_units import at_finer_unit, differ_in_unit
from lazyframe.record.table import Column
from lazyframe.record.zoned_times import zone_dtype_of
from lazyframe.run.uniqueness import certainly_unique
from passes.ir.rows import Group
from passes.ir.values import OPAQUE, Key, Literal, Lookup, Map, Value


def is_among(column: Value, values: Value) -> Value | None:
    """Where ``column`` is one of ``values``, a column of any rows; None where pandas has to compare them.

    A missing value is among values of which one is missing.
    """
    keys: tuple[Value, Value] | None = (column, values)
    if SINCE_3_1 and differ_in_unit(column, values):
        keys = at_finer_unit(column, values)
    pair = None if keys is None else key_pair(*keys)
    if pair is None or column.rows is None or values.rows is None:
        return None
    group = Group(values.rows, (pair[1],), sort=True)
    found = Lookup((pair[0],), group, (Key(group, 0),))
    return Map("greater_equal", (found, Literal(0, INT64)), BOOL)


def map_by_labels(column: Value, table: Column) -> Value | None:
    """``series.map(table)``: the value of ``table`` whose label each row holds; None where pandas decides.

    Labels have to be known to be distinct: of others pandas raises.
    """
    levels = table.labels.levels() or ()
    is_zoned = zone_dtype_of(column) is not None
    if len(levels) != 1 or (column.dtype == OPAQUE and string_dtype_of(column) is None and not is_zoned):
        return None
    if (column.dtype.kind in "mM" or is_zoned) and table.value.dtype.kind not in "biuf":
        return None  # pandas infers the dtype of the result
    keys: tuple[Value, Value] | None = (column, levels[0].value)
    if keys is not None and differ_in_unit(*keys):
        keys = at_finer_unit(*keys)
    pair = None if keys is None else key_pair(*keys, looked_up_in=1)
    if pair is None or not certainly_unique([pair[1]]) or not has_rows(table.rows):
        return None
    found = Lookup((pair[0],), table.rows, (pair[1],))
    return Positions(found, None).seen(table.value)


def mapper_of(table: dict[object, object]) -> pandas.Series:
    """What pandas makes of a dict that a series is mapped by."""
    return pandas.Series(list(table.values()), index=pandas.Index(list(table), tupleize_cols=False))
