"""What rows are sorted by in the order of their labels: ``sort_index``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lazyframe.record.capture import dtype_of
from lazyframe.record.column_index import ColumnIndex
from lazyframe.record.dictionaries import follow, source_of
from lazyframe.record.dropped_levels import DroppedLevels
from lazyframe.record.elementwise import BOOL, INT64, apply, cast, literal, select
from lazyframe.record.groupby_index import GroupLabels
from lazyframe.record.row_labels import BoundLabels, RowLabels, codes_of_level
from lazyframe.run.bindings import data_of
from passes.ir.values import OPAQUE, Read, Value


def levels_in_order(
    labels: RowLabels, numbers: Sequence[int], ways: Sequence[bool], missing_last: bool
) -> list[Value] | None:
    """For each of some levels a column in the order of its values; None where pandas has to compare.

    Parameters
    ----------
    labels : RowLabels
        Of several levels.
    numbers : sequence of int
        The positions of the levels.
    ways : sequence of bool
        For each whether it ascends.
    missing_last : bool
        Whether a missing label comes behind all others, whichever way these go.
    """
    source = source_of(labels.value) if isinstance(labels, BoundLabels) else None
    if isinstance(labels, BoundLabels) and source is not None:
        pairs = zip(numbers, ways, strict=True)
        return [follow(labels.value, source, _codes(source, k, missing_last == up)) for k, up in pairs]
    if isinstance(labels, ColumnIndex):
        columns = labels.compared()
        is_known = all(dtype_of(columns[k]) != OPAQUE for k in numbers)
        return [columns[k] for k in numbers] if is_known else None
    levels = labels.levels()
    return None if levels is None else [levels[k].value for k in numbers]


def _codes(source: Read, number: int, missing_behind: bool) -> Value:
    """The codes of a level of an Index, those of missing labels before or behind all others."""
    codes = codes_of_level(source, number)
    index = data_of(source.token)
    if not missing_behind or not (np.asarray(index.codes[number]) < 0).any():
        return codes
    behind = literal(len(index.levels[number]), INT64)
    missing = apply("less", codes, literal(0, codes.dtype), dtype=BOOL)
    return select(missing, behind, cast(codes, INT64))


def keeps_levels(labels: RowLabels) -> bool:
    """Whether the values of each level ascend, so that pandas leaves them as they are as rows are sorted."""
    if isinstance(labels, GroupLabels):
        grouping = labels.grouping
        # a missing key that makes a group is a value of its level, and larger than all others
        has_missing = not grouping.dropna and any(key.may_be_missing for key in grouping.keys)
        return grouping.group.sort and not has_missing
    if isinstance(labels, ColumnIndex):
        return True
    if isinstance(labels, DroppedLevels):
        return keeps_levels(labels.whole)
    source = source_of(labels.value) if isinstance(labels, BoundLabels) else None
    index: Any = labels.known() if source is None else data_of(source.token)
    return index is not None and all(level.is_monotonic_increasing for level in index.levels)
