"""Where pandas puts what it makes of each group: it is asked with one row of each, the group's number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.record.groupby_index import small_frame, with_rows_in_no_group
from lazyframe.record.groupby_keys import Grouping


class _Numbers(pandas.Series):
    """Numbers of groups, of which a group's own is all that there is to describe."""

    @property
    def _constructor(self) -> Any:
        return _Numbers

    def describe(self, *_: Any, **__: Any) -> Any:  # type: ignore[misc]  # for users of pandas it is final
        return pandas.Series(self.array if len(self) else [np.nan], index=["number"])


class _NumberedRows(pandas.DataFrame):
    """Rows whose columns are described so."""

    @property
    def _constructor(self) -> Any:
        return _NumberedRows

    @property
    def _constructor_sliced(self) -> Any:
        return _Numbers


def described_numbers(
    grouping: Grouping, computed: Sequence[Any], observed: bool, as_index: bool
) -> pandas.DataFrame:
    """The groups' numbers where pandas' ``describe`` puts what it says of each; NaN of those without rows."""
    shown: pandas.DataFrame = grouped_numbers(
        grouping, computed, observed, as_index, _NumberedRows
    ).describe()
    return shown


def grouped_numbers(
    grouping: Grouping,
    computed: Sequence[Any],
    observed: bool,
    as_index: bool = True,
    kind: type[pandas.DataFrame] = pandas.DataFrame,
) -> Any:
    """pandas' groups of one row for each group: its number, a float.

    Parameters
    ----------
    grouping : Grouping
        Whose keys pandas groups by.
    computed : sequence of array
        What the labels of its groups are made of.
    observed, as_index : bool
        As in ``groupby``.
    kind : type
        Of the frame of these rows.
    """
    keys = len(grouping.keys)
    columns = with_rows_in_no_group(grouping, computed[:keys], computed[keys:])
    groups = len(computed[0])
    numbers = np.arange(groups - len(columns[0]), groups, dtype=np.float64)
    rows: Any = kind(small_frame(grouping, columns).assign(number=numbers), copy=False)
    by = list(rows.columns[:keys])
    given = {"sort": grouping.group.sort, "dropna": grouping.dropna, "observed": observed}
    return rows.groupby(by if len(by) > 1 else by[0], as_index=as_index, **given)["number"]
