"""The driver: fixed points, loops, checks, observers, depth and time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from passes.ir.node import Node, Origin, Token
from passes.ir.operations import BOOL, FLOAT64, INT64
from passes.ir.parser import parse_graph
from passes.ir.printer import Printout, print_graph
from passes.ir.rows import Filter, Range
from passes.ir.values import Literal, Map, Read, Take, Value, View
from passes.ir.verify import verify
from passes.rewrite import driver
from passes.rewrite.checks import RewriteBroke, checking
from passes.rewrite.driver import RewriteLoop, rewrite, rewrite_all
from passes.rewrite.rule import Facts, Rule, rule
from passes.rules.push_filters_down import push_filters_down
from passes.rules.push_slices_down import push_slices_down
from tests.passes.test_goldens import RULES

T = Range("n0")
A = Read(Token("a"), FLOAT64, T)
DEPTH = 50_000


def chain(depth: int, column: Value = A) -> Value:
    for step in range(depth):
        column = Map("add", (column, Literal(float(step))), FLOAT64)
    return column


@pytest.fixture(scope="module")
def deep() -> Value:
    return chain(DEPTH)


@rule(Map)
def double(node: Node, facts: Facts) -> Node | None:
    match node:
        case Map("multiply", (x, Literal() as by), dtype) if by.value == 2:
            return Map("add", (x, x), dtype)
    return None


@rule(Map)
def swap(node: Node, facts: Facts) -> Node | None:
    match node:
        case Map("add", (x, y), dtype):
            return Map("add", (y, x), dtype)
    return None


@rule(Map)
def grow(node: Node, facts: Facts) -> Node | None:
    match node:
        case Map("add", (x, y), dtype):
            return Map("add", (Map("negative", (x,), dtype), y), dtype)
    return None


@rule(Map)
def narrow(node: Node, facts: Facts) -> Node | None:
    match node:
        case Map("add", (x, _)):
            return Map("cast", (x,), INT64)
    return None


@rule(Map)
def forget_rows(node: Node, facts: Facts) -> Node | None:
    return Literal(1.0) if isinstance(node, Map) and node.operation == "add" else None


@rule(Map)
def mistype(node: Node, facts: Facts) -> Node | None:
    match node:
        case Map("add", (x, y), dtype):
            return Map("bitwise_and", (x, y), dtype)
    return None


class Notes:
    def __init__(self) -> None:
        self.passes: list[tuple[str, int, bool]] = []

    def observe(
        self, name: str, before: Sequence[Value], after: Sequence[Value], changed: int, elapsed_s: float
    ) -> None:
        assert elapsed_s >= 0
        self.passes.append((name, changed, tuple(before) == tuple(after)))


def test_shared_nodes_are_rewritten_once_and_stay_shared() -> None:
    parsed = parse_graph("t = source(a: float64)\nv0 = t.a * 2.0\nreturn v0 + 1.0, sum(v0), v0")
    notes = Notes()
    after = rewrite(parsed.results, double, notes)
    assert (
        after
        == parse_graph(
            "t = source(a: float64)\nv0 = t.a + t.a\nreturn v0 + 1.0, sum(v0), v0", parsed.tokens
        ).results
    )
    assert notes.passes == [("double", 1, False)]


def test_a_pass_that_changes_nothing_gives_the_same_objects() -> None:
    results = (chain(10),)
    notes = Notes()
    assert rewrite_all(results, RULES, notes) == results
    assert notes.passes == [(r.name, 0, True) for r in RULES]


def test_what_replaces_a_node_keeps_the_users_line() -> None:
    value = Map("multiply", (A, Literal(2.0)), FLOAT64)
    value.origin = Origin("script.py", 3, "df.a * 2")
    above = Map("square_root", (value,), FLOAT64)
    above.origin = Origin("script.py", 4, "np.sqrt")
    (after,) = rewrite([above], double)
    assert isinstance(after, Map)
    assert after.origin is above.origin
    assert after.arguments[0].origin is value.origin


@pytest.mark.parametrize("endless", [swap, grow], ids=lambda r: r.name)
def test_a_rule_without_end_is_stopped(endless: Rule) -> None:
    with pytest.raises(RewriteLoop, match=endless.name):
        rewrite([chain(3)], endless)


def test_a_rule_without_end_costs_a_user_only_the_pass() -> None:
    results = (chain(3),)
    with checking(False):
        assert rewrite_all(results, [grow]) == results


@pytest.mark.parametrize("wrong", [narrow, forget_rows], ids=lambda r: r.name)
def test_a_rule_that_changes_a_result_is_caught(wrong: Rule) -> None:
    with pytest.raises(RewriteBroke, match=f"{wrong.name}: result 0"):
        rewrite([chain(1)], wrong)


def test_a_rule_that_makes_an_illegal_graph_is_caught() -> None:
    with pytest.raises(RewriteBroke, match=r"mistype: .*bitwise_and takes dtypes"):
        rewrite([chain(1)], mistype)


def test_checks_can_be_switched_off() -> None:
    with checking(False):
        (after,) = rewrite([chain(1)], narrow)
    assert after.dtype == INT64


def test_results_of_one_row_space_stay_so() -> None:
    @rule(Take)
    def scatter(node: Node, facts: Facts) -> Node | None:
        match node:
            case Take(column, _, Filter(parent, mask)) if column is A and not isinstance(mask, Map):
                return Take(column, Filter(parent, Map("invert", (Map("invert", (mask,), BOOL),), BOOL)))
        return None

    rows = Filter(T, Read(Token("m"), BOOL, T))
    other = Read(Token("b"), FLOAT64, T)
    with pytest.raises(RewriteBroke, match="other rows"):
        rewrite([Take(A, rows), Take(other, rows)], scatter)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_depth_does_not_recurse(rule: Rule, deep: Value) -> None:
    mask = Map("greater", (A, Literal(0.5)), BOOL)
    results = [Take(deep, Filter(T, mask))]
    after = rewrite(results, rule)
    assert (after == tuple(results)) == (rule is not push_filters_down)


def test_depth_prints_parses_and_verifies(deep: Value) -> None:
    printed = Printout([deep])
    assert parse_graph(printed.text, printed.tokens).results == (deep,)
    verify([deep])


def test_a_deep_view_is_pushed_to_the_input() -> None:
    rows = Range(100)
    (after,) = rewrite(
        [View(chain(DEPTH, Read(Token("a"), FLOAT64, rows)), Range(5), 0, 1)], push_slices_down
    )
    assert "view(t.a, t1, start=0, step=1) + 0.0" in print_graph([after])


@pytest.mark.parametrize("length", [500, 1000])
def test_work_is_linear_in_the_graph(length: int) -> None:
    """1,000 chained assignments, filtered, offer each node to the rule a bounded number of times."""
    columns = [A]
    for step in range(length):
        columns.append(
            Map("add", (Map("multiply", (columns[-1], A), FLOAT64), Literal(float(step))), FLOAT64)
        )
    rows = Filter(T, Map("greater", (A, Literal(0.5)), BOOL))
    offered = 0

    def counted(node: Node, facts: driver.Facts) -> Node | None:
        nonlocal offered
        offered += 1
        return push_filters_down(node, facts)

    rewrite([Take(c, rows) for c in columns], Rule(counted, push_filters_down.kinds, push_filters_down.facts))
    assert offered <= 4 * 3 * length
