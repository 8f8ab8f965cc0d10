"""Lower a graph to one loop per operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from passes.facts.first_rows import first_row_masks
from passes.facts.groups import number_of_rows, plan_group
from passes.facts.positions import positions_of, root_numbers, sliced
from passes.facts.progressions import Stepped
from passes.ir.loops import Builder, GroupPlan, Host, Loop, Program, Step, derived_sides, is_leaf
from passes.ir.node import Node, carry_origin
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.sorts import partly_sorted
from passes.ir.type_rules import filling_of, is_rank, rolling_of
from passes.ir.values import (
    OPAQUE,
    Aggregate,
    Chain,
    Fold,
    Gather,
    GroupNumber,
    HashedSlot,
    IsFirst,
    Key,
    Lookup,
    LookupTable,
    Map,
    Outer,
    Parameter,
    Position,
    Probe,
    Read,
    Reduce,
    RowNumber,
    SlotNumber,
    SlotTable,
    SortedRun,
    Stored,
    Take,
    Value,
    View,
    Window,
    WithinGroup,
)
from passes.ir.walk import topological

_BOUNDS = ("minimum", "maximum")


def lower_to_loops(
    results: Sequence[Value],
    hashed: frozenset[int] = frozenset(),
    by_runs: frozenset[int] = frozenset(),
    order: Sequence[Node] | None = None,
    stepped: Stepped = frozenset(),
) -> Program:
    """Graph -> program with a loop, or a host step, for every value that is not a leaf.

    Nothing is fused: each loop reads what earlier ones stored, as NumPy would.  The loop passes start from
    here, and with all of them switched off this is what runs.

    Parameters
    ----------
    results : sequence of Value
        What the user asked for.
    hashed : frozenset of int
        Groups, numbered as ``results`` reach them, whose keys' range turned out too wide for a table: their
        rows are numbered by hashing.
    by_runs : frozenset of int
        Groups, numbered likewise, whose one key is a part of an input that is sorted: runs are numbered.
    order : sequence of Node, optional
        What ``results`` reach in topological order, if that is known.
    stepped : Stepped
        Groups, numbered likewise, of whose keys it is known what they are multiples of, and their bounds.

    Returns
    -------
    Program
        Valid for any data of the graph's dtypes.
    """
    whole = topological(results) if order is None else order
    numbers = {rows: k for k, rows in enumerate([n for n in whole if isinstance(n, Group)])}
    firsts = {m: rows for m, rows in first_row_masks(whole, results).items() if numbers[rows] in hashed}
    there = set(whole)
    known_keys = dict(stepped)
    groups: dict[Group, GroupPlan] = {}
    bounds: dict[Value, tuple[Value, ...]] = {}

    def plan(rows: Rows | None) -> GroupPlan:
        assert isinstance(rows, Group)
        if rows not in groups:
            number, counted = numbers[rows], number_of_rows(rows) in there
            dense, in_runs, known = number not in hashed, number in by_runs, known_keys.get(number, ())
            found = groups[rows] = plan_group(rows, number, dense, in_runs, counted, known)
            if not found.stepped:
                bounds.update(dict.fromkeys(found.strides, (*found.lows, *found.highs)))
        return groups[rows]

    def inputs(node: Node) -> tuple[Node, ...]:
        match node:
            case Map() if node in firsts:
                return (IsFirst(firsts[node]),)
            case Map():
                return node.arguments
            case Value() if node.dtype == OPAQUE:
                return () if sliced(node) else (positions_of(node),)
            case RowNumber(_, Group()):
                return plan(node.rows).order
            case RowNumber(_, Concat() as rows):
                return _counted_parts(rows)
            case Chain(columns):
                return columns
            case RowNumber(_, Join() | Sort() as rows):
                return (Position(rows, 0),)
            case Position(_, _, Sort(_, keys)):
                return keys
            case Position(side, _, Join(_, _, left_keys, right_keys) as join):
                # whatever walks the rows waits for the left side's, which counts them
                return (*left_keys, *right_keys, *((Position(join, 0),) if side else ()))
            case Lookup(keys, of, of_keys):
                return (*keys, LookupTable(of, of_keys))
            case LookupTable(keys):
                return keys
            case RowNumber(_, Filter() | Slice()):
                return (root_numbers(node.rows),)
            case RowNumber(_, Product() as product):
                return _lengths(product)
            case Parameter():
                return bounds.get(node, ())
            case Take(column, _, Filter(_, mask)):
                return (column, mask)
            case Take() if (sort := partly_sorted(node)) is not None:
                return sort.keys
            case Outer(column, _, _, Product() as product):
                return (column, *_lengths(product))
            case Take() | View() | Fold() | Reduce() | Window():
                return (node.column,)
            case Gather(Aggregate(_, _, _, group) as aggregate, GroupNumber(of)) if of is group:
                found = plan(group)
                return (SlotTable(aggregate), found.slot, *found.waits)
            case Gather():
                return (node.column, node.positions)
            case GroupNumber(group):
                found = plan(group)
                return (*(() if found.in_order else (SlotNumber(group),)), found.slot, *found.waits)
            case WithinGroup(_, column, group):
                return (column, GroupNumber(group), *plan(group).order)
            case HashedSlot(group) | IsFirst(group):
                return group.keys
            case SortedRun(column):
                return (column,)
            case SlotNumber(group):
                return plan(group).order
            case SlotTable(aggregate):
                found = plan(node.rows)
                if found.hashed and node is found.first:
                    return (found.slot,)
                return (aggregate.column, found.slot, *found.waits)
            case Aggregate():
                return (SlotTable(node), *plan(node.rows).order)
            case Key():
                found = plan(node.rows)
                return (*found.order, *_of_keys(found, node.position))
        return ()

    steps: list[Step] = []
    counted: dict[Rows, tuple[Value, ...]] = {}
    for node in topological(results, inputs):
        assert isinstance(node, Value)
        if isinstance(node, Map):
            first = firsts.get(node)
            if first is None:
                steps.append(_after_lengths(_row_step(node, bounds), counted))
            else:
                steps.append(_append(node, _first_or_not(node, first)))
        elif not is_leaf(node):
            rows = _numbered(node)
            made = _steps(node, plan(rows) if isinstance(rows, Group) else None)
            steps.extend([_after_lengths(step, counted) for step in made])
    read = tuple([node for node in whole if isinstance(node, (Read, Parameter))])
    return Program(tuple(steps), tuple(results), groups=MappingProxyType(groups), inputs=read)


def _steps(node: Value, plan: GroupPlan | None) -> list[Step]:
    rows = node.rows
    if node.dtype == OPAQUE:
        if sliced(node):
            return [Host(node, (), "sliced by pandas")]
        return [Host(node, (positions_of(node),), "taken by position by pandas")]
    match node:
        case RowNumber():
            assert rows is not None
            if isinstance(rows, Product):
                counted = _lengths(rows)
            elif isinstance(rows, Concat):
                counted = _counted_parts(rows)
            elif isinstance(rows, (Join, Sort)):
                counted = (Position(rows, 0),)
            else:
                counted = (root_numbers(rows),) if plan is None else plan.order
            return [Host(node, counted, "rows are numbered when it is known how many there are")]
        case Chain(columns):
            return [Host(node, columns, "put end to end by NumPy")]
        case Position(_, _, Join(_, _, left_keys, right_keys)):
            return [Host(node, (*left_keys, *right_keys), "rows with equal keys are paired")]
        case Position(_, _, Sort(_, keys)):
            return [Host(node, keys, "sorted by NumPy")]
        case LookupTable(keys):
            return [Host(node, keys, "where rows are found by their keys")]
        case Lookup(keys, of, of_keys):
            table = Stored(LookupTable(of, of_keys))
            return [_append(node, Probe(table, tuple([_load(key) for key in keys])))]
        case Take(column, _, Filter(parent, mask)):
            return [Loop(parent, (Builder(node, _load(column), (_load(mask),)),))]
        case Take() if (sort := partly_sorted(node)) is not None:
            return [Host(node, sort.keys, "selected by NumPy, and only these sorted")]
        case Take(column):
            return [Host(node, (column,), "sliced by NumPy: the length is not known before")]
        case View(column, start, step):
            assert isinstance(rows, Range)
            return [_append(node, View(_load(column), rows, start, step))]
        case Outer(column, axis):
            assert isinstance(rows, Product)
            return [_append(node, Outer(_load(column), rows, axis))]
        case Gather(Aggregate() as aggregate, GroupNumber()) if plan is not None:
            # a row knows its slot: what other rows of its group came to is there, and no group needs a number
            of_slots = Gather(Stored(SlotTable(aggregate)), _load(plan.slot))
            return [_append(node, of_slots, plan.waits)]
        case Gather(column, positions):
            return [_append(node, Gather(_load(column), _load(positions)))]
        case Reduce(operation, Read(_, dtype, Range())) if operation in _BOUNDS and dtype.kind in "iu":
            return [Host(node, (), "known of the input")]
        case Reduce() | Fold():
            assert node.column.rows is not None
            return [Loop(node.column.rows, (Builder(node, _load(node.column)),))]
        case Window(operation):
            return [
                Host(node, (node.column,), f"{operation} runs in NumPy: each row needs {_others(operation)}")
            ]
        case GroupNumber(group):
            assert plan is not None
            slot = _load(plan.slot)
            number = slot if plan.in_order else Gather(Stored(SlotNumber(group)), slot)
            return [_append(node, number, plan.waits)]
        case WithinGroup(operation, column, group):
            return [Host(node, (column, GroupNumber(group)), f"{operation} looks at all rows of a group")]
        case HashedSlot(group):
            return [Host(node, group.keys, "keys numbered by hashing: their range is too wide for a table")]
        case IsFirst(group):
            return [Host(node, group.keys, "found by hashing, or among neighbours where keys are sorted")]
        case SortedRun(column):
            return [Host(node, (column,), "runs of a sorted input, known of it")]
        case SlotTable(aggregate):
            assert plan is not None
            if plan.hashed and node is plan.first:
                return [Host(node, (plan.slot,), "known since keys were numbered")]
            builder = Builder(node, _load(aggregate.column), slot=_load(plan.slot), bounds=plan.waits)
            return [Loop(plan.group.parent, (builder,))]
        case SlotNumber():
            assert plan is not None
            return [Host(node, plan.order, "groups numbered in order")]
        case Aggregate():
            assert plan is not None
            return [Host(node, (SlotTable(node), *plan.order), "groups that have rows")]
        case Key(position):
            assert plan is not None
            return [Host(node, (*plan.order, *_of_keys(plan, position)), "keys of the groups")]
    raise TypeError(f"cannot lower {type(node).__name__}")


def _others(operation: str) -> str:
    """Which other rows each row of a `Window` needs."""
    if is_rank(operation):
        return "all"
    filling = filling_of(operation)
    if filling is not None:
        return "the next value" if filling[0] == "fill_backward" else "the last value"
    return "some before" if rolling_of(operation) is not None else "the one before"


def _numbered(node: Value) -> Rows | None:
    """The rows of a value, or the group whose slots it is loaded from."""
    match node:
        case GroupNumber(group):
            return group
        case Gather(Aggregate(_, _, _, group), GroupNumber(of)) if of is group:
            return group
    return node.rows


def _first_or_not(mask: Map, group: Group) -> Value:
    first = Stored(IsFirst(group))
    return first if mask.operation == "equal" else Map("invert", (first,), mask.dtype)


def _of_keys(plan: GroupPlan, position: int) -> tuple[Value, ...]:
    """What a key of each group is found from, besides their order."""
    return (plan.group.keys[position],) if plan.hashed else plan.waits


def _row_step(node: Map, strides: Mapping[Value, tuple[Value, ...]]) -> Step:
    if node.rows is None:
        return Host(node, node.arguments, "scalar")
    arguments = node.arguments
    needed = tuple([bound for a in arguments for bound in strides.get(a, ())]) if strides else ()
    loads = tuple([a if is_leaf(a) else Stored(a) for a in arguments])
    return _append(node, Map(node.operation, loads, node.dtype), needed)


def _append(target: Value, expression: Value, bounds: tuple[Value, ...] = ()) -> Loop:
    assert target.rows is not None
    carry_origin(target, expression)
    return Loop(target.rows, (Builder(target, expression, bounds=bounds),))


def _load(value: Value) -> Value:
    return value if is_leaf(value) else Stored(value)


def _after_lengths(step: Step, counted: dict[Rows, tuple[Value, ...]]) -> Step:
    """A loop over joined or sorted rows or a product of filtered ones waits until they are counted.

    One over a concat reads a column of it, which was put together before.
    """
    if isinstance(step, Host):
        return step
    bounds = counted.get(step.domain)
    if bounds is None:
        bounds = counted[step.domain] = _counts(step.domain)
    if not bounds:
        return step
    return Loop(step.domain, tuple([b._replace(bounds=(*b.bounds, *bounds)) for b in step.builders]))


def _counts(domain: Rows) -> tuple[Value, ...]:
    """What has to be computed before a loop can walk a domain."""
    while isinstance(domain, Filter):
        domain = domain.parent
    if isinstance(domain, (Join, Sort)):
        return (Position(domain, 0),)
    return _lengths(domain) if isinstance(domain, Product) else ()


def _counted_parts(rows: Concat) -> tuple[Value, ...]:
    """What has to be computed for the number of rows of a concat to be known."""
    return tuple([RowNumber(part) for part in rows.parts if derived_sides(part)])


def _lengths(rows: Rows) -> tuple[Value, ...]:
    """What has to be computed for the number of rows of a product to be known."""
    return tuple([RowNumber(side) for side in derived_sides(rows)])
