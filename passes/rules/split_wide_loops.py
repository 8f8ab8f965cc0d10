"""Keep kernels with many results small enough to compile quickly."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Builder, Loop, Program, Step, row_inputs
from passes.ir.node import Node
from passes.ir.values import Map
from passes.ir.walk import topological

SIZE_LIMIT = 256
"""Operations in one kernel."""


def split_wide_loops(program: Program) -> Program:
    """Divide a loop's builders when together they have more than `SIZE_LIMIT` operations."""
    steps: list[Step] = []
    for step in program.steps:
        steps.extend(_split(step) if isinstance(step, Loop) and len(step.builders) > 1 else [step])
    return program if len(steps) == len(program.steps) else replace(program, steps=tuple(steps))


def _split(loop: Loop) -> list[Step]:
    parts: list[list[Builder]] = [[]]
    seen: set[Node] = set()
    for builder in loop.builders:
        new = _operations(builder, seen)
        if parts[-1] and len(seen) + len(new) > SIZE_LIMIT:
            parts.append([])
            seen = set()
            new = _operations(builder, seen)
        parts[-1].append(builder)
        seen.update(new)
    return [Loop(loop.domain, tuple(part)) for part in parts]


def _operations(builder: Builder, seen: set[Node]) -> list[Node]:
    """The operations of a builder that are not among those seen."""
    nodes = topological(builder.roots(), lambda node: () if node in seen else row_inputs(node))
    return [node for node in nodes if isinstance(node, Map) and node not in seen]
