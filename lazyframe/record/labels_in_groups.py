"""The labels of rows that are in the order of their groups: the group's, and behind it the row's own."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.record.groupby_index import GroupLabels
from lazyframe.record.row_labels import BoundLabels, Level, NumberedLabels, RowLabels
from passes.ir.rows import Filter, Range, Slice
from passes.ir.values import Gather, RowNumber, Take, Value, View


class LabelsInGroups(RowLabels):
    """A MultiIndex of the levels of the groups' labels and of those of the rows'.

    Parameters
    ----------
    groups : GroupLabels
        One label a group.
    numbers : Value
        Of each row's group.
    inner : RowLabels
        Of the rows, in the order of ``numbers``.
    concatenated : bool
        Whether pandas makes them of an index for each group, and asks whether all of them are the same.
    positions : Value, optional
        Which of these rows are labelled; by default each.
    """

    __slots__ = ("_concatenated", "_groups", "_numbers", "_positions", "inner")

    def __init__(
        self,
        groups: GroupLabels,
        numbers: Value,
        inner: RowLabels,
        concatenated: bool = False,
        positions: Value | None = None,
    ) -> None:
        self._concatenated = concatenated
        self._groups = groups
        self._numbers = numbers
        self.inner = inner
        self._positions = positions

    @property
    def parts(self) -> tuple[Value, ...]:
        taken = () if self._positions is None else (self._positions,)
        return (self._numbers, *taken, *self._groups.parts, *self.inner.parts)

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        numbers, *rest = computed
        taken = None if self._positions is None else rest.pop(0)
        behind = len(self._groups.parts)
        groups, inner = self._groups.build(rest[:behind]), self.inner.build(rest[behind:])
        if self._concatenated and isinstance(inner, pandas.RangeIndex):
            # pieces of which each group takes some rows are no RangeIndex together, but by chance
            inner = pandas.Index(inner.to_numpy(), name=inner.name)
        levels: list[Any] = [groups]
        codes: list[Any] = [np.arange(len(groups))]  # in the order that they have
        if isinstance(groups, pandas.MultiIndex):
            levels, codes = _parts_of(groups)
        inner_levels, inner_codes = _parts_of(inner)
        if self._concatenated and _are_the_same(inner, numbers, len(groups)):
            level = inner.unique()
            inner_levels, inner_codes = [level], [level.get_indexer_for(inner)]
        index: Any = pandas.MultiIndex(
            levels=levels + inner_levels,
            codes=[code.take(numbers) for code in codes] + inner_codes,
            names=self.names,
            verify_integrity=False,
        )
        found: pandas.Index = index if taken is None else index.take(taken)
        return found

    def known(self) -> None:
        return None

    def _of(self, positions: Value) -> LabelsInGroups:
        return LabelsInGroups(self._groups, self._numbers, self.inner, self._concatenated, positions)

    def _value(self) -> Value:
        rows = self._numbers.rows
        assert rows is not None
        return RowNumber(rows) if self._positions is None else self._positions

    def take(self, rows: Filter | Slice) -> LabelsInGroups:
        return self._of(Take(self._value(), rows))

    def view(self, rows: Range, start: int, step: int) -> LabelsInGroups:
        return self._of(View(self._value(), rows, start, step))

    def gather(self, positions: Value) -> LabelsInGroups:
        return self._of(Gather(self._value(), positions))

    def keeps_ranges(self) -> bool:
        """Whether the rows' labels may be evenly spaced numbers, of which pandas makes a RangeIndex."""
        if self._concatenated:
            return False
        return isinstance(self.inner, NumberedLabels) or (
            isinstance(self.inner, BoundLabels) and self.inner.is_range()
        )

    def holds_strings(self) -> None:
        return None

    def holds_whole_numbers(self) -> bool:
        return False

    def same_as(self, other: RowLabels) -> bool:
        return (
            isinstance(other, LabelsInGroups)
            and self._numbers is other._numbers
            and self._value() is other._value()
            and self._groups.same_as(other._groups)
            and self.inner.same_as(other.inner)
        )

    @property
    def names(self) -> list[Hashable]:
        return [*self._groups.names, *self.inner.names]

    def levels(self) -> list[Level] | None:
        inner, groups = self.inner.levels(), self._groups.levels()
        if inner is None or groups is None:
            return None
        of_rows = [Level(Gather(level.value, self._numbers), level.name) for level in groups]
        if self._positions is None:
            return [*of_rows, *inner]
        return [Level(Gather(level.value, self._positions), level.name) for level in [*of_rows, *inner]]


def _parts_of(index: pandas.Index) -> tuple[list[Any], list[Any]]:
    """The levels and the codes of labels."""
    if index.dtype == np.int64 and not isinstance(index, pandas.RangeIndex) and len(index):
        values = index.to_numpy()
        low, rows = int(values.min()), len(values)
        if int(values.max()) - low == rows - 1 and bool(
            (np.bincount(values - low, minlength=rows) == 1).all()
        ):
            # each of a range of numbers once: pandas would find as much by hashing
            return [pandas.Index(np.arange(low, low + rows), name=index.name)], [values - low]
    multi: Any = index if isinstance(index, pandas.MultiIndex) else pandas.MultiIndex.from_arrays([index])
    return list(multi.levels), [np.asarray(found) for found in multi.codes]


def _are_the_same(index: pandas.Index, numbers: np.ndarray, groups: int) -> bool:
    """Whether the rows of each group, one group behind the other, have the labels of the first."""
    if not groups or len(index) % groups or not bool((np.diff(numbers) >= 0).all()):
        return False
    rows = len(index) // groups
    first = index[:rows]
    return bool((np.bincount(numbers, minlength=groups) == rows).all()) and all(
        index[low : low + rows].equals(first) for low in range(rows, len(index), rows)
    )
