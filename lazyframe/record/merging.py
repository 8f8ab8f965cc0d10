"""Merge two tables: the rows of both whose keys are equal, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.merge_keys import key_pair
from lazyframe.record.merge_missing import key_of_either, positions_on_both
from lazyframe.record.merge_schema import Merged, Side, ask_merge
from lazyframe.record.row_labels import default_labels
from lazyframe.record.selection import positions_of
from lazyframe.record.table import Table
from passes.ir.rows import Join
from passes.ir.values import OPAQUE, Gather, Position, Value


def merge_tables(
    left: Table,
    right: Table,
    left_on: Sequence[Any],
    right_on: Sequence[Any] | None,
    arguments: dict[str, Any],
    how: str = "inner",
) -> Table | None:
    """The merge of two tables on columns; None where pandas has to decide.

    An inner merge is lazy.  Of the others it is found out at once which rows have no partner: what pandas
    makes of their columns depends on it.

    Parameters
    ----------
    left, right : Table
        What is merged.
    left_on, right_on : sequence
        The labels of the key columns, pair by pair; None on the right for its index.
    arguments : dict
        How the user spelled it: the arguments of ``pandas.merge``, beside the frames and ``how``.
    how : str
        One of `passes.ir.rows.JOIN_KINDS`.
    """
    if right_on is None:
        return _on_right_index(left, right, left_on, arguments) if how == "inner" else None
    left_keys, right_keys = _key_positions(left, left_on), _key_positions(right, right_on)
    if left_keys is None or right_keys is None or len(left_keys) != len(right_keys):
        return None
    answer = ask_merge(_side(left, left_keys), _side(right, right_keys), arguments)
    if answer is None:
        return None
    pairs: list[tuple[Value, Value]] = []
    for one, other in zip(left_keys, right_keys, strict=True):
        pair = key_pair(left.value(one), right.value(other))
        if pair is None:
            return None
        pairs.append(pair)
    ones, others = zip(*pairs, strict=True)
    rows = Join(left.rows, right.rows, ones, others, how)
    if how != "inner":
        numbers = zip(left_keys, right_keys, strict=True)
        names = zip(left_on, right_on, strict=True)
        shared = [pair for pair, (one, other) in zip(numbers, names, strict=True) if one == other]
        return _with_missing(left, right, rows, dict(shared), answer)
    positions = (Position(rows, 0), Position(rows, 1))

    def column(number: int) -> Value:
        side, position = answer.sources[number]
        return Gather((left, right)[side].value(position), positions[side])

    return Table(rows, ColumnLabels(answer.columns), default_labels(rows), source=column)


def _on_right_index(
    left: Table, right: Table, left_on: Sequence[Any], arguments: dict[str, Any]
) -> Table | None:
    """The inner merge of columns on the left with the index on the right: rows keep the left's labels."""
    levels, keys = right.labels.levels(), _key_positions(left, left_on)
    if keys is None or levels is None or len(levels) != 1 or len(keys) != 1:
        return None
    (level,) = levels
    if level.value.dtype == OPAQUE or not _has_rows(left):
        return None
    sides = Side(right.current_columns().index(), right.dtypes, (), (level.value.dtype, level.name))
    answer = ask_merge(_side(left, keys), sides, arguments)
    pair = key_pair(left.value(keys[0]), level.value)
    if answer is None or pair is None:
        return None
    rows = Join(left.rows, right.rows, (pair[0],), (pair[1],), "inner")
    positions = (Position(rows, 0), Position(rows, 1))
    labels = left.labels.gather(positions[0])
    if labels is None:
        return None

    def column(number: int) -> Value:
        side, position = answer.sources[number]
        return Gather((left, right)[side].value(position), positions[side])

    return Table(rows, ColumnLabels(answer.columns), labels, source=column)


def _has_rows(table: Table) -> bool:
    """Whether that is known: pandas takes the labels of the other side of a frame without rows."""
    return bool(table.length)


def _with_missing(
    left: Table, right: Table, rows: Join, shared: dict[int, int], answer: Merged
) -> Table | None:
    """A merge that keeps rows without partner; ``shared`` are the keys that both sides call the same."""
    if rows.how == "outer" and any(key.dtype.kind not in "iu" for key in rows.left_keys):
        return None
    if rows.how == "outer" and any(left.value(key).dtype.kind not in "iu" for key in shared):
        return None
    positions = positions_on_both(rows)
    if positions is None:
        return None
    values: list[Value] = []
    for side, position in answer.sources:
        column = (left, right)[side].value(position)
        if side == 0 and position in shared:
            value = key_of_either(column, right.value(shared[position]), positions)
        else:
            value = positions[side].seen(column)
        if value is None:
            return None
        values.append(value)
    merged = positions[0].value.rows
    return Table(merged, ColumnLabels(answer.columns), default_labels(merged), values)


def _key_positions(table: Table, labels: Sequence[Any]) -> list[int] | None:
    """The positions of the key columns; None where a label is not surely one column's."""
    if table.current_columns().index().nlevels > 1 or not labels:
        return None
    names = table.labels.names
    if any(label in names for label in labels):
        return None
    found = positions_of(table, labels)
    return found if found is not None and len(set(found)) == len(found) else None


def _side(table: Table, keys: Sequence[int]) -> Side:
    return Side(table.current_columns().index(), table.dtypes, keys)
