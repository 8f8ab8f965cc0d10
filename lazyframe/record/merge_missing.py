"""Merges that keep rows without partner: what is there at once decides the dtypes of what is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lazyframe.record.capture import dtype_of
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import codes_of, follow, is_str, source_of
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, cast, literal, select
from lazyframe.record.one_missing_more import one_missing_more
from lazyframe.run.bindings import bind_array
from passes.ir.rows import Join
from passes.ir.values import OPAQUE, Gather, Literal, Map, Position, Read, RowNumber, Value

_ZERO = Literal(0, INT64)


@dataclass(frozen=True, slots=True)
class Positions:
    """Where the rows of a merge stand on one side.

    Parameters
    ----------
    value : Read
        Over the rows of the merge; -1 for a row without partner.
    partial : bool
        Whether there is one.
    """

    value: Read
    partial: bool

    def found(self) -> Value:
        """Which rows have a partner on this side."""
        return Map("greater_equal", (self.value, _ZERO), BOOL)

    def gathered(self, column: Value) -> Value:
        """A column of this side seen from the merge; anything where there is no partner."""
        if not self.partial:
            return Gather(column, self.value)
        return Gather(column, Map("maximum", (self.value, _ZERO), INT64))

    def seen(self, column: Value) -> Value | None:
        """A column of this side as pandas merges it; None where pandas has to make what is missing."""
        if not self.partial:
            return Gather(column, self.value)
        match column.dtype.kind:
            case "i" | "u":
                return self._or_missing(cast(self.gathered(column), FLOAT64))
            case "f":
                return self._or_missing(self.gathered(column))
            case "m" | "M":
                ticks = Map("reinterpret", (self.gathered(column),), INT64)
                none = literal(np.iinfo(np.int64).min, INT64)
                return Map("reinterpret", (select(self.found(), ticks, none),), column.dtype)
        return self._strings(column) if column.dtype == OPAQUE else None

    def _or_missing(self, value: Value) -> Value:
        return select(self.found(), value, literal(np.nan, value.dtype))

    def _strings(self, column: Value) -> Value | None:
        dictionary = codes_of(column)
        if dictionary is None:
            return self._positions_of_strings(column)
        codes = cast(self.gathered(dictionary.codes), INT64)
        return Gather(dictionary.read, select(self.found(), codes, literal(dictionary.missing, INT64)))

    def _positions_of_strings(self, column: Value) -> Value | None:
        source = source_of(column)
        if source is None or not is_str(dtype_of(column)):
            return None
        numbers = self.gathered(follow(column, source, RowNumber(source.rows)))
        behind = literal(source.rows.extent, INT64)  # type: ignore[attr-defined]  # an input is over a Range
        return Gather(one_missing_more(source), select(self.found(), numbers, behind))


def positions_on_both(rows: Join) -> tuple[Positions, Positions] | None:
    """The computed positions; None where no row has a partner, as pandas then treats keys otherwise."""
    arrays = compute([Position(rows, 0), Position(rows, 1)])
    absent = [array < 0 for array in arrays]
    if any(bool(missing.all()) for missing in absent) or bool((absent[0] | absent[1]).all()):
        return None
    left, right = [
        Positions(bind_array(array, "positions"), bool(missing.any()))
        for array, missing in zip(arrays, absent, strict=True)
    ]
    return left, right


def key_of_either(left: Value, right: Value, positions: tuple[Positions, Positions]) -> Value | None:
    """A key of one name: the left's, or where that is not there the right's."""
    if not positions[0].partial:
        return Gather(left, positions[0].value)
    if left.dtype != right.dtype or left.dtype.kind not in "iuf":
        return None
    return select(positions[0].found(), positions[0].gathered(left), positions[1].gathered(right))
