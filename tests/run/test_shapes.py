"""Graphs of one shape are one graph over numbered inputs, whichever of them was asked for first."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

import pytest
from hypothesis import given, settings

from lazyframe.run import anonymous
from lazyframe.run.anonymous import anonymise, request
from lazyframe.run.bindings import bind_array, bind_opaque, bind_scalar, bound_to
from passes.facts import shape
from passes.facts.shape import describe
from passes.ir import walk
from passes.ir.node import Node
from passes.ir.parser import parse_graph
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, Literal, Map, Parameter, Read, Value
from passes.ir.walk import substitute, topological
from tests.brief import examples
from tests.passes.graphs import graphs


@pytest.fixture(autouse=True)
def _no_shapes() -> Iterator[None]:
    anonymous._shapes.clear()
    yield
    anonymous._shapes.clear()


def over_other_inputs(results: list[Value]) -> list[Value]:
    """The same graph over inputs of their own."""
    fresh: dict[object, Node] = {}

    def replace(node: Node) -> Node | None:
        if not isinstance(node, (Read, Parameter)):
            return None
        if node.token not in fresh:
            data = bound_to(node.token)
            bind = bind_opaque if node.dtype == OPAQUE else bind_array
            fresh[node.token] = bind_scalar(data) if isinstance(node, Parameter) else bind(data)
        return fresh[node.token]

    became = substitute(results, replace)
    return [became[result] for result in results]  # type: ignore[misc]  # values stay values


def over_what_numbers_stand_for(asked: anonymous.Request) -> list[Node]:
    """The user's graph, made of its shape and of what was looked up."""
    named = anonymise(asked)

    def replace(node: Node) -> Node | None:
        match node:
            case Range(str() as name):
                return Range(named.extents[name])
            case Read(token, dtype, rows):
                return Read(named.tokens[token], dtype, rows)
            case Parameter(token, dtype):
                known = named.constants.get(token)
                return Parameter(named.tokens[token], dtype) if known is None else known
        return None

    became = substitute(named.values, replace)
    return [became[value] for value in named.values]


@settings(max_examples=examples(150))
@given(graphs(largest=20))
def test_a_shape_and_what_its_numbers_stand_for_are_the_graph(results: list[Value]) -> None:
    first = request(results)
    again = request(over_other_inputs(results))
    assert again.shape is first.shape
    assert over_what_numbers_stand_for(first) == results
    assert over_what_numbers_stand_for(again) == list(again.values)


@settings(max_examples=examples(100))
@given(graphs(largest=4), graphs(largest=4))
def test_shapes_are_the_same_where_numbered_graphs_are(one: list[Value], other: list[Value]) -> None:
    shapes = [request(results).shape for results in (one, other)]
    assert (shapes[0] is shapes[1]) == (shapes[0].values == shapes[1].values)


@pytest.mark.parametrize(
    ("text", "other", "alike"),
    [
        ("t.a + t.b", "t.b + t.a", True),
        ("t.a + t.b", "t.a + t.a", False),
        ("t.a + 0.3", "t.b + 0.7", True),
        ("t.a + 0.3", "t.a + 0.5", False),
        ("t.a * 2.0", "t.a * 4.0", False),
        ("t.a + 0.0", "t.a + -0.0", False),
        ("(t.a + 0.3) * 0.3", "(t.a + 0.3) * 0.7", False),
        ("t.a ** 3.0", "t.a ** 5.0", False),
        ("t.a + 0.3, 0.3", "t.a + 0.7, 0.7", False),
        ("t.a + t.b", "t.a - t.b", False),
        ("t.a, t.b", "t.a, u.d", False),
        ("t.a, u.d", "u.c, t.b", True),
        ("t.a, t.b", "t.a, t.a", False),
        ("t.a, t.b", "t.a", False),
        ("sum(t.a)", "sum(t.i)", False),
        ("t.i + 6", "t.i + 5", True),
        ("t.i & 6", "t.i & 5", False),
    ],
)
def test_which_graphs_are_alike(text: str, other: str, alike: bool) -> None:
    sources = "t = source(a: float64, b: float64, i: int64)\nu = source[n1](c: float64, d: float64)\nreturn "
    lengths = {"n0": 7, "n1": 9}
    parsed = [parse_graph(sources + one, lengths=lengths).results for one in (text, other)]
    shapes = [describe(topological(results), results).shape for results in parsed]
    assert (shapes[0] == shapes[1]) == alike


def test_what_is_asked_for_besides_is_part_of_the_shape() -> None:
    parsed = parse_graph("t = source(a: float64)\np = parameter(float64)\nreturn t.a * sum(t.a), sum(t.a)")
    product, total = parsed.results
    order = topological([product])
    for asked in ([product], [product, total]):
        assert (
            describe(topological(asked), asked).shape[: len(order)] == describe(order, [product]).shape[:-1]
        )


def test_the_shapes_that_were_used_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymous, "_REMEMBERED", 2)
    texts = ("t.a + t.b", "t.a - t.b", "t.a + t.b", "t.a * t.b", "t.a + t.b", "t.a - t.b")
    found = []
    for text in texts:
        results = parse_graph(f"t = source(a: float64, b: float64)\nreturn {text}").results
        found.append(request(results).shape)
        assert len(anonymous._shapes) <= 2
    assert found[0] is found[2] is found[4]
    assert found[1] is not found[5]
    assert found[1].values == found[5].values


def test_a_description_says_all_of_a_node() -> None:
    written_out = (Literal, Map, Parameter, Range, Read)
    for kind, parts in walk._CHILDREN.items():
        if kind not in written_out:
            beside = shape._BESIDE.get(kind, attrgetter("rows"))
            said = {*parts.__code__.co_names, *beside.__reduce__()[1]}  # type: ignore[operator]
            # the rows, and most dtypes, follow from these
            assert set(kind.__match_args__) - {"dtype", "rows"} <= said, kind
