"""What may be assigned to a column without computing it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import aligned_value, array_value, text_form
from lazyframe.record.array_form import known_length, length
from lazyframe.record.asking_pandas import at_rows
from lazyframe.record.capture import is_kernel_dtype
from lazyframe.record.constants import constant
from lazyframe.record.dictionaries import is_str
from lazyframe.record.row_labels import most_rows
from lazyframe.record.string_entries import bind_dictionary
from lazyframe.record.table import Table
from lazyframe.run.bindings import bind_array, bind_opaque
from passes.ir.rows import Filter, Range, Rows, Slice, Sort
from passes.ir.values import Gather, Value


def assigned_value(value: Any, table: Table) -> Value | None:
    """The column that ``frame[label] = value`` makes; None where pandas has to decide."""
    if isinstance(value, pandas.Series):
        return aligned_value(value, table)
    if type(value) is str:
        return _text(value, table.rows)
    chosen = text_form(value)
    if chosen is not None:
        (codes,) = chosen.columns
        return _picked(chosen.entries.tolist(), codes) if codes.rows is table.rows else None
    lazy = array_value(value)
    if lazy is not None:
        if lazy.rows is table.rows:
            return lazy
        fits = isinstance(lazy.rows, Range) and _has_rows(table.rows, length(lazy.rows))
        return at_rows(lazy, table.rows) if fits else None
    if isinstance(value, np.ndarray) or type(value) is list:
        is_known = value.ndim == 1 if isinstance(value, np.ndarray) else bool(value) and type(value[0]) is str
        made = _input(value) if is_known and _has_rows(table.rows, len(value)) else None
        return None if made is None else at_rows(made, table.rows)
    return constant(value, table.rows)


def _has_rows(rows: Rows, count: int) -> bool:
    """Whether there are so many rows; those that filters leave are counted, those of joins and groups not."""
    known = known_length(rows)
    if known is not None:
        return known == count
    if not _is_filtered(rows):
        return False
    return count <= (most_rows(rows) or 0) and length(rows) == count


def _is_filtered(rows: Rows) -> bool:
    while isinstance(rows, (Filter, Slice, Sort)):
        rows = rows.parent
    return isinstance(rows, Range)


def _input(value: np.ndarray | list[Any]) -> Value | None:
    if isinstance(value, list) or value.dtype.kind in "UO":
        return _made_by_pandas(value)
    if not is_kernel_dtype(value.dtype):
        return None
    if value.dtype.kind in "mM" and not _is_unit_of_pandas(value.dtype):
        return None
    return bind_array(value.copy())


def _text(value: str, rows: Rows) -> Value | None:
    """One string in every row."""
    zeros = constant(0, rows)
    return None if zeros is None else _picked([value], zeros)


def _picked(strings: list[str], codes: Value) -> Value:
    """In every row the string at its code."""
    return Gather(bind_dictionary(pandas.Series(strings).array), codes)


def _made_by_pandas(value: Any) -> Value | None:
    """The column of ``str`` that pandas makes of an array or list in a frame of its own, if it makes one."""
    frame = pandas.DataFrame(index=pandas.RangeIndex(len(value)))
    frame["column"] = value
    made: Any = frame["column"]
    return bind_opaque(made.array, "text") if is_str(made.dtype) else None


def _is_unit_of_pandas(dtype: np.dtype) -> bool:
    return np.datetime_data(dtype) in (("s", 1), ("ms", 1), ("us", 1), ("ns", 1))
