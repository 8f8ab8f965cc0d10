"""What ``series.str`` and ``series.cat`` record."""

from __future__ import annotations

import functools
import re
from collections.abc import Hashable
from typing import Any

import pandas

from lazyframe.api.handing_out import handing_out
from lazyframe.api.recording import column_of, series_of
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import blame_caller
from lazyframe.record.ask_once import freeze
from lazyframe.record.categories import category_codes
from lazyframe.record.string_entries import CHEAP, DEAR, map_entries

COSTS = {
    "startswith": CHEAP,
    "endswith": CHEAP,
    "len": CHEAP,
    **dict.fromkeys(
        ("__getitem__", "get", "slice", "lower", "upper", "strip", "lstrip", "rstrip"), 2 * CHEAP
    ),
}
"""What pandas takes for a row, in nanoseconds; `DEAR` for all others."""

METHODS = (
    "__getitem__", "capitalize", "casefold", "center", "contains", "count", "endswith", "find", "fullmatch",
    "get", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "islower", "isnumeric", "isspace",
    "istitle", "isupper", "len", "ljust", "lower", "lstrip", "match", "normalize", "pad", "removeprefix",
    "removesuffix", "repeat", "replace", "rfind", "rjust", "rstrip", "slice", "slice_replace", "startswith",
    "strip", "swapcase", "title", "translate", "upper", "wrap", "zfill",
)  # fmt: skip
"""The methods that treat each string by itself, and raise for none of them."""


def recording_accessor(series: Any, kind: Any) -> Any:
    """``series.str`` or ``series.cat``, of pandas' class ``kind``, without computing the series."""
    made: Any = object.__new__(_recording(kind))
    made.__dict__["_recorded_series"] = series
    return made


@functools.cache
def _recording(kind: Any) -> Any:
    """The subclass of an accessor's class that records what it can; for the rest it becomes ``kind``."""
    base = handing_out(kind, wrap)

    def fill(self: Any, name: str) -> Any:
        state = self.__dict__
        if not name.startswith("_") or len(state) > 1:
            raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}")
        state.update(kind(state["_recorded_series"]).__dict__)
        return getattr(self, name)

    members: dict[str, Any] = {
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
        "__qualname__": kind.__qualname__,
        "__getattr__": fill,
    }
    if kind.__name__ == "StringMethods":
        members.update({name: _method(name, getattr(base, name)) for name in METHODS if hasattr(kind, name)})
    else:
        members["codes"] = _codes(base.codes)
    return type(kind)(kind.__name__, (base,), members)


def _method(name: str, theirs: Any) -> Any:
    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorded = _record(self._recorded_series, name, args, kwargs)
        return theirs(self, *args, **kwargs) if recorded is NotImplemented else recorded

    return functools.update_wrapper(method, theirs)


def _codes(theirs: Any) -> property:
    @blame_caller
    def codes(self: Any) -> Any:
        mine = column_of(self._recorded_series)
        found = None if mine is None else category_codes(mine.value)
        if mine is None or found is None:
            return theirs.fget(self)
        return series_of(found[0], mine, None, "cat.codes")

    return property(functools.update_wrapper(codes, theirs.fget), doc=theirs.__doc__)


def _record(series: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    mine = column_of(series)
    if mine is None:
        return NotImplemented
    try:
        key = freeze(
            [name, [_known(one) for one in args], {word: _known(one) for word, one in kwargs.items()}]
        )
    except TypeError:
        return NotImplemented

    def call(strings: pandas.Series) -> Any:
        return getattr(strings.str, name)(*args, **kwargs)

    found = map_entries(mine.value, call, key, COSTS.get(name, DEAR))
    return series_of(found, mine, series._name, f"str.{name.strip('_')}")


def _known(argument: Any) -> Hashable:
    """What tells an argument from others; raises TypeError for one that may treat rows differently."""
    if isinstance(argument, slice):
        return ("slice", _known(argument.start), _known(argument.stop), _known(argument.step))
    if type(argument) is dict:
        return ("dict", *[(_known(one), _known(other)) for one, other in argument.items()])
    if type(argument) is tuple:
        return ("tuple", *map(_known, argument))
    if argument is not None and type(argument) not in (str, int, bool, re.Pattern) and argument == argument:
        raise TypeError
    return (type(argument), repr(argument) if argument != argument else argument)
