"""Keep kernels small enough to compile quickly and to stay in registers."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Program, builder_reads
from passes.ir.values import Map, Value

DEPTH_LIMIT = 128
"""Operations in a row before a value is stored; LLVM's time grows faster than a kernel's length."""


def cut_kernels_by_cost(program: Program) -> Program:
    """Store a value after every `DEPTH_LIMIT` operations of a chain, so that fusing it ends there.

    A thousand chained assignments are compiled as a few kernels of a hundred operations, in a small part of
    the time that one kernel of a thousand would take, for one array written and read per cut.
    """
    depth: dict[Value, int] = {}
    cuts: set[Value] = set()
    for loop in program.loops:
        for builder in loop.builders:
            here = 1
            for read in builder_reads(builder):
                here = max(here, 1 + depth.get(read, 0))
            if here >= DEPTH_LIMIT and isinstance(builder.target, Map):
                cuts.add(builder.target)
                here = 0
            depth[builder.target] = here
    return replace(program, kept=program.kept | cuts, cuts=frozenset(cuts)) if cuts else program
