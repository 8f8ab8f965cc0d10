"""Shapes of a `Form` changed, forms put side by side, and products of small matrices."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from lazyframe.record.array_broadcast import ArrayOperand, broadcast
from lazyframe.record.array_elementwise import at_dtype, promoted, result_dtype
from lazyframe.record.array_form import (
    MOST_COLUMNS,
    Axis,
    Form,
    column_indices,
    form_of_array,
    known_length,
    length,
    row_axes,
    rows_to_columns,
)
from lazyframe.record.elementwise import BOOL, FLOAT64, cast
from passes.ir.rows import Range, Rows
from passes.ir.values import Literal, Map, Reduce, Value


def reshape(form: Form, shape: tuple[int, ...]) -> Form | None:
    """``form.reshape(shape)`` where that adds or drops axes of length 1; None where NumPy decides."""
    if not 1 <= len(shape) <= 2 or form.ndim == 0:
        return None
    long = [a for a in form.axes if a != 1]
    if len(long) != 1 or shape.count(-1) > 1:
        return None
    axis = long[0]
    extent = known_length(axis)
    wanted = [i for i, n in enumerate(shape) if n == -1 or (extent is not None and n == extent)]
    if len(shape) == 2 and len(wanted) == 2:  # an extent of 1 beside -1
        wanted = [i for i in wanted if shape[i] != -1] if extent != 1 else wanted[:1]
    if len(wanted) != 1 or any(n not in (1, extent, -1) for n in shape):
        return None
    if any(n != 1 for i, n in enumerate(shape) if i != wanted[0]):
        return None
    return Form(tuple([axis if i == wanted[0] else 1 for i in range(len(shape))]), form.columns)


def transpose(form: Form) -> Form | None:
    """``form.T``; None for an outer product."""
    if form.ndim < 2:
        return form
    if len(row_axes(form.axes)) == 2:
        return None
    axes = form.axes[::-1]
    if row_axes(form.axes):
        return Form(axes, form.columns, form.by_column)
    by_index = dict(zip(column_indices(form.axes), form.columns, strict=True))
    return Form(axes, tuple([by_index[index[::-1]] for index in column_indices(axes)]))


def squeeze(form: Form) -> Form:
    """``form.squeeze()``, of axes known to have length 1."""
    return Form(tuple([a for a in form.axes if known_length(a) != 1 or isinstance(a, Rows)]), form.columns)


def beside(operands: Sequence[ArrayOperand], axis: int) -> Form | None:
    """Vectors of one length as the columns (axis 1) or rows (axis 0) of an array."""
    found = broadcast(operands)
    if found is None or not operands:
        return None
    axes, aligned = found
    if len(axes) != 1 or isinstance(axes[0], int) or len(operands) > MOST_COLUMNS:
        return None
    if any(not isinstance(o, (Form, np.ndarray)) or o.ndim != 1 for o in operands):
        return None
    dtype = result_dtype(aligned[0])
    if dtype is None:
        return None
    columns = [at_dtype(operand, dtype) for operand in aligned[0]]
    if any(c is None or c.rows is not axes[0] for c in columns):
        return None
    many = len(columns)
    return Form((many, axes[0]) if axis == 0 else (axes[0], many), tuple(columns))  # type: ignore[arg-type]


def side_by_side(operands: Sequence[ArrayOperand]) -> Form | None:
    """``numpy.column_stack``: vectors and tables of one row space."""
    forms: list[Form] = []
    for operand in operands:
        form = form_of_array(operand) if isinstance(operand, np.ndarray) else operand
        if not isinstance(form, Form) or form.ndim == 0 or not isinstance(form.axes[0], Rows):
            return None
        forms.append(form)
    if not forms or any(len(row_axes(f.axes)) != 1 or f.axes[0] is not forms[0].axes[0] for f in forms):
        return None
    columns = list(itertools.chain.from_iterable(f.columns for f in forms))
    dtype = result_dtype([*columns])
    if dtype is None or len(columns) > MOST_COLUMNS:
        return None
    return Form((forms[0].axes[0], len(columns)), tuple([cast(c, dtype) for c in columns]))


def matrix_product(left: ArrayOperand, right: ArrayOperand) -> Form | None:
    """``left @ right`` of vectors and of arrays with few columns; None where BLAS is the better.

    The inner axis is either a row space, which gives sums over the rows, or a few columns, which gives a
    sum of products in each row.
    """
    a, b = _operand(left, right, -1, 0), _operand(right, left, 0, -1)
    if a is None or b is None:
        return None
    dtype = promoted((a.dtype, b.dtype))
    if dtype is None or _is_of_rows(a.axes) or _is_of_rows(b.axes):
        return None
    inner_a, inner_b = a.axes[-1], b.axes[0]
    if isinstance(inner_a, Rows):
        if inner_a is not inner_b:
            return None
    elif inner_a != inner_b:
        return None
    outer = (*a.axes[:-1], *b.axes[1:])
    if _is_of_rows(outer) or math.prod([x for x in outer if isinstance(x, int)]) > MOST_COLUMNS:
        return None
    return Form.later(outer, dtype, lambda: _products(a, b, dtype), (a, b))


def _is_of_rows(axes: tuple[Axis, ...]) -> bool:
    """Whether an array has rows along both of two axes."""
    return len(axes) == 2 and not (isinstance(axes[0], int) or isinstance(axes[1], int))


def _products(a: Form, b: Form, dtype: np.dtype) -> tuple[Value, ...]:
    """The columns of ``a @ b``."""
    inner = a.axes[-1]
    of_a = dict(zip(column_indices(a.axes), a.columns, strict=True))
    of_b = dict(zip(column_indices(b.axes), b.columns, strict=True))
    count_a = 1 if isinstance(a.axes[0], Rows) else len(of_a) // (inner if isinstance(inner, int) else 1)
    columns: list[Value] = []
    for i in range(count_a if a.ndim == 2 else 1):
        for j in range(_outer_count(b)):
            left_part = [of_a[k] for k in of_a if a.ndim == 1 or isinstance(a.axes[0], Rows) or k[0] == i]
            right_part = [of_b[k] for k in of_b if b.ndim == 1 or isinstance(b.axes[-1], Rows) or k[-1] == j]
            columns.append(_inner(left_part, right_part, dtype, isinstance(inner, Rows)))
    return tuple(columns)


def _outer_count(b: Form) -> int:
    if b.ndim == 1:
        return 1
    last = b.axes[1]
    return last if isinstance(last, int) else 1


def _inner(left: list[Value], right: list[Value], dtype: np.dtype, over_rows: bool) -> Value:
    computing = FLOAT64 if over_rows and dtype.kind == "f" else dtype
    step, join = ("bitwise_and", "bitwise_or") if dtype == BOOL else ("multiply", "add")
    products: list[Value] = [
        Map(step, (cast(a, computing), cast(b, computing)), computing)
        for a, b in zip(left, right, strict=True)
    ]
    summed = products[0]
    for product in products[1:]:
        summed = Map(join, (summed, product), computing)
    if not over_rows:
        return summed
    if dtype == BOOL:
        return Reduce("any", summed, BOOL)
    result: Value = Reduce("sum", summed, computing)
    if computing.kind == "f":
        result = Map("add", (result, Literal(0.0, computing)), computing)
    return cast(result, dtype)


def _operand(operand: ArrayOperand, other: ArrayOperand, inner: int, inner_other: int) -> Form | None:
    """One side of a product, as columns along its ``inner`` axis where the ``other`` side has columns."""
    opposite: Axis | None = None
    if type(other) is Form:
        if not other.axes:
            return None
        opposite = other.axes[inner_other]
    elif not isinstance(other, np.ndarray) or other.ndim == 0:
        return None
    if type(operand) is not Form:
        if not isinstance(operand, np.ndarray) or operand.ndim == 0:
            return None
        return _small(operand) if type(opposite) is int else form_of_array(operand)
    axes = operand.axes
    if not axes or type(opposite) is not int:
        return operand if axes else None
    axis = axes[inner]
    short = type(axis) is Range and axis.extent == opposite
    return _as_columns(operand) if short and len(row_axes(axes)) == 1 else operand


def _as_columns(form: Form) -> Form:
    """`rows_to_columns`, when they are needed."""
    axes = tuple([axis if isinstance(axis, int) else length(axis) for axis in form.axes])
    return Form.later(axes, form.dtype, lambda: rows_to_columns(form).columns, (form,))


def _small(array: np.ndarray) -> Form | None:
    """The numbers of a small array as constants."""
    if array.size > MOST_COLUMNS or array.size == 0 or array.ndim > 2:
        return None
    if array.dtype.kind not in "biuf" or array.dtype == np.float16 or array.dtype.itemsize > 8:
        return None
    axes: tuple[Axis, ...] = array.shape
    return Form(axes, tuple([Literal(x, array.dtype) for x in array.reshape(-1)]))
