"""Reductions across the columns of each row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.computing import found_of
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, is_missing, negate, select
from lazyframe.record.median_in_rows import median_in_rows
from lazyframe.record.missing import holds_missing
from lazyframe.record.number_limits import reach_of
from lazyframe.record.reductions import sum_dtype, truth
from passes.ir.node import Token
from passes.ir.rows import Range
from passes.ir.values import Literal, Read, Reduce, Value


def reduce_rows(
    name: str, columns: Sequence[Value], skipna: bool = True, ddof: int = 1, min_count: int = 0
) -> Value | None:
    """``frame.<name>(axis=1)`` of numeric columns, at the dtype common to all; None if pandas must decide.

    Parameters
    ----------
    name : str
        ``sum``, ``prod``, ``mean``, ``min``, ``max``, ``count``, ``any``, ``all``, ``var``, ``std``, ``sem``,
        ``median``.
    columns : sequence of Value
        Of one row space.
    """
    common = np.result_type(*[column.dtype for column in columns])
    values = [cast(column, common) for column in columns]
    if min_count > 0:
        total = reduce_rows(name, columns, skipna)
        return None if total is None else _unless_fewer(total, values, skipna, min_count)
    if name == "count":
        return _count(values)
    if name in ("any", "all"):
        return _some(name, values, skipna)
    if name in ("sum", "prod"):
        return _total(values, "add" if name == "sum" else "multiply", skipna)
    if name in ("min", "max"):
        return _extreme(values, "minimum" if name == "min" else "maximum", skipna)
    if name == "median":
        return median_in_rows(values, skipna)
    wide = [cast(value, FLOAT64) for value in values]
    result = common if common.kind == "f" else FLOAT64
    count = cast(_count(values) if skipna else Literal(len(values), INT64), FLOAT64)
    mean = apply("divide", _total(wide, "add", skipna), count)
    if name == "mean":
        return cast(mean, result)
    return cast(_spread(name, wide, mean, count, skipna, ddof), result)


def _unless_fewer(total: Value, values: Sequence[Value], skipna: bool, least: int) -> Value | None:
    """``total``, NaN where fewer values than that are known; None where that changes a dtype."""
    if total.dtype.kind != "f":
        return (
            total
            if len(values) >= least
            else select(_never(total), Literal(0.0, FLOAT64), Literal(np.nan, FLOAT64))
        )
    if not skipna:
        return total if len(values) >= least else select(_never(total), total, Literal(np.nan, total.dtype))
    enough = apply("greater_equal", _count(values), Literal(least, INT64), dtype=BOOL)
    return select(enough, total, Literal(np.nan, total.dtype))


def _never(column: Value) -> Value:
    return apply("less", column, column, dtype=BOOL)


MOST_COMPARED = 16
"""The most columns whose values are compared with each other in a loop."""

_EXACT = 1 << 53
"""Up to here float64 holds all integers."""


def are_compared_in_rows(columns: Sequence[Value]) -> bool:
    """Whether to compare numbers of one row at their common dtype is to compare them as pandas does.

    pandas looks at rows of the dtype common to all, or of Python's objects where there are booleans, which it
    compares exactly: then the integers are looked at where the common dtype does not hold all there are.
    """
    dtypes = [column.dtype for column in columns]
    if BOOL not in dtypes or np.result_type(*dtypes).kind != "f":
        return True
    wide = [column for column in columns if column.dtype.kind in "iu" and column.dtype.itemsize == 8]
    return all(reach_of(column).furthest <= _EXACT for column in wide)


_ROWS_AT_ONCE = 1 << 13


def count_distinct_in_rows(arrays: Sequence[np.ndarray], dropna: bool = True) -> np.ndarray:
    """`distinct_in_rows` of arrays, which are too many to compare each with each: each row is sorted."""
    common = np.result_type(*[array.dtype for array in arrays])
    rows = len(arrays[0])
    counts = np.empty(rows, np.int64)
    block = np.empty((min(rows, _ROWS_AT_ONCE), len(arrays)), common)
    for start in range(0, rows, _ROWS_AT_ONCE):
        stop = min(start + _ROWS_AT_ONCE, rows)
        part = block[: stop - start]
        for place, array in enumerate(arrays):
            part[:, place] = array[start:stop]
        part.sort(axis=1)  # NaN last
        new = part[:, 1:] != part[:, :-1]
        if common.kind == "f":
            known = part == part
            new &= known[:, 1:]
            counts[start:stop] = new.sum(axis=1)
            counts[start:stop] += known[:, 0]
            if not dropna:
                counts[start:stop] += ~known[:, -1]
        else:
            counts[start:stop] = new.sum(axis=1) + 1
    return counts


def distinct_in_rows(columns: Sequence[Value], dropna: bool = True) -> Value:
    """How many distinct values each row has, as int64, of columns that `are_compared_in_rows`."""
    common = np.result_type(*[column.dtype for column in columns])
    values = [cast(column, common) for column in columns]
    missing = [is_missing(value) for value in values]
    count: Value = Literal(0, INT64)
    for place, (value, gone) in enumerate(zip(values, missing, strict=True)):
        # NaN is unequal to itself
        new = apply("equal", value, value, dtype=BOOL) if gone is None else negate(gone)
        for earlier in values[:place]:
            new = both(new, apply("not_equal", value, earlier, dtype=BOOL))
        count = apply("add", count, cast(new, INT64))
    if dropna or missing[0] is None:
        return count
    some: Value = missing[0]
    for gone in missing[1:]:
        assert gone is not None
        some = apply("bitwise_or", some, gone, dtype=BOOL)
    return apply("add", count, cast(some, INT64))


def has_unknown_rows(columns: Sequence[Value], skipna: bool = True) -> bool:
    """Whether a row has no least value: nothing in it is known, or, without ``skipna``, anything is missing.

    Whether a column has anything missing is asked first, as the next operation asks it again.
    """
    if not skipna:
        return any(map(holds_missing, columns))
    if not all(map(holds_missing, columns)):
        return False
    missing = [gone for column in columns if (gone := is_missing(column)) is not None]
    unknown = reduce(both, missing)
    return found_of(unknown, "any", lambda: Reduce("any", unknown, BOOL))


def extreme_in_rows(name: str, columns: Sequence[Value]) -> Value:
    """Which column has the least or largest value of each row, as int64, of rows that have one.

    Parameters
    ----------
    name : str
        ``argmin`` or ``argmax``.
    columns : sequence of Value
        Of one row space, and such that `are_compared_in_rows`.
    """
    common = np.result_type(*[column.dtype for column in columns])
    values = [cast(column, common) for column in columns]
    missing = [gone for value in values if (gone := is_missing(value)) is not None]
    if missing and not SINCE_3_1:
        # pandas 3.0 may find the infinity that stands for what is missing
        worst = Literal(np.inf if name == "argmin" else -np.inf, common)
        values = [select(gone, worst, value) for gone, value in zip(missing, values, strict=True)]
    best, unknown = values[0], is_missing(values[0])
    place = select(apply("equal", best, best, dtype=BOOL), Literal(0, INT64), Literal(0, INT64))
    for number, value in enumerate(values[1:], 1):
        better = apply("less" if name == "argmin" else "greater", value, best, dtype=BOOL)
        if unknown is not None:
            better = apply("bitwise_or", better, unknown, dtype=BOOL)
        best = select(better, value, best)
        place = select(better, Literal(number, INT64), place)
        unknown = is_missing(best)
    return place


@lru_cache(maxsize=1024)
def dtype_of_rows(
    name: str, dtypes: tuple[np.dtype, ...], options: tuple[tuple[str, Any], ...]
) -> np.dtype | None:
    """The dtype of `reduce_rows` of columns of these dtypes; None where pandas must decide."""
    rows = Range("rows")
    found = reduce_rows(name, [Read(Token(), dtype, rows) for dtype in dtypes], **dict(options))
    return None if found is None else found.dtype


def _count(values: Sequence[Value]) -> Value:
    missing = [is_missing(value) for value in values]
    count: Value | None = None
    for value, gone in zip(values, missing, strict=True):
        here = apply("equal", value, value, dtype=BOOL) if gone is None else negate(gone)
        count = cast(here, INT64) if count is None else apply("add", count, cast(here, INT64))
    assert count is not None
    return count


def _filled(value: Value, skipna: bool, filler: float) -> Value:
    missing = is_missing(value) if skipna else None
    return value if missing is None else select(missing, Literal(filler, value.dtype), value)


def _total(values: Sequence[Value], operation: str, skipna: bool) -> Value:
    result = sum_dtype(values[0].dtype)
    computing = FLOAT64 if result.kind == "f" else result
    start = 0 if operation == "add" else 1
    total: Value = Literal(start, computing)
    for value in values:
        total = apply(operation, total, _filled(cast(value, computing), skipna, start))
    return cast(total, result)


def _extreme(values: Sequence[Value], operation: str, skipna: bool) -> Value:
    if values[0].dtype == BOOL:
        operation = "bitwise_and" if operation == "minimum" else "bitwise_or"
    elif skipna and values[0].dtype.kind == "f":
        operation = "fmin" if operation == "minimum" else "fmax"
    extreme = values[0]
    for value in values[1:]:
        extreme = apply(operation, extreme, value)
    return extreme


def _some(name: str, values: Sequence[Value], skipna: bool) -> Value:
    some: Value | None = None
    for value in values:
        here = truth(value)
        missing = is_missing(value) if skipna else None
        if missing is not None and name == "any":
            here = both(here, negate(missing))
        if missing is not None and name == "all":
            here = apply("bitwise_or", here, missing)
        some = here if some is None else apply("bitwise_or" if name == "any" else "bitwise_and", some, here)
    assert some is not None
    return some


def _spread(name: str, values: Sequence[Value], mean: Value, count: Value, skipna: bool, ddof: int) -> Value:
    squares: Value = Literal(0.0, FLOAT64)
    for value in values:
        distance = apply("subtract", value, mean)
        square = apply("multiply", distance, distance)
        missing = is_missing(value) if skipna else None
        if missing is not None:
            square = select(missing, Literal(0.0, FLOAT64), square)
        squares = apply("add", squares, square)
    freedom = apply("subtract", count, Literal(float(ddof), FLOAT64))
    variance = select(
        apply("greater", freedom, Literal(0.0, FLOAT64), dtype=BOOL),
        apply("divide", squares, freedom),
        Literal(np.nan, FLOAT64),
    )
    if name == "var":
        return variance
    deviation = apply("square_root", variance)
    return deviation if name == "std" else apply("divide", deviation, apply("square_root", count))
