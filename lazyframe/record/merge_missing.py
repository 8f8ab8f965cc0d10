"""Columns of one side of a merge, as pandas shows them where rows have no partner."""

from __future__ import annotations

from functools import cache

import numpy as np

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.capture import dtype_of
from lazyframe.record.categories import category_entries
from lazyframe.record.computing import compute
from lazyframe.record.constants import constant
from lazyframe.record.dictionaries import codes_of, follow, source_of
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, cast, literal, select
from lazyframe.record.put_together import missing_entry, one_missing_more
from lazyframe.record.time_limits import remember_origin
from lazyframe.run.bindings import bind_array, bind_opaque
from passes.ir.rows import Range, Rows
from passes.ir.values import OPAQUE, Gather, Literal, Map, Read, Reduce, RowNumber, Value

_ZERO = Literal(0, INT64)
_NAT = literal(np.iinfo(np.int64).min, INT64)


class Positions:
    """Where the rows of a merge stand on one side.

    Parameters
    ----------
    value : Value or None
        Over the rows of the merge; -1 for a row without partner, else in range.  None where these are the
        rows of that side.
    partial : bool or None
        Whether there is a row without partner; None where that is found out when a dtype depends on it.
    """

    __slots__ = ("_partial", "value")

    def __init__(self, value: Value | None, partial: bool | None) -> None:
        self.value = value
        self._partial = partial

    @property
    def partial(self) -> bool:
        """Whether there is a row without partner."""
        if self._partial is None:
            self._partial = self._looked_up()
        return self._partial

    def find_out(self) -> None:
        """Find out now whether there is a row without partner."""
        self._partial = self.partial

    def any_found(self) -> bool:
        """Whether there is a row with a partner."""
        if self.value is None or self._partial is False:
            return True
        (most,) = compute([Reduce("maximum", self.value, INT64)])
        return bool(most >= 0)

    def _looked_up(self) -> bool:
        value = self.value
        assert value is not None
        if not isinstance(value.rows, Range):
            (least,) = compute([Reduce("minimum", value, INT64)])
            return bool(least < 0)
        (array,) = compute([value])
        self.value = bind_array(array, "positions")
        return bool((array < 0).any())

    def found(self, rows: Rows) -> Value:
        """Which of ``rows``, those of the merge, have a partner on this side."""
        if self.value is not None:
            return Map("greater_equal", (self.value, _ZERO), BOOL)
        everywhere = constant(True, rows)
        assert everywhere is not None
        return everywhere

    def gathered(self, column: Value) -> Value:
        """A column of this side seen from the merge; anything where there is no partner."""
        if self.value is None:
            return column
        if self._partial is False:
            return Gather(column, self.value)
        return Gather(column, Map("maximum", (self.value, _ZERO), INT64))

    def seen(self, column: Value) -> Value | None:
        """A column of this side as pandas merges it; None where pandas has to make what is missing."""
        if self._partial is False:
            return self.gathered(column)
        match column.dtype.kind:
            case "i" | "u":
                return (
                    self._or_missing(cast(self.gathered(column), FLOAT64))
                    if self.partial
                    else self.gathered(column)
                )
            case "b":
                return self._truths(column) if self.partial else self.gathered(column)
            case "f":
                return self._or_missing(self.gathered(column))
            case "m" | "M":
                ticks = Map("reinterpret", (self.gathered(column),), INT64)
                found = Map("reinterpret", (self._or(ticks, _NAT),), column.dtype)
                remember_origin(found, column)
                return found
        return self._opaque(column) if column.dtype == OPAQUE else None

    def _or(self, value: Value, other: Value) -> Value:
        assert value.rows is not None
        return select(self.found(value.rows), value, other)

    def _or_missing(self, value: Value) -> Value:
        return self._or(value, literal(np.nan, value.dtype))

    def _truths(self, column: Value) -> Value:
        truth = self.gathered(column)
        assert truth.rows is not None
        return truths(truth, self.found(truth.rows))

    def _opaque(self, column: Value) -> Value | None:
        dictionary = codes_of(column) or category_entries(column)
        if dictionary is not None:
            codes = cast(self.gathered(dictionary.codes), INT64)
            return Gather(dictionary.read, self._or(codes, literal(dictionary.missing, INT64)))
        source = source_of(column)
        if source is None:
            return None
        with_missing = one_missing_more(source)
        if with_missing is None:
            return None
        numbers = self.gathered(follow(column, source, RowNumber(source.rows)))
        behind = literal(source.rows.extent, INT64)  # type: ignore[attr-defined]  # an input is over a Range
        return Gather(with_missing, self._or(numbers, behind))


def truths(truth: Value, known: Value) -> Value:
    """Booleans, some of which are missing unless all are ``known``: they are objects."""
    return Gather(_false_true_missing(), select(known, cast(truth, INT64), literal(2, INT64)))


@cache
def _false_true_missing() -> Read:
    return bind_opaque(np.array([False, True, np.nan], object), "truths")


def all_missing(column: Value, rows: Rows) -> Value | None:
    """A column of ``rows`` of what pandas puts in the place of ``column`` where no row has a partner."""
    match column.dtype.kind:
        case "i" | "u":
            return constant(np.nan, rows)
        case "f":
            return constant(column.dtype.type(np.nan), rows)
        case "m" | "M":
            ticks = constant(np.int64(np.iinfo(np.int64).min), rows)
            assert ticks is not None
            return Map("reinterpret", (ticks,), column.dtype)
    zeros = constant(0, rows)
    assert zeros is not None
    missing = missing_entry(OPAQUE if column.dtype == BOOL else dtype_of(column))
    return None if missing is None else Gather(bind_opaque(missing, "missing"), zeros)


def key_of_either(left: Value, right: Value, positions: tuple[Positions, Positions]) -> Value | None:
    """A key of both sides: the left's, or where that is not there the right's."""
    mine, theirs = positions
    if left.dtype != right.dtype:
        pair = _at_one_dtype(left, right)
        if pair is None or not all(side.any_found() for side in positions):
            return None
        left, right = pair
    if not mine.partial:
        return mine.gathered(left)
    if left.dtype.kind in "biuf":
        return mine._or(mine.gathered(left), theirs.gathered(right))
    if left.dtype.kind in "mM":
        ticks = [
            Map("reinterpret", (side.gathered(key),), INT64) for side, key in ((mine, left), (theirs, right))
        ]
        return Map("reinterpret", (mine._or(ticks[0], ticks[1]),), left.dtype)
    return None


def _at_one_dtype(left: Value, right: Value) -> tuple[Value, Value] | None:
    """Numbers of two dtypes at their common one, which holds them as they are equal; None for others."""
    kinds = {left.dtype.kind, right.dtype.kind}
    common = np.promote_types(left.dtype, right.dtype) if kinds <= {"i", "u", "f"} else None
    if common is None or (common.kind == "f" and "f" not in kinds and not SINCE_3_1):
        return None  # of integers that become floats pandas 3.0 says that it cannot
    return cast(left, common), cast(right, common)
