"""What the names in an expression stand for: columns, labels of rows, and variables of the user's."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas

from lazyframe.api.expression_lines import FUNCTIONS, Line
from lazyframe.pandas_internals import GIVEN_NAMES, column_in_expressions
from lazyframe.record.column_labels import remembered
from lazyframe.record.row_labels import Level, RowLabels
from lazyframe.record.table import Table

_SCALARS = (
    bool, int, float, str, bytes, np.number, np.bool_, np.datetime64, np.timedelta64, pandas.Timestamp,
    pandas.Timedelta, datetime.datetime, datetime.date, datetime.timedelta, type(None), type(pandas.NaT),
    pandas.Series,
)  # fmt: skip
_MANY = (list, tuple, set, frozenset, np.ndarray)
_MOST_ITEMS = 10_000


def found_names(line: Line, table: Table) -> dict[str, int | Level] | None:
    """For each name of a line that there is the position of a column, or a level of the row labels.

    None where pandas has to look, or will find none.
    """
    levels = table.labels.names
    if len(levels) > 1 and len(set(levels)) < len(levels) - levels.count(None) + (None in levels):
        return None  # pandas looks at all of them, and at none by its name
    labels = table.current_columns()
    found: dict[str, Any] = {name: labels.position(name) for name in line.names}
    if None not in found.values() and labels.are_text():
        return found
    index = labels.index()
    if index.nlevels > 1:
        return None
    called: dict[Hashable, int] = remembered(index, "in expressions", lambda: _called(index))
    of_columns = [column_in_expressions(label) for label in index.names]
    rows = _levels_called(table.labels)
    for name in line.names:
        if name in called:
            found[name] = called[name]
        elif name in ("columns", "clevel_0", *of_columns):
            return None
        elif name in rows:
            found[name] = _level(rows[name], table.labels)
        elif name == line.target or name in FUNCTIONS:
            del found[name]
            continue
        if found[name] is None or found[name] == -1:
            return None
    return found


def _called(index: pandas.Index) -> dict[Hashable, int]:
    """The positions of columns by what pandas calls them in expressions, the last of each name."""
    twice = index.duplicated(keep=False)
    return {
        column_in_expressions(label): -1 if again else position
        for position, (label, again) in enumerate(zip(index, twice, strict=True))
    }


def _levels_called(labels: RowLabels) -> dict[Hashable, int]:
    names = [f"ilevel_{k}" if name is None else name for k, name in enumerate(labels.names)]
    called = {column_in_expressions(name): k for k, name in enumerate(names) if not isinstance(name, int)}
    called["index"] = 0 if len(names) == 1 else -1  # of several levels it is no column
    return called


def _level(number: int, labels: RowLabels) -> Level | None:
    """A level of the row labels; None where pandas has to look."""
    levels = labels.levels()
    return None if levels is None or number == -1 else levels[number]


def found_variables(line: Line, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """The variables of a line; None if one is missing, or might run code of the user's."""
    found = {}
    for name in line.variables:
        if name not in known:
            if name in GIVEN_NAMES:
                continue
            return None
        value = known[name]
        if not _is_data(value):
            return None
        found[name] = value
    return found


def _is_data(value: Any) -> bool:
    if isinstance(value, _MANY):
        if isinstance(value, np.ndarray):
            return value.ndim == 1 and value.dtype.kind in "biufmMU"
        return len(value) <= _MOST_ITEMS and all(isinstance(one, _SCALARS) for one in value)
    return isinstance(value, _SCALARS)
