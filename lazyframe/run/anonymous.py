"""What is asked for, with numbers in the place of inputs and lengths: programs of one shape are one graph.

How a graph is made is described in one walk over it.  What follows from the description alone is found out
for the first graph of a shape, and remembered: its nodes over numbered inputs, which are the key of a plan,
and what of it may be kept.  What is different from one graph to the next is looked up where it stands.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from lazyframe.run.bindings import bound_to
from lazyframe.run.keepable import Keepable, keepable_of
from passes.facts.shape import describe
from passes.ir.node import Node, Origin, Token
from passes.ir.rows import Group, Join, Range
from passes.ir.values import Literal, Lookup, Parameter, Read, Value
from passes.ir.walk import rebuild, topological

_REMEMBERED = 256
_shapes: dict[tuple[Hashable, ...], Shape] = {}
"""By their descriptions, the one that was used last behind the others."""

_tokens: list[Token] = []


@dataclass(slots=True, eq=False)
class Shape:
    """What graphs have in common that differ in inputs, lengths and most constants only.

    Places are those of nodes in topological order.

    Parameters
    ----------
    values : tuple of Value
        What is asked for, over numbered inputs.
    nodes : tuple of Node
        All nodes, likewise, in topological order.
    inputs : tuple of (Token, int)
        The numbered inputs, each with the place of a node that reads it.
    extents : tuple of (str, int)
        The names of lengths, each with the place of the rows that have it.
    constants : tuple of (Token, int)
        The numbered constants, each with its place.
    joins : tuple of Join
        Those among the nodes.
    keepable : Keepable
        What may be kept.
    seeks_groups : bool
        Whether there are groups that rows may look for.
    needed_again : dict of int to bool
        Columns of filtered rows that a later computation needed as well, when one of this shape had run, and
        whether they were small enough to be kept.
    """

    values: tuple[Value, ...]
    nodes: tuple[Node, ...]
    inputs: tuple[tuple[Token, int], ...]
    extents: tuple[tuple[str, int], ...]
    constants: tuple[tuple[Token, int], ...]
    joins: tuple[Join, ...]
    keepable: Keepable
    seeks_groups: bool
    needed_again: dict[int, bool] = field(default_factory=dict)
    _with_more: dict[tuple[int, ...], Shape] = field(default_factory=dict)

    def with_more(self, places: tuple[int, ...]) -> Shape:
        """The shape of the same graphs of which more is asked for, none of it constants."""
        found = self._with_more.get(places)
        if found is None:
            values: Any = (*self.values, *[self.nodes[place] for place in places])
            found = self._with_more[places] = replace(self, values=values, _with_more={})
        return found


class Request(NamedTuple):
    """What is asked for.

    Parameters
    ----------
    values : tuple of Value
        Columns and scalars of the user's graph.
    order : list of Node
        All nodes that they are made of, in topological order.
    shape : Shape
        What is known of all graphs that are made so.
    """

    values: tuple[Value, ...]
    order: list[Node]
    shape: Shape

    def with_more(self, places: tuple[int, ...]) -> Request:
        """Ask for nodes of the graph as well, none of them constants."""
        if not places:
            return self
        values: Any = (*self.values, *[self.order[place] for place in places])
        return Request(values, self.order, self.shape.with_more(places))


def request(values: Sequence[Value]) -> Request:
    """Ask for values: their graph is walked here, and not again where one of its shape was before."""
    order = topological(values)
    key, unseen = describe(order, values)
    shape = _shapes.pop(key, None)
    if shape is None:
        shape = _shape(order, values, unseen)
        if len(_shapes) >= _REMEMBERED:
            _shapes.pop(next(iter(_shapes), key), None)
    _shapes[key] = shape
    return Request(tuple(values), order, shape)


@dataclass(slots=True)
class Anonymous:
    """Values with inputs, lengths and most constants replaced by numbered ones, and what those stand for.

    Parameters
    ----------
    values : tuple of Value
        Equal for programs of one shape: the key of a plan.
    data : dict
        From numbered tokens to what is bound to the user's, late columns included.
    extents : dict
        From names of lengths to lengths.
    tokens : dict
        From numbered tokens to the user's.
    constants : dict
        From numbered tokens to the constants that they stand for.
    joins : tuple of Join
        Those that ``values`` are made of.
    nodes : tuple of Node
        All nodes over numbered inputs.
    lines : list of Origin or None
        The user's lines of each.
    seeks_groups : bool
        Whether there are groups that rows may look for.
    """

    values: tuple[Value, ...]
    data: dict[Token, Any]
    extents: dict[str, int]
    tokens: dict[Token, Token]
    constants: dict[Token, Literal]
    joins: tuple[Join, ...]
    nodes: tuple[Node, ...]
    lines: list[Origin | None]
    seeks_groups: bool


def anonymise(asked: Request) -> Anonymous:
    """Replace inputs, and constants that planning does not look at, by numbered ones as they are met."""
    order: list[Any] = asked.order
    shape = asked.shape
    tokens = {numbered: order[place].token for numbered, place in shape.inputs}
    data = {numbered: bound_to(token) for numbered, token in tokens.items()}
    constants: dict[Token, Literal] = {numbered: order[place] for numbered, place in shape.constants}
    for numbered, constant in constants.items():
        data[numbered] = constant.value
    extents = {name: order[place].extent for name, place in shape.extents}
    lines = [node.origin for node in order]
    return Anonymous(
        shape.values, data, extents, tokens, constants, shape.joins, shape.nodes, lines, shape.seeks_groups
    )


def _numbered(k: int) -> Token:
    while len(_tokens) <= k:
        _tokens.append(Token())
    return _tokens[k]


def _shape(order: Sequence[Node], values: Sequence[Value], unseen: frozenset[Node]) -> Shape:
    became: dict[Node, Node] = {}
    inputs: dict[Token, tuple[Token, int]] = {}
    constants: list[tuple[Token, int]] = []
    ranges: dict[int, Range] = {}
    extents: list[tuple[str, int]] = []
    for place, node in enumerate(order):
        if node in unseen:
            assert isinstance(node, Literal)
            fresh = _numbered(len(inputs) + len(constants))
            constants.append((fresh, place))
            became[node] = Parameter(fresh, node.dtype)
        elif isinstance(node, (Read, Parameter)):
            if node.token not in inputs:
                inputs[node.token] = _numbered(len(inputs) + len(constants)), place
            fresh, _ = inputs[node.token]
            if isinstance(node, Parameter):
                became[node] = Parameter(fresh, node.dtype)
            else:
                became[node] = Read(fresh, node.dtype, became[node.rows])  # type: ignore[arg-type]  # rows
        elif isinstance(node, Range) and isinstance(node.extent, int):
            if node.extent not in ranges:
                name = f"n{len(ranges)}"
                ranges[node.extent] = Range(name)
                extents.append((name, place))
            became[node] = ranges[node.extent]
        else:
            became[node] = rebuild(node, became.__getitem__)
    named: list[Any] = [became[value] for value in values]
    nodes = tuple([became[node] for node in order])
    joins = tuple([node for node in nodes if isinstance(node, Join)])
    return Shape(
        tuple(named),
        nodes,
        tuple(inputs.values()),
        tuple(extents),
        tuple(constants),
        joins,
        keepable_of(order, values),
        any(isinstance(node, Group) for node in nodes)
        and any(isinstance(node, (Join, Lookup)) for node in nodes),
    )
