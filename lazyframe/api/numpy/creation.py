"""NumPy's functions that make arrays, making large ones lazy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.api.array import LazyArray, wrap_form, wrap_result
from lazyframe.api.array_state import is_short, is_worth_holding
from lazyframe.api.numpy.ownership import captured_argument, is_read_only
from lazyframe.record.array_form import Form, filled, is_kernel_dtype, vector
from lazyframe.record.elementwise import FLOAT64, INT64, cast
from lazyframe.settings import current
from passes.ir.rows import Range
from passes.ir.values import Literal, Map, RowNumber, Value

BOOL = np.dtype(np.bool_)
_ndarray = np.ndarray


def lifted(arguments: tuple[Any, ...], position: int) -> Any:
    """An argument, captured as a lazy array if it is a large plain one."""
    argument = arguments[position]
    if type(argument) is not np.ndarray or not is_worth_holding(argument):
        return argument
    argument = None
    array = captured_argument(arguments, position)
    made = LazyArray(None, array, writeable=not is_read_only(array))
    made._borrowed = not made._writeable
    return made


def asarray(*args: Any, **kwargs: Any) -> Any:
    """`numpy.asarray`; of a large array a lazy one of its present values."""
    if len(args) == 1 and not kwargs and type(args[0]) is _ndarray and args[0].size < settings.held_from:
        return args[0]
    return _from_array(np.asarray, args, kwargs, copy=False)


def asanyarray(*args: Any, **kwargs: Any) -> Any:
    """`numpy.asanyarray`; of a large array a lazy one of its present values."""
    return _from_array(np.asanyarray, args, kwargs, copy=False)


def ascontiguousarray(*args: Any, **kwargs: Any) -> Any:
    """`numpy.ascontiguousarray`; of a large array a lazy one of its present values."""
    return _from_array(np.ascontiguousarray, args, kwargs, copy=False)


def array(*args: Any, **kwargs: Any) -> Any:
    """`numpy.array`; a large one lazy."""
    return _from_array(np.array, args, kwargs, copy=True)


def _from_array(make: Any, args: tuple[Any, ...], kwargs: dict[str, Any], copy: bool) -> Any:
    given = args[0] if args else None
    if type(given) is LazyArray and not kwargs and len(args) <= 2:
        dtype = given.dtype if len(args) == 1 or args[1] is None else np.dtype(args[1])
        if dtype == given.dtype:
            return given.copy() if copy else given
        return given.astype(dtype)
    if type(given) is np.ndarray and len(args) == 1 and not kwargs and is_worth_holding(given):
        if copy:
            return LazyArray(None, np.array(given))
        del given
        return lifted(args, 0)
    result = make(*args, **kwargs)
    if result is given:
        return result
    # an array that somebody gave us stays theirs; what NumPy has just made is wrapped
    for one in args:
        if result is one or getattr(result, "base", None) is one:
            return result
    return wrap_result(result)


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, *args: Any, **kwargs: Any) -> Any:
    """`numpy.linspace`; a long one is recorded."""
    plain = isinstance(start, (int, float)) and isinstance(stop, (int, float)) and isinstance(num, int)
    if plain and is_short(num):
        return np.linspace(start, stop, num, endpoint, *args, **kwargs)
    plain = plain and not args
    if not plain or num < max(current().min_rows, 2) or kwargs.keys() - {"dtype"}:
        return wrap_result(np.linspace(start, stop, num, endpoint, *args, **kwargs))
    first, last = float(start), float(stop)
    delta = last - first
    step = delta / (num - 1 if endpoint else num)
    if step == 0 or kwargs.get("dtype") not in (None, float, FLOAT64):
        return wrap_result(np.linspace(start, stop, num, endpoint, **kwargs))
    # NumPy's own two operations, in its order, and its exact last value
    number = RowNumber(Range(num))
    scaled = Map("multiply", (cast(number, FLOAT64), Literal(step, FLOAT64)), FLOAT64)
    values: Value = Map("add", (scaled, Literal(first, FLOAT64)), FLOAT64)
    if endpoint:
        at_end = Map("equal", (number, Literal(num - 1, INT64)), BOOL)
        values = Map("select", (at_end, Literal(last, FLOAT64), values), FLOAT64)
    return wrap_form(vector(values), "linspace")


def arange(*args: Any, **kwargs: Any) -> Any:
    """`numpy.arange`; a long one of integers is recorded."""
    if kwargs or not 1 <= len(args) <= 3 or any(type(a) is not int for a in args):
        return wrap_result(np.arange(*args, **kwargs))
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    many = len(range(start, stop, step)) if step else 0
    if is_short(many):
        return np.arange(*args)
    if many < max(current().min_rows, 1) or max(abs(start), abs(stop), abs(step)) >= 2**62:
        return wrap_result(np.arange(*args))
    scaled = Map("multiply", (RowNumber(Range(many)), Literal(step, INT64)), INT64)
    return wrap_form(vector(Map("add", (scaled, Literal(start, INT64)), INT64)), "arange")


def _filling(make: Any, value: Any) -> Callable[..., Any]:
    def function(shape: Any, dtype: Any = float, order: str = "C", **kwargs: Any) -> Any:
        if type(shape) is int and is_short(shape):
            return make(shape, dtype, order, **kwargs)
        found = _filled(shape, value, np.dtype(dtype or float)) if order == "C" and not kwargs else None
        return wrap_result(make(shape, dtype, order, **kwargs)) if found is None else found

    function.__name__ = function.__qualname__ = make.__name__
    function.__doc__ = make.__doc__
    return function


zeros = _filling(np.zeros, 0)
ones = _filling(np.ones, 1)


def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", **kwargs: Any) -> Any:
    """`numpy.full`; a large one is recorded."""
    make: Any = np.full
    if type(shape) is int and is_short(shape):
        return make(shape, fill_value, dtype, order, **kwargs)
    if isinstance(fill_value, (int, float, np.generic)) and order == "C" and not kwargs:
        wanted = np.asarray(fill_value).dtype if dtype is None else np.dtype(dtype)
        found = _filled(shape, fill_value, wanted)
        if found is not None:
            return found
    return wrap_result(make(shape, fill_value, dtype, order, **kwargs))


def _filled(shape: Any, value: Any, dtype: np.dtype) -> LazyArray | None:
    extents = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if len(extents) != 1 or type(extents[0]) is not int or not is_kernel_dtype(dtype):
        return None
    if extents[0] < max(current().min_rows, 1):
        return None
    form: Form = filled((Range(extents[0]),), Literal(np.full((), value, dtype)))
    return wrap_form(form, "full")


def _wrapping(make: Any) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        return wrap_result(make(*args, **kwargs))

    function.__name__ = function.__qualname__ = make.__name__
    function.__doc__ = make.__doc__
    return function


_MADE_ANEW = ("fromfile", "fromiter", "genfromtxt", "geomspace", "load", "loadtxt", "logspace")
CREATION: dict[str, Callable[..., Any]] = {
    "asarray": asarray, "asanyarray": asanyarray, "ascontiguousarray": ascontiguousarray, "array": array,
    "linspace": linspace, "arange": arange, "zeros": zeros, "ones": ones, "full": full,
    **{name: _wrapping(getattr(np, name)) for name in _MADE_ANEW},
}  # fmt: skip
"""By the names that `numpy` gives them. ``empty`` is NumPy's: it is asked for to be written into."""
