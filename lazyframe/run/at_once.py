"""Compute with NumPy at once what takes it no longer than finding, and starting, a program for it.

A step or two on columns in memory gain nothing from being fused, and on a few hundred thousand rows NumPy is
done before a program would begin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.run.bindings import bound_to, provenance_of
from lazyframe.run.interpret import reduced
from lazyframe.run.kept import kept_value
from lazyframe.run.late import LateColumn
from lazyframe.run.profile import AtOnce, is_profiling, remember
from lazyframe.run.slicing import strided
from lazyframe.run.tiers import OVERHEAD_CYCLES, SECONDS_PER_CYCLE
from passes.ir.operations import OPERATIONS, evaluate
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, Literal, Map, Parameter, Read, Reduce, Value, View

_SECONDS_A_ROW = 2.5e-9
"""Of the rows that are worth recording, times which NumPy may take: half a millisecond as a rule, and half of
that is what a program costs before its first row."""

_MOST_STEPS = 16


def computed_at_once(values: Sequence[Value]) -> list[Any] | None:
    """Values that NumPy computes sooner than a program would, or None.

    Parameters
    ----------
    values : sequence of Value
        Columns or scalars.

    Returns
    -------
    list or None
        As `lazyframe.run.execute.compute` returns it.
    """
    steps = None if is_profiling() else short_steps(values)
    if not steps:
        return None
    known: dict[Value, Any] = {}
    for step in steps:
        known[step] = _mapped(step, known) if type(step) is Map else _reduced(step, known)
    taken = tuple([(step.operation, _rows(step), step.origin) for step in steps])
    remember(AtOnce(taken, tuple(dict.fromkeys(_provenance(steps)))))
    return [
        _own(known[value])
        if value in known
        else _own(_input(value))
        if type(value) is View
        else _input(value)
        for value in values
    ]


def short_steps(values: Sequence[Value]) -> list[Map | Reduce] | None:
    """The steps to these values, each after what it needs, if they are few and NumPy is soon done."""
    longest = settings.current().min_rows * _SECONDS_A_ROW
    if longest == 0.0:
        return None
    steps: list[Map | Reduce] = []
    seen: set[Value] = set()
    opened: set[Value] = set()
    waiting = list(values)
    seconds = 0.0
    while waiting:
        value = waiting[-1]
        if value in opened:  # what it needs is done
            waiting.pop()
            opened.remove(value)
            steps.append(value)  # type: ignore[arg-type]
            continue
        if value in seen:
            waiting.pop()
            continue
        seen.add(value)
        kind = type(value)
        if (kind is Map or kind is Reduce) and kept_value(value) is None:
            seconds += _seconds(value)
            if seconds > longest or len(opened) + len(steps) == _MOST_STEPS:
                return None
            opened.add(value)
            arguments = _arguments(value)
            if any(one.dtype is OPAQUE for one in arguments):
                return None
            waiting += arguments
            continue
        if not _is_input(value):
            return None
        waiting.pop()
    return steps


def _arguments(step: Value) -> tuple[Value, ...]:
    return step.arguments if isinstance(step, Map) else (step.column,)  # type: ignore[attr-defined]


def _is_input(value: Value) -> bool:
    source = value
    while type(source) is View:
        source = source.column
    if type(source) is Read:
        bound = bound_to(source.token)
        # what only the host can touch is asked for itself, and given as it is
        return type(bound) is np.ndarray or (source is value and not isinstance(bound, LateColumn))
    return type(value) in (Literal, Parameter, Map, Reduce)  # of the last two, what is kept


def _input(value: Value) -> Any:
    if type(value) is Literal:
        return value.value
    if type(value) is View:
        rows = value.rows.extent
        assert isinstance(rows, int)
        return strided(_input(value.column), value.start, value.step, 0, rows)
    bound: Any = value if type(value) in (Read, Parameter) else kept_value(value)
    return bound_to(bound.token)


def _rows(step: Value) -> int:
    """How many rows a step goes through: one if none."""
    rows = step.rows if type(step) is Map else step.column.rows  # type: ignore[attr-defined]
    return rows.extent if type(rows) is Range and type(rows.extent) is int else 1


def _seconds(step: Value) -> float:
    width = max([one.dtype.itemsize for one in _arguments(step) if one.rows is not None], default=0)
    if type(step) is not Map:
        return _rows(step) * width / 8 * (1 + OVERHEAD_CYCLES) * SECONDS_PER_CYCLE
    cycles = OPERATIONS[step.operation].cost + OVERHEAD_CYCLES
    return _rows(step) * max(width, step.dtype.itemsize) / 8 * cycles * SECONDS_PER_CYCLE


def _provenance(steps: Sequence[Map | Reduce]) -> Iterator[Any]:
    for step in steps:
        for one in _arguments(step):
            while type(one) is View:
                one = one.column
            if isinstance(one, Read):
                yield from provenance_of(one.token)


def _mapped(step: Map, known: dict[Value, Any]) -> Any:
    given = [known[one] if one in known else _input(one) for one in step.arguments]
    return evaluate(step.operation, given, step.dtype)


def _reduced(step: Value, known: dict[Value, Any]) -> Any:
    assert isinstance(step, Reduce)
    column = known[step.column] if step.column in known else _input(step.column)
    return step.dtype.type(reduced(step.operation, step.dtype, column))


def _own(found: Any) -> Any:
    """An array that shares memory with no input."""
    return found.copy() if isinstance(found, np.ndarray) and found.base is not None else found
