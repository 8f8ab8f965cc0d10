"""NumPy's functions recorded over lazy arrays; one that answers None leaves the call to NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray, as_operand, wrap_form
from lazyframe.record.array_broadcast import ArrayOperand
from lazyframe.record.array_form import Form
from lazyframe.settings import current

NOT_GIVEN = np._NoValue
"""NumPy's own default of an argument that may be None."""
Handler = Callable[..., Any]
HANDLERS: dict[Any, Handler] = {}
"""From NumPy's functions to ours. A handler takes the arguments of NumPy's and answers None, or raises
TypeError for arguments that it does not know, where NumPy decides."""


def handles(*functions: Any) -> Callable[[Handler], Handler]:
    """Enter a handler for NumPy's ``functions``."""

    def enter(handler: Handler) -> Handler:
        for function in functions:
            HANDLERS[function] = handler
        return handler

    return enter


_QUICK = frozenset({np.sum, np.mean, np.min, np.max, np.any, np.all, np.count_nonzero, np.argmin, np.argmax})
_OFTEN = 5
"""So many times as many numbers as are worth recording, NumPy reduces sooner than a computation begins."""
_OFTEN_IN_PASSES = 2
"""The same of variances, for which NumPy walks the numbers several times."""


def is_soonest_reduced(function: Any, args: Sequence[Any]) -> bool:
    """Whether a function reduces computed arrays of one axis, so short that NumPy is quickest."""
    if function is np.dot:
        given, often = args[:2], _OFTEN
    elif function in _QUICK:
        given, often = args[:1], _OFTEN
    elif function is np.std or function is np.var:
        given, often = args[:1], _OFTEN_IN_PASSES
    else:
        return False
    longest = often * current().min_rows
    return bool(given) and all(_is_short(one, longest) for one in given)


def _is_short(item: Any, longest: float) -> bool:
    array = item._array if type(item) is LazyArray else item
    return type(array) is np.ndarray and array.ndim == 1 and len(array) < longest


def form_of(x: Any) -> Form | None:
    """The form of what is worth recording: a lazy array, or a large computed one."""
    operand = as_operand(x)
    return operand if isinstance(operand, Form) else None


def operands_of(items: Sequence[Any]) -> list[ArrayOperand] | None:
    """What is recorded of arrays and scalars; None where NumPy decides, or where no array is worth it."""
    operands: list[ArrayOperand] = []
    is_worth_it = False
    for item in items:
        operand = as_operand(item)
        if operand is None:
            return None
        is_worth_it = is_worth_it or type(operand) is Form
        operands.append(operand)
    return operands if is_worth_it else None


def wrapped(form: Form | None, what: str) -> LazyArray | None:
    """The lazy array of what a handler recorded, if anything."""
    return None if form is None else wrap_form(form, what)
