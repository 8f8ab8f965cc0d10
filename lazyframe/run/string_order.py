"""Sort strings by their bytes, a few at a time, as integers: what NumPy sorts in vectors.

Where most strings are distinct this finds their order, and which are equal, in less time than it takes to
put them into a hash table.
"""

from __future__ import annotations

from typing import Any

import numpy as np

MOST_ROWS = 1 << 24
"""So many numbers of runs fit beside five bytes."""

_FIRST_BYTES = 8
_MORE_BYTES = 5
_ABOVE = np.uint64(8 * _MORE_BYTES)


def string_order(strings: Any) -> tuple[np.ndarray, np.ndarray]:
    """The order of strings by their code points.

    Parameters
    ----------
    strings : pyarrow.Array
        Of at most `MOST_ROWS` strings, none of them missing.

    Returns
    -------
    order : numpy.ndarray
        Positions, of equal strings in any order.
    is_new : numpy.ndarray
        In that order, whether a string is another one than the one before it.
    """
    bytes_at = _Bytes(strings)
    rows = len(strings)
    first = bytes_at.read(np.arange(rows), 0)
    order = np.argsort(first)
    is_new = _steps(first[order])
    depth = _FIRST_BYTES
    while depth < bytes_at.longest and len(tied := _tied(is_new)):
        # the runs of strings that are equal so far stay apart: their number comes before the next bytes
        among = order[tied]
        run = np.cumsum(is_new[tied]).astype(np.uint64)
        keys = (run << _ABOVE) | (bytes_at.read(among, depth) >> (np.uint64(64) - _ABOVE))
        by_key = np.argsort(keys)
        order[tied] = among[by_key]
        is_new[tied] = _steps(keys[by_key])
        depth += _MORE_BYTES
    if len(tied := _tied(is_new)):
        # behind its end a string was read as zeros, which another one may have
        among, run = order[tied], np.cumsum(is_new[tied])
        lengths = bytes_at.lengths[among]
        by_key = np.lexsort((lengths, run))
        order[tied] = among[by_key]
        is_new[tied] = _steps(lengths[by_key]) | _steps(run[by_key])
    return order, is_new


def _steps(keys: np.ndarray) -> np.ndarray:
    """Where a key is another one than the one before it."""
    found = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=found[1:])
    return found


def _tied(is_new: np.ndarray) -> np.ndarray:
    """The positions of those that have an equal beside them."""
    tied = ~is_new
    tied[:-1] |= tied[1:]
    return np.flatnonzero(tied)


class _Bytes:
    """The bytes of strings, eight at a time."""

    def __init__(self, strings: Any) -> None:
        import pyarrow

        _, offsets, data = strings.buffers()
        kind = np.int64 if pyarrow.types.is_large_string(strings.type) else np.int32
        ends = np.frombuffer(offsets, kind)[strings.offset : strings.offset + len(strings) + 1].astype(
            np.int64
        )
        self._starts = ends[:-1] - ends[0]
        self.lengths = np.diff(ends)
        self.longest = int(self.lengths.max()) if len(strings) else 0
        size = int(ends[-1] - ends[0])
        padded = np.zeros(size + 8, np.uint8)
        if size:
            padded[:size] = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
        self._words = np.ndarray((size + 1,), ">u8", padded, strides=(1,))

    def read(self, rows: np.ndarray, depth: int) -> np.ndarray:
        """Eight bytes of some strings, from ``depth`` on, as one integer; zeros behind the end."""
        left = np.clip(self.lengths[rows] - depth, 0, 8)
        at = np.minimum(self._starts[rows] + depth, len(self._words) - 1)
        kept = ~np.uint64(0) << ((8 - np.maximum(left, 1)) * 8).astype(np.uint64)
        kept[left == 0] = 0
        found: np.ndarray = self._words[at].astype(np.uint64) & kept
        return found
