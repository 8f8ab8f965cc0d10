"""``LazyArray``: an array whose values may still have to be computed."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from lazyframe.api import deferred
from lazyframe.api.array_state import ArrayState, is_worth_holding
from lazyframe.api.caller import asked_by_a_constructor, user_frame
from lazyframe.api.numpy.ownership import captured
from lazyframe.record.array_broadcast import ArrayOperand
from lazyframe.record.array_elementwise import kernel_operand, record_ufunc
from lazyframe.record.array_form import (
    Form,
    is_kernel_dtype,
    shape_of,
)
from lazyframe.record.array_indexing import (
    assign_form,
    expand_key,
    few_of_input,
    index_form,
    is_basic,
    with_new_axis,
)
from lazyframe.record.array_text import TextForm
from lazyframe.record.origin import origin_in
from lazyframe.settings import SMALLEST_HELD, current
from passes.ir.node import set_origin

_PLAIN = frozenset({int, float, bool})
_set = object.__setattr__


class LazyArray(ArrayState):
    """An array that is computed when its values are first needed.

    It is made by `lazyframe.numpy`, by ``Series.values``, and by computing with other lazy arrays, and it
    behaves as the `numpy.ndarray` that it stands for: ``isinstance(x, numpy.ndarray)`` holds, every function
    and ufunc of NumPy takes it, and every attribute and method of an ndarray works. Of zero dimensions it
    stands for a NumPy scalar, as a reduction of an ndarray would be.
    """

    __slots__ = ()

    # what an array says of itself --------------------------------------------------------------------

    @property
    def __class__(self) -> type:
        # isinstance() asks the type first and this second
        if asked_by_a_constructor():
            return LazyArray  # which pandas knows to ask for its values, and else would keep as it is
        return self.dtype.type if self.ndim == 0 else np.ndarray

    @__class__.setter
    def __class__(self, value: type) -> None:
        raise TypeError("the class of a LazyArray cannot be set")

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the dimensions; computes the length of a filtered array."""
        if self._array is not None:
            return self._array.shape
        assert self._form is not None
        return shape_of(self._form)

    @shape.setter
    def shape(self, shape: Any) -> None:
        self._set_attribute("shape", shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        size = 1
        for extent in self.shape:
            size *= extent
        return size

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self.size * self.itemsize

    def __len__(self) -> int:
        if self.ndim == 0:
            return len(self.values_for_reading())
        return self.shape[0]

    # everything else of an ndarray -------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        # without these two NumPy asks for __array__, which can keep track of what it gives out
        if name in ("__array_struct__", "__array_interface__"):
            raise AttributeError(name)
        if not hasattr(np.ndarray if self.ndim else self.dtype.type, name):
            raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}", name=name, obj=self)
        return getattr(self.result(), name)

    def _set_attribute(self, name: str, value: Any) -> None:
        self._check_writeable("assignment destination is read-only")
        array = self.own_array()
        setattr(array, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ArrayState.__slots__:
            _set(self, name, value)
        else:
            self._set_attribute(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*dir(np.ndarray), "explain"})

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if dtype is not None and np.dtype(dtype) != self.dtype:
            if copy is False:
                raise ValueError("Unable to avoid copy while creating an array as requested.")
            return self.values_for_reading().astype(dtype)
        return self.values_for_reading().copy() if copy else self.own_array()

    def __arrow_array__(self, type: Any = None) -> Any:  # noqa: A002  # pyarrow names it
        from lazyframe.api.array_arrow import arrow_of

        return arrow_of(np.asarray(self), type, user_frame())

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from lazyframe.api.numpy.dispatch import apply_ufunc

        if method == "__call__" and not kwargs:
            if any(overrides(i) for i in inputs):
                return NotImplemented
            return call(ufunc, inputs, ufunc)
        return apply_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from lazyframe.api.numpy.dispatch import apply_function

        return apply_function(function, args, kwargs)

    # indexing ----------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Any:
        form = self._form
        operand = None if isinstance(form, TextForm) else form
        if operand is None and self._is_indexed_lazily(key):
            operand = self._capture()
        if operand is not None:
            if self._writeable and type(key) is tuple:
                outer = with_new_axis(operand, key)
                if outer is not None:
                    return self._derive(outer, operator.itemgetter(key))
            keys = expand_key(_recorded_key(key), operand.ndim)
            if not self._writeable and keys is not None and is_basic(keys):
                few = few_of_input(operand, keys)
                if few is not None:
                    return few
            found = None if keys is None else index_form(operand, keys, current().min_rows)
            if found is not None:
                assert keys is not None
                if is_basic(keys):
                    return self._derive(found, lambda array: array[key])
                return LazyArray(found)
        if self.ndim == 0:
            return self.values_for_reading()[()][real_key(key)]
        if _is_integer(key):
            return self.own_array()[key] if self.ndim > 1 else self.values_for_reading()[key]
        return self.own_array()[real_key(key)]

    def _is_indexed_lazily(self, key: Any) -> bool:
        array = self._array
        if array is None or array.ndim == 0:
            return False
        return _adds_an_axis(key) or array.size >= current().min_rows

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.ndim == 0:
            self.values_for_reading()[()][key] = value  # raises: a NumPy scalar takes no assignment
        self._check_writeable("assignment destination is read-only")
        if not _is_integer(key):
            form = self._form_for_update()
            item = None if form is None else as_operand(value)
            if form is not None and item is not None:
                changed = assign_form(form, _recorded_key(key), item)
                if changed is not None:
                    self._update(mark(changed, "[]="))
                    return
        self.own_array()[real_key(key)] = real(value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.result())

    def __bytes__(self) -> bytes:
        return bytes(self.values_for_reading())  # and not of what iterating gives

    def __contains__(self, item: Any) -> bool:
        return real(item) in self.values_for_reading()

    # a scalar, or the error that NumPy raises of more ------------------------------------------------

    def _scalar(self) -> Any:
        array = self.values_for_reading()
        return array[()] if array.ndim == 0 else array

    def __bool__(self) -> bool:
        return bool(self._scalar())

    def __int__(self) -> int:
        return int(self._scalar())

    def __float__(self) -> float:
        return float(self._scalar())

    def __complex__(self) -> complex:
        return complex(self._scalar())

    def __index__(self) -> int:
        return operator.index(self._scalar())

    def __hash__(self) -> int:
        return hash(self._scalar())

    def __round__(self, digits: int | None = None) -> Any:
        scalar_value = self._scalar()
        return round(scalar_value) if digits is None else round(scalar_value, digits)

    def __format__(self, specification: str) -> str:
        return format(self._scalar(), specification)

    def __repr__(self) -> str:
        return repr(self._scalar())

    def __str__(self) -> str:
        return str(self._scalar())

    def __copy__(self) -> LazyArray:
        from lazyframe.api.numpy.shaping import copied

        made: LazyArray = copied(self)
        return made

    def __deepcopy__(self, memo: Any) -> LazyArray:
        return self.__copy__()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.result().__reduce_ex__(protocol)

    def explain(self, *, code: bool = False, analyze: bool = False) -> Any:
        """Say how this array is, or would be, computed.

        Parameters
        ----------
        code : bool
            Add the generated source.
        analyze : bool
            Run it, and add what was measured.
        """
        from lazyframe.api.explain import explain

        return explain(self, code=code, analyze=analyze)


def _adds_an_axis(key: Any) -> bool:
    if type(key) is tuple:
        for part in key:
            if part is None:
                return True
    return False


def _is_integer(key: Any) -> bool:
    return type(key) is int or issubclass(type(key), np.integer)


def overrides(item: Any) -> bool:
    """Whether an operand, a series say, has a say in what ufuncs do."""
    kind = type(item)
    if kind is LazyArray or kind in _PLAIN or issubclass(kind, (np.ndarray, np.generic, list, tuple)):
        return False
    return hasattr(kind, "__array_ufunc__")


def as_operand(item: Any) -> ArrayOperand | None:
    """What a recording takes for ``item``, captured if it is an array; None if it cannot be recorded."""
    kind = type(item)
    if kind is LazyArray:
        operand: ArrayOperand = item.operand()
        return None if type(operand) is np.ndarray and not is_kernel_dtype(operand.dtype) else operand
    if kind in _PLAIN:
        return item  # type: ignore[no-any-return]
    if isinstance(item, np.generic):
        return item if kernel_operand(item) else None
    if isinstance(item, (list, tuple)):
        item = np.asarray([real(i) for i in item])
        kind = np.ndarray
    if kind is not np.ndarray or not is_kernel_dtype(item.dtype):
        return None
    return item[()] if item.ndim == 0 else captured(item)


def real(item: Any) -> Any:
    """The computed array or scalar of a lazy one, for reading; anything else as it is."""
    return item._scalar() if type(item) is LazyArray else item


def real_key(key: Any) -> Any:
    """An index with nothing lazy in it."""
    return tuple([real(k) for k in key]) if isinstance(key, tuple) else real(key)


def _recorded_key(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple([_recorded_key_part(k) for k in key])
    return _recorded_key_part(key)


def _recorded_key_part(part: Any) -> Any:
    if type(part) is LazyArray:
        if part.ndim == 0:
            return part._scalar()
        if part.dtype != np.bool_:
            return part.values_for_reading().copy()
        return part.operand()
    if type(part) is list and part:
        part = np.asarray([real(i) for i in part])
    if type(part) is np.ndarray and part.dtype.kind in "biu":
        return captured(part)
    return part


def mark(form: Form, what: str, depth: int = 1) -> Form:
    """The form, its new columns knowing the user's line, ``depth`` or more frames above who asks."""
    columns = form._columns or ()
    if columns and columns[0].origin is not None:
        return form
    frame = user_frame(depth)
    if frame is None:
        return form
    origin = origin_in(frame, what)
    if not columns:
        form.asked_at(origin)
    for column in columns:
        if column.origin is None:
            set_origin(column, origin)
    return form


def wrap_form(form: Form, what: str) -> LazyArray:
    """A handle on what was just recorded."""
    return handle_on(mark(form, what))


def wrap_result(result: Any) -> Any:
    """Large arrays that NumPy has computed as lazy arrays, so that the program goes on lazily."""
    if type(result) is np.ndarray:
        return LazyArray(None, result) if is_worth_holding(result) else result
    if type(result) in (tuple, list):
        return type(result)([wrap_result(r) for r in result])
    return result


MOST_LISTED = 64
"""Arguments that are looked at in a list of arrays, or of anything."""


def is_soonest_done(arguments: Sequence[Any]) -> bool:
    """Whether everything is computed and the result of a row-wise operation is small: NumPy is quickest."""
    least = current().min_rows
    shape: tuple[int, ...] | None = None
    others: list[tuple[int, ...]] = []
    for item in arguments:
        kind = type(item)
        if kind is LazyArray:
            item = item._array
            if item is None:
                return False
        elif kind is list or kind is tuple:
            if len(item) > MOST_LISTED or not is_soonest_done(item):
                return False
            continue
        elif kind is not np.ndarray:
            continue
        if item.size >= least:
            return False
        if shape is None:
            shape = item.shape
        elif item.shape != shape:
            others.append(item.shape)
    if shape is None or not others:
        return least > 1
    try:
        return math.prod(np.broadcast_shapes(shape, *others)) < least
    except ValueError:
        return True


def _operand_beside(item: Any, waiting: bool) -> ArrayOperand:
    """What a recording takes for a computed lazy array: where others wait, one input however often used.

    Beside computed arrays alone it may turn out that nothing is recorded, and a copy is all that is needed.
    """
    if waiting and item._array.ndim == 1 and len(item._array) >= SMALLEST_HELD:
        kept: ArrayOperand = item._capture() or item.operand()
        return kept
    operand: ArrayOperand = item.operand()
    return operand


def _held(item: Any, operand: ArrayOperand) -> ArrayOperand:
    """``operand``, or what its handle holds in its place."""
    return _operand_beside(item, True) if type(operand) is np.ndarray and type(item) is LazyArray else operand


def call(ufunc: np.ufunc, inputs: Sequence[Any], otherwise: Callable[..., Any]) -> Any:
    """Record ``ufunc(*inputs)``, or do ``otherwise(*inputs)`` on computed arrays."""
    waiting = False
    for item in inputs:
        if type(item) is LazyArray and item._array is None:
            waiting = True
            break
    if not waiting and ufunc is not np.matmul and is_soonest_done(inputs):
        return wrap_result(otherwise(*[real(i) for i in inputs]))
    operands: list[ArrayOperand] = []
    lazy = waiting
    short = False
    for item in inputs:
        kind = type(item)
        if kind is LazyArray:
            operand = item._form or _operand_beside(item, waiting)
        elif kind in _PLAIN:
            operands.append(item)
            continue
        else:
            operand = as_operand(item)
            if operand is None:
                break
        kind = type(operand)
        if kind is TextForm or (isinstance(operand, np.ndarray) and not is_kernel_dtype(operand.dtype)):
            break
        lazy = lazy or kind is Form
        short = short or kind is np.ndarray
        operands.append(operand)
    else:
        if lazy:
            if short and not waiting:
                operands = [_held(*pair) for pair in zip(inputs, operands, strict=True)]
            recorded = record_ufunc(ufunc, operands)
            if type(recorded) is Form:
                return handle_on(mark(recorded, ufunc.__name__, depth=3))  # below the operator's method
            if type(recorded) is tuple:
                return tuple([wrap_form(form, ufunc.__name__) for form in recorded])
    if ufunc is np.matmul:
        from lazyframe.api.numpy.shaping import matmul

        return matmul(*inputs)
    return wrap_result(otherwise(*[real(i) for i in inputs]))


class _Open(ArrayState):
    """Becomes a `LazyArray`, and until then can be written to: each operation makes one."""

    __slots__ = ()


_new = object.__new__


def handle_on(form: Form | TextForm) -> LazyArray:
    """``LazyArray(form)``, in half the time."""
    made: Any = _new(_Open)
    made._array = made._captured = made._children = made._kept = made._parent = None
    made._borrowed = made._tied = False
    made._form = form
    made._writeable = True
    made.__class__ = LazyArray
    lazy: LazyArray = made
    return lazy


def _complete() -> None:
    deferred.array_kind = LazyArray
    # these modules are written in terms of the class, so they give it its methods once it exists
    from lazyframe.api.array_methods import define_methods
    from lazyframe.api.array_operators import define_operators

    define_operators()
    define_methods()


_complete()
