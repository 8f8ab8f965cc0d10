"""Each rule's golden plans: the text, the nodes that it stands for, and what they compute."""

from __future__ import annotations

import pytest

from passes.ir.parser import parse_graph
from passes.ir.printer import print_graph
from passes.rewrite.driver import rewrite
from passes.rewrite.rule import Rule
from passes.rules.fold_constants import fold_constants
from passes.rules.merge_filters import merge_filters
from passes.rules.push_filters_down import push_filters_down
from passes.rules.push_slices_down import push_slices_down
from passes.rules.simplify import simplify
from tests.passes.data import assert_same_bits, parse_bound, run
from tests.passes.goldens import Case, load

RULES: tuple[Rule, ...] = (fold_constants, simplify, merge_filters, push_filters_down, push_slices_down)
LENGTHS = (0, 1, 2, 17, 200)
CASES = [
    pytest.param(rule, case, id=f"{rule.name}: {case.title}") for rule in RULES for case in load(rule.name)
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_cases_of_both_kinds(rule: Rule) -> None:
    cases = load(rule.name)
    assert sum(case.same for case in cases) >= 1
    assert sum(not case.same for case in cases) >= 3


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_the_text_is_the_graph(rule: Rule, case: Case) -> None:
    before = parse_graph(case.before)
    assert print_graph(before.results) == case.before
    assert print_graph(parse_graph(case.after, before.tokens).results) == case.after


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_the_rule_gives_the_plan(rule: Rule, case: Case) -> None:
    before = parse_graph(case.before)
    after = rewrite(before.results, rule)
    assert print_graph(after) == case.after
    assert after == parse_graph(case.after, before.tokens).results
    assert rewrite(after, rule) == after


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_the_plan_computes_the_same(rule: Rule, case: Case) -> None:
    for length in LENGTHS:
        for seed in range(3):
            lengths = {"n0": length, "n1": length + 1}
            before, tokens = parse_bound(case.before, lengths, seed)
            after = parse_graph(case.after, tokens, lengths)
            assert_same_bits(run(after.results), run(before.results))
