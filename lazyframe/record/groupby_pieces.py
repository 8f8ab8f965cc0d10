"""Where pandas puts what it makes of each group: it is asked with one row of each, the group's number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lazyframe.record.groupby_index import small_frame, with_rows_in_no_group
from lazyframe.record.groupby_keys import Grouping


def grouped_numbers(
    grouping: Grouping, computed: Sequence[Any], observed: bool, as_index: bool = True
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
    """
    keys = len(grouping.keys)
    columns = with_rows_in_no_group(grouping, computed[:keys], computed[keys:])
    groups = len(computed[0])
    numbers = np.arange(groups - len(columns[0]), groups, dtype=np.float64)
    rows: Any = small_frame(grouping, columns)
    by = list(rows.columns)
    given = {"sort": grouping.group.sort, "dropna": grouping.dropna, "observed": observed}
    return rows.assign(number=numbers).groupby(by if len(by) > 1 else by[0], as_index=as_index, **given)[
        "number"
    ]
