"""NumPy's functions of shapes, and products of matrices, recorded over lazy arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray, call, real, wrap_form, wrap_result
from lazyframe.api.numpy.handlers import (
    HANDLERS,
    Handler,
    form_of,
    handles,
    is_soonest_reduced,
    operands_of,
    wrapped,
)
from lazyframe.record import array_shapes as shapes
from lazyframe.record.array_form import Form, filled, is_kernel_dtype, known_length
from passes.ir.values import Literal


@handles(np.copy)
def copied(a: Any, order: str = "K", subok: bool = False) -> Any:
    """A new handle on the same values: lazy handles are free to copy, since what is recorded is immutable."""
    if type(a) is not LazyArray:
        return None
    form = a.as_form()
    return LazyArray(form) if form is not None else LazyArray(None, a.values_for_reading().copy())


def _viewed(a: Any, change: Callable[[Form], Form | None], view: Callable[[np.ndarray], np.ndarray]) -> Any:
    if type(a) is not LazyArray or a.ndim == 0:
        return None
    form = form_of(a)
    changed = None if form is None else change(form)
    return None if changed is None else a._derive(changed, view)


@handles(np.reshape)
def _reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    if order != "C" or copy is not None:
        return None
    wanted = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not all(isinstance(n, (int, np.integer)) for n in wanted):
        return None
    sizes = tuple([int(n) for n in wanted])
    return _viewed(a, lambda form: shapes.reshape(form, sizes), lambda array: array.reshape(sizes))


@handles(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    if order != "C":
        return None
    return _viewed(a, lambda form: shapes.reshape(form, (-1,)), lambda array: array.reshape(-1))


@handles(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    return None if axes is not None else _viewed(a, shapes.transpose, lambda array: array.T)


@handles(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Any:
    if type(a) is not LazyArray or a.ndim != 1 or axis not in (0, 1, -1, -2):
        return None
    return a[None, :] if axis in (0, -2) else a[:, None]


@handles(np.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Any:
    form = form_of(a)
    if form is None or axis is not None or any(known_length(x) in (None, 1) for x in form.axes if x != 1):
        return None
    return _viewed(a, shapes.squeeze, lambda array: array.squeeze())


@handles(np.stack)
def _stack(
    arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    if not isinstance(arrays, (list, tuple)) or out is not None or dtype is not None:
        return None
    operands = operands_of(arrays)
    if operands is None or axis not in (0, 1, -1, -2):
        return None
    return wrapped(shapes.beside(operands, axis % 2), "stack")


@handles(np.vstack)
def _vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    if not isinstance(tup, (list, tuple)) or dtype is not None:
        return None
    operands = operands_of(tup)
    return None if operands is None else wrapped(shapes.beside(operands, 0), "vstack")


@handles(np.column_stack)
def _column_stack(tup: Any) -> Any:
    operands = operands_of(tup) if isinstance(tup, (list, tuple)) else None
    return None if operands is None else wrapped(shapes.side_by_side(operands), "column_stack")


@handles(np.concatenate, np.hstack)
def _concatenate(arrays: Any, axis: Any = None, **options: Any) -> Any:
    if axis not in (1, -1) or options or not isinstance(arrays, (list, tuple)):
        return None  # one after another: NumPy copies as fast as a kernel would
    operands = operands_of(arrays)
    if operands is None or any(getattr(o, "ndim", 0) != 2 for o in operands):
        return None
    return wrapped(shapes.side_by_side(operands), "concatenate")


def _like(value: Any) -> Handler:
    def handler(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
                device: Any = None) -> Any:  # fmt: skip
        return _full_like(a, value, dtype, order, subok, shape)

    return handler


@handles(np.full_like)
def _full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True,
               shape: Any = None, *, device: Any = None) -> Any:  # fmt: skip
    form = form_of(a)
    wanted = form.dtype if dtype is None and form is not None else np.dtype(dtype)
    if form is None or shape is not None or not is_kernel_dtype(wanted):
        return None
    fill = real(fill_value)
    if np.ndim(fill) != 0:
        return None
    return wrap_form(filled(form.axes, Literal(np.full((), fill, wanted))), "full_like")


HANDLERS[np.zeros_like] = _like(0)
HANDLERS[np.ones_like] = _like(1)
HANDLERS[np.empty_like] = _like(0)


@handles(np.shape)
def _shape(a: Any) -> Any:
    return a.shape if type(a) is LazyArray else None


@handles(np.ndim)
def _ndim(a: Any) -> Any:
    return a.ndim if type(a) is LazyArray else None


@handles(np.size)
def _size(a: Any, axis: Any = None) -> Any:
    return a.size if type(a) is LazyArray and axis is None else None


def matmul(*inputs: Any, **options: Any) -> Any:
    """``numpy.matmul``: recorded where one side has few columns, else BLAS on computed arrays."""
    if len(inputs) == 2 and not options and not is_soonest_reduced(np.dot, inputs):
        recorded = _product(*inputs)
        if recorded is not None:
            return recorded
    return wrap_result(np.matmul(*[real(i) for i in inputs], **{k: real(v) for k, v in options.items()}))


@handles(np.dot)
def _dot(a: Any, b: Any, out: Any = None) -> Any:
    if out is not None:
        return None
    if _is_scalar(a) or _is_scalar(b):
        return call(np.multiply, (a, b), np.multiply)
    return _product(a, b)


def _is_scalar(operand: Any) -> bool:
    return (operand.ndim if type(operand) is LazyArray else np.ndim(operand)) == 0


def _product(a: Any, b: Any) -> LazyArray | None:
    operands = operands_of([a, b])
    return None if operands is None else wrapped(shapes.matrix_product(*operands), "matmul")
