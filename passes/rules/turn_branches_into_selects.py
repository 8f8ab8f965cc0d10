"""Replace branches on a filter by arithmetic on both outcomes."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from passes.ir.loops import Builder, Loop, Program, row_values
from passes.ir.operations import OPERATIONS
from passes.ir.values import Map, Probe, SlotTable, Value

COST_LIMIT = 40
"""Cycles of work worth doing in vain, against a mispredicted branch and a loop that does not vectorise."""

APPENDING_LIMIT = 20
"""The same where rows are appended: that loop does not vectorise either way."""


def turn_branches_into_selects(program: Program) -> Program:
    """``if guard: merge x`` -> ``merge (x if guard else neutral)``; ``if guard: append`` -> always write, and
    move on by the guard; ``if guard: merge x at slot`` -> merge into a spare slot otherwise.

    The loop then vectorises, and no branch is mispredicted.  The neutral element leaves every partial result
    as it is, bit for bit, and nobody reads the spare slots.  Declines where the guarded work is dear
    (`COST_LIMIT`) or looks rows up, as rows that fail the guard would pay for it.  What one group's tables
    need is weighed together, as their rows go the same way.
    """
    steps = tuple([_convert(s) if isinstance(s, Loop) else s for s in program.steps])
    return replace(program, steps=steps)


def _convert(loop: Loop) -> Loop:
    if not any(builder.guards for builder in loop.builders):
        return loop
    unconditional = set(
        row_values([root for b in loop.builders for root in (b.guards if b.guards else b.roots())])
    )
    together: dict[object, list[Value]] = {}
    for builder in loop.builders:
        together.setdefault(_company(builder), []).extend(builder.roots())
    costs = {company: _cost(roots, unconditional) for company, roots in together.items()}
    converted = [b._replace(select=bool(b.guards) and costs[_company(b)] <= _limit(b)) for b in loop.builders]
    return Loop(loop.domain, tuple(converted))


def _limit(builder: Builder) -> int:
    return APPENDING_LIMIT if builder.appends else COST_LIMIT


def _company(builder: Builder) -> object:
    """What all builders have in common that are decided for together."""
    if isinstance(builder.target, SlotTable):
        return builder.target.rows, builder.guards, builder.slot
    return builder.target


def _cost(roots: list[Value], paid: set[Value]) -> float:
    if any(isinstance(value, Probe) for value in row_values(roots)):
        return inf
    extra = [v for v in row_values(roots) if isinstance(v, Map) and v not in paid]
    return sum(OPERATIONS[v.operation].cost for v in extra)
