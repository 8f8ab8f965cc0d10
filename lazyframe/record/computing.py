"""Computing what is asked for now: results that pandas' rules, or a user, must see."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from passes.ir.values import Read, Value

_scalars: WeakKeyDictionary[Value, Any] = WeakKeyDictionary()
_found: WeakKeyDictionary[Value, dict[Hashable, bool]] = WeakKeyDictionary()


def compute(values: Sequence[Value]) -> list[Any]:
    """Compute several values in one program; a scalar that was asked for before is not computed again."""
    from lazyframe.run import execute  # with all that runs programs: small data is never computed here

    unknown = [value for value in values if value not in _scalars]
    computed = dict(zip(unknown, execute.compute(unknown), strict=True)) if unknown else {}
    for value, result in list(computed.items()):
        if value.rows is None:
            _scalars[value] = computed[value] = value.dtype.type(result)
    return [computed[value] if value in computed else _scalars[value] for value in values]


def compute_own(values: Sequence[Value]) -> list[Any]:
    """As `compute`, with an array for each that the caller may write to, or hand out."""
    found: list[Any] = []
    given: set[int] = set()
    for value, result in zip(values, compute(values), strict=True):
        held = isinstance(value, Read) or is_locked(result) or id(result) in given
        found.append(result.copy() if held else result)
        given.add(id(result))
    return found


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
