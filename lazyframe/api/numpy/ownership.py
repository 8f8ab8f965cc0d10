"""Who else can reach an array: what may be captured as it is, and what must be copied first.

A captured array is read when the program runs, perhaps much later. It may be captured without a copy if
nobody can write to it: it is ours alone, a temporary that only the running expression holds, or read-only
down to its memory. References are counted, and what a reference count is of an array that nobody else
holds is measured once, since it differs between versions of Python.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def _base_count(array: np.ndarray) -> int:
    base = array.base
    return sys.getrefcount(base)


_BASE_ALONE = _base_count(np.empty(1)[:])


def memory_is_private(array: np.ndarray) -> bool:
    """Whether the array that owns the memory of ``array``, if another, is held by ``array`` alone."""
    base = array.base
    if base is None:
        return True
    return type(base) is np.ndarray and base.base is None and sys.getrefcount(base) == _BASE_ALONE


def is_read_only(array: np.ndarray) -> bool:
    """Whether nobody can write to the array's memory through any array that it came from."""
    while True:
        if array.flags.writeable:
            return False
        base: object = array.base
        if base is None or isinstance(base, bytes):
            return True
        if type(base) is not np.ndarray:
            return False
        array = base


def captured(array: np.ndarray) -> np.ndarray:
    """An array of the same values that nobody else can write to: itself, or a copy."""
    return array if is_read_only(array) else array.copy(order="K")


def _count_in(arguments: tuple[Any, ...], position: int) -> int:
    array = arguments[position]
    return sys.getrefcount(array)


def _probe(*arguments: Any) -> int:
    return _count_in(arguments, 0)


def _measure_temporary() -> int:
    variable = np.empty(1)
    temporary, named = _probe(np.empty(1)), _probe(variable)
    return temporary if temporary < named else -1


_TEMPORARY = _measure_temporary()


def captured_argument(arguments: tuple[Any, ...], position: int) -> np.ndarray:
    """`captured`, for the positional arguments of a Python function ``f(*arguments)``.

    An argument that only the call holds is taken over: nobody can name it once the call has returned.
    """
    array: np.ndarray = arguments[position]
    if _count_in(arguments, position) == _TEMPORARY + 1 and memory_is_private(array):
        return array
    return captured(array)
