"""Where the columns of a merged frame come from: pandas is asked, on one row, and the answer remembered."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas

from lazyframe.record.ask_once import ask_once
from lazyframe.record.groupby_schema import one_row, one_row_frame

_FIRST_MARK = 1 << 20


@dataclass(frozen=True, slots=True)
class Merged:
    """The columns of a result.

    Parameters
    ----------
    columns : pandas.Index
        Their labels.
    sources : tuple of (int, int)
        For each column the side (0: left, 1: right) and the position there.
    """

    columns: pandas.Index
    sources: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the merged frames, as far as the columns of the result depend on it."""

    columns: pandas.Index
    dtypes: Sequence[Any]
    keys: Sequence[int]
    index: tuple[Any, Hashable] | None = None
    """The dtype and name of the index, where that is the key."""


_answers: dict[Hashable, Merged | None] = {}


def ask_merge(left: Side, right: Side, arguments: dict[str, Any]) -> Merged | None:
    """The columns of an inner merge; None if pandas raises, warns, or gives columns of other dtypes.

    Parameters
    ----------
    left, right : Side
        With the positions of the key columns, pair by pair.
    arguments : dict
        Of ``pandas.merge``, beside the frames.
    """
    key = [_frozen(left), _frozen(right), arguments]
    return ask_once(_answers, key, lambda: _merged(left, right, arguments))


def _merged(left: Side, right: Side, arguments: dict[str, Any]) -> Merged | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return _answer(left, right, arguments)
        except Exception:
            return None


def _frozen(side: Side) -> list[Any]:
    columns = side.columns
    dtypes = [str(dtype) if isinstance(dtype, np.dtype) else dtype for dtype in side.dtypes]
    index = None if side.index is None else [str(side.index[0]), side.index[1]]
    return [list(columns), list(columns.names), str(columns.dtype), dtypes, list(side.keys), index]


def _answer(left: Side, right: Side, arguments: dict[str, Any]) -> Merged | None:
    marked = _marked(left, np.int64).merge(_marked(right, np.int32), **arguments)
    sources = tuple([_source(marked.iloc[:, k], left, right) for k in range(marked.shape[1])])
    real = _real(left).merge(_real(right), **arguments)
    if len(real) != 1 or not real.columns.equals(marked.columns):
        return None
    frames = [one_row_frame(side.columns, side.dtypes) for side in (left, right)]
    expected = [frames[side].dtypes.iloc[position] for side, position in sources]
    return Merged(real.columns, sources) if list(real.dtypes) == expected else None


def _real(side: Side) -> pandas.DataFrame:
    frame = one_row_frame(side.columns, side.dtypes)
    if side.index is not None:
        dtype, name = side.index
        frame.index = pandas.Index(one_row(dtype), name=name)
    return frame


def _marked(side: Side, dtype: type) -> pandas.DataFrame:
    """One row, whose keys are their numbers, and other values tell the column; the dtype tells the side."""
    values = np.arange(len(side.columns)) + _FIRST_MARK
    values[list(side.keys)] = np.arange(len(side.keys))
    frame = pandas.DataFrame(values[None, :].astype(dtype))
    frame.columns = side.columns
    if side.index is not None:
        frame.index = pandas.Index([0], name=side.index[1])
    return frame


def _source(column: pandas.Series, left: Side, right: Side) -> tuple[int, int]:
    number = int(column.dtype == np.int32)
    side, mark = (left, right)[number], int(column.iloc[0])
    return number, side.keys[mark] if mark < _FIRST_MARK else mark - _FIRST_MARK
