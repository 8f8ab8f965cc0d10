"""What graphs have in common that differ in inputs, lengths and the constants that no pass looks into."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from passes.facts.constants import INDIFFERENT, is_special
from passes.ir.node import Node, Token
from passes.ir.rows import Range
from passes.ir.values import Literal, Map, Parameter, Read, Value
from passes.ir.walk import children


class Description(NamedTuple):
    """How a graph is made.

    Parameters
    ----------
    shape : tuple of hashable
        A line a node, and then where the results stand.  Equal for graphs that are the same but for their
        inputs, lengths and ``unseen`` constants: nodes at one place then mean the same.
    unseen : frozenset of Literal
        The constants that a plan does not depend on: operands of columns' `INDIFFERENT` operations, and of
        nothing else, that are not special.
    """

    shape: tuple[Hashable, ...]
    unseen: frozenset[Node]


def describe(order: Sequence[Node], results: Sequence[Value]) -> Description:
    """Describe a graph that is given in topological order, in one pass."""
    places: dict[Node, int] = {}
    lines: list[Hashable] = []
    tokens: dict[Token, int] = {}
    lengths: dict[int, int] = {}
    unseen: dict[Node, int] = {}
    for place, node in enumerate(order):
        places[node] = place
        if isinstance(node, Map):
            operation, arguments = node.operation, node.arguments
            if unseen and (operation not in INDIFFERENT or node.rows is None):
                _look_at(arguments, unseen)
            if len(arguments) == 2:  # as most have, and this is quicker
                left, right = arguments
                lines.append((operation, node.dtype, places[left], places[right]))
            else:
                lines.append((operation, node.dtype, *[places[argument] for argument in arguments]))
        elif isinstance(node, Read):
            lines.append((Read, tokens.setdefault(node.token, len(tokens)), node.dtype, places[node.rows]))
        elif isinstance(node, Literal):
            if not is_special(node):
                unseen[node] = place
            lines.append((Literal, node.dtype, node.bits))
        elif isinstance(node, Parameter):
            lines.append((Parameter, tokens.setdefault(node.token, len(tokens)), node.dtype))
        elif isinstance(node, Range):
            extent = node.extent
            named = extent if isinstance(extent, str) else lengths.setdefault(extent, len(lengths))
            lines.append((Range, named))
        else:
            if unseen:
                _look_at(children(node), unseen)
            kind = type(node)
            lines.append((kind, *[_written(getattr(node, field), places) for field in kind.__match_args__]))
    _look_at(results, unseen)
    for constant, place in unseen.items():
        assert isinstance(constant, Literal)
        lines[place] = (Literal, constant.dtype)
    lines += [places[result] for result in results]
    return Description(tuple(lines), frozenset(unseen))


def _look_at(nodes: Sequence[Node], unseen: dict[Node, int]) -> None:
    for node in nodes:
        unseen.pop(node, None)


def _written(field: Any, places: dict[Node, int]) -> Hashable:
    """A field of a node, with places for nodes; all else is hashable, as nodes are interned."""
    if isinstance(field, Node):
        return places[field]
    if type(field) is tuple:
        return tuple([places[part] if isinstance(part, Node) else part for part in field])
    found: Hashable = field
    return found
