"""Sort rows by their keys: packed into one integer with the row's number, and these integers are sorted.

NumPy sorts integers of 64 bits many times faster than it finds the order of anything, and integers that hold
the row's number in their last bits are all distinct, so that any sort of them is stable.  Keys that leave no
room for it are packed by their leading bits; the few rows that these do not tell apart are sorted by all of
their keys then.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_WORD = 64


def sort_positions(keys: Sequence[np.ndarray], ascending: Sequence[bool]) -> np.ndarray:
    """Where each row of the sorted rows stands.

    Parameters
    ----------
    keys : sequence of numpy.ndarray
        Integer or boolean columns of one length.  The first decides, then the next; rows of equal keys keep
        their order.
    ascending : sequence of bool
        One a key.

    Returns
    -------
    numpy.ndarray
        int64.
    """
    offsets = _offsets(keys, ascending)
    packed, is_whole = _pack(offsets)
    packed.sort()
    return _unpack(packed, offsets, is_whole)


def first_positions(keys: Sequence[np.ndarray], ascending: Sequence[bool], count: int) -> np.ndarray:
    """The first ``count`` of `sort_positions`, or where negative the last ``-count``, in their order."""
    rows = len(keys[0])
    if abs(count) >= rows:
        return sort_positions(keys, ascending)
    if count == 0:
        return np.empty(0, np.int64)
    offsets = _offsets(keys, ascending)
    packed, is_whole = _pack(offsets)
    position = count - 1 if count > 0 else rows + count
    packed.partition(position)
    chosen = packed[: position + 1] if count > 0 else packed[position:]
    if not is_whole:
        # rows with the leading bits of the last one chosen: their other bits decide
        shift = np.uint64(_row_bits(rows))
        edge = packed[position] >> shift
        leading = packed >> shift
        chosen = packed[leading <= edge if count > 0 else leading >= edge]
    chosen = np.sort(chosen)
    found = _unpack(chosen, offsets, is_whole)
    return found[:count] if count > 0 else found[count:]


def _offsets(keys: Sequence[np.ndarray], ascending: Sequence[bool]) -> list[tuple[np.ndarray, int]]:
    """Each key as unsigned integers from 0, ascending, with the number of bits that the largest has."""
    found = []
    for key, up in zip(keys, ascending, strict=True):
        if key.dtype.kind == "b":
            key = key.view(np.uint8)
        low, high = (int(key.min()), int(key.max())) if len(key) else (0, 0)
        # differences that leave a signed dtype are right as unsigned integers of its width
        wide = key.view(f"u{key.dtype.itemsize}")
        end = np.array(low if up else high, key.dtype).view(wide.dtype)
        found.append((wide - end if up else end - wide, (high - low).bit_length()))
    return found


def _row_bits(rows: int) -> int:
    return max(rows - 1, 0).bit_length()


def _pack(offsets: Sequence[tuple[np.ndarray, int]]) -> tuple[np.ndarray, bool]:
    """The keys' leading bits and the row's number behind them, and whether these are all of the keys."""
    rows = len(offsets[0][0])
    row_bits = _row_bits(rows)
    left = _WORD - row_bits
    packed: np.ndarray | None = None
    is_whole = True
    for offset, bits in offsets:
        taken = min(bits, left)
        if taken:
            part = offset.astype(np.uint64)
            if taken < bits:
                part >>= np.uint64(bits - taken)
            if packed is None:
                packed = part
            else:
                packed <<= np.uint64(taken)
                packed |= part
        is_whole &= taken == bits
        left -= taken
    if packed is None:
        packed = np.zeros(rows, np.uint64)
    packed <<= np.uint64(row_bits)
    packed |= np.arange(rows, dtype=np.uint64)
    return packed, is_whole


def _unpack(packed: np.ndarray, offsets: Sequence[tuple[np.ndarray, int]], is_whole: bool) -> np.ndarray:
    """The rows' numbers; rows of equal leading bits in the order of all their bits."""
    row_bits = np.uint64(_row_bits(len(offsets[0][0])))
    positions = (packed & ((np.uint64(1) << row_bits) - np.uint64(1))).view(np.int64)
    if is_whole or len(packed) < 2:
        return positions
    packed >>= row_bits
    same = packed[1:] == packed[:-1]
    tied = np.zeros(len(packed), np.bool_)
    tied[1:] = same
    tied[:-1] |= same
    places = np.flatnonzero(tied)
    if len(places) == 0:
        return positions
    rows = positions[places]
    order = np.lexsort([*[offset[rows] for offset, _ in reversed(offsets)], packed[places]])
    positions[places] = rows[order]
    return positions
