"""Keep kernels with many results small enough to compile quickly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from passes.ir.loops import Builder, Loop, Program, Step, row_inputs
from passes.ir.node import Node
from passes.ir.operations import OPERATIONS
from passes.ir.values import Map

SIZE_LIMIT = 256
"""Operations and inputs of one kernel."""

MOST_ARRAYS = 8
"""Arrays that one kernel builds when they share no work.  Each is a stream of writes, usually to an equal
place in its page, so that more than the ways of the L1 cache evict each other."""

SHARED_COST = 24
"""Cycles per row of shared work above which a kernel goes on past `MOST_ARRAYS`: it would be done twice."""

MOST_BUILDERS = 64
"""Results of one kernel in any case: ctypes passes at most 1,024 arguments."""


def split_wide_loops(program: Program) -> Program:
    """One loop with many builders -> loops within `SIZE_LIMIT`, `MOST_ARRAYS` and `MOST_BUILDERS`.

    Pays because LLVM's time grows faster than a kernel's length, and because a kernel with more streams than
    the hardware prefetches is no faster than two.  Safe because builders of one loop do not depend on each
    other; what they share is computed in each.  Declines for a single builder.
    """
    steps: list[Step] = []
    for step in program.steps:
        steps.extend(_split(step) if isinstance(step, Loop) and len(step.builders) > 1 else [step])
    return program if len(steps) == len(program.steps) else replace(program, steps=tuple(steps))


def _split(loop: Loop) -> list[Step]:
    parts: list[list[Builder]] = [[]]
    costs: dict[Node, int] = {}
    arrays = 0
    for builder in loop.builders:
        new, shared = _operations(builder, costs)
        too_many = builder.appends and arrays >= MOST_ARRAYS and shared <= SHARED_COST
        too_long = len(costs) + len(new) > SIZE_LIMIT or len(parts[-1]) == MOST_BUILDERS
        if parts[-1] and (too_many or too_long):
            parts.append([])
            costs, arrays = {}, 0
            new, _ = _operations(builder, costs)
        parts[-1].append(builder)
        arrays += builder.appends
        costs.update(new)
    return [Loop(loop.domain, tuple(part)) for part in parts]


def _operations(builder: Builder, known: Mapping[Node, int]) -> tuple[dict[Node, int], int]:
    """What a row of a builder evaluates that is not known yet, with its cost, and the cost of what it shares.

    Only what is new is walked, as a loop may have a thousand builders.
    """
    new: dict[Node, int] = {}
    shared = 0
    stack: list[Node] = [*builder.roots()]
    while stack:
        node = stack[-1]
        if node in known or node in new:
            shared = max(shared, known.get(node, 0))
            stack.pop()
            continue
        parts = row_inputs(node)
        pending = [part for part in parts if part not in known and part not in new]
        if pending:
            stack.extend(pending)
            continue
        stack.pop()
        dearest = 0
        for part in parts:
            cost = known.get(part)
            if cost is None:
                cost = new[part]
            else:
                shared = max(shared, cost)
            dearest = max(dearest, cost)
        new[node] = dearest + (OPERATIONS[node.operation].cost if isinstance(node, Map) else 0)
    return new, shared
