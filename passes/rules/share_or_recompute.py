"""Decide which shared values are stored once and which are computed again where they are needed."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Builder, Host, Loop, Program, stored_in
from passes.ir.operations import OPERATIONS
from passes.ir.values import Map, Value

STORE_COST = 24
"""Cycles per row to write a value to memory and read it back in a later loop: 16 bytes at the 4 to 8 GB/s
that one thread of a busy machine gets, and the page faults of a new array."""


def share_or_recompute(program: Program) -> Program:
    """Mark values that loops of several stages need and that cost more to recompute than to store.

    ``(x - x.mean()) / x.std()`` needs ``x`` in three loops, each waiting for a result of the one before.
    When ``x`` is a cheap expression it is inlined into all three; when it is dear, the first stores it.

    Only the choice of where a value comes from changes, never the value.  Declines when all consumers can be
    one loop, and for values cheaper than `STORE_COST`.
    """
    stage, cost = _stages_and_costs(program)
    needed: dict[Value, int] = {}
    kept: set[Value] = set()
    for loop in reversed(program.loops):
        for builder in loop.builders:
            target = builder.target
            mask = needed.get(target, 0)
            if not isinstance(target, Map) or target in program.results:
                mask |= 1 << min(stage.get(target, 0), 60)
            elif mask & (mask - 1) and cost[target] > STORE_COST:
                kept.add(target)
                mask = mask & -mask
            for read in _reads(builder):
                needed[read] = needed.get(read, 0) | mask
    for step in program.steps:
        if isinstance(step, Host):
            for read in step.reads:
                kept.discard(read)  # stored for the host in any case
    return replace(program, kept=program.kept | kept) if kept else program


def _stages_and_costs(program: Program) -> tuple[dict[Value, int], dict[Value, int]]:
    """How many results each value has to wait for in turn, and the cycles of its whole expression."""
    stage: dict[Value, int] = {}
    cost: dict[Value, int] = {}
    for step in program.steps:
        if isinstance(step, Loop):
            for builder in step.builders:
                stage[builder.target], cost[builder.target] = _of_builder(builder, stage, cost)
        else:
            waits = 0 if step.target.rows is None and isinstance(step.target, Map) else 1
            stage[step.target] = waits + max([stage.get(r, 0) for r in step.reads], default=0)
    return stage, cost


def _of_builder(builder: Builder, stage: dict[Value, int], cost: dict[Value, int]) -> tuple[int, int]:
    reads = _reads(builder)
    waits = 0 if builder.appends else 1
    total = sum(cost.get(read, 0) for read in reads)
    if isinstance(builder.target, Map):
        total += OPERATIONS[builder.target.operation].cost
    return waits + max([stage.get(read, 0) for read in reads], default=0), min(total, 1 << 20)


def _reads(builder: Builder) -> list[Value]:
    return [read for root in builder.roots() for read in stored_in(root)]
