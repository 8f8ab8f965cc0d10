"""Properties of random graphs: text, rules alone and in any subset, the specification."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passes.ir.node import Token
from passes.ir.operations import BOOL, FLOAT64, INT64
from passes.ir.parser import parse_graph
from passes.ir.printer import Printout
from passes.ir.rows import Filter, Group, Product, Range
from passes.ir.values import (
    Aggregate,
    Fold,
    Gather,
    Literal,
    Map,
    Outer,
    Read,
    Reduce,
    Stored,
    Take,
    Value,
    View,
    Window,
    WithinGroup,
)
from passes.ir.verify import InvalidGraph, verify
from passes.rewrite.driver import rewrite, rewrite_all
from passes.rewrite.rule import Rule
from tests.brief import examples
from tests.passes.data import assert_same_bits, run
from tests.passes.graphs import graphs
from tests.passes.test_goldens import RULES


@given(graphs())
def test_text_parses_back_to_the_same_nodes(results: list[Value]) -> None:
    printed = Printout(results)
    assert list(parse_graph(printed.text, printed.tokens).results) == results
    assert Printout(parse_graph(printed.text).results).text == printed.text


@given(graphs())
def test_what_is_recorded_is_legal(results: list[Value]) -> None:
    verify(results)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@given(results=graphs())
def test_one_rule_keeps_every_bit(rule: Rule, results: list[Value]) -> None:
    assert_same_bits(run(rewrite(results, rule)), run(results))


@given(graphs(largest=30), st.lists(st.sampled_from(RULES), unique=True, min_size=2))
def test_any_rules_in_any_order_keep_every_bit(results: list[Value], rules: list[Rule]) -> None:
    assert_same_bits(run(rewrite_all(results, rules)), run(results))


@given(graphs())
def test_a_second_time_changes_nothing(results: list[Value]) -> None:
    for rule in RULES:
        once = rewrite(results, rule)
        assert rewrite(once, rule) == once


_foreign = Read(Token("foreign"), FLOAT64, Range("elsewhere"))
_foreign_mask = Read(Token("foreign_mask"), BOOL, Range("elsewhere"))

MUTATIONS: dict[str, Callable[[Value], Value]] = {
    "a result of another dtype": lambda v: Map("not_equal", (v, v), FLOAT64),
    "an unknown operation": lambda v: Map("frobnicate", (v,), v.dtype),
    "an argument too many": lambda v: Map("negative", (v, v), v.dtype),
    "arguments of two dtypes": lambda v: Map(
        "add", (v, Literal(1, INT64) if v.dtype != INT64 else Literal(1.0)), v.dtype
    ),
    "a select on a number": lambda v: Map("select", (Literal(1, INT64), v, v), v.dtype),
    "logic on floats": lambda v: Map("bitwise_and", (Map("cast", (v,), FLOAT64),) * 2, FLOAT64),
    "a float function of integers": lambda v: Map("exp", (Map("cast", (v,), INT64),), INT64),
    "an opaque argument": lambda v: Map("cast", (Read(Token(), np.dtype(object), Range(3)),), v.dtype),
    "a reinterpretation that widens": lambda v: Map(
        "reinterpret", (v,), INT64 if v.dtype.itemsize < 8 else np.dtype(np.int8)
    ),
    "something stored": Stored,
    "an unknown reduction": lambda v: Reduce("mode", v, v.dtype),
    "a reduction of a scalar": lambda v: Reduce("minimum", Reduce("minimum", v, v.dtype), v.dtype),
    "a reduction that narrows": lambda v: Reduce(
        "minimum", v, np.dtype(np.int8) if v.dtype != np.int8 else INT64
    ),
    "an unknown window": lambda v: Window("shift", v, v.dtype),
    "an unknown operation within groups": lambda v: WithinGroup(
        "sorted", v, Group(v.rows, (_mask_of(v.rows),), True), v.dtype
    ),
    "work within groups of other rows": lambda v: WithinGroup(
        "median", _foreign, Group(v.rows, (_mask_of(v.rows),), True), FLOAT64
    ),
    "a column of other rows, taken": lambda v: Take(_foreign, Filter(Range("n"), _mask_of(Range("n")))),
    "a mask of other rows": lambda v: Take(v, Filter(v.rows, _foreign_mask)),
    "a mask of numbers": lambda v: Take(v, Filter(v.rows, Map("cast", (v,), INT64))),
    "a view out of bounds": lambda v: View(_ten(v.dtype), Range(5), 6, 1),
    "a view before the beginning": lambda v: View(_ten(v.dtype), Range(5), 3, -1),
    "a view of filtered rows": lambda v: View(Take(v, Filter(v.rows, _mask_of(v.rows))), Range(0), 0, 1),
    "an outer of the wrong side": lambda v: Outer(_foreign, Product(v.rows, _foreign.rows), 0),
    "a fold along no axis": lambda v: Fold("minimum", Outer(v, Product(v.rows, v.rows), 0), 2, v.dtype),
    "float keys": lambda v: Aggregate(
        "minimum", v, Group(v.rows, (Map("cast", (v,), FLOAT64),), True), v.dtype
    ),
    "an aggregate of other rows": lambda v: Aggregate(
        "minimum", _foreign, Group(v.rows, (Map("cast", (v,), INT64),), True), FLOAT64
    ),
    "float positions": lambda v: Gather(v, Map("cast", (v,), FLOAT64)),
    "a gather from a scalar": lambda v: Gather(Literal(1.0), Map("cast", (v,), INT64)),
    "one token twice": lambda v: Map(
        "add", (_twice(FLOAT64), Map("cast", (_twice(INT64),), FLOAT64)), FLOAT64
    ),
}


def _mask_of(rows: object) -> Value:
    return Read(Token(), BOOL, rows)


def _ten(dtype: np.dtype) -> Value:
    return Read(Token(), dtype, Range(10))


_token = Token("twice")


def _twice(dtype: np.dtype) -> Value:
    return Read(_token, dtype, Range(4))


@pytest.mark.parametrize("mutation", MUTATIONS)
@settings(max_examples=examples(12))
@given(results=graphs(largest=6))
def test_a_mutated_graph_is_refused(mutation: str, results: list[Value]) -> None:
    column = next((r for r in results if r.rows is not None and r.dtype.kind in "biuf"), None)
    broken = MUTATIONS[mutation](column if column is not None else _ten(FLOAT64))
    with pytest.raises(InvalidGraph, match=r".+: .+"):
        verify([*results, broken])
