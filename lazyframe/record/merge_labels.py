"""Merge two tables by their row labels: ``join``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.groupby_schema import signature_of
from lazyframe.record.merge_missing import Positions
from lazyframe.record.merge_rows import Pairing, pair_rows
from lazyframe.record.merge_schema import Merged, Side, ask_merge
from lazyframe.record.row_labels import Level, RowLabels, bind_labels
from lazyframe.record.table import Table
from lazyframe.run.bindings import bind_array
from lazyframe.run.uniqueness import certainly_unique
from passes.ir.rows import Range


def merge_by_labels(
    left: Table, right: Table, how: str, spelled: dict[str, Any], unique: tuple[bool, bool] = (False, False)
) -> Table | None:
    """The merge of two tables on their indexes; None where pandas has to decide, or to raise.

    Parameters
    ----------
    left, right : Table
        What is merged.
    how : str
        One of `passes.ir.rows.JOIN_KINDS`.
    spelled : dict
        The arguments of ``pandas.merge`` that decide the columns.
    unique : tuple of bool
        Of which sides the labels have to be distinct.
    """
    one, other = [
        Side(
            table.current_columns().index(), table.dtypes, (), signature_of(table), ([np.dtype(int)], [None])
        )
        for table in (left, right)
    ]
    answer = ask_merge(one, other, spelled)
    if answer is None:
        return None
    if left.rows is right.rows and left.labels.same_as(right.labels) and not any(unique):
        return _side_by_side(left, right, answer, how)
    found = None if any(unique) else _looked_up(left, right, how)
    if found is None:
        found = _joined(left, right, how, unique)
    if found is None:
        return None
    pairing, labels = found
    values = [pairing.sides[side].seen((left, right)[side].value(at)) for side, at in answer.sources]
    if None in values:
        return None
    return Table(pairing.rows, ColumnLabels(answer.columns), labels, values)


def _side_by_side(left: Table, right: Table, answer: Merged, how: str) -> Table | None:
    """The columns of both, which have the same rows and labels, if no label is there twice."""
    index = left.labels.known()
    if index is None or not index.is_unique or (how == "outer" and not index.is_monotonic_increasing):
        return None
    labels = right.labels if how == "right" else left.labels
    values = [(left, right)[side].value(at) for side, at in answer.sources]
    return Table(left.rows, ColumnLabels(answer.columns), labels, values)


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


def _joined(
    left: Table, right: Table, how: str, unique: tuple[bool, bool]
) -> tuple[Pairing, RowLabels] | None:
    """What pandas makes of the two indexes, where the columns still wait."""
    indexes = [_index_of(table) for table in (left, right)]
    for index, must_be_unique in zip(indexes, unique, strict=True):
        if must_be_unique and not index.is_unique:
            return None
    one_index: Any = indexes[0]
    joined, one, other = one_index.join(indexes[1], how=how, return_indexers=True)
    pairing = _pairing((left, right), (one, other), [len(index) for index in indexes])
    if one is None and joined is indexes[0]:
        return pairing, left.labels
    if other is None and joined is indexes[1]:
        return pairing, right.labels
    return pairing, bind_labels(joined.view())


def _index_of(table: Table) -> pandas.Index:
    known = table.index
    return table.labels.build(compute(table.labels.parts)) if known is None else known


def _pairing(tables: tuple[Table, Table], indexers: tuple[Any, Any], lengths: Sequence[int]) -> Pairing:
    rows = Range(lengths[0] if indexers[0] is None else len(indexers[0]))
    sides = []
    for table, indexer, length in zip(tables, indexers, lengths, strict=True):
        if indexer is None and table.rows is rows:
            sides.append(Positions(None, False))
            continue
        array = np.arange(length) if indexer is None else np.asarray(indexer, np.int64)
        sides.append(Positions(bind_array(array, "positions"), bool((array < 0).any())))
    return Pairing(rows, (sides[0], sides[1]))
