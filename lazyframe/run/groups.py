"""Which slots of a group's table are groups, in which order, and with which keys."""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.codegen.emit_scans import count_present, find_present
from lazyframe.run import morsels, tiers
from lazyframe.run.addresses import address
from lazyframe.run.environment import Environment, GroupState
from lazyframe.run.memory import borrow, borrow_full
from lazyframe.run.numbering import number_rows
from lazyframe.run.sorts import sort_positions
from lazyframe.run.taking import take_numbers
from passes.facts.progressions import LAST
from passes.ir.loops import GroupPlan
from passes.ir.operations import neutral
from passes.ir.rows import Group


def hashed_slots(group: Group, environment: Environment) -> np.ndarray:
    """Each row's slot, given out by hashing; all slots are groups, and their order is found along."""
    keys = [np.asarray(environment.get(key)) for key in group.keys]
    found = number_rows(keys, settings.current().threads)
    state = GroupState(len(found.firsts), slice(None), firsts=found.firsts)
    ordered = not group.sort or (found.in_runs and len(keys) == 1)
    if not ordered or 2 * len(found.firsts) < len(found.numbers):
        state.keys = [take_numbers(key, found.firsts) for key in keys]
    else:
        state.keys_of_rows = keys  # perhaps nobody asks for the groups' own, of which there are as many
    if not ordered and state.keys is not None:
        state.positions = sort_positions(state.keys, [True] * len(keys))
    if found.in_runs:
        state.leading = keys[0]
    environment.groups[group] = state
    environment.lengths[group] = len(found.firsts)
    return found.numbers


def positions_of_groups(plan: GroupPlan, environment: Environment) -> np.ndarray | slice:
    """The slots that are groups, in order; a slice for all as they are."""
    state = environment.groups[plan.group]
    if state.positions is None:
        if plan.group.sort or plan.runs is not None:
            present = _present(environment.stored[plan.presence])
        else:
            present = _in_order_of_first(environment.stored[plan.first])
        state.positions = present
        environment.lengths[plan.group] = len(present)
    return state.positions


_ROWS_A_GROUP = 64
"""With so many rows for each group there is, it takes longer to look through rows than to sort groups."""


def _in_order_of_first(first: np.ndarray) -> np.ndarray:
    """The slots that have rows, of which no two have the same first row, in the order of these.

    A group's slot is put where its first row is: what is read there from the beginning is in order.
    """
    present = np.flatnonzero(first != neutral("minimum", first.dtype))
    firsts = first[present]
    rows = int(firsts.max()) + 1 if len(firsts) else 0
    if rows > _ROWS_A_GROUP * len(firsts):
        return present[np.argsort(firsts)]
    slots, is_first = borrow(rows, np.int64), borrow_full(rows, False, np.bool_)
    slots[firsts], is_first[firsts] = present, True
    ordered: np.ndarray = slots[is_first]
    return ordered


def _present(rows: np.ndarray) -> np.ndarray:
    """The numbers of the slots that have rows, ascending; each slot says how many it has, or whether any."""
    slots = len(rows)
    rows = rows.view(np.uint8) if rows.dtype.kind == "b" else rows
    sources = count_present(rows.dtype), find_present(rows.dtype)
    count, find = (tiers.scan_for(source, slots) for source in sources)
    if count is None or find is None or slots == 0 or not rows.flags.c_contiguous:
        return np.flatnonzero(rows)
    length = morsels.morsel_rows(slots)
    bounds = [(low, min(low + length, slots)) for low in range(0, slots, length)]
    each = [range(k, k + 1) for k in range(len(bounds))]
    counts = np.zeros(len(bounds), np.int64)
    threads = settings.current().threads

    def count_one(k: int) -> None:
        count(*bounds[k], address(rows), address(counts[k:]))

    morsels.run(each, count_one, threads)
    ends = np.cumsum(counts)
    found = borrow(int(ends[-1]) + len(bounds), np.int64)

    def find_one(k: int) -> None:
        first = int(ends[k] - counts[k])
        find(*bounds[k], address(rows), address(found) + first * found.itemsize, int(ends[-1]) + k - first)

    morsels.run(each, find_one, threads)
    return found[: ends[-1]]


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
    state = environment.groups[plan.group]
    if state.keys is not None:
        return take_numbers(state.keys[k], positions)
    if state.keys_of_rows is not None and state.firsts is not None:
        return take_numbers(state.keys_of_rows[k], take_numbers(state.firsts, positions))
    state = environment.open_group(plan)
    offsets = np.asarray(positions)
    dtype = plan.group.keys[k].dtype
    for stride in state.strides[:k]:
        offsets = offsets % stride
    if state.strides[k] > 1:
        offsets = offsets // state.strides[k]
    low = environment.get(plan.lows[k])
    if plan.stepped:
        last = environment.progressions[plan.number][k].numbers if plan.behind[k] is not None else -1
        distances = offsets.astype(np.uint64) * np.uint64(state.steps[k])
        found = distances.astype(low.dtype) + low
        return np.where(offsets == last, LAST, found).astype(dtype)
    if dtype.kind == "b":
        return offsets.astype(np.bool_)
    if dtype.itemsize == 8:
        return offsets.astype(dtype) + dtype.type(low)
    return (offsets + int(low)).astype(dtype)
