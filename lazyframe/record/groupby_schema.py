"""What a group-by call gives, asked of pandas on one row and remembered: columns, dtypes, or an error."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.pandas_internals import zoned_array
from lazyframe.record.ask_once import ask_frozen, ask_once, freeze
from lazyframe.record.column_labels import remembered
from lazyframe.record.table import Table

_CATEGORY = pandas.CategoricalDtype([0])
_ORDERED = pandas.CategoricalDtype([0], ordered=True)


class Answer(NamedTuple):
    """A result's schema.

    Parameters
    ----------
    columns : pandas.Index or None
        Of a frame; None for a series.
    name : Hashable
        Of a series.
    dtypes : tuple
        One a column.
    """

    columns: pandas.Index | None
    name: Hashable
    dtypes: tuple[Any, ...]


_answers: dict[Hashable, Answer | None] = {}


def ask(key: Sequence[Any], call: Callable[[], Any]) -> Answer | None:
    """The schema of what ``call`` returns; None if it raises, warns, or gives something else.

    Parameters
    ----------
    key : sequence
        All that decides the answer.
    call : callable
        Makes one row of data and groups it.
    """
    return ask_once(_answers, key, lambda: _answer(call))


def ask_known(
    key: Hashable, call: Callable[[], Any], composed: Callable[[], Answer | None] = lambda: None
) -> Answer | None:
    """`ask`, by a key that tells all answers apart as it is, of what ``composed`` cannot put together."""
    return ask_frozen(_answers, key, lambda: composed() or _answer(call))


_signatures: dict[Hashable, object] = {}
_dtypes: dict[int, tuple[Any, Hashable]] = {}
"""By the addresses of dtypes, what stands for them: pandas takes long to compare its own."""

_MOST_SIGNATURES = 1024


def signature_of(table: Table) -> Hashable:
    """What stands for the labels, names and dtypes of a frame's columns in keys of questions.

    They are looked through once a table, and compared once for all tables that are alike.
    """
    columns = table.current_columns()
    if table.signature is None or table.signature[0] is not columns:
        index = columns.index()
        labels = remembered(index, "signature", lambda: freeze([list(index), list(index.names), index.dtype]))
        key = (labels, *[signature_of_dtype(dtype) for dtype in table.dtypes])
        if len(_signatures) >= _MOST_SIGNATURES:
            _signatures.clear()
        table.signature = (columns, _signatures.setdefault(key, object()))
    return table.signature[1]


def signature_of_dtype(dtype: Any) -> Hashable:
    """What stands for a dtype, all categories being one."""
    known = _dtypes.get(id(dtype))
    if known is None or known[0] is not dtype:
        if len(_dtypes) >= _MOST_SIGNATURES:
            _dtypes.clear()
        try:
            found = _signatures.setdefault(freeze(plain_dtype(dtype)), object())
        except TypeError:  # of a library whose dtypes have no hash
            found = object()
        known = _dtypes[id(dtype)] = (dtype, found)
    return known[1]


def _answer(call: Callable[[], Any]) -> Answer | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            result = call()
        except Exception:
            return None
    if isinstance(result, pandas.DataFrame):
        return Answer(result.columns, None, tuple(result.dtypes))
    if isinstance(result, pandas.Series):
        return Answer(None, result.name, (result.dtype,))
    return None


def plain_dtype(dtype: Any) -> Any:
    """``dtype``, or for categories one that stands for all of them, or all that have an order."""
    if not isinstance(dtype, pandas.CategoricalDtype):
        return dtype
    return _ORDERED if dtype.ordered else _CATEGORY


def one_row(dtype: Any, name: Hashable = None) -> pandas.Series:
    """A series of one row."""
    dtype = plain_dtype(dtype)
    if isinstance(dtype, np.dtype) and dtype.kind in "biufmM":
        return pandas.Series(np.ones(1, np.int64).astype(dtype), name=name, copy=False)
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return pandas.Series(zoned_array(np.ones(1, f"M8[{dtype.unit}]"), dtype), name=name)
    if isinstance(dtype, pandas.CategoricalDtype):
        return pandas.Series(pandas.Categorical.from_codes([0], dtype=dtype), name=name)
    return pandas.Series(["a" if isinstance(dtype, pandas.StringDtype) else None], dtype=dtype, name=name)


def one_row_frame(columns: pandas.Index, dtypes: Sequence[Any]) -> pandas.DataFrame:
    """A frame of one row."""
    frame = pandas.DataFrame({number: one_row(dtype) for number, dtype in enumerate(dtypes)})
    frame.columns = columns
    return frame
