"""What is asked for twice is kept, for as long as somebody holds on to it.

Scalars, and an outer product reduced to a vector, are small beside the work they took: they are kept when
they are first computed, so that results asked for one after another share them.

A filter is fused into the loops of the first computation over it.  When a second one needs it, the positions
of its rows are computed along, and from then on columns are gathered by position: the mask is not evaluated
a third time.  Declines for masks that are cheaper to evaluate again than positions are to load.

What no loop can be fused with leaves its positions in an array in any case: of a sort, other than one of
which only the first or last rows are needed or whose order nobody sees, and of a filter whose mask looks at
rows before or behind its own, they are kept from the first computation on.

A column that no loop can be fused with, a running or rolling one, is kept when it is first computed, and a
column of a source that is dear to compute when it is needed again (`lazyframe.run.columns_again`).

What pandas has from the line on that made it must not be made for each computation: of a join that is needed
again, other than behind a filter, positions on both sides are kept, of rows looked up where they were found,
of groups what is aggregated, and a column that is seen through kept rows for the second time itself.  Of few
groups it is kept, with their keys, when it is first needed for something else, as it is small.

Sums of groups are kept from the first computation on, whether or not all else is that is asked of them: over
rows that are kept, or by a kernel where NumPy was before, they are added up in another order, and then no
group might have the greatest sum that was found a line before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from lazyframe.run.anonymous import Request, request
from lazyframe.run.bindings import bind_array, bind_scalar
from lazyframe.run.columns_again import columns_needed_again
from lazyframe.run.few_groups import has_few_groups
from lazyframe.run.keepable import LOOKUP_COST
from lazyframe.run.needed_again import columns_to_keep, fits, rows_of_kept
from passes.facts.uses import Demand
from passes.ir.node import Node, carry_origin
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Filter, Group, Join, Range, Rows, Sort
from passes.ir.values import (
    OPAQUE,
    Aggregate,
    Gather,
    Key,
    Lookup,
    Map,
    Parameter,
    Position,
    Read,
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

_times_needed: WeakKeyDictionary[Node, int] = WeakKeyDictionary()
_kept_rows: WeakKeyDictionary[Rows, tuple[Read | RowNumber, ...]] = WeakKeyDictionary()
"""The positions of rows in their parent, or on each side; row numbers where all rows of a side are there."""

_kept_values: WeakKeyDictionary[Value, Read | Parameter] = WeakKeyDictionary()

_kept_keys: WeakKeyDictionary[Group, dict[int, Read]] = WeakKeyDictionary()
"""Of groups, by the positions of the keys: nobody may hold the columns of keys until they are needed."""


class Rebased(NamedTuple):
    """What is asked for over what is kept, and what is computed along with it.

    Parameters
    ----------
    request : Request
        Over what is kept: what was asked for, for each of the spaces where its rows stand, and the summaries.
    spaces : tuple of Filter, Sort and Join
        Row spaces whose positions are worth keeping.
    summaries : tuple of Value
        Scalars and folds needed for the first time, and columns needed again.
    """

    request: Request
    spaces: tuple[Filter | Sort | Join, ...] = ()
    summaries: tuple[Value, ...] = ()


def rebase(asked: Request, counting: bool = True) -> Rebased:
    """Put what is kept in its place, and note what to keep.

    ``counting=False`` asks what would be done, and does not count as a computation.
    """
    keepable = asked.shape.keepable
    if keepable.is_nothing:
        return Rebased(asked)
    order: Sequence[Any] = asked.order
    if keepable.is_summaries and not any(order[place] in _kept_values for place in keepable.summaries):
        return _with_summaries(asked)  # as most programs over columns in memory are
    spaces = [order[place] for place in keepable.spaces]
    summaries = [order[place] for place in keepable.summaries]
    lookups = [order[place] for place in keepable.lookups]
    keys = [order[place] for place in keepable.keys]
    members = {order[group]: [order[place] for place in found] for group, found in keepable.members}
    became: dict[Node, Node] = {}
    _find_keys(members)
    complete = {group for group, of_group in members.items() if all(v in _kept_values for v in of_group)}
    sums = [order[place] for place in keepable.sums]
    kept = any(rows in _kept_rows for rows in spaces)
    again_in_files = columns_to_keep(asked, _kept_values, counting)
    dense, left = rows_of_kept(asked, _kept_values) if keepable.filtered else ({}, order)
    columns = [order[place] for place in (*keepable.windows, *keepable.dear)]
    if (
        kept
        or complete
        or dense
        or any(value in _kept_values for value in (*summaries, *lookups, *keys, *sums, *columns))
    ):
        demand = Demand(order, asked.values)
        became.update(dense)
        for node in left:
            if node not in dense:
                became[node] = _over_kept(node, became, demand, complete, members)
    below_kept = {*dense, *set(order).difference(left)} if dense else set()
    whole = [order[place] for place in keepable.whole if order[place] not in below_kept]
    again = [rows for rows in whole if rows not in _kept_rows and _is_to_keep(rows, keepable.waits, counting)]
    results = set(asked.values)
    new = [value for value in summaries if value not in results]
    new += [value for value in sums if any(result.rows is not value.rows for result in results)]
    new += columns_needed_again(order, keepable, partial(_times, counting=counting), _is_kept, results)
    for group, of_group in members.items():
        if _times(group, counting) > 1:
            new += of_group
        elif results.isdisjoint(of_group) and has_few_groups(group):
            new += [*of_group, *[Key(group, k) for k, _ in enumerate(group.keys)]]
    new += [value for value in lookups if _times(value, counting) > 1 and _will_be_dense(value, again)]
    if kept:
        seen = [order[place] for place in keepable.seen]
        # what became an input is somebody else's memory, which must not be locked
        new += [v for v in seen if _seen_again(v, counting) and not isinstance(became.get(v), Read)]
    new += [value for value in again_in_files if value not in results]
    new = [v for v in dict.fromkeys(new) if v not in _kept_values and v not in below_kept][:MOST_SUMMARIES]
    if not became:
        known = {node: place for place, node in enumerate(order)}
        more = [known.get(value) for rows in again for value in _positions(rows)]
        more += [known.get(value) for value in new]
        if None not in more:  # as a rule: the graph is the same
            return Rebased(asked.with_more(tuple(more)), tuple(again), tuple(new))  # type: ignore[arg-type]
    along = [value for rows in again for value in _positions(became.get(rows, rows))]
    results_and_more: list[Any] = [*asked.values, *new]
    rebased = [became.get(value, value) for value in results_and_more]
    rebased[len(asked.values) : len(asked.values)] = along
    return Rebased(request(rebased), tuple(again), tuple(new))


def _with_summaries(asked: Request) -> Rebased:
    """The same graph, and along with it the summaries that are no results, none of them kept yet."""
    order: Sequence[Any] = asked.order
    results = set(asked.values)
    places = [place for place in asked.shape.keepable.summaries if order[place] not in results]
    del places[MOST_SUMMARIES:]
    return Rebased(asked.with_more(tuple(places)), (), tuple([order[place] for place in places]))


def keep(rebased: Rebased, computed: Sequence[Any], results: Sequence[Any]) -> None:
    """Remember what was computed along: copies of what is among the results, which become the user's."""
    left = iter(computed)
    given = {id(result) for result in results}
    for rows in rebased.spaces:
        found = [next(left) for _ in _positions(rows)]
        _kept_rows[rows] = tuple([_bound(positions, "positions") for positions in found])
    for value, result in zip(rebased.summaries, left, strict=True):
        if value.rows is None:
            _kept_values[value] = bind_scalar(result)
            continue
        if isinstance(value.rows, Filter) and not fits(value, result):
            continue
        found_value = _kept_values[value] = _bound(
            result.copy() if id(result) in given else result, "summary"
        )
        if isinstance(value, Key):
            _kept_keys.setdefault(value.rows, {})[value.position] = found_value


def kept_rows(rows: Rows) -> tuple[Read | RowNumber, ...] | None:
    """The positions of kept rows in their parent, or on each side."""
    return _kept_rows.get(rows)


def keep_rows(rows: Join, positions: tuple[Read | RowNumber, ...]) -> None:
    """Remember the positions of a join's rows on each side."""
    _kept_rows[rows] = positions


def kept_value(value: Value) -> Read | Parameter | None:
    """What stands for a value that is kept."""
    return _kept_values.get(value)


def keep_value(value: Value, result: Any) -> Read | Parameter:
    """Remember what was computed of a column of a source or of a scalar."""
    found = bind_scalar(result) if value.rows is None else _bound(result, "kept")
    _kept_values[value] = found
    return found


def _bound(array: np.ndarray, hint: str) -> Read:
    """An input of what was computed, locked: who asks for the same value must not write to it."""
    array.flags.writeable = False
    return bind_array(array, hint)


def _find_keys(members: Mapping[Group, Sequence[Value]]) -> None:
    """Know the columns of keys again that are kept and that nobody has held meanwhile."""
    for group, of_group in members.items():
        known = _kept_keys.get(group, {})
        for value in of_group:
            if isinstance(value, Key) and value.position in known:
                _kept_values[value] = known[value.position]


def _positions(rows: Node) -> list[Value]:
    """Where each row stands in the parent, or on both sides."""
    if isinstance(rows, Join):
        return [Position(rows, 0), Position(rows, 1)]
    if isinstance(rows, Sort):
        return [Position(rows, 0)]
    assert isinstance(rows, Filter)
    return [Take(RowNumber(rows.parent), rows)]


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
        rows = None if node.rows is None else became.get(node.rows, node.rows)
        if rows is None or rows is found.rows:
            return found  # else its rows are those of columns that are not kept
        if isinstance(node, Aggregate):
            # computed anew it may be rounded another way than what was made of it meanwhile
            loaded = Gather(found, RowNumber(rows))  # type: ignore[arg-type]  # of groups, and a column
            carry_origin(node, loaded)
            return loaded
    elif isinstance(node, (Filter, Sort, Join)) and node in _kept_rows:
        return _kept_rows[node][0].rows
    elif isinstance(node, Group) and node in complete:
        rows = _kept_values[members[node][0]].rows
        assert rows is not None
        return rows
    elif isinstance(node, Position) and node.rows in _kept_rows:
        return _kept_rows[node.rows][node.side]
    elif isinstance(node, Gather) and _are_all_rows(node.positions):
        return became[node.column]
    elif isinstance(node, Take) and node.rows in _kept_rows:
        return _gathered(node.column, _kept_rows[node.rows][0], became, demand)
    fresh = rebuild(node, became.__getitem__)
    carry_origin(node, fresh)
    return fresh


def _are_all_rows(positions: Value) -> bool:
    """Whether these are the positions of all rows of a side, as they come."""
    if not isinstance(positions, Position):
        return False
    known = _kept_rows.get(positions.rows)
    return known is not None and isinstance(known[positions.side], RowNumber)


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


def _is_kept(node: Node) -> bool:
    return node in _kept_values or node in _kept_rows


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
