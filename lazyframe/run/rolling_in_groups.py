"""Windows of so many rows of each group: pandas' own, told where each one begins and ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.indexers import BaseIndexer

from lazyframe import settings
from lazyframe.run import morsels
from lazyframe.run.sorts import sort_positions


class _Windows(BaseIndexer):
    """Windows that are known: ``starts`` and ``ends``, one a row."""

    starts: np.ndarray
    ends: np.ndarray

    def get_window_bounds(
        self,
        num_values: int = 0,
        min_periods: int | None = None,
        center: bool | None = None,
        closed: str | None = None,
        step: int | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        return self.starts, self.ends


def roll_in_groups(
    column: np.ndarray, numbers: np.ndarray, name: str, rows: int, least: int | None
) -> np.ndarray:
    """Something of each row and those before it in its group, ``rows`` in all, as float64.

    Parameters
    ----------
    column : numpy.ndarray
        Numbers.
    numbers : numpy.ndarray
        int64, each row's group.
    name : str
        One of `passes.ir.type_rules.ROLLING`.
    rows : int
        As many as a window has; all before it where there are no more.
    least : int, optional
        So many must have a value, or the result is NaN; by default all.
    """
    order: Any = slice(None)
    if not bool((numbers[1:] >= numbers[:-1]).all()):
        order = sort_positions([numbers], [True])
    groups = numbers[order]
    firsts = np.zeros(len(groups), np.int64)
    begins = np.flatnonzero(groups[1:] != groups[:-1]) + 1
    firsts[begins] = begins
    ends = np.arange(1, len(groups) + 1)
    starts = np.maximum(np.maximum.accumulate(firsts), ends - rows)
    values, found, result = column[order], np.empty(len(groups)), np.empty(len(groups))
    cuts = _cuts(begins, len(groups))

    def work_on(part: int) -> None:
        low, high = cuts[part], cuts[part + 1]
        windows: Any = _Windows(window_size=rows, starts=starts[low:high] - low, ends=ends[low:high] - low)
        series = pd.Series(values[low:high], copy=False)
        rolling = series.rolling(windows, min_periods=rows if least is None else least)
        found[low:high] = getattr(rolling, name)().to_numpy()

    morsels.run([range(k, k + 1) for k in range(len(cuts) - 1)], work_on, settings.current().threads)
    result[order] = found
    return result


_PART_ROWS = 1 << 16


def _cuts(begins: np.ndarray, rows: int) -> list[int]:
    """Where rows are cut so that each group is in one part: each window is of a group's own rows."""
    near = np.searchsorted(begins, np.arange(_PART_ROWS, rows, _PART_ROWS))
    inside = np.unique(begins[near[near < len(begins)]])
    return [0, *inside.tolist(), rows]
