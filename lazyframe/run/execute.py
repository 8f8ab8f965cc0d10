"""Compute values of the graph: the one door from recording to results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.codegen.emit import EmittedLoop
from lazyframe.run.environment import Environment, GroupTooWideError
from lazyframe.run.host import run_host
from lazyframe.run.interpret import run_interpreted
from lazyframe.run.kernels import run_kernel
from lazyframe.run.outputs import Layout, allocate, finish, layout_of
from lazyframe.run.plan import Plan, anonymise, plan_for
from lazyframe.run.tiers import kernel_for
from passes.ir.loops import Host, Loop, row_values, step_reads
from passes.ir.values import Literal, Parameter, Read, SlotTable, Stored, Value


def compute(values: Sequence[Value]) -> list[Any]:
    """Compute several values in one program, work that they share done once.

    Parameters
    ----------
    values : sequence of Value
        Columns or scalars.

    Returns
    -------
    list
        In the same order: a one-dimensional array per column (for an opaque column the pandas object of its
        kind), a NumPy scalar per scalar.  Arrays are new or, for a plain `Read`, the input itself.
    """
    if not values:
        return []
    named = anonymise(values)
    disabled = settings.current().disable
    try:
        plan = plan_for(named.values, disabled, dense=True)
        environment = Environment(named.data, named.extents)
        run_plan(plan, environment)
    except GroupTooWideError:
        plan = plan_for(named.values, disabled, dense=False)
        environment = Environment(named.data, named.extents)
        run_plan(plan, environment)
    results: dict[Value, Any] = {}
    for value, planned in zip(values, plan.program.results, strict=True):
        results[value] = _result(planned, environment)
    return [results[value] for value in values]


def _result(value: Value, environment: Environment) -> Any:
    if isinstance(value, (Read, Literal, Parameter)):
        return environment.get(value)
    if value in environment.stored:
        return environment.stored[value]
    assert value.rows is not None
    return np.arange(environment.extent(value.rows))


def run_plan(plan: Plan, environment: Environment) -> None:
    """Run every step of a plan, each leaving its results in the environment."""
    program = plan.program
    last_use = _last_uses(plan)
    environment.plans = program.groups
    for number, step in enumerate(program.steps):
        if isinstance(step, Host):
            environment.store(step.target, run_host(step, program, environment))
        else:
            for builder in step.builders:
                if isinstance(builder.target, SlotTable):
                    environment.open_group(program.groups[builder.target.rows])  # type: ignore[index]
            _run_loop(plan, number, step, environment)
        for value in last_use.get(number, ()):
            environment.stored.pop(value, None)


def _last_uses(plan: Plan) -> dict[int, list[Value]]:
    """For each step, what no later step and no result reads: its memory can go."""
    last: dict[Value, int] = {}
    for number, step in enumerate(plan.program.steps):
        for value in step_reads(step):
            last[value] = number
    asked = set(plan.program.results)
    found: dict[int, list[Value]] = {}
    for value, number in last.items():
        if value not in asked and not isinstance(value, SlotTable):
            found.setdefault(number, []).append(value)
    return found


def _run_loop(plan: Plan, number: int, loop: Loop, environment: Environment) -> None:
    layout = layout_of(loop, environment)
    emitted = plan.emit(number, _strided(loop, environment))
    outputs = [allocate(builder, layout, environment) for builder in loop.builders]
    counts = np.zeros((len(emitted.counters), layout.morsels), np.int64)
    if layout.morsels:
        threads = settings.current().threads
        kernel = kernel_for(emitted, loop, layout)
        if kernel is None:
            run_interpreted(loop, outputs, emitted.counters, counts, layout, environment, threads)
        else:
            run_kernel(kernel, emitted, outputs, counts, layout, environment, threads)
    for output in outputs:
        counted = _counts_of(output.builder.guards, emitted, counts) if output.builder.appends else None
        environment.store(output.builder.target, finish(output, counted, layout))


def _counts_of(
    guards: tuple[Value, ...], emitted: EmittedLoop, counts: np.ndarray
) -> np.ndarray | None:
    if not guards:
        return None
    counted: np.ndarray = counts[emitted.counters.index(guards)]
    return counted


def _strided(loop: Loop, environment: Environment) -> frozenset[Value]:
    """The leaves of a loop whose arrays are not contiguous."""
    found: list[Value] = []
    for value in row_values([root for b in loop.builders for root in b.roots()]):
        if isinstance(value, (Read, Stored)) and value.rows is not None:
            array = environment.get(value)
            if array.strides[0] != array.itemsize and len(array) > 1:
                found.append(value)
    return frozenset(found)


