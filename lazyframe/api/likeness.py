"""Functions of ours that look like pandas': name, text and parameters, also to who asks for the latter."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def like(function: Function, theirs: Any) -> Function:
    """
    Give a function the name, text and parameters of one of pandas'.

    ``functools.update_wrapper`` leaves the parameters to those who look through ``__wrapped__``.
    ``inspect.getfullargspec`` does not, and by it pandas itself decides whether a method, which its
    ``apply`` got by name, has an axis.
    """
    functools.update_wrapper(function, theirs)
    function.__signature__ = _SignatureOf(theirs)  # type: ignore[attr-defined]
    return function


class _SignatureOf(inspect.Signature):
    """The signature of a function, read when it is asked for: hundreds are never."""

    __slots__ = ("_theirs",)

    def __init__(self, theirs: Callable[..., Any]) -> None:
        self._theirs = theirs

    def _read(self) -> inspect.Signature:
        return inspect.signature(self._theirs)

    @property
    def parameters(self) -> Any:
        return self._read().parameters

    @property
    def return_annotation(self) -> Any:
        return self._read().return_annotation

    def replace(self, **changes: Any) -> Any:
        return self._read().replace(**changes)

    __replace__ = replace

    def __reduce__(self) -> Any:
        return self._read().__reduce__()
