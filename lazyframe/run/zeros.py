"""Find out which inputs hold a zero that is negative, where a group's key depends on it."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from lazyframe.run import streaming
from lazyframe.run.bindings import bound_to
from lazyframe.run.late import LateColumn
from passes.ir.node import Token
from passes.ir.values import Read

_PIECE = 1 << 16
_known: WeakKeyDictionary[Token, bool] = WeakKeyDictionary()


def may_hold_negative_zero(read: Read) -> bool:
    """Whether -0.0 may be among the floats of an input.

    An array is looked at, once as long as it is bound; of a column in a file its statistics are, and itself
    where it was read before or is small.
    """
    known = _known.get(read.token)
    if known is not None:
        return known
    bound = bound_to(read.token)
    if not isinstance(bound, LateColumn):
        arrays = [bound]
    elif not _may_be_zero_by_statistics(bound):
        arrays = []
    else:
        arrays = _read_before(bound)
        if not arrays:
            return True  # it may be known another time
    _known[read.token] = any(_holds_one(array) for array in arrays)
    return _known[read.token]


def _read_before(column: LateColumn) -> list[np.ndarray]:
    """The data of a column of a file, in pieces, if it costs nothing to speak of; else nothing."""
    pieces = column.kept_pieces()
    if pieces is not None:
        return pieces
    small = column.rows * column.dtype.itemsize <= streaming.SMALL_COLUMN_BYTES
    array = column.whole() if small else column.held()
    return [] if array is None else [np.asarray(array)]


def _may_be_zero_by_statistics(column: LateColumn) -> bool:
    for piece in range(len(column.source.pieces)):
        bounds = column.source.bounds(column, piece)
        if bounds is None or not (bounds.low > 0 or bounds.high < 0):
            return True
    return not column.source.pieces


def _holds_one(array: np.ndarray) -> bool:
    for first in range(0, len(array), _PIECE):
        piece = array[first : first + _PIECE]
        if np.signbit(piece[piece == 0]).any():
            return True
    return False
