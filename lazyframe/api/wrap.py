"""Plain pandas results become lazyframe's, so that a program goes on lazily."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import GeneratorType
from typing import Any, ParamSpec

import pandas

from lazyframe.api.frame import DataFrame
from lazyframe.api.readers import handing_out, is_reader, wrap_each
from lazyframe.api.series import Series
from lazyframe.pandas_internals import blame_caller, recast

Parameters = ParamSpec("Parameters")


def wrap(result: Any) -> Any:
    """Return `result` with each plain pandas frame or series in it as ours; no values are copied.

    Looks inside tuples, lists and dicts, which pandas makes anew for every result, and makes readers and
    generators wrap what they hand out. Anything else comes back as it is.
    """
    found: Any = type(result)
    # by identity: our classes are equal to pandas'
    if found is pandas.DataFrame:
        return recast(result, DataFrame)
    if found is pandas.Series:
        return recast(result, Series)
    if found is tuple or found is list:
        return found(map(wrap, result))
    if found is dict:
        return {key: wrap(value) for key, value in result.items()}
    if found is GeneratorType:
        return wrap_each(result, wrap)
    if is_reader(found):
        result.__class__ = handing_out(found, wrap)
    return result


def wrapping(function: Callable[Parameters, Any]) -> Callable[Parameters, Any]:
    """The same function, whose results are lazyframe's."""

    @blame_caller
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Any:
        return wrap(function(*args, **kwargs))

    return functools.update_wrapper(wrapped, function)


def unwrap(value: Any) -> Any:
    """Return a frame or series of ours as the plain pandas object; anything else as it is."""
    if type(value) is DataFrame or type(value) is Series:
        return value.to_pandas()
    return value
