"""Rows shifted, or less those at a distance from them: by NumPy, where that is done sooner than a program.

A shift, and a difference of rows, is a choice by the number of the row between something and a constant.  All
of the first is computed of slices, and needs neither numbers of rows nor a choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lazyframe import settings
from lazyframe.run.at_once import SECONDS_A_BYTE, start_seconds
from lazyframe.run.bindings import bound_to
from lazyframe.run.late import LateColumn
from lazyframe.run.memory import borrow
from lazyframe.run.profile import AtOnce, is_profiling, remember
from passes.ir.operations import evaluate
from passes.ir.rows import Range
from passes.ir.values import Gather, Literal, Map, Read, RowNumber, Value
from passes.ir.walk import topological

_MOST_STEPS = 4
"""Row by row, of a value and those at a distance."""

_INTO: dict[str, Any] = {"add": np.add, "subtract": np.subtract}
_STEPS = frozenset({*_INTO, "cast", "reinterpret"})


class _Shifted(NamedTuple):
    """What a value is in rows ``low`` to ``high``, in the order of its steps, and the constant elsewhere.

    ``value`` may be of times, the bits of which are chosen as integers.  ``distance`` is how many rows before
    each what is gathered stands.
    """

    value: Map
    steps: Sequence[Value]
    low: int
    high: int
    distance: int
    constant: Literal


def shifted_at_once(values: Sequence[Value], lent: bool) -> list[Any] | None:
    """Columns in memory, shifted or less the shifted ones, or None where a program is to compute them.

    Parameters
    ----------
    values : sequence of Value
        What is asked for.
    lent : bool
        Whether arrays need not own their memory.

    Returns
    -------
    list or None
        As `lazyframe.run.execute.compute` returns it.
    """
    found = None if is_profiling() else _short_shifts(values)
    if found is None:
        return None
    remember(AtOnce(tuple([("shift", one.high - one.low, one.value.origin) for one in found if one])))
    return [
        bound_to(value.token) if one is None else _computed(one, lent)  # type: ignore[attr-defined]  # an input
        for value, one in zip(values, found, strict=True)
    ]


def is_short_shift(values: Sequence[Value]) -> bool:
    """Whether NumPy computes these columns."""
    return _short_shifts(values) is not None


def _short_shifts(values: Sequence[Value]) -> list[_Shifted | None] | None:
    """How each column is shifted, None for an input, if NumPy is soonest done with all."""
    start = start_seconds()
    if start == 0.0 or all(type(value) is Read for value in values):
        return None
    found: list[_Shifted | None] = []
    seconds = 0.0
    for value in values:
        if type(value) is Read:
            if isinstance(bound_to(value.token), LateColumn):
                return None
            found.append(None)
            continue
        shifted = _shifted(value)
        if shifted is None:
            return None
        found.append(shifted)
        # one step is what a program does as well, on all its threads
        each = 2 * value.dtype.itemsize * (shifted.high - shifted.low) * SECONDS_A_BYTE
        steps = sum([type(step) is Map for step in shifted.steps])
        seconds += each * (max(steps, 1) - 1 / settings.current().threads)
    return found if seconds <= start else None


def _computed(shifted: _Shifted, lent: bool) -> np.ndarray:
    dtype, rows = shifted.value.dtype, shifted.value.rows
    count: Any = rows.extent  # type: ignore[union-attr]  # a range's
    whole = borrow(count, dtype) if lent else np.empty(count, dtype)
    low, high = shifted.low, shifted.high
    whole[:low] = whole[high:] = shifted.constant.value
    part = whole[low:high]
    known: dict[Value, Any] = {}
    for step in shifted.steps[:-1]:
        known[step] = _rows_of(step, shifted, known)
    last = shifted.steps[-1]
    if type(last) is Map and last.operation == "cast":
        part[...] = known[last.arguments[0]]
    elif type(last) is Map and last.operation in _INTO:
        with np.errstate(all="ignore"):
            _INTO[last.operation](*[known[one] for one in last.arguments], out=part)
    else:
        part[...] = _rows_of(last, shifted, known)
    return whole


def _rows_of(step: Any, shifted: _Shifted, known: dict[Value, Any]) -> np.ndarray:
    found: np.ndarray
    if type(step) is Map:
        found = evaluate(step.operation, [known[one] for one in step.arguments], step.dtype)
    elif type(step) is Gather:
        distance = shifted.distance
        source = _input_of(step.column)
        found = bound_to(source.token)[shifted.low - distance : shifted.high - distance]
        found = found if source is step.column else found.view(step.dtype)
    else:
        found = bound_to(step.token)[shifted.low : shifted.high]
    return found


def _shifted(value: Value) -> _Shifted | None:
    """A column as one that is shifted, if that is what it is."""
    if type(value) is not Map or type(value.rows) is not Range:
        return None
    choice = value.arguments[0] if value.operation == "reinterpret" else value
    if type(choice) is not Map or choice.operation != "select":
        return None
    exists, chosen, constant = choice.arguments
    count = value.rows.extent
    if type(count) is not int or type(constant) is not Literal or type(exists) is not Map:
        return None
    distance = _distance(exists, value.rows)
    if distance is None:
        return None
    steps = topological([chosen], lambda node: node.arguments if type(node) is Map else ())
    if len(steps) > 2 * _MOST_STEPS or not all(_is_step(step, distance, value.rows) for step in steps):
        return None
    low = min(max(distance, 0), count)
    high = max(count + min(distance, 0), low)
    return _Shifted(value, steps, low, high, distance, constant)  # type: ignore[arg-type]  # all are values


def _distance(exists: Map, rows: Range) -> int | None:
    """How many rows before each the one is of which there is said to be one; negative for one behind."""
    if exists.operation not in ("greater_equal", "less_equal"):
        return None
    number, other = exists.arguments
    if exists.operation == "greater_equal" and number is RowNumber(rows) and type(other) is Literal:
        return int(other.value)
    if exists.operation != "less_equal" or type(number) is not Map or number.operation != "add":
        return None
    first, distance = number.arguments
    if first is not RowNumber(rows) or type(distance) is not Literal or not _is_last(other, rows):
        return None
    return -int(distance.value)


def _is_step(step: Any, distance: int, rows: Range) -> bool:
    if type(step) is Map:
        return step.operation in _STEPS
    if type(step) is Read:
        return step.rows is rows and type(bound_to(step.token)) is np.ndarray
    if type(step) is not Gather or step.column.rows is not rows or type(step.positions) is not Map:
        return False
    source = _input_of(step.column)
    if type(source) is not Read or type(bound_to(source.token)) is not np.ndarray:
        return False
    if step.positions.operation not in ("maximum", "minimum"):
        return False
    moved, end = step.positions.arguments
    if type(moved) is not Map or moved.operation not in ("add", "subtract"):
        return False
    first, by = moved.arguments
    if first is not RowNumber(rows) or type(by) is not Literal or int(by.value) != abs(distance):
        return False
    if distance > 0:
        least = type(end) is Literal and end.value == 0
        return step.positions.operation == "maximum" and moved.operation == "subtract" and least
    return step.positions.operation == "minimum" and moved.operation == "add" and _is_last(end, rows)


def _input_of(column: Value) -> Any:
    """What is gathered from: an input, or the times whose bits that is."""
    is_bits = type(column) is Map and column.operation == "reinterpret"
    return column.arguments[0] if is_bits else column  # type: ignore[attr-defined]  # a map's


def _is_last(value: Value, rows: Range) -> bool:
    """Whether a scalar is the number of the last row."""
    if type(value) is not Map or value.operation != "subtract":
        return False
    count, one = value.arguments
    known = type(count) is Literal and type(one) is Literal and one.value == 1
    return known and count.value == rows.extent  # type: ignore[attr-defined]  # a literal's
