"""The place of each value among those of its row, by comparing all pairs of columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, is_missing, negate, select
from passes.ir.values import Literal, Value

MOST_RANKED = 8
"""So many columns make 28 pairs."""

_ONE = Literal(1, INT64)
_HALF = Literal(0.5, FLOAT64)


def rank_in_rows(columns: Sequence[Value], method: str, ascending: bool, as_share: bool) -> list[Value]:
    """``frame.rank(axis=1)`` of columns of numbers: NaN has no place.

    Parameters
    ----------
    columns : sequence of Value
        Two or more, at most `MOST_RANKED`, of one row space.
    method : str
        One of `passes.ir.type_rules.RANK_METHODS`.
    ascending : bool
        Whether the least value comes first.
    as_share : bool
        Divide by the number of values, or of distinct ones where equal values take one place.
    """
    dtype = np.result_type(*[column.dtype for column in columns])
    values = [cast(column, dtype) for column in columns]
    every = range(len(values))
    precedes = "less" if ascending else "greater"
    before = {
        (k, j): apply(precedes, values[k], values[j], dtype=BOOL) for k in every for j in every if k != j
    }
    equal = {(k, j): apply("equal", values[k], values[j], dtype=BOOL) for k in every for j in range(k)}
    if method == "dense":
        again = [_any([equal[k, j] for j in range(k)]) for k in every]
        before = {(k, j): _unless(again[k], found) for (k, j), found in before.items()}
        known = [_unless(again[k], _is_known(values[k])) for k in every]
    else:
        known = [_is_known(value) for value in values]
    places = [_PLACES[method](j, [before[k, j] for k in every if k != j], equal, len(values)) for j in every]
    if as_share:
        whole = cast(_count(known), FLOAT64)
        places = [apply("divide", place, whole) for place in places]
    missing = [is_missing(value) for value in values]
    nowhere = Literal(np.nan, FLOAT64)
    return [
        place if gone is None else select(gone, nowhere, place)
        for place, gone in zip(places, missing, strict=True)
    ]


def _count(flags: Sequence[Value]) -> Value:
    found: Value = Literal(0, INT64)
    for flag in flags:
        found = apply("add", found, cast(flag, INT64))
    return found


def _any(flags: Sequence[Value]) -> Value | None:
    found: Value | None = None
    for flag in flags:
        found = flag if found is None else apply("bitwise_or", found, flag, dtype=BOOL)
    return found


def _unless(flag: Value | None, found: Value) -> Value:
    return found if flag is None else both(found, negate(flag))


def _is_known(value: Value) -> Value:
    gone = is_missing(value)
    return Literal(True, BOOL) if gone is None else negate(gone)


Pairs = dict[tuple[int, int], Value]
"""Of two columns, the later one first, where they are equal."""


def _first(column: int, before: Sequence[Value], equal: Pairs, count: int) -> Value:
    """Behind those that precede, and equal ones of columns before."""
    earlier = [equal[column, other] for other in range(column)]
    return cast(apply("add", _count([*before, *earlier]), _ONE), FLOAT64)


def _least(column: int, before: Sequence[Value], equal: Pairs, count: int) -> Value:
    return cast(apply("add", _count(before), _ONE), FLOAT64)


def _most(column: int, before: Sequence[Value], equal: Pairs, count: int) -> Value:
    return cast(apply("add", _count([*before, *_ties(column, equal, count)]), _ONE), FLOAT64)


def _average(column: int, before: Sequence[Value], equal: Pairs, count: int) -> Value:
    ties = cast(_count(_ties(column, equal, count)), FLOAT64)
    return apply("add", _least(column, before, equal, count), apply("multiply", ties, _HALF))


def _ties(column: int, equal: Pairs, count: int) -> list[Value]:
    """Where the other columns are equal to one."""
    return [equal[max(column, k), min(column, k)] for k in range(count) if k != column]


_PLACES: dict[str, Callable[[int, Sequence[Value], Pairs, int], Value]] = {
    "average": _average,
    "min": _least,
    "max": _most,
    "first": _first,
    "dense": _least,
}
