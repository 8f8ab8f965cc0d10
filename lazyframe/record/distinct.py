"""Which rows are equal to others, by some columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from lazyframe.record.asking_pandas import over, shown
from lazyframe.record.dictionaries import is_worth_encoding, text_codes_of
from lazyframe.record.elementwise import BOOL, INT64, negate
from lazyframe.record.groupby_keys import KeyColumn, group_rows, key_column
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped, count_rows
from lazyframe.record.row_labels import default_labels
from lazyframe.record.selection import filter_rows, mask_rows, renumbered
from lazyframe.record.string_rows import call_quietly
from lazyframe.record.table import Column, ColumnsOf, Table
from lazyframe.record.zoned_times import points_of
from passes.ir.rows import Group
from passes.ir.values import Aggregate, Gather, GroupNumber, Literal, Map, RowNumber, Value

Data = TypeVar("Data", Table, Column)


def distinct_group(by: Sequence[Value]) -> Group | None:
    """The distinct rows of some columns, in order of appearance; None where pandas has to compare.

    Missing values are equal.
    """
    keys = [_key(value) for value in by]
    if not keys or None in keys:
        return None
    return group_rows(keys, sort=False, dropna=False).group  # type: ignore[arg-type]  # no None


def _key(value: Value) -> KeyColumn | None:
    """A key; of Python's strings only where these are codes soon enough, or already."""
    key = key_column(points_of(value), None)
    if key is not None or not is_worth_encoding(value, LISTING_OBJECTS):
        return key
    found = text_codes_of(value, force=True)
    return None if found is None else KeyColumn(found.codes, None, None, found.has_missing, found.read)


LISTING_OBJECTS, COUNTING_OBJECTS = 40, 160
"""Nanoseconds that pandas takes a row to find the distinct ones of Python's strings, and to count each."""


def first_of(group: Group) -> Value:
    """The first row of each group."""
    return Aggregate("minimum", RowNumber(group.parent), group, INT64)


def is_duplicate(by: Sequence[Value], keep: str | bool) -> Value | None:
    """Where a row is equal to another that is kept in its place; None where pandas has to raise.

    What has no integers that stand for it pandas compares at once.

    Parameters
    ----------
    by : sequence of Value
        Columns of one row space.
    keep : ``"first"``, ``"last"`` or False
        Of equal rows; False keeps none.
    """
    group = distinct_group(by)
    if group is None:
        return _compared_by_pandas(by, keep)
    number = GroupNumber(group)
    if keep is False:
        count = Gather(count_rows(Grouped(group)), number)
        return Map("greater", (count, Literal(1, INT64)), BOOL)
    row = RowNumber(group.parent)
    kept = Aggregate("minimum" if keep == "first" else "maximum", row, group, INT64)
    return Map("not_equal", (Gather(kept, number), row), BOOL)


def _compared_by_pandas(by: Sequence[Value], keep: str | bool) -> Value | None:
    rows = by[0].rows if by else None
    if rows is None:
        return None
    found = call_quietly(lambda: shown(by).duplicated(keep=keep))
    return None if found is None else over(found.to_numpy(), rows)


def distinct_rows(data: Data, by: Sequence[Value], keep: str | bool, renumber: bool) -> Data | None:
    """The rows that are no duplicates, in their order; None where pandas has to compare.

    Parameters
    ----------
    data : Table or Column
        What is selected from.
    by, keep
        As for `is_duplicate`.
    renumber : bool
        Label what is left by its positions.
    """
    group = distinct_group(by) if keep == "first" else None
    if group is not None:
        first = first_of(group)
        labels = default_labels(group) if renumber else data.labels.gather(first)
        if labels is not None:
            stamp(first, "drop_duplicates")
            if isinstance(data, Column):
                return Column(Gather(data.value, first), labels, data.name)
            return data.derived(
                rows=group, labels=labels, source=ColumnsOf(data, seen=lambda column: Gather(column, first))
            )
    duplicate = is_duplicate(by, keep)
    if duplicate is None:
        return None
    stamp(duplicate, "drop_duplicates")
    unique = negate(duplicate)
    left = mask_rows(data, unique) if isinstance(data, Column) else filter_rows(data, unique)
    return renumbered(left) if renumber else left
