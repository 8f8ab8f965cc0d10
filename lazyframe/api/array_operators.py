"""The operators of `LazyArray`: each is a ufunc, recorded, or the operator itself on computed arrays."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray, as_operand, call, mark, overrides, real, wrap_result
from lazyframe.record.array_elementwise import converted, record_ufunc
from lazyframe.record.array_form import Form


def _binary(ufunc: np.ufunc, plain: Callable[[Any, Any], Any]) -> Callable[[LazyArray, Any], Any]:
    def method(self: LazyArray, other: Any) -> Any:
        if type(other) is not LazyArray and overrides(other):
            return NotImplemented
        if ufunc is np.power and self.dtype.kind == "b":
            return wrap_result(plain(real(self), real(other)))  # squares of booleans are int8 to ** alone
        return call(ufunc, (self, other), plain)

    return method


def _reflected(ufunc: np.ufunc, plain: Callable[[Any, Any], Any]) -> Callable[[LazyArray, Any], Any]:
    def method(self: LazyArray, other: Any) -> Any:
        return call(ufunc, (other, self), plain)

    return method


def _unary(ufunc: np.ufunc, plain: Callable[[Any], Any]) -> Callable[[LazyArray], Any]:
    def method(self: LazyArray) -> Any:
        return call(ufunc, (self,), plain)

    return method


def _in_place(ufunc: np.ufunc, plain: Callable[[Any, Any], Any]) -> Callable[[LazyArray, Any], Any]:
    def method(self: LazyArray, other: Any) -> Any:
        if self.ndim == 0 or (type(other) is not LazyArray and overrides(other)):
            return NotImplemented  # a NumPy scalar cannot change: the name is bound to a new one
        self._check_writeable("output array is read-only")
        form = self._form_for_update()
        item = None if form is None else as_operand(other)
        if form is not None and item is not None:
            changed = record_ufunc(ufunc, [form, item])
            fits = isinstance(changed, Form) and changed.axes == form.axes
            if isinstance(changed, Form) and fits and np.can_cast(changed.dtype, self.dtype, "same_kind"):
                self._update(mark(converted(changed, self.dtype), ufunc.__name__))
                return self
        other = real(other)
        plain(self.own_array(), other)
        return self

    return method


_OPERATORS = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "floordiv": np.floor_divide,
    "mod": np.remainder, "pow": np.power, "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
    "lshift": np.left_shift, "rshift": np.right_shift, "matmul": np.matmul, "divmod": np.divmod,
}  # fmt: skip
_PLAIN_OPERATORS = {"and": operator.and_, "or": operator.or_, "divmod": divmod}
_COMPARISONS = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal,
    "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip

_UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}


def define_operators() -> None:
    """Give `LazyArray` its operators."""
    for name, ufunc in _OPERATORS.items():
        plain = _PLAIN_OPERATORS.get(name) or getattr(operator, name)
        setattr(LazyArray, f"__{name}__", _binary(ufunc, plain))
        setattr(LazyArray, f"__r{name}__", _reflected(ufunc, plain))
        if name != "divmod":
            setattr(LazyArray, f"__i{name}__", _in_place(ufunc, getattr(operator, "i" + name)))
    for name, ufunc in _COMPARISONS.items():
        setattr(LazyArray, f"__{name}__", _binary(ufunc, getattr(operator, name)))
    for name, ufunc in _UNARY.items():
        setattr(LazyArray, f"__{name}__", _unary(ufunc, getattr(operator, name)))
