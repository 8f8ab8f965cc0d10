"""Which columns follow from others: rows with equal values in these have equal values in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from passes.ir.rows import Filter, Join
from passes.ir.values import Gather, Map, Position, Take, Value

_DEEPEST = 32
"""Joins, or operations on what they are by, through which a column is followed."""

TellApart = Callable[[Sequence[Value]], bool]
"""Whether no two rows have equal values in all of some columns of one row space."""


def follows_from(column: Value, keys: Sequence[Value], tell_apart: TellApart) -> bool:
    """Whether rows that have equal ``keys`` have one value in ``column``.

    A row of a table is known by a key that no other row has, and with it all of its columns, however rows
    were filtered and joined since.  So are those of the one row of another table that it was joined to.

    Parameters
    ----------
    column : Value
        Of the rows of ``keys``.
    keys : sequence of Value
        Columns of one row space, of dtypes whose equal values have equal bits: no floats.
    tell_apart : callable
        Asked of columns that ``keys`` are seen from, and of those that joins are by.
    """
    return _Search(tell_apart).find(column, tuple(keys))


class _Search:
    def __init__(self, tell_apart: TellApart) -> None:
        self.tell_apart = tell_apart
        self.known: dict[tuple[Value, tuple[Value, ...]], bool] = {}
        """What was found; what is being looked for is not found on the way."""

    def find(self, column: Value, keys: tuple[Value, ...], depth: int = 0) -> bool:
        asked = column, keys
        if asked not in self.known:
            self.known[asked] = False
            self.known[asked] = depth < _DEEPEST and self._find(column, keys, depth)
        return self.known[asked]

    def _find(self, column: Value, keys: tuple[Value, ...], depth: int) -> bool:
        while keys and column not in keys:
            match column:
                case Take(below, _, Filter() as rows):
                    column, keys = below, _taken(keys, rows)
                case Gather(below, Position(side, _, Join() as join)) if join.how == "inner":
                    if self._is_partner(join, side, keys, depth):
                        return True
                    column, keys = below, _on_side(join, side, keys)
                case Map(_, arguments):
                    columns = [argument for argument in arguments if argument.rows is not None]
                    return all(self.find(argument, keys, depth + 1) for argument in columns)
                case _:
                    return self.tell_apart(keys)
        return bool(keys)

    def _is_partner(self, join: Join, side: int, keys: tuple[Value, ...], depth: int) -> bool:
        """Whether one side's row is the only one that the other's finds, by keys that follow."""
        own, others = _keys_of(join, side)
        position = Position(join, 1 - side)
        return self.tell_apart(own) and all(
            self.find(Gather(key, position), keys, depth + 1) for key in others
        )


def _taken(keys: Sequence[Value], rows: Filter) -> tuple[Value, ...]:
    return tuple([key.column for key in keys if isinstance(key, Take) and key.rows is rows])


def _on_side(join: Join, side: int, keys: Sequence[Value]) -> tuple[Value, ...]:
    """The keys that are columns of one side, or equal to what it is joined by."""
    own, others = _keys_of(join, side)
    position, opposite = Position(join, side), Position(join, 1 - side)
    found = [key.column for key in keys if isinstance(key, Gather) and key.positions is position]
    found += [key for key, other in zip(own, others, strict=True) if Gather(other, opposite) in keys]
    return tuple(dict.fromkeys(found))


def _keys_of(join: Join, side: int) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """What a join is by on one side, and on the other."""
    return (join.right_keys, join.left_keys) if side else (join.left_keys, join.right_keys)
