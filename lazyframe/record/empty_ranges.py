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
    # how many numbers there were shows in a slice of them, and in what is left of several selections
    counts = len(links) > 1 or any(map(_cuts, links))
    index = _whole(at, counts) if whole is None else whole
    for link in reversed(links):
        index = _selected(index, link, link.rows in masked, is_last=link is links[0])
    return index


def _cuts(link: Take | View | Gather) -> bool:
    return isinstance(link, View) or (isinstance(link, Take) and isinstance(link.rows, Slice))


def _whole(labels: Value, counts: bool) -> pandas.Index:
    """All labels, before any were selected; those of numbered rows as of none unless it counts how many."""
    if isinstance(labels, Read):
        index: pandas.Index = data_of(labels.token)
        return index
    assert labels.rows is not None
    return pandas.RangeIndex(int(compute([count_rows(Whole(labels.rows))])[0]) if counts else 0)


def _selected(index: pandas.Index, link: Take | View | Gather, by_mask: bool, is_last: bool) -> pandas.Index:
    """What is left of labels; of the last selection nothing is."""
    if isinstance(link, View):
        return index[_bounds(link)]
    rows = link.rows
    if isinstance(rows, Slice) and isinstance(link, Take):
        return index[rows.start : rows.stop : rows.step]
    if not len(index):
        is_copied = isinstance(rows, (Filter, Group, Sort)) and not by_mask
        return index if is_copied else index[np.zeros(0, bool)]
    return index.take(np.zeros(0, np.int64) if is_last else compute([_positions(link)])[0])


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
