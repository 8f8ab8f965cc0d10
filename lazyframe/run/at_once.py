"""Compute with NumPy at once what takes it no longer than finding, and starting, a program for it.

A step or two on columns in memory gain nothing from being fused, and on a few hundred thousand rows NumPy is
done before a program would begin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.run.bindings import bound_to, provenance_of
from lazyframe.run.interpret import reduced
from lazyframe.run.kept import kept_value
from lazyframe.run.late import LateColumn
from lazyframe.run.profile import AtOnce, is_profiling, remember
from lazyframe.run.slicing import strided
from lazyframe.run.tiers import SECONDS_PER_CYCLE
from passes.facts.constants import literal_everywhere
from passes.ir.operations import OPERATIONS, evaluate
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, Literal, Map, Parameter, Read, Reduce, Value, View

_START_SECONDS_A_ROW = 1.25e-9
"""Of the rows that are worth recording: what a program costs before its first row, a quarter of a millisecond
as a rule."""

_LONGEST = 4
"""Times as long NumPy may take at all: then both wait for memory, and a program's threads do so together."""

SECONDS_A_BYTE = 1.35e-11
"""To load and store what a step needs and leaves, which for arrays of some megabytes is what most take."""

_VECTORISED_COST = 4
"""Operations of at most this cost NumPy computes no slower than it loads their arguments."""

_SELECT_CYCLES = 3.0
"""Of a choice row by row, which NumPy mispredicts as often as not."""

_DIVISION_CYCLES = {"floor_divide": 2.0, "remainder": 4.0}
"""Of integers by one number, which NumPy divides by in vectors."""

_KERNEL_SHARE = 0.25
"""Of the cycles that a step takes NumPy, those that it takes in a kernel, in vectors."""

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
    if steps is None:
        return None
    known: dict[Value, Any] = {}
    counted = _counted_flags(steps, values)
    if counted:
        steps = [step for step in steps if step not in counted]
    uses = Counter(chain(values, *map(_arguments, steps)))
    for step in steps:
        if type(step) is Map:
            known[step] = _mapped(step, known, uses)
        elif step.column in counted:  # type: ignore[union-attr]  # a reduction's
            known[step] = _counted(step, known)
        else:
            known[step] = _reduced(step, known)
    taken = tuple([(step.operation, _rows(step), step.origin) for step in steps])
    remember(AtOnce(taken, tuple(dict.fromkeys(_provenance(steps, values)))))
    return [
        _own(known[value])
        if value in known
        else _own(_input(value))
        if type(value) is View
        else _input(value)
        for value in values
    ]


def start_seconds() -> float:
    """What a program is taken to cost before its first row: nothing where kernels are forced."""
    return settings.current().min_rows * _START_SECONDS_A_ROW


def short_steps(values: Sequence[Value]) -> list[Map | Reduce] | None:
    """The steps to these values, each after what it needs, if they are few and NumPy is soonest done."""
    start = start_seconds()
    if start == 0.0:
        return None
    found = _few_steps(values)
    if found is None:
        return None
    steps, inputs = found
    cycles = sum([_cycles(step) * _rows(step) for step in steps])
    seconds = cycles * SECONDS_PER_CYCLE + sum([_bytes(step) for step in steps]) * SECONDS_A_BYTE
    if seconds > start * _LONGEST:
        return None
    through = [value for value in values if type(value) is Map] + inputs
    kernel = sum([_rows(value) * value.dtype.itemsize for value in through]) * SECONDS_A_BYTE
    kernel += cycles * SECONDS_PER_CYCLE * _KERNEL_SHARE
    return steps if seconds <= start + kernel / settings.current().threads else None


def _few_steps(values: Sequence[Value]) -> tuple[list[Map | Reduce], list[Value]] | None:
    """The steps to these values, each after what it needs, and columns of inputs, if NumPy can do them."""
    steps: list[Map | Reduce] = []
    inputs: list[Value] = []
    seen: set[Value] = set()
    opened: set[Value] = set()
    waiting = list(values)
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
        if (kind is Map or kind is Reduce) and kept_value(value) is None and _constant(value) is None:
            arguments = _arguments(value)
            if len(opened) + len(steps) == _MOST_STEPS or any(one.dtype is OPAQUE for one in arguments):
                return None
            opened.add(value)
            waiting += arguments
            continue
        if not _is_input(value):
            return None
        if value.rows is not None and value.dtype is not OPAQUE:
            inputs.append(value)
        waiting.pop()
    return steps, inputs


def _arguments(step: Value) -> tuple[Value, ...]:
    return step.arguments if isinstance(step, Map) else (step.column,)  # type: ignore[attr-defined]


def _is_input(value: Value) -> bool:
    if type(value) is Map and kept_value(value) is None:
        return True  # one constant
    source = value
    while type(source) is View:
        source = source.column
    if type(source) is Read:
        bound = bound_to(source.token)
        # what only the host can touch is asked for itself, and given as it is
        return type(bound) is np.ndarray or (source is value and not isinstance(bound, LateColumn))
    return type(value) in (Literal, Parameter, Map, Reduce)  # of the last two, what is kept


def _constant(value: Value) -> Literal | None:
    """What a column is in every row, if its rows are counted."""
    constant = literal_everywhere(value)
    rows = None if constant is None else value.rows
    return constant if type(rows) is Range and type(rows.extent) is int else None


def _input(value: Value) -> Any:
    if type(value) is Literal:
        return value.value
    if type(value) is View:
        rows = value.rows.extent
        assert isinstance(rows, int)
        return strided(_input(value.column), value.start, value.step, 0, rows)
    constant = _constant(value)
    if constant is not None:
        return np.full(_rows(value), constant.value, value.dtype)
    bound: Any = value if type(value) in (Read, Parameter) else kept_value(value)
    return bound_to(bound.token)


def _rows(value: Value) -> int:
    """How many rows a value has, or of a reduction those that it goes through: one if none."""
    rows = value.column.rows if type(value) is Reduce else value.rows
    return rows.extent if type(rows) is Range and type(rows.extent) is int else 1


def _bytes(step: Value) -> int:
    """What a step loads, and what it stores."""
    widths = [one.dtype.itemsize for one in _arguments(step) if one.rows is not None]
    return _rows(step) * (sum(widths) + (step.dtype.itemsize if type(step) is Map else 0))


def _cycles(step: Value) -> float:
    """What a step takes NumPy a row beside these."""
    if type(step) is not Map or step.rows is None:
        return 0.0
    operation, width = step.operation, step.dtype.itemsize / 8
    if operation == "select":
        return _SELECT_CYCLES
    if operation in _DIVISION_CYCLES and step.dtype.kind in "iu" and step.arguments[1].rows is None:
        return _DIVISION_CYCLES[operation] * width
    cost = OPERATIONS[operation].cost
    return cost * width if cost > _VECTORISED_COST else 0.0


def _provenance(steps: Sequence[Map | Reduce], values: Sequence[Value]) -> Iterator[Any]:
    for one in chain(values, *map(_arguments, steps)):
        while type(one) is View:
            one = one.column
        if type(one) is Read:
            yield from provenance_of(one.token)


def _mapped(step: Map, known: dict[Value, Any], uses: Mapping[Value, int]) -> Any:
    """What a step gives: as in an expression of NumPy's, in the memory of a result that only it needs."""
    given = [known[one] if one in known else _input(one) for one in step.arguments]
    spent = None
    if step.rows is not None and all(one.dtype == step.dtype for one in step.arguments):
        for one, array in zip(step.arguments, given, strict=True):
            if one in known and one.rows is step.rows and uses[one] == 1 and array.base is None:
                spent = known.pop(one)
                break
    return evaluate(step.operation, given, step.dtype, spent)


def _reduced(step: Value, known: dict[Value, Any]) -> Any:
    assert isinstance(step, Reduce)
    column = known[step.column] if step.column in known else _input(step.column)
    return step.dtype.type(reduced(step.operation, step.dtype, column))


def _counted_flags(steps: Sequence[Map | Reduce], values: Sequence[Value]) -> set[Value]:
    """Flags as numbers that are added up and nothing else: NumPy counts flags as they are."""
    found: set[Value] = {step for step in steps if _are_flags_as_numbers(step)}
    if not found:
        return found
    found.difference_update(values)
    for step in steps:
        if type(step) is Map:
            found.difference_update(step.arguments)
        elif step.operation != "sum":
            found.discard(step.column)  # type: ignore[union-attr]  # a reduction's
    return found


def _are_flags_as_numbers(step: Map | Reduce) -> bool:
    """Whether a step makes numbers of flags, of a width in which any count of rows is exact."""
    if type(step) is not Map or step.operation != "cast" or step.rows is None:
        return False
    return step.arguments[0].dtype.kind == "b" and step.dtype.itemsize == 8


def _counted(step: Value, known: dict[Value, Any]) -> Any:
    (flags,) = step.column.arguments  # type: ignore[attr-defined]  # a reduction's of a map
    return step.dtype.type(np.count_nonzero(known[flags] if flags in known else _input(flags)))


def _own(found: Any) -> Any:
    """An array that shares memory with no input."""
    return found.copy() if isinstance(found, np.ndarray) and found.base is not None else found
