"""Aggregations of grouped frames and series: what is asked for, recorded."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import pandas

from lazyframe.api.groupby_asking import (
    column_as_grouped,
    columns_of,
    frozen,
    is_frame,
    key_of_call,
    positions_of_all,
    schema_by_name,
    schema_of,
    schema_of_call,
    shows_others,
    table_as_grouped,
)
from lazyframe.api.groupby_blocks import blocks_of
from lazyframe.api.groupby_finishing import finish
from lazyframe.api.groupby_later import (
    NO_ARGUMENTS,
    NO_COLUMN,
    Wanted,
    can_wait,
    made_later,
    record_remembered,
    remember_call,
)
from lazyframe.api.recording import lazy_frame, lazy_series
from lazyframe.record.array_form import length
from lazyframe.record.capture import dtype_of
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.elementwise import FLOAT64, INT64, cast
from lazyframe.record.groupby import AGGREGATIONS, NARROWED, Options
from lazyframe.record.groupby_index import group_labels
from lazyframe.record.groupby_schema import Answer, plain_dtype
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped
from lazyframe.record.row_labels import default_labels
from lazyframe.record.table import Column, Table
from lazyframe.record.zoned_times import points_of
from passes.ir.values import Value

EXTREMES = frozenset({"idxmin", "idxmax"})
"""Names of what gives labels of rows: `lazyframe.api.groupby_extremes`."""


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
    asked = frozen(arguments) if arguments else NO_ARGUMENTS
    known = record_remembered(self, name, asked)
    options = None if known is not None else _options(name, arguments)
    if options is None:
        return NotImplemented if known is None else known
    columns = _columns(self, arguments.get("numeric_only", False))
    if columns is None:
        return NotImplemented
    if name == "size":
        columns = columns[:1] or [(NO_COLUMN, self._grouped.grouping.keys[0].value)]
    wanted = [Wanted(column, name, options, position) for position, column in columns]
    return _record(self, wanted, name, lambda grouped: getattr(grouped, name)(**arguments), arguments, asked)


def _columns(self: Any, numeric_only: bool = False) -> list[tuple[int, Value]] | None:
    """The columns that an aggregation of everything is of, and where they are."""
    if not is_frame(self):
        column = column_as_grouped(self)
        return None if column is None else [(0, column.value)]
    table = table_as_grouped(self)
    positions = None if table is None else positions_of_all(self, table, numeric_only)
    if table is None or positions is None:
        return None
    return [(position, table.value(position)) for position in positions]


_BY_DEFAULT = Options()
_FROM_NOTHING = Options(min_count=0)


def _options(name: str, arguments: dict[str, Any]) -> Options | None:
    if not arguments:
        return _BY_DEFAULT
    if arguments.get("engine") is not None or arguments.get("engine_kwargs") is not None:
        return None
    flags = [arguments.get(*flag) for flag in (("skipna", True), ("dropna", True), ("numeric_only", False))]
    if any(type(flag) is not bool for flag in flags) or arguments.get("interpolation", "linear") != "linear":
        return None
    min_count, ddof = arguments.get("min_count", -1), arguments.get("ddof", 1)
    q: Any = arguments.get("q", 0.5)
    if type(q) not in (int, float) or not 0 <= q <= 1:
        return None
    if type(min_count) is not int or type(ddof) is not int:
        return None
    return Options(min_count, ddof, float(q), skipna=flags[0] and flags[1])


def record_agg(
    self: Any, func: Any = None, *args: Any, engine: Any = None, engine_kwargs: Any = None, **kwargs: Any
) -> Any:
    """``grouped.agg(func)`` for names, lists of names, a dict of these, and named results."""
    if args or engine is not None or engine_kwargs is not None:
        return NotImplemented
    if isinstance(func, str) and func in AGGREGATIONS and "axis" not in kwargs:
        return getattr(self, func)(**kwargs)
    if func is list and not kwargs:
        return record_list_of(self, "agg")
    if isinstance(func, str) and func in EXTREMES:
        return NotImplemented if kwargs else getattr(self, func)()
    if func is None:
        asked = _names_asked(kwargs)
    else:
        asked = _operations_asked(func) if type(func) is dict and not kwargs else None
        if asked is None:
            asked = frozen((func, kwargs) if kwargs else func)
    known = record_remembered(self, "agg", asked)
    if known is not None:
        return known
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
    names = kwargs if func is None else ()
    return _record(self, wanted, "agg", lambda grouped: grouped.agg(func, **kwargs), None, asked, names)


def record_function(self: Any, func: Any, method: str) -> Any:
    """``grouped.agg(func)`` and ``grouped.apply(func)`` of a series' function that can be traced."""
    columns = columns_of(self)
    if not columns:
        return NotImplemented
    wanted = [_default(column, func) for column in columns]
    return _record(self, wanted, method, lambda grouped: getattr(grouped, method)(func), None, frozen([func]))


def is_expected(operation: Any, value: Value, dtype: Any) -> bool:
    """Whether a result has the dtype that pandas gives of one row, or of others that take another way."""
    found = plain_dtype(dtype_of(value))
    if found == dtype:
        return True
    if isinstance(operation, str):
        return operation in EXTREMES  # which are labels, and one row's is a number
    if getattr(found, "kind", "") in "mM":
        return getattr(dtype, "kind", "O") in "mMO"  # of one row there may be no more than NaT
    from lazyframe.record.groupby_tracing import has_branches

    return found in _NUMBERS and dtype in _NUMBERS and has_branches(operation)


_NUMBERS = (INT64, FLOAT64)


def _operations_asked(func: dict[Any, Any]) -> Hashable:
    """What tells a dict from names to names, or lists of names, apart; None for any other."""
    parts: list[Hashable] = [dict]
    for label, operation in func.items():
        if type(label) is not str:
            return None
        if type(operation) is list:
            for one in operation:
                if type(one) is not str:
                    return None
            parts += (label, tuple(operation))
        elif type(operation) is str:
            parts += (label, operation)
        else:
            return None
    return tuple(parts)


def _names_asked(named: dict[str, Any]) -> Hashable:
    """What tells named results apart; None if nothing does."""
    plain = tuple(named.items())
    for _, value in plain:
        if type(value) is not tuple or len(value) != 2 or not type(value[0]) is type(value[1]) is str:
            break
    else:
        return plain
    parts: list[Hashable] = ["by name"]
    for name, value in plain:
        pair: Any = value if type(value) is str else _pair(value)
        if type(pair) is tuple and not (type(pair[0]) is str and type(pair[1]) is str):
            pair = frozen(pair)
            if pair is None:
                return None
        parts.append((name, pair))
    return tuple(parts)


def _are_known(self: Any, operations: Any) -> bool:
    """Whether all are names of aggregations, or functions that may be traced."""
    return bool(operations) and all(_is_known(self, operation) for operation in operations)


def _is_known(self: Any, operation: Any) -> bool:
    if isinstance(operation, str):
        extreme = operation in EXTREMES and not shows_others(self) and self._grouped.grouping.bins is None
        return extreme or operation in AGGREGATIONS
    return is_traced(self, operation)


def is_traced(self: Any, operation: Any) -> bool:
    """Whether a function may be traced: of no group at all pandas gives what it was given."""
    from lazyframe.record.groupby_tracing import is_pure

    grouping = self._grouped.grouping
    return grouping.bins is None and is_pure(operation) and length(grouping.group.parent) > 0


def _wanted_by_list(self: Any, operations: list[Any]) -> list[Wanted] | None:
    columns = _columns(self) if _are_known(self, operations) else None
    return None if columns is None else [_default(c, op, at) for at, c in columns for op in operations]


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
    labels = table.current_columns()
    wanted: list[Wanted] = []
    for label, operation in pairs:
        position = labels.position(label)
        if position is None or not (self._selection is None or label in self._selection):
            return None
        wanted.append(_default(table.value(position), operation, position))
    return wanted


def _default(column: Value, operation: Any, position: int = 0) -> Wanted:
    return Wanted(column, operation, _FROM_NOTHING if operation in NARROWED else _BY_DEFAULT, position)


def _record(
    self: Any,
    wanted: list[Wanted],
    what: str,
    call: Callable[[Any], Any],
    arguments: Any,
    asked: Hashable,
    names: Iterable[str] = (),
) -> Any:
    """The result of aggregations, each the values of one column in order, called by ``names`` if given.

    ``asked`` tells their ``arguments`` apart, which only those of one name need to have.
    """
    grouping = self._grouped.grouping
    key = key_of_call(self, what, asked)
    is_named = arguments is not None
    if is_named:
        answer = schema_of(self, what, call, arguments)
    else:
        answer = schema_of_call(self, call, key, lambda: _composed(self, wanted, names))
    inserted = None if answer is None else inserted_keys(self, answer, len(wanted))
    if answer is None or inserted is None:
        return NotImplemented
    dtypes = answer.dtypes[len(inserted) :]
    # a call that is remembered would not ask whether the times of other rows ascend
    if self._grouped.times is None and can_wait(grouping, wanted, dtypes):
        remember_call(key, wanted, inserted, answer)
        return made_later(self, wanted, inserted, answer)
    values: list[Value] = []
    by = Grouped(grouping.group, _times_of_order(self, wanted))
    for one, dtype in zip(wanted, dtypes, strict=True):
        column = cast(one.column, FLOAT64) if one.is_widened(dtype) else one.column
        value = _value(self, one, by, column)
        if value is None:
            return NotImplemented
        known = one.narrowed or one.zoned
        if known != dtype if known else not is_expected(one.operation, value, dtype):
            return NotImplemented
        stamp(value, f"groupby {one.operation if isinstance(one.operation, str) else what}")
        values.append(value)
    alone: list[Hashable] = list(range(len(wanted)))
    blocks = alone if what == "agg" else blocks_of(self, [one.position for one in wanted])
    eager = finish(self._grouped, wanted, values, inserted, answer, blocks)
    if eager is not None:
        return eager
    if answer.columns is None:
        return lazy_series(Column(values[0], group_labels(grouping), answer.name))
    labels = group_labels(grouping) if self.as_index else default_labels(grouping.group)
    keys = [grouping.column(k) for k in inserted]
    return lazy_frame(Table(grouping.group, ColumnLabels(answer.columns), labels, [*keys, *values]))


def _times_of_order(self: Any, wanted: list[Wanted]) -> Value | None:
    """The times by which pandas sorts the rows; None where they ascend, or no order matters."""
    given = self._grouped.times
    if given is None or not any(one.operation in ("first", "last") for one in wanted):
        return None
    from lazyframe.record.time_bins import ascends  # not with every group-by

    times = points_of(given)
    return None if ascends(times) else self._grouped.grouping.seen(times)


def _value(self: Any, wanted: Wanted, by: Grouped, column: Value) -> Value | None:
    if wanted.operation not in EXTREMES:
        return wanted.value(by, self._grouped.grouping.seen(column))
    from lazyframe.api.groupby_extremes import label_of_extreme

    return label_of_extreme(self, str(wanted.operation), column)


def record_list_of(self: Any, method: str) -> Any:
    """``grouped.agg(list)``, or by another method."""
    from lazyframe.api.groupby_pieces import record_list  # not with every group-by

    return record_list(self, method)


def _composed(self: Any, wanted: list[Wanted], names: Iterable[str]) -> Answer | None:
    """What is known of named results of a frame without asking about all of them together."""
    if not names or not is_frame(self):
        return None
    return schema_by_name(self, [(n, w.column, w.operation) for n, w in zip(names, wanted, strict=True)])


def inserted_keys(self: Any, answer: Answer, count: int) -> list[int] | None:
    """With ``as_index=False``: which keys become columns, in front; None if that is not clear.

    A key is none that is selected: the column of that name is what was aggregated.
    """
    if self.as_index or answer.columns is None:
        return [] if len(answer.dtypes) == count else None
    names = [key.name for key in self._grouped.grouping.keys]
    if len(answer.dtypes) == count + len(names):
        return list(range(len(names)))
    labels = answer.columns[: len(answer.dtypes) - count]
    front = [label[0] if type(label) is tuple else label for label in labels]
    known = len(set(names)) == len(names) and set(front) <= set(names)
    return [names.index(label) for label in front] if known else None
