"""Memory that steps work in, kept for the next step and the next computation.

New memory costs more than what is done with it: the system clears every page when it is first touched, and a
virtual machine may have to ask for it besides, which takes longer by an order of magnitude.  What is borrowed
here goes back when the last array that shows it is gone, whoever holds it.  Where there is no more,
what is kept in case it is needed again is given up.
"""

from __future__ import annotations

import os
from contextlib import suppress
from math import prod
from time import monotonic

import numpy as np
from numpy.typing import DTypeLike

from lazyframe.run.addresses import address
from lazyframe.run.late import forget_all

_LEAST_BYTES = 1 << 20
"""Below this the C library keeps memory by itself."""

_SHARE_OF_MACHINE = 32
"""What is kept and not used is at most this part of the machine's memory."""

_IDLE_SECONDS = 10.0
"""What nobody has borrowed for so long goes back to the system with the next computation."""

_kept: dict[int, list[tuple[float, np.ndarray]]] = {}
"""By their bytes, blocks that nobody has borrowed, and when each came back."""


def _most_kept() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _SHARE_OF_MACHINE


_MOST_KEPT = _most_kept()


class _Lease:
    """What owns the memory of a borrowed array, as NumPy sees it."""

    __slots__ = ("__array_interface__", "_block")

    def __init__(self, block: np.ndarray, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self._block = block
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": dtype.str,
            "data": (address(block), False),
        }

    def __del__(self) -> None:
        _take_back(self._block)


def borrow(shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """An array with anything in it, as ``numpy.empty`` makes one."""
    own = np.dtype(dtype)
    lengths = (shape,) if isinstance(shape, int) else shape
    size = prod(lengths) * own.itemsize
    if size < _LEAST_BYTES:
        return np.empty(lengths, own)
    wanted = _rounded(size)
    try:
        _, block = _kept[wanted].pop()
    except (KeyError, IndexError):
        block = _new(wanted, size)
    return np.asarray(_Lease(block, lengths, own))


def _new(rounded: int, size: int) -> np.ndarray:
    try:
        return np.empty(rounded, np.uint8)
    except MemoryError:
        _kept.clear()
        forget_all()
        return np.empty(size, np.uint8)


def borrow_full(shape: int | tuple[int, ...], value: object, dtype: DTypeLike) -> np.ndarray:
    """An array filled with a value, as ``numpy.full`` makes one."""
    array = borrow(shape, dtype)
    array[...] = value
    return array


def _rounded(size: int) -> int:
    """Bytes of a block: one of four sizes between powers of two, so that blocks are found again."""
    step = 1 << max(size.bit_length() - 3, 0)
    return -(-size // step) * step


def _take_back(block: np.ndarray) -> None:
    # may run in any thread, and within any allocation: single steps only
    if bytes_kept() + len(block) <= _MOST_KEPT:
        _kept.setdefault(len(block), []).append((monotonic(), block))


def release_idle() -> None:
    """Give back to the system what was not borrowed for some time."""
    before = monotonic() - _IDLE_SECONDS
    for blocks in list(_kept.values()):
        with suppress(IndexError):  # another thread may borrow the last one
            while blocks[0][0] <= before:
                blocks.pop(0)


def bytes_kept() -> int:
    """Bytes that are kept and not borrowed."""
    return sum([size * len(blocks) for size, blocks in list(_kept.items())])
