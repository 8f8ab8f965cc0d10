"""Merge two tables by their row labels: ``join``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.groupby_schema import signature_of
from lazyframe.record.merge_missing import Positions
from lazyframe.record.merge_rows import Pairing, of_indexers, pair_rows
from lazyframe.record.merge_schema import Side, ask_merge
from lazyframe.record.merge_sides import Keyed, Request
from lazyframe.record.merging import side_by_side
from lazyframe.record.row_labels import Level, RowLabels, bind_labels
from lazyframe.record.table import Table
from lazyframe.run.uniqueness import certainly_unique


def merge_by_labels(left: Table, right: Table, asked: Request) -> Table | None:
    """The merge of two tables on their indexes; None where pandas has to decide, or to raise."""
    one, other = [
        Side(
            table.current_columns().index(), table.dtypes, (), signature_of(table), ([np.dtype(int)], [None])
        )
        for table in (left, right)
    ]
    if asked.how.endswith("_anti") and asked.indicator is not None:
        return None
    answer = ask_merge(one, other, asked.spelled, asked.indicator)
    if answer is None:
        return None
    found = _paired(left, right, asked)
    if found is None:
        return None
    pairing, labels = found
    sides = [Keyed(table, [], (), (), {}) for table in (left, right)]
    return side_by_side(sides[0], sides[1], pairing, answer, labels, asked)


def _paired(left: Table, right: Table, asked: Request) -> tuple[Pairing, RowLabels] | None:
    found = None
    if not asked.sort and not any(asked.unique):
        found = _same(left, right, asked.how) or _looked_up(left, right, asked.how)
    return found or _joined(left, right, asked)


def _same(left: Table, right: Table, how: str) -> tuple[Pairing, RowLabels] | None:
    """The rows of both, which have the same labels, if no label is there twice."""
    if left.rows is not right.rows or not left.labels.same_as(right.labels):
        return None
    index = left.labels.known()
    if index is None or not index.is_unique or (how == "outer" and not index.is_monotonic_increasing):
        return None
    everywhere = Positions(None, False)
    return Pairing(left.rows, (everywhere, everywhere)), right.labels if how == "right" else left.labels


def _looked_up(left: Table, right: Table, how: str) -> tuple[Pairing, RowLabels] | None:
    """The rows and labels of the side that is kept, if the other's labels are known to be distinct."""
    if how not in ("left", "right"):
        return None
    kept = left if how == "left" else right
    levels: list[list[Level]] = [table.labels.levels() or [] for table in (left, right)]
    if any(len(found) != 1 for found in levels):
        return None
    keys = [found[0].value for found in levels]
    if keys[0].dtype != keys[1].dtype or keys[0].dtype.kind not in "iu":
        return None
    if not certainly_unique([keys[1 if kept is left else 0]]):
        return None
    pairing = pair_rows(left.rows, right.rows, [keys[0]], [keys[1]], how)
    return None if pairing is None or pairing.rows is not kept.rows else (pairing, kept.labels)


def _joined(left: Table, right: Table, asked: Request) -> tuple[Pairing, RowLabels] | None:
    """What pandas makes of the two indexes, where the columns still wait."""
    indexes = [_index_of(table) for table in (left, right)]
    for index, must_be_unique in zip(indexes, asked.unique, strict=True):
        if must_be_unique and not index.is_unique:
            return None
    one_index: Any = indexes[0]
    how = asked.how.removesuffix("_anti")
    joined, one, other = one_index.join(indexes[1], how=how, return_indexers=True, sort=asked.sort)
    pairing = of_indexers((left.rows, right.rows), (one, other), [len(index) for index in indexes])
    if one is None and joined is indexes[0] and pairing.rows is left.rows:
        return pairing, left.labels
    if other is None and joined is indexes[1] and pairing.rows is right.rows:
        return pairing, right.labels
    return pairing, bind_labels(joined.view())


def _index_of(table: Table) -> pandas.Index:
    known = table.index
    return table.labels.build(compute(table.labels.parts)) if known is None else known
