"""Whether values of inputs are missing, which are looked through once."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas

from lazyframe.record.dictionaries import source_of
from lazyframe.run.bindings import bound_to, data_of
from lazyframe.run.late import LateColumn
from passes.ir.values import OPAQUE, Read, Value

_missing: WeakKeyDictionary[Read, bool] = WeakKeyDictionary()

_FIRST = 4096
"""Rows among which a missing value is found at once, where there are many."""


def holds_missing(source: Read) -> bool:
    """Whether a value of an input is missing: a file is asked first, and otherwise the input read."""
    found = _missing.get(source)
    if found is None:
        late = bound_to(source.token)
        # of numbers and times a file does not count those that stand for a missing one
        counted = isinstance(late, LateColumn) and source.dtype == OPAQUE
        count = late.missing_count() if counted else None
        found = _any_missing(data_of(source.token)) if count is None else count > 0
        _missing[source] = found
    return found


def _any_missing(data: Any) -> bool:
    if not isinstance(data, np.ndarray):  # Arrow's arrays count what is missing once, and not for a part
        return bool(pandas.isna(data).any())
    return bool(pandas.isna(data[:_FIRST]).any()) or bool(pandas.isna(data[_FIRST:]).any())


def is_never_missing(column: Value) -> bool:
    """Whether a column consists of rows of an input of which none is missing; nothing is read of a file."""
    source = source_of(column)
    if source is None:
        return False
    late = bound_to(source.token)
    if isinstance(late, LateColumn) and source not in _missing:
        return source.dtype == OPAQUE and late.missing_count() == 0
    return not holds_missing(source)
