"""The order of the passes, each with its reason.  Read it aloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from passes.facts.keys import UniqueKeys
from passes.facts.progressions import Stepped
from passes.facts.sizes import Longer
from passes.ir.loops import Program
from passes.ir.rows import Concat, Join, Sort
from passes.ir.values import Lookup, Value
from passes.rewrite import checks
from passes.rewrite.driver import Graph, rewrite_graph
from passes.rewrite.observer import Observer
from passes.rewrite.rule import Rule
from passes.rules.cut_kernels_by_cost import cut_kernels_by_cost
from passes.rules.drop_materialisations import drop_materialisations
from passes.rules.drop_unobserved_sorts import drop_unobserved_sorts
from passes.rules.drop_unused_columns import drop_unused_columns
from passes.rules.fold_constants import fold_constants
from passes.rules.fuse_behind_folds import fuse_behind_folds
from passes.rules.fuse_producers import fuse_producers
from passes.rules.fuse_siblings import fuse_siblings
from passes.rules.imply_filters_of_sides import imply_filters_of_sides
from passes.rules.infer_sizes import infer_sizes
from passes.rules.inline_outer_sides import inline_outer_sides
from passes.rules.lower_to_loops import lower_to_loops
from passes.rules.merge_filters import merge_filters
from passes.rules.probe_unique_sides import probe_unique_sides
from passes.rules.push_filters_down import push_filters_down
from passes.rules.push_filters_into_concats import push_filters_into_concats
from passes.rules.push_filters_into_joins import push_filters_into_joins
from passes.rules.push_lookups_into_groups import push_lookups_into_groups
from passes.rules.push_slices_down import push_slices_down
from passes.rules.share_or_recompute import share_or_recompute
from passes.rules.simplify import simplify
from passes.rules.split_wide_loops import split_wide_loops
from passes.rules.turn_branches_into_selects import turn_branches_into_selects

ROW_PASSES: tuple[Callable[..., tuple[Value, ...]], ...] = (
    drop_unobserved_sorts,  # first: what is not sorted may be filtered and joined in any order
    push_filters_into_concats,  # before joins, one of which may be a part
    imply_filters_of_sides,  # for the next pass to move
    push_filters_into_joins,  # before joins become filters themselves
    probe_unique_sides,  # before rules on filters, which then see one more
    push_lookups_into_groups,  # after joins have become lookups
)
"""All of them are about joins, lookups, sorts and concats: a graph without any is not walked for them."""

GRAPH_RULES: tuple[Rule[Any], ...] = (
    fold_constants,  # first: simplifying looks for literals
    simplify,  # before filters move, as a mask that is always true is no filter
    merge_filters,  # one selection where there were two, so that the next rule pushes once
    push_filters_down,  # work behind a filter is done on surviving rows only
    push_slices_down,  # likewise for slices, which then only move where loading begins
)

LOOP_PASSES: tuple[Callable[[Program], Program], ...] = (
    share_or_recompute,  # before fusing, which inlines all that is not kept
    cut_kernels_by_cost,  # likewise: what is kept here ends a chain
    fuse_producers,  # every loop now computes its result from inputs
    inline_outer_sides,  # with what it left of expressions, where one side of a product is walked slowly
    drop_materialisations,  # so most of what was stored between loops is read no more
    fuse_siblings,  # what is left of one domain runs together
    split_wide_loops,  # unless it would make a kernel too long to compile
    drop_unused_columns,  # what only dropped loops read need not be bound
    turn_branches_into_selects,  # after fusing, when it is known what work is shared with unguarded rows
    infer_sizes,  # it speaks of the builders that are left
    fuse_behind_folds,  # last: the others look at the rows of a loop's domain alone
)

OPTIONAL: tuple[str, ...] = (
    *[row_pass.__name__ for row_pass in ROW_PASSES],
    *[rule.name for rule in GRAPH_RULES],
    *[loop_pass.__name__ for loop_pass in LOOP_PASSES],
)
"""The names of the passes that can be switched off; any subset gives the same answer."""


def optimise(
    results: Sequence[Value],
    disabled: frozenset[str] = frozenset(),
    hashed: frozenset[int] = frozenset(),
    observer: Observer | None = None,
    unique: UniqueKeys = frozenset(),
    by_runs: frozenset[int] = frozenset(),
    longer: Longer | None = None,
    stepped: Stepped = frozenset(),
) -> Program:
    """Graph -> program ready for kernels.

    Parameters
    ----------
    results : sequence of Value
        What the user asked for.
    disabled : frozenset of str
        Names of `OPTIONAL` passes to leave out.
    hashed : frozenset of int
        As for `lower_to_loops`.
    observer : Observer, optional
        Told what each pass did: of graph rules the results before and after, of loop passes the programs.
    unique : frozenset of tuple of Value
        Inputs that are known to tell the rows of their sources apart: keys that may be looked up.
    by_runs : frozenset of int
        As for `lower_to_loops`.
    longer : frozenset of tuple of Range, optional
        Rows of inputs that are known to be many more than others; by default all may be.
    stepped : Stepped
        As for `lower_to_loops`.
    """
    graph = rewritten(results, disabled, observer, unique, longer)
    return to_program(graph, disabled, hashed, by_runs, observer, stepped)


def rewritten(
    results: Sequence[Value],
    disabled: frozenset[str] = frozenset(),
    observer: Observer | None = None,
    unique: UniqueKeys = frozenset(),
    longer: Longer | None = None,
) -> Graph:
    """Graph -> graph: the half of `optimise` that does not depend on how rows find their groups."""
    rules = [rule for rule in GRAPH_RULES if rule.name not in disabled]
    return rewrite_graph(_plan_rows(Graph(results), disabled, observer, unique, longer), rules, observer)


def to_program(
    rewritten: Graph,
    disabled: frozenset[str] = frozenset(),
    hashed: frozenset[int] = frozenset(),
    by_runs: frozenset[int] = frozenset(),
    observer: Observer | None = None,
    stepped: Stepped = frozenset(),
) -> Program:
    """Rewritten graph -> program: the other half of `optimise`."""
    program = lower_to_loops(rewritten.results, hashed, by_runs, rewritten.order, stepped)
    legal = checks.found_legal()
    if checks.enabled():
        checks.check_program("lower_to_loops", rewritten.results, program, legal)
    for loop_pass in LOOP_PASSES:
        if loop_pass.__name__ in disabled:
            continue
        before, started_s = program, perf_counter()
        program = loop_pass(program)
        if checks.enabled() and program != before:
            checks.check_program(loop_pass.__name__, before.results, program, legal)
        if observer is not None:
            elapsed_s = perf_counter() - started_s
            observer.observe_program(loop_pass.__name__, before, program, elapsed_s)
    return program


def _plan_rows(
    graph: Graph,
    disabled: frozenset[str],
    observer: Observer | None,
    unique: UniqueKeys,
    longer: Longer | None,
) -> Graph:
    results = graph.results
    concerned = not graph.kinds.isdisjoint({Concat, Join, Lookup, Sort})
    for row_pass in ROW_PASSES:
        if row_pass.__name__ in disabled:
            continue
        before, started_s = results, perf_counter()
        if concerned:
            sizes = {"longer": longer} if row_pass is push_lookups_into_groups else {}
            results = row_pass(before, unique, **sizes)
        elapsed_s = perf_counter() - started_s
        if checks.enabled() and results != before:
            checks.check_schema(row_pass.__name__, before, results)
        if observer is not None:
            observer.observe(row_pass.__name__, before, results, int(results != before), elapsed_s)
    return graph if results == graph.results else Graph(results)
