"""Values that a function of a group computes, of each row or of each group, and what rounding may decide."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from lazyframe.record import strings
from lazyframe.record.dictionaries import string_dtype_of
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    INT64,
    apply,
    call_ufunc,
    cast,
    negate,
)
from lazyframe.record.groupby import Options, aggregate
from lazyframe.record.missing import isna, round_half_even
from lazyframe.record.reductions import Grouped, highest
from passes.ir.values import OPAQUE, Value

EXACT = frozenset({"min", "max", "count", "median", "nunique", "any", "all", "size"})
"""Those that give the same to the last bit, of whatever columns."""

_COMPARISONS = {
    np.less: "lt", np.less_equal: "le", np.greater: "gt", np.greater_equal: "ge", np.equal: "eq",
    np.not_equal: "ne",
}  # fmt: skip

_EXACT_UFUNCS = frozenset({np.sqrt, np.absolute, np.square})

_NEAR = 1e-9
"""Numbers that differ by no more than this part of them may differ by rounding."""

_NEAR_ROWS = 1e-12
"""Rows that differ from a number by no more than this part of the largest may be on either side of it."""

DTYPES = frozenset({BOOL, INT64, FLOAT64})
"""Series of other dtypes reduce to scalars of narrow types, which round on their own."""


class Untraceable(Exception):  # noqa: N818  # no error: pandas runs the function
    """The function does something that has no counterpart in the graph."""


def found(ufunc: np.ufunc, *operands: Any) -> Value:
    """What a function of NumPy's gives, which has to be recorded."""
    result = call_ufunc(ufunc, operands)
    if result is None:
        raise Untraceable
    return result


def _operation(ufunc: np.ufunc, swapped: bool = False) -> Any:
    def compute(self: Traced, other: Any) -> Traced:
        return self.combine(ufunc, other, swapped)

    return compute


class Traced:
    """A value that a function computes: of each row, or of each group.

    Parameters
    ----------
    by : Grouped
        The groups.
    value : Value
        The value.
    borders : list of Value
        Grows: where one of these is true, rounding may decide what the function gives.
    exact : bool
        Whether pandas has the same bits.
    """

    __slots__ = ("borders", "by", "exact", "value")
    __hash__ = None  # type: ignore[assignment]  # nothing may look it up

    def __init__(self, by: Grouped, value: Value, borders: list[Value], exact: bool) -> None:
        self.by = by
        self.value = value
        self.borders = borders
        self.exact = exact

    def combine(self, ufunc: np.ufunc, other: Any, swapped: bool) -> Traced:
        """One operation with another value, or with a number."""
        if self.value.dtype == OPAQUE:
            return self._compare_text(ufunc, other)
        if ufunc in _COMPARISONS:
            self._note_border(other)
        mine: Any = self.value
        kind: type[Traced] = type(self)
        exact = self.exact
        if isinstance(other, Traced):
            theirs: Any = other.value
            exact = exact and other.exact
            if type(other) is not kind:
                kind = type(other) if isinstance(self, Number) else kind
                mine, theirs = self.spread(), other.spread()
        elif type(other) in (int, float):
            theirs = other
        else:
            raise Untraceable
        found = call_ufunc(ufunc, (theirs, mine) if swapped else (mine, theirs))
        if found is None or found.dtype not in DTYPES:
            raise Untraceable
        return kind(self.by, found, self.borders, exact or ufunc in _COMPARISONS)

    def _compare_text(self, ufunc: np.ufunc, other: Any) -> Traced:
        if ufunc not in (np.equal, np.not_equal) or type(other) is not str or not isinstance(self, Rows):
            raise Untraceable
        known = string_dtype_of(self.value) is not None
        found = strings.compare(_COMPARISONS[ufunc], self.value, other) if known else None
        return self.of_rows(found)

    def _note_border(self, other: Any) -> None:
        """Note where a mean that differs in its last bit would be on the other side."""
        if self.exact and (not isinstance(other, Traced) or other.exact):
            return
        if isinstance(self, Rows) or isinstance(other, Rows):
            self._note_border_of_rows(other)
            return
        theirs = other.value if isinstance(other, Number) else other
        if self.value.dtype != FLOAT64 and (not isinstance(theirs, Value) or theirs.dtype != FLOAT64):
            return  # whole numbers are exact
        distance = call_ufunc(np.absolute, [found(np.subtract, self.value, theirs)])
        scale = found(np.absolute, found(np.multiply, self.value, _NEAR))
        assert distance is not None
        self.borders.append(found(np.less_equal, distance, scale))

    def _note_border_of_rows(self, other: Any) -> None:
        """The same of each row of a column and a number of its group."""
        rows, number = (self, other) if isinstance(self, Rows) else (other, self)
        plain = isinstance(rows, Rows) and isinstance(number, Number) and rows.exact
        if not plain or not {rows.value.dtype, number.value.dtype} <= {INT64, FLOAT64}:
            raise Untraceable
        column, own = cast(rows.value, FLOAT64), cast(number.spread(), FLOAT64)
        size = found(np.absolute, column)
        largest = rows.by.spread(highest(rows.by, size, skipna=True))
        scale = found(np.multiply, found(np.add, largest, found(np.absolute, own)), _NEAR_ROWS)
        distance = found(np.absolute, found(np.subtract, column, own))
        self.borders.append(found(np.less_equal, distance, scale))

    def of_each(self, ufunc: np.ufunc) -> Traced:
        """A function of one argument."""
        result = call_ufunc(ufunc, (self.value,))
        if result is None or result.dtype not in DTYPES or self.value.dtype == BOOL:
            raise Untraceable
        return type(self)(self.by, result, self.borders, self.exact and ufunc in _EXACT_UFUNCS)

    def spread(self) -> Value:
        """The value seen by each row."""
        return self.value

    def of_each_row(self) -> Value:
        """What each row of the groups has where a function gives this."""
        return self.value

    def __bool__(self) -> bool:
        raise Untraceable

    def __iter__(self) -> Any:
        raise Untraceable

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise Untraceable

    def __neg__(self) -> Traced:
        if self.value.dtype == BOOL:
            raise Untraceable
        return self.combine(np.multiply, -1, swapped=False)

    def __invert__(self) -> Traced:
        if self.value.dtype != BOOL:
            raise Untraceable
        return type(self)(self.by, negate(self.value), self.borders, self.exact)

    def __abs__(self) -> Traced:
        return self.of_each(np.absolute)

    def __pow__(self, exponent: Any) -> Traced:
        rows = isinstance(self, Rows) and self.value.dtype != BOOL
        if type(exponent) is not int or exponent != 2 or not rows:
            raise Untraceable  # of numbers it is the mathematics library's
        return self.combine(np.multiply, self, swapped=False)

    __add__, __radd__ = _operation(np.add), _operation(np.add, swapped=True)
    __sub__, __rsub__ = _operation(np.subtract), _operation(np.subtract, swapped=True)
    __mul__, __rmul__ = _operation(np.multiply), _operation(np.multiply, swapped=True)
    __truediv__, __rtruediv__ = _operation(np.true_divide), _operation(np.true_divide, swapped=True)
    __lt__, __le__ = _operation(np.less), _operation(np.less_equal)
    __gt__, __ge__ = _operation(np.greater), _operation(np.greater_equal)
    __and__, __or__ = _operation(np.bitwise_and), _operation(np.bitwise_or)
    __eq__, __ne__ = _operation(np.equal), _operation(np.not_equal)


class Number(Traced):
    """A number for each group."""

    __slots__ = ()

    def spread(self) -> Value:
        return self.by.spread(self.value)

    def of_each_row(self) -> Value:
        """The number as pandas' ``transform`` puts it into a group's rows."""
        if self.value.dtype.kind in "mM":
            missing = isna(self.value)
            assert missing is not None
            self.borders.append(missing)  # a series of a NaT has a unit of its own
        return self.spread()

    def round(self, decimals: Any = 0) -> Number:
        """``number.round(decimals)``, which a mean of nothing does not have: it is a float of Python's."""
        result = self.rounded(decimals)
        self.borders.append(apply("is_nan", self.value, dtype=BOOL))
        return result

    def rounded(self, decimals: Any) -> Number:
        """``round(number, decimals)``."""
        rounded = round_half_even(self.value, decimals) if self.value.dtype == FLOAT64 else None
        if rounded is None:
            raise Untraceable
        if not self.exact:
            scaled = found(np.multiply, self.value, 10.0**decimals)
            from_tie = found(np.subtract, found(np.subtract, scaled, found(np.floor, scaled)), 0.5)
            near = found(np.multiply, found(np.add, found(np.absolute, scaled), 1.0), _NEAR)
            self.borders.append(found(np.less_equal, found(np.absolute, from_tie), near))
        return Number(self.by, rounded, self.borders, self.exact)


class Rows(Traced):
    """A column: a value for each of the group's rows."""

    __slots__ = ()

    def of_rows(self, result: Value | None, opaque: bool = False) -> Self:
        """What was made of the rows, if it is of a dtype that is known."""
        if result is None or (result.dtype not in DTYPES and not (opaque and result.dtype == OPAQUE)):
            raise Untraceable
        return type(self)(self.by, result, self.borders, self.exact)

    def length(self) -> Number:
        """``len(series)``."""
        return self.reduced("size")

    @property
    def size(self) -> Number:
        """``series.size``."""
        return self.reduced("size")

    @property
    def shape(self) -> tuple[Number]:
        """``series.shape``."""
        return (self.reduced("size"),)

    def reduced(self, name: str, options: Options | None = None) -> Number:
        """What the aggregation of that name gives."""
        if options is None:
            options = Options(min_count=0 if name in ("sum", "prod") else -1)
        result = aggregate(name, self.by, self.value, options)
        if result is None or result.dtype not in DTYPES:
            raise Untraceable
        whole = name in ("sum", "prod") and self.value.dtype.kind in "bi"
        counted = whole or (name == "mean" and self.value.dtype == BOOL)
        return Number(self.by, result, self.borders, self.exact and (name in EXACT or counted))
