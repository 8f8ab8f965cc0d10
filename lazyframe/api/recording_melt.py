"""``melt``: columns one behind the other, beside those that say which row they were of."""

from __future__ import annotations

from typing import Any

import pandas

from lazyframe.api.recording import lazy_frame, overriding, table_of
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.concatenating import Request, concat_tables
from lazyframe.record.elementwise import BOOL, apply
from lazyframe.record.labels_by_place import are_plain, labelled
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Whole, count_rows
from lazyframe.record.row_labels import RowLabels, default_labels
from lazyframe.record.selection import positions_of
from lazyframe.record.table import Table
from passes.ir.values import OPAQUE, RowNumber, Value

DataFrame: Any = pandas.DataFrame

_MOST_COLUMNS = 64


def record_melt(
    frame: Any,
    id_vars: Any = None,
    value_vars: Any = None,
    var_name: Any = None,
    value_name: Any = "value",
    col_level: Any = None,
    ignore_index: Any = True,
) -> Any:
    """``pandas.melt(frame, ...)``; ``NotImplemented`` where pandas is to decide."""
    table = table_of(frame) if isinstance(frame, pandas.DataFrame) else None
    if table is None or col_level is not None or type(ignore_index) is not bool:
        return NotImplemented
    labels = table.current_columns().index()
    if labels.nlevels > 1 or not labels.is_unique or not are_plain(labels):
        return NotImplemented
    ids = _listed(id_vars, [])
    kept = None if ids is None else positions_of(table, ids)
    if ids is None or kept is None:
        return NotImplemented
    melted = _listed(value_vars, [label for label in labels if label not in ids])
    positions = None if melted is None else positions_of(table, melted)
    if melted is None or not positions or len({*positions, *kept}) < len(positions) + len(kept):
        return NotImplemented
    if len(positions) > _MOST_COLUMNS or any(
        table.dtypes[position] == OPAQUE for position in (*kept, *positions)
    ):
        return NotImplemented  # of objects pandas infers what they are
    if var_name is None:
        var_name = "variable" if labels.name is None else labels.name
    names = [*ids, var_name, value_name]
    if not isinstance(var_name, str) or not isinstance(value_name, str) or len(set(names)) < len(names):
        return NotImplemented
    if value_name in labels:
        return NotImplemented
    made = _melted(table, kept, positions)
    labels_made = made.labels if made is not None and ignore_index else _repeated(made, table)
    if made is None or labels_made is None:
        return NotImplemented
    which = _which(made, table, labels.take(positions))
    stamp(which, "melt")
    columns = ColumnLabels(pandas.Index(names))
    values = [made.value(position) for position in range(len(kept))]
    return lazy_frame(Table(made.rows, columns, labels_made, [*values, which, made.value(len(kept))]))


def _listed(names: Any, otherwise: list[Any]) -> list[Any] | None:
    """The labels that an argument names; None for one that pandas has to look at."""
    if names is None:
        return otherwise
    if isinstance(names, (str, int)):
        return [names]
    return list(names) if type(names) in (list, pandas.Index) else None


def _melted(table: Table, kept: list[int], positions: list[int]) -> Table | None:
    """The columns that stay and the one that the others make, under numbers."""
    dtypes = {table.dtypes[position] for position in positions}
    if len(dtypes) > 1 and BOOL in dtypes:
        return None  # objects where pandas concatenates columns, numbers where it does frames
    labels = ColumnLabels(pandas.RangeIndex(len(kept) + 1))
    parts = [
        Table(
            table.rows,
            labels,
            default_labels(table.rows),
            [table.value(at) for at in (*kept, position)],
        )
        for position in positions
    ]
    if len(parts) == 1:
        return parts[0]
    made = concat_tables(parts, Request("outer", ignore_index=True, sort=False))
    # of columns of several dtypes pandas makes an array, where it concatenates columns
    return None if made is not None and made.dtypes[-1] == OPAQUE else made


def _repeated(made: Table | None, table: Table) -> RowLabels | None:
    """The labels of the rows, once for each column; None where pandas has to take them."""
    if made is None or made.rows is table.rows:
        return table.labels
    return table.labels.gather(apply("remainder", RowNumber(made.rows), count_rows(Whole(table.rows))))


def _which(made: Table, table: Table, labels: pandas.Index) -> Value:
    """For each row the label of the column that it is from."""
    number = apply("floor_divide", RowNumber(made.rows), count_rows(Whole(table.rows)))
    return labelled(labels, number)


class MeltingFrame:
    """Mixin of the frame."""

    melt = overriding(DataFrame.melt, record_melt)


MIXINS = {"DataFrame": MeltingFrame}
