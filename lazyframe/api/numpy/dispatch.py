"""What NumPy asks a `LazyArray` to do: ufuncs with their methods and arguments, and functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lazyframe.api.array import (
    LazyArray,
    as_operand,
    call,
    is_soonest_done,
    overrides,
    real,
    wrap_form,
    wrap_result,
)
from lazyframe.api.numpy import choosing, quantiles, reducing  # noqa: F401  # each enters its handlers
from lazyframe.api.numpy.handlers import HANDLERS, form_of, is_soonest_reduced
from lazyframe.api.numpy.shaping import matmul
from lazyframe.record import array_reductions as reduce
from lazyframe.record.array_elementwise import converted, record_ufunc
from lazyframe.record.array_form import Form

_REDUCTIONS: dict[np.ufunc, Any] = {
    np.add: np.sum, np.multiply: np.prod, np.minimum: np.min, np.maximum: np.max,
    np.logical_and: np.all, np.logical_or: np.any,
}  # fmt: skip


def apply_ufunc(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Answer ``__array_ufunc__``: record what can be, and let NumPy do the rest on computed arrays."""
    outputs = kwargs.get("out", ())
    if any(overrides(i) for i in (*inputs, *outputs)):
        return NotImplemented
    if kwargs.get("where", True) is True:
        kwargs = {k: v for k, v in kwargs.items() if k != "where"}
    if method == "__call__":
        if not kwargs:
            return call(ufunc, inputs, ufunc)
        if ufunc is np.matmul and "out" not in kwargs:
            return matmul(*inputs, **kwargs)
        if set(kwargs) == {"out"} and len(outputs) == 1 and _store(ufunc, inputs, outputs[0]):
            return outputs[0]
    elif method == "reduce":
        recorded = _reduce(ufunc, *inputs, **kwargs)
        if recorded is not None:
            return recorded
    elif method == "accumulate":
        recorded = _accumulate(ufunc, *inputs, **kwargs)
        if recorded is not None:
            return recorded
    elif method == "outer" and not kwargs:
        recorded = _outer(ufunc, *inputs)
        if recorded is not None:
            return recorded
    return _by_numpy(ufunc, method, inputs, kwargs)


def _by_numpy(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    outputs = kwargs.get("out", ())
    options = {k: real(v) for k, v in kwargs.items() if k != "out"}
    if outputs:
        options["out"] = tuple([o.own_array() if type(o) is LazyArray else o for o in outputs])
    arguments = [real(i) for i in inputs]
    if method == "at" and type(inputs[0]) is LazyArray:
        arguments[0] = inputs[0].own_array()
    result = getattr(ufunc, method)(*arguments, **options)
    if outputs:
        given = {id(o): handle for o, handle in zip(options["out"], outputs, strict=True)}
        if isinstance(result, tuple):
            return tuple([given.get(id(r), r) for r in result])
        return given.get(id(result), result)
    return wrap_result(result)


def _store(ufunc: np.ufunc, inputs: Sequence[Any], output: Any) -> bool:
    """``ufunc(*inputs, out=output)`` as a new value of a lazy ``output``."""
    if type(output) is not LazyArray or not output._writeable:
        return False
    target = output._form_for_update()
    operands = [as_operand(i) for i in inputs]
    if target is None or any(o is None for o in operands):
        return False
    recorded = record_ufunc(ufunc, operands)  # type: ignore[arg-type]  # none is None
    if not isinstance(recorded, Form) or recorded.axes != target.axes:
        return False
    if not np.can_cast(recorded.dtype, target.dtype, "same_kind"):
        return False
    output._update(converted(recorded, target.dtype))
    return True


def _reduce(ufunc: np.ufunc, a: Any, axis: Any = 0, dtype: Any = None, **options: Any) -> Any:
    function = _REDUCTIONS.get(ufunc)
    if function is None or (dtype is not None and ufunc not in (np.add, np.multiply)):
        return None
    keepdims = options.pop("keepdims", False)
    if options.pop("out", (None,)) != (None,) or options:
        return None
    if dtype is not None:
        return HANDLERS[function](a, axis, dtype=dtype, keepdims=keepdims)
    return HANDLERS[function](a, axis, keepdims=keepdims)


def _accumulate(ufunc: np.ufunc, a: Any, axis: Any = 0, dtype: Any = None, **options: Any) -> Any:
    form = form_of(a)
    if form is None or dtype is not None or options.pop("out", (None,)) != (None,) or options:
        return None
    recorded = reduce.accumulate(form, ufunc.__name__, axis, None)
    return None if recorded is None else wrap_form(recorded, ufunc.__name__ + ".accumulate")


def _outer(ufunc: np.ufunc, a: Any, b: Any) -> Any:
    left, right = as_operand(a), as_operand(b)
    for operand in (left, right):
        if not isinstance(operand, (Form, np.ndarray)) or operand.ndim != 1:
            return None
    down = _with_axes(left, 1)
    across = _with_axes(right, 0)
    if not isinstance(down, Form) and not isinstance(across, Form):
        return None
    recorded = record_ufunc(ufunc, [down, across])
    return wrap_form(recorded, ufunc.__name__ + ".outer") if isinstance(recorded, Form) else None


def _with_axes(operand: Any, position: int) -> Any:
    if isinstance(operand, np.ndarray):
        return np.expand_dims(operand, position)
    return Form((operand.axes[0], 1) if position else (1, operand.axes[0]), operand.columns)


GROWING = frozenset({
    np.copy, np.reshape, np.ravel, np.transpose, np.expand_dims, np.squeeze, np.shape, np.ndim, np.size,
    np.full_like, np.zeros_like, np.ones_like, np.empty_like,
})  # fmt: skip
"""Functions that take no time on a small array, and whose results may be part of an outer product."""


def apply_function(function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Answer ``__array_function__``, and calls of the same functions with arrays that should become lazy."""
    handler = HANDLERS.get(function)
    soonest = (function not in GROWING and is_soonest_done(args)) or is_soonest_reduced(function, args)
    if handler is not None and not soonest:
        try:
            result = handler(*args, **kwargs)
        except TypeError:
            result = None  # arguments that NumPy knows, or complains of, and the handler does not
        if result is not None:
            return result
    result = function(*[exposed(a) for a in args], **{k: exposed(v) for k, v in kwargs.items()})
    for given in (*args, *kwargs.values()):
        if type(given) is LazyArray and result is given._array:
            return given
    return wrap_result(result)


def exposed(item: Any) -> Any:
    """``item`` with every lazy array in it an ndarray, which NumPy's function may write to or return."""
    if type(item) is LazyArray:
        return item.result()
    if type(item) in (list, tuple):
        return type(item)([exposed(i) for i in item])
    if type(item) is dict:
        return {key: exposed(value) for key, value in item.items()}
    return item
