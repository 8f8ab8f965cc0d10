"""Apply rules bottom-up to a fixed point, in time linear in the graph, without recursion.

A node is offered to a rule once its children are in normal form, and what the rule gives is brought to
normal form before it is used, so that one traversal usually ends the work: a rule that moves a node down a
chain of 50,000 follows it all the way.  A rule with facts is run again while it changes anything, since its
own changes make new facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TypeVar

from passes.ir.node import Node
from passes.ir.values import Value
from passes.ir.walk import children, rebuild, topological
from passes.rewrite import checks
from passes.rewrite.observer import Observer
from passes.rewrite.rule import Facts, Rule

MOST_TRAVERSALS = 16
"""A rule that still finds work after so many is left there: every traversal's graph is right."""
MATCHES_PER_NODE = 64
"""No rule has cause to match more often than this for each node of the graph that it was given."""

F = TypeVar("F", bound=Facts)


class RewriteLoop(RuntimeError):  # noqa: N818  # named for what happened
    """A rule undoes its own work, or grows the graph without end; says the rule."""


class Graph:
    """Results with their topological order, which passes that change nothing share."""

    __slots__ = ("kinds", "order", "results")

    def __init__(self, results: Sequence[Value]) -> None:
        self.results = tuple(results)
        self.order = topological(self.results)
        self.kinds = {type(node) for node in self.order}


def rewrite(results: Sequence[Value], rule: Rule[F], observer: Observer | None = None) -> tuple[Value, ...]:
    """Apply one rule wherever it matches.

    Parameters
    ----------
    results : sequence of Value
        What the program returns.
    rule : Rule
    observer : Observer, optional
        Told what the pass did.

    Returns
    -------
    tuple of Value
        The results in the same order, of the same dtypes and the same rows in the same order.

    Raises
    ------
    RewriteLoop
        When the rule does not come to an end, and passes are checked (`passes.rewrite.checks`).
    """
    return rewrite_all(results, (rule,), observer)


def rewrite_all(
    results: Sequence[Value], rules: Sequence[Rule[F]], observer: Observer | None = None
) -> tuple[Value, ...]:
    """Apply rules one after another, each to its fixed point; see `rewrite`.

    A rule without end is an error where passes are checked, and left out elsewhere: the graph that it was
    given is right.
    """
    return rewrite_graph(Graph(results), rules, observer).results


def rewrite_graph(graph: Graph, rules: Sequence[Rule[F]], observer: Observer | None = None) -> Graph:
    """`rewrite_all` of results whose order is known, which is known of what they become as well."""
    if checks.enabled():
        from passes.ir.verify import verify

        verify(graph.results)
    for rule in rules:
        before = graph.results
        started_s = perf_counter()
        try:
            graph, changed = _to_fixed_point(graph, rule)
        except RewriteLoop:
            if checks.enabled():
                raise
            changed = 0
        elapsed_s = perf_counter() - started_s
        if checks.enabled() and changed:
            checks.check_schema(rule.name, before, graph.results)
        if observer is not None:
            observer.observe(rule.name, before, graph.results, changed, elapsed_s)
    return graph


def _to_fixed_point(graph: Graph, rule: Rule[F]) -> tuple[Graph, int]:
    total = 0
    for _ in range(MOST_TRAVERSALS):
        if graph.kinds.isdisjoint(rule.kinds):
            break
        traversal = _Traversal(graph, rule)
        traversal.run()
        if not traversal.changed:
            break
        total += traversal.changed
        graph = Graph([traversal.now(result) for result in graph.results])  # type: ignore[misc]
        if rule.local:
            break
    return graph, total


class _Traversal:
    """One walk of one rule over one graph.

    A node is settled when it is in ``_normal`` (it stays itself) or in ``_became`` (what it is now).
    """

    def __init__(self, graph: Graph, rule: Rule[F]) -> None:
        self._graph = graph
        self._rule = rule
        self._kinds = frozenset(rule.kinds)
        self._facts = rule.facts(graph.order, graph.results)
        self._became: dict[Node, Node] = {}
        self._normal: set[Node] = set()
        self._most = MATCHES_PER_NODE * (len(graph.order) + MATCHES_PER_NODE)
        self.changed = 0

    def now(self, node: Node) -> Node:
        """What ``node`` has become."""
        return self._became.get(node, node)

    def run(self) -> None:
        """Settle every node of the graph."""
        became, normal = self._became, self._normal
        for node in self._graph.order:
            if node in normal or node in became:
                continue
            matched = self._settle(node)
            if matched is not None:
                self._follow(node, *matched)

    def _settle(self, node: Node) -> tuple[Node, Node] | None:
        """Settle a node whose children are; where the rule matches, give what it matched and its result."""
        became, normal = self._became, self._normal
        fresh = node
        if became and not became.keys().isdisjoint(children(node)):
            fresh = rebuild(node, self.now)
            if fresh is not node:
                self._facts.carry(node, fresh)
                if fresh in normal or fresh in became:
                    became[node] = self.now(fresh)
                    return None
                if fresh.origin is None:
                    fresh.origin = node.origin
        if type(fresh) in self._kinds:
            replacement = self._rule(fresh, self._facts)
            if replacement is not None and replacement is not fresh:
                self._count(fresh, replacement)
                return fresh, replacement
        normal.add(fresh)
        if fresh is not node:
            became[node] = fresh
        return None

    def _count(self, node: Node, replacement: Node) -> None:
        self.changed += 1
        if self.changed > self._most:
            raise RewriteLoop(f"{self._rule.name} matched {self.changed} times and has not come to an end")
        if replacement.origin is None:
            replacement.origin = node.origin
        self._facts.carry(node, replacement)

    def _follow(self, root: Node, fresh: Node, replacement: Node) -> None:
        """Settle ``root``, which is ``fresh`` and becomes ``replacement``, and all that is new below."""
        became, normal = self._became, self._normal
        awaiting = {root: fresh, fresh: replacement}
        stack = [root, fresh, replacement] if fresh is not root else [root, replacement]
        while stack:
            node = stack[-1]
            if node in normal or node in became:
                stack.pop()
                continue
            successor = awaiting.pop(node, None)
            if successor is not None:
                stack.pop()
                became[node] = self.now(successor)
                continue
            pending = [c for c in children(node) if c not in normal and c not in became]
            if pending:
                self._guard(pending, awaiting)
                stack.extend(pending)
                continue
            matched = self._settle(node)
            if matched is not None:
                self._guard(matched, awaiting)
                awaiting[node], awaiting[matched[0]] = matched
                stack.extend(matched if matched[0] is not node else matched[1:])

    def _guard(self, nodes: Sequence[Node], awaiting: dict[Node, Node]) -> None:
        for node in nodes:
            if node in awaiting:
                raise RewriteLoop(f"{self._rule.name} turns a {type(node).__name__} back into itself")
