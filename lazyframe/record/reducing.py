"""pandas' reductions of a column: which values are computed, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.record import reductions
from lazyframe.record.reductions import Whole, count_rows, count_valid
from passes.ir.values import Value

UNDECIDED = object()
"""What a plan finishes with where pandas has to decide, or raise, after all."""

NUMBERS = frozenset({"sum", "prod", "mean", "min", "max", "count", "any", "all", "var", "std", "sem"})
POSITIONS = frozenset({"argmin", "argmax"})


class Plan(NamedTuple):
    """One reduction.

    Parameters
    ----------
    values : tuple of Value
        What to compute: scalars, or a column that pandas' own method reduces.
    finish : callable
        Makes pandas' scalar of them, or `UNDECIDED`.
    """

    values: tuple[Value, ...]
    finish: Callable[[Sequence[Any]], Any]


def plan(name: str, column: Value, skipna: bool = True, ddof: float = 1, min_count: int = 0) -> Plan | None:
    """How to reduce one column; None for dtypes and options that are left to pandas.

    Parameters
    ----------
    name : str
        Of `NUMBERS` or `POSITIONS`.
    column : Value
        With rows.
    skipna, ddof, min_count
        pandas' options, where ``name`` has them.
    """
    kind = column.dtype.kind
    assert column.rows is not None
    by = Whole(column.rows)
    if kind in "mM":
        return _plan_of_times(name, column, by, skipna, {"ddof": ddof, "min_count": min_count})
    if kind not in "biuf":
        return None
    rows = count_rows(by)
    if name == "count":
        return Plan((count_valid(by, column),), lambda found: np.int64(found[0]))
    if name in POSITIONS:
        return _plan_of_position(name, column, by, skipna)
    if name in ("sum", "prod"):
        total = reductions.total if name == "sum" else reductions.product
        if min_count > 0 and kind != "f":
            # of too few rows the sum is a NaN, which is no integer
            return Plan((total(by, column, skipna), rows), _unless_fewer_than(min_count))
        return Plan((total(by, column, skipna, min_count),), _first)
    if name in ("any", "all"):
        some = reductions.any_of if name == "any" else reductions.all_of
        return Plan((some(by, column, skipna),), _first)
    if name in ("min", "max"):
        extreme = reductions.lowest if name == "min" else reductions.highest
        return Plan((extreme(by, column, skipna), rows), _unless_empty)
    if name == "mean":
        valid = count_valid(by, column) if skipna else rows
        return Plan((reductions.mean(by, column, skipna), valid), _nan_if_empty)
    spread = {
        "var": reductions.variance,
        "std": reductions.standard_deviation,
        "sem": reductions.standard_error,
    }[name]
    # pandas 3.0 gives the NaN of too few float32 values as float64, pandas 3.1 does not
    finish = _unless_nan if name == "sem" else _unless_empty
    return Plan((spread(by, column, ddof, skipna), rows), finish)


def _first(found: Sequence[Any]) -> Any:
    return found[0]


def _unless_fewer_than(least: int) -> Callable[[Sequence[Any]], Any]:
    return lambda found: found[0] if found[1] >= least else UNDECIDED


def _unless_empty(found: Sequence[Any]) -> Any:
    return found[0] if found[1] else UNDECIDED


def _unless_nan(found: Sequence[Any]) -> Any:
    return found[0] if found[1] and found[0] == found[0] else UNDECIDED


def _nan_if_empty(found: Sequence[Any]) -> Any:
    return found[0] if found[1] else float("nan")


_OPTIONS = {"mean": (), "sum": ("min_count",), "std": ("ddof",)}
"""What pandas' own reductions of times take beside ``skipna``."""


def _plan_of_times(name: str, column: Value, by: Whole, skipna: bool, options: dict[str, Any]) -> Plan | None:
    if name == "count":
        return Plan((count_valid(by, column),), lambda found: np.int64(found[0]))
    if name in POSITIONS:
        return _plan_of_position(name, column, by, skipna)
    if name in _OPTIONS:
        # pandas adds up ticks as floats, which rounds by their order: what runs is its own method
        taken = {option: options[option] for option in _OPTIONS[name]}
        return Plan((column,), lambda found: getattr(_series(found[0]), name)(skipna=skipna, **taken))
    if name not in ("min", "max"):
        return None
    extreme = reductions.lowest if name == "min" else reductions.highest
    box: Any = pandas.Timestamp if column.dtype.kind == "M" else pandas.Timedelta

    def finish(found: Sequence[Any]) -> Any:
        return box(found[0]) if found[1] else UNDECIDED

    return Plan((extreme(by, column, skipna), count_rows(by)), finish)


def _series(times: Any) -> Any:
    return pandas.Series(times, copy=False)


def _plan_of_position(name: str, column: Value, by: Whole, skipna: bool) -> Plan:
    first = reductions.first_position_of_minimum if name == "argmin" else reductions.first_position_of_maximum
    valid, rows = count_valid(by, column), count_rows(by)

    def finish(found: Sequence[Any]) -> Any:
        position, count, length = found
        if count == 0 or (count < length and not skipna):
            return UNDECIDED
        return np.int64(position)

    return Plan((first(by, column, skipna), valid, rows), finish)
