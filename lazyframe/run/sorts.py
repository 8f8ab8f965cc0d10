"""Sort rows by their keys: packed into one integer with the row's number, and these integers are sorted.

NumPy sorts integers of 64 bits many times faster than it finds the order of anything, and integers that hold
the row's number in their last bits are all distinct, so that any sort of them is stable.  Keys that leave no
room for it are packed by their leading bits; the rows that these do not tell apart are sorted again, by the
bits that are left.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_WORD = 64

_MOST_ROW_BITS = 24
"""With more rows too few bits of the keys are left to sort by at a time."""


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
    return _order(_offsets(keys, ascending), len(keys[0]))


def first_positions(keys: Sequence[np.ndarray], ascending: Sequence[bool], count: int) -> np.ndarray:
    """The first ``count`` of `sort_positions`, or where negative the last ``-count``, in their order."""
    rows = len(keys[0])
    if abs(count) >= rows:
        return sort_positions(keys, ascending)
    if count == 0:
        return np.empty(0, np.int64)
    packed, rest = _pack(_offsets(keys, ascending), rows)
    position = count - 1 if count > 0 else rows + count
    packed.partition(position)
    chosen = packed[: position + 1] if count > 0 else packed[position:]
    if rest:
        # rows with the leading bits of the last one chosen: their other bits decide
        shift = np.uint64(_row_bits(rows))
        edge = packed[position] >> shift
        leading = packed >> shift
        chosen = packed[leading <= edge if count > 0 else leading >= edge]
    found = _unpack(np.sort(chosen), rest, rows)
    return found[:count] if count > 0 else found[count:]


_Key = tuple[np.ndarray, int]
"""Unsigned integers from 0, and the number of bits that they have."""


def _offsets(keys: Sequence[np.ndarray], ascending: Sequence[bool]) -> list[_Key]:
    """Each key counted from its first value in the order that is asked for."""
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


def _order(keys: Sequence[_Key], rows: int) -> np.ndarray:
    packed, rest = _pack(keys, rows)
    packed.sort()
    return _unpack(packed, rest, rows)


def _pack(keys: Sequence[_Key], rows: int) -> tuple[np.ndarray, list[_Key]]:
    """The keys' leading bits and the row's number behind them, and what is left of the keys."""
    row_bits = _row_bits(rows)
    room = _WORD - row_bits
    packed: np.ndarray | None = None
    rest: list[_Key] = []
    for key, bits in keys:
        taken = min(bits, room)
        room -= taken
        left = bits - taken
        if left:
            rest.append((key, left))
        if not taken:
            continue
        part = key.astype(np.uint64)
        if bits < _WORD:
            part &= np.uint64((1 << bits) - 1)
        part >>= np.uint64(left)
        if packed is None:
            packed = part
        else:
            packed <<= np.uint64(taken)
            packed |= part
    if packed is None:
        packed = np.zeros(rows, np.uint64)
    packed <<= np.uint64(row_bits)
    packed |= np.arange(rows, dtype=np.uint64)
    return packed, rest


def _unpack(packed: np.ndarray, rest: Sequence[_Key], rows: int) -> np.ndarray:
    """The numbers of sorted rows; those of equal leading bits are put in the order of the rest."""
    row_bits = np.uint64(_row_bits(rows))
    positions = (packed & ((np.uint64(1) << row_bits) - np.uint64(1))).view(np.int64)
    if not rest or len(packed) < 2:
        return positions
    packed >>= row_bits
    differs = packed[1:] != packed[:-1]
    first = np.concatenate([[True], differs])
    places = np.flatnonzero(~(first & np.concatenate([differs, [True]])))
    if len(places) == 0:
        return positions
    tied = positions[places]
    runs = np.cumsum(first[places])
    left = [(key[tied], bits) for key, bits in rest]
    if row_bits > _MOST_ROW_BITS:
        order = np.lexsort([*[_last_bits(key, bits) for key, bits in reversed(left)], runs])
    else:
        order = _order([(runs.view(np.uint64), int(runs[-1]).bit_length()), *left], len(tied))
    positions[places] = tied[order]
    return positions


def _last_bits(key: np.ndarray, bits: int) -> np.ndarray:
    return key if bits == _WORD else key & key.dtype.type((1 << bits) - 1)
