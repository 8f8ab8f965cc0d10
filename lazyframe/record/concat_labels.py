"""The labels of tables one behind the other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pandas

from lazyframe.record.elementwise import INT64
from lazyframe.record.row_labels import (
    BoundLabels,
    Level,
    RowLabels,
    numbers_of,
    taken_in_turn,
)
from passes.ir.rows import Concat, Filter, Range, Rows, Slice
from passes.ir.values import Chain, Gather, Take, Value, View


def labels_end_to_end(rows: Rows, parts: Sequence[RowLabels]) -> RowLabels | None:
    """The labels of each part, one part behind the other; None where pandas has its own rules."""
    if any(isinstance(part, BoundLabels) and part.has_frequency() for part in parts):
        return None
    return ConcatLabels(rows, tuple(parts))


class ConcatLabels(RowLabels):
    """The labels of each part, put together when somebody asks.

    Parameters
    ----------
    rows : Rows
        The rows of all parts.
    labels : tuple of RowLabels
        Of each part.
    positions : Value, optional
        Which of ``rows`` are labelled; by default each.
    """

    __slots__ = ("_known", "_labels", "_positions", "_rows")

    def __init__(self, rows: Rows, labels: tuple[RowLabels, ...], positions: Value | None = None) -> None:
        self._rows = rows
        self._labels = labels
        self._positions = positions
        self._known: pandas.Index | None = None

    @property
    def parts(self) -> tuple[Value, ...]:
        own = () if self._positions is None else (self._positions,)
        return (*[value for labels in self._labels for value in labels.parts], *own)

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        indexes: list[pandas.Index] = []
        first = 0
        for labels in self._labels:
            behind = first + len(labels.parts)
            indexes.append(labels.build(computed[first:behind]))
            first = behind
        whole = indexes[0].append(indexes[1:])
        if self._positions is None:
            return whole
        return taken_in_turn(whole.take(computed[-1]), self._positions)

    def known(self) -> pandas.Index | None:
        indexes = [labels.known() for labels in self._labels] if self._known is None else []
        if indexes and self._positions is None and all(index is not None for index in indexes):
            first, *others = indexes
            self._known = first.append(others)  # type: ignore[union-attr,arg-type]  # no None
        return self._known

    def take(self, rows: Filter | Slice) -> ConcatLabels:
        return ConcatLabels(self._rows, self._labels, Take(self._value(), rows))

    def view(self, rows: Range, start: int, step: int) -> ConcatLabels:
        return ConcatLabels(self._rows, self._labels, View(self._value(), rows, start, step))

    def gather(self, positions: Value) -> ConcatLabels:
        return ConcatLabels(self._rows, self._labels, Gather(self._value(), positions))

    def _value(self) -> Value:
        return numbers_of(self._rows) if self._positions is None else self._positions

    def holds_strings(self) -> bool | None:
        found = [labels.holds_strings() for labels in self._labels]
        return False if all(one is False for one in found) else None

    def holds_whole_numbers(self) -> bool:
        return all(labels.holds_whole_numbers() for labels in self._labels)

    def same_as(self, other: RowLabels) -> bool:
        return (
            isinstance(other, ConcatLabels)
            and self._value() is other._value()
            and self._rows is other._rows
            and all(one.same_as(another) for one, another in zip(self._labels, other._labels, strict=True))
        )

    @property
    def names(self) -> list[Hashable]:
        names = [labels.names for labels in self._labels]
        return list(names[0]) if all(one == names[0] for one in names) else [None] * len(names[0])

    def levels(self) -> list[Level] | None:
        found = [labels.levels() or [] for labels in self._labels]
        if any(len(levels) != 1 for levels in found):
            return None
        values = tuple([levels[0].value for levels in found])
        if any(value.dtype != INT64 for value in values) or not isinstance(self._rows, Concat):
            return None
        whole: Value = Chain(values, self._rows)
        return [Level(whole if self._positions is None else Gather(whole, self._positions), self.names[0])]
