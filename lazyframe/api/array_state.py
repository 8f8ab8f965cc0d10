"""What a lazy array is while it is recorded, computed, and shared with others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Self
from weakref import ref

import numpy as np

from lazyframe import settings
from lazyframe.api.numpy.ownership import is_read_only, memory_is_private
from lazyframe.record.array_broadcast import ArrayOperand
from lazyframe.record.array_form import (
    Axis,
    Form,
    assemble,
    form_of_array,
    is_kernel_dtype,
    remember_length,
    scalar,
    vector,
)
from lazyframe.record.array_text import TextForm
from lazyframe.settings import current
from passes.ir.values import Read, Value, View

SMALL = 4096
"""Elements up to which a computed array enters a recording as a copy: constants, or one short column."""

_set = object.__setattr__


class ArrayState:
    """The state of a lazy array.

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
        "_kept",
        "_parent",
        "_tied",
        "_view",
        "_writeable",
    )

    _array: np.ndarray | None
    _borrowed: bool
    _captured: tuple[tuple[Axis, ...], tuple[ref[Value], ...], bool] | None
    _children: list[ref[Self]] | None
    _form: Form | TextForm | None
    _kept: list[Value] | None
    _parent: Self | None
    _tied: bool
    _view: Callable[[np.ndarray], np.ndarray]
    _writeable: bool

    def __init__(
        self, form: Form | TextForm | None, array: np.ndarray | None = None, writeable: bool = True
    ) -> None:
        _set_form(self, form)
        _set_array(self, array)
        _set_borrowed(self, False)
        _set_captured(self, None)
        _set_children(self, None)
        _set_kept(self, None)
        _set_parent(self, None)
        _set_tied(self, False)
        _set_writeable(self, writeable)

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

    # to and from the graph ---------------------------------------------------------------------------

    @classmethod
    def from_value(cls, value: Value, *, writeable: bool = False) -> Self:
        """An array of a column or scalar of the graph.

        Parameters
        ----------
        value : Value
            Of a dtype that kernels hold.
        writeable : bool
            Whether it may be assigned to. pandas gives out the values of a series read-only.
        """
        return cls(scalar(value) if value.rows is None else vector(value), writeable=writeable)

    @classmethod
    def from_columns(cls, columns: Sequence[Value], *, writeable: bool = False) -> Self:
        """An n-by-k array of k columns of one row space and one dtype, as a frame gives it out."""
        rows = columns[0].rows
        assert rows is not None
        return cls(Form((rows, len(columns)), tuple(columns), by_column=True), writeable=writeable)

    @property
    def value(self) -> Value | None:
        """The column of a one-dimensional array, or the scalar of a zero-dimensional one, in the graph.

        None where the graph cannot hold the array.
        """
        form = self.as_form()
        if form is None or len(form.columns) != 1 or form.ndim > 1:
            return None
        return form.columns[0]

    def text(self) -> TextForm | None:
        """What this array is if it is text that was not computed."""
        return self._form if isinstance(self._form, TextForm) else None

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
        columns = form.columns
        array = np.asarray(assemble(form, results)) if form.axes else np.asarray(results[0])
        remember_length(form, array.shape)
        shared = len(columns) == 1 and (isinstance(columns[0], Read) or not array.flags.writeable)
        _set_borrowed(self, shared)
        _set_array(self, array)
        if not shared:
            _set_form(self, None)

    def values_for_reading(self) -> np.ndarray:
        """The computed array; the caller neither writes to it nor gives it out nor keeps it."""
        if self._array is None:
            form = self._form
            assert form is not None
            seen = _seen_in_memory(form)
            if seen is None:
                from lazyframe.run.execute import compute

                self.fulfil(compute(form.columns))
            else:
                self.fulfil([seen])
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
            return self.values_for_reading() if isinstance(form, TextForm) else form
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
            return None if isinstance(form, TextForm) else form
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
            axes, references, by_column = kept
            if len(references) == 1:  # as most have, and this is quicker
                only = references[0]()
                if only is not None:
                    return Form(axes, (only,), by_column)
            alive = [reference() for reference in references]
            columns = tuple([column for column in alive if column is not None])
            if len(columns) == len(references):
                return Form(axes, columns, by_column)
        array = self._array
        assert array is not None
        if not is_kernel_dtype(array.dtype) or array.ndim > 2:
            return None
        private = sys.getrefcount(array) == _ALONE and memory_is_private(array)
        mine = private or is_read_only(array)
        form = form_of_array(array if mine else array.copy(order="K"))
        if form is not None and mine:
            _set(self, "_captured", (form.axes, tuple([ref(c) for c in form.columns]), form.by_column))
            # whoever gets a private array gets it from us, who forget then: the next program finds its inputs
            _set(self, "_kept", list(form.columns) if private else None)
        return form

    def _captured_alive(self) -> bool:
        captured = self._captured
        if captured is None:
            return False
        if self._kept is not None:
            return any(_holders(self._kept, place) != _KEPT_ALONE for place in range(len(self._kept)))
        return any(reference() is not None for reference in captured[1])

    def _forget_captured(self) -> None:
        _set(self, "_captured", None)
        _set(self, "_kept", None)

    # families of views -------------------------------------------------------------------------------

    def _derive(self, form: Form, view: Callable[[np.ndarray], np.ndarray]) -> Self:
        """A handle on what NumPy would answer with a view of this array."""
        child = type(self)(form, writeable=self._writeable)
        if form.ndim == 0 or not self._writeable:
            return child
        _set_parent(child, self)
        _set_view(child, view)
        children = [] if self._children is None else [c for c in self._children if c() is not None]
        children.append(ref(child))
        _set_children(self, children)
        return child

    def _family(self) -> list[Self]:
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

    def _is_single(self) -> bool:
        """Whether nobody has a view of this array, nor a graph the array, as of most results."""
        return (
            self._children is None and self._parent is None and self._captured is None and not self._borrowed
        )

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
        only = self._array
        if only is not None and self._form is None and self._is_single():
            return only
        family = self._family()
        root = family[0]
        array = root.values_for_reading()
        fresh = root._borrowed or any(member._captured_alive() for member in family)
        if fresh:
            locked = not root._borrowed and not array.flags.writeable
            array = array.copy(order="K")
            array.flags.writeable = not locked
        root._become(array)
        for member in family[1:]:
            if fresh or not member._tied:
                parent = member._parent
                assert parent is not None
                assert parent._array is not None
                member._become(member._view(parent._array))
                _set(member, "_tied", True)
        mine = self._array
        assert mine is not None
        return mine

    def _become(self, array: np.ndarray) -> None:
        _set(self, "_array", array)
        _set(self, "_form", None)
        self._forget_captured()
        _set(self, "_borrowed", False)

    def _update(self, form: Form) -> None:
        """Rebind to a new value; other handles keep the old one."""
        _set(self, "_form", form)
        _set(self, "_array", None)
        self._forget_captured()
        _set(self, "_borrowed", False)

    def _form_for_update(self) -> Form | None:
        """The form if a functional update is unseen by everybody else: nobody shares memory with us."""
        if not self._is_alone():
            return None
        if self._form is not None:
            return None if isinstance(self._form, TextForm) else self._form
        array = self._array
        if array is None or array.size < current().min_rows or not array.flags.writeable:
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


def _seen_in_memory(form: Form | TextForm) -> np.ndarray | None:
    """A slice of a column in memory as NumPy's view, which may not be written to; None of any other array."""
    only = form.columns[0]
    if form.ndim != 1 or type(only) is not View:
        return None
    from lazyframe.run.slicing import slice_in_memory  # with what runs programs

    return slice_in_memory(only)


# each operation makes a handle: its slots' own setters take half the time of `object.__setattr__`
_set_form = vars(ArrayState)["_form"].__set__
_set_array = vars(ArrayState)["_array"].__set__
_set_borrowed = vars(ArrayState)["_borrowed"].__set__
_set_captured = vars(ArrayState)["_captured"].__set__
_set_children = vars(ArrayState)["_children"].__set__
_set_kept = vars(ArrayState)["_kept"].__set__
_set_parent = vars(ArrayState)["_parent"].__set__
_set_tied = vars(ArrayState)["_tied"].__set__
_set_view = vars(ArrayState)["_view"].__set__
_set_writeable = vars(ArrayState)["_writeable"].__set__


def is_worth_holding(array: np.ndarray) -> bool:
    """Whether an array gets a handle that records: what comes of it may be large enough to fuse."""
    size = array.size
    if size < settings.held_from:
        return False
    if size < max(settings._current.min_rows, 1) and (size < settings.SMALLEST_HELD or array.ndim != 1):
        return False
    return 1 <= array.ndim <= 2 and is_kernel_dtype(array.dtype)


def is_short(length: int) -> bool:
    """Whether no vector of so many elements gets a handle."""
    return length < settings.held_from


def is_small(array: np.ndarray) -> bool:
    """Whether a computed array enters a recording as a copy."""
    return array.size <= SMALL and array.size < current().min_rows


# the count of references to an array that only its handle holds, taken where and as `_capture` takes it
def _count(handle: ArrayState) -> int:
    array = handle._array
    assert array is not None
    return sys.getrefcount(array)


_ALONE = _count(ArrayState(None, np.empty(1)))


def _holders(kept: list[Value], place: int) -> int:
    return sys.getrefcount(kept[place])


# the count of references to a column that only the handle keeps
_KEPT_ALONE = _holders([form_of_array(np.empty(1)).columns[0]], 0)  # type: ignore[union-attr]  # one of float64
