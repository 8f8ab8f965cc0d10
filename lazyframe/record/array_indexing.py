"""Indexing of a `Form`, and assignment by index as a new `Form`."""

from __future__ import annotations

from types import EllipsisType
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.record.array_broadcast import ArrayOperand
from lazyframe.record.array_elementwise import at_dtype, map_rows
from lazyframe.record.array_form import Axis, Form, column_axes, column_indices, length, row_axes, vector
from lazyframe.record.elementwise import BOOL, INT64, Operand, both, select
from lazyframe.run.bindings import bind_array, bound_to
from passes.ir.rows import Filter, Range, Rows, Slice
from passes.ir.values import Gather, Literal, Map, Read, RowNumber, Take, Value, View

Key = slice | int | Form | np.ndarray | None
"""An index of one axis; None is `numpy.newaxis`."""


_PLAIN_PARTS = frozenset({slice, int, type(None)})


def expand_key(key: Any, ndim: int) -> list[Key] | None:
    """One entry for each axis and each new axis; None where NumPy decides."""
    given = list(key) if isinstance(key, tuple) else [key]
    if _PLAIN_PARTS.issuperset(map(type, given)) and len(given) == ndim + given.count(None):
        return given
    used = 0
    for part in given:
        if isinstance(part, (EllipsisType, type(None))):
            continue
        if isinstance(part, (bool, np.bool_)):
            return None
        whole_mask = isinstance(part, (Form, np.ndarray)) and part.dtype == BOOL
        used += part.ndim if whole_mask else 1
    if sum(isinstance(part, EllipsisType) for part in given) > 1 or used > ndim:
        return None
    if not any(isinstance(part, EllipsisType) for part in given):
        given.append(...)
    expanded: list[Key] = []
    for part in given:
        if isinstance(part, EllipsisType):
            expanded.extend([slice(None)] * (ndim - used))
        elif isinstance(part, np.integer):
            expanded.append(int(part))
        elif part is None or isinstance(part, (slice, int, Form, np.ndarray)):
            expanded.append(part)
        else:
            return None
    return expanded


def is_basic(keys: list[Key]) -> bool:
    """Whether NumPy answers with a view."""
    return all(part is None or isinstance(part, (slice, int)) for part in keys)


def few_of_input(form: Form, keys: list[Key]) -> np.ndarray | None:
    """The few elements that a basic key picks of an input that nobody writes to, as NumPy has them at once.

    Returns
    -------
    ndarray or None
        A copy, read-only as a view of the input would be; None if they are many, or are to be computed.
    """
    column = form.columns[0] if form.ndim == 1 else None
    if type(column) is not Read:
        return None
    array = bound_to(column.token)
    if type(array) is not np.ndarray:
        return None
    given: Any = tuple(keys)
    picked = array[given]
    if type(picked) is not np.ndarray or picked.size >= settings.held_from:
        return None
    few = picked.copy()
    few.flags.writeable = False
    return few


_WHOLE = slice(None)


def with_new_axis(form: Form, key: tuple[Any, ...]) -> Form | None:
    """``form[key]`` where that makes a row or a column of a vector; None otherwise."""
    if len(key) != 2 or len(form.axes) != 1:
        return None
    first, second = key
    if first is None and type(second) is slice and second == _WHOLE:
        return Form((1, *form.axes), form.columns)
    if second is None and type(first) is slice and first == _WHOLE:
        return Form((*form.axes, 1), form.columns)
    return None


def index_form(form: Form, keys: list[Key], gather_from: int) -> Form | None:
    """``form[keys]``; None where NumPy decides.

    Parameters
    ----------
    keys : list
        From `expand_key`. An ndarray of positions is captured: nobody may write to it afterwards.
    gather_from : int
        Fewer positions than this are taken by NumPy.
    """
    result: Form | None = form
    position = 0
    for part in keys:
        if result is None:
            return None
        if part is None:
            if result.ndim == 2:
                return None
            axes = (*result.axes[:position], 1, *result.axes[position:])
            result = Form(axes, result.columns)
            position += 1
            continue
        if position >= result.ndim:
            return None
        before = result.ndim
        result = _index_axis(result, position, part, gather_from)
        if result is not None:
            position += 1 - (before - result.ndim)
    return result


def _index_axis(form: Form, position: int, part: Key, gather_from: int) -> Form | None:
    if part == slice(None) if isinstance(part, slice) else False:
        return form
    axis = form.axes[position]
    if isinstance(axis, int):
        return _index_columns(form, position, part)
    if len(row_axes(form.axes)) == 2:
        return None
    if isinstance(part, slice):
        return _slice_rows(form, position, axis, part)
    if isinstance(part, (Form, np.ndarray)) and part.ndim == 1:
        if part.dtype == BOOL:
            return _filter_rows(form, position, axis, part)
        if isinstance(part, np.ndarray) and part.dtype.kind in "iu" and len(part) >= max(gather_from, 1):
            return _gather_rows(form, position, axis, part)
    return None


def _index_columns(form: Form, position: int, part: Key) -> Form | None:
    extent = form.axes[position]
    assert isinstance(extent, int)
    if isinstance(part, bool) or not isinstance(part, (int, slice)):
        return None
    if isinstance(part, int):
        if not -extent <= part < extent:
            return None
        chosen = [part % extent]
    else:
        chosen = list(range(extent))[part]
        if not chosen:
            return None
    within = column_axes(form.axes).index(position)
    by_index = dict(zip(column_indices(form.axes), form.columns, strict=True))
    kept = (len(chosen),) if isinstance(part, slice) else ()
    axes = (*form.axes[:position], *kept, *form.axes[position + 1 :])
    columns = []
    for index in column_indices((*form.axes[:position], len(chosen), *form.axes[position + 1 :])):
        full = list(index)
        full[within] = chosen[index[within]]
        columns.append(by_index[tuple(full)])
    return Form(axes, tuple(columns), form.by_column)


def _over(form: Form, position: int, rows: Rows, columns: list[Value], by_column: bool = False) -> Form:
    axes = (*form.axes[:position], rows, *form.axes[position + 1 :])
    return Form(axes, tuple(columns), by_column)


def _slice_rows(form: Form, position: int, axis: Rows, part: slice) -> Form | None:
    if isinstance(axis, Range):
        start, stop, step = part.indices(length(axis))
        rows = Range(len(range(start, stop, step)))
        if rows is axis and step == 1:
            return form
        if rows.extent == 0:
            start, step = 0, 1
        return _over(form, position, rows, [View(c, rows, start, step) for c in form.columns], form.by_column)
    bounds = [None if b is None else int(b) for b in (part.start, part.stop, part.step)]
    if bounds[2] == 0:
        return None
    derived = Slice(axis, *bounds)
    return _over(form, position, derived, [Take(c, derived) for c in form.columns], form.by_column)


def _filter_rows(form: Form, position: int, axis: Rows, mask: Form | np.ndarray) -> Form | None:
    if isinstance(mask, np.ndarray):
        if not isinstance(axis, Range) or len(mask) != length(axis):
            return None
        mask = vector(bind_array(mask))
    if mask.axes != (axis,):
        return None
    rows = Filter(axis, mask.columns[0])
    return _over(form, position, rows, [Take(c, rows) for c in form.columns])


def _gather_rows(form: Form, position: int, axis: Rows, positions: np.ndarray) -> Form | None:
    extent = length(axis)
    lowest, highest = int(positions.min()), int(positions.max())
    if lowest < -extent or highest >= extent:
        return None
    wide = positions.astype(np.int64, copy=False)
    if lowest < 0:
        wide = np.where(wide < 0, wide + extent, wide)
    chosen = bind_array(wide)
    assert chosen.rows is not None
    return _over(form, position, chosen.rows, [Gather(c, chosen) for c in form.columns])


def assign_form(form: Form, key: Any, value: ArrayOperand) -> Form | None:
    """The array after ``array[key] = value``; None where NumPy decides."""
    if isinstance(key, Form) and key.dtype == BOOL and key.axes == form.axes:
        return _choose(form, list(key.columns), value)
    keys = expand_key(key, form.ndim)
    if keys is None or None in [k for k in keys if not isinstance(k, (Form, np.ndarray))]:
        return None
    if all(isinstance(k, slice) and k == slice(None) for k in keys):
        return _replace(form, value)
    rows = row_axes(form.axes)
    if len(rows) != 1:
        return None
    row_key = keys[rows[0]]
    columns = [k for i, k in enumerate(keys) if i != rows[0]]
    chosen = _chosen_columns(form, columns[0]) if columns else [0]
    mask = _mask(form.axes[rows[0]], row_key)
    if chosen is None or mask is None:
        return None
    if isinstance(mask, Value) and not _is_scalar(value):
        return None
    if not columns:
        axes: tuple[Axis, ...] = form.axes
    else:
        kept = () if isinstance(columns[0], int) else (len(chosen),)
        axes = tuple([a if i == rows[0] else -1 for i, a in enumerate(form.axes)])
        axes = tuple([x for a in axes for x in ([a] if a != -1 else kept)])
    target = Form(axes, tuple([form.columns[j] for j in chosen]))
    changed = (
        _choose(target, [mask] * len(chosen), value) if isinstance(mask, Value) else _replace(target, value)
    )
    if changed is None:
        return None
    result = list(form.columns)
    for j, column in zip(chosen, changed.columns, strict=True):
        result[j] = column
    return Form(form.axes, tuple(result), form.by_column)


def _is_scalar(value: ArrayOperand) -> bool:
    return not isinstance(value, (Form, np.ndarray)) or value.ndim == 0


def _chosen_columns(form: Form, key: Key) -> list[int] | None:
    [extent] = [a for a in form.axes if isinstance(a, int)]
    if isinstance(key, int) and not isinstance(key, bool):
        return [key % extent] if -extent <= key < extent else None
    return (list(range(extent))[key] or None) if isinstance(key, slice) else None


def _mask(axis: Axis, key: Key) -> Value | bool | None:
    """The rows that a key chooses: True for all of them, None where NumPy decides."""
    assert isinstance(axis, Rows)
    if isinstance(key, slice):
        return True if key == slice(None) else _slice_mask(axis, key)
    if isinstance(key, Form) and key.dtype == BOOL and key.axes == (axis,):
        return key.columns[0]
    return None


def _slice_mask(axis: Rows, key: slice) -> Value | None:
    if not isinstance(axis, Range):
        return None
    start, stop, step = key.indices(length(axis))
    if step != 1:
        return None
    number = RowNumber(axis)
    above = Map("greater_equal", (number, Literal(start, INT64)), BOOL)
    return both(above, Map("less", (number, Literal(stop, INT64)), BOOL))


def _replace(form: Form, value: ArrayOperand) -> Form | None:
    """``form[...] = value``."""
    everywhere = [_everywhere(c) for c in form.columns]
    return _choose(form, everywhere, value)


def _everywhere(column: Value) -> Value:
    if column.rows is None:
        return Literal(True, BOOL)
    return Map("greater_equal", (RowNumber(column.rows), Literal(0, INT64)), BOOL)


def _choose(form: Form, masks: list[Value], value: ArrayOperand) -> Form | None:
    dtype = form.dtype
    fits = _assignable(value, dtype)
    if not fits:
        return None

    def rowwise(row: list[Operand]) -> Value | None:
        old, mask, new = row
        assert isinstance(old, Value)
        assert isinstance(mask, Value)
        fresh = at_dtype(new, dtype)
        return None if fresh is None else select(mask, fresh, old)

    changed = map_rows([form, Form(form.axes, tuple(masks)), value], rowwise)
    return changed if changed is not None and changed.axes == form.axes else None


def _assignable(value: ArrayOperand, dtype: np.dtype) -> bool:
    """Whether C's conversion to ``dtype`` is what NumPy does, with no error and no warning."""
    if isinstance(value, (Form, np.ndarray, np.generic)):
        return np.can_cast(value.dtype, dtype, "same_kind")
    if isinstance(value, bool):
        return True
    return dtype.kind == "f" or (dtype.kind in "iu" and isinstance(value, int))
