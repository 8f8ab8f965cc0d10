"""Rows that are chosen of groups, or put in order: which, and where they are seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lazyframe.record.elementwise import BOOL, INT64, apply, literal
from lazyframe.record.groupby_rows import count_before, count_behind, place_among
from lazyframe.record.groupby_ways import Untraceable
from lazyframe.record.sorting import sort_key
from passes.ir.rows import Filter, Group, Rows, Sort
from passes.ir.values import Gather, GroupNumber, Position, Take, Value


class Picked(NamedTuple):
    """Rows of groups: which, in which order, and where each group's begin.

    Parameters
    ----------
    rows : Rows
        A row space of some of the grouped rows.
    number : Value
        Of the group of each.
    seen : callable
        A column of the grouped rows -> the same of these.
    order : tuple of (Value, bool)
        By what the rows of each group are sorted, and whether ascending.
    is_sorted : bool
        Whether ``rows`` are those of one group behind those of the other.
    drops : bool
        Whether rows may have been left out.
    moves : bool
        Whether rows may have another order in their group.
    """

    rows: Rows
    number: Value
    seen: Callable[[Value], Value]
    order: tuple[tuple[Value, bool], ...] = ()
    is_sorted: bool = False
    drops: bool = False
    moves: bool = False

    def where(self, mask: Value) -> Picked:
        """Those of them where ``mask`` is true."""
        rows = Filter(self.rows, mask)
        order = tuple([(Take(key, rows), up) for key, up in self.order])
        seen = self.seen
        return self._replace(
            rows=rows,
            number=Take(self.number, rows),
            seen=lambda column: Take(seen(column), rows),
            order=order,
            drops=True,
        )

    def in_order(self) -> Picked:
        """The same, one group behind the other."""
        if self.is_sorted and not self.order:
            return self
        keys, ups = (self.number, *[key for key, _ in self.order]), (True, *[up for _, up in self.order])
        rows = Sort(self.rows, keys, ups)
        position, seen = Position(rows, 0), self.seen
        return self._replace(
            rows=rows,
            number=Gather(self.number, position),
            seen=lambda column: Gather(seen(column), position),
            order=(),
            is_sorted=True,
        )

    def by_value(self, columns: Sequence[Value], ascending: Sequence[bool]) -> Picked:
        """Sorted by columns of the grouped rows, missing values last."""
        keys = [sort_key(self.seen(one), not up) for one, up in zip(columns, ascending, strict=True)]
        if None in keys:
            raise Untraceable
        whole = self.in_order() if self.order else self
        if whole is not self:
            return whole.by_value(columns, ascending)
        order = tuple(zip(keys, ascending, strict=True))
        return self._replace(order=order, moves=True)  # type: ignore[arg-type]  # no None

    def ends(self, count: int, last: bool) -> Picked:
        """The first or last ``count`` of each group."""
        if self.order:
            return self.in_order().ends(count, last)
        place = (count_behind if last else count_before)(self._group())
        return self.where(apply("less", place, literal(count, INT64), dtype=BOOL))

    def extreme(self, column: Value, count: int, largest: bool) -> Picked:
        """The ``count`` largest or smallest of each group, in this order, by a column of the grouped rows."""
        if self.order:
            return self.in_order().extreme(column, count, largest)
        place = place_among(self._group(), self.seen(column), count, largest)
        if place is None:
            raise Untraceable
        chosen = self.where(apply("less", place, literal(count, INT64), dtype=BOOL))
        assert isinstance(chosen.rows, Filter)
        return chosen._replace(order=((Take(place, chosen.rows), True),), moves=True)

    def _group(self) -> Group:
        return Group(self.rows, (self.number,), sort=False)


def all_rows(group: Group) -> Picked:
    """All rows of groups, as they come."""
    return Picked(group.parent, GroupNumber(group), lambda column: column)
