"""Pickling, where the class that an object names, ``pandas.DataFrame``, is not the class that it has."""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from typing import Any

from lazyframe.api.lazy import PandasKind


def class_named(name: str) -> type:
    """Return ``lazyframe.DataFrame`` or ``lazyframe.Series``."""
    import lazyframe

    found: type = getattr(lazyframe, name)
    return found


def new_instance(name: str) -> Any:
    """Make an object of the class of that name, whose state is set next."""
    return object.__new__(class_named(name))


def reduce_instance(instance: Any) -> tuple[Any, ...]:
    """What pickle keeps of a frame or series: its kind, and pandas' own state of it."""
    return new_instance, (type(instance).__name__,), instance.__getstate__()


def reduce_class(kind: PandasKind) -> Any:
    """What pickle keeps of a class; of a user's subclass, as usual, where to import it."""
    if "_pandas_kind" in kind.__dict__:
        return class_named, (kind.__name__,)
    return kind.__qualname__


copyreg.pickle(PandasKind, reduce_class)


def pickle_as(ours: type, kind: type, state_of: Callable[[Any], dict[str, Any]] = vars) -> None:
    """Let pickle and copies take objects of a class of ours for pandas' own.

    Parameters
    ----------
    ours : type
        That records, and whose name leads to ``kind``.
    kind : type
        pandas' class.
    state_of : callable, optional
        What pandas keeps in such an object, given one of ours.
    """
    copyreg.pickle(ours, lambda instance: (blank, (kind,), state_of(instance)))


def blank(kind: type) -> Any:
    """Make an object of a class, whose state is set next."""
    return object.__new__(kind)


def shallow_copy(instance: Any) -> Any:
    """The ``__copy__`` of what records: its copy goes on recording."""
    made = blank(type(instance))
    made.__dict__.update(instance.__dict__)
    return made
