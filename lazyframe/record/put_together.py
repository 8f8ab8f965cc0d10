"""Columns one behind the other as one input of strings or objects, made when somebody needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
import pandas

from lazyframe.record.capture import dtype_of
from lazyframe.record.dictionaries import end_to_end
from lazyframe.record.text_objects import is_objects
from lazyframe.run.bindings import bind_late, bind_opaque, bound_to, data_of
from lazyframe.run.late import Fetching, LateColumn, MadeSource
from passes.ir.values import OPAQUE, Read

_made: WeakKeyDictionary[Read, ref[Read]] = WeakKeyDictionary()

_ENTRY_BYTES = 16
"""Of text, about."""

_BYTES_ALONE = 1 << 19
"""What is put together sooner than another thread begins."""


class _Together(MadeSource):
    """The entries of inputs, put together when somebody needs them."""

    def __init__(self, reads: Sequence[Read], of_one_dtype: bool) -> None:
        self.reads = reads
        self.of_one_dtype = of_one_dtype

    @property
    def name(self) -> str:
        return "entries"

    def fetch(self, columns: Sequence[LateColumn]) -> list[Any]:
        arrays = [data_of(read.token) for read in self.reads]
        if not self.of_one_dtype:
            arrays = [
                pandas.Series(array, dtype=array.dtype, copy=False).astype(object).to_numpy()
                for array in arrays
            ]
        # of an object array of strings a series would be of str
        together = np.concatenate(arrays) if all(map(is_objects, arrays)) else end_to_end(*arrays)
        return [together for _ in columns]

    def start(self, columns: Sequence[LateColumn]) -> Fetching:
        size = columns[0].rows * _ENTRY_BYTES
        if size < _BYTES_ALONE:
            return super().start(columns)
        found: list[Any] = []
        return Fetching([(size, lambda: found.extend(self.fetch(columns)))], lambda: found)


def put_together(reads: Sequence[Read], dtype: Any = None) -> Read:
    """Inputs of one opaque dtype, each behind the one before, as one.

    Parameters
    ----------
    reads : sequence of Read
        The inputs.
    dtype : dtype, optional
        What pandas makes of inputs that are of several dtypes, none of them a category.
    """
    if dtype is None:
        dtype, reads = dtype_of(reads[0]), [part for read in reads for part in _parts(read)]
        source = _Together(reads, of_one_dtype=True)
    else:
        source = _Together(reads, of_one_dtype=False)
    rows = sum([read.rows.extent for read in reads])  # type: ignore[attr-defined]  # an input is over a Range
    return bind_late(LateColumn(source, "entries", OPAQUE, dtype, rows))


def _parts(read: Read) -> Sequence[Read]:
    bound = bound_to(read.token)
    source = bound.source if isinstance(bound, LateColumn) else None
    return source.reads if isinstance(source, _Together) and source.of_one_dtype else [read]


def missing_entry(dtype: Any) -> Any:
    """An array of the one missing value that pandas fills a column of objects or of its own dtypes with.

    None where it changes the dtype, as that of intervals between integers.
    """
    if dtype == np.dtype(object):
        return np.array([np.nan], object)
    try:
        return pandas.array([None], dtype=dtype)
    except (TypeError, ValueError):
        return None


def one_object_more(read: Read, value: Any) -> Read:
    """An input of Python's objects with one more behind the others."""
    return put_together([read, bind_opaque(np.array([value], object), "object")])


def one_missing_more(read: Read) -> Read | None:
    """An opaque input with a missing entry behind the others, the same each time; None if there is none."""
    known = _made.get(read)
    found = None if known is None else known()
    if found is None:
        missing = missing_entry(dtype_of(read))
        if missing is None:
            return None
        found = put_together([read, bind_opaque(missing, "missing")])
        _made[read] = ref(found)
    return found
