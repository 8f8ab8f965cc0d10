"""Tables of groups whose rows lie together, which all threads fill.

Where the first key of a group ascends, morsels that end where it changes have no group in common.  They share
one table then, each with a range of slots of its own, and nothing has to be combined: the table is as large
as for one thread, and each range is made empty just before it is filled, while it is in a cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from lazyframe.codegen.group_tables import SMALL_TABLE
from lazyframe.run.environment import Environment
from lazyframe.run.late import LateColumn
from lazyframe.run.morsels import morsel_rows
from lazyframe.run.outputs import Layout
from lazyframe.run.runs import as_integers, cuts_between_runs, sorted_column
from passes.facts.groups import leading_source
from passes.ir.loops import Loop
from passes.ir.rows import Group, Product, Rows
from passes.ir.values import HashedSlot

_LONGEST_RUN = 1 << 14
"""Rows that are looked at for the end of a run, where a morsel may end."""


def shared_layout(loop: Loop, filled: Sequence[Group], layout: Layout, environment: Environment) -> Layout:
    """A layout whose morsels share the loop's large tables, where first keys allow it; else ``layout``."""
    large = [group for group in filled if environment.groups[group].size > SMALL_TABLE]
    rows = layout.outer
    if not large or isinstance(loop.domain, Product) or rows <= morsel_rows(rows):
        return layout
    leading = {group: _leading(group, loop.domain, environment) for group in large}
    arrays = [array for array in leading.values() if array is not None]
    if len(arrays) < len(large) or any(array is not arrays[0] for array in arrays):
        return layout
    cuts = cuts_between_runs(arrays[0], morsel_rows(rows), _LONGEST_RUN)
    if cuts is None:
        return layout
    edges: dict[Rows, tuple[int, ...]] = {}
    for group in large:
        first_slots = _slots_at(group, arrays[0], cuts[1:-1], environment)
        edges[group] = (0, *first_slots, environment.groups[group].size)
    pairs = tuple(pairwise(cuts))
    return Layout(rows, 1, morsel_rows(rows), cuts=pairs, firsts=tuple(range(len(pairs))), edges=edges)


def _leading(group: Group, domain: Rows, environment: Environment) -> np.ndarray | None:
    """The first key of each row of a loop, if it ascends."""
    if environment.plans[group].hashed:
        return environment.groups[group].leading if group.parent is domain else None
    source = leading_source(group)
    if source is None or source.rows is not domain:
        return None
    array = environment.data[source.token]
    if isinstance(array, LateColumn):
        array = array.held()
    if not isinstance(array, np.ndarray):
        return None
    key = as_integers(array)
    return key if sorted_column(environment.tokens[source.token], key) is not None else None


def _slots_at(group: Group, leading: np.ndarray, rows: list[int], environment: Environment) -> list[int]:
    """The least slot of the rows from each of ``rows`` on, at which the first key changes."""
    plan = environment.plans[group]
    if plan.runs is not None:
        numbers = environment.runs(plan.runs.column).numbers(leading)
        return [int(numbers[row]) for row in rows]
    if plan.dense:
        state, low = environment.open_group(plan), int(environment.get(plan.lows[0]))
        return [(int(leading[row]) - low) // state.steps[0] * state.strides[0] for row in rows]
    numbers = environment.stored[HashedSlot(group)]
    return [int(numbers[row]) for row in rows]
