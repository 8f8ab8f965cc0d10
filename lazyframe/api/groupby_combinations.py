"""Combinations of columns, each counted once, which pandas then groups as if all rows were there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas

from lazyframe.record.computing import compute_own
from lazyframe.record.groupby_index import group_labels, small_frame
from lazyframe.record.groupby_keys import KeyColumn, group_rows
from lazyframe.record.origin import stamp
from lazyframe.record.reductions import Grouped, count_rows
from lazyframe.run.few_groups import has_few_groups
from passes.ir.rows import Group


class Combinations(NamedTuple):
    """Rows that differ, in order of appearance, and how many rows each stands for.

    Parameters
    ----------
    rows : pandas.DataFrame
        A column for each key, called so that pandas cannot take its name for a position.
    counts : pandas.Series
        As long as ``rows``.
    """

    rows: pandas.DataFrame
    counts: pandas.Series


def count_combinations(keys: Sequence[KeyColumn], what: str) -> Combinations | None:
    """How often there is each combination of keys, missing ones among them.

    Parameters
    ----------
    keys : sequence of KeyColumn
        Of the same rows.
    what : str
        The method, for ``explain``.

    Returns
    -------
    Combinations or None
        None where there may be so many that pandas may as well be given all rows, or where there is no row.
    """
    rows = keys[0].value.rows
    assert rows is not None
    if not has_few_groups(Group(rows, tuple([key.value for key in keys]), sort=False)):
        return None
    grouping = group_rows(keys, sort=False, dropna=False)
    count = count_rows(Grouped(grouping.group))
    stamp(count, what)
    found, *parts = compute_own([count, *group_labels(grouping).parts])
    if not len(found):
        return None
    return Combinations(small_frame(grouping, parts[: len(keys)]), pandas.Series(found, copy=False))


def value_counts_of(counted: Combinations, keys: int, by: dict[str, Any], given: dict[str, Any]) -> Any:
    """What pandas' ``value_counts`` of groups gives for all rows.

    Its sizes of combinations, which is all that it asks of rows, are sums of what was counted.

    Parameters
    ----------
    counted : Combinations
        Of what is grouped by and what is counted.
    keys : int
        By how many of the first columns is grouped.
    by, given : dict
        The arguments of ``groupby`` and of ``value_counts``.
    """
    rows = _CountedRows(counted.rows, copy=False)
    rows._counts = counted.counts
    names = list(counted.rows.columns)
    return pandas.DataFrame.groupby(rows, names[:keys], **by).value_counts(**given)


class _CountedRows(pandas.DataFrame):
    """Rows each of which stands for as many as were counted."""

    _metadata = ("_counts",)  # pandas lets no other attribute be set
    _counts: pandas.Series

    def groupby(self, *by: Any, **given: Any) -> Any:
        return _CountedGroups(self._counts.groupby(*by, **given))


class _CountedGroups:
    """Their groups, whose sizes are sums of counts."""

    def __init__(self, counts: Any) -> None:
        self._counts = counts

    def size(self) -> pandas.Series:
        sizes: pandas.Series = self._counts.sum()
        return sizes
