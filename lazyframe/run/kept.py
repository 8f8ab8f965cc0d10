"""What is asked for twice is kept, for as long as somebody holds on to it.

Scalars, and an outer product reduced to a vector, are small beside the work they took: they are kept when
they are first computed, so that results asked for one after another share them.

A filter is fused into the loops of the first computation over it.  When a second one needs it, the positions
of its rows are computed along, and from then on columns are gathered by position: the mask is not evaluated
a third time.  Declines for masks that are cheaper to evaluate again than positions are to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from lazyframe.run.bindings import bind_array, bind_scalar
from passes.ir.node import Node, carry_origin
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Filter, Range, Rows
from passes.ir.values import Fold, Gather, Map, Parameter, Read, Reduce, RowNumber, Take, Value
from passes.ir.walk import rebuild, topological

CHEAP_MASK = 16
"""Cycles per row: about what loading an int64 position and gathering by it costs more than streaming."""

MOST_SUMMARIES = 64
"""Summaries that one computation keeps: each is one more result of the program."""

_times_needed: WeakKeyDictionary[Rows, int] = WeakKeyDictionary()
_kept_rows: WeakKeyDictionary[Rows, Read] = WeakKeyDictionary()
_kept_values: WeakKeyDictionary[Value, Read | Parameter] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Rebased:
    """Values over what is kept, and what to compute along with them.

    Parameters
    ----------
    values : tuple of Value
        What was asked for, in order.
    filters : tuple of Filter
        Row spaces needed for the second time.
    summaries : tuple of Value
        Scalars and folds needed for the first time.
    along : tuple of Value
        For each filter the positions of its rows in its parent, then the summaries, over what is kept.
    """

    values: tuple[Value, ...]
    filters: tuple[Filter, ...] = ()
    summaries: tuple[Value, ...] = ()
    along: tuple[Value, ...] = ()


def rebase(values: Sequence[Value], counting: bool = True) -> Rebased:
    """Put what is kept in its place, and note what to keep.

    ``counting=False`` asks what would be done, and does not count as a computation.
    """
    order = topological(values)
    filters = [node for node in order if isinstance(node, Filter)]
    summaries = [node for node in order if isinstance(node, Reduce) or _folds_to_vector(node)]
    if not filters and not summaries:
        return Rebased(tuple(values))
    became: dict[Node, Node] = {}
    if any(rows in _kept_rows for rows in filters) or any(value in _kept_values for value in summaries):
        for node in order:
            became[node] = _over_kept(node, became)
    again = [rows for rows in filters if rows not in _kept_rows and _needed_again(rows, counting)]
    asked = set(values)
    new = [value for value in summaries if value not in asked and value not in _kept_values]
    along: list[Value] = []
    for rows in again:
        now = became.get(rows, rows)
        assert isinstance(now, Filter)
        along.append(Take(RowNumber(now.parent), now))
    for value in new[:MOST_SUMMARIES]:
        found = became.get(value, value)
        assert isinstance(found, Value)
        along.append(found)
    rebased = tuple([became.get(value, value) for value in values])
    return Rebased(rebased, tuple(again), tuple(new[:MOST_SUMMARIES]), tuple(along))  # type: ignore[arg-type]


def keep(rebased: Rebased, computed: Sequence[Any]) -> None:
    """Remember what was computed along."""
    for rows, positions in zip(rebased.filters, computed[: len(rebased.filters)], strict=True):
        _kept_rows[rows] = bind_array(positions, "positions")
    for value, result in zip(rebased.summaries, computed[len(rebased.filters) :], strict=True):
        _kept_values[value] = bind_scalar(result) if value.rows is None else bind_array(result, "summary")


def _folds_to_vector(node: Node) -> bool:
    return isinstance(node, Fold) and isinstance(node.rows, Range)


def _over_kept(node: Node, became: dict[Node, Node]) -> Node:
    """A kept filter -> dense rows; a column taken through it -> gathered; a kept value -> an input."""
    if isinstance(node, Filter) and node in _kept_rows:
        return _kept_rows[node].rows
    if isinstance(node, Take) and node.rows in _kept_rows:
        column = became[node.column]
        assert isinstance(column, Value)
        gathered = Gather(column, _kept_rows[node.rows])
        carry_origin(node, gathered)
        return gathered
    if isinstance(node, Value) and node in _kept_values:
        return _kept_values[node]
    fresh = rebuild(node, became.__getitem__)
    carry_origin(node, fresh)
    return fresh


def _needed_again(rows: Filter, counting: bool) -> bool:
    """Count a computation over ``rows``; whether it is the second, and keeping the rows pays."""
    times = _times_needed.get(rows, 0) + 1
    if counting:
        _times_needed[rows] = times
    return times == 2 and _mask_cost(rows.mask) > CHEAP_MASK


def _mask_cost(mask: Value) -> int:
    maps = [node for node in topological([mask]) if isinstance(node, Map)]
    return sum([OPERATIONS[node.operation].cost for node in maps])
