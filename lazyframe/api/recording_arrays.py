"""NumPy's protocols on frames and series, and their values as lazy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas

from lazyframe.api.array import LazyArray
from lazyframe.api.caller import called_by_user, reads_attribute
from lazyframe.api.likeness import like
from lazyframe.api.recording import (
    aligned_value,
    column_of,
    is_large,
    lazy_series,
    operand_of,
    real,
    series_of,
    table_of,
)
from lazyframe.api.recording_frame import columnwise
from lazyframe.api.recording_frame import record_binary as record_frame_binary
from lazyframe.api.recording_series import record_binary as record_series_binary
from lazyframe.record.array_elementwise import ufunc_of_rows
from lazyframe.record.array_form import MOST_COLUMNS, is_kernel_dtype
from lazyframe.record.dictionaries import follow, source_of
from lazyframe.record.elementwise import cast
from lazyframe.record.operators import ARITHMETIC, COMPARISONS, LOGIC, absolute, invert, negative
from lazyframe.record.origin import stamp
from lazyframe.record.table import Column, Table
from lazyframe.run.bindings import bound_to
from passes.ir.values import Read, Value

NUMERIC = "biuf"
_PandasFrame: Any = pandas.DataFrame  # for type checkers, whose stubs leave out its protocols
NOTHING: Any = pandas.api.extensions.no_default
OPERATORS: dict[np.ufunc, str] = {
    ufunc: name for family in (ARITHMETIC, COMPARISONS, LOGIC) for name, ufunc in family.items()
}
"""The ufuncs that pandas takes for its own operators."""

UNARY = {np.invert: invert, np.negative: negative, np.absolute: absolute}
"""The same for those of one operand; what is not recorded is NumPy's to refuse, in its own words."""

COERCING = frozenset({
    np.where, np.select, np.dot, np.concatenate, np.stack, np.column_stack, np.hstack, np.vstack, np.diff,
})  # fmt: skip
"""Functions that turn a series into an array, rather than call its method of their name."""


# values -------------------------------------------------------------------------------------------------


def _series_array(self: Any, writeable: bool) -> Any:
    mine = column_of(self) if is_large(self) and called_by_user(2) else None
    if mine is None or mine.value.dtype.kind not in NUMERIC:
        return None
    return LazyArray.from_value(mine.value, writeable=writeable)


def _frame_array(self: Any, writeable: bool) -> Any:
    table = table_of(self) if is_large(self) and called_by_user(2) else None
    if table is None or not 0 < len(table) <= MOST_COLUMNS:
        return None
    dtypes = table.dtypes
    for dtype in dtypes:
        if not isinstance(dtype, np.dtype):
            return None
    found = _common_dtype(tuple(dtypes))
    if found is None:
        return None
    common, mixed = found
    columns = table.values()
    if mixed:
        columns = [cast(column, common) for column in columns]
    return LazyArray.from_columns(columns, writeable=writeable or mixed or not _share_memory(columns))


def _share_memory(columns: Sequence[Value]) -> bool:
    """Whether columns, all of one dtype, are rows of one block of memory, which pandas gives out read-only.

    It copies what is in several, as columns that were assigned one after the other are.  What is computed may
    be either: it can be written to, as programs do that pandas lets.
    """
    first = source_of(columns[0])
    if len(columns) == 1:
        return True
    if first is None:
        return False
    block = _memory_of(first)
    for column in columns[1:]:
        source = source_of(column)
        if source is None or block is None or _memory_of(source) is not block:
            return False
        if source.rows is not first.rows or follow(columns[0], first, source) is not column:
            return False  # other rows of it, as a merge with itself has them
    return True


def _memory_of(source: Read) -> Any:
    """What the memory of a column belongs to: its block's, or the file that is read into one."""
    bound = bound_to(source.token)
    return bound.base if isinstance(bound, np.ndarray) else source.rows


@lru_cache(maxsize=512)
def _common_dtype(dtypes: tuple[np.dtype, ...]) -> tuple[np.dtype, bool] | None:
    """The dtype of an array of columns, and whether some have another; None if kernels do not hold it."""
    if not all(map(is_kernel_dtype, dtypes)):
        return None
    if "b" in {dtype.kind for dtype in dtypes} and len(set(dtypes)) > 1:
        return None
    common = np.result_type(*dtypes)
    return common, any(dtype != common for dtype in dtypes)


def _values(theirs: Any, array: Any) -> Any:
    def get(self: Any) -> Any:
        # what pyarrow and others read in compiled code has to be an array
        found = array(self, False) if reads_attribute() else None
        return theirs.__get__(self, type(self)) if found is None else found

    return property(get, doc=theirs.__doc__)


def _to_numpy(theirs: Any, array: Any) -> Any:
    def to_numpy(
        self: Any, dtype: Any = None, copy: Any = False, na_value: Any = NOTHING, **options: Any
    ) -> Any:
        if dtype is None and na_value is NOTHING and not options and type(copy) is bool:
            found = array(self, copy)
            if found is not None:
                return found
        return theirs(self, dtype=dtype, copy=copy, na_value=na_value, **options)

    return like(to_numpy, theirs)


# universal functions --------------------------------------------------------------------------------------


def _rowwise(ufunc: np.ufunc, operands: list[Any]) -> Value | None:
    if ufunc.nout != 1 or ufunc.nin != len(operands):
        return None
    for operand in operands:
        if isinstance(operand, Value) and operand.rows is None:
            return None
    return ufunc_of_rows(ufunc, operands)


def _series_ufunc(self: Any, ufunc: np.ufunc, inputs: tuple[Any, ...]) -> Any:
    name = OPERATORS.get(ufunc)
    if name is not None and len(inputs) == 2:
        if inputs[0] is self:
            return record_series_binary(self, inputs[1], name, False)
        if isinstance(inputs[0], pandas.Series) or name in COMPARISONS:
            return NotImplemented
        return record_series_binary(self, inputs[0], name, True)
    mine = column_of(self)
    if mine is None:
        return NotImplemented
    if ufunc in UNARY:
        return series_of(UNARY[ufunc](mine.value), mine, self._name, ufunc.__name__)
    operands: list[Any] = []
    names = set()
    for one in inputs:
        if one is self:
            names.add(self._name)
            operand: Any = mine.value
        elif isinstance(one, pandas.Series):
            names.add(one.name)
            operand = aligned_value(one, mine)
        else:
            operand = operand_of(one, mine)
        if operand is None:
            return NotImplemented
        operands.append(operand)
    value = _rowwise(ufunc, operands)
    if value is None:
        return NotImplemented
    stamp(value, ufunc.__name__)
    return lazy_series(Column(value, mine.labels, names.pop() if len(names) == 1 else None))


def _frame_ufunc(self: Any, ufunc: np.ufunc, inputs: tuple[Any, ...]) -> Any:
    name = OPERATORS.get(ufunc)
    if name is not None and len(inputs) == 2 and inputs[0] is self:
        return record_frame_binary(self, inputs[1], name, False)
    if name is not None or len(inputs) != 1:
        return NotImplemented
    table: Table | None = table_of(self)
    if ufunc in UNARY:
        return columnwise(table, UNARY[ufunc], ufunc.__name__)
    return columnwise(table, lambda value: _rowwise(ufunc, [value]), ufunc.__name__, by_dtype=True)


def _array_ufunc(theirs: Any, record: Any) -> Any:
    def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if (
            method == "__call__"
            and not kwargs
            and ("_mgr" not in self.__dict__ or any(map(is_large, inputs)))
        ):
            recorded = record(self, ufunc, inputs)
            if recorded is not NotImplemented:
                return recorded
        for one in inputs:
            if type(one) is LazyArray:
                inputs = tuple(map(real, inputs))
                break
        return theirs(self, ufunc, method, *inputs, **kwargs)

    return array_ufunc


# functions ------------------------------------------------------------------------------------------------


def _lazily(item: Any) -> Any:
    if isinstance(item, pandas.Series):
        mine = column_of(item)
        if mine is None or mine.value.dtype.kind not in NUMERIC:
            raise _NotForKernelsError
        return LazyArray.from_value(mine.value)
    if isinstance(item, pandas.DataFrame):
        raise _NotForKernelsError
    if type(item) in (list, tuple):
        return type(item)(map(_lazily, item))
    return item


class _NotForKernelsError(Exception):
    pass


def _holds_large(items: Any) -> bool:
    return any(_holds_large(one) if type(one) in (list, tuple) else is_large(one) for one in items)


def _array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    if function in COERCING and _holds_large(args) and called_by_user():
        from lazyframe.api.numpy.dispatch import apply_function

        try:
            arguments = _lazily(args)
        except _NotForKernelsError:
            pass
        else:
            return apply_function(function, arguments, kwargs)
    # what NumPy does with an object that has no say in it
    return function._implementation(*args, **kwargs)


class RecordingSeriesArrays:
    """Mixin: a series among arrays."""

    values = _values(pandas.Series.values, _series_array)
    to_numpy = _to_numpy(pandas.Series.to_numpy, _series_array)
    __array_ufunc__ = _array_ufunc(pandas.Series.__array_ufunc__, _series_ufunc)
    __array_function__ = _array_function


class RecordingFrameArrays:
    """Mixin: a frame among arrays."""

    values = _values(pandas.DataFrame.values, _frame_array)
    to_numpy = _to_numpy(pandas.DataFrame.to_numpy, _frame_array)
    __array_ufunc__ = _array_ufunc(_PandasFrame.__array_ufunc__, _frame_ufunc)
    __array_function__ = _array_function
