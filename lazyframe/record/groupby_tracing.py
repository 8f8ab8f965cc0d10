"""Functions of a group, such as ``lambda x: x.max() - x.min()``, as values of the graph.

A function is called with a stand-in for the group that records what is done with it, once for each way that
it can take, if its code can do nothing but compute (`lazyframe.record.groupby_purity`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lazyframe.record import groupby_purity
from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL
from lazyframe.record.groupby_choices import Choice, ChosenColumn, ChosenRow, ColumnChoice, Whole
from lazyframe.record.groupby_functions import BUILTINS, MODULES, labelled_values, numpy_functions
from lazyframe.record.groupby_parts import Chosen
from lazyframe.record.groupby_stand_ins import Frame, Series
from lazyframe.record.groupby_traced import Number, number_of, rows_of
from lazyframe.record.groupby_ways import Notes, Untraceable, Way, all_ways, put_together
from lazyframe.record.missing import isna
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


def has_branches(function: Any) -> bool:
    """Whether what a function gives of one row need not be of the dtype that it gives of others."""
    return groupby_purity.has_branches(function)


def asks_numpy(function: Any) -> bool:
    """Whether a function of the user's calls NumPy, which takes a frame for one array."""
    return groupby_purity.asks_numpy(function)


def trace_series(function: Callable[[Any], Any], by: Grouped, column: Value) -> Value | None:
    """What ``function`` gives for each group of a column, as a number; None where it cannot be traced."""
    return _traced(function, lambda notes: Series(by, column, notes, exact=True))


def trace_rows(function: Callable[[Any], Any], by: Grouped, column: Value) -> Value | None:
    """What ``function`` gives for each row of a column; None where it cannot be traced."""
    return _traced(function, lambda notes: Series(by, column, notes, exact=True), by)


def trace_frame(
    function: Callable[[Any], Any], by: Grouped, column: Callable[[Any], Value | None]
) -> Value | None:
    """The same of a group's rows of a frame, whose columns ``column`` gives by their labels."""
    return _traced(function, lambda notes: Frame(by, column, notes))


def trace_labelled(
    function: Callable[[Any], Any], by: Grouped, column: Callable[[Any], Value | None]
) -> list[Value] | None:
    """The values that ``function`` puts into a series of its own, at the dtypes that they have there."""
    if not groupby_purity.is_pure(function):
        return None
    ways = _ways(function, lambda notes: Frame(by, column, notes))
    try:
        values = None if ways is None else labelled_values(ways)
    except Untraceable:
        return None
    return values if ways and values and _is_certain(ways, values) else None


def trace_choice(
    function: Callable[[Any], Any], by: Grouped, columns: Mapping[str, Value], distinct: Callable[[], bool]
) -> Any:
    """The rows that ``function`` chooses of a group's frame; None where it cannot be traced.

    Parameters
    ----------
    function : callable
        Of a frame.
    by : Grouped
        The groups.
    columns : mapping
        Of the grouped rows, by their labels.
    distinct : callable
        Says whether no two rows have one label.

    Returns
    -------
    Choice, ChosenColumn, ChosenRow, Number or None
        Rows of each group, one column of them, one row, or what is somewhere in it.
    """
    if not groupby_purity.is_pure(function):
        return None
    ways = _ways(function, lambda notes: Whole(by, columns, notes, distinct))
    if ways is None or len(ways) > 1:
        return None
    found = ways[0].result
    if type(found) not in (Choice, ChosenColumn, ChosenRow, Number):
        return None
    return found if _is_certain(ways, [found.value] if type(found) is Number else []) else None


def trace_choice_of_column(function: Callable[[Any], Any], by: Grouped, column: Value) -> Choice | None:
    """The rows that ``function`` chooses of a group's series: of a frame of one column, called ``""``."""
    if not groupby_purity.is_pure(function):
        return None
    ways = _ways(function, lambda notes: Series(by, column, notes, exact=True))
    if ways is None or len(ways) > 1:
        return None
    found = ways[0].result
    if type(found) is Chosen and type(found.rows) is Series and found.rows.value is column:
        found = ColumnChoice(found.rows).where(found.mask.value)
    return found.choice if type(found) is ColumnChoice and _is_certain(ways, []) else None


def _is_certain(ways: Sequence[Way], values: Sequence[Value]) -> bool:
    """Whether no number is so near to another that rounding decides what comes of it, which is computed.

    Nor may all be missing where the dtype of that is not the one of others.
    """
    borders = [border for way in ways for border in way.borders()]
    missing = [isna(value) for value in values if value.dtype.kind in "mMO"]
    alone = [Reduce("all", none, BOOL) for none in missing if none is not None]
    asked = [*[Reduce("any", border, BOOL) for border in borders], *alone]
    return not (asked and any(compute(asked)))


def _traced(
    function: Callable[[Any], Any], stand_in: Callable[[Notes], Any], of_rows: Grouped | None = None
) -> Value | None:
    """What a function gives for each group; for each row of the groups ``of_rows``."""
    if not is_pure(function):
        return None
    ways = _ways(function, stand_in)
    if ways is None:
        return None
    try:
        if of_rows is None:
            found = put_together(ways, [number_of(way.result) for way in ways])
        else:
            found = put_together(ways, [rows_of(way.result) for way in ways], of_rows.spread)
    except Untraceable:
        return None
    if found.rows is None:
        return None
    return found if _is_certain(ways, [found]) else None


def _ways(function: Callable[[Any], Any], stand_in: Callable[[Notes], Any]) -> list[Way] | None:
    """All ways of a function, called with a stand-in."""
    ours = _callable(function)
    try:
        return all_ways(lambda notes: ours(stand_in(notes)))
    except Exception:  # of the function's own making, or because pandas has to run it
        return None


def _callable(function: Any) -> Any:
    """The function with others in the place of those that know no stand-ins."""
    for known, own in _KNOWN:
        if known is function:
            return own
    return groupby_purity.with_stand_ins(function, BUILTINS, MODULES)
