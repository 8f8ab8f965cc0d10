"""Pearson's correlation, and the covariance, of two columns within groups."""

from __future__ import annotations

import numpy as np

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, both, cast, is_missing, negate, select
from lazyframe.record.reductions import Grouped, highest, lowest, total
from passes.ir.values import Literal, Map, Value

_ZERO = Literal(0.0, FLOAT64)
_NAN = Literal(np.nan, FLOAT64)


def correlation(by: Grouped, left: Value, right: Value) -> Value:
    """The correlation of the rows where neither is missing; NaN where one of them does not vary there.

    In two passes, as the sums of products of distances from the means.
    """
    x, y, count = _pairs(by, left, right)
    dx, dy = _distance(by, x, count), _distance(by, y, count)
    products = [_sum_of_products(by, *pair) for pair in ((dx, dy), (dx, dx), (dy, dy))]
    spread = _apply("square_root", _apply("multiply", products[1], products[2]))
    found = _apply("divide", products[0], spread)
    found = _apply("maximum", _apply("minimum", found, Literal(1.0, FLOAT64)), Literal(-1.0, FLOAT64))
    varies = both(_varies(by, x), _varies(by, y))
    return select(both(varies, Map("greater", (spread, _ZERO), BOOL)), found, _NAN)


def covariance(by: Grouped, left: Value, right: Value) -> Value:
    """The covariance of the rows where neither is missing, of one degree of freedom less; NaN of one row."""
    x, y, count = _pairs(by, left, right)
    products = _sum_of_products(by, _distance(by, x, count), _distance(by, y, count))
    freedom = _apply("subtract", count, Literal(1.0, FLOAT64))
    enough = Map("greater", (freedom, _ZERO), BOOL)
    return select(enough, _apply("divide", products, freedom), _NAN)


def both_vary(by: Grouped, left: Value, right: Value) -> Value:
    """Whether both have different values in the rows where neither is missing."""
    x, y, _ = _pairs(by, left, right)
    return both(_varies(by, x), _varies(by, y))


def _pairs(by: Grouped, left: Value, right: Value) -> tuple[Value, Value, Value]:
    """Both as floats, missing where one of them is, and how many pairs there are."""
    x, y = cast(left, FLOAT64), cast(right, FLOAT64)
    present = _both_present(left, right)
    if present is not None:
        x, y = select(present, x, _NAN), select(present, y, _NAN)
    return x, y, _count(by, present)


def _both_present(left: Value, right: Value) -> Value | None:
    present = [negate(missing) for v in (left, right) if (missing := is_missing(v)) is not None]
    if len(present) == 2:
        return both(*present)
    return present[0] if present else None


def _count(by: Grouped, present: Value | None) -> Value:
    rows = Map("greater_equal", (by.positions(), Literal(0, INT64)), BOOL) if present is None else present
    return cast(by.reduce("sum", cast(rows, INT64), INT64), FLOAT64)


def _distance(by: Grouped, values: Value, count: Value) -> Value:
    mean = _apply("divide", total(by, values, skipna=True), count)
    distance = _apply("subtract", values, by.spread(mean))
    return select(Map("is_nan", (values,), BOOL), _ZERO, distance)


def _sum_of_products(by: Grouped, left: Value, right: Value) -> Value:
    return by.reduce("sum", _apply("multiply", left, right), FLOAT64)


def _varies(by: Grouped, values: Value) -> Value:
    ends = highest(by, values, skipna=True), lowest(by, values, skipna=True)
    return Map("greater", ends, BOOL)


def _apply(operation: str, *arguments: Value) -> Value:
    return Map(operation, arguments, FLOAT64)
