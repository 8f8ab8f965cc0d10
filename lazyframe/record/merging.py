"""Merge two tables: the rows of both whose keys are equal, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.merge_keys import key_pair
from lazyframe.record.merge_schema import Side, ask_merge
from lazyframe.record.row_labels import default_labels
from lazyframe.record.selection import positions_of
from lazyframe.record.table import Table
from passes.ir.rows import Join
from passes.ir.values import Gather, Position, Value


def merge_tables(
    left: Table, right: Table, left_on: Sequence[Any], right_on: Sequence[Any], arguments: dict[str, Any]
) -> Table | None:
    """The inner merge of two tables on columns; None where pandas has to decide.

    Parameters
    ----------
    left, right : Table
        What is merged.
    left_on, right_on : sequence
        The labels of the key columns, pair by pair.
    arguments : dict
        How the user spelled it: the arguments of ``pandas.merge``, beside the frames.
    """
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
    rows = Join(left.rows, right.rows, ones, others, "inner")
    positions = (Position(rows, 0), Position(rows, 1))

    def column(number: int) -> Value:
        side, position = answer.sources[number]
        return Gather((left, right)[side].value(position), positions[side])

    return Table(rows, ColumnLabels(answer.columns), default_labels(rows), source=column)


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
