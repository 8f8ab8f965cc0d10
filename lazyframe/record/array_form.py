"""What an array is in the graph: axes, each a row space or a few columns, and one value per column.

A vector is ``(rows,)`` and one column. An n-by-k array of few columns is ``(rows, k)`` and k columns of one
row space, its transpose ``(k, rows)`` and the same columns. A scalar is ``()``, a few scalars ``(k,)``. What
NumPy broadcasts from n-by-1 and 1-by-m is ``(rows, rows)`` and one column of their `Product`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from lazyframe.record.array_text import TextForm
from lazyframe.record.elementwise import KINDS, cast
from lazyframe.run.bindings import bind_array, bind_scalar, data_of
from passes.ir.node import Origin, set_origin
from passes.ir.rows import Filter, Product, Range, Rows, Slice, Sort
from passes.ir.values import Literal, Outer, Read, Reduce, RowNumber, Value, View

MOST_COLUMNS = 64
"""An array of more columns is one matrix to NumPy: that many pointers would not stay in registers."""

Axis = Rows | int
BOOL = np.dtype(np.bool_)


MOST_DEPTH = 30
"""Forms that are made of unmade ones, and these of others: past so many, all of them are made at once."""


class Form:
    """An array as values of the graph.

    Parameters
    ----------
    axes : tuple of Rows or int
        At most two. An int is an axis of that many columns.
    columns : tuple of Value
        One for each index of the int axes, in C order, all of one dtype; each over the `Rows` axis, the
        `Product` of both, or, where there is none, a scalar.
    by_column : bool
        Whether the elements of a column of several lie side by side in memory, as those of a frame's array
        do, and of what NumPy makes of it element by element; else those of a row.
    """

    __slots__ = ("_asked", "_columns", "_dtype", "_make", "axes", "by_column", "depth")

    def __init__(self, axes: tuple[Axis, ...], columns: tuple[Value, ...], by_column: bool = False) -> None:
        self.axes = axes
        self.by_column = by_column
        self._columns: tuple[Value, ...] | None = columns
        self._make: Callable[[], tuple[Value, ...]] | None = None
        self._asked: Origin | None = None
        self._dtype: np.dtype | None = None
        self.depth = 0
        """How many forms one after the other may have to make columns before these are made."""

    @classmethod
    def later(
        cls,
        axes: tuple[Axis, ...],
        dtype: np.dtype,
        make: Callable[[], tuple[Value, ...]],
        of: Iterable[object],
        by_column: bool = False,
    ) -> Form:
        """An array whose columns are made when they are needed.

        Parameters
        ----------
        axes : tuple of Rows or int
            See the class.
        dtype : numpy.dtype
            Of the columns.
        make : callable
            Gives them.
        of : iterable
            The forms that ``make`` asks for columns, and anything else.
        by_column : bool
            See the class.
        """
        form = object.__new__(cls)
        form.axes = axes
        form.by_column = by_column
        form._columns = None
        form._dtype = dtype
        form._make = make
        form._asked = None
        form.depth = 1 + max([one.depth for one in of if isinstance(one, Form)])
        if form.depth > MOST_DEPTH:
            form._made(make)
        return form

    @property
    def columns(self) -> tuple[Value, ...]:
        """See the class."""
        make = None if self._columns is not None else self._make
        return self._columns if make is None else self._made(make)  # type: ignore[return-value]

    def _made(self, make: Callable[[], tuple[Value, ...]]) -> tuple[Value, ...]:
        asked, columns = self._asked, make()
        for column in columns:
            if asked is not None and column.origin is None:
                set_origin(column, asked)
        # another thread that makes them makes the same, and looks for them before it looks for `make`
        self._columns = columns
        self._make = self._asked = None
        self.depth = 0
        return columns

    @property
    def count(self) -> int:
        """The number of columns."""
        if self._columns is not None:
            return len(self._columns)
        return math.prod([axis for axis in self.axes if isinstance(axis, int)])

    @property
    def only_column(self) -> Value | None:
        """The column, where there is one."""
        columns = self._columns
        if columns is None:
            if any(axis != 1 for axis in self.axes if type(axis) is int):
                return None
            columns = self.columns
        return columns[0] if len(columns) == 1 else None

    def asked_at(self, origin: Origin) -> None:
        """Note where the user asked for columns that are not made."""
        self._asked = origin

    @property
    def dtype(self) -> np.dtype:
        columns = self._columns
        return self._dtype if columns is None else columns[0].dtype  # type: ignore[return-value]  # known of these

    @property
    def ndim(self) -> int:
        return len(self.axes)


def scalar(value: Value) -> Form:
    """A zero-dimensional array."""
    return Form((), (value,))


def vector(value: Value) -> Form:
    """A one-dimensional array of a column."""
    assert value.rows is not None
    return Form((value.rows,), (value,))


@lru_cache(maxsize=256)
def is_kernel_dtype(dtype: np.dtype) -> bool:
    """Whether kernels hold this dtype: bool, integers, float32 and float64 in native byte order."""
    return dtype.kind in KINDS and dtype != np.float16 and dtype.itemsize <= 8 and dtype.isnative


_lengths: WeakKeyDictionary[Rows, int] = WeakKeyDictionary()


def known_length(axis: Axis) -> int | None:
    """The length of an axis if it is known without computing."""
    if isinstance(axis, int):
        return axis
    if isinstance(axis, Range):
        assert isinstance(axis.extent, int)
        return axis.extent
    return _lengths.get(axis)


def length(axis: Axis) -> int:
    """The length of an axis; computes, once, that of a filtered one."""
    known = known_length(axis)
    if known is not None:
        return known
    assert isinstance(axis, Rows)
    found = _lengths[axis] = _computed_length(axis)
    return found


def _computed_length(rows: Rows) -> int:
    from lazyframe.run.execute import compute

    if isinstance(rows, Filter):
        [count] = compute([Reduce("sum", cast(rows.mask, np.dtype(np.int64)), np.dtype(np.int64))])
        return int(count)
    if isinstance(rows, Slice):
        return len(range(length(rows.parent))[rows.start : rows.stop : rows.step])
    if isinstance(rows, Sort):
        return length(rows.parent)
    [numbers] = compute([RowNumber(rows)])
    return len(numbers)


def remember_length(form: Form | TextForm, shape: tuple[int, ...]) -> None:
    """Keep what a computation has shown the lengths of ``form``'s axes to be."""
    for axis, extent in zip(form.axes, shape, strict=True):
        if isinstance(axis, Rows) and not isinstance(axis, Range):
            _lengths[axis] = extent


def shape_of(form: Form | TextForm) -> tuple[int, ...]:
    """The shape; computes the length of a filtered axis."""
    return tuple([length(axis) for axis in form.axes])


def row_axes(axes: tuple[Axis, ...]) -> list[int]:
    """The positions of the axes that are row spaces."""
    return [i for i, axis in enumerate(axes) if isinstance(axis, Rows)]


def column_axes(axes: tuple[Axis, ...]) -> list[int]:
    """The positions of the axes that are columns."""
    return [i for i, axis in enumerate(axes) if not isinstance(axis, Rows)]


def column_indices(axes: tuple[Axis, ...]) -> Iterator[tuple[int, ...]]:
    """Every index over the int axes, in the order of the columns."""
    return itertools.product(*[range(axis) for axis in axes if isinstance(axis, int)])


def rows_over(axes: tuple[Axis, ...]) -> Rows | None:
    """The row space of the columns of an array with these axes."""
    rows = [axis for axis in axes if isinstance(axis, Rows)]
    if len(rows) == 2:
        return Product(rows[0], rows[1])
    return rows[0] if rows else None


def filled(axes: tuple[Axis, ...], value: Literal) -> Form:
    """An array of one value."""
    rows = rows_over(axes)
    column: Value = value if rows is None else constant(rows, value)
    return Form(axes, (column,) * math.prod(a for a in axes if isinstance(a, int)))


def constant(rows: Rows, value: Value) -> Value:
    """A column of one value."""
    from passes.ir.values import Map

    int64 = np.dtype(np.int64)
    # a column must be made of a column: every row number is at least 0, which a kernel's compiler sees
    everywhere = Map("greater_equal", (RowNumber(rows), Literal(0, int64)), BOOL)
    return Map("select", (everywhere, value, Literal(0, value.dtype)), value.dtype)


def element(column: Value, position: int) -> Value:
    """One row of a column over a `Range`, as a scalar."""
    if isinstance(column, Read):
        return bind_scalar(data_of(column.token)[position])  # known now: no kernel has to load it
    one = Range(1)
    cell = column if column.rows is one else View(column, one, position, 1)
    return Reduce("any" if column.dtype == BOOL else "sum", cell, column.dtype)


def rows_to_columns(form: Form) -> Form:
    """The same array with its one `Range` axis, known to be short, as columns of scalars."""
    [position] = row_axes(form.axes)
    extent = length(form.axes[position])
    axes = (*form.axes[:position], extent, *form.axes[position + 1 :])
    columns = []
    others = column_axes(form.axes)
    by_index = dict(zip(column_indices(form.axes), form.columns, strict=True))
    for index in itertools.product(*[range(a) for a in axes if isinstance(a, int)]):
        rest = tuple(index[i] for i in others)
        columns.append(element(by_index[rest], index[position]))
    return Form(axes, tuple(columns))


def outward(column: Value, product: Product, axis: int) -> Value:
    """A column of one side of a product, seen from the product."""
    if column.rows is None or column.rows is product:
        return column
    return Outer(column, product, axis)


def form_of_array(array: np.ndarray) -> Form | None:
    """A captured array: nobody may write to it from now on. None where the graph cannot hold it."""
    if not is_kernel_dtype(array.dtype) or array.ndim not in (1, 2):
        return None
    if array.ndim == 1:
        return vector(bind_array(array))
    few = 0 if array.shape[0] < array.shape[1] else 1
    if not 0 < array.shape[few] <= MOST_COLUMNS:
        return None
    slices = [array[j] if few == 0 else array[:, j] for j in range(array.shape[few])]
    columns = tuple([bind_array(part) for part in slices])
    rows = columns[0].rows
    assert rows is not None
    if few == 0:
        return Form((array.shape[0], rows), columns)
    return Form((rows, array.shape[1]), columns, by_column=not array.flags.c_contiguous)


def assemble(form: Form | TextForm, results: list[np.ndarray]) -> np.ndarray:
    """The array that the computed columns of ``form`` make up; for a vector, the column itself."""
    if isinstance(form, TextForm):
        return form.assembled(results[0])
    if len(form.axes) == 1 and isinstance(form.axes[0], Rows):
        return results[0]
    rows = row_axes(form.axes)
    if len(rows) == 2:
        return results[0].reshape(shape_of(form))
    if not rows:
        shape = tuple([length(axis) for axis in form.axes])
        return np.array(results, form.dtype).reshape(shape)
    count = len(results[0]) if results else length(form.axes[rows[0]])
    if len(results) == 1:
        return results[0].reshape(tuple([count if i in rows else 1 for i in range(form.ndim)]))
    if rows[0] == 1:
        stacked = np.empty((len(results), count), form.dtype)
        for j, column in enumerate(results):
            stacked[j] = column
        return stacked
    if form.by_column:
        table = np.empty((count, len(results)), form.dtype, order="F")
        for j, column in enumerate(results):
            table[:, j] = column
        return table
    return _interleave(results, count, form.dtype)


def _interleave(results: list[np.ndarray], count: int, dtype: np.dtype) -> np.ndarray:
    table = np.empty((count, len(results)), dtype)
    block = max(1, (1 << 15) // len(results))  # a block of rows stays in cache while its columns are written
    for start in range(0, count, block):
        for j, column in enumerate(results):
            table[start : start + block, j] = column[start : start + block]
    return table
