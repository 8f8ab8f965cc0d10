"""Steps between loops that NumPy or pandas computes: small, ordered, or of a kind no kernel can hold.

What joins, sorts, and computes in order or within groups, is imported by the first step of its kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.run import morsels
from lazyframe.run.bounds import bounds_of_input
from lazyframe.run.environment import Environment
from lazyframe.run.groups import hashed_slots, keys_of_groups, positions_of_groups, slot_numbers
from lazyframe.run.input_tables import table_of_inputs
from lazyframe.run.late import LateColumn
from lazyframe.run.lookups import table_of
from lazyframe.run.plan import opaque_input
from lazyframe.run.runs import as_integers
from lazyframe.run.slicing import strided
from lazyframe.run.taking import take, take_numbers
from passes.facts.positions import positions_of, sliced
from passes.ir.loops import Host, Program, Step
from passes.ir.operations import evaluate
from passes.ir.rows import Group, Join, Slice, Sort
from passes.ir.sorts import partly_sorted
from passes.ir.values import (
    OPAQUE,
    Aggregate,
    Chain,
    GroupNumber,
    HashedSlot,
    IsFirst,
    Key,
    LookupTable,
    Map,
    Position,
    Read,
    Reduce,
    RowNumber,
    SlotNumber,
    SlotTable,
    SortedRun,
    Take,
    Value,
    View,
    Window,
    WithinGroup,
)


def run_host(step: Host, program: Program, environment: Environment) -> Any:
    """Compute a host step's value from what earlier steps left."""
    target = step.target
    if target.dtype == OPAQUE:
        return _opaque(target, environment)
    match target:
        case RowNumber(_, Group() as group):
            positions_of_groups(program.groups[group], environment)
            return np.arange(environment.lengths[group])
        case RowNumber(_, rows):
            assert rows is not None
            return np.arange(environment.extent(rows))
        case Map():
            return evaluate(target.operation, [environment.get(a) for a in target.arguments], target.dtype)
        case Take(column, _, Slice() as rows) if (sort := partly_sorted(target)) is not None:
            return _end_of_sort(column, sort, rows, environment)
        case Take(column, _, Slice(_, start, stop, stride)):
            return environment.get(column)[start:stop:stride]
        case Reduce(operation, Read() as column):
            late = environment.data[column.token]
            if isinstance(late, LateColumn) and (limits := late.limits()) is not None:
                return limits.high if operation == "maximum" else limits.low  # a loop reads it, and checks
            bounds = bounds_of_input(environment.tokens[column.token], environment.get(column))
            return bounds[operation == "maximum"]
        case Window():
            from lazyframe.run.windows import accumulate

            return accumulate(target.operation, environment.get(target.column), target.dtype)
        case WithinGroup(operation, column, group, argument, dtype):
            from lazyframe.run.within_groups import within_groups

            found = within_groups(
                operation,
                np.asarray(environment.get(column)),
                environment.get(GroupNumber(group)),
                environment.lengths[group],
                argument,
            )
            return found.astype(dtype, copy=False)
        case HashedSlot(group):
            return hashed_slots(group, environment)
        case IsFirst(group):
            from lazyframe.run.first_rows import first_rows

            keys = [np.asarray(environment.get(key)) for key in group.keys]
            return first_rows(keys, settings.current().threads)
        case SortedRun(column):
            for plan in program.groups.values():
                if plan.runs is target:
                    environment.open_group(plan)
            return environment.runs(column).numbers(as_integers(environment.get(column)))
        case SlotTable(_, _, group):
            return environment.groups[group].firsts
        case LookupTable(keys):
            columns = [np.asarray(environment.get(key)) for key in keys]
            if all(isinstance(key, Read) for key in keys):
                return table_of_inputs([environment.tokens[key.token] for key in keys], columns)  # type: ignore[attr-defined]
            return table_of(columns)
        case Chain(columns):
            return np.concatenate([np.asarray(environment.get(column)) for column in columns])
        case Position(side, _, Join() as join):
            return _joined(join, side, program, environment)
        case Position(_, _, Sort(_, keys, ascending)):
            from lazyframe.run.sorts import sort_positions

            return sort_positions([np.asarray(environment.get(key)) for key in keys], ascending)
        case SlotNumber(group):
            return slot_numbers(program.groups[group], environment)
        case Aggregate():
            plan = program.groups[_group(target)]
            return take_numbers(environment.stored[SlotTable(target)], positions_of_groups(plan, environment))
        case Key():
            plan = program.groups[_group(target)]
            return keys_of_groups(plan, target.position, environment)
    raise TypeError(f"no host step for {type(target).__name__}")


def is_text_taken(step: Step, environment: Environment) -> bool:
    """Whether a step takes rows, by their positions, of a column of a file that only the host can touch."""
    if not isinstance(step, Host) or step.target.dtype != OPAQUE or sliced(step.target):
        return False
    return isinstance(environment.data[opaque_input(step.target).token], LateColumn)


def take_texts(steps: Sequence[Host], environment: Environment) -> list[Any]:
    """The values of several such steps, on all threads: what is read of a file for each is read in one."""
    targets = [step.target for step in steps]
    columns = [environment.data[opaque_input(target).token] for target in targets]
    positions = [environment.get(positions_of(target)) for target in targets]
    found: list[Any] = [None] * len(targets)

    def take_one(k: int) -> None:
        found[k] = columns[k].rows_at(positions[k])

    morsels.run([range(k, k + 1) for k in range(len(targets))], take_one, settings.current().threads)
    return found


def _group(value: Value) -> Group:
    assert isinstance(value.rows, Group)
    return value.rows


def _opaque(target: Value, environment: Environment) -> Any:
    source = opaque_input(target)
    if not sliced(target):
        positions = environment.get(positions_of(target))
        late = environment.data[source.token]
        if isinstance(late, LateColumn):
            return late.rows_at(positions)
        return take(environment.get(source), positions)
    data = environment.get(source)
    start, step = 0, 1
    link: Value = target
    while isinstance(link, View):
        start, step = link.start + link.step * start, link.step * step
        link = link.column
    assert target.rows is not None
    return strided(data, start, step, 0, environment.extent(target.rows))


def _end_of_sort(column: Value, sort: Sort, rows: Slice, environment: Environment) -> np.ndarray:
    """The positions of the first or last sorted rows."""
    from lazyframe.run.sorts import first_positions

    if column in environment.stored:
        whole: np.ndarray = environment.stored[column][rows.start : rows.stop]
        return whole
    count = rows.start if rows.stop is None else rows.stop
    assert count is not None
    return first_positions([np.asarray(environment.get(key)) for key in sort.keys], sort.ascending, count)


def _joined(join: Join, side: int, program: Program, environment: Environment) -> np.ndarray:
    """One side's positions; the other's wait for the step that wants them."""
    if join not in environment.joins:
        from lazyframe.run.joins import join_positions

        left = [np.asarray(environment.get(key)) for key in join.left_keys]
        right = [np.asarray(environment.get(key)) for key in join.right_keys]
        other = Position(join, 1 - side)
        wanted = any(isinstance(step, Host) and step.target is other for step in program.steps)
        ascends = environment.ascends(join.right_keys[0])
        found: list[np.ndarray | None] = list(join_positions(left, right, join.how, ascends))
        if not wanted:
            found[1 - side] = None
        environment.joins[join] = found
    both = environment.joins[join]
    positions = both[side]
    assert positions is not None, "a step runs once"
    both[side] = None
    return positions
