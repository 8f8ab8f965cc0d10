"""Which columns tell rows apart: no two rows have equal values in all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from passes.ir.rows import Filter, Group, Join, Rows, Sort
from passes.ir.values import Gather, Key, Map, Position, Read, RowNumber, Take, Value, View

UniqueKeys = frozenset[tuple[Value, ...]]
"""Inputs that are known to tell the rows of their sources apart."""


def tell_rows_apart(keys: Sequence[Value], known: UniqueKeys) -> bool:
    """Whether no two rows have equal ``keys``.

    Parameters
    ----------
    keys : sequence of Value
        Columns of one row space.
    known : frozenset of tuple of Value
        What is known of inputs.
    """
    while True:
        if any(isinstance(key, RowNumber) for key in keys):
            return True
        rows = keys[0].rows
        if isinstance(rows, Group):
            given = {key.position for key in map(_narrower, keys) if isinstance(key, Key)}
            return given == set(range(len(rows.keys)))
        if any(set(inputs) <= set(keys) for inputs in known):
            return True
        below = _below(keys, known)
        if not below:
            return False
        keys = below


def _below(keys: Sequence[Value], known: UniqueKeys) -> list[Value]:
    """Columns of other rows, each of which is seen at most once, that tell rows apart if they do there."""
    if any(_widens(key) for key in keys):
        return [_narrower(key) for key in keys]
    rows = keys[0].rows
    if isinstance(rows, Filter):
        return [key.column for key in keys if isinstance(key, Take)]
    if isinstance(rows, Sort):
        position = Position(rows, 0)
        return [key.column for key in keys if isinstance(key, Gather) and key.positions is position]
    if isinstance(rows, Join) and rows.how == "inner":
        return _on_a_side(keys, rows, known)
    views = [key for key in keys if isinstance(key, View)]
    one_way = {(view.column.rows, view.start, view.step) for view in views}
    return [view.column for view in views] if len(one_way) == 1 else []


def _on_a_side(keys: Sequence[Value], rows: Join, known: UniqueKeys) -> list[Value]:
    """The keys that come from the side whose rows are there at most once, as the other side's keys differ."""
    for side, others in ((0, rows.right_keys), (1, rows.left_keys)):
        position = Position(rows, side)
        seen = [key.column for key in keys if isinstance(key, Gather) and key.positions is position]
        if seen and tell_rows_apart(others, known):
            return seen
    return []


def _widens(key: Value) -> bool:
    """Whether a key is another one at a dtype that keeps every value apart."""
    if not isinstance(key, Map) or key.operation not in ("cast", "reinterpret"):
        return False
    (before,) = key.arguments
    if key.operation == "reinterpret":
        return True
    return (
        before.dtype.kind in "biu" and key.dtype.kind in "iu" and key.dtype.itemsize >= before.dtype.itemsize
    )


def _narrower(key: Value) -> Value:
    return key.arguments[0] if isinstance(key, Map) and _widens(key) else key


def inputs_behind(keys: Iterable[Value]) -> tuple[Read, ...] | None:
    """The inputs that key columns are selections of, if all are: what `tell_rows_apart` would ask for."""
    found: list[Read] = []
    for key in keys:
        value = key
        while not isinstance(value, Read):
            if _widens(value):
                value = _narrower(value)
            elif isinstance(value, (Take, View)) or (
                isinstance(value, Gather) and isinstance(value.positions, Position)
            ):
                value = value.column
            else:
                return None
        found.append(value)
    return tuple(found) if len({read.rows for read in found}) == 1 else None


def sides_of(rows: Rows) -> tuple[tuple[Value, ...], ...]:
    """The keys of each side of a join."""
    return (rows.left_keys, rows.right_keys) if isinstance(rows, Join) else ()
