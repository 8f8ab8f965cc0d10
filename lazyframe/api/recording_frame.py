"""The methods of a frame that record."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas

from lazyframe.api.assigning import assigned_value
from lazyframe.api.caller import called_by_a_grouping
from lazyframe.api.frame import getitem
from lazyframe.api.recording import (
    aligned_value,
    array_value,
    become,
    column_named,
    known_dtypes,
    lazy_frame,
    lazy_series,
    operand_of,
    overriding,
    overriding_in_place,
    overriding_operator,
    remember_dtype,
    table_of,
)
from lazyframe.api.size import is_long, is_short
from lazyframe.pandas_internals import blame_caller, for_owner, is_of_owner, warn_if_chained
from lazyframe.record.capture import dtype_of, is_kernel_dtype
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.elementwise import BOOL
from lazyframe.record.operators import (
    ASKING,
    COMPARISONS,
    FAMILIES,
    LOGIC,
    absolute,
    invert,
    opposite,
    positive,
    record_operator,
)
from lazyframe.record.origin import stamp, stamp_line, user_line
from lazyframe.record.selection import filter_rows, pick_columns, positions_of, slice_rows, whole_numbers
from lazyframe.record.table import Column, ColumnsOf, Table
from passes.ir.values import OPAQUE, Value

DataFrame: Any = pandas.DataFrame
Series = pandas.Series


def is_small(frame: Any) -> bool:
    """Whether ``frame`` is computed and of few rows, so that pandas is quickest."""
    return is_short(frame.__dict__)


def columnwise(
    table: Table | None,
    function: Any,
    what: str,
    *,
    beside: Sequence[Table] = (),
    by_dtype: bool = False,
    key: Hashable = None,
) -> Any:
    """The frame of a function of each column; ``NotImplemented`` if it is None for any.

    Parameters
    ----------
    table : Table or None
        None gives ``NotImplemented``.
    function : callable
        Of a column and of those at its position ``beside``.
    what : str
        What the user called.
    beside : sequence of Table
        Of the same rows, and of as many columns.
    by_dtype : bool
        Whether dtypes that kernels compute with decide if the function is None. Then it is called for the
        first columns of their dtypes, and for those like them when they are needed.
    key : hashable, optional
        All that ``function`` holds, where the dtypes of what it gives follow from the columns' in any frame:
        then it is not even called for the first ones, once it was.
    """
    if table is None:
        return NotImplemented
    inputs = (table, *beside)
    values: list[Value | None] = [None] * len(table)
    found: dict[Any, np.dtype] = {}
    line = user_line()

    def make(position: int) -> Any:
        value = function(*[one.value(position) for one in inputs])
        if value is not None:
            stamp_line(value, what, line)
        return value

    kinds: Sequence[Any] = (
        table.dtypes if not beside else list(zip(*[one.dtypes for one in inputs], strict=True))
    )
    for position, kind in enumerate(kinds):
        if kind in found:
            continue
        known = None if key is None else known_dtypes.get((what, key, kind))
        if known is not None:
            found[kind] = known
            continue
        value = values[position] = make(position)
        if value is None:
            return NotImplemented
        if by_dtype and value.dtype.kind in "biuf" and _are_for_kernels(kind):
            found[kind] = value.dtype
            if key is not None:
                remember_dtype((what, key, kind), value.dtype)
    if None not in values:
        return lazy_frame(table.derived(values))
    dtypes = [
        found[kind] if value is None else dtype_of(value) for kind, value in zip(kinds, values, strict=True)
    ]
    return lazy_frame(table.unmade(values, make, dtypes, max([one.depth for one in inputs])))


@lru_cache(maxsize=1024)
def _are_for_kernels(dtypes: Any) -> bool:
    """Whether columns of a dtype, or of several, are what kernels compute with."""
    each = dtypes if type(dtypes) is tuple else (dtypes,)
    return all(is_kernel_dtype(dtype) and dtype.kind in "biuf" for dtype in each)


def record_getitem(self: Any, key: Any) -> Any:
    """``self[key]``."""
    if isinstance(key, (str, int, float)) and not is_long(self.__dict__):
        return NotImplemented  # a column that is text is recorded for itself
    if isinstance(key, str):
        if "_mgr" in self.__dict__ and called_by_a_grouping():
            return NotImplemented  # what it takes of a computed frame is there, and it goes on to compute
        column = column_named(self, key)
        if column is None or (column.value.dtype == OPAQUE and "_mgr" in self.__dict__):
            return NotImplemented
        return lazy_series(column)
    if isinstance(key, (list, pandas.Index)):
        return _columns(self, key)
    if isinstance(key, slice):
        return record_slice(self, key)
    if isinstance(key, (Series, np.ndarray)) or array_value(key) is not None:
        return record_mask(self, key)
    if key is None or isinstance(key, (int, float, tuple)):
        column = column_named(self, key)
        return NotImplemented if column is None else lazy_series(column)
    return self[for_owner(key, self)] if is_of_owner(key) else NotImplemented


def _columns(self: Any, key: Any) -> Any:
    table = table_of(self)
    if table is None or len(key) == 0 or getattr(key, "nlevels", 1) > 1:
        return NotImplemented
    positions = positions_of(table, list(key))
    return NotImplemented if positions is None else lazy_frame(pick_columns(table, positions))


def record_slice(self: Any, key: slice) -> Any:
    """``self[start:stop:step]`` by position, of what is not computed: pandas slices without copying."""
    table = None if "_mgr" in self.__dict__ else table_of(self)
    if table is None or not whole_numbers(key) or not table.labels.holds_whole_numbers():
        return NotImplemented
    return lazy_frame(slice_rows(table, key.start, key.stop, key.step))


def mask_value(key: Any, table: Any) -> Value | None:
    """A boolean column of a table's rows and labels, from what a user puts into brackets."""
    value: Any
    if isinstance(key, Series):
        value = aligned_value(key, table)
    else:
        value = operand_of(key, table) if array_value(key) is not None else None
    return value if isinstance(value, Value) and value.rows is not None and value.dtype == BOOL else None


def record_mask(self: Any, key: Any) -> Any:
    """``self[mask]``."""
    table = table_of(self)
    mask = None if table is None else mask_value(key, table)
    if table is None or mask is None:
        return NotImplemented
    stamp(mask, "filter")
    return lazy_frame(filter_rows(table, mask))


def record_setitem(self: Any, key: Any, value: Any) -> Any:
    """``self[key] = value``: the frame becomes a lazy one of one more column; None where that was done."""
    if not isinstance(key, (str, int, float, tuple)) or isinstance(key, bool) or key != key:
        return NotImplemented
    table = table_of(self)
    if table is None:
        return NotImplemented
    column = assigned_value(value, table)
    if column is None:
        return NotImplemented
    changed = table.with_column(key, column)
    if changed is None:
        return NotImplemented
    become(self, changed)
    return None


def record_binary(self: Any, other: Any, name: str, swapped: bool) -> Any:
    """``self <name> other`` for a scalar, or a frame of the same labels."""
    table = table_of(self)
    if table is None or isinstance(other, (Series, np.ndarray, list, tuple)):
        return NotImplemented
    if isinstance(other, DataFrame):
        return _with_frame(table, table_of(other), name, swapped)
    operand = operand_of(other, table)
    if operand is None or getattr(operand, "rows", None) is not None:
        return NotImplemented
    if name in LOGIC and isinstance(operand, np.integer):
        operand = int(operand)  # as pandas takes it beside a frame, and not beside a series
    # division by zero asks whether there are rows, and a number is raised to each column's powers
    key = None if name in ASKING else (type(operand), operand, swapped)
    by_dtype = name != "pow" or not swapped
    return columnwise(table, _applied(name, operand, swapped), name, by_dtype=by_dtype, key=key)


def _applied(name: str, operand: Any, swapped: bool) -> Any:
    return lambda value: record_operator(name, value, operand, swapped, False)


def _with_frame(mine: Table, theirs: Table | None, name: str, swapped: bool) -> Any:
    if theirs is None or theirs.rows is not mine.rows:
        return NotImplemented
    columns = mine.current_columns()
    if not columns.same_as(theirs.current_columns()) or not mine.labels.same_as(theirs.labels):
        return NotImplemented
    if not columns.index().is_unique:
        return NotImplemented

    def pair(one: Value, other: Value) -> Value | None:
        return record_operator(name, one, other, swapped, False)

    key = None if name in ASKING else "frames"
    return columnwise(mine, pair, name, beside=(theirs,), by_dtype=name != "pow", key=key)


def _flexible(name: str, swapped: bool) -> Any:
    def record(
        self: Any, other: Any, axis: Any = "columns", level: Any = None, fill_value: Any = None
    ) -> Any:
        if level is not None or fill_value is not None:
            return NotImplemented
        if not isinstance(other, Series):
            return record_binary(self, other, name, swapped)
        table = table_of(self)
        if table is None or axis not in (0, "index", "rows"):
            return NotImplemented
        operand = aligned_value(other, table)
        if operand is None:
            return NotImplemented
        return columnwise(table, _applied(name, operand, swapped), name, by_dtype=name != "pow")

    return record


def _unary(function: Any, what: str) -> Any:
    def record(self: Any) -> Any:
        return columnwise(table_of(self), function, what, by_dtype=True, key=())

    return record


def _copy(self: Any, deep: Any = True) -> Any:
    if "_mgr" in self.__dict__:
        return NotImplemented
    table = table_of(self)
    return NotImplemented if table is None else lazy_frame(table.derived())


def _head(self: Any, n: Any = 5) -> Any:
    table = None if "_mgr" in self.__dict__ or type(n) is not int else table_of(self)
    return NotImplemented if table is None else lazy_frame(slice_rows(table, None, n, None))


def _tail(self: Any, n: Any = 5) -> Any:
    table = None if "_mgr" in self.__dict__ or type(n) is not int else table_of(self)
    if table is None:
        return NotImplemented
    return lazy_frame(slice_rows(table, -n, None, None) if n else slice_rows(table, 0, 0, None))


def _drop(
    self: Any,
    labels: Any = None,
    *,
    axis: Any = 0,
    index: Any = None,
    columns: Any = None,
    level: Any = None,
    errors: Any = "raise",
) -> Any:
    if labels is not None and columns is None and index is None and axis in (1, "columns"):
        labels, columns = None, labels
    if labels is not None or index is not None or level is not None:
        return NotImplemented
    table = None if columns is None else table_of(self)
    if table is None or isinstance(columns, tuple):
        return NotImplemented
    whole = table.current_columns().index()
    if not whole.is_unique or whole.nlevels > 1:
        return NotImplemented
    gone = positions_of(table, columns if isinstance(columns, list) else [columns])
    if gone is None:
        kept = whole.drop(columns, errors=errors)
        labels, positions = ColumnLabels(kept), whole.get_indexer(kept).tolist()
    else:
        labels, positions = table.current_columns().without(gone)
    return lazy_frame(table.derived(columns=labels, source=ColumnsOf(table, positions)))


def _assign(self: Any, **kwargs: Any) -> Any:
    table = table_of(self)
    if table is None:
        return NotImplemented
    left = dict(kwargs)
    table = table.derived()
    for label, value in kwargs.items():
        column = None if callable(value) else assigned_value(value, table)
        changed = None if column is None else table.with_column(label, column)
        if changed is None:
            break
        table = changed
        del left[label]
    made = lazy_frame(table)
    for label, value in left.items():
        made[label] = for_owner(value, made)
    return made


def _are_text(index: pandas.Index, table: dict[Any, Any]) -> bool:
    """Whether labels are text and become text: what pandas makes of others has a dtype that it chooses."""
    return isinstance(index.dtype, pandas.StringDtype) and all(type(new) is str for new in table.values())


def _rename(self: Any, mapper: Any = None, *, columns: Any = None, **options: Any) -> Any:
    unknown = set(options) - {"errors", "copy"}
    if mapper is not None or columns is None or unknown or "_mgr" in self.__dict__:
        return NotImplemented
    table = table_of(self)
    if table is None:
        return NotImplemented
    index = table.current_columns().index()
    if type(columns) is dict and not options and _are_text(index, columns):
        renamed = pandas.Index(
            [columns.get(label, label) for label in index], name=index.name, tupleize_cols=False
        )
    else:
        # pandas itself renames the columns of a frame that has no rows
        renamed = DataFrame(columns=index).rename(columns=columns, **options).columns
    return lazy_frame(table.derived(columns=ColumnLabels(renamed)))


def _items(self: Any) -> Any:
    table = None if "_mgr" in self.__dict__ else table_of(self)
    if table is None or len(table) != 1:
        return NotImplemented  # several columns are computed in one program
    label = table.current_columns().label(0)
    return iter([(label, lazy_series(Column(table.value(0), table.labels, label)))])


class RecordingFrame:
    """Mixin: columns, rows, operators."""

    __getitem__ = overriding(getitem, record_getitem)
    __invert__ = overriding(DataFrame.__invert__, _unary(invert, "invert"))
    __neg__ = overriding(DataFrame.__neg__, _unary(opposite, "negative"))
    __pos__ = overriding(DataFrame.__pos__, _unary(positive, "positive"))
    __abs__ = overriding(DataFrame.__abs__, _unary(absolute, "abs"))
    abs = overriding(DataFrame.abs, _unary(absolute, "abs"))
    copy = overriding(DataFrame.copy, _copy)
    head = overriding(DataFrame.head, _head)
    items = overriding(DataFrame.items, _items)
    tail = overriding(DataFrame.tail, _tail)
    assign = overriding(DataFrame.assign, _assign)
    drop = overriding(DataFrame.drop, _drop)
    rename = overriding(DataFrame.rename, _rename)

    @blame_caller
    def __setitem__(self, key: Any, value: Any) -> None:
        warn_if_chained(sys.getrefcount(self), self, setting=True)
        if is_small(self) or record_setitem(self, key, value) is NotImplemented:
            DataFrame.__setitem__(self, key, value)


def _install() -> None:
    aliases = {
        "truediv": ("truediv", "div", "divide"),
        "mul": ("mul", "multiply"),
        "sub": ("sub", "subtract"),
    }
    for name in FAMILIES:
        for swapped in (False, True):
            if swapped and name in COMPARISONS:
                continue
            dunder = f"__{'r' if swapped else ''}{name}__"
            method = overriding_operator(getattr(DataFrame, dunder), record_binary, name, swapped)
            setattr(RecordingFrame, dunder, method)
            if not swapped and (in_place := getattr(DataFrame, f"__i{name}__", None)) is not None:
                method = overriding_in_place(in_place, record_binary, name)
                setattr(RecordingFrame, f"__i{name}__", method)
            if name in LOGIC:
                continue
            for alias in (f"r{name}",) if swapped else aliases.get(name, (name,)):
                setattr(
                    RecordingFrame, alias, overriding(getattr(DataFrame, alias), _flexible(name, swapped))
                )
    RecordingFrame.rdiv = RecordingFrame.rtruediv  # type: ignore[attr-defined]


_install()
