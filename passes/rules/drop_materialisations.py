"""Stop building arrays that nobody reads."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Loop, Program, Step, step_reads, step_targets
from passes.ir.values import Value


def drop_materialisations(program: Program) -> Program:
    """Builders and host steps whose result no later step and no user reads -> nothing.

    After `fuse_producers` most loops' arrays are read by nobody.  Safe because steps have no effects beyond
    what they leave; a result of the program is always read.
    """
    needed: set[Value] = set(program.results)
    steps: list[Step] = []
    for step in reversed(program.steps):
        targets = step_targets(step)
        if needed.isdisjoint(targets):
            continue
        kept: Step = step
        if isinstance(step, Loop) and not needed.issuperset(targets):
            kept = Loop(step.domain, tuple([b for b in step.builders if b.target in needed]))
        needed.update(step_reads(kept))
        steps.append(kept)
    return replace(program, steps=tuple(reversed(steps)))
