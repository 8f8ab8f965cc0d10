"""What graphs have in common that differ in inputs, lengths and the constants that no pass looks into."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from passes.facts.constants import INDIFFERENT, is_special
from passes.ir.node import Node, Token
from passes.ir.rows import Group, Join, Range, Slice, Sort
from passes.ir.values import (
    Aggregate,
    Fold,
    Key,
    Literal,
    Map,
    Outer,
    Parameter,
    Position,
    Read,
    Reduce,
    Value,
    View,
    Window,
    WithinGroup,
)
from passes.ir.walk import children

_BESIDE: dict[type[Node], Callable[[Any], Hashable]] = {
    View: attrgetter("start", "step"),
    Outer: attrgetter("axis"),
    Fold: attrgetter("operation", "axis", "dtype"),
    Reduce: attrgetter("operation", "dtype"),
    Window: attrgetter("operation", "dtype"),
    WithinGroup: attrgetter("operation", "argument", "dtype"),
    Aggregate: attrgetter("operation", "dtype"),
    Key: attrgetter("position"),
    Position: attrgetter("side"),
    Slice: attrgetter("start", "stop", "step"),
    Join: attrgetter("how"),
    Sort: attrgetter("ascending"),
    Group: attrgetter("sort"),
}
"""What there is to say of a node beside its kind and what it is made of; of other kinds nothing."""


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
    write = lines.append
    node: Any
    for place, node in enumerate(order):
        places[node] = place
        kind = type(node)
        if kind is Map:
            arguments = node.arguments
            if unseen and (node.operation not in INDIFFERENT or node.rows is None):
                _look_at(arguments, unseen)
            if len(arguments) == 2:  # as most have, and this is quicker
                left, right = arguments
                write((node.operation, node.dtype, places[left], places[right]))
            else:
                write((node.operation, node.dtype, *[places[argument] for argument in arguments]))
        elif kind is Read:
            write((Read, tokens.setdefault(node.token, len(tokens)), node.dtype, places[node.rows]))
        elif kind is Literal:
            if not is_special(node):
                unseen[node] = place
            write((Literal, node.dtype, node.bits))
        elif kind is Parameter:
            write((Parameter, tokens.setdefault(node.token, len(tokens)), node.dtype))
        elif kind is Range:
            extent = node.extent
            write((Range, extent if type(extent) is str else lengths.setdefault(extent, len(lengths))))
        else:
            parts = children(node)
            if unseen:
                _look_at(parts, unseen)
            beside = _BESIDE.get(kind)
            said = None if beside is None else beside(node)
            if len(parts) == 2:
                left, right = parts
                write((kind, said, places[left], places[right]))
            else:
                write((kind, said, *[places[part] for part in parts]))
    _look_at(results, unseen)
    for constant, place in unseen.items():
        assert isinstance(constant, Literal)
        lines[place] = (Literal, constant.dtype)
    lines += [places[result] for result in results]
    return Description(tuple(lines), frozenset(unseen))


def _look_at(nodes: Sequence[Node], unseen: dict[Node, int]) -> None:
    for node in nodes:
        unseen.pop(node, None)
