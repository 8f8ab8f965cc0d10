"""Reductions across the columns of each row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, is_missing, negate, select
from lazyframe.record.reductions import sum_dtype, truth
from passes.ir.node import Token
from passes.ir.rows import Range
from passes.ir.values import Literal, Read, Value


def reduce_rows(
    name: str, columns: Sequence[Value], skipna: bool = True, ddof: int = 1, min_count: int = 0
) -> Value | None:
    """``frame.<name>(axis=1)`` of numeric columns, at the dtype common to all; None if pandas must decide.

    Parameters
    ----------
    name : str
        ``sum``, ``prod``, ``mean``, ``min``, ``max``, ``count``, ``any``, ``all``, ``var``, ``std``, ``sem``.
    columns : sequence of Value
        Of one row space; bools only among themselves.
    """
    kinds = {column.dtype.kind for column in columns}
    if min_count > 0 or ("b" in kinds and len(kinds) > 1):
        return None
    common = np.result_type(*[column.dtype for column in columns])
    if "u" in kinds and len(kinds) > 1:
        return None
    values = [cast(column, common) for column in columns]
    if name == "count":
        return _count(values)
    if name in ("any", "all"):
        return _some(name, values, skipna)
    if name in ("sum", "prod"):
        return _total(values, "add" if name == "sum" else "multiply", skipna)
    if name in ("min", "max"):
        return _extreme(values, "minimum" if name == "min" else "maximum", skipna)
    wide = [cast(value, FLOAT64) for value in values]
    result = common if common.kind == "f" else FLOAT64
    count = cast(_count(values) if skipna else Literal(len(values), INT64), FLOAT64)
    mean = apply("divide", _total(wide, "add", skipna), count)
    if name == "mean":
        return cast(mean, result)
    return cast(_spread(name, wide, mean, count, skipna, ddof), result)


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
