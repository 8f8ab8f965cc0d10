"""``agg`` of a frame: every reduction that it names, of every column, computed in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from lazyframe.api.fallbacks import laying_out
from lazyframe.api.recording import overriding, table_of
from lazyframe.record.computing import compute
from lazyframe.record.reducing import NUMBERS, plan
from lazyframe.record.table import Table
from passes.ir.values import Value


def _names(function: Any) -> list[str] | None:
    names = function if isinstance(function, list) else [function]
    known = names and all(isinstance(name, str) and name in NUMBERS for name in names)
    return names if known else None


def _wanted(table: Table, function: Any) -> list[tuple[Value, str]] | None:
    """Each column with each of the names of its reductions; None for anything else than names."""
    pairs: list[tuple[Value, str]] = []
    if isinstance(function, Mapping):
        for label, one in function.items():
            names, column = _names(one), table.column_named(label)
            if names is None or column is None:
                return None
            pairs += [(column, name) for name in names]
        return pairs
    names = _names(function)
    return None if names is None else [(column, name) for column in table.values() for name in names]


def recording_agg(theirs: Any) -> Any:
    """A frame's ``agg`` that, by names, has pandas find everything computed."""

    def record(self: Any, func: Any = None, axis: Any = 0) -> Any:
        if axis not in (0, "index") or isinstance(func, str):
            return NotImplemented  # of one name pandas calls the method of that name
        table = table_of(self)
        wanted = None if table is None else _wanted(table, func)
        if not wanted:
            return NotImplemented
        plans = [plan(name, column) for column, name in wanted]
        values = [value for planned in plans if planned is not None for value in planned.values]
        compute(values)
        # pandas asks for one reduction after another, and while `values` lives finds each computed
        with laying_out() if None not in plans else nullcontext():
            result = theirs(self, func)
        del values
        return result

    return overriding(theirs, record)
