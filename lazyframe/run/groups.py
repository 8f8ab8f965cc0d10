"""Which slots of a group's table are groups, in which order, and with which keys."""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.run.environment import Environment, GroupState
from lazyframe.run.memory import borrow_full
from lazyframe.run.numbering import number_rows
from lazyframe.run.sorts import sort_positions
from passes.ir.loops import GroupPlan
from passes.ir.rows import Group


def hashed_slots(group: Group, environment: Environment) -> np.ndarray:
    """Each row's slot, given out by hashing; all slots are groups, and their order is found along."""
    keys = [np.asarray(environment.get(key)) for key in group.keys]
    found = number_rows(keys, settings.current().threads)
    of_groups = [key[found.firsts] for key in keys]
    order = sort_positions(of_groups, [True] * len(keys)) if group.sort else slice(None)
    environment.groups[group] = GroupState(len(found.firsts), order, of_groups)
    environment.lengths[group] = len(found.firsts)
    return found.numbers


def positions_of_groups(plan: GroupPlan, environment: Environment) -> np.ndarray | slice:
    """The slots that are groups, in order; a slice for all as they are."""
    state = environment.groups[plan.group]
    if state.positions is None:
        present = np.flatnonzero(environment.stored[plan.presence])
        if not plan.group.sort:
            first = environment.stored[plan.first][present]
            present = present[np.argsort(first, kind="stable")]
        state.positions = present
        environment.lengths[plan.group] = len(present)
    return state.positions


def slot_numbers(plan: GroupPlan, environment: Environment) -> np.ndarray:
    """For each slot the number of its group; 0 for an empty one."""
    positions = positions_of_groups(plan, environment)
    size = environment.groups[plan.group].size
    if isinstance(positions, slice):
        return np.arange(size)
    numbers = borrow_full(size, 0, np.int64)
    numbers[positions] = np.arange(len(positions))
    return numbers


def keys_of_groups(plan: GroupPlan, k: int, environment: Environment) -> Any:
    """The ``k``-th key of each group."""
    positions = positions_of_groups(plan, environment)
    of_slots = environment.groups[plan.group].keys
    if of_slots is not None:
        return of_slots[k][positions]
    offsets = np.asarray(positions)
    dtype = plan.group.keys[k].dtype
    for stride in plan.strides[:k]:
        offsets = offsets % int(environment.strides[stride])
    if (own := int(environment.strides[plan.strides[k]])) > 1:
        offsets = offsets // own
    low = environment.get(plan.lows[k])
    if dtype.kind == "b":
        return offsets.astype(np.bool_)
    if dtype.itemsize == 8:
        return offsets.astype(dtype) + dtype.type(low)
    return (offsets + int(low)).astype(dtype)
