"""Work of pandas' own on two columns, row by row, done when it is recorded for the rows that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.row_labels import numbers_of
from lazyframe.record.string_rows import run_method
from lazyframe.record.text_objects import is_numbers
from lazyframe.run.bindings import bind_array, bind_opaque
from passes.facts.positions import root_numbers
from passes.ir.rows import Filter, Range, Rows, Slice
from passes.ir.values import Gather, Read, Take, Value

OfPairs = Callable[[pandas.Series, pandas.Series], Any]


def ask_of_rows(left: Value, right: Value, method: OfPairs) -> Value | None:
    """What a method that treats each pair of values by itself gives for two columns of the same rows.

    Parameters
    ----------
    left, right : Value
        Of any dtypes.
    method : callable
        Takes two series to one of the same length.

    Returns
    -------
    Value or None
        The answers, placed among all rows that the filters and slices were given, so that later ones apply
        as they do to any column. None where pandas has to raise, or warns.
    """
    rows = left.rows
    assert rows is not None
    root, links = _derivations(rows)
    if links and not (isinstance(root, Range) and isinstance(root.extent, int)):
        root, links = rows, []
    first, second, *numbers = compute([left, right, *([root_numbers(rows)] if links else [])])
    other = pandas.Series(second, dtype=second.dtype, copy=False)
    found = run_method(lambda one: method(one, other), first)
    if found is None:
        return None
    if links:
        assert isinstance(root, Range)
        assert isinstance(root.extent, int)
        return _placed(found, numbers[0], root.extent, links)
    bound = _bound(found)
    return bound if bound.rows is rows else Gather(bound, numbers_of(rows))


def _bound(found: Any) -> Read:
    return bind_array(found, "answers") if is_numbers(found) else bind_opaque(found, "answers")


def _placed(found: Any, numbers: np.ndarray, length: int, links: list[Filter | Slice]) -> Value:
    """Answers for the rows of these numbers, among so many rows, seen through what leads from there."""
    is_plain = is_numbers(found)
    spread = np.zeros(length, found.dtype if is_plain else np.int64)
    spread[numbers] = found if is_plain else np.arange(len(found))
    value: Value = bind_array(spread, "answers")
    for link in links:
        value = Take(value, link)
    if is_plain:
        return value
    if not len(found):
        # positions are to be in range
        found = np.array([None]) if isinstance(found, np.ndarray) else found.take([-1], allow_fill=True)
    return Gather(bind_opaque(found, "answers"), value)


def _derivations(rows: Rows) -> tuple[Rows, list[Filter | Slice]]:
    """The rows that filters and slices lead from, and these, the first one first."""
    links: list[Filter | Slice] = []
    while isinstance(rows, (Filter, Slice)):
        links.append(rows)
        rows = rows.parent
    return rows, links[::-1]
