"""Which masks say that a row is the first with its keys, and are all that is asked of these."""

from __future__ import annotations

from collections.abc import Sequence

from passes.ir.node import Node
from passes.ir.rows import Group
from passes.ir.values import Aggregate, Gather, GroupNumber, Map, RowNumber, Value
from passes.ir.walk import children


def first_row_masks(order: Sequence[Node], results: Sequence[Value]) -> dict[Map, Group]:
    """The masks in a graph that compare each row's number with that of the first row of its group.

    ``row_number == gather(g.minimum(row_number), group_number(g))`` counts distinct values and drops
    duplicates.  Where nothing else is asked of a group, nobody needs its rows to be numbered.

    Parameters
    ----------
    order : sequence of Node
        The whole graph.
    results : sequence of Value
        What is asked for.

    Returns
    -------
    dict of Map to Group
        Masks by ``equal`` or ``not_equal``.
    """
    if not any(isinstance(node, GroupNumber) for node in order):
        return {}
    masks = {
        node: group for node in order if isinstance(node, Map) and (group := _compared(node)) is not None
    }
    if not masks:
        return {}
    own: dict[Group, set[Node]] = {}
    for mask, group in masks.items():
        own.setdefault(group, set()).update(_parts(mask, group))
    asked = set(results)
    wanted_otherwise = {group for group, parts in own.items() if not parts.isdisjoint(asked)}
    group_of = {part: group for group, parts in own.items() for part in (group, *parts)}
    for node in order:
        if node not in masks and node not in group_of:
            wanted_otherwise.update([group_of[child] for child in children(node) if child in group_of])
    return {mask: group for mask, group in masks.items() if group not in wanted_otherwise}


def _parts(mask: Map, group: Group) -> tuple[Node, ...]:
    """What a mask is made of that belongs to the group."""
    gather = next(argument for argument in mask.arguments if isinstance(argument, Gather))
    return gather, gather.column, gather.positions


def _compared(mask: Map) -> Group | None:
    if mask.operation not in ("equal", "not_equal"):
        return None
    for row, first in (mask.arguments, mask.arguments[::-1]):
        match first:
            case Gather(Aggregate("minimum", number, _, Group() as group), GroupNumber(same)):
                own = isinstance(row, RowNumber) and row is number and row.rows is group.parent
                if own and same is group:
                    return group
    return None
