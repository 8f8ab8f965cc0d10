"""Who needs a value, and who needs a row space: what decides whether moving work saves any."""

from __future__ import annotations

from collections.abc import Sequence

from passes.ir.node import Node
from passes.ir.rows import Filter, Rows
from passes.ir.values import Gather, Map, Take, Value, View
from passes.ir.walk import children
from passes.rewrite.rule import Facts

MOST_SPACES = 4
"""A value seen through more row spaces than this counts as needed everywhere."""

_WHOLE = object()
_EVERYWHERE = frozenset([_WHOLE, *[object() for _ in range(MOST_SPACES)]])
_NOWHERE: frozenset[object] = frozenset()


class Demand(Facts):
    """Through which derived row spaces each value is seen, directly or by the row-wise work on top of it.

    A value that a filter's mask, a reduction, a window or the user needs is needed whole.  A value that is
    new since the graph was looked at counts as needed through one space: what made it had found so.
    """

    def __init__(self, order: Sequence[Node], results: Sequence[Value]) -> None:
        self._spaces: dict[Node, frozenset[object]] = {}
        whole: frozenset[object] = frozenset([_WHOLE])
        for result in results:
            self._add(result, whole)
        for node in reversed(order):
            match node:
                case Map():
                    own = self._spaces.get(node, _NOWHERE)
                    for argument in node.arguments:
                        self._add(argument, own)
                case Take(column, _, rows):
                    self._add(column, frozenset([rows]))
                case View(column, start, step, _, rows):
                    self._add(column, frozenset([(rows, start, step)]))
                case Gather(column, positions):
                    self._add(column, whole)
                    self._add(positions, self._spaces.get(node, _NOWHERE))
                case _:
                    for child in children(node):
                        if isinstance(child, Value):
                            self._add(child, whole)

    def _add(self, value: Node, spaces: frozenset[object]) -> None:
        known = self._spaces.get(value)
        if known is None:
            self._spaces[value] = spaces
        elif known is not spaces and not spaces <= known:
            both = known | spaces
            self._spaces[value] = both if len(both) <= MOST_SPACES else _EVERYWHERE

    def carry(self, old: Node, new: Node) -> None:
        spaces = self._spaces.get(old)
        if spaces is not None:
            self._add(new, spaces)

    def through_one(self, value: Value) -> bool:
        """Whether nothing needs ``value`` but what sees it through one derived row space."""
        spaces = self._spaces.get(value, _NOWHERE)
        return len(spaces) <= 1 and _WHOLE not in spaces

    def through_few(self, value: Value) -> bool:
        """Whether at most `MOST_SPACES` row spaces, its own included, see ``value``."""
        return self._spaces.get(value) is not _EVERYWHERE


class Derivations(Facts):
    """Which filters serve only as the parent of one other filter.

    Such a filter's columns are row-wise work on columns taken from its own parent, and nothing needs them but
    the other filter: its mask, and what it takes.
    """

    def __init__(self, order: Sequence[Node], results: Sequence[Value]) -> None:
        self._derived: dict[Node, set[object]] = {}
        self.lifted: dict[Rows, dict[Node, Value]] = {}
        for node in order:
            self._note(node)
        for result in results:
            self._need(result.rows, _WHOLE)

    def _note(self, node: Node) -> None:
        for child in children(node):
            if isinstance(child, Rows) and not isinstance(node, Take):
                self._need(child, node if isinstance(node, Filter) else _WHOLE)
            if isinstance(child, Value) and not isinstance(node, (Map, Filter)):
                seen_by = node.rows if isinstance(node, Take) and isinstance(node.rows, Filter) else _WHOLE
                self._need(child.rows, seen_by)

    def _need(self, rows: Rows | None, by: object) -> None:
        if isinstance(rows, Filter):
            self._derived.setdefault(rows, set()).add(by)

    def carry(self, old: Node, new: Node) -> None:
        derived = self._derived.get(old)
        if derived is not None and isinstance(new, Filter):
            self._derived.setdefault(new, set()).update(derived)

    def serves_one(self, rows: Rows) -> bool:
        """Whether ``rows`` is needed by nothing but one filter of it."""
        derived = self._derived.get(rows, set())
        return len(derived) == 1 and _WHOLE not in derived
