"""Shifts, fills and the order of columns that kernels do not hold: strings, categories, times in a zone."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType
from typing import Any

import numpy as np
import pandas

from lazyframe.record.capture import dtype_of
from lazyframe.record.categories import category_entries
from lazyframe.record.dictionaries import codes_of, follow, may_be_text, source_of, text_codes_of
from lazyframe.record.elementwise import BOOL, INT64, apply, cast, literal, select
from lazyframe.record.merge_missing import Positions
from lazyframe.record.put_together import one_object_more
from lazyframe.record.string_rows import call_quietly
from lazyframe.run.bindings import bind_array, bind_opaque, data_of
from passes.ir.values import OPAQUE, Gather, Read, RowNumber, Value, Window


def by_pandas(column: Read, method: Callable[[pandas.Series], Any]) -> Value | None:
    """What pandas makes of a whole input, without changing its dtype, in memory of its own; else None.

    Parameters
    ----------
    column : Read
        Of a dtype that kernels do not hold.
    method : callable
        Takes a series to one as long.
    """
    array = data_of(column.token)
    given = pandas.Series(array, dtype=array.dtype, copy=False)
    made = call_quietly(lambda: method(given))
    if type(made) is not pandas.Series or made.dtype != given.dtype:
        return None
    return bind_opaque(made.to_numpy() if made.dtype == OPAQUE else made.array, "column")


def shift_opaque(column: Value, before: Value, periods: int, fill: dict[str, Any]) -> Value | None:
    """Each row's value ``periods`` rows before it; None where pandas has to decide.

    Parameters
    ----------
    column : Value
        Of a dtype that kernels do not hold.
    before : Value
        The row whose value each row has, or -1.
    periods : int
        Not zero.
    fill : dict
        Of what pandas is told to put in rows that have no other.
    """
    if isinstance(column, Read):  # pandas moves what is in memory without looking at it
        return by_pandas(column, lambda series: series.shift(periods, **fill))
    if dtype_of(column) == OPAQUE:
        return _objects_before(column, before, fill.get("fill_value"))
    return None if fill else Positions(before, None).seen(column)


def _objects_before(column: Value, before: Value, fill: Any) -> Value | None:
    """Python's objects from other rows, and ``fill``, a string or None, where there is none."""
    source = source_of(column)
    if source is None or not may_be_text(column) or not isinstance(fill, (str, NoneType)):
        return None
    number = Positions(before, None).gathered(follow(column, source, RowNumber(source.rows)))
    behind = literal(source.rows.extent, INT64)  # type: ignore[attr-defined]  # an input is over a Range
    exists = apply("greater_equal", before, literal(0, INT64), dtype=BOOL)
    return Gather(one_object_more(source, fill), select(exists, number, behind))


def extreme_so_far(column: Value, name: str, skipna: bool) -> Value | None:
    """``cummax`` or ``cummin`` of strings and of ordered categories, by their codes; None of other columns.

    Parameters
    ----------
    column : Value
        Of a dtype that kernels do not hold.
    name : str
        ``"cummax"`` or ``"cummin"``.
    skipna : bool
        Whether what is missing is left out; else all behind it is missing.
    """
    found = codes_of(column, force=True)
    if found is None:
        found = category_entries(column)
        if found is None or not found.entries.dtype.ordered:
            return None
    codes, behind = cast(found.codes, INT64), literal(found.missing, INT64)
    missing = apply("equal", codes, behind, dtype=BOOL)
    if name == "cummax":
        known = select(missing, literal(-1, INT64), codes)
        running = Window("cumulative_maximum", known, INT64)
    else:
        running = Window("cumulative_minimum", codes, INT64)
    gone = missing if skipna else Window("cumulative_maximum", missing, BOOL)
    return Gather(found.read, select(gone, behind, running))


def order_of(column: Value) -> Value | None:
    """Numbers in the order of strings or categories, NaN where one is missing; None of other columns."""
    found = text_codes_of(column, force=True)
    if found is None:
        found = category_entries(column)
        order = None if found is None else _order_of_categories(found.entries.dtype)
    else:
        order = np.arange(float(len(found.entries)))
    if found is None or order is None:
        return None
    order[-1] = np.nan
    return Gather(bind_array(order, "order"), cast(found.codes, INT64))


def _order_of_categories(dtype: pandas.CategoricalDtype) -> np.ndarray | None:
    """Of each category, and of one that is missing: those without an order are compared by their values."""
    count = len(dtype.categories)
    if dtype.ordered:
        return np.arange(count + 1.0)
    if dtype.categories.dtype == OPAQUE:
        return None
    return np.append(dtype.categories.argsort().argsort().astype(float), np.nan)
