"""What was done to evaluate an expression, to be done again with other columns of the same dtypes.

Which operations pandas makes of an expression depends on the dtypes of what stands in it, never on values.
So they are found once, and after that are calls of functions and methods. What these give may be of another
dtype than it was, which only the data decide: then the expression is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas


class Place(NamedTuple):
    """A column, by its place."""

    place: int


class Fixed(NamedTuple):
    """A constant, or a variable of the user's."""

    value: Any


class Step(NamedTuple):
    """A function of what its parts give.

    Parameters
    ----------
    function : callable
        Of as many values.
    parts : tuple
        What gives them.
    kind : hashable, optional
        That of the result, where it decides what follows.
    """

    function: Callable[..., Any]
    parts: tuple[Part, ...]
    kind: Hashable = None


Part = Step | Place | Fixed


class ChangedError(Exception):
    """A step gives something else than it gave."""


def kind_of_result(value: Any) -> Hashable:
    """What pandas looks at of a value when it chooses operations."""
    kind: Any = value.dtype if isinstance(value, pandas.Series) else type(value)
    found: Hashable = kind
    return found


def evaluated(part: Part, columns: Sequence[Any]) -> Any:
    """What a part gives of columns.

    Raises
    ------
    ChangedError
        If a step gives another dtype than it did.
    """
    if isinstance(part, Place):
        return columns[part.place]
    if isinstance(part, Fixed):
        return part.value
    found = part.function(*[evaluated(one, columns) for one in part.parts])
    if part.kind is not None and kind_of_result(found) != part.kind:
        raise ChangedError
    return found


_MOST_REMEMBERED = 512
_remembered: dict[Hashable, Step] = {}


def remembered(key: Hashable) -> Step | None:
    """The steps that `remember` was given."""
    return None if key is None else _remembered.get(key)


def remember(key: Hashable, step: Step) -> None:
    """Keep the steps of an expression; `key_of` says what for."""
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[key] = step


def key_of(
    text: str, engine: str, dtypes: Sequence[Any], variables: Mapping[str, Any], target: Any
) -> Hashable:
    """All that steps depend on; None where that takes long to tell, or may change."""
    if not all(isinstance(dtype, (np.dtype, pandas.StringDtype)) for dtype in dtypes):
        return None
    values = []
    for value in variables.values():
        key = _key_of_value(value)
        if key is None:
            return None
        values.append(key)
    return text, engine, target, tuple(dtypes), tuple(values)


_MOST_ITEMS = 100


def _key_of_value(value: Any) -> Hashable:
    kind = type(value)
    if kind in (int, str, bool):
        return kind, value
    if kind is float:
        return kind, value, str(value)  # 0.0 is not -0.0
    if kind is pandas.Timestamp:
        return kind, value, value.unit, value.tz
    if kind in (list, tuple) and len(value) <= _MOST_ITEMS:
        keys = tuple(map(_key_of_value, value))
        return None if None in keys else (kind, keys)
    return None
