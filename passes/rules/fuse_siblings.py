"""Run loops over the same rows as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

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
    for step, reads in _by_stage(program.steps):
        earliest = _latest(ready, reads)
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


def _by_stage(steps: Sequence[Step]) -> list[tuple[Step, list[Value]]]:
    """Steps, and what each reads, ordered by how many loops in turn they have to wait for, host steps first
    within a stage.

    What waits for equally many loops comes together, however the graph was walked.
    """
    stages: dict[Value, int] = {}
    keyed: list[tuple[int, bool, Step, list[Value]]] = []
    for step in steps:
        reads = step_reads(step)
        stage = _latest(stages, reads)
        is_loop = isinstance(step, Loop)
        for target in step_targets(step):
            stages[target] = stage + is_loop
        keyed.append((stage, is_loop, step, reads))
    keyed.sort(key=itemgetter(0, 1))
    return [(step, reads) for _, _, step, reads in keyed]


def _latest(places: Mapping[Value, int], values: Sequence[Value]) -> int:
    latest = 0
    for value in values:
        latest = max(latest, places.get(value, 0))
    return latest


@dataclass(slots=True)
class _Gathered:
    domain: Rows
    builders: list[Builder]
