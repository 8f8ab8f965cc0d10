"""``LazyArray``: an array whose values may still have to be computed."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from weakref import ref

import numpy as np

from lazyframe.api.caller import user_frame
from lazyframe.api.numpy.ownership import captured, memory_is_private
from lazyframe.record.array_broadcast import ArrayOperand
from lazyframe.record.array_elementwise import kernel_operand, record_ufunc
from lazyframe.record.array_form import (
    Form,
    assemble,
    form_of_array,
    is_kernel_dtype,
    remember_length,
    scalar,
    shape_of,
    vector,
)
from lazyframe.record.array_indexing import assign_form, expand_key, index_form, is_basic
from lazyframe.run.execute import compute
from lazyframe.settings import current
from passes.ir.node import Origin
from passes.ir.values import Read, Value

SMALL = 4096
"""Elements up to which a computed array enters a recording as a copy: constants, or one short column."""

_PLAIN = frozenset({int, float, bool})
_set = object.__setattr__


class LazyArray:
    """An array that is computed when its values are first needed.

    It is made by `lazyframe.numpy`, by ``Series.values``, and by computing with other lazy arrays, and it
    behaves as the `numpy.ndarray` that it stands for: ``isinstance(x, numpy.ndarray)`` holds, every function
    and ufunc of NumPy takes it, and every attribute and method of an ndarray works. Of zero dimensions it
    stands for a NumPy scalar, as a reduction of an ndarray would be.

    Notes
    -----
    The states of a handle: `_form` alone is recorded and not computed; `_form` and `_array` is computed,
    and the array is not ours to write to; `_array` alone is computed and ours. Handles that NumPy would have
    sharing memory are a family, each knowing the handle that it is a view of. Before one of a family is
    written to, or given out as an ndarray, which may be written to, all of it becomes ndarrays that do share.
    """

    __slots__ = (
        "__weakref__",
        "_array",
        "_borrowed",
        "_captured",
        "_children",
        "_form",
        "_parent",
        "_tied",
        "_view",
        "_writeable",
    )

    _array: np.ndarray | None
    _form: Form | None

    def __init__(self, form: Form | None, array: np.ndarray | None = None, writeable: bool = True) -> None:
        _set(self, "_form", form)
        _set(self, "_array", array)
        _set(self, "_borrowed", False)
        _set(self, "_captured", None)
        _set(self, "_children", None)
        _set(self, "_parent", None)
        _set(self, "_tied", False)
        _set(self, "_view", None)
        _set(self, "_writeable", writeable)

    # to and from the graph ---------------------------------------------------------------------------

    @staticmethod
    def from_value(value: Value, *, writeable: bool = False) -> LazyArray:
        """An array of a column or scalar of the graph.

        Parameters
        ----------
        value : Value
            Of a dtype that kernels hold.
        writeable : bool
            Whether it may be assigned to. pandas gives out the values of a series read-only.
        """
        return LazyArray(scalar(value) if value.rows is None else vector(value), writeable=writeable)

    @staticmethod
    def from_columns(columns: Sequence[Value], *, writeable: bool = False) -> LazyArray:
        """An n-by-k array of k columns of one row space and one dtype."""
        rows = columns[0].rows
        assert rows is not None
        return LazyArray(Form((rows, len(columns)), tuple(columns)), writeable=writeable)

    @property
    def value(self) -> Value | None:
        """The column of a one-dimensional array, or the scalar of a zero-dimensional one, in the graph.

        None where the graph cannot hold the array.
        """
        form = self.as_form()
        if form is None or len(form.columns) != 1 or form.ndim > 1:
            return None
        return form.columns[0]

    @property
    def pending(self) -> tuple[Value, ...] | None:
        """What has to be computed for this array; None if it is computed."""
        form = self._form
        return None if form is None or self._array is not None else form.columns

    def fulfil(self, results: list[Any]) -> None:
        """Take the results of computing `pending`; each is given to one handle only, or is read-only."""
        form = self._form
        if form is None or self._array is not None:
            return
        array = np.asarray(assemble(form, results)) if form.axes else np.asarray(results[0])
        remember_length(form, array.shape)
        shared = len(form.columns) == 1 and (isinstance(form.columns[0], Read) or not array.flags.writeable)
        _set(self, "_borrowed", shared)
        _set(self, "_array", array)
        if not shared:
            _set(self, "_form", None)

    def values_for_reading(self) -> np.ndarray:
        """The computed array; the caller neither writes to it nor gives it out nor keeps it."""
        if self._array is None:
            form = self._form
            assert form is not None
            self.fulfil(compute(form.columns))
        array = self._array
        assert array is not None
        return array

    def result(self) -> Any:
        """What NumPy would have returned: a scalar of zero dimensions, else an ndarray that is the user's."""
        return self.values_for_reading()[()] if self.ndim == 0 else self.own_array()

    def operand(self) -> ArrayOperand:
        """What a recording uses: a form, a scalar, or an array that the graph can, or need, not hold."""
        form = self._form
        if form is not None:
            return form
        array = self._array
        assert array is not None
        if array.ndim == 0:
            return array[()]
        if is_small(array):
            return array.copy()
        del array  # or it would be one more reference, and look as if somebody held the array
        form = self._capture()
        return self.values_for_reading() if form is None else form

    def as_form(self) -> Form | None:
        """This array in the graph, whatever its size."""
        form = self._form
        if form is not None:
            return form
        array = self._array
        assert array is not None
        if array.ndim == 0:
            from lazyframe.run.bindings import bind_scalar

            return scalar(bind_scalar(array.dtype.type(array[()]))) if is_kernel_dtype(array.dtype) else None
        del array
        return self._capture()

    def _capture(self) -> Form | None:
        kept = self._captured
        if kept is not None:
            axes, references = kept
            columns = [reference() for reference in references]
            if all(c is not None for c in columns):
                return Form(axes, tuple(columns))
        array = self._array
        assert array is not None
        if not is_kernel_dtype(array.dtype) or array.ndim > 2:
            return None
        mine = sys.getrefcount(array) == _ALONE and memory_is_private(array)
        form = form_of_array(array if mine else array.copy(order="K"))
        if form is not None and mine:
            _set(self, "_captured", (form.axes, tuple([ref(c) for c in form.columns])))
        return form

    def _captured_alive(self) -> bool:
        kept = self._captured
        return kept is not None and any(reference() is not None for reference in kept[1])

    # families of views -------------------------------------------------------------------------------

    def _derive(self, form: Form, view: Callable[[np.ndarray], np.ndarray]) -> LazyArray:
        """A handle on what NumPy would answer with a view of this array."""
        child = LazyArray(form, writeable=self._writeable)
        if form.ndim == 0 or not self._writeable:
            return child
        _set(child, "_parent", self)
        _set(child, "_view", view)
        alive = [c for c in self._children or () if c() is not None]
        _set(self, "_children", [*alive, ref(child)])
        return child

    def _family(self) -> list[LazyArray]:
        """The handle that all the others are views of, then those, each after what it is a view of."""
        root = self
        while root._parent is not None:
            root = root._parent
        found = [root]
        for member in found:
            for reference in member._children or ():
                child = reference()
                if child is not None:
                    found.append(child)
        return found

    def _is_alone(self) -> bool:
        return self._parent is None and not any(c() is not None for c in self._children or ())

    def own_array(self) -> np.ndarray:
        """The computed array, which may now be written to and given out; read-only if this handle is."""
        if not self._writeable:
            view = self.values_for_reading().view()
            view.flags.writeable = False
            return view
        if self.ndim == 0:
            return self.values_for_reading().copy()
        family = self._family()
        root = family[0]
        array = root.values_for_reading()
        fresh = root._borrowed or any(member._captured_alive() for member in family)
        if fresh:
            array = array.copy(order="K")
        root._become(array)
        for member in family[1:]:
            if fresh or not member._tied:
                parent = member._parent
                assert parent is not None
                member._become(member._view(parent._array))
                _set(member, "_tied", True)
        mine = self._array
        assert mine is not None
        return mine

    def _become(self, array: np.ndarray) -> None:
        _set(self, "_array", array)
        _set(self, "_form", None)
        _set(self, "_captured", None)
        _set(self, "_borrowed", False)

    def _update(self, form: Form) -> None:
        """Rebind to a new value; other handles keep the old one."""
        _set(self, "_form", form)
        _set(self, "_array", None)
        _set(self, "_captured", None)
        _set(self, "_borrowed", False)

    def _form_for_update(self) -> Form | None:
        """The form if a functional update is unseen by everybody else: nobody shares memory with us."""
        if not self._is_alone():
            return None
        if self._form is not None:
            return self._form
        array = self._array
        if array is None or array.size < current().min_rows:
            return None
        kept = self._captured
        # what is bound for our own captures refers to the array too: itself, or a view for each column
        ours = 0 if kept is None else sum(reference() is not None for reference in kept[1])
        if sys.getrefcount(array) != _ALONE + ours or not memory_is_private(array):
            return None
        del array
        return self._capture()

    def _check_writeable(self, message: str) -> None:
        if not self._writeable:
            raise ValueError(message)

    # what an array says of itself --------------------------------------------------------------------

    @property
    def __class__(self) -> type:
        # isinstance() asks the type first and this second
        return self.dtype.type if self.ndim == 0 else np.ndarray

    @__class__.setter
    def __class__(self, value: type) -> None:
        raise TypeError("the class of a LazyArray cannot be set")

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the elements."""
        form = self._form
        return self._array.dtype if form is None else form.dtype  # type: ignore[union-attr]

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        form = self._form
        return self._array.ndim if form is None else len(form.axes)  # type: ignore[union-attr]

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
        if name in LazyArray.__slots__:
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
        operand = self._form
        if operand is None and self._array is not None and self.ndim and not is_small(self._array):
            operand = self._capture()
        if operand is not None:
            keys = expand_key(_recorded_key(key), operand.ndim)
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
        from lazyframe.api.numpy.functions import copied

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


# the count of references to an array that only its handle holds, taken where and as `_capture` takes it
def _count(handle: LazyArray) -> int:
    array = handle._array
    assert array is not None
    return sys.getrefcount(array)


_ALONE = _count(LazyArray(None, np.empty(1)))


def is_small(array: np.ndarray) -> bool:
    """Whether a computed array enters a recording as a copy, and NumPy indexes it."""
    return array.size <= SMALL and array.size < current().min_rows


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
        return operand
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


def mark(form: Form, what: str) -> Form:
    """The form, its new columns knowing the user's line."""
    column = form.columns[0]
    if column.origin is None:
        frame = user_frame()
        if frame is not None:
            origin = Origin(frame.f_code.co_filename, frame.f_lineno, what)
            for column in form.columns:
                if column.origin is None:
                    column.origin = origin
    return form


def wrap_form(form: Form, what: str) -> LazyArray:
    """A handle on what was just recorded."""
    return LazyArray(mark(form, what))


def wrap_result(result: Any) -> Any:
    """Large arrays that NumPy has computed as lazy arrays, so that the program goes on lazily."""
    if type(result) is np.ndarray:
        large = 1 <= result.ndim <= 2 and result.size >= max(current().min_rows, 1)
        return LazyArray(None, result) if large and is_kernel_dtype(result.dtype) else result
    if type(result) in (tuple, list):
        return type(result)([wrap_result(r) for r in result])
    return result


def call(ufunc: np.ufunc, inputs: Sequence[Any], otherwise: Callable[..., Any]) -> Any:
    """Record ``ufunc(*inputs)``, or do ``otherwise(*inputs)`` on computed arrays."""
    operands: list[ArrayOperand] = []
    lazy = False
    for item in inputs:
        kind = type(item)
        if kind is LazyArray:
            operand = item._form or item.operand()
        elif kind in _PLAIN:
            operand = item
        else:
            operand = as_operand(item)
            if operand is None:
                break
        lazy = lazy or type(operand) is Form
        operands.append(operand)
    else:
        if lazy:
            recorded = record_ufunc(ufunc, operands)
            if type(recorded) is Form:
                return LazyArray(mark(recorded, ufunc.__name__))
            if type(recorded) is tuple:
                return tuple([wrap_form(form, ufunc.__name__) for form in recorded])
    if ufunc is np.matmul:
        from lazyframe.api.numpy.functions import matmul

        return matmul(*inputs)
    return wrap_result(otherwise(*[real(i) for i in inputs]))


def _complete() -> None:
    # these modules are written in terms of the class, so they give it its methods once it exists
    from lazyframe.api.array_methods import define_methods
    from lazyframe.api.array_operators import define_operators

    define_operators()
    define_methods()


_complete()
