"""What is grouped, and what pandas says of a call on its groups."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import column_of, table_of
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.ask_once import freeze
from lazyframe.record.capture import dtype_of
from lazyframe.record.groupby import AGGREGATIONS
from lazyframe.record.groupby_schema import (
    Answer,
    ask,
    ask_known,
    one_row,
    one_row_frame,
    plain_dtype,
    signature_of,
    signature_of_dtype,
)
from lazyframe.record.table import Column, Table
from passes.ir.values import Value


def is_frame(self: Any) -> bool:
    """Whether a frame is grouped, and not a series."""
    return isinstance(self.obj, pandas.DataFrame)


def shows_others(self: Any) -> bool:
    """Whether pandas may show categories without rows."""
    return not self.observed and any(key.categories is not None for key in self._grouped.grouping.keys)


def can_be_laid_out(self: Any) -> bool:
    """Whether pandas puts one row of each group where it puts the groups of all rows."""
    return SINCE_3_1 or self.sort or len(self._grouped.grouping.keys) == 1 or not shows_others(self)


def table_as_grouped(self: Any) -> Table | None:
    """The grouped frame as it is now, if its rows are still those that were grouped."""
    table = table_of(self.obj)
    return table if table is not None and table.rows is self._grouped.grouping.rows else None


def column_as_grouped(self: Any) -> Column | None:
    """The grouped series as it is now, if its rows are still those that were grouped."""
    column = column_of(self.obj)
    return column if column is not None and column.rows is self._grouped.grouping.rows else None


def columns_of(self: Any, numeric_only: bool = False) -> list[Value] | None:
    """The columns that a method of everything is of, or of all that are numbers in a frame."""
    if not is_frame(self):
        column = column_as_grouped(self)
        return None if column is None else [column.value]
    table = table_as_grouped(self)
    positions = None if table is None else positions_of_all(self, table, numeric_only)
    return None if table is None or positions is None else [table.value(position) for position in positions]


def positions_of_all(self: Any, table: Table, numeric_only: bool = False) -> list[int] | None:
    """The positions of the columns that a method of everything is of, or of all that are numbers."""
    positions = _positions_of_all(self, table)
    if positions is None or not numeric_only:
        return positions
    return [p for p in positions if pandas.api.types.is_numeric_dtype(table.dtypes[p])]


def _positions_of_all(self: Any, table: Table) -> list[int] | None:
    columns, grouped = table.current_columns(), self._grouped
    if self._selection is not None:
        found = [columns.position(label) for label in self._selection]
        return None if None in found else found  # type: ignore[return-value]
    keys = [k.name for k, inside in zip(grouped.grouping.keys, grouped.in_frame, strict=True) if inside]
    taken = {columns.position(name) for name in keys}
    return None if None in taken else [p for p in range(len(table)) if p not in taken]


def schema_of(self: Any, what: str, call: Callable[[Any], Any], arguments: Any) -> Answer | None:
    """What pandas says of the same call on one row."""
    if not is_frame(self) and self.as_index and what in AGGREGATIONS:
        return _named_schema(self, what, arguments)
    return schema_of_call(self, call, key_of_call(self, what, frozen(arguments)))


def schema_of_call(
    self: Any,
    call: Callable[[Any], Any],
    key: Hashable,
    composed: Callable[[], Answer | None] = lambda: None,
) -> Answer | None:
    """The same for a call that is known by a key of `key_of_call`, where it cannot be ``composed``."""
    return None if key is None else ask_known(key, lambda: call(_one_row_of(self)), composed)


def schema_by_name(self: Any, parts: Sequence[tuple[str, Value, Any]]) -> Answer | None:
    """What pandas says of named results of a frame, put together of what it says of each by itself.

    That is asked in a fifth of the time, and remembered for other calls.  None where names meet those of
    keys, a key is aggregated, or pandas has something against a result: it is then asked about the call.

    Parameters
    ----------
    self : DataFrameGroupBy
        Lazy.
    parts : sequence of tuple of str, Value, and str or callable
        For each result its name, the column that it is of, and the aggregation.
    """
    grouped = self._grouped
    keys = [key.name for key in grouped.grouping.keys]
    names = [name for name, _, _ in parts]
    asked = {(column, operation) for _, column, operation in parts}
    by_keys = any(column in grouped.given for _, column, _ in parts)
    plain = all(type(key) is str and key not in names for key in keys) and all(grouped.in_frame)
    plain = plain and grouped.grouping.bins is None and len(set(keys)) == len(keys)
    if not plain or by_keys or len(asked) < len(parts):
        return None
    dtypes = [] if self.as_index else [plain_dtype(key.dtype) for key in grouped.grouping.keys]
    for _, column, operation in parts:
        named = type(operation) is str and operation in AGGREGATIONS
        answer = plainly_named(operation, plain_dtype(dtype_of(column))) if named else None
        if answer is None:
            return None
        dtypes += answer.dtypes
    return Answer(pandas.Index([*([] if self.as_index else keys), *names]), None, tuple(dtypes))


def frozen(arguments: Any) -> Hashable:
    """What tells the arguments of calls apart; None if nothing does."""
    try:
        return freeze(arguments)
    except TypeError:
        return None


def key_of_call(
    self: Any, what: str, arguments: Hashable, now: Table | Column | None = None
) -> Hashable | None:
    """All that decides what pandas says of a call; None if that cannot be remembered.

    Parameters
    ----------
    self : DataFrameGroupBy or SeriesGroupBy
        Lazy.
    what : str
        What is called.
    arguments : hashable
        What tells the arguments apart, or None.
    now : Table or Column, optional
        What the frame or series that was grouped is now, if that is at hand.
    """
    if arguments is None:
        return None
    grouped, selection = self._grouped, self._selection
    if selection is not None and type(selection) is not str:
        selection = freeze(selection)
    if type(now) is Table or is_frame(self):
        table: Any = _table_of(self) if now is None else now
        signature = signature_of(table)
        return (what, arguments, grouped.described, self.as_index, selection, signature)
    column: Any = column_of(self.obj) if now is None else now
    dtype = signature_of_dtype(column.dtypes[0])
    asked = (what, arguments, grouped.described, self.as_index, selection, dtype)
    if isinstance(grouped.source, Table):  # a column was picked of it
        return (*asked, signature_of(grouped.source))
    return (*asked, None, freeze(column.name))


def _table_of(self: Any) -> Any:
    """The grouped frame, or the one that a column was picked of; the column of a series that was grouped."""
    table = table_of(self.obj) if is_frame(self) else None
    return self._grouped.source if table is None else table


def _one_row_of(self: Any) -> Any:
    """The same grouping of one row."""
    source, dtypes = _table_of(self), [key.dtype for key in self._grouped.grouping.keys]
    if isinstance(source, Table):
        return _one_frame(self, source.current_columns().index(), source.dtypes, dtypes)
    column = column_of(self.obj)
    assert column is not None
    return one_row(dtype_of(column.value), column.name).groupby(_by(self, dtypes))


def _named_schema(self: Any, name: str, arguments: dict[str, Any]) -> Answer | None:
    """The same for one aggregation of one column, whatever it is called and grouped by."""
    column = column_of(self.obj)
    assert column is not None
    dtype = plain_dtype(dtype_of(column.value))
    answer = plainly_named(name, dtype) if not arguments else _ask_named(name, arguments, dtype)
    return None if answer is None else Answer(None, column.name, answer.dtypes)


@lru_cache(maxsize=1024)
def plainly_named(name: str, dtype: Any) -> Answer | None:
    """What pandas says of an aggregation of one column of a dtype, without arguments."""
    return _ask_named(name, {}, dtype)


def _ask_named(name: str, arguments: dict[str, Any], dtype: Any) -> Answer | None:
    return ask(
        [name, arguments, dtype],
        lambda: getattr(one_row(dtype).groupby(np.zeros(1, np.int64)), name)(**arguments),
    )


def _by(self: Any, dtypes: list[Any]) -> Any:
    grouped = self._grouped
    by = [
        key.name if inside else one_row(dtype, key.name)
        for key, inside, dtype in zip(grouped.grouping.keys, grouped.in_frame, dtypes, strict=True)
    ]
    return by if grouped.is_list else by[0]


def _one_frame(self: Any, columns: pandas.Index, dtypes: list[Any], key_dtypes: list[Any]) -> Any:
    frame = one_row_frame(columns, dtypes)
    grouped = frame.groupby(_by(self, key_dtypes), as_index=self.as_index)
    return grouped if self._selection is None else grouped[self._selection]
