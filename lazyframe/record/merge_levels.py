"""Merges whose keys are levels of the index: these become columns, and levels again where pandas does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lazyframe.record.capture import dtype_of
from lazyframe.record.column_index import ColumnIndex
from lazyframe.record.dropped_levels import level_numbers
from lazyframe.record.merge_sides import Request
from lazyframe.record.merging import merge_tables
from lazyframe.record.relabelling import columns_to_levels, levels_to_columns
from lazyframe.record.row_counts import has_rows
from lazyframe.record.selection import pick_columns
from lazyframe.record.table import Table

Keys = Sequence[Any]


def names_levels(table: Table, on: Keys | None) -> bool:
    """Whether a key is a level of the index."""
    return on is not None and any(label in table.labels.names for label in on)


def merge_on_levels(left: Table, right: Table, asked: Request) -> Table | None:
    """The merge of two tables, of whose keys some are levels; None where pandas decides, or raises."""
    if asked.left_on is None or asked.right_on is None:
        return _joined_on_levels(left, right, asked)
    pairs = list(zip(asked.left_on, asked.right_on, strict=False))
    if len(asked.left_on) != len(asked.right_on) or asked.how.endswith("_anti"):
        return None
    of_left, of_right = _levels_among(left, asked.left_on), _levels_among(right, asked.right_on)
    one, other = _with_columns(left, of_left), _with_columns(right, of_right)
    if one is None or other is None:
        return None
    shown = [mine for mine, theirs in pairs if mine == theirs and mine in of_left]
    # a level that the other side calls something else is not shown
    gone = {*of_left, *of_right} - {mine for mine, theirs in pairs if mine == theirs}
    dtypes = [_dtypes(one, other, name) for name in shown]
    differ = any(mine != theirs for mine, theirs in dtypes)
    if asked.left_on[: len(shown)] != shown or (differ and not _shows_left(dtypes, asked.how)):
        return None
    if any(name in table.current_columns().index() for table in (left, right) for name in gone):
        return None
    merged = merge_tables(one, other, asked)
    if merged is None or (differ and not has_rows(merged.rows)):
        return None  # of no rows pandas shows the key of the right side
    labels = merged.current_columns().index()
    if gone:
        merged = pick_columns(merged, [k for k, label in enumerate(labels) if label not in gone])
    restored = [name for name in shown if name in of_right]
    return columns_to_levels(merged, restored, drop=True, append=False) if restored else merged


def _levels_among(table: Table, on: Keys) -> list[Any]:
    return [label for label in on if label in table.labels.names]


def _with_columns(table: Table, names: Keys) -> Table | None:
    """A table with levels of its index as columns in front, in order; None where pandas has to look."""
    if not names:
        return table
    numbers = level_numbers(table.labels, list(names))
    if numbers is None or numbers != sorted(numbers):
        return None
    return levels_to_columns(table, table.current_columns(), None, numbers)


def _dtypes(left: Table, right: Table, name: Any) -> tuple[Any, Any]:
    keys = [table.column_named(name) for table in (left, right)]
    mine, theirs = [None if key is None else dtype_of(key) for key in keys]
    return mine, theirs


def _shows_left(dtypes: Sequence[tuple[Any, Any]], how: str) -> bool:
    """Whether keys of other dtypes are shown as the left side has them: numbers, where its rows are all."""
    differing = [dtype for pair in dtypes if pair[0] != pair[1] for dtype in pair]
    return how in ("inner", "left") and all(getattr(dtype, "kind", "O") in "biuf" for dtype in differing)


def _joined_on_levels(left: Table, right: Table, asked: Request) -> Table | None:
    """The same where the right keys are its index, of distinct labels, and all left rows stay.

    pandas makes the index of the left side anew, of its levels.
    """
    on = asked.left_on
    if on is None or asked.how != "left" or asked.sort or asked.indicator is not None:
        return None
    names = _levels_among(left, on)
    one, levels = _with_columns(left, names), left.labels.levels()
    if one is None or levels is None or any(name in right.current_columns().index() for name in names):
        return None
    merged = merge_tables(one, right, asked)
    if merged is None or merged.rows is not left.rows:
        return None
    labels = merged.current_columns().index()
    shown = pick_columns(merged, [k for k, label in enumerate(labels) if label not in names])
    values, of_one = tuple([level.value for level in levels]), len(levels) == 1
    index = ColumnIndex(values, [level.name for level in levels], of_one_level=of_one)
    return shown.derived(labels=index)
