"""What is asked for twice is kept, for as long as somebody holds on to it.

Scalars, and an outer product reduced to a vector, are small beside the work they took: they are kept when
they are first computed, so that results asked for one after another share them.

A filter is fused into the loops of the first computation over it.  When a second one needs it, the positions
of its rows are computed along, and from then on columns are gathered by position: the mask is not evaluated
a third time.  Declines for masks that are cheaper to evaluate again than positions are to load.

What no loop can be fused with leaves its positions in an array in any case: of a sort, other than one of
which only the first or last rows are needed or whose order nobody sees, and of a filter whose mask looks at
rows before or behind its own, they are kept from the first computation on.

What pandas has from the line on that made it must not be made for each computation: of a join that is needed
again, other than behind a filter, positions on both sides are kept, of rows looked up where they were found,
of groups what is aggregated, and a column that is seen through kept rows for the second time itself.  Of few
groups it is kept, with their keys, when it is first needed for something else, as it is small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from lazyframe.run.bindings import bind_array, bind_scalar
from lazyframe.run.few_groups import has_few_groups
from passes.facts.order import observed_order
from passes.facts.uses import Demand
from passes.ir.joins import joined_whole
from passes.ir.node import Node, carry_origin
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Filter, Group, Join, Range, Rows, Sort
from passes.ir.sorts import sorted_whole
from passes.ir.values import (
    OPAQUE,
    Aggregate,
    Fold,
    Gather,
    GroupNumber,
    Key,
    Lookup,
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

LOOKUP_COST = 40
"""Cycles per row of finding a row in a table."""

_times_needed: WeakKeyDictionary[Node, int] = WeakKeyDictionary()
_kept_rows: WeakKeyDictionary[Rows, tuple[Read, ...]] = WeakKeyDictionary()
"""The positions of rows in their parent, or on each side."""

_kept_values: WeakKeyDictionary[Value, Read | Parameter] = WeakKeyDictionary()

_kept_keys: WeakKeyDictionary[Group, dict[int, Read]] = WeakKeyDictionary()
"""Of groups, by the positions of the keys: nobody may hold the columns of keys until they are needed."""


@dataclass(frozen=True, slots=True)
class Rebased:
    """Values over what is kept, and what to compute along with them.

    Parameters
    ----------
    values : tuple of Value
        What was asked for, in order.
    spaces : tuple of Filter, Sort and Join
        Row spaces whose positions are worth keeping.
    summaries : tuple of Value
        Scalars and folds needed for the first time, and columns needed again.
    along : tuple of Value
        For each of the spaces where its rows stand, then the summaries, over what is kept.
    """

    values: tuple[Value, ...]
    spaces: tuple[Filter | Sort | Join, ...] = ()
    summaries: tuple[Value, ...] = ()
    along: tuple[Value, ...] = ()


def rebase(values: Sequence[Value], counting: bool = True) -> Rebased:
    """Put what is kept in its place, and note what to keep.

    ``counting=False`` asks what would be done, and does not count as a computation.
    """
    order = topological(values)
    spaces = [node for node in order if isinstance(node, (Filter, Sort, Join))]
    summaries = [node for node in order if isinstance(node, Reduce) or _folds_to_vector(node)]
    lookups = _lookups(values) if any(isinstance(node, Lookup) for node in order) else []
    members = _members(order) if any(isinstance(node, Group) for node in order) else {}
    if not spaces and not summaries and not members and not lookups:
        return Rebased(tuple(values))
    became: dict[Node, Node] = {}
    _find_keys(members)
    complete = {group for group, of_group in members.items() if all(v in _kept_values for v in of_group)}
    kept = any(rows in _kept_rows for rows in spaces)
    if kept or complete or any(value in _kept_values for value in (*summaries, *lookups)):
        demand = Demand(order, values)
        for node in order:
            became[node] = _over_kept(node, became, demand, complete, members)
    waiting = any(isinstance(node, (WithinGroup, Window)) for node in order)
    again = [rows for rows in _whole(spaces, order, values) if _is_to_keep(rows, waiting, counting)]
    asked = set(values)
    new = [value for value in summaries if value not in asked]
    for group, of_group in members.items():
        if _times(group, counting) > 1:
            new += of_group
        elif asked.isdisjoint(of_group) and has_few_groups(group):
            new += [*of_group, *[Key(group, k) for k, _ in enumerate(group.keys)]]
    new += [value for value in lookups if _times(value, counting) > 1 and _will_be_dense(value, again)]
    new += [node for node in order if isinstance(node, (Gather, Take)) and _seen_again(node, counting)]
    new = [value for value in dict.fromkeys(new) if value not in _kept_values][:MOST_SUMMARIES]
    along: list[Value] = []
    for rows in again:
        along += _positions(became.get(rows, rows))
    for value in new:
        found = became.get(value, value)
        assert isinstance(found, Value)
        along.append(found)
    rebased = tuple([became.get(value, value) for value in values])
    return Rebased(rebased, tuple(again), tuple(new), tuple(along))  # type: ignore[arg-type]


def keep(rebased: Rebased, computed: Sequence[Any]) -> None:
    """Remember what was computed along."""
    left = iter(computed)
    for rows in rebased.spaces:
        found = [next(left) for _ in _positions(rows)]
        _kept_rows[rows] = tuple([bind_array(positions, "positions") for positions in found])
    for value, result in zip(rebased.summaries, left, strict=True):
        if value.rows is None:
            _kept_values[value] = bind_scalar(result)
            continue
        found_value = _kept_values[value] = bind_array(result, "summary")
        if isinstance(value, Key):
            _kept_keys.setdefault(value.rows, {})[value.position] = found_value


def _find_keys(members: Mapping[Group, Sequence[Value]]) -> None:
    """Know the columns of keys again that are kept and that nobody has held meanwhile."""
    for group, of_group in members.items():
        known = _kept_keys.get(group, {})
        for value in of_group:
            if isinstance(value, Key) and value.position in known:
                _kept_values[value] = known[value.position]


def _whole(
    spaces: Sequence[Filter | Sort | Join], order: Sequence[Node], values: Sequence[Value]
) -> list[Filter | Sort | Join]:
    """Those not kept yet, without the sorts that are not done, or for the first or last rows only.

    Without the joins, too, of which filters are all that is needed: these are pushed into the sides.
    """
    whole: set[Rows] = {rows for rows in spaces if isinstance(rows, Filter)}
    if any(isinstance(rows, Sort) for rows in spaces):
        whole.update(sorted_whole(order, values) & observed_order(order, values, exact=True))
    if any(isinstance(rows, Join) for rows in spaces):
        whole.update(joined_whole(order, values))
    return [rows for rows in spaces if rows not in _kept_rows and rows in whole]


def _positions(rows: Node) -> list[Value]:
    """Where each row stands in the parent, or on both sides."""
    if isinstance(rows, Join):
        return [Position(rows, 0), Position(rows, 1)]
    if isinstance(rows, Sort):
        return [Position(rows, 0)]
    assert isinstance(rows, Filter)
    return [Take(RowNumber(rows.parent), rows)]


def _members(order: Sequence[Node]) -> dict[Group, list[Value]]:
    """What is computed of each group; without the groups that something has to find its rows in."""
    found: dict[Group, list[Value]] = {}
    searched: set[Group] = set()
    for node in order:
        if isinstance(node, GroupNumber) or (
            isinstance(node, WithinGroup) and not isinstance(node.rows, Group)
        ):
            searched.add(node.group)
        elif isinstance(node, (Aggregate, Key, WithinGroup)):
            assert isinstance(node.rows, Group)
            found.setdefault(node.rows, []).append(node)
    return {group: members for group, members in found.items() if group not in searched}


def _lookups(values: Sequence[Value]) -> list[Lookup]:
    """Those that are needed other than by the mask of a filter."""
    order = topological(values, lambda node: (node.parent,) if isinstance(node, Filter) else children(node))
    return [node for node in order if isinstance(node, Lookup)]


def _folds_to_vector(node: Node) -> bool:
    return isinstance(node, Fold) and isinstance(node.rows, Range)


def _over_kept(
    node: Node,
    became: dict[Node, Node],
    demand: Demand,
    complete: set[Group],
    members: Mapping[Group, Sequence[Value]],
) -> Node:
    """Kept rows -> dense rows; a column taken through them -> gathered; a kept value -> an input."""
    if isinstance(node, Value) and node in _kept_values:
        found = _kept_values[node]
        if node.rows is None or became.get(node.rows, node.rows) is found.rows:
            return found  # else its rows are those of columns that are not kept
    elif isinstance(node, (Filter, Sort, Join)) and node in _kept_rows:
        return _kept_rows[node][0].rows
    elif isinstance(node, Group) and node in complete:
        rows = _kept_values[members[node][0]].rows
        assert rows is not None
        return rows
    elif isinstance(node, Position) and node.rows in _kept_rows:
        return _kept_rows[node.rows][node.side]
    elif isinstance(node, Take) and node.rows in _kept_rows:
        return _gathered(node.column, _kept_rows[node.rows][0], became, demand)
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


def _will_be_dense(column: Value, again: Sequence[Rows]) -> bool:
    """Whether other columns of its rows are gathered, too, once it is kept."""
    return isinstance(column.rows, Range) or column.rows in _kept_rows or column.rows in again


def _times(node: Node, counting: bool) -> int:
    """How many computations have needed ``node``, this one included, which is counted."""
    times = _times_needed.get(node, 0) + 1
    if counting:
        _times_needed[node] = times
    return times


def _seen_again(column: Gather | Take, counting: bool) -> bool:
    """Whether a column that is seen through kept rows is for the second time: gathering costs each time."""
    return column.rows in _kept_rows and column.dtype != OPAQUE and _times(column, counting) == 2


def _is_to_keep(rows: Filter | Sort | Join, waiting: bool, counting: bool) -> bool:
    """Count a computation over ``rows``; whether its positions are there or it is the second, and it pays.

    Without ``waiting`` no mask waits for other rows.
    """
    if isinstance(rows, Sort):
        return True
    times = _times(rows, counting)
    if isinstance(rows, Join):
        return times > 1
    return (waiting and _waits(rows.mask)) or (times == 2 and _mask_cost(rows.mask) > CHEAP_MASK)


def _waits(mask: Value) -> bool:
    """Whether ``mask`` looks at rows before or behind its own, and so cannot be fused."""
    return any(isinstance(value, (WithinGroup, Window)) for value in topological([mask], _of_its_row))


def _of_its_row(value: Node) -> tuple[Node, ...]:
    """What ``value`` is made of, without row spaces."""
    return tuple([child for child in children(value) if isinstance(child, Value)])


def _mask_cost(mask: Value) -> int:
    order = topological([mask])
    maps = [OPERATIONS[node.operation].cost for node in order if isinstance(node, Map)]
    return sum(maps) + LOOKUP_COST * any(isinstance(node, Lookup) for node in order)
