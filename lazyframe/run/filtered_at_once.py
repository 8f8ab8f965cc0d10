"""Rows of columns in memory that a filter leaves: by NumPy, where that is done sooner than a program.

What a short mask leaves of a few columns takes NumPy no longer than a kernel, and no program has to be found
and started for it.  Where it leaves all rows, nothing is taken at all: the columns are what they are, and
shared, as pandas shares them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe import settings
from lazyframe.run import morsels
from lazyframe.run.at_once import computed_at_once, short_steps
from lazyframe.run.bindings import bound_to, provenance_of
from lazyframe.run.kept import kept_rows
from lazyframe.run.late import LateColumn
from lazyframe.run.memory import borrow
from lazyframe.run.profile import AtOnce, is_profiling, last_computation, remember
from lazyframe.run.taking import take
from passes.ir.operations import evaluate
from passes.ir.rows import Filter, Range
from passes.ir.values import OPAQUE, Literal, Map, Parameter, Read, RowNumber, Take, Value
from passes.ir.walk import topological

_MOST_ROWS = 1 << 19
"""Of more rows the threads of a program pay, which also computes the mask as it appends."""

_BYTES_ALONE = 1 << 19
"""What one thread has taken before another would have begun."""

_SAMPLE_ROWS = 64
"""So many rows at the beginning, in the middle and at the end show of most filters that some fail."""

_MOST_STEPS = 64


def filtered_at_once(
    values: Sequence[Value], lent: bool, compute: Callable[[Sequence[Value]], list[Any]]
) -> list[Any] | None:
    """What one filter leaves of columns in memory, or None where a program is to find it.

    Parameters
    ----------
    values : sequence of Value
        What is asked for.
    lent : bool
        Whether arrays need not own their memory, so that they may be inputs themselves as well.
    compute : callable
        Gives the arrays of values.

    Returns
    -------
    list or None
        As `lazyframe.run.execute.compute` returns it.
    """
    rows = None if is_profiling() else _filter_of(values)
    if rows is None:
        return None
    columns: list[Read | RowNumber] = [value.column for value in values]  # type: ignore[attr-defined]
    count = _length(columns)
    found = computed_at_once([rows.mask]) if count <= _MOST_ROWS else None
    if found is None:
        if not _seems_to_leave_all(rows.mask, count):
            return None
        found = compute([rows.mask])
        if not found[0].all():
            return None
    _note(rows, columns)
    # the first row that fails ends the search, and to list all rows takes longer than all else
    if found[0].all():
        return [_whole(column, count, lent) for column in columns]
    return _taken(columns, np.flatnonzero(found[0]), lent)


def is_short_filter(values: Sequence[Value]) -> bool:
    """Whether NumPy finds what a filter leaves, whichever rows these are."""
    rows = _filter_of(values)
    if rows is None:
        return False
    count = _length([value.column for value in values])  # type: ignore[attr-defined]  # all are taken
    return count <= _MOST_ROWS and short_steps([rows.mask]) is not None


def _filter_of(values: Sequence[Value]) -> Filter | None:
    """The one filter through which columns in memory are seen, if that is all that is asked for."""
    rows = values[0].rows
    if type(rows) is not Filter or not all(_is_taken(value, rows) for value in values):
        return None
    if all(type(value.column) is RowNumber for value in values):  # type: ignore[attr-defined]
        return None
    return None if settings.current().min_rows == 0 or kept_rows(rows) is not None else rows


def _is_taken(value: Value, rows: Filter) -> bool:
    """Whether a value is a column in memory, or the rows' numbers, seen through a filter."""
    if type(value) is not Take or value.rows is not rows:
        return False
    column = value.column
    if type(rows.parent) is not Range or column.rows is not rows.parent:
        return False
    if type(column) is RowNumber:
        return True
    return type(column) is Read and not isinstance(bound_to(column.token), LateColumn)


def _length(columns: Sequence[Read | RowNumber]) -> int:
    return len(next(bound_to(column.token) for column in columns if type(column) is Read))


def _note(rows: Filter, columns: Sequence[Read | RowNumber]) -> None:
    """Remember this beside how the mask was computed, if that took no program either."""
    before = last_computation()
    if not isinstance(before, AtOnce):
        return
    inputs = [column for column in columns if type(column) is Read]
    known = [found for column in inputs for found in provenance_of(column.token)]
    step = ("filter", _length(columns), rows.origin)
    remember(AtOnce((*before.steps, step), tuple(dict.fromkeys([*before.provenance, *known]))))


def _seems_to_leave_all(mask: Value, count: int) -> bool:
    """Whether some rows all pass a mask that is row-wise work on columns in memory."""
    order = topological([mask], lambda node: node.arguments if isinstance(node, Map) else ())
    if count < 3 * _SAMPLE_ROWS or len(order) > _MOST_STEPS:
        return False
    if any(isinstance(node, Read) and not isinstance(bound_to(node.token), np.ndarray) for node in order):
        return False
    if not all(isinstance(node, (Map, Read, Literal, Parameter)) for node in order):
        return False
    firsts = (0, (count - _SAMPLE_ROWS) // 2, count - _SAMPLE_ROWS)
    return all(_leaves_all(order, slice(first, first + _SAMPLE_ROWS)) for first in firsts)


def _leaves_all(order: Sequence[Any], some: slice) -> bool:
    known: dict[Any, Any] = {}
    for node in order:
        if isinstance(node, Map):
            known[node] = evaluate(node.operation, [known[one] for one in node.arguments], node.dtype)
        elif isinstance(node, Literal):
            known[node] = node.value
        else:
            bound = bound_to(node.token)
            known[node] = bound[some] if isinstance(node, Read) else bound
    return bool(np.all(known[order[-1]]))


def _whole(column: Read | RowNumber, count: int, lent: bool) -> Any:
    """All rows: of labels, which may be given other names, an object of their own."""
    if type(column) is RowNumber:
        return np.arange(count)
    data = bound_to(column.token)  # type: ignore[union-attr]  # an input
    if isinstance(data, pandas.Index):
        return data.view()
    return data if lent else data.copy()


def _taken(columns: Sequence[Read | RowNumber], positions: np.ndarray, lent: bool) -> list[Any]:
    """The rows at these positions, which ascend; of several columns by several threads where that is much."""
    found: list[Any] = [None] * len(columns)

    def one(k: int) -> None:
        column = columns[k]
        if type(column) is RowNumber:
            found[k] = positions
            return
        data = bound_to(column.token)  # type: ignore[union-attr]  # an input
        if column.dtype is OPAQUE:
            found[k] = take(data, positions)
        elif data.strides[0] != data.itemsize:
            found[k] = data[positions]
        else:
            found[k] = borrow(len(positions), data.dtype) if lent else np.empty(len(positions), data.dtype)
            # all are in range: clipping is what lets NumPy write to its destination at once
            np.take(data, positions, out=found[k], mode="clip")

    much = positions.nbytes * len(columns) > _BYTES_ALONE
    tasks = [
        range(k, k + 1) for k in sorted(range(len(columns)), key=lambda k: columns[k].dtype is not OPAQUE)
    ]
    morsels.run(tasks, one, settings.current().threads if much else 1)
    return found
