"""What is asked for twice is kept, for as long as somebody holds on to it.

Scalars, and an outer product reduced to a vector, are small beside the work they took: they are kept when
they are first computed, so that results asked for one after another share them.

A filter is fused into the loops of the first computation over it.  When a second one needs it, the positions
of its rows are computed along, and from then on columns are gathered by position: the mask is not evaluated
a third time.  Declines for masks that are cheaper to evaluate again than positions are to load.

What no loop can be fused with leaves its positions in an array in any case: of a sort, other than one of
which only the first or last rows are needed or whose order nobody sees, and of a filter whose mask looks at
rows before or behind its own, they are kept from the first computation on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from lazyframe.run.bindings import bind_array, bind_scalar
from passes.facts.order import observed_order
from passes.facts.uses import Demand
from passes.ir.node import Node, carry_origin
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Filter, Range, Rows, Sort
from passes.ir.sorts import sorted_whole
from passes.ir.values import (
    Fold,
    Gather,
    Map,
    Parameter,
    Position,
    Read,
    Reduce,
    RowNumber,
    Take,
    Value,
    Window,
    WithinGroup,
)
from passes.ir.walk import children, rebuild, topological

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
    spaces : tuple of Filter and Sort
        Row spaces needed for the second time.
    summaries : tuple of Value
        Scalars and folds needed for the first time.
    along : tuple of Value
        For each of them the positions of its rows in its parent, then the summaries, over what is kept.
    """

    values: tuple[Value, ...]
    spaces: tuple[Filter | Sort, ...] = ()
    summaries: tuple[Value, ...] = ()
    along: tuple[Value, ...] = ()


def rebase(values: Sequence[Value], counting: bool = True) -> Rebased:
    """Put what is kept in its place, and note what to keep.

    ``counting=False`` asks what would be done, and does not count as a computation.
    """
    order = topological(values)
    spaces = [node for node in order if isinstance(node, (Filter, Sort))]
    summaries = [node for node in order if isinstance(node, Reduce) or _folds_to_vector(node)]
    if not spaces and not summaries:
        return Rebased(tuple(values))
    became: dict[Node, Node] = {}
    if any(rows in _kept_rows for rows in spaces) or any(value in _kept_values for value in summaries):
        demand = Demand(order, values)
        for node in order:
            became[node] = _over_kept(node, became, demand)
    waiting = any(isinstance(node, (WithinGroup, Window)) for node in order)
    again = [rows for rows in _whole(spaces, order, values) if _is_to_keep(rows, waiting, counting)]
    asked = set(values)
    new = [value for value in summaries if value not in asked and value not in _kept_values]
    along: list[Value] = []
    for rows in again:
        along.append(_positions(became.get(rows, rows)))
    for value in new[:MOST_SUMMARIES]:
        found = became.get(value, value)
        assert isinstance(found, Value)
        along.append(found)
    rebased = tuple([became.get(value, value) for value in values])
    return Rebased(rebased, tuple(again), tuple(new[:MOST_SUMMARIES]), tuple(along))  # type: ignore[arg-type]


def keep(rebased: Rebased, computed: Sequence[Any]) -> None:
    """Remember what was computed along."""
    for rows, positions in zip(rebased.spaces, computed[: len(rebased.spaces)], strict=True):
        _kept_rows[rows] = bind_array(positions, "positions")
    for value, result in zip(rebased.summaries, computed[len(rebased.spaces) :], strict=True):
        _kept_values[value] = bind_scalar(result) if value.rows is None else bind_array(result, "summary")


def _whole(
    spaces: Sequence[Filter | Sort], order: Sequence[Node], values: Sequence[Value]
) -> list[Filter | Sort]:
    """Those not kept yet, without the sorts that are not done, or for the first or last rows only."""
    sorts: set[Rows] = set()
    if any(isinstance(rows, Sort) for rows in spaces):
        sorts.update(sorted_whole(order, values) & observed_order(order, values, exact=True))
    return [rows for rows in spaces if rows not in _kept_rows and (isinstance(rows, Filter) or rows in sorts)]


def _positions(rows: Node) -> Value:
    """Where each row stands in the parent."""
    if isinstance(rows, Sort):
        return Position(rows, 0)
    assert isinstance(rows, Filter)
    return Take(RowNumber(rows.parent), rows)


def _folds_to_vector(node: Node) -> bool:
    return isinstance(node, Fold) and isinstance(node.rows, Range)


def _over_kept(node: Node, became: dict[Node, Node], demand: Demand) -> Node:
    """A kept filter -> dense rows; a column taken through it -> gathered; a kept value -> an input."""
    if isinstance(node, (Filter, Sort)) and node in _kept_rows:
        return _kept_rows[node].rows
    if isinstance(node, Position) and node.rows in _kept_rows:
        return _kept_rows[node.rows]
    if isinstance(node, Take) and node.rows in _kept_rows:
        return _gathered(node.column, _kept_rows[node.rows], became, demand)
    if isinstance(node, Value) and node in _kept_values:
        return _kept_values[node]
    fresh = rebuild(node, became.__getitem__)
    carry_origin(node, fresh)
    return fresh


def _gathered(column: Value, positions: Value, became: dict[Node, Node], demand: Demand) -> Value:
    """``column`` at ``positions``; what only they need is computed, or gathered, for them alone."""
    found: dict[Node, Value] = {}
    for node in topological([column], lambda value: _only_gathered(value, demand)):
        now = became[node]
        match now:
            case Map(operation, arguments, dtype) if _only_gathered(node, demand):
                own: Sequence[Value] = node.arguments  # type: ignore[attr-defined]  # a map becomes a map
                pairs = zip(own, arguments, strict=True)
                found[node] = Map(operation, tuple([found.get(old, new) for old, new in pairs]), dtype)
            case Gather(source, places):
                found[node] = Gather(source, Gather(places, positions))
            case _:
                found[node] = Gather(now, positions)  # type: ignore[arg-type]  # values stay values
        carry_origin(node, found[node])
    return found[column]


def _only_gathered(value: Node, demand: Demand) -> tuple[Node, ...]:
    """The columns that ``value`` is computed from, where it is needed by what gathers it only."""
    if not isinstance(value, Map) or not demand.through_one(value):
        return ()
    return tuple([argument for argument in value.arguments if argument.rows is not None])


def _is_to_keep(rows: Filter | Sort, waiting: bool, counting: bool) -> bool:
    """Count a computation over ``rows``; whether its positions are there or it is the second, and it pays.

    Without ``waiting`` no mask waits for other rows.
    """
    if isinstance(rows, Sort):
        return True
    times = _times_needed.get(rows, 0) + 1
    if counting:
        _times_needed[rows] = times
    return (waiting and _waits(rows.mask)) or (times == 2 and _mask_cost(rows.mask) > CHEAP_MASK)


def _waits(mask: Value) -> bool:
    """Whether ``mask`` looks at rows before or behind its own, and so cannot be fused."""
    return any(isinstance(value, (WithinGroup, Window)) for value in topological([mask], _of_its_row))


def _of_its_row(value: Node) -> tuple[Node, ...]:
    """What ``value`` is made of, without row spaces."""
    return tuple([child for child in children(value) if isinstance(child, Value)])


def _mask_cost(mask: Value) -> int:
    maps = [node for node in topological([mask]) if isinstance(node, Map)]
    return sum([OPERATIONS[node.operation].cost for node in maps])
