"""Run loops over the same rows as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from passes.ir.loops import Builder, Host, Loop, Program, Step, step_reads, step_targets
from passes.ir.rows import Rows
from passes.ir.values import Value


def fuse_siblings(program: Program) -> Program:
    """Loops over one domain, none waiting for another -> one loop with all their builders.

    Each input is then read once from memory, and expressions that the builders share are computed once per
    row.  Any number of loops fuse.  Each loop moves up to the first loop of its domain behind everything that
    it reads, so no step runs before its inputs.

    Declines for loops over a product whose inner loops walk different axes.
    """
    placed: list[Host | _Gathered] = []
    ready: dict[Value, int] = {}
    of_domain: dict[tuple[Rows, int | None], list[int]] = {}
    for step in _by_stage(program.steps):
        earliest = max([ready.get(read, 0) for read in step_reads(step)], default=0)
        if isinstance(step, Host):
            placed.append(step)
            ready[step.target] = len(placed)
            continue
        candidates = of_domain.setdefault((step.domain, step.folded_axis), [])
        index = next((i for i in candidates if i >= earliest), len(placed))
        if index == len(placed):
            placed.append(_Gathered(step.domain, []))
            candidates.append(index)
        gathered = placed[index]
        assert isinstance(gathered, _Gathered)
        gathered.builders.extend(step.builders)
        for target in step_targets(step):
            ready[target] = index + 1
    steps: list[Step] = [s if isinstance(s, Host) else Loop(s.domain, tuple(s.builders)) for s in placed]
    return replace(program, steps=tuple(steps))


def _by_stage(steps: Sequence[Step]) -> list[Step]:
    """Steps ordered by how many loops in turn they have to wait for, host steps first within a stage.

    What waits for equally many loops comes together, however the graph was walked.
    """
    stages: dict[Value, int] = {}
    keyed: list[tuple[int, bool, Step]] = []
    for step in steps:
        stage = max([stages.get(read, 0) for read in step_reads(step)], default=0)
        is_loop = isinstance(step, Loop)
        for target in step_targets(step):
            stages[target] = stage + is_loop
        keyed.append((stage, is_loop, step))
    return [step for _, _, step in sorted(keyed, key=lambda entry: entry[:2])]


@dataclass(slots=True)
class _Gathered:
    domain: Rows
    builders: list[Builder]
