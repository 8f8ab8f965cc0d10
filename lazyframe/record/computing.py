"""Computing what is asked for now: results that pandas' rules, or a user, must see."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from lazyframe.run.bindings import bound_to
from passes.ir.values import Gather, Read, Take, Value

_scalars: WeakKeyDictionary[Value, Any] = WeakKeyDictionary()
_found: WeakKeyDictionary[Value, dict[Hashable, bool]] = WeakKeyDictionary()


def compute(values: Sequence[Value], lent: bool = False) -> list[Any]:
    """Compute several values in one program; a scalar that was asked for before is not computed again.

    Where the arrays become columns of frames, which need not own their memory, it may be ``lent``.
    """
    from lazyframe.run import execute  # with all that runs programs: small data is never computed here

    unknown = [value for value in values if value.rows is not None or value not in _scalars]
    found = execute.compute(unknown, lent=lent) if unknown else []
    computed = dict(zip(unknown, found, strict=True))
    for value in unknown:
        if value.rows is None:
            _scalars[value] = computed[value] = value.dtype.type(computed[value])
    return [computed[value] if value in computed else _scalars[value] for value in values]


def compute_own(values: Sequence[Value]) -> list[Any]:
    """As `compute`, with an array for each that the caller may write to, or hand out."""
    given = Given()
    return [given.own(value, found) for value, found in zip(values, compute(values), strict=True)]


class Given:
    """What was handed out of one computation, by the identity of its arrays."""

    __slots__ = ("as_columns", "as_labels")

    def __init__(self) -> None:
        self.as_columns: set[int] = set()
        self.as_labels: set[int] = set()

    def take(self, array: Any) -> Any:
        """An array for somebody who may write to it: a copy if another has it."""
        if id(array) in self.as_columns or id(array) in self.as_labels:
            array = array.copy()
        self.as_columns.add(id(array))
        return array

    def own(self, value: Value, array: Any) -> Any:
        """The same of what a value was computed to: an input, and what is locked, is somebody else's."""
        return self.take(array.copy() if _is_input(value, array) or is_locked(array) else array)


def _is_input(value: Value, array: Any) -> bool:
    """Whether an array is what a graph computes with: of all rows of a join or filter columns are shared."""
    while isinstance(value, (Take, Gather)):
        value = value.column
    return isinstance(value, Read) and bound_to(value.token) is array


def is_locked(array: Any) -> bool:
    """Whether an array may not be written to, as it is kept for other computations, or pandas locked it."""
    return isinstance(array, np.ndarray) and not array.flags.writeable


def found_of(column: Value, question: Hashable, scalar: Callable[[], Value]) -> bool:
    """Whether something is true of a column: computed once, and remembered as long as the column is.

    Parameters
    ----------
    column : Value
        What the question is about.
    question : hashable
        Tells the questions about one column apart: holds all that ``scalar`` is made of beside the column.
    scalar : callable
        Gives the boolean scalar of the graph that answers it.
    """
    known = _found.get(column)
    if known is None:
        known = _found[column] = {}
    answer = known.get(question)
    if answer is None:
        (computed,) = compute([scalar()])
        answer = known[question] = bool(computed)
    return answer
