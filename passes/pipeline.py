"""The order of the passes, each with its reason.  Read it aloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from passes.ir.loops import Program
from passes.ir.values import Value
from passes.rules.cut_kernels_by_cost import cut_kernels_by_cost
from passes.rules.drop_materialisations import drop_materialisations
from passes.rules.fuse_producers import fuse_producers
from passes.rules.fuse_siblings import fuse_siblings
from passes.rules.infer_sizes import infer_sizes
from passes.rules.lower_to_loops import lower_to_loops
from passes.rules.share_or_recompute import share_or_recompute
from passes.rules.turn_branches_into_selects import turn_branches_into_selects

LOOP_PASSES: tuple[Callable[[Program], Program], ...] = (
    share_or_recompute,  # before fusing, which inlines all that is not kept
    cut_kernels_by_cost,  # likewise: what is kept here ends a chain
    fuse_producers,  # every loop now computes its result from inputs
    drop_materialisations,  # so most of what was stored between loops is read no more
    fuse_siblings,  # what is left of one domain runs together
    turn_branches_into_selects,  # after fusing, when it is known what work is shared with unguarded rows
    infer_sizes,  # last: it speaks of the builders that are left
)

OPTIONAL: tuple[str, ...] = tuple([loop_pass.__name__ for loop_pass in LOOP_PASSES])
"""The names of the passes that can be switched off; any subset gives the same answer."""


def optimise(results: Sequence[Value], disabled: frozenset[str] = frozenset(), dense: bool = True) -> Program:
    """Graph -> program ready for kernels.

    Parameters
    ----------
    results : sequence of Value
        What the user asked for.
    disabled : frozenset of str
        Names of `OPTIONAL` passes to leave out.
    dense : bool
        As for `lower_to_loops`.
    """
    program = lower_to_loops(results, dense)
    for loop_pass in LOOP_PASSES:
        if loop_pass.__name__ not in disabled:
            program = loop_pass(program)
    return program
