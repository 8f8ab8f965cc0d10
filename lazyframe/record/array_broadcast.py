"""NumPy's broadcasting over `Form`, arrays and scalars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lazyframe.record.array_form import (
    MOST_COLUMNS,
    Axis,
    Form,
    column_indices,
    is_kernel_dtype,
    known_length,
    length,
    outward,
    row_axes,
    rows_over,
    rows_to_columns,
)
from lazyframe.record.elementwise import Operand
from lazyframe.run.bindings import bind_array
from passes.ir.rows import Product, Range, Rows
from passes.ir.values import Value

ArrayOperand = Form | np.ndarray | np.generic | bool | int | float
"""An ndarray among operands is captured: nobody may write to it afterwards."""


def broadcast(operands: Sequence[ArrayOperand]) -> tuple[tuple[Axis, ...], list[list[Operand]]] | None:
    """Align operands.

    Returns
    -------
    axes : tuple of Rows or int
        Of the result.
    aligned : list of list
        For each column of the result, the operands of it. None instead of the pair where the shapes do not
        match or the graph cannot say the result: NumPy decides then.
    """
    simple = _same_axes(operands)
    if simple is not None:
        return simple
    ndim = max(_ndim(o) for o in operands)
    if ndim > 2:
        return None
    axes: list[Axis] = []
    for position in range(ndim):
        found = [_axis(o, position - ndim) for o in operands]
        axis = _common([f for f in found if f is not None])
        if axis is None:
            return None
        axes.append(axis)
    aligned = align(operands, tuple(axes))
    return None if aligned is None else (tuple(axes), aligned)


def _same_axes(operands: Sequence[ArrayOperand]) -> tuple[tuple[Axis, ...], list[list[Operand]]] | None:
    axes: tuple[Axis, ...] = ()
    for operand in operands:
        if isinstance(operand, Form):
            if operand.axes and axes and operand.axes != axes:
                return None
            axes = axes or operand.axes
        elif isinstance(operand, np.ndarray):
            return None
    count = math.prod([a for a in axes if isinstance(a, int)])
    aligned: list[list[Operand]] = []
    for j in range(count):
        row: list[Operand] = []
        for operand in operands:
            if not isinstance(operand, Form):
                row.append(operand)  # type: ignore[arg-type]  # arrays have left above
            else:
                row.append(operand.columns[j] if operand.axes else operand.columns[0])
        aligned.append(row)
    return axes, aligned


def axes_of_several(operands: Sequence[ArrayOperand]) -> tuple[Axis, ...] | None:
    """The axes that `broadcast` gives of scalars and arrays, without looking at columns.

    None where there is an ndarray, an axis that is not the same for all that have it, or a single column of
    the rows of one axis.
    """
    if _are_vectors(operands):
        return None
    axes: list[Axis] = []
    for operand in operands:
        if isinstance(operand, np.ndarray):
            return None
        if not isinstance(operand, Form):
            continue
        missing = len(operand.axes) - len(axes)
        if missing > 0:
            axes[:0] = [1] * missing
        for position, axis in enumerate(operand.axes, len(axes) - len(operand.axes)):
            known = axes[position]
            if isinstance(axis, Range) and axis.extent == 1:
                return None
            if known == 1:
                axes[position] = axis
            elif axis != 1 and axis is not known and axis != known:
                return None
    columns = math.prod([axis for axis in axes if isinstance(axis, int)])
    rows = sum([not isinstance(axis, int) for axis in axes])
    return tuple(axes) if columns <= MOST_COLUMNS and (columns > 1 or rows > 1) else None


def _are_vectors(operands: Sequence[ArrayOperand]) -> bool:
    """Whether all are vectors of the same rows, and scalars."""
    rows: Axis | None = None
    for operand in operands:
        if not isinstance(operand, Form) or not operand.axes:
            continue
        axis = operand.axes[0]
        if len(operand.axes) > 1 or isinstance(axis, int) or (rows is not None and axis is not rows):
            return False
        rows = axis
    return True


def _ndim(operand: ArrayOperand) -> int:
    return operand.ndim if isinstance(operand, (Form, np.ndarray)) else 0


def _axis(operand: ArrayOperand, position: int) -> tuple[Axis, bool] | None:
    """The axis at a position counted from the end, and whether it is an array's, free to be either kind."""
    if isinstance(operand, Form):
        return (operand.axes[position], False) if -position <= operand.ndim else None
    if isinstance(operand, np.ndarray):
        return (operand.shape[position], True) if -position <= operand.ndim else None
    return None


def _common(found: list[tuple[Axis, bool]]) -> Axis | None:
    if len(found) == 2 and 1 in (found[0][0], found[1][0]):  # the other has its own way
        axis, is_free = found[0] if found[1][0] == 1 else found[1]
        if not is_free and not (isinstance(axis, Range) and axis.extent == 1):
            return axis
    rows: list[Rows] = []
    for axis, _ in found:
        if isinstance(axis, Rows) and axis not in rows and known_length(axis) != 1:
            rows.append(axis)
    fixed = {a for a, free in found if isinstance(a, int) and a != 1 and not free}
    free = {a for a, f in found if isinstance(a, int) and a != 1 and f}
    if not rows:
        lengths = fixed | free
        if len(lengths) > 1:
            return None
        extent = next(iter(lengths), 1)
        assert isinstance(extent, int)
        return extent if fixed or extent <= MOST_COLUMNS else Range(extent)
    if len(rows) > 1:
        return None  # of one length, perhaps, but not known to be the same rows: NumPy decides
    known = length(rows[0]) if fixed or free else None
    if any(other != known for other in fixed | free):
        return None
    if not fixed:
        return rows[0] if not free or isinstance(rows[0], Range) else None
    assert known is not None
    return known if known <= MOST_COLUMNS and isinstance(rows[0], Range) else None


def align(operands: Sequence[ArrayOperand], axes: tuple[Axis, ...]) -> list[list[Operand]] | None:
    """For each column of a result with these axes, the operands of it; None where NumPy decides."""
    if not 0 < math.prod([a for a in axes if isinstance(a, int)]) <= MOST_COLUMNS:
        return None
    each: list[list[Any]] = []
    for operand in operands:
        if isinstance(operand, Form):
            columns = _align_form(operand, axes)
        elif isinstance(operand, np.ndarray) and operand.ndim:
            columns = _align_array(operand, axes)
        else:
            cell: Any = operand[()] if isinstance(operand, np.ndarray) else operand
            columns = [cell] * math.prod([a for a in axes if isinstance(a, int)])
        if columns is None:
            return None
        each.append(columns)
    return [list(row) for row in zip(*each, strict=True)]


def _align_form(form: Form, axes: tuple[Axis, ...]) -> list[Operand] | None:
    missing = len(axes) - form.ndim
    for position, axis in enumerate(form.axes):
        if isinstance(axis, Rows) and axes[missing + position] is not axis:
            if len(row_axes(form.axes)) == 2:
                return None
            form = rows_to_columns(form)
            break
    if form.axes == axes:
        return list(form.columns)
    product = rows_over(axes)
    if form.count == 1:
        return [_outward(form.columns[0], form, product, missing)] * math.prod(
            [axis for axis in axes if isinstance(axis, int)]
        )
    by_index = dict(zip(column_indices(form.axes), form.columns, strict=True))
    columns: list[Operand] = []
    positions = [i for i, axis in enumerate(axes) if isinstance(axis, int)]
    for index in column_indices(axes):
        full = dict(zip(positions, index, strict=True))
        own = tuple(
            [
                0 if axis == 1 else full[missing + i]
                for i, axis in enumerate(form.axes)
                if isinstance(axis, int)
            ]
        )
        columns.append(_outward(by_index[own], form, product, missing))
    return columns


def _outward(column: Value, form: Form, product: Rows | None, missing: int) -> Value:
    """A column of an array, seen from the rows of the result, which has ``missing`` axes more in front."""
    if not isinstance(product, Product) or column.rows is None:
        return column
    sides = row_axes(form.axes)
    return outward(column, product, missing + sides[0]) if len(sides) == 1 else column


def _align_array(array: np.ndarray, axes: tuple[Axis, ...]) -> list[Operand] | None:
    if not is_kernel_dtype(array.dtype):
        return None
    array = array.reshape((1,) * (len(axes) - array.ndim) + array.shape)
    rows = [i for i in row_axes(axes) if array.shape[i] != 1]
    if len(rows) == 2:
        return None
    product = rows_over(axes)
    positions = [i for i, axis in enumerate(axes) if isinstance(axis, int)]
    columns: list[Operand] = []
    for index in column_indices(axes):
        full = dict(zip(positions, index, strict=True))
        key: list[Any] = [0] * array.ndim
        for i in range(array.ndim):
            if i in rows:
                key[i] = slice(None)
            elif array.shape[i] != 1:
                key[i] = full[i]
        part = array[tuple(key)]
        if not rows:
            columns.append(part)
            continue
        column = bind_array(part)
        columns.append(outward(column, product, rows[0]) if len(row_axes(axes)) == 2 else column)  # type: ignore[arg-type]
    return columns
