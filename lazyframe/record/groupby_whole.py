"""Groups seen from all rows, those without a key included: what is asked of each row needs them all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lazyframe.record.computing import compute
from lazyframe.record.datetimes import as_integers
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, both, cast, literal, select
from lazyframe.record.groupby_keys import Grouping, compared
from lazyframe.record.merge_missing import Positions
from lazyframe.record.reductions import Grouped
from passes.ir.rows import Filter, Group
from passes.ir.values import Literal, Reduce, RowNumber, Value


@dataclass(frozen=True, slots=True)
class WholeGroups:
    """Groups of all rows.

    Parameters
    ----------
    group : Group
        Of all rows; those without a key are in groups of their own.
    present : Value or None
        Which rows have all keys; None where all do.
    """

    group: Group
    present: Value | None

    def holding(self, column: Value) -> Value:
        """``column``, integers as floats if there are rows without a key, whose result will be missing.

        So are times, as the numbers that they are counted in: pandas does not know NaT again among floats.
        """
        if self.present is None or column.dtype.kind not in "iumM":
            return column
        return cast(as_integers(column) if column.dtype.kind in "mM" else column, FLOAT64)

    def chosen(self, choice: Value) -> Value:
        """The rows that have a key of the groups where ``choice`` is true."""
        mask = Grouped(self.group).spread(choice)
        return mask if self.present is None else both(self.present, mask)

    def masked(self, result: Value) -> Value | None:
        """``result`` of each row, missing where a row has no key; None for what pandas has to make."""
        if self.present is None:
            return result
        if result.dtype.kind in "iuf":
            floats = result if result.dtype.kind == "f" else cast(result, FLOAT64)
            return select(self.present, floats, literal(np.nan, floats.dtype))
        position = select(self.present, RowNumber(self.group.parent), Literal(-1, INT64))
        return Positions(position, partial=True).seen(result)


def whole_groups(grouping: Grouping) -> WholeGroups | None:
    """The groups of all rows; None where no row has a key, of which pandas raises at times.

    How many rows have one is computed, as dtypes depend on it.
    """
    parent = grouping.group.parent
    if parent is grouping.rows:
        return WholeGroups(grouping.group, None)
    assert isinstance(parent, Filter)
    sort, present = grouping.group.sort, parent.mask
    every, some = compute([Reduce("all", present, BOOL), Reduce("any", present, BOOL)])
    if every:
        values = tuple([key.value for key in compared(grouping.keys)])
        return WholeGroups(Group(grouping.rows, values, sort), None)
    values = tuple([key.missing_last() for key in compared(grouping.keys)])
    return WholeGroups(Group(grouping.rows, values, sort), present) if some else None
