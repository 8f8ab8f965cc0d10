"""The methods of an ndarray that `LazyArray` records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray, real, wrap_form, wrap_result
from lazyframe.api.numpy.dispatch import apply_function
from lazyframe.api.numpy.handlers import form_of
from lazyframe.api.numpy.shaping import copied
from lazyframe.record.array_elementwise import converted
from lazyframe.record.array_form import is_kernel_dtype
from lazyframe.record.array_shapes import reshape

_FUNCTIONS = {
    "all": np.all, "any": np.any, "argmax": np.argmax, "argmin": np.argmin, "clip": np.clip,
    "cumprod": np.cumprod, "cumsum": np.cumsum, "dot": np.dot, "max": np.max, "mean": np.mean, "min": np.min,
    "prod": np.prod, "ravel": np.ravel, "round": np.round, "squeeze": np.squeeze, "std": np.std,
    "sum": np.sum, "var": np.var, "conj": np.conjugate, "conjugate": np.conjugate,
}  # fmt: skip
"""Methods whose arguments, after the array, are those of the function."""

_READING = (
    "argpartition", "argsort", "choose", "compress", "dump", "dumps", "item", "nonzero", "repeat",
    "searchsorted", "take", "tobytes", "tofile", "tolist", "trace",
)  # fmt: skip
"""Methods that neither write to the array nor return what shares its memory."""


def _by_function(name: str, function: Any) -> Callable[..., Any]:
    by_ndarray = _by_reading(name)

    def method(self: LazyArray, *args: Any, **kwargs: Any) -> Any:
        try:
            if isinstance(function, np.ufunc):
                return function(self, *args, **kwargs)
            return apply_function(function, (self, *args), kwargs)
        except TypeError:  # a method refuses arguments in other words than the function does
            return by_ndarray(self, *args, **kwargs)

    return method


def _by_reading(name: str) -> Callable[..., Any]:
    def method(self: LazyArray, *args: Any, **kwargs: Any) -> Any:
        options = {k: real(v) for k, v in kwargs.items()}
        return wrap_result(getattr(self._scalar(), name)(*[real(a) for a in args], **options))

    return method


def _reshape(self: LazyArray, *shape: Any, **options: Any) -> Any:
    if not options:
        return apply_function(np.reshape, (self, shape[0] if len(shape) == 1 else shape), {})
    return wrap_result(self.result().reshape(*shape, **options))


def _transpose(self: LazyArray, *axes: Any) -> Any:
    if not axes or axes == (None,):
        return apply_function(np.transpose, (self,), {})
    return wrap_result(self.result().transpose(*axes))


def _flatten(self: LazyArray, order: str = "C") -> Any:
    form = form_of(self)
    flat = reshape(form, (-1,)) if form is not None and order == "C" else None
    return wrap_form(flat, "flatten") if flat is not None else wrap_result(self.result().flatten(order))


def _copy(self: LazyArray, order: str = "C") -> Any:
    return copied(self)


def _astype(self: LazyArray, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True,
            copy: bool = True) -> Any:  # fmt: skip
    wanted = np.dtype(dtype)
    form = form_of(self)
    if form is None or casting != "unsafe" or order != "K" or not is_kernel_dtype(wanted):
        return wrap_result(self._scalar().astype(dtype, order=order, casting=casting, subok=subok, copy=copy))
    if not copy and wanted == self.dtype:
        return self
    return wrap_form(converted(form, wanted), "astype")


def define_methods() -> None:
    """Give `LazyArray` its methods."""
    for name, function in _FUNCTIONS.items():
        setattr(LazyArray, name, _by_function(name, function))
    for name in _READING:
        setattr(LazyArray, name, _by_reading(name))
    own = {
        "reshape": _reshape,
        "transpose": _transpose,
        "flatten": _flatten,
        "copy": _copy,
        "astype": _astype,
    }
    for name, method in own.items():
        setattr(LazyArray, name, method)
    transposed = property(lambda self: _transpose(self), doc="The array with its axes reversed.")
    setattr(LazyArray, "T", transposed)  # noqa: B010
