"""Each loop pass's golden plans: the programs before and after it, and what they compute."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import lazyframe
from lazyframe.run import execute, plan
from passes.facts.groups import number_of_rows
from passes.ir.loops import Program, row_values
from passes.ir.node import Token
from passes.ir.parser import parse_graph
from passes.ir.printer import print_graph
from passes.ir.rows import Range
from passes.ir.values import Read
from passes.ir.verify_program import verify_program
from passes.pipeline import LOOP_PASSES, optimise
from passes.rules import cut_kernels_by_cost, split_wide_loops
from passes.rules.cut_kernels_by_cost import DEPTH_LIMIT
from passes.rules.drop_unused_columns import drop_unused_columns
from passes.rules.infer_sizes import infer_sizes
from passes.rules.inline_outer_sides import inline_outer_sides
from passes.rules.lower_to_loops import lower_to_loops
from tests.passes.data import parse_bound, run
from tests.passes.loop_goldens import LoopCase, load, show

NAMES = ("lower_to_loops", *[loop_pass.__name__ for loop_pass in LOOP_PASSES])
CASES = [pytest.param(name, case, id=f"{name}: {case.title}") for name in NAMES for case in load(name)]
LIMITS: dict[str, tuple[Any, dict[str, int]]] = {
    "cut_kernels_by_cost": (cut_kernels_by_cost, {"DEPTH_LIMIT": 4}),
    "split_wide_loops": (split_wide_loops, {"MOST_ARRAYS": 2, "MOST_BUILDERS": 4}),
}
"""Small ones, so that plans are short."""


@pytest.fixture
def _small_limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    name = request.node.callspec.params["name"]
    module, limits = LIMITS.get(name, (None, {}))
    for limit, value in limits.items():
        monkeypatch.setattr(module, limit, value)
    plan._plans.clear()


def around(name: str, graph: str) -> tuple[Program, Program]:
    """The program before and after a pass, behind the passes that precede it."""
    program = before = lower_to_loops(parse_graph(graph).results)
    for loop_pass in LOOP_PASSES:
        if name == "lower_to_loops":
            break
        before, program = program, loop_pass(program)
        verify_program(program)
        if loop_pass.__name__ == name:
            break
    return before, program


@pytest.mark.parametrize("name", NAMES)
def test_every_pass_has_cases_of_both_kinds(name: str) -> None:
    cases = load(name)
    assert len(cases) >= 2
    if name != "lower_to_loops":
        assert any(case.same for case in cases)
    if name != "drop_unused_columns":  # see below
        assert any(not case.same for case in cases)


@pytest.mark.parametrize(("name", "case"), CASES)
@pytest.mark.usefixtures("_small_limits")
def test_the_pass_gives_the_program(name: str, case: LoopCase) -> None:
    assert print_graph(parse_graph(case.graph).results) == case.graph
    before, after = around(name, case.graph)
    if name != "lower_to_loops":
        assert show(before) == case.before
    assert show(after) == case.after
    assert (before == after) == case.same or name == "lower_to_loops"


@pytest.mark.parametrize("without", [False, True], ids=["with the pass", "without it"])
@pytest.mark.parametrize(("name", "case"), CASES)
@pytest.mark.usefixtures("_small_limits")
def test_the_program_computes_the_same(
    name: str, case: LoopCase, without: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "kernel_for", lambda *loop: None)
    disabled = [name] if without and name != "lower_to_loops" else []
    for length in (0, 1, 17, 200):
        for seed in range(2):
            bound, _ = parse_bound(case.graph, {"n0": length, "n1": length + 1}, seed)
            with lazyframe.config(disable=disabled), np.errstate(all="ignore"):
                found = execute.compute(bound.results)
            for mine, theirs in zip(found, run(bound.results), strict=True):
                _same(mine, theirs, sums="sum" in case.graph)


def _same(found: Any, wanted: Any, sums: bool) -> None:
    """Equal to 12 digits; what overflows in one order of the terms of a sum need not in another."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    if wanted.dtype.kind != "f":
        np.testing.assert_array_equal(found, wanted)
        return
    if sums:
        finite = np.isfinite(found) & np.isfinite(wanted)
        found, wanted = found[finite], wanted[finite]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_an_input_that_no_step_reads_is_not_bound() -> None:
    _, program = around("fuse_siblings", load("drop_unused_columns")[-1].graph)
    unread = Read(Token("unread"), np.dtype("float64"), Range(3))
    assert drop_unused_columns(replace(program, inputs=(*program.inputs, unread))) == program


def test_arrays_without_guards_are_sized() -> None:
    program = lower_to_loops(parse_graph("t = source(a: float64)\nreturn t.a + 1.0, sum(t.a)").results)
    sized = [builder.sized for loop in infer_sizes(program).loops for builder in loop.builders]
    assert sized == [True, False]


def test_slots_are_marked_where_nobody_counts_their_rows() -> None:
    text = "t = source(k: int64, x: float64)\ng0 = group(t, t.k, sort=True)\nreturn g0.key(0), g0.sum(t.x)"
    results = parse_graph(text).results
    (marked,) = lower_to_loops(results).groups.values()
    assert marked.presence.dtype == np.bool_
    count = number_of_rows(marked.group)
    (counted,) = lower_to_loops((*results, count)).groups.values()
    assert counted.presence.aggregate is count


def test_long_chains_of_no_product_are_not_looked_at() -> None:
    """Each of their loops holds all of the chain before it."""
    graph = "t = source(a: float64, b: float64)\nreturn square_root(t.a * t.b + 1.0)"
    before, after = around("inline_outer_sides", graph)
    assert after is before
    assert inline_outer_sides(after) is after


def test_long_chains_stay_cut_beside_what_is_merged_of_them() -> None:
    """What is kept as results of several stages need it is computed beside it; what ends a kernel is not."""
    chain = "\n".join([f"v{k} = v{k - 1} * t.a" for k in range(1, 3 * DEPTH_LIMIT)])
    last = f"v{3 * DEPTH_LIMIT - 1}"
    text = f"t  = source(a: float64)\nv0 = t.a + 1.0\n{chain}\nreturn {last} / sum({last}), maximum({last})"
    program = optimise(parse_graph(text).results)
    depths = [len(row_values([b.expression for b in loop.builders])) for loop in program.loops]
    assert len(program.loops) == 5
    assert max(depths) < 2 * DEPTH_LIMIT
