"""Merges by arrays: each is one more column of its side, which the result does not show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lazyframe.record.merge_sides import Request
from lazyframe.record.merging import merge_tables
from lazyframe.record.table import ColumnsOf, Table
from passes.ir.values import Value

Keys = Sequence[Any]

_ALL_ROWS_OF = {"inner": None, "left": 0, "right": 1}
"""By ``how``, the side of which no row is left out."""


def merge_by_arrays(sides: tuple[Table, Table], asked: Request, keys: tuple[Keys, Keys]) -> Table | None:
    """The merge of two tables by columns, of each pair of which one may be given as an array.

    Parameters
    ----------
    sides : tuple of Table
        The left one and the right one.
    asked : Request
        How.
    keys : tuple of sequence of label or Value
        Of both sides, pair by pair; the values are of the side's own rows.

    Returns
    -------
    Table or None
        None where pandas has to decide: it makes a key of its own of pairs of arrays and of what differs in
        dtype, and where a label is on both sides.
    """
    if asked.how not in _ALL_ROWS_OF or len(keys[0]) != len(keys[1]):
        return None
    columns = [side.current_columns().index() for side in sides]
    named: tuple[list[Any], list[Any]] = ([], [])
    hidden: dict[Any, Value] = {}
    shown: dict[Any, Any] = {}
    for number, pair in enumerate(zip(*keys, strict=True)):
        arrays = [side for side in (0, 1) if isinstance(pair[side], Value)]
        labels = list(pair)
        if len(arrays) == 2:
            return None
        for side in arrays:
            label, value = pair[1 - side], pair[side]
            other = sides[1 - side].column_named(label)
            if other is None or other.dtype != value.dtype or label in columns[side]:
                return None
            labels[side] = _free_label(f"key {number}", columns)
            hidden[labels[side]] = value
            if _ALL_ROWS_OF[asked.how] == side:
                # pandas shows the array's value where there is no partner, and equal ones where there is
                if value.dtype.kind not in "biumM":
                    return None
                shown[label] = labels[side]
        for names, label in zip(named, labels, strict=True):
            names.append(label)
    tables = [_with_columns(side, names, hidden) for side, names in zip(sides, named, strict=True)]
    spelled = {**asked.spelled, "left_on": named[0], "right_on": named[1]}
    request = asked._replace(left_on=named[0], right_on=named[1], spelled=spelled)
    if None in tables:
        return None
    merged = merge_tables(tables[0], tables[1], request)  # type: ignore[arg-type]  # no None
    return None if merged is None else _without(merged, hidden, shown)


def _free_label(label: str, columns: Sequence[Any]) -> str:
    """A label that neither side has."""
    while any(label in index for index in columns):
        label += "'"
    return label


def _with_columns(table: Table, names: list[Any], hidden: dict[Any, Value]) -> Table | None:
    """A side with the arrays among its keys as columns behind the others."""
    made: Table | None = table
    for name in names:
        if name in hidden and made is not None:
            made = made.with_column(name, hidden[name])
    return made


def _without(merged: Table, hidden: dict[Any, Value], shown: dict[Any, Any]) -> Table:
    """A merge without the columns that are hidden, of which some are shown in the place of others."""
    labels = merged.current_columns()
    kept = [position for position, label in enumerate(labels.index()) if label not in hidden]
    at = {labels.position(label): labels.position(name) for label, name in shown.items()}
    source = ColumnsOf(merged, [at.get(position, position) for position in kept])  # type: ignore[misc]  # each is there
    return merged.derived(columns=labels.take(kept), source=source)
