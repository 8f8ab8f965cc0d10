"""Stand-ins for rows that a function chooses of each group's frame, and for what it puts in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lazyframe.record.elementwise import BOOL, INT64, apply, literal, select
from lazyframe.record.groupby_parts import Chosen
from lazyframe.record.groupby_picked import Picked, all_rows
from lazyframe.record.groupby_stand_ins import Frame, Series
from lazyframe.record.groupby_traced import Number, Rows
from lazyframe.record.groupby_ways import Notes, Untraceable
from lazyframe.record.reductions import (
    Grouped,
    first_position_of_maximum,
    first_position_of_minimum,
)
from passes.ir.rows import Filter, Group
from passes.ir.values import Gather, RowNumber, Value


class Choice:
    """Rows of each group's frame, as columns called so; ``sorted_by`` what they were just sorted by."""

    __slots__ = ("_sorted_by", "columns", "of", "picked")

    def __init__(
        self,
        of: Whole,
        picked: Picked,
        columns: Mapping[str, Value],
        sorted_by: tuple[Picked, Value, bool] | None = None,
    ) -> None:
        self.of = of
        self.picked = picked
        self.columns = columns
        self._sorted_by = sorted_by

    def __bool__(self) -> bool:
        raise Untraceable

    def __iter__(self) -> Any:
        raise Untraceable

    def __getattr__(self, name: str) -> Any:
        if name not in self.columns:
            raise Untraceable
        return self[name]

    def __getitem__(self, label: Any) -> Any:
        if type(label) is list:
            return Choice(self.of, self.picked, {one: self._column(one) for one in label})
        self._column(label)
        return ChosenColumn(self, label)

    def _column(self, label: Any) -> Value:
        found = self.columns.get(label) if type(label) is str else None
        if found is None:
            raise Untraceable
        return found

    def head(self, n: Any = 5) -> Choice:
        """``frame.head(n)``."""
        count = _count(n)
        if self._sorted_by is None or not count:
            return Choice(self.of, self.picked.ends(count, last=False), self.columns)
        before, column, ascending = self._sorted_by
        try:
            picked = before.extreme(column, count, largest=not ascending)
        except Untraceable:
            picked = self.picked.ends(count, last=False)
        return Choice(self.of, picked, self.columns)

    def tail(self, n: Any = 5) -> Choice:
        """``frame.tail(n)``."""
        return Choice(self.of, self.picked.ends(_count(n), last=True), self.columns)

    def nlargest(self, n: Any, columns: Any) -> Choice:
        """``frame.nlargest(n, column)``."""
        return self._extreme(n, columns, largest=True)

    def nsmallest(self, n: Any, columns: Any) -> Choice:
        """``frame.nsmallest(n, column)``."""
        return self._extreme(n, columns, largest=False)

    def _extreme(self, n: Any, columns: Any, largest: bool) -> Choice:
        (column,) = columns if type(columns) is list and len(columns) == 1 else [columns]
        count = _count(n)
        if not count:
            raise Untraceable
        return Choice(self.of, self.picked.extreme(self._column(column), count, largest), self.columns)

    def sort_values(self, by: Any, *, ascending: Any = True, kind: Any = None) -> Choice:
        """``frame.sort_values(by)``."""
        labels = by if type(by) is list else [by]
        ups = ascending if type(ascending) is list else [ascending] * len(labels)
        if len(ups) != len(labels) or any(type(up) is not bool for up in ups) or not labels:
            raise Untraceable
        if kind not in (None, "stable", "mergesort", "quicksort"):
            raise Untraceable
        columns = [self._column(label) for label in labels]
        picked = self.picked.by_value(columns, ups)
        alone = (self.picked, columns[0], ups[0]) if len(labels) == 1 else None
        return Choice(self.of, picked, self.columns, alone)

    def assign(self, **columns: Any) -> Choice:
        """``frame.assign(name=column)`` of columns of the whole group."""
        made = {name: _of_each_row(one, self.of) for name, one in columns.items()}
        return Choice(self.of, self.picked, {**self.columns, **made})

    @property
    def iloc(self) -> Any:
        """``frame.iloc`` of the first or the last row, or of the first or last few."""
        return _Places(self)

    def row(self, last: bool) -> ChosenRow:
        """The first or the last row, which each group has."""
        if self.picked.drops:
            raise Untraceable
        picked, group = (self.tail(1) if last else self.head(1)).picked.in_order(), self.of.group
        return ChosenRow(self.of, lambda column: Gather(picked.seen(column), RowNumber(group)), self.columns)


def _count(n: Any) -> int:
    if type(n) is not int or n < 0:
        raise Untraceable
    return n


def _of_each_row(column: Any, of: Whole) -> Value:
    if callable(column):
        raise Untraceable
    if isinstance(column, Number):
        return column.spread()
    if not isinstance(column, Rows):
        raise Untraceable
    return column.value


class _Places:
    __slots__ = ("_of",)

    def __init__(self, of: Choice) -> None:
        self._of = of

    def __getitem__(self, place: Any) -> Any:
        if type(place) is int and place in (0, -1):
            return self._of.row(last=place == -1)
        if type(place) is not slice or place.step is not None:
            raise Untraceable
        if place.start is None:
            return self._of.head(place.stop)
        if place.stop is None and type(place.start) is int and place.start < 0:
            return self._of.tail(-place.start)
        raise Untraceable


class ChosenColumn(NamedTuple):
    """One column of rows that were chosen: a series for each group."""

    choice: Choice
    label: str

    @property
    def iloc(self) -> _PlacesInColumn:
        """``frame["name"].iloc`` of the first or the last row."""
        return _PlacesInColumn(self)

    @property
    def values(self) -> _PlacesInColumn:
        """``frame["name"].values`` of the same."""
        return _PlacesInColumn(self)


@dataclass(frozen=True, slots=True)
class _PlacesInColumn:
    of: ChosenColumn

    def __getitem__(self, place: Any) -> Number:
        if type(place) is not int or place not in (0, -1):
            raise Untraceable
        return self.of.choice.row(last=place == -1)[self.of.label]


class ChosenRow:
    """One row of each group's frame: a series of what is in its columns.

    Parameters
    ----------
    of : Whole
        The group's frame.
    seen : callable
        A column of the grouped rows -> what each group has in this row.
    columns : mapping
        Of the grouped rows, by their labels.
    """

    __slots__ = ("_of", "_seen", "columns")

    def __init__(self, of: Whole, seen: Callable[[Value], Value], columns: Mapping[str, Value]) -> None:
        self._of = of
        self._seen = seen
        self.columns = columns

    def __bool__(self) -> bool:
        raise Untraceable

    def __iter__(self) -> Any:
        raise Untraceable

    def __getitem__(self, label: Any) -> Number:
        if type(label) is not str or label not in self.columns:
            raise Untraceable
        return self._of.number(self._seen(self.columns[label]))

    def __getattr__(self, name: str) -> Number:
        return self[name]

    def values(self) -> list[Value]:
        """What each group has in each column."""
        return [self._seen(column) for column in self.columns.values()]


class Label(NamedTuple):
    """The label of one row of each group, which stands at a position among all rows."""

    position: Value


class ColumnChoice:
    """Rows of each group's series, of which some are chosen or which are in another order.

    Parameters
    ----------
    of : Series
        All rows of the group.
    choice : Choice, optional
        Of a frame of that column alone, which has no name; by default all of it.
    """

    __slots__ = ("_of", "choice")

    def __init__(self, of: Series, choice: Choice | None = None) -> None:
        self._of = of
        known = {"": of.value}
        self.choice = (
            Whole(of.by, known, of.borders, lambda: False).everything() if choice is None else choice
        )

    def __bool__(self) -> bool:
        raise Untraceable

    def __iter__(self) -> Any:
        raise Untraceable

    def __getattr__(self, name: str) -> Any:
        rows, group = self.choice.picked.rows, self._of.by.group
        if name not in _OF_CHOSEN or not isinstance(rows, Filter) or rows.parent is not group.parent:
            raise Untraceable
        return getattr(Chosen(self._of, Series(self._of.by, rows.mask, self._of.borders, exact=True)), name)

    def where(self, mask: Value) -> ColumnChoice:
        """``series[mask]``."""
        return self._other(Choice(self.choice.of, self.choice.picked.where(mask), self.choice.columns))

    def head(self, n: Any = 5) -> ColumnChoice:
        """``series.head(n)``."""
        return self._other(self.choice.head(n))

    def tail(self, n: Any = 5) -> ColumnChoice:
        """``series.tail(n)``."""
        return self._other(self.choice.tail(n))

    def nlargest(self, n: Any = 5) -> ColumnChoice:
        """``series.nlargest(n)``."""
        return self._other(self.choice.nlargest(n, ""))

    def nsmallest(self, n: Any = 5) -> ColumnChoice:
        """``series.nsmallest(n)``."""
        return self._other(self.choice.nsmallest(n, ""))

    def sort_values(self, *, ascending: Any = True, kind: Any = None) -> ColumnChoice:
        """``series.sort_values()``."""
        return self._other(self.choice.sort_values("", ascending=ascending, kind=kind))

    def _other(self, choice: Choice) -> ColumnChoice:
        return ColumnChoice(self._of, choice)

    @property
    def iloc(self) -> Any:
        """``series.iloc`` of the first or the last row."""
        return ChosenColumn(self.choice, "").iloc

    values = iloc

    def idxmax(self) -> Label:
        """``series.idxmax()`` of all rows, as a label that a frame is asked for."""
        return self._label(first_position_of_maximum)

    def idxmin(self) -> Label:
        """``series.idxmin()``."""
        return self._label(first_position_of_minimum)

    def _label(self, position: Callable[..., Value]) -> Label:
        of = self._of
        if self.choice.picked.drops or of.value.dtype.kind not in "biufmM":
            raise Untraceable
        none = apply("equal", of.reduced("count").value, literal(0, INT64), dtype=BOOL)
        of.borders.append(none)
        return Label(select(none, literal(0, INT64), position(of.by, of.value, skipna=True)))


_OF_CHOSEN = frozenset({"mean", "min", "max", "median", "nunique", "count", "sum", "std", "var"})
"""Methods of chosen rows whose order does not matter to them."""


class Whole(Frame):
    """All rows of a group's frame.

    Parameters
    ----------
    by : Grouped
        The groups.
    columns : mapping
        Of the grouped rows, by their labels.
    notes : Notes
        What rounding decides.
    distinct : callable
        Says whether no two rows have one label.
    """

    __slots__ = ("_distinct", "_known")

    def __init__(
        self, by: Grouped, columns: Mapping[str, Value], notes: Notes, distinct: Callable[[], bool]
    ) -> None:
        super().__init__(by, columns.get, notes)
        object.__setattr__(self, "_known", columns)
        object.__setattr__(self, "_distinct", distinct)

    @property
    def group(self) -> Group:
        """The groups."""
        return self._by.group

    def everything(self) -> Choice:
        """All rows, as rows that are chosen."""
        return Choice(self, all_rows(self.group), self._known)

    def number(self, value: Value) -> Number:
        """What each group has somewhere."""
        return Number(self._by, value, self.borders, exact=True)

    def __getitem__(self, label: Any) -> Any:
        if type(label) is list:
            return self.everything()[label]
        if isinstance(label, Rows):
            return self._where(label)
        return super().__getitem__(label)

    def _where(self, mask: Rows) -> Choice:
        if mask.value.dtype != BOOL:
            raise Untraceable
        whole = self.everything()
        return Choice(self, whole.picked.where(mask.value), whole.columns)

    def __getattr__(self, name: str) -> Any:
        if name in _OF_CHOICES:
            return getattr(self.everything(), name)
        return super().__getattr__(name)

    @property
    def loc(self) -> Any:
        """``frame.loc`` of a mask or a label, and perhaps a column."""
        return _Labelled(self)

    def at(self, label: Label) -> ChosenRow:
        """The row of a label."""
        if not self._distinct():
            raise Untraceable
        return ChosenRow(self, lambda column: Gather(column, label.position), self._known)


_OF_CHOICES = frozenset({"head", "tail", "nlargest", "nsmallest", "sort_values", "assign", "iloc"})
"""What a group's frame gives as rows that are chosen of it."""


@dataclass(frozen=True, slots=True)
class _Labelled:
    of: Whole

    def __getitem__(self, key: Any) -> Any:
        rows, columns = key if type(key) is tuple and len(key) == 2 else (key, None)
        found = self.of.at(rows) if type(rows) is Label else self.of[rows] if isinstance(rows, Rows) else None
        if found is None:
            raise Untraceable
        return found if columns is None else found[columns]
