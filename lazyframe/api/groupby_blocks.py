"""Which columns of a grouped frame pandas aggregates as one array: they become narrow together, or none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import groupby, pairwise
from typing import Any

from lazyframe.api.groupby_asking import is_frame, table_as_grouped


def blocks_of(self: Any, positions: Sequence[int]) -> list[Hashable]:
    """What is equal for columns that are one array to pandas, in a frame that keeps its columns by dtype.

    Parameters
    ----------
    self : DataFrameGroupBy or SeriesGroupBy
        Lazy.
    positions : sequence of int
        Where in the frame the columns are; what is in it nowhere is alone.
    """
    table = table_as_grouped(self) if is_frame(self) else None
    if table is None:
        return [*positions]
    dtypes, grouped = table.dtypes, self._grouped
    if self._selection is not None or not any(grouped.in_frame):
        return [dtypes[position] for position in positions]
    columns = table.current_columns()
    keys = {
        columns.position(key.name)
        for key, inside in zip(grouped.grouping.keys, grouped.in_frame, strict=True)
        if inside
    }
    blocks = _without(dtypes, keys)
    return [blocks.get(position, position) for position in positions]


def _without(dtypes: Sequence[Any], keys: set[int | None]) -> dict[int, Hashable]:
    """The same of all columns but the keys: pandas drops these by slicing the arrays.

    Neighbours of one dtype stay one array where a single slice gives them.
    """
    place: dict[int, int] = {}
    seen: dict[Any, int] = {}
    for position, dtype in enumerate(dtypes):
        place[position] = seen.get(dtype, 0)
        seen[dtype] = place[position] + 1
    rest = [position for position in range(len(dtypes)) if position not in keys]
    blocks: dict[int, Hashable] = {}
    for _, run in groupby(rest, key=lambda position: dtypes[position]):
        positions = list(run)
        steps = {place[right] - place[left] for left, right in pairwise(positions)}
        for position in positions:
            blocks[position] = positions[0] if len(steps) < 2 else position
    return blocks
