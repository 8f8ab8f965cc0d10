"""The value that most rows of a group have."""

from __future__ import annotations

from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL, INT64, apply, both, cast, literal, select
from lazyframe.record.groupby_keys import key_column
from lazyframe.record.reductions import Grouped, count_rows
from passes.ir.operations import neutral
from passes.ir.rows import Group
from passes.ir.values import Gather, GroupNumber, Reduce, Value

_MOST_SPAN = 1 << 16
"""Integers between bounds no further apart are counted by a table."""


def least_of_most_frequent(by: Grouped, column: Value) -> tuple[Value, Value] | None:
    """The least of the most frequent values of each group, and whether it has no value.

    It is found by the integers that the values are grouped by, which have their order, and shown by a row.
    None of objects, and of numbers most of which may be distinct: counting them by hashing takes longer than
    pandas does, which counts those of one group after another.
    """
    found = _most_frequent(by, column)
    if found is None:
        return None
    code, chosen, none = found
    least = by.reduce("minimum", select(chosen, code, literal(neutral("minimum", INT64), INT64)), INT64)
    here = both(chosen, apply("equal", code, by.spread(least), dtype=BOOL))
    return _at_first(by, column, here, none), none


def first_of_most_frequent(by: Grouped, column: Value) -> tuple[Value, Value] | None:
    """The most frequent value of each group that appears first, and whether it has no value; or None."""
    found = _most_frequent(by, column)
    if found is None:
        return None
    _, chosen, none = found
    return _at_first(by, column, chosen, none), none


def _at_first(by: Grouped, column: Value, here: Value, none: Value) -> Value:
    """What stands in the first row of each group where ``here`` is true."""
    row = by.reduce("minimum", select(here, by.positions(), literal(neutral("minimum", INT64), INT64)), INT64)
    return Gather(column, select(none, literal(0, INT64), row))


def _most_frequent(by: Grouped, column: Value) -> tuple[Value, Value, Value] | None:
    """What a value is compared by, whether no other of its group is more frequent, which groups have none."""
    key = key_column(column, None) if column.dtype.kind not in "fmM" else None
    if key is None or key.categories is not None or not (key.entries is not None or _is_dense(key.value)):
        return None
    finer = Group(by.rows, (*by.group.keys, key.value), sort=False)
    count: Value = Gather(count_rows(Grouped(finer)), GroupNumber(finer))
    if key.may_be_missing:
        count = select(key.present(), count, literal(0, INT64))
    most = by.reduce("maximum", count, INT64)
    chosen = both(
        apply("equal", count, by.spread(most), dtype=BOOL),
        apply("greater", count, literal(0, INT64), dtype=BOOL),
    )
    return cast(key.value, INT64), chosen, apply("equal", most, literal(0, INT64), dtype=BOOL)


def _is_dense(column: Value) -> bool:
    """Whether integers are close together, which is computed."""
    if column.dtype.itemsize < 4:
        return True
    assert column.rows is not None
    ends = [Reduce(operation, column, column.dtype) for operation in ("minimum", "maximum")]
    least, greatest = compute(ends)
    return int(greatest) - int(least) < _MOST_SPAN
