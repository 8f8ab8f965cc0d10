"""The RangeIndex of no rows, which shows by where it begins what was selected before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.reductions import Whole, count_rows
from lazyframe.run.bindings import data_of
from passes.ir.rows import Filter, Group, Rows, Slice, Sort
from passes.ir.values import Gather, Read, RowNumber, Take, Value, View


def empty_range(
    value: Value, masked: frozenset[Rows] = frozenset(), whole: pandas.Index | None = None
) -> pandas.Index:
    """What pandas has after the selections of labels that lead to none, one after the other.

    A slice of a range is a range that begins where the slice does; rows by position are one from 0, unless
    there were none before: then filters, sorts and distinct rows copy what there is, but no mask of a series.

    Parameters
    ----------
    value : Value
        Labels of no rows, which are taken of a RangeIndex or are the numbers of some rows.
    masked : frozenset of Rows, optional
        The filters that were masks of a series.
    whole : Index, optional
        What the labels were before any were selected, if not what ``value`` is taken of.
    """
    links: list[Take | View | Gather] = []
    at = value
    while isinstance(at, (Take, View, Gather)):
        links.append(at)
        at = at.column
    if not any(map(_cuts, links)):  # then it makes no difference after which of them there were none
        first = data_of(at.token) if whole is None and isinstance(at, Read) else whole
        if first is None:
            return pandas.RangeIndex(0)
        if len(first):
            return first.take(np.zeros(0, np.int64))
    index = _whole(at) if whole is None else whole
    for link in reversed(links):
        index = _selected(index, link, link.rows in masked)
    return index


def _cuts(link: Take | View | Gather) -> bool:
    """Whether a selection is a slice, which has a beginning; any other leaves a range that begins at 0."""
    return isinstance(link, View) or (isinstance(link, Take) and isinstance(link.rows, Slice))


def _whole(labels: Value) -> pandas.Index:
    """All labels, before any were selected."""
    if isinstance(labels, Read):
        index: pandas.Index = data_of(labels.token)
        return index
    assert labels.rows is not None
    return pandas.RangeIndex(int(compute([count_rows(Whole(labels.rows))])[0]))


def _selected(index: pandas.Index, link: Take | View | Gather, by_mask: bool) -> pandas.Index:
    if isinstance(link, View):
        return index[_bounds(link)]
    rows = link.rows
    if isinstance(rows, Slice) and isinstance(link, Take):
        return index[rows.start : rows.stop : rows.step]
    if not len(index):
        is_copied = isinstance(rows, (Filter, Group, Sort)) and not by_mask
        return index if is_copied else index[np.zeros(0, bool)]
    (positions,) = compute([_positions(link)])
    return index.take(positions)


def _positions(link: Take | Gather) -> Value:
    """Which of the labels before were selected."""
    if isinstance(link, Gather):
        return link.positions
    assert link.column.rows is not None
    return Take(RowNumber(link.column.rows), link.rows)


def _bounds(link: View) -> slice:
    rows: Any = link.rows
    stop: int | None = link.start + link.step * rows.extent
    return slice(link.start, None if stop is not None and stop < 0 else stop, link.step)
