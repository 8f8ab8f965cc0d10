"""Which masks say that a row is the first with its keys, and are all that is asked of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from passes.ir.node import Node
from passes.ir.rows import Group
from passes.ir.values import Aggregate, Gather, GroupNumber, Map, Reduce, RowNumber, Value
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


def counting_groups(order: Sequence[Node], results: Sequence[Value]) -> frozenset[Group]:
    """The groups of `first_row_masks` that say how many there are, and not which row is the first of each.

    So it is where each mask, or what is made of it and of the group's own keys, is only added up over all
    rows, or by keys that are among the group's: rows of one group then end in one place, in whatever order.
    What is added up is no float, so the sum is the same to the last bit.
    """
    masks = first_row_masks(order, results)
    if not masks:
        return frozenset()
    counted = set(masks.values())
    marks: dict[Node, Group] = dict(masks.items())
    asked = set(results)
    for node in order:
        of = [marks[child] for child in children(node) if child in marks]
        if not of:
            continue
        group = of[0]
        if isinstance(node, Map) and all(_is_of_group(argument, group, marks) for argument in node.arguments):
            marks[node] = group
        elif not _adds_up(node, group):
            counted.difference_update(of)
    counted -= {group for mark, group in marks.items() if mark in asked}
    numbers: set[Node] = {RowNumber(group.parent) for group in counted}
    own: set[Node] = {mask for mask, group in masks.items() if group in counted}
    own |= {node for node in order if isinstance(node, Aggregate) and node.rows in counted}
    seen = {child for node in order if node not in own for child in children(node) if child in numbers}
    return frozenset([group for group in counted if RowNumber(group.parent) not in seen | asked])


def _is_of_group(argument: Value, group: Group, marks: Mapping[Node, Group]) -> bool:
    """Whether rows of one group all have one value of ``argument``, but for the row that is its first."""
    return argument.rows is None or marks.get(argument) is group or argument in group.keys


def _adds_up(node: Node, group: Group) -> bool:
    if not isinstance(node, (Aggregate, Reduce)) or node.operation != "sum" or node.dtype.kind == "f":
        return False
    return isinstance(node, Reduce) or set(node.rows.keys) <= set(group.keys)
