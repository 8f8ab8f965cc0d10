"""Where the columns of a merged frame come from: pandas is asked, on one row, and the answer remembered."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.record.ask_once import ask_once
from lazyframe.record.groupby_schema import one_row, one_row_frame, plain_dtype

_FIRST_MARK = 1 << 20


class Merged(NamedTuple):
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
    """One of the merged frames, as far as the columns of the result depend on it.

    ``signature`` stands for the columns and the dtypes.
    """

    columns: pandas.Index
    dtypes: Sequence[Any]
    keys: Sequence[int]
    signature: Hashable
    index: tuple[Sequence[Any], Sequence[Hashable]] | None = None
    """The dtypes and names of the levels of the index, where these are the keys."""


_answers: dict[Hashable, Merged | None] = {}
_columns: dict[Hashable, Merged | None] = {}


def ask_merge(
    left: Side, right: Side, arguments: dict[str, Any], indicator: str | None = None
) -> Merged | None:
    """The columns of an inner merge; None if pandas raises, warns, or gives columns of other dtypes.

    Parameters
    ----------
    left, right : Side
        With the positions of the key columns, pair by pair.
    arguments : dict
        Of ``pandas.merge``, beside the frames.
    indicator : str, optional
        The label of one more column, which has no source.
    """
    key = [_frozen(left), _frozen(right), arguments, indicator]
    return ask_once(_answers, key, lambda: _merged(left, right, arguments, indicator))


def _merged(left: Side, right: Side, arguments: dict[str, Any], indicator: str | None) -> Merged | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = _answer(left, right, arguments)
            if found is None or indicator is None:
                return found
            columns = _real(left).merge(_real(right), **arguments, indicator=indicator).columns
            return Merged(columns, found.sources) if columns[:-1].equals(found.columns) else None
        except Exception:
            return None


def ask_columns(
    left: Side, right: Side, arguments: dict[str, Any], indicator: str | None = None
) -> Merged | None:
    """The columns of a merge whatever the dtypes of its keys; None if pandas raises.

    Parameters
    ----------
    left, right : Side
        With the positions of the key columns, and the levels of the index, whether these are keys or not.
    arguments, indicator
        As of `ask_merge`.

    Returns
    -------
    Merged or None
        The position of a key is -1; without a source for the column that is the indicator.
    """
    named = {
        name: [("array",) if isinstance(key, np.ndarray) else key for key in keys]
        if isinstance(keys, list)
        else keys
        for name, keys in arguments.items()
    }
    key = [_frozen(left), _frozen(right), named, indicator]
    return ask_once(_columns, key, lambda: _columns_of(left, right, arguments, indicator))


def _columns_of(left: Side, right: Side, arguments: dict[str, Any], indicator: str | None) -> Merged | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            one, other = _marked(left, np.int64, alike=True), _marked(right, np.int32, alike=True)
            made = one.merge(other, **arguments)
            if indicator is None:
                columns = made.columns
            else:
                columns = one.merge(other, **arguments, indicator=indicator).columns
                if not columns[:-1].equals(made.columns):
                    return None  # it is put in the place of another
        except Exception:
            return None
    shown = [made.iloc[:, number] for number in range(made.shape[1])]
    return Merged(columns, tuple([_origin(column) for column in shown]))


def _frozen(side: Side) -> list[Any]:
    index = None if side.index is None else [[plain_dtype(dtype) for dtype in side.index[0]], *side.index[1]]
    return [side.signature, *side.keys, index]


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
    for position in side.keys:
        frame.isetitem(position, _one_key(side.dtypes[position]))
    if side.index is not None:
        dtypes, names = side.index
        frame.index = _index([_one_key(dtype) for dtype in dtypes], names)
    return frame


def _one_key(dtype: Any) -> Any:
    """One row of a key, equal to that of the other side: at any unit the same date."""
    is_date = isinstance(dtype, np.dtype) and dtype.kind == "M"
    return np.zeros(1, dtype) if is_date else one_row(dtype)


def _index(levels: Sequence[Any], names: Sequence[Hashable]) -> pandas.Index:
    if len(levels) == 1:
        index: pandas.Index = pandas.Index(levels[0], name=names[0])
        return index
    return pandas.MultiIndex.from_arrays(levels, names=list(names))


def _marked(side: Side, dtype: type, alike: bool = False) -> pandas.DataFrame:
    """One row, whose keys are their numbers, and other values tell the column; the dtype tells the side.

    Keys that are ``alike`` are 0, and so are the levels of the index.
    """
    values = np.arange(len(side.columns)) + _FIRST_MARK
    values[list(side.keys)] = 0 if alike else np.arange(len(side.keys))
    frame = pandas.DataFrame(values[None, :].astype(dtype))
    frame.columns = side.columns
    if side.index is not None:
        dtypes, names = side.index
        frame.index = _index([[0 if alike else number] for number in range(len(dtypes))], names)
    return frame


def _source(column: pandas.Series, left: Side, right: Side) -> tuple[int, int]:
    number, position = _origin(column)
    return number, position if position >= 0 else (left, right)[number].keys[int(column.iloc[0])]


def _origin(column: pandas.Series) -> tuple[int, int]:
    """The side and the position there that a column of marks tells; -1 for a key's."""
    return int(column.dtype == np.int32), max(int(column.iloc[0]) - _FIRST_MARK, -1)
