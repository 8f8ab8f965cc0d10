"""Reductions composed of the graph's associative ones, once for arrays, series, groups and outer products.

A *reducer* says what a column is reduced to: the whole of it to a scalar, each group, or one axis of an
outer product. The functions below are written over a reducer, so each composite is written once. Sums of
floats, float32 included, accumulate in float64 and are rounded once, at the end.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, both, cast, is_missing, negate, select
from passes.ir.operations import neutral
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.values import (
    Aggregate,
    Fold,
    Gather,
    GroupNumber,
    Literal,
    Map,
    Outer,
    Position,
    Reduce,
    RowNumber,
    Take,
    Value,
)

UINT64 = np.dtype(np.uint64)
_LARGEST = Literal(np.iinfo(np.int64).max, INT64)
_ZERO = Literal(0, INT64)
_ONE = Literal(1, INT64)


class Reducer(Protocol):
    """What columns of the row space ``rows`` are reduced to."""

    @property
    def rows(self) -> Rows:
        """The row space of the columns that it reduces."""

    def reduce(self, operation: str, column: Value, dtype: np.dtype) -> Value:
        """``column``, of ``dtype`` already, reduced by an operation of `passes.ir.operations.REDUCTIONS`."""

    def spread(self, result: Value) -> Value:
        """A result of this reducer, seen by each row that went into it."""

    def positions(self) -> Value:
        """The int64 position of each row along what is reduced."""


class Whole(NamedTuple):
    """Reduce a column to a scalar."""

    rows: Rows

    def reduce(self, operation: str, column: Value, dtype: np.dtype) -> Value:
        return Reduce(operation, column, dtype)

    def spread(self, result: Value) -> Value:
        return result

    def positions(self) -> Value:
        return RowNumber(self.rows)


class Grouped(NamedTuple):
    """Reduce each group of the rows of ``group.parent``.

    Parameters
    ----------
    group : Group
        The groups.
    times : Value, optional
        By which of a group's rows one is the first or the last, with none of them NaT; by their order where
        there is none.
    """

    group: Group
    times: Value | None = None

    @property
    def rows(self) -> Rows:
        return self.group.parent

    def reduce(self, operation: str, column: Value, dtype: np.dtype) -> Value:
        return Aggregate(operation, column, self.group, dtype)

    def spread(self, result: Value) -> Value:
        return Gather(result, GroupNumber(self.group))

    def positions(self) -> Value:
        return RowNumber(self.group.parent)


class Folded(NamedTuple):
    """Reduce one axis (0: left, 1: right) of an outer product to a column of the other side."""

    rows: Product
    axis: int

    def reduce(self, operation: str, column: Value, dtype: np.dtype) -> Value:
        return Fold(operation, column, self.axis, dtype)

    def spread(self, result: Value) -> Value:
        return Outer(result, self.rows, 1 - self.axis)

    def positions(self) -> Value:
        side = self.rows.left if self.axis == 0 else self.rows.right
        return Outer(RowNumber(side), self.rows, self.axis)


def ones(rows: Rows) -> Value:
    """An int64 column of ones."""
    if isinstance(rows, Filter):
        return Take(cast(rows.mask, INT64), rows)
    return cast(Map("greater_equal", (RowNumber(rows), _ZERO), BOOL), INT64)


def count_rows(by: Reducer) -> Value:
    """How many rows each result is made of, as int64."""
    rows = by.rows
    if isinstance(by, Folded):
        return _length(by.rows.left if by.axis == 0 else by.rows.right)
    if isinstance(by, Whole):
        return _length(rows)
    return by.reduce("sum", Literal(1, INT64), INT64)


def _length(rows: Rows) -> Value:
    if isinstance(rows, Range) and isinstance(rows.extent, int):
        return Literal(rows.extent, INT64)
    if isinstance(rows, Filter):
        return Reduce("sum", cast(rows.mask, INT64), INT64)
    if isinstance(rows, Join):
        everywhere = Map("greater_equal", (Position(rows, 0), Literal(-1, INT64)), BOOL)
        return Reduce("sum", cast(everywhere, INT64), INT64)
    if isinstance(rows, Product):
        return Map("multiply", (_length(rows.left), _length(rows.right)), INT64)
    if isinstance(rows, Sort):
        return _length(rows.parent)
    if isinstance(rows, Concat):
        total, *others = [_length(part) for part in rows.parts]
        for other in others:
            total = Map("add", (total, other), INT64)
        return total
    match rows:
        case Slice(parent, None | 0, int(stop), None | 1) if stop >= 0:
            return Map("minimum", (_length(parent), Literal(stop, INT64)), INT64)
    return Reduce("sum", ones(rows), INT64)


def count_valid(by: Reducer, column: Value) -> Value:
    """How many values are not missing (NaN, NaT), as int64."""
    missing = is_missing(column)
    if missing is None:
        return count_rows(by)
    return by.reduce("sum", cast(negate(missing), INT64), INT64)


def count_nonzero(by: Reducer, column: Value) -> Value:
    """How many values are true or not zero, as int64; NaN counts."""
    return by.reduce("sum", cast(truth(column), INT64), INT64)


def truth(column: Value) -> Value:
    """``column`` as booleans: NaN is true."""
    if column.dtype == BOOL:
        return column
    return Map("not_equal", (column, Literal(0, column.dtype)), BOOL)


def sum_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype of a sum or product, in NumPy and in pandas."""
    if dtype.kind in "bi":
        return INT64
    return UINT64 if dtype.kind == "u" else dtype


def total(by: Reducer, column: Value, skipna: bool = False, min_count: int = 0) -> Value:
    """The sum, of dtype `sum_dtype`; NaN with fewer than ``min_count`` valid values (of a float column).

    A timedelta64 column must be summed with ``skipna``; the caller decides what NaT makes of it otherwise.
    """
    if column.dtype.kind == "m":
        integers = _without_missing(_integers(column), is_missing(column), "sum")
        return Map("reinterpret", (by.reduce("sum", integers, INT64),), column.dtype)
    return _accumulate(by, column, "sum", skipna, min_count)


def product(by: Reducer, column: Value, skipna: bool = False, min_count: int = 0) -> Value:
    """The product, with the rules of `total`."""
    return _accumulate(by, column, "product", skipna, min_count)


def _accumulate(by: Reducer, column: Value, operation: str, skipna: bool, min_count: int) -> Value:
    dtype = sum_dtype(column.dtype)
    computing = FLOAT64 if dtype.kind == "f" else dtype
    missing = is_missing(column)
    values = cast(column, computing)
    if skipna:
        values = values if missing is None else select(missing, _filler(operation, computing), values)
    result = by.reduce(operation, values, computing)
    if operation == "sum" and computing.kind == "f":
        # NumPy and pandas begin at 0.0, the graph at the neutral -0.0
        result = Map("add", (result, Literal(0.0, computing)), computing)
    if min_count > 0 and missing is not None:
        few = Map("less", (count_valid(by, column), Literal(min_count, INT64)), BOOL)
        result = select(few, Literal(np.nan, computing), result)
    return cast(result, dtype)


def _filler(operation: str, dtype: np.dtype) -> Literal:
    return Literal(1 if operation == "product" else 0, dtype)


def _without_missing(values: Value, missing: Value | None, operation: str) -> Value:
    if missing is None:
        return values
    return select(missing, Literal(neutral(operation, values.dtype), values.dtype), values)


def _integers(column: Value) -> Value:
    return Map("reinterpret", (column,), INT64) if column.dtype.kind in "mM" else column


def lowest(by: Reducer, column: Value, skipna: bool = False) -> Value:
    """The minimum, of the column's dtype; NaN (NaT) if all are missing, or, without ``skipna``, any is.

    Of no rows it is NaN for a float column with ``skipna``, else meaningless: the caller looks at the count.
    """
    return _extreme(by, column, "minimum", skipna)


def highest(by: Reducer, column: Value, skipna: bool = False) -> Value:
    """The maximum, with the rules of `lowest`."""
    return _extreme(by, column, "maximum", skipna)


def _extreme(by: Reducer, column: Value, operation: str, skipna: bool) -> Value:
    missing = is_missing(column)
    if column.dtype == BOOL:
        return by.reduce("all" if operation == "minimum" else "any", column, BOOL)
    if missing is None or (not skipna and column.dtype.kind == "f"):
        return by.reduce(operation, column, column.dtype)  # minimum and maximum propagate NaN
    values = _without_missing(_integers(column), missing, operation)
    result = by.reduce(operation, values, values.dtype)
    valid = count_valid(by, column)
    enough = _ONE if skipna else count_rows(by)
    result = select(Map("less", (valid, enough), BOOL), _missing_value(values.dtype), result)
    return Map("reinterpret", (result,), column.dtype) if column.dtype.kind in "mM" else result


def _missing_value(dtype: np.dtype) -> Literal:
    return Literal(np.nan, dtype) if dtype.kind == "f" else Literal(np.iinfo(np.int64).min, INT64)


def float_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype of a mean, variance or deviation: float32's own, else float64."""
    return dtype if dtype.kind == "f" else FLOAT64


def mean(by: Reducer, column: Value, skipna: bool = False) -> Value:
    """The arithmetic mean; NaN of no (valid) values."""
    return cast(_mean64(by, column, skipna), float_dtype(column.dtype))


def _mean64(by: Reducer, column: Value, skipna: bool) -> Value:
    count = count_valid(by, column) if skipna else count_rows(by)
    summed = total(by, cast(column, FLOAT64), skipna and is_missing(column) is not None)
    return Map("divide", (summed, cast(count, FLOAT64)), FLOAT64)


def centred_squares(by: Reducer, column: Value, skipna: bool = False) -> Value:
    """The float64 sum of squared distances from the mean, in two passes: no cancellation."""
    values = cast(column, FLOAT64)
    distance: Value = Map("subtract", (values, by.spread(_mean64(by, column, skipna))), FLOAT64)
    missing = is_missing(column) if skipna else None
    if missing is not None:
        distance = select(missing, Literal(0.0, FLOAT64), distance)
    squares = by.reduce("sum", Map("multiply", (distance, distance), FLOAT64), FLOAT64)
    if not isinstance(by, Grouped):
        return squares
    # what the rounded mean was off by: Chan, Golub and LeVeque, "Algorithms for computing the sample
    # variance", The American Statistician 37 (1983), equation 1.7
    off = by.reduce("sum", distance, FLOAT64)
    count = cast(count_valid(by, column) if skipna else count_rows(by), FLOAT64)
    correction = Map("divide", (Map("multiply", (off, off), FLOAT64), count), FLOAT64)
    none = Map("equal", (count, Literal(0.0, FLOAT64)), BOOL)
    corrected = Map("subtract", (squares, select(none, Literal(0.0, FLOAT64), correction)), FLOAT64)
    return Map("maximum", (corrected, Literal(0.0, FLOAT64)), FLOAT64)


def variance(by: Reducer, column: Value, ddof: float = 1, skipna: bool = False) -> Value:
    """The variance with divisor ``count - ddof``; NaN where that is not positive, as in pandas."""
    return cast(_variance64(by, column, ddof, skipna), float_dtype(column.dtype))


def _variance64(by: Reducer, column: Value, ddof: float, skipna: bool) -> Value:
    count = count_valid(by, column) if skipna else count_rows(by)
    freedom = Map("subtract", (cast(count, FLOAT64), Literal(ddof, FLOAT64)), FLOAT64)
    divided = Map("divide", (centred_squares(by, column, skipna), freedom), FLOAT64)
    defined = Map("greater", (freedom, Literal(0.0, FLOAT64)), BOOL)
    return select(defined, divided, Literal(np.nan, FLOAT64))


def variance_and_trust(
    by: Grouped, column: Value, ddof: float = 1, skipna: bool = False
) -> tuple[Value, Value]:
    """The variance per group, in one pass over values shifted by the mean of all, and whether it is exact.

    A group far from the others, for its spread, cancels: where the second result is false, more than four
    of the sixteen digits may be lost, and the caller computes the variances in another way.
    """
    count = count_valid(by, column) if skipna else count_rows(by)
    missing = is_missing(column) if skipna else None
    whole = Whole(by.rows)
    shifted: Value = Map("subtract", (cast(column, FLOAT64), _mean64(whole, column, skipna)), FLOAT64)
    if missing is not None:
        shifted = select(missing, Literal(0.0, FLOAT64), shifted)
    first = by.reduce("sum", shifted, FLOAT64)
    second = by.reduce("sum", Map("multiply", (shifted, shifted), FLOAT64), FLOAT64)
    size = cast(count, FLOAT64)
    offset = Map("divide", (Map("multiply", (first, first), FLOAT64), size), FLOAT64)
    squares = Map("maximum", (Map("subtract", (second, offset), FLOAT64), Literal(0.0, FLOAT64)), FLOAT64)
    freedom = Map("subtract", (size, Literal(ddof, FLOAT64)), FLOAT64)
    defined = Map("greater", (freedom, Literal(0.0, FLOAT64)), BOOL)
    result = select(defined, Map("divide", (squares, freedom), FLOAT64), Literal(np.nan, FLOAT64))
    bound = Map("multiply", (squares, Literal(1e4, FLOAT64)), FLOAT64)
    trusted: Value = Map("greater_equal", (bound, second), BOOL)
    trusted = Map("bitwise_or", (trusted, Map("is_nan", (squares,), BOOL)), BOOL)
    trusted = Map("bitwise_or", (trusted, negate(defined)), BOOL)
    return cast(result, float_dtype(column.dtype)), trusted


def standard_deviation(by: Reducer, column: Value, ddof: float = 1, skipna: bool = False) -> Value:
    """The square root of `variance`."""
    root = Map("square_root", (_variance64(by, column, ddof, skipna),), FLOAT64)
    return cast(root, float_dtype(column.dtype))


def standard_error(by: Reducer, column: Value, ddof: float = 1, skipna: bool = False) -> Value:
    """The standard error of the mean: deviation over the square root of the count."""
    count = count_valid(by, column) if skipna else count_rows(by)
    deviation = Map("square_root", (_variance64(by, column, ddof, skipna),), FLOAT64)
    root = Map("square_root", (cast(count, FLOAT64),), FLOAT64)
    return cast(Map("divide", (deviation, root), FLOAT64), float_dtype(column.dtype))


def any_of(by: Reducer, column: Value, skipna: bool = False) -> Value:
    """Whether any value is true; NaN is true, and with ``skipna`` left out."""
    values, missing = truth(_integers(column)), is_missing(column)
    if skipna and missing is not None:
        values = both(values, negate(missing))
    return by.reduce("any", values, BOOL)


def all_of(by: Reducer, column: Value, skipna: bool = False) -> Value:
    """Whether all values are true; NaN is true, and so makes no difference if left out."""
    values, missing = truth(_integers(column)), is_missing(column)
    if skipna and missing is not None:
        values = Map("bitwise_or", (values, missing), BOOL)
    return by.reduce("all", values, BOOL)


def first_position_of_minimum(by: Reducer, column: Value, skipna: bool = False) -> Value:
    """The int64 position of the first minimum: of the first NaN if there is one and no ``skipna``.

    The largest int64 where there is none: no rows, or with ``skipna`` no valid value.
    """
    return _first_extreme(by, column, "minimum", skipna)


def first_position_of_maximum(by: Reducer, column: Value, skipna: bool = False) -> Value:
    """The int64 position of the first maximum, with the rules of `first_position_of_minimum`."""
    return _first_extreme(by, column, "maximum", skipna)


def _first_extreme(by: Reducer, column: Value, operation: str, skipna: bool) -> Value:
    missing = is_missing(column)
    values = _integers(column)
    if missing is not None:
        values = _without_missing(values, missing, operation)
    if column.dtype == BOOL:
        extreme = by.reduce("all" if operation == "minimum" else "any", values, BOOL)
        here: Value = negate(Map("bitwise_xor", (values, by.spread(extreme)), BOOL))
    else:
        extreme = by.reduce(operation, values, values.dtype)
        here = Map("equal", (values, by.spread(extreme)), BOOL)
    first = first_position_where(by, here if missing is None else both(here, negate(missing)))
    if missing is None or skipna:
        return first
    first_missing = first_position_where(by, missing)
    return select(Map("less", (first_missing, _LARGEST), BOOL), first_missing, first)


def first_position_where(by: Reducer, mask: Value) -> Value:
    """The int64 position of the first true row; the largest int64 where there is none."""
    if isinstance(by, Grouped) and by.times is not None:
        mask = both(mask, _at_end(by, by.times, mask, "minimum"))
    return by.reduce("minimum", select(mask, by.positions(), _LARGEST), INT64)


def last_position_where(by: Reducer, mask: Value) -> Value:
    """The int64 position of the last true row; -1 where there is none."""
    if isinstance(by, Grouped) and by.times is not None:
        mask = both(mask, _at_end(by, by.times, mask, "maximum"))
    return by.reduce("maximum", select(mask, by.positions(), Literal(-1, INT64)), INT64)


def _at_end(by: Grouped, times: Value, mask: Value, end: str) -> Value:
    """Where the time is the least, or greatest, of the true rows of a group."""
    ticks = _integers(times)
    found = by.reduce(end, select(mask, ticks, Literal(neutral(end, INT64), INT64)), INT64)
    return Map("equal", (ticks, by.spread(found)), BOOL)


def end_position(by: Grouped, first: bool) -> Value:
    """The int64 position of the first, or last, row of each group."""
    if by.times is None:
        return by.reduce("minimum" if first else "maximum", by.positions(), INT64)
    everywhere = Map("greater_equal", (by.positions(), _ZERO), BOOL)
    return (first_position_where if first else last_position_where)(by, everywhere)


def first_valid(by: Grouped, column: Value) -> Value:
    """The first value of each group that is not missing; NaN (NaT) where all are."""
    return _end(by, column, first_position_where)


def last_valid(by: Grouped, column: Value) -> Value:
    """The last value of each group that is not missing; NaN (NaT) where all are."""
    return _end(by, column, last_position_where)


def _end(by: Grouped, column: Value, position_where: object) -> Value:
    assert callable(position_where)
    missing = is_missing(column)
    if missing is None:
        everywhere = Map("greater_equal", (by.positions(), _ZERO), BOOL)
        return Gather(column, position_where(by, everywhere))
    position = position_where(by, negate(missing))
    none = Map("equal", (count_valid(by, column), _ZERO), BOOL)
    # every group has a row, so row 0 exists; what is read there is not used
    value = _integers(Gather(column, select(none, _ZERO, position)))
    result = select(none, _missing_value(value.dtype), value)
    return Map("reinterpret", (result,), column.dtype) if column.dtype.kind in "mM" else result
