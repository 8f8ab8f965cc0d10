"""Reductions of a `Form` along its axes, with NumPy's arguments and dtypes."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from functools import reduce as chain
from typing import NamedTuple

import numpy as np

from lazyframe.record import reductions as r
from lazyframe.record.array_form import (
    Axis,
    Form,
    column_axes,
    column_indices,
    constant,
    is_kernel_dtype,
    length,
    row_axes,
    rows_over,
)
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, cast, is_missing, negate, select
from passes.ir.rows import Product
from passes.ir.values import Literal, Map, Value, Window


class Cells(NamedTuple):
    """The columns that one result is made of, each still to be reduced by ``by`` (None: not at all)."""

    columns: tuple[Value, ...]
    by: r.Reducer | None

    def number(self) -> Value:
        """How many values, NaN included, as int64."""
        times = Literal(len(self.columns), INT64)
        if self.by is None:
            return times
        rows_each = r.count_rows(self.by)
        if len(self.columns) == 1:
            return rows_each
        if isinstance(rows_each, Literal):
            return Literal(int(rows_each.value) * len(self.columns), INT64)
        return Map("multiply", (rows_each, times), INT64)

    def combined(self, operation: str, columns: Sequence[Value], dtype: np.dtype) -> Value:
        """Reduce ``columns``, one for each of ours, to one value."""
        by = self.by
        if by is not None and len(columns) == 1:
            return by.reduce(operation, columns[0], dtype)
        parts = columns if by is None else [by.reduce(operation, c, dtype) for c in columns]
        step = _STEP[operation]
        return chain(lambda left, right: Map(step, (left, right), dtype), parts)

    def spread(self, result: Value) -> Value:
        """``result`` seen from the columns."""
        return result if self.by is None else self.by.spread(result)


_STEP = {
    "sum": "add",
    "product": "multiply",
    "minimum": "minimum",
    "maximum": "maximum",
    "any": "bitwise_or",
    "all": "bitwise_and",
}


def normalised_axes(axis: object, ndim: int) -> tuple[int, ...] | None:
    """The positions that ``axis`` names, ascending; None where NumPy raises."""
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    given = axis if isinstance(axis, tuple) else (axis,)
    found = set()
    for a in given:
        if isinstance(a, bool) or not isinstance(a, (int, np.integer)) or not -ndim <= a < ndim:
            return None
        found.add(int(a) % ndim)
    return tuple(sorted(found)) if len(found) == len(given) else None


def cells_of(form: Form, axes: tuple[int, ...]) -> tuple[tuple[Axis, ...], list[Cells]]:
    """The result's axes, and for each of its columns what it is made of."""
    if len(axes) == 1 and len(form.axes) == 2 and len(form.columns) == 1:
        rows = form.columns[0].rows
        first, second = form.axes
        if type(rows) is Product and first is rows.left and second is rows.right:  # quicker than what follows
            return (form.axes[1 - axes[0]],), [Cells(form.columns, r.Folded(rows, axes[0]))]
    kept = tuple([a for i, a in enumerate(form.axes) if i not in axes])
    reduced_rows = [i for i in row_axes(form.axes) if i in axes]
    rows = rows_over(form.axes)
    by: r.Reducer | None = None
    if reduced_rows and rows is not None:
        if isinstance(rows, Product) and len(row_axes(form.axes)) == 2 and len(reduced_rows) == 1:
            by = r.Folded(rows, reduced_rows[0])
        else:
            by = r.Whole(rows)
    positions = column_axes(form.axes)
    if by is not None and not positions:  # as most have, and this is quicker
        return kept, [Cells(form.columns, by)]
    groups: dict[tuple[int, ...], list[Value]] = {}
    for index, column in zip(column_indices(form.axes), form.columns, strict=True):
        key = tuple([i for position, i in zip(positions, index, strict=True) if position not in axes])
        groups.setdefault(key, []).append(column)
    return kept, [Cells(tuple(columns), by) for columns in groups.values()]


Function = Callable[[Cells], Value]


def reduce_form(form: Form, function: Function, axis: object, keepdims: bool) -> Form | None:
    """Apply ``function`` to what each result is made of; None for a bad axis."""
    axes = normalised_axes(axis, form.ndim)
    return _reduced(form, function, axes, keepdims) if axes else None


def _reduced(form: Form, function: Function, axes: tuple[int, ...], keepdims: bool) -> Form:
    _, cells = cells_of(form, axes)
    return Form(_reduced_axes(form.axes, axes, keepdims), tuple([function(c) for c in cells]))


_known_dtypes: dict[Hashable, np.dtype] = {}
_MOST_KNOWN = 1024


def reduce_later(
    form: Form, function: Function, asked: Hashable, axes: tuple[int, ...], keepdims: bool
) -> Form:
    """`reduce_form` along axes that there are.

    Columns wait where their dtype is known by what ``function`` holds, ``asked``.
    """
    key = (asked, form.dtype)
    dtype = _known_dtypes.get(key)
    if dtype is None:
        made = _reduced(form, function, axes, keepdims)
        if len(_known_dtypes) >= _MOST_KNOWN:
            _known_dtypes.clear()
        _known_dtypes[key] = made.dtype
        return made
    return Form.later(
        _reduced_axes(form.axes, axes, keepdims),
        dtype,
        lambda: _reduced(form, function, axes, keepdims).columns,
        (form,),
    )


def _reduced_axes(axes: tuple[Axis, ...], reduced: Sequence[int], keepdims: bool) -> tuple[Axis, ...]:
    if len(reduced) == 1 and len(axes) == 2 and not keepdims:
        return (axes[1 - reduced[0]],)
    if keepdims:
        return tuple([1 if i in reduced else a for i, a in enumerate(axes)])
    return tuple([a for i, a in enumerate(axes) if i not in reduced])


def is_empty(form: Form, axis: object) -> bool:
    """Whether nothing is reduced; computes the length of a filtered axis."""
    axes = normalised_axes(axis, form.ndim) or ()
    return any(length(form.axes[i]) == 0 for i in axes)


_ZERO = Literal(0.0, FLOAT64)


def total(operation: str, dtype: np.dtype | None = None, skipna: bool = False) -> Function:
    """``sum`` and ``product``."""

    def function(cells: Cells) -> Value:
        given = cells.columns[0].dtype
        wanted = r.sum_dtype(given) if dtype is None else dtype
        computing = FLOAT64 if wanted.kind == "f" else r.sum_dtype(wanted)
        columns = []
        for column in cells.columns:
            missing = is_missing(column) if skipna else None
            # a float reaches an integer dtype one by one, as in NumPy
            values = cast(cast(column, wanted), computing)
            if missing is not None:
                values = select(missing, Literal(1 if operation == "product" else 0, computing), values)
            columns.append(values)
        result = cells.combined(operation, columns, computing)
        if operation == "sum" and computing.kind == "f":
            result = Map("add", (result, _ZERO), computing)  # as NumPy begins
        return cast(result, wanted)

    return function


def _mean64(cells: Cells, skipna: bool) -> Value:
    summed = total("sum", FLOAT64, skipna)(cells)
    return Map("divide", (summed, cast(_count(cells, skipna), FLOAT64)), FLOAT64)


def _count(cells: Cells, skipna: bool) -> Value:
    masks = [is_missing(c) for c in cells.columns]
    if not skipna or masks[0] is None:
        return cells.number()
    ones = [cast(negate(m), INT64) for m in masks if m is not None]
    return cells.combined("sum", ones, INT64)


def mean(dtype: np.dtype | None = None, skipna: bool = False) -> Function:
    """``mean`` and ``nanmean``."""
    return lambda cells: cast(_mean64(cells, skipna), dtype or r.float_dtype(cells.columns[0].dtype))


def variance(ddof: float, root: bool, dtype: np.dtype | None = None, skipna: bool = False) -> Function:
    """``var`` and ``std``: in two passes, by the divisor ``count - ddof`` or 0 if that is negative."""

    def function(cells: Cells) -> Value:
        centre = cells.spread(_mean64(cells, skipna))
        squares: list[Value] = []
        for column in cells.columns:
            distance = Map("subtract", (cast(column, FLOAT64), centre), FLOAT64)
            square: Value = Map("multiply", (distance, distance), FLOAT64)
            missing = is_missing(column) if skipna else None
            squares.append(square if missing is None else select(missing, Literal(0.0, FLOAT64), square))
        summed = cells.combined("sum", squares, FLOAT64)
        freedom = Map("subtract", (cast(_count(cells, skipna), FLOAT64), Literal(ddof, FLOAT64)), FLOAT64)
        divisor = Map("maximum", (freedom, Literal(0.0, FLOAT64)), FLOAT64)
        result = Map("divide", (summed, divisor), FLOAT64)
        if root:
            result = Map("square_root", (result,), FLOAT64)
        return cast(result, dtype or r.float_dtype(cells.columns[0].dtype))

    return function


def extreme(operation: str, skipna: bool = False) -> Function:
    """``minimum`` and ``maximum`` of values that are there: the caller has seen to it."""

    def function(cells: Cells) -> Value:
        dtype = cells.columns[0].dtype
        if dtype == BOOL:
            return cells.combined("all" if operation == "minimum" else "any", cells.columns, BOOL)
        if not skipna or dtype.kind != "f":
            return cells.combined(operation, cells.columns, dtype)
        outermost = Literal(math.inf if operation == "minimum" else -math.inf, dtype)
        columns = [select(Map("is_nan", (c,), BOOL), outermost, c) for c in cells.columns]
        none = Map("equal", (_count(cells, True), Literal(0, INT64)), BOOL)
        return select(none, Literal(math.nan, dtype), cells.combined(operation, columns, dtype))

    return function


def truth(operation: str) -> Function:
    """``any`` and ``all``."""
    return lambda cells: cells.combined(operation, [r.truth(c) for c in cells.columns], BOOL)


def count_nonzero(cells: Cells) -> Value:
    """``count_nonzero``."""
    return cells.combined("sum", [cast(r.truth(c), INT64) for c in cells.columns], INT64)


def position_of_extreme(form: Form, operation: str, axis: object, keepdims: bool) -> Form | None:
    """``argmin`` and ``argmax``; None where NumPy decides."""
    axes = normalised_axes(axis, form.ndim)
    if axes is None or (axis is None and form.ndim != 1):
        return None
    if len(axes) != 1 or not isinstance(axis, (int, np.integer, type(None))):
        return None
    if isinstance(form.axes[axes[0]], int):
        return reduce_form(form, lambda cells: _position_among(cells.columns, operation), axes[0], keepdims)
    find = r.first_position_of_minimum if operation == "minimum" else r.first_position_of_maximum

    def function(cells: Cells) -> Value:
        assert cells.by is not None
        return find(cells.by, cells.columns[0])

    return reduce_form(form, function, axes[0], keepdims)


def _position_among(columns: tuple[Value, ...], operation: str) -> Value:
    best = columns[0]
    if best.dtype == BOOL:
        columns = tuple([cast(c, np.dtype(np.int8)) for c in columns])
        best = columns[0]
    zero = Literal(0, INT64)
    position: Value = zero if best.rows is None else constant(best.rows, zero)
    for j, column in enumerate(columns[1:], 1):
        better: Value = Map("less" if operation == "minimum" else "greater", (column, best), BOOL)
        if best.dtype.kind == "f":
            first_nan = Map("bitwise_and", (Map("is_nan", (column,), BOOL),
                                            negate(Map("is_nan", (best,), BOOL))), BOOL)  # fmt: skip
            better = Map("bitwise_or", (better, first_nan), BOOL)
        best = select(better, column, best)
        position = select(better, Literal(j, INT64), position)
    return position


_WINDOWS = {
    "add": "cumulative_sum",
    "multiply": "cumulative_product",
    "minimum": "cumulative_minimum",
    "maximum": "cumulative_maximum",
}


def accumulate(form: Form, ufunc: str, axis: object, dtype: np.dtype | None) -> Form | None:
    """``ufunc.accumulate`` along the rows; None where NumPy decides."""
    rows = row_axes(form.axes)
    operation = _WINDOWS.get(ufunc)
    axes = normalised_axes(axis, form.ndim)
    if operation is None or axes is None or len(axes) != 1 or list(axes) != rows:
        return None
    wanted = dtype
    if wanted is None:
        wanted = r.sum_dtype(form.dtype) if ufunc in ("add", "multiply") else form.dtype
    if not is_kernel_dtype(wanted) or wanted == BOOL:
        return None
    columns = tuple([Window(operation, cast(c, wanted), wanted) for c in form.columns])
    return Form(form.axes, columns, form.by_column)
