"""Which rows of a column hold a value that another column holds: a semi-join."""

from __future__ import annotations

from lazyframe.record.elementwise import BOOL, INT64
from lazyframe.record.merge_keys import key_pair
from passes.ir.rows import Group
from passes.ir.values import Key, Literal, Lookup, Map, Value


def is_among(column: Value, values: Value) -> Value | None:
    """Where ``column`` is one of ``values``, a column of any rows; None where pandas has to compare them.

    A missing value is among values of which one is missing.
    """
    pair = key_pair(column, values)
    if pair is None or column.rows is None or values.rows is None:
        return None
    group = Group(values.rows, (pair[1],), sort=True)
    found = Lookup((pair[0],), group, (Key(group, 0),))
    return Map("greater_equal", (found, Literal(0, INT64)), BOOL)
