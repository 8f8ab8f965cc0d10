"""Compute values of the graph: the one door from recording to results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from time import perf_counter
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.codegen.emit_lookups import TableForm
from lazyframe.codegen.emitted import EmittedLoop, Strided
from lazyframe.run.addresses import address
from lazyframe.run.anonymous import Anonymous, Request, anonymise, request
from lazyframe.run.asked import walked_rows
from lazyframe.run.at_once import computed_at_once
from lazyframe.run.bindings import provenance_of
from lazyframe.run.computed_keys import compute_keys
from lazyframe.run.environment import Environment, GroupInRunsError, GroupTooWideError
from lazyframe.run.filtered_at_once import filtered_at_once
from lazyframe.run.group_tables import allocate_banks, combine_banks
from lazyframe.run.host import is_text_taken, run_host, take_texts
from lazyframe.run.interpret import run_interpreted
from lazyframe.run.kept import keep, rebase
from lazyframe.run.late import LateColumn, WrongLimitsError, fetch_all
from lazyframe.run.made_inputs import made_inputs
from lazyframe.run.memory import borrow, release_idle
from lazyframe.run.outputs import Layout, Make, allocate, allocate_behind, finish, layout_of, small_tables
from lazyframe.run.plan import NEVER, Plan, Spent, plan_for
from lazyframe.run.profile import Computation, LoopRun, Stopwatch, choices_of, is_profiling, remember
from lazyframe.run.restarts import steps_to_run, take_over
from lazyframe.run.shared_tables import shared_layout
from lazyframe.run.shifted_at_once import shifted_at_once
from lazyframe.run.sizes import longer_rows
from lazyframe.run.streaming import Stream, describe, late_inputs, reading, streams_of
from lazyframe.run.tiers import kernel_for
from lazyframe.run.uniqueness import unique_keys
from lazyframe.run.whole_joins import join_first
from lazyframe.run.widths import groups_in_runs, stepped_groups, too_wide_groups
from passes.facts.keys import UniqueKeys
from passes.facts.progressions import Progression, stepped_of
from passes.facts.sizes import Longer
from passes.ir.loops import Builder, Host, Loop, Program, Step
from passes.ir.values import Literal, LookupTable, Parameter, Read, SlotTable, Value, mark_reached


def compute(values: Sequence[Value], lent: bool = False) -> list[Any]:
    """Compute several values in one program, work that they share done once.

    Parameters
    ----------
    values : sequence of Value
        Columns or scalars.
    lent : bool
        Whether arrays need not own their memory, as columns of frames do not.

    Returns
    -------
    list
        In the same order: a one-dimensional array per column (for an opaque column the pandas object of its
        kind), a NumPy scalar per scalar.  Arrays are new or, for a plain `Read`, the input itself.
    """
    if not values:
        return []
    soonest = shifted_at_once(values, lent) or computed_at_once(values)
    if soonest is None:
        soonest = made_inputs(values)
    if soonest is None:
        soonest = filtered_at_once(values, lent, compute)
    if soonest is not None:
        return soonest
    asked = request(values)
    compute_keys(asked, compute)
    join_first(asked, compute)
    rebased = rebase(asked)
    computed = _compute(rebased.request, lent)
    for place in asked.shape.keepable.chains:
        mark_reached(asked.order[place])  # type: ignore[arg-type]  # chains are of values
    results = computed[: len(values)]
    keep(rebased, computed[len(values) :], results)
    return results


def _compute(asked: Request, lent: bool) -> list[Any]:
    named = anonymise(asked)
    disabled = settings.current().disable
    unique = unique_keys(named)
    longer = longer_rows(named)
    first = plan_for(named.values, disabled, frozenset(), unique, longer=longer)
    groups = first.program.groups.values()
    by_runs = groups_in_runs(groups, named) if groups else frozenset()
    foreseen = too_wide_groups(groups, named) - by_runs if groups else frozenset()
    stopped: Environment | None = None
    while True:
        try:
            wide = (foreseen | first.wide) - by_runs
            stepped = stepped_groups(groups, named, wide) if groups else {}
            plan, environment = prepare(named, disabled, wide, unique, by_runs, longer, stepped)
            if stopped is not None and _may_leave_out():
                take_over(stopped, environment, plan.program)
            stopped = None
            environment.lends = lent
            run_plan(plan, environment)
            break
        except GroupTooWideError as error:
            first.wide |= error.numbers
            stopped = environment
        except GroupInRunsError as error:
            by_runs |= error.numbers
        except WrongLimitsError as error:
            error.column.limits_hold = False
    remember(environment.computation)
    release_idle()
    return [_result(value, environment) for value in plan.program.results]


def _may_leave_out() -> bool:
    """Whether loops need not run whose results are there: neither to be measured nor as kernels."""
    return not is_profiling() and settings.current().min_rows > 0


def prepare(
    named: Anonymous,
    disabled: frozenset[str],
    hashed: frozenset[int],
    unique: UniqueKeys,
    by_runs: frozenset[int],
    longer: Longer,
    progressions: Mapping[int, tuple[Progression, ...]],
) -> tuple[Plan, Environment]:
    """The plan for values, and an environment to run it in once.

    Groups whose keys are divided, which are those of ``progressions``, are neither hashed nor found by runs.
    """
    stepped = stepped_of(progressions)
    by_runs, hashed = by_runs.difference(progressions), hashed.difference(progressions)
    plan = plan_for(named.values, disabled, hashed, unique, by_runs, longer, stepped)
    hints = {token: user.hint for token, user in named.tokens.items()}
    computation = Computation(
        named.values,
        named.nodes,
        named.lines,
        hints,
        named.extents,
        disabled,
        hashed,
        plan.program,
        named.constants,
        unique,
        by_runs,
        longer,
        stepped,
    )
    known = [found for user in named.tokens.values() for found in provenance_of(user)]
    computation.provenance = tuple(dict.fromkeys(known))
    if is_profiling():
        computation.runs = {}
    return plan, Environment(named.data, named.extents, named.tokens, computation, progressions=progressions)


def _result(value: Value, environment: Environment) -> Any:
    if isinstance(value, (Read, Literal, Parameter)):
        return environment.get(value)
    if value in environment.stored:
        return environment.stored[value]
    assert value.rows is not None
    return np.arange(environment.extent(value.rows))


def run_plan(plan: Plan, environment: Environment) -> None:
    """Run every step of a plan, each leaving its results in the environment."""
    late = late_inputs(plan, environment)
    streams = streams_of(plan, late, environment)
    _fetch_inputs(plan, late, environment, streams)
    if late:
        _find_sorted_keys(plan, environment)
    try:
        _run_steps(plan, environment, streams, bool(late))
        environment.computation.files = describe(late, streams)
    finally:
        environment.progress.close()


def _fetch_inputs(
    plan: Plan, late: Mapping[Read, LateColumn], environment: Environment, streams: dict[int, Stream]
) -> None:
    """Fetch what the program reads of files, but for what loops read piece by piece, and rows of text."""
    elsewhere = {leaf for stream in streams.values() for leaf in stream.leaves} | plan.only_taken()
    whole = {leaf: column for leaf, column in late.items() if leaf not in elsewhere}
    if whole:
        tokens = [leaf.token for leaf in whole]
        environment.data.update(zip(tokens, fetch_all(list(whole.values())), strict=True))


def _find_sorted_keys(plan: Plan, environment: Environment) -> None:
    """Stop before the first step if keys that were just fetched had better be found by their runs.

    Raises
    ------
    GroupInRunsError
        If there are any.
    """
    others = [group for group in plan.program.groups.values() if group.runs is None and not group.stepped]
    found = groups_in_runs(others, environment) if others else frozenset()
    if found:
        raise GroupInRunsError(found)


def _run_steps(plan: Plan, environment: Environment, streams: dict[int, Stream], has_late: bool) -> None:
    program = plan.program
    last_use = plan.last_uses()
    environment.plans = program.groups
    steps = steps_to_run(program, environment.stored)
    for together in _with_texts_together(steps, environment) if has_late else ([each] for each in steps):
        number, step = together[0]
        if isinstance(step, Host):
            started = perf_counter()
            _run_hosts([each for _, each in together if isinstance(each, Host)], program, environment)
            seconds = (perf_counter() - started) / len(together)
            for done, _ in together:
                environment.computation.host_seconds[done] = seconds
        else:
            for filled in plan.filled(number):
                environment.open_group(program.groups[filled])
            _run_loop(plan, number, step, environment, streams.get(number))
        for done, _ in together:
            for value in last_use.get(done, ()):
                environment.stored.pop(value, None)


def _with_texts_together(
    steps: Sequence[tuple[int, Step]], environment: Environment
) -> Iterator[list[tuple[int, Step]]]:
    """Each step by itself, but for those one behind the other that take rows of text of files."""
    for _, group in groupby(steps, lambda each: -1 if is_text_taken(each[1], environment) else each[0]):
        yield list(group)


def _run_hosts(steps: Sequence[Host], program: Program, environment: Environment) -> None:
    """Run one step, or several that take rows of text of files."""
    if len(steps) > 1:
        found = take_texts(steps, environment)
    else:
        found = [run_host(steps[0], program, environment)]
    for step, value in zip(steps, found, strict=True):
        environment.store(step.target, value)


def _run_loop(
    plan: Plan, number: int, loop: Loop, environment: Environment, stream: Stream | None = None
) -> None:
    filled = plan.filled(number)
    layout = layout_of(loop, filled, environment)
    leaves = plan.leaves(number)
    if stream is None:
        layout = shared_layout(loop, filled, layout, environment) if filled else layout
    else:
        stream.narrow(loop, late_inputs(plan, environment), environment)
        layout = stream.layout(layout)
        leaves = [leaf for leaf in leaves if leaf not in stream.leaves]
    strided = strided_leaves(leaves, environment)
    emitted = plan.emit(
        number, strided, small_tables(filled, environment), table_forms(plan, number, environment)
    )
    environment.computation.emitted[number] = emitted
    runs = environment.computation.runs
    watch = None if runs is None else Stopwatch(emitted)
    threads = settings.current().threads
    lasting = plan.lasting()
    own = frozenset() if environment.lends else lasting
    asked = plan.asked(number)

    def memory(builder: Builder) -> Make:
        return np.empty if builder.target in own else borrow

    outputs = [
        allocate(builder, layout, memory(builder), asked is not None)
        for builder in loop.builders
        if not isinstance(builder.target, SlotTable)
    ]
    outputs += [allocate_behind(builder, layout, memory(builder)) for builder in loop.behind]
    counts = np.zeros((len(emitted.counters), layout.morsels), np.int64)
    spent = plan.spent.get(number, NEVER)
    kernel = kernel_for(emitted, loop, layout, asked is not None, spent) if layout.morsels else None
    if watch is not None and layout.morsels:
        watch.obtained(kernel)
    with reading(stream if layout.morsels else None, layout, threads) as pieces:
        if kernel is None:
            started = perf_counter()
            tables = run_interpreted(
                loop, emitted.counters, outputs, counts, layout, environment, threads, pieces, asked
            )
            plan.spent[number] = Spent(spent.times + 1, spent.seconds + perf_counter() - started)
        else:
            from lazyframe.run.kernels import run_kernel  # not in a first run that NumPy is soon done with

            banks = allocate_banks(emitted, layout, environment)
            run_kernel(kernel, emitted, outputs, banks, counts, layout, environment, threads, pieces, asked)
            tables = combine_banks(emitted, banks, environment, threads)
    for target, table in tables.items():
        environment.store(target, table)
    for output in outputs:
        counted = _counts_of(output.builder.guards, emitted, counts) if output.builder.appends else None
        built = output.builder.target
        whole = finish(output, counted, layout, built in lasting, memory(output.builder), threads)
        environment.store(built, whole, is_part=asked is not None)
    if runs is not None and watch is not None:
        rows = layout.rows if asked is None else walked_rows(outputs[0], layout)
        runs[number] = _measured(watch, emitted, counts, rows, layout, environment, stream)


def _measured(
    watch: Stopwatch,
    emitted: EmittedLoop,
    counts: np.ndarray,
    rows: int,
    layout: Layout,
    environment: Environment,
    stream: Stream | None,
) -> LoopRun:
    streamed = () if stream is None else stream.leaves
    survivors = int(counts[0].sum()) if len(counts) else None
    tables = {
        group: (state.size, state.leading is not None, group in layout.edges)
        for group, state in environment.groups.items()
    }
    return watch.stop(
        rows,
        [
            np.broadcast_to(np.empty(1, wanted.leaf.dtype), rows)
            if wanted.leaf in streamed or rows < layout.rows
            else environment.get(wanted.leaf)
            for wanted in emitted.arrays
        ],
        [environment.stored[builder.target] for builder in emitted.builders],
        min(settings.current().threads, max(len(layout.tasks), 1)),
        choices_of(emitted, tables, environment.plans, survivors, rows, layout.rows),
    )


def table_forms(plan: Plan, number: int, environment: Environment) -> dict[LookupTable, TableForm]:
    """How the tables are made that a loop looks rows up in; of those not made yet as most are."""
    found = {table: environment.stored.get(table) for table in plan.tables(number)}
    return {table: TableForm() if made is None else made.form for table, made in found.items()}


def _counts_of(guards: tuple[Value, ...], emitted: EmittedLoop, counts: np.ndarray) -> np.ndarray | None:
    if not guards:
        return None
    counted: np.ndarray = counts[emitted.counters.index(guards)]
    return counted


MOST_COLUMNS = 64
"""Columns of a row-major matrix that a kernel may take apart row by row."""


def strided_leaves(leaves: Sequence[Value], environment: Environment) -> dict[Value, Strided]:
    """Those of a loop's leaves whose arrays are not contiguous, and which are columns of one matrix."""
    arrays: dict[Value, np.ndarray] = {}
    for value in leaves:
        array = environment.get(value)
        if len(array) > 1 and array.strides[0] != array.itemsize:
            arrays[value] = array
    if not arrays:
        return {}
    found: dict[Value, Strided] = {}
    matrices: dict[tuple[int, int, np.dtype], tuple[int, int]] = {}
    count = 0
    for value, array in sorted(arrays.items(), key=lambda item: address(item[1])):
        width, rest = divmod(array.strides[0], array.itemsize)
        if rest or not 1 < width <= MOST_COLUMNS or array.base is None:
            found[value] = Strided()
            continue
        key = (id(array.base), width, array.dtype)
        number, first = matrices.get(key, (0, -1))
        if first < 0 or address(array) - first >= array.strides[0]:
            number, first = count, address(array)
            matrices[key] = (number, first)
            count += 1
        found[value] = Strided(number, width, (address(array) - first) // array.itemsize)
    return {value: found[value] for value in arrays}
