"""Find which arrays can be allocated before the loop that fills them."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Loop, Program


def infer_sizes(program: Program) -> Program:
    """Append without a size -> append into an array allocated once, of the domain's length or under it.

    Without guards the length is the domain's; with guards it is at most that, and memory that is never
    written to is never paid for.  An append that is not sized gathers pieces and joins them at the end, as
    Weld's vector builder without a size hint does, which costs one more copy of the array.
    """
    steps = tuple([_sized(step) if isinstance(step, Loop) else step for step in program.steps])
    return replace(program, steps=steps)


def _sized(loop: Loop) -> Loop:
    return Loop(loop.domain, tuple([b._replace(sized=b.appends) for b in loop.builders]))
