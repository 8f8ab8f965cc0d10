"""Rows of arrays that no kernel can hold, by their positions.

pyarrow puts the chunks of a column end to end before it takes from them.  A file's column has a chunk for
every 130,000 rows or so, and a query wants few of these: so each chunk gives its own rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.pandas_internals import arrow_strings, strings_from_arrow
from lazyframe.run import morsels
from lazyframe.run.memory import borrow

_TAKEN_AT_ONCE = 1 << 17
"""Numbers that a thread takes in a fraction of a millisecond."""

_WORTH_SORTING = 4
"""Rows in any order are sorted by chunk, and put back, where they are no more than this part of all."""


def take(data: Any, positions: np.ndarray) -> Any:
    """``data.take(positions)``.

    Parameters
    ----------
    data : pandas extension array, numpy.ndarray or pandas.Index
        Of any length.
    positions : numpy.ndarray
        Integers, all in range.
    """
    chunked = arrow_strings(data)
    if chunked is not None and _are_all(positions, len(chunked)):
        return strings_from_arrow(chunked, data.dtype)  # which nobody writes to
    if chunked is None or chunked.num_chunks <= 1 or not 0 < len(positions) < len(chunked):
        return data.take(positions)
    ascending = bool((positions[1:] >= positions[:-1]).all())
    if not ascending and len(positions) * _WORTH_SORTING > len(chunked):
        return data.take(positions)
    starts = np.cumsum([0, *[len(chunk) for chunk in chunked.chunks]])
    if ascending:
        return strings_from_arrow(_by_chunk(chunked, starts, positions, positions), data.dtype)
    chunk_of = np.searchsorted(starts, positions, side="right") - 1
    order = np.argsort(chunk_of.astype(np.min_scalar_type(chunked.num_chunks)), kind="stable")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    found = _by_chunk(chunked, starts, positions[order], starts[chunk_of[order]])
    return strings_from_arrow(found.take(places), data.dtype)


def take_numbers(array: np.ndarray, positions: np.ndarray | slice) -> np.ndarray:
    """``array[positions]`` of one dimension, by several threads where that is much."""
    found: np.ndarray
    if isinstance(positions, slice) or len(positions) < 2 * _TAKEN_AT_ONCE or array.dtype == object:
        found = array[positions]
        return found
    found = borrow(len(positions), array.dtype)
    cuts = [*range(0, len(positions), _TAKEN_AT_ONCE), len(positions)]

    def one(part: int) -> None:
        some = slice(cuts[part], cuts[part + 1])
        # all are in range: clipping is what lets NumPy write to its destination at once
        np.take(array, positions[some], out=found[some], mode="clip")

    morsels.run([range(part, part + 1) for part in range(len(cuts) - 1)], one, settings.current().threads)
    return found


def _are_all(positions: np.ndarray, rows: int) -> bool:
    """Whether these are the positions of all rows, in order, as after a merge that leaves all of them."""
    if len(positions) != rows or not rows or positions[0] != 0 or positions[-1] != rows - 1:
        return False
    return bool((positions[1:] > positions[:-1]).all())


def _by_chunk(chunked: Any, starts: np.ndarray, positions: np.ndarray, ascending: np.ndarray) -> Any:
    """The values at positions that are in the order of the chunks, which ``ascending`` numbers tell apart."""
    import pyarrow

    bounds = np.searchsorted(ascending, starts)
    pieces = [
        chunk.take(pyarrow.array(positions[low:high] - start))
        for chunk, start, low, high in zip(chunked.chunks, starts, bounds, bounds[1:], strict=False)
        if low < high
    ]
    return pyarrow.concat_arrays(pieces)
