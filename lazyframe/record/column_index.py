"""Columns that became row labels: ``set_index``."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.record.capture import dtype_of
from lazyframe.record.elementwise import INT64
from lazyframe.record.empty_ranges import empty_range
from lazyframe.record.row_labels import Level, RowLabels
from lazyframe.run.bindings import bound_to
from passes.ir.rows import Filter, Range, Slice
from passes.ir.values import OPAQUE, Gather, Read, RowNumber, Take, Value, View


class ColumnIndex(RowLabels):
    """The Index of one column, or the MultiIndex of several.

    Parameters
    ----------
    columns : tuple of Value
        Of one row space.
    names : sequence of Hashable
        Of the levels.
    positions : Value, optional
        Which rows of ``columns`` are labelled, where pandas' Index follows from all of them: several levels
        keep what no row has any more, and signed integers may be those of a RangeIndex.
    of_one_level : bool
        Whether the one column is what was left of several levels: then pandas makes no RangeIndex of it.
    whole : list of Index, optional
        The Index of all rows of ``columns`` once it is built, shared by all labels that follow from it: to
        number the values of several levels takes longer than most of what is done with the rows.
    before : RowLabels, optional
        What the first of ``columns`` are the levels of, where their Index says more than their values do, as
        a range and times that are evenly spaced do: pandas keeps it as it is.
    """

    __slots__ = ("_columns", "_names", "_of_one_level", "_positions", "_whole", "before")

    def __init__(
        self,
        columns: tuple[Value, ...],
        names: Sequence[Hashable],
        positions: Value | None = None,
        of_one_level: bool = False,
        whole: list[pandas.Index] | None = None,
        before: RowLabels | None = None,
    ) -> None:
        self._columns = columns
        self._names = list(names)
        self._positions = positions
        self._of_one_level = of_one_level
        self._whole: list[pandas.Index] = [] if whole is None else whole
        self.before = before

    @property
    def parts(self) -> tuple[Value, ...]:
        columns = () if self._whole else self._columns
        if columns and self.before is not None:
            columns = (*self.before.parts, *columns[len(self.before.names) :])
        return columns if self._positions is None else (*columns, self._positions)

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        if self._of_one_level:
            left: pandas.Index = pandas.Index(computed[0], name=self._names[0], copy=False)
            return left
        # what was asked for may have been built since, of the same columns
        columns = computed if self._positions is None else computed[:-1]
        index = self._whole[0] if self._whole else self._built(columns)
        if self._positions is None or self._are_all(len(computed[-1]), len(index)):
            return index.view()
        if isinstance(index, pandas.RangeIndex) and not len(computed[-1]):
            return empty_range(self._positions, whole=index)
        return index.take(computed[-1])

    def _are_all(self, count: int, whole: int) -> bool:
        """Whether a filter has left as many rows as there are."""
        at = self._positions
        return (
            count == whole
            and isinstance(at, Take)
            and type(at.rows) is Filter
            and type(at.column) is RowNumber
        )

    def _built(self, computed: Sequence[Any]) -> pandas.Index:
        """The Index of all rows; kept where its codes are its own, and not those of a categorical column."""
        before, count = self.before, 0 if self.before is None else len(self.before.parts)
        # with their dtypes: of objects without one pandas looks whether they are text
        columns = {
            k: pandas.Series(found, dtype=found.dtype, copy=False) for k, found in enumerate(computed[count:])
        }
        frame = pandas.DataFrame(columns, copy=False)
        if before is not None:
            frame.index = before.build(computed[:count])
        index = frame.set_index(list(columns), drop=False, append=before is not None).index
        index.names = self._names
        levels = index.levels if isinstance(index, pandas.MultiIndex) else ()
        if levels and not any(isinstance(level, pandas.CategoricalIndex) for level in levels):
            self._whole.append(index)
        return index

    def known(self) -> pandas.Index | None:
        return self._whole[0] if self._whole and self._positions is None else None

    def take(self, rows: Filter | Slice) -> ColumnIndex:
        if self._follows_from_all():
            return self._at(Take(self._rows(), rows))
        return self._of(Take(self._columns[0], rows))

    def view(self, rows: Range, start: int, step: int) -> ColumnIndex:
        if self._follows_from_all():
            return self._at(View(self._rows(), rows, start, step))
        return self._of(View(self._columns[0], rows, start, step))

    def gather(self, positions: Value) -> ColumnIndex:
        if self._follows_from_all():
            return self._at(positions if self._positions is None else Gather(self._positions, positions))
        return self._of(Gather(self._columns[0], positions))

    def _at(self, positions: Value) -> ColumnIndex:
        return ColumnIndex(self._columns, self._names, positions, whole=self._whole, before=self.before)

    def _of(self, column: Value) -> ColumnIndex:
        return ColumnIndex((column,), self._names, of_one_level=self._of_one_level)

    def _follows_from_all(self) -> bool:
        if self._of_one_level:
            return False
        return len(self._columns) > 1 or self._columns[0].dtype.kind == "i"

    def _rows(self) -> Value:
        rows = self._columns[0].rows
        assert rows is not None
        return RowNumber(rows) if self._positions is None else self._positions

    def holds_strings(self) -> bool | None:
        return False if len(self._columns) == 1 and self._columns[0].dtype != OPAQUE else None

    def holds_whole_numbers(self) -> bool:
        return len(self._columns) == 1 and self._columns[0].dtype.kind in "iu"

    def same_as(self, other: RowLabels) -> bool:
        return (
            isinstance(other, ColumnIndex)
            and self._columns == other._columns
            and self._positions is other._positions
            and self._names == other._names
            and self._of_one_level == other._of_one_level
            and self.before is other.before
        )

    @property
    def names(self) -> list[Hashable]:
        return list(self._names)

    def levels(self) -> list[Level] | None:
        if not all(map(self._comes_back, self._columns)):
            return None
        return [Level(column, name) for column, name in zip(self.compared(), self._names, strict=True)]

    def compared(self) -> list[Value]:
        """What the labels are by comparison, to which it is all one which of equal values a level has."""
        if self._positions is None:
            return list(self._columns)
        return [Gather(column, self._positions) for column in self._columns]

    def _comes_back(self, column: Value) -> bool:
        """Whether a column that became labels is, as a column again, what it was."""
        if column.dtype == OPAQUE:
            return bool(dtype_of(column) != OPAQUE)
        if len(self._columns) > 1:
            return column.dtype.kind != "f"  # levels are distinct, and 0.0 is -0.0
        # a RangeIndex is of int64
        return (
            column.dtype.kind != "i"
            or column.dtype == INT64
            or self._of_one_level
            or _begins_unevenly(column)
        )


_SOME = 1 << 6


def _begins_unevenly(column: Value) -> bool:
    """Whether the first integers of an input in memory show that pandas makes no RangeIndex of it."""
    data = bound_to(column.token) if isinstance(column, Read) else None
    if not isinstance(data, np.ndarray) or len(data) < 3:
        return False
    steps = np.diff(data[:_SOME].astype(np.int64))
    return bool(steps[0] == 0 or (steps != steps[0]).any())
