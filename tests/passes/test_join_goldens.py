"""Golden plans of the passes on sorts and joins: the text, its nodes, and what they compute."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from passes.ir.parser import parse_graph
from passes.ir.printer import print_graph
from passes.ir.verify import verify
from passes.pipeline import ROW_PASSES
from tests.passes.data import assert_same_bits, parse_bound, run
from tests.passes.goldens import Case, load

CASES = [
    pytest.param(one, case, id=f"{one.__name__}: {case.title}")
    for one in ROW_PASSES
    for case in load(one.__name__)
]


@pytest.mark.parametrize("one", ROW_PASSES)
def test_every_pass_has_cases_of_both_kinds(one: Callable) -> None:
    cases = load(one.__name__)
    assert sum(case.same for case in cases) >= 3
    assert sum(not case.same for case in cases) >= 3


@pytest.mark.parametrize(("one", "case"), CASES)
def test_the_pass_gives_the_plan(one: Callable, case: Case) -> None:
    before = parse_graph(case.before)
    assert print_graph(before.results) == case.before
    after = one(before.results, frozenset())
    verify(after)
    assert print_graph(after) == case.after
    assert (after == before.results) == case.same
    assert one(after, frozenset()) == after


@pytest.mark.parametrize(("one", "case"), CASES)
def test_the_plan_computes_the_same(one: Callable, case: Case) -> None:
    for length in (0, 1, 2, 17, 60):
        for seed in range(3):
            lengths = {f"n{k}": length + k for k in range(3)}
            before, _ = parse_bound(case.before, lengths, seed)
            assert_same_bits(run(one(before.results, frozenset())), run(before.results))
