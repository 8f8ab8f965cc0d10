"""What a merge is asked for, and its two sides with their keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lazyframe.record.capture import dtype_of
from lazyframe.record.groupby_schema import signature_of
from lazyframe.record.merge_schema import Side
from lazyframe.record.selection import positions_of
from lazyframe.record.table import Table
from passes.ir.values import Value


class Request(NamedTuple):
    """A merge as the user spelled it.

    Parameters
    ----------
    left_on, right_on : sequence or None
        The labels of the key columns, pair by pair; None for the index.
    how : str
        As pandas has it, but for ``"cross"``.
    sort : bool
        Order the rows by their keys.
    indicator : str or None
        The label of a column that tells which sides a row comes from; None for no such column.
    unique : tuple of bool
        Of which sides the keys have to be distinct.
    spelled : dict
        The arguments of ``pandas.merge`` that decide the columns of an inner merge.
    """

    left_on: Sequence[Any] | None
    right_on: Sequence[Any] | None
    how: str
    sort: bool
    indicator: str | None
    unique: tuple[bool, bool]
    spelled: dict[str, Any]


class TextPair(NamedTuple):
    """Two kinds of text, and how pandas merges them.

    Parameters
    ----------
    left, right : Value
        The keys as text that can be compared.
    dtypes : tuple
        Of both keys as they were.
    shown : tuple of Value
        What pandas makes of the key of either side, where it shows that.
    codes : tuple of Value
        Integers in the order that the keys had.
    """

    left: Value
    right: Value
    dtypes: tuple[Any, Any]
    shown: tuple[Value, Value]
    codes: tuple[Value, Value]


class Keyed(NamedTuple):
    """A side of a merge with its keys: columns at ``positions``, or all levels of its index.

    ``texts`` are of keys, by their numbers, that are text of two kinds, which ``values`` has as text.
    """

    table: Table
    values: list[Value]
    positions: Sequence[int]
    names: Sequence[Any]
    texts: dict[int, TextPair]

    def side(self, shown: dict[int, Any]) -> Side:
        """What pandas is asked with; text of two kinds is of the dtype ``shown`` on both sides."""
        table, on_index = self.table, not self.positions
        levels = tuple([shown.get(k, dtype_of(value)) for k, value in enumerate(self.values)])
        dtypes, signature = table.dtypes, signature_of(table)
        if shown and not on_index:
            of_keys = {self.positions[k]: dtype for k, dtype in shown.items()}
            dtypes = [of_keys.get(position, dtype) for position, dtype in enumerate(dtypes)]
            signature = (signature, *shown.items())
        index = (levels, tuple(self.names)) if on_index else None
        return Side(table.current_columns().index(), dtypes, self.positions, signature, index)


def keyed_by(table: Table, on: Sequence[Any] | None) -> Keyed | None:
    """A side of a merge by columns, or for None by its index; None where pandas has to look."""
    if on is not None:
        positions = _key_positions(table, on)
        if positions is None:
            return None
        return Keyed(table, [table.value(position) for position in positions], positions, on, {})
    levels = table.labels.levels()
    if not levels:
        return None
    return Keyed(table, [level.value for level in levels], (), [level.name for level in levels], {})


def _key_positions(table: Table, labels: Sequence[Any]) -> list[int] | None:
    """The positions of the key columns; None where a label is not surely one column's."""
    if table.current_columns().index().nlevels > 1 or not labels:
        return None
    names = table.labels.names
    if any(label in names for label in labels):
        return None
    found = positions_of(table, labels)
    return found if found is not None and len(set(found)) == len(found) else None
