"""Values that a function of a group computes, of each row or of each group, and what rounding may decide."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from lazyframe.record import groupby_traced_times, strings
from lazyframe.record.date_parts import INT32, ticks_per_second
from lazyframe.record.dictionaries import string_dtype_of
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    INT64,
    apply,
    both,
    call_ufunc,
    cast,
    literal,
    negate,
)
from lazyframe.record.groupby import Options, aggregate
from lazyframe.record.groupby_ways import Notes, Untraceable
from lazyframe.record.missing import isna, round_half_even
from lazyframe.record.reductions import Grouped, highest
from passes.ir.values import OPAQUE, Value

EXACT = frozenset({"min", "max", "count", "median", "nunique", "any", "all", "size"})
"""Those that give the same to the last bit, of whatever columns."""

OF_TIMES = frozenset({"min", "max", "count", "nunique", "size"})
"""Those that are the same of a series of times as of groups of them."""

_COMPARISONS: dict[np.ufunc, str] = {
    np.less: "lt", np.less_equal: "le", np.greater: "gt", np.greater_equal: "ge", np.equal: "eq",
    np.not_equal: "ne",
}  # fmt: skip

_NAMES: dict[np.ufunc, str] = {
    **_COMPARISONS, np.add: "add", np.subtract: "sub", np.multiply: "mul", np.true_divide: "truediv",
}  # fmt: skip
"""What pandas' own operators are called."""

_MIRRORED: dict[np.ufunc, np.ufunc] = {
    np.less: np.greater, np.less_equal: np.greater_equal, np.greater: np.less,
    np.greater_equal: np.less_equal,
}  # fmt: skip

_EXACT_UFUNCS = frozenset({np.sqrt, np.absolute, np.square})

_NEAR = 1e-9
"""Numbers that differ by no more than this part of them may differ by rounding."""

_NEAR_SIZE = 1e-12
"""The same as a part of the sizes of what was added up, of which less may be left."""

_NEAR_ROWS = 1e-12
"""Rows that differ from a number by no more than this part of the largest may be on either side of it."""

DTYPES = frozenset({BOOL, INT64, FLOAT64})
"""Series of other dtypes reduce to scalars of narrow types, which round on their own."""


def is_known(dtype: np.dtype) -> bool:
    """Whether numbers of groups may be of a dtype: the scalars that pandas makes of them round alike."""
    return dtype in DTYPES or ticks_per_second(dtype) is not None


def is_known_time(operand: Any) -> bool:
    """Whether an operand is a point or a length of time, or a column of them."""
    if isinstance(operand, Traced):
        return groupby_traced_times.is_time(operand.value)
    return groupby_traced_times.is_scalar(operand)


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
    borders : Notes
        Grows: where one of these is true, rounding may decide what the function gives.
    exact : bool
        Whether pandas has the same bits.
    """

    __slots__ = ("borders", "by", "exact", "value")
    __hash__ = None  # type: ignore[assignment]  # nothing may look it up
    __array_ufunc__ = None  # NumPy's scalars leave operators to it

    def __init__(self, by: Grouped, value: Value, borders: Notes, exact: bool) -> None:
        self.by = by
        self.value = value
        self.borders = borders
        self.exact = exact

    def combine(self, ufunc: np.ufunc, other: Any, swapped: bool) -> Traced:
        """One operation with another value, or with a number."""
        if self.value.dtype == OPAQUE:
            return self._compare_text(ufunc, other)
        if is_known_time(self) or is_known_time(other):
            return self._combine_times(ufunc, other, swapped)
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
        made = kind(self.by, found, self.borders, exact or ufunc in _COMPARISONS)
        if isinstance(made, Number) and not made.exact:
            made.size = _size_of(ufunc, self, other, swapped)
        return made

    def _combine_times(self, ufunc: np.ufunc, other: Any, swapped: bool) -> Traced:
        """The same where one of both is a point or a length of time."""
        if not isinstance(other, Traced):
            kind, mine, theirs = type(self), self.value, other
        elif type(other) is type(self):
            kind, mine, theirs = type(self), self.value, other.value
        else:
            kind = type(other) if isinstance(self, Number) else type(self)
            mine, theirs = self.spread(), other.spread()
        if not groupby_traced_times.is_time(mine):
            if not isinstance(theirs, Value):
                raise Untraceable
            mine, theirs, swapped = theirs, mine, not swapped
            ufunc = _MIRRORED.get(ufunc, ufunc)
        result = groupby_traced_times.combined(
            _NAMES[ufunc], mine, theirs, swapped, isinstance(other, Number) or kind is Number
        )
        return kind(self.by, result, self.borders, exact=True)

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
        distance = found(np.absolute, found(np.subtract, self.value, theirs))
        size = _size_of(np.subtract, self, other, swapped=False)
        if size is None:
            scale = found(np.absolute, found(np.multiply, self.value, _NEAR))
            self.borders.append(found(np.less_equal, distance, scale))
            return
        near = found(np.less_equal, distance, found(np.multiply, size, _NEAR_SIZE))
        self.borders.append(both(near, found(np.not_equal, size, 0.0)))  # sums of nothing but 0 are 0

    def _note_border_of_rows(self, other: Any) -> None:
        """The same of each row of a column and a number of its group."""
        rows, number = (self, other) if isinstance(self, Rows) else (other, self)
        plain = isinstance(rows, Rows) and isinstance(number, Number) and rows.exact
        if not plain or not {rows.value.dtype, number.value.dtype} <= {INT64, FLOAT64}:
            raise Untraceable
        column, own = cast(rows.value, FLOAT64), cast(number.spread(), FLOAT64)
        largest = rows.by.spread(highest(rows.by, found(np.absolute, column), skipna=True))
        terms = found(np.add, largest, found(np.absolute, own))
        size = number.size if isinstance(number, Number) else None
        if size is not None:
            terms = found(np.add, terms, rows.by.spread(size))
        scale = found(np.multiply, terms, _NEAR_ROWS)
        distance = found(np.absolute, found(np.subtract, column, own))
        self.borders.append(found(np.less_equal, distance, scale))

    def of_each(self, ufunc: np.ufunc) -> Traced:
        """A function of one argument."""
        result = call_ufunc(ufunc, (self.value,))
        if result is None or result.dtype not in DTYPES or self.value.dtype == BOOL:
            raise Untraceable
        made = type(self)(self.by, result, self.borders, self.exact and ufunc in _EXACT_UFUNCS)
        if isinstance(self, Number) and isinstance(made, Number) and self.size is not None:
            made.size = self.size if ufunc is np.absolute else found(np.multiply, self.size, np.inf)
        return made

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
        if not rows or type(exponent) not in (int, float):
            raise Untraceable  # of numbers it is the mathematics library's
        if type(exponent) is int and exponent == 2:
            return self.combine(np.multiply, self, swapped=False)
        if self.value.dtype != FLOAT64:
            raise Untraceable
        power = found(np.power, self.value, float(exponent))
        return type(self)(self.by, power, self.borders, exact=False)

    __add__, __radd__ = _operation(np.add), _operation(np.add, swapped=True)
    __sub__, __rsub__ = _operation(np.subtract), _operation(np.subtract, swapped=True)
    __mul__, __rmul__ = _operation(np.multiply), _operation(np.multiply, swapped=True)
    __truediv__, __rtruediv__ = _operation(np.true_divide), _operation(np.true_divide, swapped=True)
    __lt__, __le__ = _operation(np.less), _operation(np.less_equal)
    __gt__, __ge__ = _operation(np.greater), _operation(np.greater_equal)
    __and__, __or__ = _operation(np.bitwise_and), _operation(np.bitwise_or)
    __eq__, __ne__ = _operation(np.equal), _operation(np.not_equal)


class Number(Traced):
    """A number for each group.

    Its ``size`` is how large what was added up for it is, of which rounding is a part: None if it is the
    number's own, or there is no rounding.
    """

    __slots__ = ("size",)

    def __init__(self, by: Grouped, value: Value, borders: Notes, exact: bool) -> None:
        super().__init__(by, value, borders, exact)
        self.size: Value | None = None

    def __bool__(self) -> bool:
        if self.value.dtype == BOOL:
            return self.borders.decide(self.value)
        if self.value.dtype not in DTYPES:
            raise Untraceable
        return bool(self.combine(np.not_equal, 0, swapped=False))

    def __getattr__(self, name: str) -> Any:
        if not groupby_traced_times.is_time(self.value) or name.startswith("_"):
            raise Untraceable
        part = groupby_traced_times.part_of(self.value, name)
        part = cast(part, INT64) if part.dtype == INT32 else part
        return Number(self.by, part, self.borders, exact=True)

    def weekday(self) -> Any:
        """``time.weekday()``."""
        return self.day_of_week

    def total_seconds(self) -> Number:
        """``length.total_seconds()``."""
        seconds = groupby_traced_times.seconds_of(self.value)
        return Number(self.by, seconds, self.borders, exact=True)

    def __pow__(self, exponent: Any) -> Traced:
        if type(exponent) not in (int, float) or self.value.dtype != FLOAT64:
            raise Untraceable
        return Number(self.by, found(np.power, self.value, float(exponent)), self.borders, exact=False)

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
            if self.size is not None:
                near = found(np.add, near, found(np.multiply, self.size, 10.0**decimals * _NEAR_SIZE))
            self.borders.append(found(np.less_equal, found(np.absolute, from_tie), near))
        return Number(self.by, rounded, self.borders, self.exact)


class Rows(Traced):
    """A column: a value for each of the group's rows."""

    __slots__ = ()

    def of_rows(self, result: Value | None, opaque: bool = False, whole: bool = False) -> Self:
        """What was made of the rows, if it is of a dtype that is known: text and int32 where they may be."""
        allowed = (opaque and OPAQUE, whole and INT32)
        if result is None or not (is_known(result.dtype) or result.dtype in allowed):
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
        if self.value.dtype.kind in "mM" and name not in OF_TIMES:
            raise Untraceable
        result = aggregate(name, self.by, self.value, options)
        if result is None or not is_known(result.dtype):
            raise Untraceable
        whole = name in ("sum", "prod") and self.value.dtype.kind in "bi"
        counted = whole or (name == "mean" and self.value.dtype == BOOL)
        number = Number(self.by, result, self.borders, self.exact and (name in EXACT or counted))
        if name in ("sum", "mean") and not number.exact:
            sizes = found(np.absolute, cast(self.value, FLOAT64))
            number.size = aggregate(name, self.by, sizes, options)
        return number


def _size_of(ufunc: np.ufunc, left: Traced, right: Any, swapped: bool) -> Value | None:
    """How large what is added up for a result is; None if that is the result's own size."""
    sizes = [side.size if isinstance(side, Number) else None for side in (left, right)]
    if sizes == [None, None]:
        return None
    mine, theirs = (
        _own_size(side) if size is None else size for side, size in zip((left, right), sizes, strict=True)
    )
    if ufunc in (np.add, np.subtract):
        return found(np.add, mine, theirs)
    if ufunc is np.multiply:
        return found(np.multiply, mine, theirs)
    if ufunc is not np.true_divide:
        return found(np.multiply, found(np.add, mine, theirs), np.inf)
    dividend, divisor, by = (theirs, mine, left) if swapped else (mine, theirs, right)
    own = _own_size(by)
    return found(np.true_divide, found(np.multiply, dividend, divisor), found(np.multiply, own, own))


def _own_size(side: Any) -> Any:
    return found(np.absolute, cast(side.value, FLOAT64)) if isinstance(side, Traced) else abs(float(side))


def number_of(result: Any) -> Value:
    """What a function has given for a group: a number of each, or the same of all."""
    return result.value if type(result) is Number else _constant(result)


def rows_of(result: Any) -> Value:
    """What a function has given for the rows of a group."""
    return result.of_each_row() if isinstance(result, Traced) else _constant(result)


_CONSTANTS = {bool: BOOL, int: INT64, float: FLOAT64}


def _constant(result: Any) -> Value:
    dtype = _CONSTANTS.get(type(result))
    if dtype is None:
        raise Untraceable
    return literal(result, dtype)
