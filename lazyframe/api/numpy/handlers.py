"""NumPy's functions recorded over lazy arrays; one that answers None leaves the call to NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray, as_operand, wrap_form
from lazyframe.record.array_broadcast import ArrayOperand
from lazyframe.record.array_form import Form

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
