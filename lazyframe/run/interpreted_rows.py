"""The values of some rows of a loop in NumPy: each computed once, and of no more rows than guards leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from lazyframe.run.environment import Environment
from lazyframe.run.slicing import strided
from passes.ir.loops import Loop, row_inputs, row_values
from passes.ir.node import Node
from passes.ir.operations import evaluate
from passes.ir.rows import Product
from passes.ir.values import (
    Gather,
    LookupTable,
    Map,
    Outer,
    Probe,
    RowNumber,
    Stored,
    Value,
    View,
)
from passes.ir.walk import topological

_WORTH_LEAVING_OUT = 2
"""When guards leave fewer than one row in so many, the guards behind them are evaluated for those only."""


class Order:
    """In which order the values of a loop are evaluated, and how often each is needed: the same for all rows.

    Parameters
    ----------
    loop : Loop
        Whose values they are.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._to: dict[Value, list[Value]] = {}
        roots = [root for builder in loop.builders for root in builder.roots()]
        self.uses = Counter(chain(roots, roots, *map(row_inputs, row_values(roots))))
        """Of a root that is one use at least beside those of what is evaluated from it."""

    def to(self, root: Value) -> list[Value]:
        """What a root needs at a row, each behind its inputs."""
        found = self._to.get(root)
        if found is None:
            found = self._to[root] = self.evaluated(topological([root], row_inputs))
        return found

    def evaluated(self, nodes: Sequence[Node]) -> list[Value]:
        """Those of nodes that are not there for all rows at once."""
        return [node for node in nodes if isinstance(node, Value) and not self._is_elsewhere(node)]

    def _is_elsewhere(self, value: Value) -> bool:
        is_table = isinstance(value, Stored) and isinstance(value.value, LookupTable)
        return is_table or (value.rows is not None and value.rows is not self._loop.domain)


class Rows:
    """Rows in a row; those of a product are outer x inner.

    Parameters
    ----------
    loop : Loop
        Whose values are asked for.
    environment : Environment
        Where inputs are found.
    low, high : int
        The first outer row, and the one behind the last.
    outer, inner : int
        How many there are in all.
    loaded : mapping
        What has been read of files, with the first row of each.
    order : Order
        Of the loop's values.
    """

    def __init__(
        self,
        loop: Loop,
        environment: Environment,
        low: int,
        high: int,
        outer: int,
        inner: int,
        loaded: Mapping[Value, tuple[np.ndarray, int]],
        order: Order,
    ) -> None:
        self.loop = loop
        self.order = order
        self.loaded = loaded
        self.environment = environment
        self.low, self.high = low, high
        self.inner = inner
        self.outer = outer
        self.product = isinstance(loop.domain, Product)
        self.shape: tuple[int, ...] = (high - low, inner) if self.product else (high - low,)
        self._done: dict[Value, Any] = {}
        self._left: dict[tuple[Value, ...], tuple[Rows, np.ndarray | None]] = {}

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(np.prod(self.shape))

    def get(self, root: Value) -> np.ndarray:
        """One value of every row."""
        done = self._done
        if root not in done:
            for value in self._needed(root):
                if value not in done:
                    done[value] = self._one(value)
        found = done[root]
        return found if np.shape(found) == self.shape else np.broadcast_to(found, self.shape)

    def _needed(self, root: Value) -> list[Value]:
        """What it takes to evaluate ``root``: where something is known, its inputs were."""
        return self.order.to(root)

    def left_by(self, guards: tuple[Value, ...]) -> Rows:
        """The rows for which all guards hold, which are evaluated one after another."""
        rows, mask = self._guarded(guards)
        if mask is None:
            return rows
        positions = np.flatnonzero(mask)
        found = rows if len(positions) == rows.count else Chosen(rows, positions)
        self._left[guards] = found, None
        return found

    def mask(self, guards: tuple[Value, ...]) -> np.ndarray | None:
        """For which of all rows the guards hold; None for all."""
        mask: np.ndarray | None = None
        for guard in guards:
            holds = self.get(guard)
            mask = holds if mask is None else mask & holds
        return mask

    def forget(self) -> None:
        """Forget which rows guards leave: these know the others, and would keep what all have computed."""
        self._left.clear()

    def _guarded(self, guards: tuple[Value, ...]) -> tuple[Rows, np.ndarray | None]:
        """Rows, and for which of these the guards hold: None for all."""
        rows: Rows = self
        mask: np.ndarray | None = None
        for k, guard in enumerate(guards):
            known = self._left.get(guards[: k + 1])
            if known is not None:
                rows, mask = known
                continue
            if mask is not None and np.count_nonzero(mask) * _WORTH_LEAVING_OUT < rows.count:
                rows, mask = Chosen(rows, np.flatnonzero(mask)), None
                self._left[guards[:k]] = rows, mask
            holds = rows.get(guard)
            mask = holds if mask is None else mask & holds
            self._left[guards[: k + 1]] = rows, mask
        return rows, mask

    def _one(self, value: Value) -> Any:
        done = self._done
        match value:
            case Map(operation, arguments, dtype):
                return evaluate(operation, [done[a] for a in arguments], dtype, self._spent(value))
            case RowNumber():
                return self.positions()
            case View() | Outer():
                return self._load(value)
            case Gather(column, positions):
                return _gathered(np.asarray(self.environment.get(column)), done[positions])
            case Probe(table, keys):
                columns = [np.broadcast_to(done[key], self.shape).ravel() for key in keys]
                return self.environment.get(table).find(columns).reshape(self.shape)
        if value.rows is None:
            return self.environment.get(value)
        return self._load(value)

    def _spent(self, value: Map) -> Any:
        """The memory of an argument that nothing else needs, for the result: it is in the cache."""
        dtype, uses = value.dtype, self.order.uses
        for one in value.arguments:
            if one.dtype != dtype:
                return None
        for one in value.arguments:
            if type(one) is Map and uses[one] == 1:
                array = self._done[one]
                if np.shape(array) == self.shape and array.base is None:
                    return array
        return None

    def positions(self) -> np.ndarray:
        """Their numbers."""
        outer = np.arange(self.low, self.high)
        if not self.product:
            return outer
        inner = np.arange(self.inner)
        if self.loop.folded_axis == 1:
            return outer[:, None] * self.inner + inner[None, :]
        return inner[None, :] * self.outer + outer[:, None]

    def _load(self, value: Value) -> Any:
        if value in self.loaded:
            array, first = self.loaded[value]
            return array[self.low - first : self.high - first]
        if not self.product:
            column, start, step = _viewed(value)
            if isinstance(column, RowNumber):
                return self.positions() * step + start
            return strided(self.environment.get(column), start, step, self.low, self.high)
        if not isinstance(value, Outer):
            return np.asarray(self.environment.get(value))[self.positions()]
        along_outer = value.axis == 1 - (self.loop.folded_axis or 0)
        low, high = (self.low, self.high) if along_outer else (0, self.inner)
        column, start, step = _viewed(value.column)
        if isinstance(column, RowNumber):
            part = np.arange(low, high) * step + start
        else:
            part = strided(self.environment.get(column), start, step, low, high)
        return part[:, None] if along_outer else part[None, :]


class Chosen(Rows):
    """Some of other rows.  What is known of those is taken from there, all else computed for these alone.

    Parameters
    ----------
    others : Rows
        Among which these are.
    places : numpy.ndarray
        Where, in ascending order.
    """

    def __init__(self, others: Rows, places: np.ndarray) -> None:
        super().__init__(
            others.loop,
            others.environment,
            others.low,
            others.high,
            others.outer,
            others.inner,
            others.loaded,
            others.order,
        )
        self.shape = (len(places),)
        self._others = others
        self._places = places
        self._numbers: np.ndarray | None = None

    def get(self, root: Value) -> np.ndarray:
        """One value of every row."""
        if self.product and root not in self._done:
            self._done[root] = self._others.get(root).ravel().take(self._places)
        return super().get(root)

    def _needed(self, root: Value) -> list[Value]:
        return self.order.evaluated(topological([root], self._missing_inputs))

    def _missing_inputs(self, value: Node) -> tuple[Node, ...]:
        return () if self._knows(value) else row_inputs(value)

    def _knows(self, value: Node) -> bool:
        rows: Rows = self
        while value not in rows._done:
            if not isinstance(rows, Chosen):
                return False
            rows = rows._others
        return True

    def _one(self, value: Value) -> Any:
        if not self._knows(value):
            return super()._one(value)
        others = self._others
        known = others._done[value] if value in others._done else others._one(value)
        return known.take(self._places) if np.ndim(known) else known

    def positions(self) -> np.ndarray:
        """Their numbers."""
        if self._numbers is None:
            others = self._others
            known = self._places + self.low if type(others) is Rows else others.positions()[self._places]
            self._numbers = known
        return self._numbers

    def _load(self, value: Value) -> Any:
        numbers = self.positions()
        if value in self.loaded:
            array, first = self.loaded[value]
            return array.take(numbers - first)
        column, start, step = _viewed(value)
        if (start, step) != (0, 1):
            numbers = numbers * step + start
        return numbers if isinstance(column, RowNumber) else self.environment.get(column).take(numbers)


def _viewed(value: Value) -> tuple[Value, int, int]:
    """The column that a view shows, the first row that it does, and how far the next is from it."""
    start, step = 0, 1
    while isinstance(value, View):
        start, step = value.start + value.step * start, value.step * step
        value = value.column
    return value, start, step


def _gathered(array: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """``array[positions]``; anything where there are no rows, as none of a lookup's are then found."""
    return array.take(positions) if len(array) else np.zeros(np.shape(positions), array.dtype)
