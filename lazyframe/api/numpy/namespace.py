"""What ``lazyframe.numpy.<name>`` is, for every name that NumPy has."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.api.array import LazyArray, call, is_soonest_done, wrap_result
from lazyframe.api.array_state import is_worth_holding
from lazyframe.api.numpy.creation import CREATION, lifted

LIFTING = frozenset({"where", "select", "clip", "round", "around", "isclose", "nan_to_num", "column_stack"})
"""The functions, beside ufuncs, that make a lazy array of large plain ones. The others are NumPy's own,
which records when it is given a lazy array; a reduction of a plain array is soonest done at once."""

_ndarray = np.ndarray
_MISSING: Any = object()
_UFUNC_ATTRIBUTES = (
    "nin", "nout", "nargs", "ntypes", "types", "identity", "signature", "resolve_dtypes", "at", "reduceat",
)  # fmt: skip


@functools.cache
def array_name(name: str) -> Any:
    """What ``lazyframe.numpy.<name>`` is.

    Raises
    ------
    AttributeError
        If NumPy has no such name.
    """
    if name == "LazyArray":
        return LazyArray
    if name in CREATION:
        return CREATION[name]
    theirs = getattr(np, name)
    if isinstance(theirs, np.ufunc):
        return lifting_ufunc(theirs)
    return lifting(theirs) if name in LIFTING else theirs


def lifting_names() -> list[str]:
    """The names of ufuncs, and of the functions that make a lazy array of plain ones."""
    ufuncs = [name for name, found in vars(np).items() if isinstance(found, np.ufunc)]
    return [*ufuncs, *LIFTING, *CREATION]


def lifting(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, making lazy arrays of the large plain ones that it is given."""
    of_one = function if isinstance(function, np.ufunc) and function.nin == 1 else None

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        for given in args:
            kind = type(given)
            if kind is _ndarray:
                if given.size >= settings.held_from and is_worth_holding(given):
                    break
            elif kind is list or kind is tuple:
                break
            elif of_one is not None and kind is LazyArray and len(args) == 1 and not kwargs:
                return call(of_one, args, of_one)  # which NumPy would only ask the array for
        else:
            return function(*args, **kwargs)
        given = None  # or it would be one more reference to an array
        if _writes(function, args, kwargs):
            return function(*args, **kwargs)
        if is_soonest_done(args):
            return wrap_result(function(*args, **kwargs))
        return function(*[_lifted(args, position) for position in range(len(args))], **kwargs)

    return functools.update_wrapper(wrapper, function, updated=())


_ARGUMENTS = {np.clip: 3, np.round: 2, np.around: 2}
"""Functions, and how many arguments they have before the array that they write to."""


def _writes(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a call writes to an array that it is given, which has to be that array and not a copy."""
    if "out" in kwargs:
        return True
    if function is np.nan_to_num:
        return not (args[1] if len(args) > 1 else kwargs.get("copy", True))
    before = function.nin if isinstance(function, np.ufunc) else _ARGUMENTS.get(function)
    return before is not None and len(args) > before


def _lifted(arguments: tuple[Any, ...], position: int) -> Any:
    given = arguments[position]
    if type(given) is list or type(given) is tuple:
        inside = tuple(given)
        return type(given)([lifted(inside, i) for i in range(len(inside))])
    del given
    return lifted(arguments, position)


def lifting_ufunc(ufunc: np.ufunc) -> Callable[..., Any]:
    """`lifting`, with the attributes of a ufunc."""
    wrapper: Any = lifting(ufunc)
    wrapper.__module__ = "numpy"
    for name in _UFUNC_ATTRIBUTES:
        found = getattr(ufunc, name, _MISSING)
        if found is not _MISSING:
            setattr(wrapper, name, found)
    for name in ("reduce", "accumulate", "outer"):
        setattr(wrapper, name, getattr(ufunc, name))
    wrapper.outer = lifting(ufunc.outer)
    return wrapper  # type: ignore[no-any-return]
