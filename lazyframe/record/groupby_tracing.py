"""Functions of a group, such as ``lambda x: x.max() - x.min()``, as values of the graph.

A function is called once, with a stand-in for the group that records what is done with it, if its code can
do nothing but compute (`lazyframe.record.groupby_purity`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lazyframe.record import groupby_purity
from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, cast
from lazyframe.record.groupby_functions import BUILTINS, Labelled, numpy_functions, pandas_functions
from lazyframe.record.groupby_stand_ins import Frame, Series
from lazyframe.record.groupby_traced import Number, Traced
from lazyframe.record.reductions import Grouped
from passes.ir.values import Reduce, Value

_KNOWN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (np.sum, lambda rows: rows.sum()),
    (np.mean, lambda rows: rows.mean()),
    (np.max, lambda rows: rows.max()),
    (np.min, lambda rows: rows.min()),
    (np.std, lambda rows: rows.std(ddof=0)),
    (np.var, lambda rows: rows.var(ddof=0)),
    (np.median, lambda rows: numpy_functions().median(rows)),
    (len, lambda rows: rows.length()),
)
"""Functions of others that pandas calls for each group, and what they do with a series."""


def is_pure(function: Any) -> bool:
    """Whether ``function`` only computes with its one argument."""
    return is_known(function) or groupby_purity.is_pure(function)


def is_known(function: Any) -> bool:
    """Whether ``function`` is one of NumPy's or Python's that is known."""
    return any(function is known for known, _ in _KNOWN)


def asks_numpy(function: Any) -> bool:
    """Whether a function of the user's calls NumPy, which takes a frame for one array."""
    return groupby_purity.asks_numpy(function)


def trace_series(function: Callable[[Any], Any], by: Grouped, column: Value) -> Value | None:
    """What ``function`` gives for each group of a column, as a number; None where it cannot be traced."""
    return _traced(function, by, Series(by, column, [], exact=True))


def trace_rows(function: Callable[[Any], Any], by: Grouped, column: Value) -> Value | None:
    """What ``function`` gives for each row of a column; None where it cannot be traced."""
    return _traced(function, by, Series(by, column, [], exact=True), per_row=True)


def trace_frame(
    function: Callable[[Any], Any], by: Grouped, column: Callable[[Any], Value | None]
) -> Value | None:
    """The same of a group's rows of a frame, whose columns ``column`` gives by their labels."""
    return _traced(function, by, Frame(by, column, []))


def trace_labelled(
    function: Callable[[Any], Any], by: Grouped, column: Callable[[Any], Value | None]
) -> list[Value] | None:
    """The numbers that ``function`` puts into a series of its own, at the one dtype that they have there."""
    if not groupby_purity.is_pure(function):
        return None
    stand_in = Frame(by, column, [])
    try:
        result = _callable(function)(stand_in)
    except Exception:  # of the function's own making, or because pandas has to run it
        return None
    if type(result) is not Labelled:
        return None
    values = [number.value for number in result.numbers.values()]
    dtypes = {value.dtype for value in values}
    if len(dtypes) > 1 and dtypes != {INT64, FLOAT64}:
        return None  # pandas makes objects of them
    common = dtypes.pop() if len(dtypes) == 1 else FLOAT64
    return [cast(value, common) for value in values] if _is_certain(stand_in.borders) else None


def _is_certain(borders: Sequence[Value]) -> bool:
    """Whether no number is so near to another that rounding decides what comes of it, which is computed."""
    return not any(compute([Reduce("any", border, BOOL) for border in borders]))


def _traced(
    function: Callable[[Any], Any], by: Grouped, stand_in: Any, per_row: bool = False
) -> Value | None:
    if not is_pure(function):
        return None
    try:
        result = _callable(function)(stand_in)
    except Exception:  # of the function's own making, or because pandas has to run it
        return None
    found: Value | None = None
    if per_row and isinstance(result, Traced):
        found = result.of_each_row()
    elif not per_row and type(result) is Number:
        found = result.value
    return found if found is not None and _is_certain(stand_in.borders) else None


def _callable(function: Any) -> Any:
    """The function with others in the place of those that know no stand-ins."""
    for known, own in _KNOWN:
        if known is function:
            return own
    return groupby_purity.with_stand_ins(function, BUILTINS, numpy_functions(), pandas_functions())
