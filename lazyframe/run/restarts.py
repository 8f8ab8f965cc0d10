"""What a run that stopped has left is taken over by the next one of the same values, planned otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lazyframe.run.environment import Environment
from passes.ir.loops import GroupPlan, Program, Step, step_reads, step_targets
from passes.ir.rows import Group
from passes.ir.values import HashedSlot, SlotNumber, SlotTable, Value


def take_over(before: Environment, environment: Environment, program: Program) -> None:
    """Give ``environment`` what ``before``'s run of other steps has left of the values of ``program``.

    Values of the graph mean the same in any plan, but for those that depend on how rows find their groups.
    """
    plans = program.groups
    kept = {group for group, plan in before.plans.items() if group in plans and _alike(plan, plans[group])}
    for step in program.steps:
        for target in step_targets(step):
            group = _slots_of(target)
            is_there = target in before.stored and target not in before.parts
            if is_there and (group is None or group in kept):
                environment.stored[target] = before.stored[target]
    environment.lengths.update(before.lengths)
    environment.groups.update({group: state for group, state in before.groups.items() if group in kept})


def steps_to_run(program: Program, stored: Mapping[Value, Any]) -> list[tuple[int, Step]]:
    """The steps that are needed when the results of others are there already, with their numbers."""
    steps = list(enumerate(program.steps))
    if not stored:
        return steps
    wanted = {value for value in program.results if value not in stored}
    found: list[tuple[int, Step]] = []
    for number, step in reversed(steps):
        if any(target in wanted for target in step_targets(step)):
            found.append((number, step))
            wanted.update([value for value in step_reads(step) if value not in stored])
    return found[::-1]


def _alike(plan: GroupPlan, other: GroupPlan) -> bool:
    """Whether rows find the slots of a group in the same way."""
    return (plan.dense, plan.stepped, plan.runs) == (other.dense, other.stepped, other.runs)


def _slots_of(value: Value) -> Group | None:
    """The group whose slots a value is of, which are numbered in another way in another plan."""
    if isinstance(value, (SlotNumber, HashedSlot)):
        return value.group
    if isinstance(value, SlotTable):
        assert isinstance(value.rows, Group)
        return value.rows
    return None
