"""pandas' readers and stores, handing out lazyframe's frames."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterable
from typing import Any

from lazyframe.pandas_internals import blame_caller

_METHODS = (
    "__getitem__",
    "__iter__",
    "__next__",
    "get",
    "get_chunk",
    "parse",
    "read",
    "select",
    "select_as_multiple",
    "select_column",
)
_READERS = {"JsonReader", "SAS7BDATReader", "StataReader", "TableIterator", "TextFileReader", "XportReader"}

Wrap = Callable[[Any], Any]


def is_reader(kind: type) -> bool:
    """Whether `kind` is a class of pandas whose objects read a file piece by piece, as pandas made them."""
    return (
        kind.__name__ in _READERS
        and kind.__module__.partition(".")[0] == "pandas"
        and not hasattr(kind, "_hands_out_wrapped")
    )


@functools.cache
def handing_out(kind: Any, wrap: Wrap) -> Any:
    """Make the subclass of `kind` whose reading methods wrap what they return."""
    methods = {name: _wrapping(getattr(kind, name), wrap) for name in _METHODS if _own(kind, name)}
    names = {
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
        "__qualname__": kind.__qualname__,
        "_hands_out_wrapped": True,
    }
    return type(kind)(kind.__name__, (kind,), names | methods)


def _own(kind: type, name: str) -> bool:
    return any(name in base.__dict__ for base in kind.__mro__ if base.__module__.startswith("pandas"))


def _wrapping(method: Callable[..., Any], wrap: Wrap) -> Callable[..., Any]:
    @blame_caller
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return wrap(method(*args, **kwargs))

    return functools.update_wrapper(wrapped, method)


def wrap_each(pieces: Iterable[Any], wrap: Wrap) -> Generator[Any, None, None]:
    """Wrap what a generator of pandas yields, as it yields it, and close it when done."""
    try:
        for piece in pieces:
            yield wrap(piece)
    finally:
        pieces.close()  # type: ignore[attr-defined]
