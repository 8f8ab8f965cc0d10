"""What a rule is: a pure function of one node, and what it may know beyond it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from passes.ir.node import Node
from passes.ir.values import Value


class Facts:
    """Knowledge of a whole graph, gathered once a traversal; this base knows nothing.

    Parameters
    ----------
    order : sequence of Node
        The graph in topological order.
    results : sequence of Value
        What it returns.
    """

    def __init__(self, order: Sequence[Node], results: Sequence[Value]) -> None:
        pass

    def carry(self, old: Node, new: Node) -> None:
        """What holds for ``old`` holds for ``new``, which stands in its place from now on."""


F = TypeVar("F", bound=Facts)


class Rule(Generic[F]):
    """A rewrite rule: ``rule(node, facts)`` gives the node's replacement, or None to leave it.

    The replacement means the same value, row for row and bit for bit, of the same dtype.  The rule is offered
    only nodes of ``kinds``, over children that are rewritten already; it never walks the graph.

    Attributes
    ----------
    name : str
        Of the pass: the function's, the file's, the golden file's and the one that switches it off.
    kinds : tuple of type
        The classes of node that it can match.
    facts : type
        What it needs to know of the graph.
    """

    def __init__(
        self, function: Callable[[Node, F], Node | None], kinds: tuple[type[Node], ...], facts: type[F]
    ) -> None:
        self.name = function.__name__
        self.kinds = kinds
        self.facts = facts
        self._function = function
        self.__doc__ = function.__doc__

    def __call__(self, node: Node, facts: F) -> Node | None:
        return self._function(node, facts)

    def __repr__(self) -> str:
        return f"<rule {self.name}>"

    @property
    def local(self) -> bool:
        """Whether it looks at nothing but the node, so that one traversal reaches its fixed point."""
        return self.facts is Facts


def rule(
    *kinds: type[Node],
    facts: type[F] = Facts,  # type: ignore[assignment]  # the default binds F to Facts
) -> Callable[[Callable[[Node, F], Node | None]], Rule[F]]:
    """Make a function of a node into a `Rule` that is offered nodes of ``kinds``."""
    return lambda function: Rule(function, kinds, facts)
