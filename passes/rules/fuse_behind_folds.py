"""Run what is computed of the folds of a product's rows in the loop that folds them."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Loop, Program, Step, loaded_from_other_rows, step_reads, step_targets
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Product
from passes.ir.values import Map, Probe, Value

COST_LIMIT = 10
"""Cycles of the dearest operation that may run a row at a time: loops of their own run vectors of rows."""


def fuse_behind_folds(program: Program) -> Program:
    """Loop that folds a product's rows + loop over the side that stays -> one loop, with builders behind.

    A fold is complete when the inner loop has come to its end, and what is computed of it row by row needs
    no loop of its own, nor the fold to be loaded.  Safe because the loop moves to an earlier place, where all
    else that it reads is there already.  Declines for what passes guards, merges, or reads folds at other
    rows, and for operations above `COST_LIMIT`.
    """
    steps: list[Step] = []
    made: dict[Value, int] = {}
    for step in program.steps:
        place = _place(step, made, steps) if isinstance(step, Loop) else None
        if place is None:
            place = len(steps)
            steps.append(step)
        else:
            before, moved = steps[place], step
            assert isinstance(before, Loop)
            assert isinstance(moved, Loop)
            steps[place] = before._replace(behind=(*before.behind, *moved.builders))
        made.update(dict.fromkeys(step_targets(step), place))
    return program if len(steps) == len(program.steps) else replace(program, steps=tuple(steps))


def _place(loop: Loop, made: dict[Value, int], steps: list[Step]) -> int | None:
    """The number of the loop that ``loop`` can run in."""
    if isinstance(loop.domain, Product) or not all(b.appends and not b.guards for b in loop.builders):
        return None
    reads = step_reads(loop)
    place = max([made[read] for read in reads if read in made], default=0)
    before = steps[place] if steps else None
    if not isinstance(before, Loop) or before.side is not loop.domain:
        return None
    folds = frozenset(before.folds)
    if any(made.get(read) == place and read not in folds for read in reads):
        return None
    return place if folds.intersection(reads) and _runs_by_row(loop, folds) else None


def _runs_by_row(loop: Loop, folds: frozenset[Value]) -> bool:
    values = loop.values()
    dearest = max([OPERATIONS[value.operation].cost for value in values if isinstance(value, Map)], default=0)
    if dearest > COST_LIMIT or any(isinstance(value, Probe) for value in values):
        return False
    return folds.isdisjoint(loaded_from_other_rows(values))
