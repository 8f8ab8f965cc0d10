"""Aggregations of grouped frames and series: what is asked for, recorded."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.api.groupby_finishing import finish
from lazyframe.api.recording import column_of, lazy_frame, lazy_series, table_of
from lazyframe.record.array_form import length
from lazyframe.record.capture import dtype_of
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.elementwise import FLOAT64, cast
from lazyframe.record.groupby import AGGREGATIONS, Options, aggregate, dtype_of_aggregate, is_narrowed
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.groupby_schema import Answer, ask, one_row, one_row_frame, plain_dtype, signature_of
from lazyframe.record.groupby_tracing import is_pure, trace_frame, trace_series
from lazyframe.record.origin import stamp, stamp_line, user_line
from lazyframe.record.reductions import Grouped
from lazyframe.record.row_labels import RowLabels, default_labels
from lazyframe.record.table import Column, Table, UnmadeColumn
from passes.ir.values import Value


class Wanted(NamedTuple):
    """One column of a result: an aggregation of a column of the data."""

    column: Value
    operation: str | Callable[[Any], Any]
    options: Options

    @property
    def narrowed(self) -> np.dtype | None:
        """The integer dtype that pandas stores the result at if all of it fits; None for any other result."""
        named = isinstance(self.operation, str) and is_narrowed(self.operation, self.column.dtype)
        return self.column.dtype if named else None

    def value(self, by: Grouped, column: Value) -> Value | None:
        """What it gives for each group, of ``column`` in the place of its own."""
        if isinstance(self.operation, str):
            return aggregate(self.operation, by, column, self.options)
        return trace_series(self.operation, by, column)

    def known_dtype(self, dtype: Any) -> np.dtype | None:
        """The dtype of `value`, where that can be made later; ``dtype`` is what pandas gives for one row."""
        if not isinstance(self.operation, str) or self.narrowed is not None or self.is_widened(dtype):
            return None
        return dtype_of_aggregate(self.operation, self.column.dtype, self.options)

    def is_widened(self, dtype: Any) -> bool:
        """Whether a float32 mean is a float64 one where pandas finds the rows in the order of the groups.

        One row always is, and ``dtype`` is what pandas gives for it.
        """
        return self.operation == "mean" and self.column.dtype == np.float32 and bool(dtype == np.float64)


def record_named(self: Any, name: str, arguments: dict[str, Any]) -> Any:
    """``grouped.sum()`` and its kin.

    Parameters
    ----------
    self : DataFrameGroupBy or SeriesGroupBy
        Lazy.
    name : str
        Of the method.
    arguments : dict
        By their names, as given.
    """
    options = _options(name, arguments)
    if options is None:
        return NotImplemented
    columns = columns_of(self, arguments.get("numeric_only", False) and is_frame(self))
    if columns is None:
        return NotImplemented
    if name == "size":
        columns = columns[:1] or [self._grouped.grouping.keys[0].value]
    wanted = [Wanted(column, name, options) for column in columns]
    return _record(self, wanted, name, lambda grouped: getattr(grouped, name)(**arguments), arguments)


_BY_DEFAULT = Options()


def _options(name: str, arguments: dict[str, Any]) -> Options | None:
    if not arguments:
        return _BY_DEFAULT
    if arguments.get("engine") is not None or arguments.get("engine_kwargs") is not None:
        return None
    if arguments.get("skipna", True) is not True or type(arguments.get("numeric_only", False)) is not bool:
        return None
    if arguments.get("dropna", True) is not True or arguments.get("interpolation", "linear") != "linear":
        return None
    min_count, ddof, q = (arguments.get(*default) for default in (("min_count", -1), ("ddof", 1), ("q", 0.5)))
    if type(q) is not float or not 0.0 <= q <= 1.0:
        return None
    return Options(min_count, ddof, q) if type(min_count) is int and type(ddof) is int else None


def is_frame(self: Any) -> bool:
    """Whether a frame is grouped, and not a series."""
    return isinstance(self.obj, pandas.DataFrame)


def table_as_grouped(self: Any) -> Table | None:
    """The grouped frame as it is now, if its rows are still those that were grouped."""
    table = table_of(self.obj)
    return table if table is not None and table.rows is self._grouped.grouping.rows else None


def columns_of(self: Any, numeric_only: bool = False) -> list[Value] | None:
    """The columns that an aggregation of everything is of."""
    grouped = self._grouped
    if not is_frame(self):
        column = column_of(self.obj)
        return None if column is None or column.rows is not grouped.grouping.rows else [column.value]
    table = table_as_grouped(self)
    positions = None if table is None else _positions(self, table)
    if table is None or positions is None:
        return None
    columns = [table.value(position) for position in positions]
    return [c for c in columns if _is_numeric(c)] if numeric_only else columns


def _positions(self: Any, table: Table) -> list[int] | None:
    columns, grouped = table.current_columns(), self._grouped
    if self._selection is not None:
        found = [columns.position(label) for label in self._selection]
        return None if None in found else found  # type: ignore[return-value]
    keys = [k.name for k, inside in zip(grouped.grouping.keys, grouped.in_frame, strict=True) if inside]
    taken = {columns.position(name) for name in keys}
    return None if None in taken else [p for p in range(len(table)) if p not in taken]


def _is_numeric(column: Value) -> bool:
    return bool(pandas.api.types.is_numeric_dtype(dtype_of(column)))


def record_agg(
    self: Any, func: Any = None, *args: Any, engine: Any = None, engine_kwargs: Any = None, **kwargs: Any
) -> Any:
    """``grouped.agg(func)`` for names, lists of names, a dict of these, and named results."""
    if args or engine is not None or engine_kwargs is not None:
        return NotImplemented
    if isinstance(func, str) and func in AGGREGATIONS and "axis" not in kwargs:
        return getattr(self, func)(**kwargs)
    if func is None:
        wanted = _wanted_by_name(self, kwargs)
    elif kwargs:
        return NotImplemented
    elif _is_known(self, func):
        return record_function(self, func, "agg")
    elif isinstance(func, list):
        wanted = _wanted_by_list(self, func)
    else:
        wanted = _wanted_by_dict(self, func) if type(func) is dict and is_frame(self) else None
    if wanted is None:
        return NotImplemented
    arguments = [func, _hashable(kwargs)]
    return _record(self, wanted, "agg", lambda grouped: grouped.agg(func, **kwargs), arguments)


def record_function(self: Any, func: Any, method: str) -> Any:
    """``grouped.agg(func)`` and ``grouped.apply(func)`` of a series' function that can be traced."""
    columns = columns_of(self)
    if not columns:
        return NotImplemented
    wanted = [_default(column, func) for column in columns]
    return _record(self, wanted, method, lambda grouped: getattr(grouped, method)(func), [func])


def record_apply(self: Any, func: Any) -> Any:
    """``grouped.apply(func)`` of a function that can be traced, and gives a number for each group."""
    if not self.as_index or not _is_traced(self, func):
        return NotImplemented
    if not is_frame(self):
        return record_function(self, func, "apply")
    table, columns = table_as_grouped(self), columns_of(self)
    if table is None or columns is None:
        return NotImplemented
    grouping = self._grouped.grouping

    def column(label: Any) -> Value | None:
        found = table.column_named(label)
        return grouping.seen(found) if found is not None and found in columns else None

    value = trace_frame(func, Grouped(grouping.group), column)
    answer = None if value is None else schema_of(self, "apply", lambda grouped: grouped.apply(func), [func])
    if value is None or answer is None or answer.columns is not None or answer.dtypes != (value.dtype,):
        return NotImplemented
    stamp(value, "groupby apply")
    return lazy_series(Column(value, group_labels(grouping), answer.name))


def _hashable(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, str) else _pair(value) for name, value in named.items()}


def _are_known(self: Any, operations: Any) -> bool:
    """Whether all are names of aggregations, or functions that may be traced."""
    return bool(operations) and all(_is_known(self, operation) for operation in operations)


def _is_known(self: Any, operation: Any) -> bool:
    if isinstance(operation, str):
        return operation in AGGREGATIONS
    return _is_traced(self, operation)


def _is_traced(self: Any, operation: Any) -> bool:
    """Whether a function may be traced: of no group at all pandas gives what it was given."""
    return self.observed and is_pure(operation) and length(self._grouped.grouping.group.parent) > 0


def _wanted_by_list(self: Any, operations: list[Any]) -> list[Wanted] | None:
    columns = columns_of(self) if _are_known(self, operations) else None
    return None if columns is None else [_default(c, op) for c in columns for op in operations]


def _wanted_by_dict(self: Any, spec: dict[Any, Any]) -> list[Wanted] | None:
    pairs = [
        (label, operation)
        for label, operations in spec.items()
        for operation in (operations if isinstance(operations, list) else [operations])
    ]
    return _wanted_pairs(self, pairs) if all(spec.values()) else None


def _wanted_by_name(self: Any, named: dict[str, Any]) -> list[Wanted] | None:
    if not is_frame(self):
        columns = columns_of(self) if _are_known(self, named.values()) else None
        return None if columns is None else [_default(columns[0], op) for op in named.values()]
    pairs = [_pair(value) for value in named.values()]
    return None if None in pairs else _wanted_pairs(self, pairs)  # type: ignore[arg-type]  # no None


def _pair(value: Any) -> tuple[Hashable, Any] | None:
    """The column and the operation of a named result, given as a tuple or as `pandas.NamedAgg`."""
    if isinstance(value, tuple):
        return value if len(value) == 2 else None
    if not isinstance(value, pandas.NamedAgg):
        return None
    given = any(getattr(value, more, None) for more in ("args", "kwargs"))
    return None if given else (value.column, value.aggfunc)


def _wanted_pairs(self: Any, pairs: list[tuple[Hashable, Any]]) -> list[Wanted] | None:
    table = table_as_grouped(self)
    if table is None or not _are_known(self, [operation for _, operation in pairs]):
        return None
    columns = [table.column_named(label) for label, _ in pairs]
    if None in columns or not _are_selected(self, [label for label, _ in pairs]):
        return None
    return [_default(c, op) for c, (_, op) in zip(columns, pairs, strict=True)]  # type: ignore[arg-type]


def _are_selected(self: Any, labels: list[Any]) -> bool:
    return self._selection is None or all(label in self._selection for label in labels)


def _default(column: Value, operation: Any) -> Wanted:
    return Wanted(column, operation, Options(min_count=0 if operation in ("sum", "prod") else -1))


def _record(self: Any, wanted: list[Wanted], what: str, call: Callable[[Any], Any], arguments: Any) -> Any:
    """The result of aggregations, each the values of one column in order."""
    grouping = self._grouped.grouping
    answer = schema_of(self, what, call, arguments)
    inserted = None if answer is None else _inserted(self, answer, len(wanted))
    if answer is None or inserted is None:
        return NotImplemented
    dtypes = answer.dtypes[len(inserted) :]
    if _can_wait(grouping, wanted, dtypes):
        return _made_later(self, wanted, inserted, answer)
    values: list[Value] = []
    for one, dtype in zip(wanted, dtypes, strict=True):
        column = cast(one.column, FLOAT64) if one.is_widened(dtype) else one.column
        value = one.value(Grouped(grouping.group), grouping.seen(column))
        if value is None or (one.narrowed or plain_dtype(dtype_of(value))) != dtype:
            return NotImplemented
        stamp(value, f"groupby {one.operation if isinstance(one.operation, str) else what}")
        values.append(value)
    together = what != "agg" and is_frame(self)
    eager = finish(self._grouped, wanted, values, inserted, answer, together)
    if eager is not None:
        return eager
    if answer.columns is None:
        return lazy_series(Column(values[0], group_labels(grouping), answer.name))
    labels = group_labels(grouping) if self.as_index else default_labels(grouping.group)
    keys = [grouping.column(k) for k in inserted]
    return lazy_frame(Table(grouping.group, ColumnLabels(answer.columns), labels, [*keys, *values]))


def _can_wait(grouping: Grouping, wanted: list[Wanted], dtypes: Sequence[Any]) -> bool:
    """Whether pandas' dtypes are known to be those that the values of a result will have."""
    for key in grouping.keys:
        if key.categories is not None:
            return False
    for one, dtype in zip(wanted, dtypes, strict=True):
        known = one.known_dtype(dtype)
        if known is None or not isinstance(dtype, np.dtype) or known != dtype:
            return False
    return True


def _made_later(self: Any, wanted: list[Wanted], inserted: list[int], answer: Answer) -> Any:
    """The same where all values can be made when they are needed."""
    grouping: Grouping = self._grouped.grouping
    line = user_line()

    def make(position: int) -> Value:
        if position < len(inserted):
            return grouping.column(inserted[position])
        one = wanted[position - len(inserted)]
        value = one.value(Grouped(grouping.group), grouping.seen(one.column))
        assert value is not None
        stamp_line(value, f"groupby {one.operation}", line)
        return value

    rows = grouping.group
    if answer.columns is None:
        labels: RowLabels = group_labels(grouping)
        return lazy_series(UnmadeColumn(rows, labels, answer.name, answer.dtypes[0], lambda: make(0)))
    labels = group_labels(grouping) if self.as_index else default_labels(rows)
    return lazy_frame(Table(rows, ColumnLabels(answer.columns), labels, source=make))


def _inserted(self: Any, answer: Answer, count: int) -> list[int] | None:
    """With ``as_index=False``: which keys become columns, in front; None if that is not clear."""
    keys = [] if self.as_index or answer.columns is None else list(range(len(self._grouped.grouping.keys)))
    return keys if len(answer.dtypes) == count + len(keys) else None


def schema_of(self: Any, what: str, call: Callable[[Any], Any], arguments: Any) -> Answer | None:
    """What pandas says of the same call on one row."""
    grouped = self._grouped
    if not is_frame(self) and self.as_index and what in AGGREGATIONS:
        return _named_schema(self, what, arguments)
    names = [key.name for key in grouped.grouping.keys]
    dtypes = [key.dtype for key in grouped.grouping.keys]
    plain = [plain_dtype(dtype) for dtype in dtypes]
    source = grouped.source
    key = [what, arguments, names, plain, grouped.in_frame, grouped.is_list, self.as_index, self._selection]
    table = table_of(self.obj) if is_frame(self) else None
    if table is None and isinstance(source, Table):
        table = source  # a column was picked of it
    if table is None:
        column = column_of(self.obj)
        assert column is not None
        mine: Any = dtype_of(column.value)
        key += [column.name, plain_dtype(mine)]
        return ask(key, lambda: call(_one_series(self, mine, column, dtypes)))
    key += [isinstance(self.obj, pandas.Series), signature_of(table)]
    return ask(key, lambda: call(_one_frame(self, table.current_columns().index(), table.dtypes, dtypes)))


def _named_schema(self: Any, name: str, arguments: dict[str, Any]) -> Answer | None:
    """The same for one aggregation of one column, whatever it is called and grouped by."""
    column = column_of(self.obj)
    assert column is not None
    dtype = plain_dtype(dtype_of(column.value))
    answer = _plainly_named(name, dtype) if not arguments else _ask_named(name, arguments, dtype)
    return None if answer is None else Answer(None, column.name, answer.dtypes)


@lru_cache(maxsize=1024)
def _plainly_named(name: str, dtype: Any) -> Answer | None:
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


def _one_series(self: Any, dtype: Any, column: Column, dtypes: list[Any]) -> Any:
    return one_row(dtype, column.name).groupby(_by(self, dtypes))


def _one_frame(self: Any, columns: pandas.Index, dtypes: list[Any], key_dtypes: list[Any]) -> Any:
    frame = one_row_frame(columns, dtypes)
    grouped = frame.groupby(_by(self, key_dtypes), as_index=self.as_index)
    return grouped if self._selection is None else grouped[self._selection]
