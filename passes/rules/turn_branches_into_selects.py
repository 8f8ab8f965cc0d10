"""Replace branches on a filter by arithmetic on both outcomes."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Builder, Loop, Program, row_values
from passes.ir.operations import OPERATIONS
from passes.ir.values import Map, Value

COST_LIMIT = 40
"""Cycles of work worth doing in vain, against a mispredicted branch and a loop that does not vectorise."""


def turn_branches_into_selects(program: Program) -> Program:
    """``if guard: merge x`` -> ``merge (x if guard else neutral)``; ``if guard: append`` -> always write, and
    move on by the guard.

    A reduction then vectorises, and no branch is mispredicted.  The neutral element leaves every partial
    result as it is, bit for bit.  Declines where the guarded work is dear (`COST_LIMIT`), as rows that fail
    the guard would pay for it, and for group tables, whose slot must be valid.
    """
    steps = tuple([_convert(s) if isinstance(s, Loop) else s for s in program.steps])
    return replace(program, steps=steps)


def _convert(loop: Loop) -> Loop:
    if not any(builder.guards for builder in loop.builders):
        return loop
    unconditional = set(
        row_values([root for b in loop.builders for root in (b.guards if b.guards else b.roots())])
    )
    return Loop(loop.domain, tuple([_convert_one(b, unconditional) for b in loop.builders]))


def _convert_one(builder: Builder, paid: set[Value]) -> Builder:
    if not builder.guards or builder.slot is not None:
        return builder
    extra = [v for v in row_values([builder.expression]) if isinstance(v, Map) and v not in paid]
    cost = sum(OPERATIONS[v.operation].cost for v in extra)
    return replace(builder, select=True) if cost <= COST_LIMIT else builder
