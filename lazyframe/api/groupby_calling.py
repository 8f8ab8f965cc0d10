"""Functions of the user's that pandas calls for each group: their numbers are real when pandas sees them."""

from __future__ import annotations

import functools
from types import FunctionType
from typing import Any

import numpy as np
import pandas

from lazyframe.api.array import LazyArray


def giving_real_numbers(argument: Any) -> Any:
    """An argument of ``agg`` and its kin whose functions give NumPy's numbers in the place of lazy ones.

    Groups of many rows are lazy, and so is a number that a function computes of their arrays. pandas makes a
    column of what it is given by the types of the objects.
    """
    found = type(argument)
    if found is FunctionType:
        return _giving_real_numbers(argument)
    if found is dict:
        return {key: giving_real_numbers(value) for key, value in argument.items()}
    if found is list or found is tuple:
        return found(map(giving_real_numbers, argument))
    if found is pandas.NamedAgg and not any(getattr(argument, more, None) for more in ("args", "kwargs")):
        return argument.column, giving_real_numbers(argument.aggfunc)  # which is the same to pandas
    return argument


def _giving_real_numbers(function: FunctionType) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        return np.asarray(result)[()] if type(result) is LazyArray and result.ndim == 0 else result

    return call
