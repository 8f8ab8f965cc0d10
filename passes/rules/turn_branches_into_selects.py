"""Replace branches on a filter by arithmetic on both outcomes."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from passes.facts.guards import finds_rows_first, paid_by_all
from passes.ir.loops import Builder, Loop, Program, row_values
from passes.ir.operations import OPERATIONS
from passes.ir.values import Map, Probe, SlotTable, Value

COST_LIMIT = 40
"""Cycles of work worth doing in vain, against a mispredicted branch and a loop that does not vectorise."""

APPENDING_LIMIT = 20
"""The same where rows are appended: that loop does not vectorise either way."""

LARGEST_WORK = 1 << 30
"""No limit but for what looks rows up: where all that a loop does is to append and merge what one filter
leaves, it finds the rows of a batch that pass before it computes anything dear of them."""


def turn_branches_into_selects(program: Program) -> Program:
    """``if guard: merge x`` -> ``merge (x if guard else neutral)``; ``if guard: append`` -> always write, and
    move on by the guard; ``if guard: merge x at slot`` -> merge into a spare slot otherwise.

    The loop then vectorises, and no branch is mispredicted.  The neutral element leaves every partial result
    as it is, bit for bit, and nobody reads the spare slots.  Declines where the guarded work is dear
    (`COST_LIMIT`) or looks rows up, as rows that fail the guard would pay for it, unless all that is guarded
    is so by one filter, whose rows are found first.  What another builder computes behind the same branch is
    free there.  What one group's tables need is weighed together, as their rows go the same way.
    """
    steps = tuple([_convert(s) if isinstance(s, Loop) else s for s in program.steps])
    return replace(program, steps=steps)


def _convert(loop: Loop) -> Loop:
    if not any(builder.guards for builder in loop.builders):
        return loop
    unconditional = paid_by_all(loop)
    together: dict[object, list[Builder]] = {}
    for builder in loop.builders:
        if builder.guards:
            together.setdefault(_company(builder), []).append(builder)
    work = {company: _work(members, unconditional) for company, members in together.items()}
    finds_first = finds_rows_first(loop)
    branching = {k for k, members in together.items() if _cost(work[k]) > _limit(members[0], finds_first)}
    behind = [(together[k][0].guards, work[k]) for k in branching]
    for company, members in together.items():
        shared = [done for guards, done in behind if guards == members[0].guards]
        if not work[company].isdisjoint(set().union(*shared)):
            branching.add(company)
    converted = [b._replace(select=bool(b.guards) and _company(b) not in branching) for b in loop.builders]
    return Loop(loop.domain, tuple(converted))


def _limit(builder: Builder, finds_first: bool) -> float:
    if finds_first:
        return LARGEST_WORK
    return APPENDING_LIMIT if builder.appends else COST_LIMIT


def _company(builder: Builder) -> object:
    """What all builders have in common that are decided for together."""
    if isinstance(builder.target, SlotTable):
        return builder.target.rows, builder.guards, builder.slot
    return builder.target


def _work(builders: list[Builder], paid: set[Value]) -> frozenset[Value]:
    """What is computed for builders beyond what is for every row, and all that is looked up."""
    found = row_values([root for builder in builders for root in builder.roots()])
    return frozenset([v for v in found if isinstance(v, Probe) or (isinstance(v, Map) and v not in paid)])


def _cost(work: frozenset[Value]) -> float:
    return sum([OPERATIONS[value.operation].cost if isinstance(value, Map) else inf for value in work])
