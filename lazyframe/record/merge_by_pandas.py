"""Merges whose rows pandas pairs: it merges the keys, and all other columns wait."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.pandas_internals import frame_from_manager, merge_with_positions
from lazyframe.record.capture import capture
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.groupby_schema import signature_of
from lazyframe.record.merge_rows import Pairing, of_indexers, seen
from lazyframe.record.merge_schema import Merged, Side, ask_columns
from lazyframe.record.merge_sides import Request
from lazyframe.record.origin import warn
from lazyframe.record.row_labels import bind_labels, default_labels
from lazyframe.record.selection import pick_columns
from lazyframe.record.table import Table
from passes.ir.values import Value


def merge_by_pandas(
    left: Table, right: Table, asked: Request, kind: str = "merge", arguments: dict[str, Any] | None = None
) -> Table | None:
    """The merge of two tables, of whose keys pandas itself finds the pairs; None where it has to raise.

    pandas is given the columns that are keys, and those of their names on the other side, which it converts
    as well. The keys of the result are those that it shows.

    Parameters
    ----------
    left, right : Table
        The two sides.
    asked : Request
        A merge that has the same columns; among its keys may be arrays.
    kind : str
        Which function it is, as of `lazyframe.pandas_internals.merge_with_positions`.
    arguments : dict, optional
        Of that function, where it is another one than ``merge``.
    """
    sides = [
        _Shown.of(table, on, other)
        for table, on, other in (
            (left, asked.left_on, asked.right_on),
            (right, asked.right_on, asked.left_on),
        )
    ]
    by_labels = any(shown.on_index for shown in sides)
    answer = ask_columns(sides[0].side(), sides[1].side(), _of_one_row(asked.spelled), asked.indicator)
    if answer is None:
        return None
    frames = [shown.frame(by_labels) for shown in sides]
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            given = _arguments(asked) if arguments is None else arguments
            made, *indexers = merge_with_positions(frames[0], frames[1], given, kind)
        except Exception:
            return None
    pairing = of_indexers(
        (left.rows, right.rows), (indexers[0], indexers[1]), [len(frame) for frame in frames]
    )
    values = _columns(sides, pairing, answer, made)
    if None in values:
        return None
    for warning in warned:
        warn(str(warning.message), warning.category)
    return Table(pairing.rows, ColumnLabels(answer.columns), bind_labels(made.index.view()), values)


def is_array(key: Any) -> bool:
    """Whether a key of a merge is no label, but a value for each row."""
    return isinstance(key, (np.ndarray, pandas.api.extensions.ExtensionArray, pandas.Index, pandas.Series))


def _of_one_row(spelled: dict[str, Any]) -> dict[str, Any]:
    """Arguments for frames of one row, whose keys are 0."""
    found = dict(spelled)
    for name, dtype in (("left_on", np.int64), ("right_on", np.int32)):
        if name in spelled and spelled[name] is not None:
            keys = spelled[name] if isinstance(spelled[name], list) else [spelled[name]]
            if any(map(is_array, keys)):
                found[name] = [np.zeros(1, dtype) if is_array(key) else key for key in keys]
    return found


_VALIDATE = {(True, True): "1:1", (True, False): "1:m", (False, True): "m:1"}
"""By what has to be distinct."""


class _Shown(NamedTuple):
    """What pandas is shown of one side: columns at ``positions``, of which it finds the pairs."""

    table: Table
    positions: list[int]
    keys: list[int]
    on_index: bool

    @classmethod
    def of(cls, table: Table, on: Sequence[Any] | None, others: Sequence[Any] | None) -> _Shown:
        columns = list(table.current_columns().index())
        labels, other_labels = [[key for key in keys or () if not is_array(key)] for keys in (on, others)]
        own, all_labels = set(labels), {*labels, *other_labels}
        positions = [k for k, label in enumerate(columns) if label in all_labels]
        keys = [k for k in positions if columns[k] in own]
        on_index = on is None or any(label in table.labels.names for label in own)
        return cls(table, positions, keys, on_index)

    def side(self) -> Side:
        names = tuple(self.table.labels.names)
        return Side(
            self.table.current_columns().index(),
            self.table.dtypes,
            self.keys,
            signature_of(self.table),
            ([np.dtype(int)] * len(names), names),
        )

    def frame(self, with_labels: bool) -> pandas.DataFrame:
        shown = pick_columns(self.table, self.positions)
        if not with_labels:
            shown = shown.derived(labels=default_labels(shown.rows))
        return frame_from_manager(pandas.DataFrame, shown.manager())


def _arguments(asked: Request) -> dict[str, Any]:
    validate = _VALIDATE.get(asked.unique)
    how = {"how": asked.how, "sort": asked.sort, "indicator": asked.indicator or False, "validate": validate}
    return {**asked.spelled, **how}


def _columns(
    sides: Sequence[_Shown], pairing: Pairing, answer: Merged, made: pandas.DataFrame
) -> list[Value | None]:
    """The columns of the result: of what pandas was shown its own, one after the other."""
    held = capture(made)
    taken = iter(range(made.shape[1]))
    values: list[Value | None] = []
    for side, position in answer.sources:
        shown = sides[side]
        if position < 0 or position in shown.positions:
            values.append(held.read(next(taken)))
        else:
            values.append(seen(shown.table.value(position), pairing.sides[side], pairing.rows))
    values.extend(held.read(number) for number in taken)
    return values
