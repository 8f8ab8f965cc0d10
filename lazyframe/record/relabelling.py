"""Row labels that become columns, and columns that become row labels."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

from lazyframe.record.column_index import ColumnIndex
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.dropped_levels import level_numbers, without_levels
from lazyframe.record.row_labels import BoundLabels, RowLabels, default_labels
from lazyframe.record.selection import positions_of, renumbered
from lazyframe.record.table import Column, Table

Data = TypeVar("Data", Table, Column)


def levels_to_columns(
    data: Table | Column, columns: ColumnLabels, names: Any = None, numbers: Sequence[int] | None = None
) -> Table | None:
    """``reset_index()``: index levels as columns in front, and rows numbered from 0 if no level is left.

    Parameters
    ----------
    data : Table or Column
        Whose labels become columns.
    columns : ColumnLabels
        Of its own columns.
    names : label or list of labels, optional
        Of all levels as columns; by default the levels' names, or pandas' for levels without one.
    numbers : sequence of int, optional
        The positions of the levels that become columns; by default all.

    Returns
    -------
    Table or None
        None where pandas has to look at the labels, and where it raises.
    """
    levels = data.labels.levels()
    if levels is None:
        return None
    found = _level_names(columns, [level.name for level in levels], names)
    if found is None:
        return None
    labels: RowLabels | None = default_labels(data.rows)
    if numbers is not None and len(numbers) < len(levels):
        labels = without_levels(data.labels, numbers, data.rows)
        levels, found = [levels[k] for k in sorted(numbers)], [found[k] for k in sorted(numbers)]
    if labels is None:
        return None
    for name in reversed(found):
        inserted = columns.insert_first(name)
        if inserted is None:
            return None
        columns = inserted
    added = [level.value for level in levels]
    if isinstance(data, Column):
        return Table(data.rows, columns, labels, [*added, data.value])
    count, column = len(added), data.value
    return data.derived(
        columns=columns,
        labels=labels,
        source=lambda position: added[position] if position < count else column(position - count),
    )


def drop_levels(data: Data, asked: Any, all_of_them: bool = False) -> Data | None:
    """``droplevel(asked)``: the rows without some levels of their index; None where pandas decides.

    Parameters
    ----------
    data : Table or Column
        Whose labels these are.
    asked : label, int, or list
        Names or positions of levels.
    all_of_them : bool
        Number the rows if no level is left.
    """
    numbers = level_numbers(data.labels, asked)
    if numbers is None:
        return None
    if len(numbers) == len(data.labels.names):
        return renumbered(data) if all_of_them else None
    labels = without_levels(data.labels, numbers, data.rows)
    if labels is None:
        return None
    if isinstance(data, Column):
        return Column(data.value, labels, data.name)
    return data.derived(labels=labels)


def _level_names(columns: ColumnLabels, names: list[Hashable], given: Any) -> list[Hashable] | None:
    if given is not None:
        asked = given if isinstance(given, list) else [given]
        is_labels = all(isinstance(name, (str, int)) for name in asked)
        return asked if is_labels and len(asked) == len(names) else None
    if len(names) > 1:
        return [f"level_{k}" if name is None else name for k, name in enumerate(names)]
    unnamed = "index" if columns.can_append("index") else "level_0"
    return [unnamed if names[0] is None else names[0]]


def _are_their_values(labels: RowLabels) -> bool:
    """Whether nothing but their values follows from labels, of which a range and a frequency are more."""
    if isinstance(labels, ColumnIndex):
        return labels.before is None and not labels.holds_whole_numbers()
    if len(labels.names) > 1 or not isinstance(labels, BoundLabels):
        return False
    return not (labels.is_range() or labels.has_frequency())


def columns_to_levels(table: Table, keys: Sequence[Any], drop: bool, append: bool) -> Table | None:
    """``set_index(keys)``: columns as the index; None where pandas decides.

    Parameters
    ----------
    table : Table
        Whose rows are labelled.
    keys : sequence of label or Column
        Labels of its own columns, and columns of the same rows, which pandas takes as they stand.
    drop : bool
        Take its own columns away.
    append : bool
        Put the levels behind those that there are.
    """
    positions = positions_of(table, [key for key in keys if not isinstance(key, Column)])
    columns = table.current_columns()
    if positions is None or not keys or len(set(positions)) < len(positions) or columns.index().nlevels > 1:
        return None
    own = iter(positions)
    values = [key.value if isinstance(key, Column) else table.value(next(own)) for key in keys]
    names = [key.name if isinstance(key, Column) else key for key in keys]
    before = None
    if append:
        levels = table.labels.levels()
        if levels is None:
            return None
        values = [*[level.value for level in levels], *values]
        names = [*[level.name for level in levels], *names]
        before = None if _are_their_values(table.labels) else table.labels
    index = ColumnIndex(tuple(values), names, before=before)
    if not drop:
        return table.derived(labels=index)
    kept = [position for position in range(len(table)) if position not in positions]
    return table.derived(
        columns=ColumnLabels(columns.index().delete(positions)),
        labels=index,
        values=[table.value(position) for position in kept],
    )
