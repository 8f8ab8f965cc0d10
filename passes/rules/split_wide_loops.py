"""Keep kernels with many results small enough to compile quickly."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Builder, Loop, Program, Step, row_inputs
from passes.ir.node import Node
from passes.ir.walk import topological

SIZE_LIMIT = 256
"""Operations and inputs of one kernel."""

MOST_BUILDERS = 64
"""Results of one kernel: each is a stream of writes, and ctypes passes at most 1,024 arguments."""


def split_wide_loops(program: Program) -> Program:
    """One loop with many builders -> loops of at most `MOST_BUILDERS` builders and `SIZE_LIMIT` operations.

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
    seen: set[Node] = set()
    for builder in loop.builders:
        new = _operations(builder, seen)
        too_long = len(seen) + len(new) > SIZE_LIMIT or len(parts[-1]) == MOST_BUILDERS
        if parts[-1] and too_long:
            parts.append([])
            seen = set()
            new = _operations(builder, seen)
        parts[-1].append(builder)
        seen.update(new)
    return [Loop(loop.domain, tuple(part)) for part in parts]


def _operations(builder: Builder, seen: set[Node]) -> list[Node]:
    """What a row of a builder evaluates that is not among those seen."""
    nodes = topological(builder.roots(), lambda node: () if node in seen else row_inputs(node))
    return [node for node in nodes if node not in seen]
