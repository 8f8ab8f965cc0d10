"""Row labels without some of their levels: ``droplevel``, ``reset_index(level=...)``."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pandas

from lazyframe.record.column_index import ColumnIndex
from lazyframe.record.concat_labels import ConcatLabels
from lazyframe.record.dictionaries import follow, source_of
from lazyframe.record.labels_in_groups import LabelsInGroups
from lazyframe.record.row_labels import (
    BoundLabels,
    Level,
    RowLabels,
    bind_labels,
    is_spaced,
    taken_in_turn,
)
from lazyframe.run.bindings import data_of
from passes.ir.rows import Filter, Range, Rows, Slice
from passes.ir.values import Gather, RowNumber, Take, Value, View


def level_numbers(labels: RowLabels, asked: Any) -> list[int] | None:
    """The positions of levels, given by name or position; None where pandas has to judge them."""
    names = labels.names
    found = []
    for level in asked if isinstance(asked, (list, tuple)) else [asked]:
        if type(level) not in (str, int) or names.count(level) > 1:
            return None
        if level in names:
            found.append(names.index(level))
        elif type(level) is int and -len(names) <= level < len(names):
            found.append(level % len(names))
        else:
            return None
    return found if found and len(set(found)) == len(found) else None


def without_levels(labels: RowLabels, numbers: Sequence[int], rows: Rows) -> RowLabels | None:
    """The labels of ``rows`` but for some levels, of which one is left; None where pandas drops them."""
    left = [k for k in range(len(labels.names)) if k not in numbers]
    if isinstance(labels, BoundLabels):
        return _without_bound(labels, numbers, left)
    if len(left) == 1 and not isinstance(labels, ConcatLabels) and not _may_be_range(labels):
        levels = labels.levels()
        if levels is None:
            return None
        (number,) = left
        return ColumnIndex((levels[number].value,), [levels[number].name], of_one_level=True)
    return DroppedLevels(labels, tuple(numbers), RowNumber(rows))


def _may_be_range(labels: RowLabels) -> bool:
    """Whether a level may be a RangeIndex, as pandas has it where the groups of rows are in order.

    So it has where columns were put behind one, and likewise times that are evenly spaced.
    """
    if isinstance(labels, ColumnIndex):
        return labels.before is not None
    return isinstance(labels, LabelsInGroups) and labels.keeps_ranges()


def _without_bound(labels: BoundLabels, numbers: Sequence[int], left: Sequence[int]) -> RowLabels | None:
    """The same of a pandas Index, of which rows may have been taken since."""
    source = source_of(labels.value)
    if source is None:
        return None
    index = data_of(source.token)
    if labels.value is source:
        return bind_labels(index.droplevel(list(numbers)))
    if len(left) == 1:
        levels = None if is_spaced(index.levels[left[0]]) else labels.levels()
        if levels is None:
            return None  # what the level is depends on the rows that were taken
        level = levels[left[0]]
        return ColumnIndex((level.value,), [level.name], of_one_level=True)
    return BoundLabels(follow(labels.value, source, bind_labels(index.droplevel(list(numbers))).value))


class DroppedLevels(RowLabels):
    """Labels of which pandas drops levels when all of them are there.

    Parameters
    ----------
    whole : RowLabels
        With all levels.
    numbers : tuple of int
        The positions of the levels to drop.
    positions : Value
        Which of the rows are labelled: all of them, or those that were taken since.
    """

    __slots__ = ("_numbers", "_positions", "whole")

    def __init__(self, whole: RowLabels, numbers: tuple[int, ...], positions: Value) -> None:
        self.whole = whole
        self._numbers = numbers
        self._positions = positions

    @property
    def parts(self) -> tuple[Value, ...]:
        return (*self.whole.parts, *(() if self._are_all() else (self._positions,)))

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        built: Any = self.whole.build(computed[: len(self.whole.parts)])
        index: pandas.Index = built.droplevel(list(self._numbers))
        if self._are_all():
            return index
        return taken_in_turn(index.take(computed[-1]), self._positions)

    def known(self) -> None:
        return None

    def _are_all(self) -> bool:
        return isinstance(self._positions, RowNumber)

    def take(self, rows: Filter | Slice) -> DroppedLevels:
        return DroppedLevels(self.whole, self._numbers, Take(self._positions, rows))

    def view(self, rows: Range, start: int, step: int) -> DroppedLevels:
        return DroppedLevels(self.whole, self._numbers, View(self._positions, rows, start, step))

    def gather(self, positions: Value) -> DroppedLevels:
        return DroppedLevels(self.whole, self._numbers, Gather(self._positions, positions))

    def holds_strings(self) -> bool | None:
        return None

    def holds_whole_numbers(self) -> bool:
        return False

    def same_as(self, other: RowLabels) -> bool:
        return (
            isinstance(other, DroppedLevels)
            and self._numbers == other._numbers
            and self._positions is other._positions
            and self.whole.same_as(other.whole)
        )

    @property
    def names(self) -> list[Hashable]:
        return [name for k, name in enumerate(self.whole.names) if k not in self._numbers]

    def levels(self) -> list[Level] | None:
        whole = self.whole.levels()
        if whole is None:
            return None
        left = [level for k, level in enumerate(whole) if k not in self._numbers]
        if self._are_all():
            return left
        return [Level(Gather(level.value, self._positions), level.name) for level in left]
