"""Keep kernels small enough to compile quickly and to stay in registers."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Builder, Loop, Program, Step, row_values, stored_in
from passes.ir.values import Map, Value

DEPTH_LIMIT = 128
"""Operations in a row before a value is stored; LLVM's time grows faster than a kernel's length."""

SIZE_LIMIT = 256
"""Operations in one kernel."""


def cut_kernels_by_cost(program: Program) -> Program:
    """Store a value after every `DEPTH_LIMIT` operations of a chain, so that fusing it ends there.

    A thousand chained assignments are compiled as a few kernels of a hundred operations, in a small part of
    the time that one kernel of a thousand would take, for one array written and read per cut.
    """
    depth: dict[Value, int] = {}
    cuts: set[Value] = set()
    for loop in program.loops:
        for builder in loop.builders:
            here = 1 + max([depth.get(read, 0) for read in stored_in(builder.roots())], default=0)
            if here >= DEPTH_LIMIT and isinstance(builder.target, Map):
                cuts.add(builder.target)
                here = 0
            depth[builder.target] = here
    return replace(program, kept=program.kept | cuts) if cuts else program


def split_wide_loops(program: Program) -> Program:
    """Divide a loop's builders when together they have more than `SIZE_LIMIT` operations."""
    steps: list[Step] = []
    for step in program.steps:
        steps.extend(_split(step) if isinstance(step, Loop) and len(step.builders) > 1 else [step])
    return program if len(steps) == len(program.steps) else replace(program, steps=tuple(steps))


def _split(loop: Loop) -> list[Step]:
    parts: list[list[Builder]] = [[]]
    seen: set[Value] = set()
    for builder in loop.builders:
        new = {v for v in row_values(builder.roots()) if isinstance(v, Map)} - seen
        if parts[-1] and len(seen) + len(new) > SIZE_LIMIT:
            parts.append([])
            seen = set()
            new = {v for v in row_values(builder.roots()) if isinstance(v, Map)}
        parts[-1].append(builder)
        seen |= new
    return [Loop(loop.domain, tuple(part)) for part in parts]
