"""Decide which shared values are stored once and which are computed again where they are needed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import chain

from passes.facts.positions import is_scattered
from passes.ir.loops import Builder, Host, Loop, Program, Step, builder_reads
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Filter
from passes.ir.values import Gather, Lookup, Map, Take, Value

STORE_COST = 24
"""Cycles per row to write a value to memory and read it back in a later loop: 16 bytes at the 4 to 8 GB/s
that one thread of a busy machine gets, and the page faults of a new array."""

LOAD_COST = 8
"""Cycles per row to read a value that is stored."""

SCATTERED_COST = 16
"""Cycles per row to load from all over an array that no cache near the processor holds."""

PROBE_COST = 40
"""Cycles per row to look a row up in a table, of which much is in no cache near the processor."""

PASSING = 2
"""Of so many rows that a filter by what is looked up is given, one passes, as far as can be known here."""

_MOST_PROBES = 8


def share_or_recompute(program: Program) -> Program:
    """Mark values that loops of several stages need and that cost more to recompute than to store.

    ``v / sum(v)`` needs ``v`` in two loops, the second waiting for a result of the first. When ``v`` is a
    cheap expression it is inlined into both; when it is dear, the first stores it.  A host step is one of
    those who need what it reads, and what is gathered in the order of a sort is dear.

    So are rows that a lookup leaves: where loops of several stages need them, the first stores their columns,
    and the others walk these rows and no more.  All of their columns are stored then, so there must be few.

    Only the choice of where a value comes from changes, never the value.  Declines when all consumers can be
    one loop, and for values cheaper than `STORE_COST`, given what else is stored.
    """
    if not any(map(_is_waited_for, program.steps)):
        return program  # nothing is needed in a second stage where there is only one
    stage, cost = _stages_and_costs(program)
    found = _columns_of_found_rows(program, stage, cost)
    _, shared = _needed(program, stage, cost, found)
    kept = (_dear(program, shared) if shared else shared) | found
    return replace(program, kept=program.kept | kept) if kept else program


def _needed(
    program: Program, stage: dict[Value, int], cost: dict[Value, int], found: Collection[Value] = ()
) -> tuple[dict[Value, int], set[Value]]:
    """In which stages each value is needed, as bits, and which dear ones in several; ``found`` is stored."""
    needed: dict[Value, int] = {}
    shared: set[Value] = set()
    hosted = set(chain.from_iterable([s.reads for s in program.steps if isinstance(s, Host)]))
    asked = hosted.union(program.results)
    for loop in reversed(program.loops):
        for builder in loop.builders:
            target = builder.target
            mask = needed.get(target, 0)
            own = 1 << min(stage.get(target, 0) - (0 if builder.appends else 1), 60)
            if not builder.appends:
                mask = own  # whoever needs the result later does not need the rows again
            elif target in asked:
                mask |= own
            needed[target] = mask
            if isinstance(target, Map) and mask & (mask - 1) and cost[target] > STORE_COST:
                shared.add(target)
                mask &= -mask
            elif target in found:
                mask &= -mask
            for read in builder_reads(builder):
                needed[read] = needed.get(read, 0) | mask
    return needed, shared - hosted  # what the host needs is stored in any case


def _columns_of_found_rows(program: Program, stage: dict[Value, int], cost: dict[Value, int]) -> set[Value]:
    """The columns of rows that a lookup leaves, where loops of several stages need them and they are few."""
    builders = [builder for loop in program.loops for builder in loop.builders]
    if not any(isinstance(builder.target, Lookup) for builder in builders):
        return set()
    columns: dict[Filter, list[Value]] = {}
    for builder in builders:
        if isinstance(builder.target, Take) and isinstance(builder.target.rows, Filter):
            columns.setdefault(builder.target.rows, []).append(builder.target)
    needed, _ = _needed(program, stage, cost)
    stored: set[Value] = set()
    decided: set[Filter] = set()
    probes: dict[Value, int] = {}
    for builder in builders:
        target, rows = builder.target, builder.target.rows
        if isinstance(rows, Filter) and rows in columns and rows not in decided and isinstance(target, Take):
            decided.add(rows)
            stages = 0
            for column in columns[rows]:
                stages |= needed[column]
            dear = PROBE_COST * probes.get(rows.mask, 0)
            again = PASSING * (dear + cost.get(rows.mask, 0))
            if dear and stages & (stages - 1) and STORE_COST * len(columns[rows]) <= again:
                stored.update(columns[rows])
        reads = () if target in stored else builder_reads(builder)
        behind = isinstance(target, Lookup) + sum([probes.get(read, 0) for read in reads])
        probes[target] = min(behind, _MOST_PROBES)
    return stored


def _is_waited_for(step: Step) -> bool:
    """Whether there may be loops that have to wait for all of a step's result."""
    return isinstance(step, Host) or not all(builder.appends for builder in step.builders)


def _dear(program: Program, shared: set[Value]) -> set[Value]:
    """Those of ``shared`` that are dear even where those that they are computed from are stored."""
    cost: dict[Value, int] = {}
    kept: set[Value] = set()
    for loop in program.loops:
        for builder in loop.builders:
            target = builder.target
            found = _cost(builder, cost)
            if target in shared and found > STORE_COST:
                kept.add(target)
            cost[target] = LOAD_COST if target in kept else found
    return kept


def _stages_and_costs(program: Program) -> tuple[dict[Value, int], dict[Value, int]]:
    """How many results each value has to wait for in turn, and the cycles of its whole expression."""
    stage: dict[Value, int] = {}
    cost: dict[Value, int] = {}
    for step in program.steps:
        if isinstance(step, Loop):
            for builder in step.builders:
                latest = 0 if builder.appends else 1
                for read in builder_reads(builder):
                    latest = max(latest, stage.get(read, 0) + (not builder.appends))
                stage[builder.target] = latest
                cost[builder.target] = _cost(builder, cost)
        else:
            waits = 0 if step.target.rows is None and isinstance(step.target, Map) else 1
            stage[step.target] = waits + max([stage.get(r, 0) for r in step.reads], default=0)
    return stage, cost


def _cost(builder: Builder, cost: dict[Value, int]) -> int:
    total = 0
    for read in builder_reads(builder):
        total += cost.get(read, 0)
    if isinstance(builder.target, Map):
        total += OPERATIONS[builder.target.operation].cost
    elif isinstance(builder.target, Gather) and is_scattered(builder.target):
        total += SCATTERED_COST
    return min(total, 1 << 20)
