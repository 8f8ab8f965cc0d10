"""What of a graph may be worth keeping, as far as that follows from how it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from passes.facts.keys import inputs_behind
from passes.facts.order import observed_order
from passes.facts.sizes import base_ranges
from passes.ir.joins import joined_whole
from passes.ir.node import Node
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Filter, Group, Join, Range, Rows, Slice, Sort
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
    Reduce,
    Take,
    Value,
    Window,
    WithinGroup,
)
from passes.ir.walk import children, topological


class Keepable(NamedTuple):
    """Places, in topological order, of what may be kept.

    Parameters
    ----------
    spaces : tuple of int
        Filters, sorts and joins.
    whole : tuple of int
        Those of them that positions are worth keeping of: not sorts that are not done, or for the first or
        last rows only, nor joins of which filters are all that is needed, as these are pushed into the sides.
    waits : bool
        Whether anything looks at rows before or behind its own, and so cannot be fused.
    summaries : tuple of int
        Scalars, and outer products that are reduced to vectors.
    keys : tuple of int
        Computed keys on the right sides of inner joins.
    lookups : tuple of int
        Lookups that are needed other than by the mask of a filter.
    members : tuple of (int, tuple of int)
        Of each group what is computed of it; without the groups that something has to find its rows in.
    sums : tuple of int
        Aggregates of groups that may be rounded another way when they are computed again; without the groups
        that rows of other inputs look for.
    seen : tuple of int
        Columns that are seen through other rows.
    filtered : tuple of int
        Columns of filtered rows.
    windows : tuple of int
        Columns of a source that no loop can be fused with: running and rolling ones, whole or within groups.
    dear : tuple of int
        Columns of a source that are dear to compute again.
    chains : tuple of int
        Columns at the end of many steps, and scalars behind a reduction: what is to become of them is
        computed from themselves.
    """

    spaces: tuple[int, ...]
    whole: tuple[int, ...]
    waits: bool
    summaries: tuple[int, ...]
    keys: tuple[int, ...]
    lookups: tuple[int, ...]
    members: tuple[tuple[int, tuple[int, ...]], ...]
    sums: tuple[int, ...]
    seen: tuple[int, ...]
    filtered: tuple[int, ...]
    windows: tuple[int, ...]
    dear: tuple[int, ...]
    chains: tuple[int, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing may be kept."""
        return not self.summaries and self.is_summaries

    @property
    def is_summaries(self) -> bool:
        """Whether nothing but summaries may be kept."""
        columns = self.keys or self.lookups or self.members or self.sums or self.windows or self.dear
        return not (self.spaces or columns)


def keepable_of(order: Sequence[Node], values: Sequence[Value]) -> Keepable:
    """What may be kept of a graph that is given in topological order."""
    places = {node: place for place, node in enumerate(order)}
    spaces = [node for node in order if isinstance(node, (Filter, Sort, Join))]
    whole = _whole(spaces, order, values)
    has_lookups = any(isinstance(node, Lookup) for node in order)
    members = _members(order)
    return Keepable(
        tuple([places[rows] for rows in spaces]),
        tuple([places[rows] for rows in spaces if rows in whole]),
        any(isinstance(node, (WithinGroup, Window)) for node in order),
        tuple([places[node] for node in order if isinstance(node, Reduce) or _folds_to_vector(node)]),
        tuple([places[key] for key in _computed_keys(order)]),
        tuple([places[node] for node in _lookups(values)]) if has_lookups else (),
        tuple([(places[group], tuple([places[v] for v in found])) for group, found in members.items()]),
        tuple([places[node] for node in _sums(order)]),
        tuple([places[node] for node in order if isinstance(node, (Gather, Take))]),
        tuple([places[node] for node in order if _is_filtered(node)]),
        tuple([places[node] for node in _windows(order)]),
        tuple([places[node] for node in _dear(order)]),
        tuple([places[node] for node in _chains(order)]),
    )


DEAR = 12
"""Cycles per row from which a column is better loaded again than computed again."""

LOOKUP_COST = 40
"""Cycles per row of finding a row, or the number of its group."""


def _windows(order: Sequence[Node]) -> list[Value]:
    if any(isinstance(node, Slice) for node in order):
        return []  # fewer rows may be enough
    found = [node for node in order if isinstance(node, (Window, WithinGroup))]
    return [node for node in found if isinstance(node.rows, Range) and node.dtype != OPAQUE]


def _dear(order: Sequence[Node]) -> list[Value]:
    """Columns of a source at the end of steps that take `DEAR` cycles, since the last window."""
    cycles: dict[Node, int] = {}
    found: list[Value] = []
    for node in order:
        if not isinstance(node, Value) or node.rows is None:
            continue
        match node:
            case Map(operation, arguments, _):
                own, inputs = OPERATIONS[operation].cost, arguments
            case Gather(_, positions):
                own, inputs = 1, (positions,)
            case Lookup() | GroupNumber():
                own, inputs = LOOKUP_COST, ()
            case _:
                continue
        cycles[node] = own + max([cycles.get(one, 0) for one in inputs], default=0)
        if isinstance(node, (Map, Gather)) and isinstance(node.rows, Range) and node.dtype != OPAQUE:
            found += [node] if cycles[node] >= DEAR else []
    return found


LONG_CHAIN = 8
"""Steps, one after another, that are computed again for one more step, and not for two."""


def _chains(order: Sequence[Node]) -> list[Value]:
    steps: dict[Node, int] = {}
    found: list[Value] = []
    for node in order:
        if not isinstance(node, Value):
            continue
        # what scalars a column takes is kept in any case, and adds nothing to its own steps
        needed = [
            child for child in children(node) if node.rows is None or getattr(child, "rows", None) is not None
        ]
        most = max([steps.get(child, 0) for child in needed], default=0)
        if isinstance(node, Reduce):
            most = LONG_CHAIN
        elif isinstance(node, Map):
            most += 1
            if most >= LONG_CHAIN:
                found.append(node)
        steps[node] = most
    return found


def _whole(spaces: Sequence[Rows], order: Sequence[Node], values: Sequence[Value]) -> set[Rows]:
    whole: set[Rows] = {rows for rows in spaces if isinstance(rows, Filter)}
    if any(isinstance(rows, Sort) for rows in spaces):
        whole.update(sorted_whole(order, values) & observed_order(order, values, exact=True))
    if any(isinstance(rows, Join) for rows in spaces):
        whole.update(joined_whole(order, values))
    return whole


def _members(order: Sequence[Node]) -> Mapping[Group, Sequence[Value]]:
    if not any(isinstance(node, Group) for node in order):
        return {}
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


def _sums(order: Sequence[Node]) -> list[Aggregate]:
    """Sums and products of floats, which rows in another order give with other last bits.

    Not of groups that other rows look for: those that none of them finds had better not be made.
    """
    found = [node for node in order if isinstance(node, Aggregate) and _is_rounded(node)]
    if not found:
        return found
    sought: set[Node] = set()
    for node in order:
        if isinstance(node, Join):
            sought |= _groups_below(node.right, node.left) | _groups_below(node.left, node.right)
        elif isinstance(node, Lookup):
            sought |= _groups_below(node.of, node.rows)
    return [node for node in found if node.rows not in sought]


def _is_rounded(aggregate: Aggregate) -> bool:
    return aggregate.dtype.kind == "f" and aggregate.operation in ("sum", "product")


def _groups_below(rows: Rows | None, others: Rows | None) -> set[Node]:
    """The groups that rows are derived from, where others, which look for them, have rows of other inputs."""
    assert rows is not None
    assert others is not None
    groups = [node for node in topological([rows], _rows_below) if isinstance(node, Group)]
    return {group for group in groups if not base_ranges(others) <= base_ranges(group)}


def _rows_below(node: Node) -> tuple[Node, ...]:
    return tuple([child for child in children(node) if not isinstance(child, Value)])


def _computed_keys(order: Sequence[Node]) -> list[Map]:
    """Those without which it is not known whether the keys on the right of inner joins repeat."""
    keys = [node.right_keys for node in order if isinstance(node, Join) and node.how == "inner"]
    unknown = [own for own in keys if inputs_behind(own) is None]
    found = [key for own in unknown for key in own if isinstance(key, Map) and isinstance(key.rows, Range)]
    return list(dict.fromkeys(found))


def _lookups(values: Sequence[Value]) -> list[Lookup]:
    order = topological(values, lambda node: (node.parent,) if isinstance(node, Filter) else children(node))
    return [node for node in order if isinstance(node, Lookup)]


def _is_filtered(node: Node) -> bool:
    return isinstance(node, (Map, Take)) and isinstance(node.rows, Filter) and node.dtype != OPAQUE


def _folds_to_vector(node: Node) -> bool:
    return isinstance(node, Fold) and isinstance(node.rows, Range)
