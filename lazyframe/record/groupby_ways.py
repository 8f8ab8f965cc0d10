"""The ways that a function with branches may take: it is called once for each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lazyframe.record.computing import compute
from lazyframe.record.datetimes import as_integers, as_times
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, both, cast, negate, select
from passes.ir.values import Reduce, Value

_MOST_WAYS = 16


class Untraceable(Exception):  # noqa: N818  # no error: pandas runs the function
    """The function does something that has no counterpart in the graph."""


class Notes(list[Value]):
    """Where rounding may decide what a function gives, and which way it takes where it asks whether.

    Parameters
    ----------
    way : sequence of bool
        What it is told, one question after another; of further ones that it is so.
    """

    def __init__(self, way: Sequence[bool] = ()) -> None:
        super().__init__()
        self.asked: list[Value] = []
        self.way = list(way)

    def decide(self, condition: Value) -> bool:
        """Whether ``condition``, a boolean of each group, holds on this way."""
        if condition in self.asked:
            return self.way[self.asked.index(condition)]
        self.asked.append(condition)
        if len(self.asked) > len(self.way):
            self.way.append(True)
        return self.way[len(self.asked) - 1]


class Way(NamedTuple):
    """What a function gives for groups where each question has the answer that it has here."""

    notes: Notes
    result: Any

    def is_taken(self) -> Value | None:
        """Of which groups; None if of all."""
        found: Value | None = None
        for condition, answer in zip(self.notes.asked, self.notes.way, strict=True):
            here = condition if answer else negate(condition)
            found = here if found is None else both(found, here)
        return found

    def borders(self) -> list[Value]:
        """Where rounding decides what these groups have."""
        taken = self.is_taken()
        if taken is None:
            return list(self.notes)
        return [both(border, taken) for border in self.notes if border.rows is taken.rows] + [
            border for border in self.notes if border.rows is not taken.rows
        ]


def all_ways(call: Callable[[Notes], Any]) -> list[Way]:
    """Every way of a function that ``call`` calls with a stand-in that keeps these notes."""
    found: list[Way] = []
    way: list[bool] = []
    while True:
        notes = Notes(way)
        found.append(Way(notes, call(notes)))
        way = notes.way
        while way and not way[-1]:
            way = way[:-1]
        if not way:
            return found
        way = [*way[:-1], False]
        if len(found) == _MOST_WAYS:
            raise Untraceable


def put_together(
    ways: Sequence[Way], values: Sequence[Value], seen: Callable[[Value], Value] = lambda value: value
) -> Value:
    """The values of all ways, each where it is taken, at the dtype that pandas finds for the objects.

    What of groups says which way is taken is ``seen`` from the rows that the values are of.
    """
    values = _at_one_dtype(ways, values)
    found = values[-1]
    for way, value in zip(reversed(ways[:-1]), reversed(values[:-1]), strict=True):
        taken = way.is_taken()
        assert taken is not None
        dtype = found.dtype
        found = as_times(select(seen(taken), as_integers(value), as_integers(found)), dtype)
    return found


def _at_one_dtype(ways: Sequence[Way], values: Sequence[Value]) -> list[Value]:
    dtypes = {value.dtype for value in values}
    if len(dtypes) == 1:
        return list(values)
    if dtypes != {INT64, FLOAT64}:
        raise Untraceable  # pandas makes objects of them
    taken = [way.is_taken() for way in ways]
    floats = [t for t, value in zip(taken, values, strict=True) if value.dtype == FLOAT64]
    some = compute([Reduce("any", here, BOOL) for here in floats if here is not None])
    if any(some):
        return [cast(value, FLOAT64) for value in values]
    return [cast(value, INT64) if value.dtype == FLOAT64 else value for value in values]
