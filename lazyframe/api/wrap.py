"""Plain pandas results become lazyframe's, so that a program goes on lazily."""

from __future__ import annotations

from collections.abc import Callable
from types import GeneratorType
from typing import Any, ParamSpec, TypeVar

from lazyframe.api.handing_out import handing_out, is_reader, wrap_each
from lazyframe.api.likeness import like
from lazyframe.pandas_internals import blame_caller, recast

Parameters = ParamSpec("Parameters")
Class = TypeVar("Class", bound=type)

_STAND_INS: list[tuple[type, Any]] = []


def stands_in_for(plain: type) -> Callable[[Class], Class]:
    """Class decorator: results of class `plain` become objects of the decorated class."""

    def register(ours: Class) -> Class:
        _STAND_INS.append((plain, ours))
        return ours

    return register


def wrap(result: Any) -> Any:
    """Return `result` with each plain pandas frame or series in it as ours; no values are copied.

    Looks inside tuples, lists and dicts, which pandas makes anew for every result, and makes readers and
    generators wrap what they hand out. Anything else comes back as it is.
    """
    found: Any = type(result)
    for plain, ours in _STAND_INS:
        if found is plain:  # our classes are equal to pandas', so only identity tells them apart
            return recast(result, ours)
        if found is ours:
            return result
    if found is tuple or found is list:
        return found(map(wrap, result))
    if found is dict:
        return {key: wrap(value) for key, value in result.items()}
    if found is GeneratorType:
        return wrap_each(result, wrap)
    if is_reader(found):
        result.__class__ = handing_out(found, wrap)
    return result


def unwrap(value: Any) -> Any:
    """Return a frame or series of ours as the plain pandas object; anything else as it is."""
    if any(type(value) is ours for _, ours in _STAND_INS):
        return value.to_pandas()
    return value


def wrapping(function: Callable[Parameters, Any]) -> Callable[Parameters, Any]:
    """The same function or method, whose results are lazyframe's."""

    @blame_caller
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Any:
        return wrap(function(*args, **kwargs))

    return like(wrapped, function)


class WrappedAccessor:
    """An accessor such as ``series.dt``, with pandas' own class but for what it returns."""

    def __init__(self, theirs: Any) -> None:
        self._theirs = theirs

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        accessor = self._theirs.__get__(owner, kind)
        if owner is not None:
            made: Any = type(accessor)
            accessor.__class__ = handing_out(made, wrap)
        return accessor
