"""Subclasses of pandas' readers, stores and accessors that wrap the frames and series they return."""

from __future__ import annotations

import copyreg
import functools
import inspect
from collections.abc import Callable, Generator, Iterable
from typing import Any

from lazyframe.api.likeness import like
from lazyframe.pandas_internals import blame_caller

_SPECIAL_METHODS = ("__getitem__", "__iter__", "__next__")
_READERS = {"JsonReader", "SAS7BDATReader", "StataReader", "TableIterator", "TextFileReader", "XportReader"}

Wrap = Callable[[Any], Any]


def is_reader(kind: type) -> bool:
    """Whether `kind` is a class of pandas, as pandas made it, whose objects read a file piece by piece."""
    return kind.__name__ in _READERS and _is_pandas(kind) and "_hands_out_wrapped" not in kind.__dict__


@functools.cache
def handing_out(kind: Any, wrap: Wrap) -> Any:
    """Make the subclass of `kind` whose methods and properties wrap what they return."""
    members: dict[str, Any] = {
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
        "__qualname__": kind.__qualname__,
        "_hands_out_wrapped": True,
    }
    for base in reversed(kind.__mro__):
        for name, member in vars(base).items():
            if not _is_pandas(base) or (name.startswith("_") and name not in _SPECIAL_METHODS):
                continue
            if inspect.isfunction(member):
                members[name] = _wrapping(member, wrap)
            elif isinstance(member, property) and member.fget is not None:
                members[name] = property(
                    _wrapping(member.fget, wrap), member.fset, member.fdel, member.__doc__
                )
    made = type(kind)(kind.__name__, (kind,), members)
    pickle_as_handing_out(made, kind, wrap)
    return made


def pickle_as_handing_out(
    ours: type, kind: type, wrap: Wrap, state_of: Callable[[Any], dict[str, Any]] = vars
) -> None:
    """Let pickle and copies take objects of ``ours`` for those of what `handing_out` makes of ``kind``.

    Parameters
    ----------
    ours : type
        Whose name leads to ``kind``.
    kind, wrap : type, callable
        As `handing_out` has them.
    state_of : callable, optional
        What pandas keeps in such an object.
    """
    copyreg.pickle(ours, lambda instance: (_new, (kind, wrap), state_of(instance)))


def _new(kind: type, wrap: Wrap) -> Any:
    return object.__new__(handing_out(kind, wrap))


def _is_pandas(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "pandas"


def _wrapping(method: Callable[..., Any], wrap: Wrap) -> Callable[..., Any]:
    @blame_caller
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return wrap(method(*args, **kwargs))

    return like(wrapped, method)


def wrap_each(pieces: Iterable[Any], wrap: Wrap) -> Generator[Any, None, None]:
    """Wrap what a generator of pandas yields, as it yields it, and close it when done."""
    try:
        for piece in pieces:
            yield wrap(piece)
    finally:
        pieces.close()  # type: ignore[attr-defined]
