"""Filtered row spaces that are asked for twice are kept.

The first computation over a filter fuses the filter into its loops.  When a second computation needs the same
filter while somebody still holds on to it, the positions of its rows are computed along, and from then on
columns are gathered by position: the mask is not evaluated a third time.  Declines for masks that are cheaper
to evaluate again than positions are to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from lazyframe.run.bindings import bind_array
from passes.ir.node import Node, carry_origin
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Filter, Rows
from passes.ir.values import Gather, Map, Read, RowNumber, Take, Value
from passes.ir.walk import rebuild, topological

CHEAP_MASK = 16
"""Cycles per row: about what loading an int64 position and gathering by it costs more than streaming."""

_times_needed: WeakKeyDictionary[Rows, int] = WeakKeyDictionary()
_kept: WeakKeyDictionary[Rows, Read] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Rebased:
    """Values over row spaces that are kept, and what to compute along with them.

    Parameters
    ----------
    values : tuple of Value
        What was asked for, in order.
    filters : tuple of Filter
        Row spaces needed for the second time.
    positions : tuple of Value
        For each, the positions of its rows in its parent.
    """

    values: tuple[Value, ...]
    filters: tuple[Filter, ...]
    positions: tuple[Value, ...]


def rebase(values: Sequence[Value]) -> Rebased:
    """Put kept positions in the place of filters, and note which filters are needed again."""
    order = topological(values)
    filters = [node for node in order if isinstance(node, Filter)]
    if not filters:
        return Rebased(tuple(values), (), ())
    became = _rebased(order, filters)
    again = [rows for rows in filters if rows not in _kept and _needed_again(rows)]
    positions: list[Value] = []
    for rows in again:
        now = became.get(rows, rows)
        assert isinstance(now, Filter)
        positions.append(Take(RowNumber(now.parent), now))
    rebased = tuple([became.get(value, value) for value in values])
    return Rebased(rebased, tuple(again), tuple(positions))  # type: ignore[arg-type]  # values stay values


def preview(values: Sequence[Value]) -> tuple[Value, ...]:
    """What `rebase` would give, without counting as a computation."""
    order = topological(values)
    became = _rebased(order, [node for node in order if isinstance(node, Filter)])
    return tuple([became.get(value, value) for value in values])  # type: ignore[misc]  # values stay values


def _rebased(order: Sequence[Node], filters: Sequence[Filter]) -> dict[Node, Node]:
    became: dict[Node, Node] = {}
    if any(rows in _kept for rows in filters):
        for node in order:
            became[node] = _over_kept(node, became)
    return became


def keep(rebased: Rebased, positions: Sequence[Any]) -> None:
    """Remember the positions that were computed along."""
    for rows, array in zip(rebased.filters, positions, strict=True):
        _kept[rows] = bind_array(array, "positions")


def _over_kept(node: Node, became: dict[Node, Node]) -> Node:
    """A kept filter -> dense rows; a column taken through it -> gathered."""
    if isinstance(node, Filter) and node in _kept:
        rows = _kept[node].rows
        assert rows is not None
        return rows
    if isinstance(node, Take) and node.rows in _kept:
        column = became[node.column]
        assert isinstance(column, Value)
        gathered = Gather(column, _kept[node.rows])
        carry_origin(node, gathered)
        return gathered
    fresh = rebuild(node, became.__getitem__)
    carry_origin(node, fresh)
    return fresh


def _needed_again(rows: Filter) -> bool:
    """Count a computation over ``rows``; whether it is the second, and keeping the rows pays."""
    times = _times_needed.get(rows, 0) + 1
    _times_needed[rows] = times
    return times == 2 and _mask_cost(rows.mask) > CHEAP_MASK


def _mask_cost(mask: Value) -> int:
    maps = [node for node in topological([mask]) if isinstance(node, Map)]
    return sum([OPERATIONS[node.operation].cost for node in maps])
