"""Which rows of two sides a merge pairs, and where each pair stands on either side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lazyframe.record.computing import compute
from lazyframe.record.elementwise import negate
from lazyframe.record.merge_keys import key_pair, ordered_pair, text_of
from lazyframe.record.merge_missing import Positions, all_missing
from lazyframe.record.row_counts import has_rows
from lazyframe.record.sorting import sort_key
from lazyframe.record.zoned_times import points_of
from lazyframe.run.bindings import bind_array
from lazyframe.run.computed_keys import known_key
from lazyframe.run.uniqueness import certainly_unique
from passes.ir.rows import Filter, Join, Range, Rows, Sort
from passes.ir.values import OPAQUE, Gather, Lookup, Position, Read, RowNumber, Take, Value

Keys = Sequence[Value]


class Pairing(NamedTuple):
    """The rows of a merge.

    Parameters
    ----------
    rows : Rows
        Their row space.
    sides : tuple of Positions
        Where they stand on the left and on the right.
    entries : tuple of Read or None
        For each key what its codes stand for, where both sides have codes of their strings: an outer merge.
    codes : tuple of tuple of Value
        For each key those codes, of either side.
    """

    rows: Rows
    sides: tuple[Positions, Positions]
    entries: tuple[Read | None, ...] = ()
    codes: tuple[tuple[Value, Value], ...] = ()


def pair_rows(left: Rows, right: Rows, left_keys: Keys, right_keys: Keys, how: str) -> Pairing | None:
    """Pair rows by columns; None where pandas has to.

    A merge that keeps each row of one side is lazy where the keys of the other are known to be distinct: then
    it has just those rows.  Of other merges that keep rows without partner the pairs are found at once.

    Parameters
    ----------
    left, right : Rows
        Of the two sides.
    left_keys, right_keys : sequence of Value
        Columns, pair by pair.
    how : str
        One of `passes.ir.rows.JOIN_KINDS`.
    """
    if how == "outer":
        return _outer(left, right, left_keys, right_keys)
    side = {"left": 1, "right": 0}.get(how)
    pairs = [
        key_pair(one, other, side, objects=True) for one, other in zip(left_keys, right_keys, strict=True)
    ]
    if None in pairs:
        return None
    ones, others = zip(*pairs, strict=True)
    if how == "inner":
        rows = Join(left, right, ones, others, how)
        return Pairing(rows, (Positions(Position(rows, 0), False), Positions(Position(rows, 1), False)))
    if not has_rows(left) or not has_rows(right):
        return None
    if side == 0:
        ones = tuple([known_key(key, compute) for key in ones])
    else:
        others = tuple([known_key(key, compute) for key in others])
    if certainly_unique(ones if side == 0 else others):
        kept, found = Positions(None, False), _looked_up(left, right, ones, others, how)
        return Pairing(left, (kept, found)) if how == "left" else Pairing(right, (found, kept))
    return _found_at_once(Join(left, right, ones, others, how))


def _looked_up(
    left: Rows, right: Rows, ones: tuple[Value, ...], others: tuple[Value, ...], how: str
) -> Positions:
    found = Lookup(ones, right, others) if how == "left" else Lookup(others, left, ones)
    return Positions(found, None)


def _outer(left: Rows, right: Rows, left_keys: Keys, right_keys: Keys) -> Pairing | None:
    found = [ordered_pair(one, other) for one, other in zip(left_keys, right_keys, strict=True)]
    if None in found or not has_rows(left) or not has_rows(right):
        return None
    ones, others, entries = zip(*found, strict=True)
    pairing = _found_at_once(Join(left, right, ones, others, "outer"))
    return Pairing(pairing.rows, pairing.sides, entries, tuple(zip(ones, others, strict=True)))


def _found_at_once(join: Join) -> Pairing:
    arrays = compute([Position(join, 0), Position(join, 1)])
    return of_positions(arrays[0], arrays[1])


def of_positions(left: np.ndarray, right: np.ndarray) -> Pairing:
    """The rows at given positions of both sides; -1 where there is none."""
    sides = [Positions(bind_array(array, "positions"), bool((array < 0).any())) for array in (left, right)]
    value = sides[0].value
    assert value is not None
    assert value.rows is not None
    return Pairing(value.rows, (sides[0], sides[1]))


def of_indexers(rows: tuple[Rows, Rows], indexers: tuple[Any, Any], lengths: Sequence[int]) -> Pairing:
    """The rows at the positions that pandas gives for both sides, None for all rows of a side in their order.

    Parameters
    ----------
    rows : tuple of Rows
        Of both sides.
    indexers : tuple of numpy.ndarray or None
        Positions; -1 where there is no row.
    lengths : sequence of int
        How many rows both sides have.
    """
    paired = Range(lengths[0] if indexers[0] is None else len(indexers[0]))
    sides = [positions_at(*side, paired) for side in zip(rows, indexers, lengths, strict=True)]
    return Pairing(paired, (sides[0], sides[1]))


def positions_at(own: Rows, indexer: Any, length: int, rows: Rows) -> Positions:
    """Where ``rows`` stand among those of a side, of a length, by an indexer as of `of_indexers`."""
    if own is rows and (indexer is None or _are_all_in_order(indexer)):
        return Positions(None, False)
    array = np.arange(length) if indexer is None else np.asarray(indexer, np.int64)
    return Positions(bind_array(array, "positions"), bool(array.min(initial=0) < 0))


def _are_all_in_order(indexer: np.ndarray) -> bool:
    """Whether as many positions as there are rows are those of the rows, one after the other."""
    if len(indexer) and (indexer[0] != 0 or indexer[-1] != len(indexer) - 1):
        return False
    return bool((indexer == np.arange(len(indexer))).all())


def seen(column: Value, positions: Positions, rows: Rows) -> Value | None:
    """A column of a side over ``rows``, as pandas fills it; a side without rows has nothing to gather."""
    assert column.rows is not None
    if has_rows(column.rows) or not has_rows(rows):
        return positions.seen(column)
    return all_missing(column, rows)


def sorted_by(pairing: Pairing, keys: Keys) -> Pairing | None:
    """The same rows, stably sorted by columns of them; None where pandas has to compare."""
    by = [_sort_key(key) for key in keys]
    if None in by:
        return None
    rows = Sort(pairing.rows, tuple(by), (True,) * len(by))  # type: ignore[arg-type]  # no None
    moved = Position(rows, 0)
    left, right = [
        Positions(
            Gather(RowNumber(pairing.rows) if side.value is None else side.value, moved),
            False if side.value is None else side.partial,
        )
        for side in pairing.sides
    ]
    return Pairing(rows, (left, right))


def _sort_key(key: Value) -> Value | None:
    """The order of keys: a merge sorts NaT as the least integer that it is.

    The few codes of categories pandas sorts by counting, as it pairs rows, which takes less than a sort.
    """
    key = points_of(key)
    if key.dtype == OPAQUE:
        found = text_of(key)
        return None if found is None else found.codes
    return sort_key(key, missing_first=key.dtype.kind in "mM")


def without_partner(pairing: Pairing, side: int) -> tuple[Filter, Positions]:
    """The rows that have no partner on a side, and where they stand on the other."""
    rows = Filter(pairing.rows, negate(pairing.sides[side].found(pairing.rows)))
    kept = pairing.sides[1 - side].value
    return rows, Positions(Take(RowNumber(pairing.rows) if kept is None else kept, rows), False)
