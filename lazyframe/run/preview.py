"""What a computation will be, without running it: for ``explain``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.run import kept
from lazyframe.run.anonymous import anonymise, request
from lazyframe.run.environment import Environment, GroupState, GroupTooWideError
from lazyframe.run.execute import prepare, strided_leaves, table_forms
from lazyframe.run.host import run_host
from lazyframe.run.late import LateColumn
from lazyframe.run.outputs import small_tables
from lazyframe.run.plan import Plan, plan_for
from lazyframe.run.profile import Computation
from lazyframe.run.sizes import longer_rows
from lazyframe.run.streaming import describe, late_inputs, streams_of
from lazyframe.run.uniqueness import unique_keys
from lazyframe.run.widths import groups_in_runs, stepped_groups
from passes.ir.loops import GroupPlan, Host
from passes.ir.values import Literal, Read, Reduce, SlotTable, Stored, Value


def preview(values: Sequence[Value]) -> Computation:
    """The computation that `lazyframe.run.execute.compute` would do now, with the kernels it would ask for.

    Of data only the layout of inputs, the bounds of integer keys and whether keys are sorted are looked at.
    The size of a group table that depends on what kernels compute is taken to be small.
    """
    named = anonymise(kept.rebase(request(values), counting=False).request)
    disabled = settings.current().disable
    unique = unique_keys(named, fetching=False)
    longer = longer_rows(named)
    hashed: frozenset[int] = frozenset()
    groups = plan_for(named.values, disabled, hashed, unique, longer=longer).program.groups.values()
    by_runs = groups_in_runs(groups, named)
    while True:
        stepped = stepped_groups(groups, named, hashed)
        plan, environment = prepare(named, disabled, hashed, unique, by_runs, longer, stepped)
        try:
            return _emit_all(plan, environment)
        except GroupTooWideError as error:
            hashed |= error.numbers


def _emit_all(plan: Plan, known: Environment) -> Computation:
    environment = _NothingStored(
        known.data, known.extents, known.tokens, known.computation, progressions=known.progressions
    )
    environment.plans = plan.program.groups
    late = late_inputs(plan, environment)
    known.computation.files = describe(late, streams_of(plan, late, environment))
    for number, step in enumerate(plan.program.steps):
        if isinstance(step, Host):
            if isinstance(step.target, Reduce) and _is_there(step.target.column, environment):
                environment.store(step.target, run_host(step, plan.program, environment))
            continue
        for builder in step.builders:
            if isinstance(builder.target, SlotTable):
                _open(plan.program.groups[builder.target.rows], environment)
        known.computation.emitted[number] = _emitted(plan, number, environment)
    return known.computation


def _emitted(plan: Plan, number: int, environment: Environment) -> Any:
    return plan.emit(
        number,
        strided_leaves(plan.leaves(number), environment),
        small_tables(plan.filled(number), environment),
        table_forms(plan, number, environment),
    )


def _open(plan: GroupPlan, environment: Environment) -> None:
    bounds = (*plan.lows, *plan.highs)
    runs = plan.runs
    known = plan.stepped or (runs is not None and _is_there(runs.column, environment))
    if known or (bounds and all(isinstance(b, Literal) or b in environment.stored for b in bounds)):
        environment.open_group(plan)
    else:
        environment.groups.setdefault(plan.group, GroupState(1))


def _is_there(column: Value, environment: Environment) -> bool:
    return isinstance(column, Read) and not isinstance(environment.data[column.token], LateColumn)


class _NothingStored(Environment):
    """An environment in which no loop has run and nothing was fetched."""

    def get(self, value: Value) -> Any:
        if isinstance(value, Stored) and value.value not in self.stored:
            return np.empty(0, value.dtype)
        if isinstance(value, Read) and not _is_there(value, self):
            return np.empty(0, value.dtype)
        return super().get(value)

    def extent_before_filters(self, rows: Any) -> int:
        try:
            return super().extent_before_filters(rows)
        except KeyError:
            return 1 << 62  # rows of a group: nobody can tell whether its table will be too wide
