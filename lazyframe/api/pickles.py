"""Pickling, where the class that an object names, ``pandas.DataFrame``, is not the class that it has."""

from __future__ import annotations

import copyreg
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
