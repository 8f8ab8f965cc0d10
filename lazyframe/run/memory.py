"""Memory that steps work in, kept for the next step and the next computation.

New memory costs more than what is done with it: the system clears every page when it is first touched, and a
virtual machine may have to ask for it besides, which takes longer by an order of magnitude.  What is borrowed
here goes back when the last array that shows it is gone, whoever holds it.  It is lent out of large regions
of address space, so that what one step has left serves others of any size, and what was used before is lent
before what was not.  Where there is no more, what is kept in case it is needed again is given up.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from math import prod
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from lazyframe.run.late import forget_all
from lazyframe.run.regions import PAGE_BYTES, Free, Region

_LEAST_BYTES = 1 << 20
"""Below this the C library keeps memory by itself."""

_REGION_BYTES = 1 << 28
"""Address space is asked for in regions of at least this size, and memory of the system page by page."""

_SHARE_OF_MACHINE = 32
"""What is kept and not used is at most this part of the machine's memory."""

_IDLE_SECONDS = 10.0
"""What nobody has borrowed for so long goes back to the system with the next computation."""

_regions: list[Region] = []
_returned: deque[tuple[Region, int, int]] = deque()
"""What nobody has any more, and is not counted among the free parts of its region yet."""

_lock = threading.Lock()


def _forget_lock() -> None:
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_lock)


def _most_kept() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _SHARE_OF_MACHINE


_MOST_KEPT = _most_kept()


class _Lease:
    """What owns the memory of a borrowed array, as NumPy sees it."""

    __slots__ = ("__array_interface__", "_parts", "_region")

    def __init__(
        self, region: Region, parts: tuple[Free, ...], shape: tuple[int, ...], dtype: np.dtype
    ) -> None:
        self._region, self._parts = region, parts
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": dtype.str,
            "data": (region.start + parts[0].low, False),
        }

    def __del__(self) -> None:
        # may run in any thread, and within any allocation, one under the lock among them
        _returned.append((self._region, self._parts[0].low, self._parts[-1].high))
        if _lock.acquire(blocking=False):
            try:
                _settle()
            finally:
                _lock.release()

    def shorten(self, size: int) -> None:
        """Return all but the first bytes; what nobody had used before was not used now."""
        end = self._parts[0].low + max(_pages(size), PAGE_BYTES)
        behind = [part._replace(low=max(part.low, end)) for part in self._parts if part.high > end]
        self._parts = tuple(
            [part._replace(high=min(part.high, end)) for part in self._parts if part.low < end]
        )
        for part in behind:
            if part.since is None:
                self._region.release(part.low, part.high)
            else:
                _returned.append((self._region, part.low, part.high))


def borrow(shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """An array with anything in it, as ``numpy.empty`` makes one."""
    own = np.dtype(dtype)
    if type(shape) is int and shape * own.itemsize < _LEAST_BYTES:  # as most, and this is quicker
        return np.empty(shape, own)
    lengths = (shape,) if isinstance(shape, int) else shape
    size = prod(lengths) * own.itemsize
    if size < _LEAST_BYTES:
        return np.empty(lengths, own)
    with _lock:
        _settle()
        region, parts = _lent(_pages(size))
    return np.asarray(_Lease(region, parts, lengths, own))


def borrow_full(shape: int | tuple[int, ...], value: object, dtype: DTypeLike) -> np.ndarray:
    """An array filled with a value, as ``numpy.full`` makes one."""
    array = borrow(shape, dtype)
    array[...] = value
    return array


def shortened(array: np.ndarray, length: int) -> np.ndarray:
    """The first of an array's rows, the only ones that anybody shows: what is behind them goes back."""
    lease: Any = array.base
    if isinstance(lease, _Lease):
        with _lock:
            lease.shorten(array[:length].nbytes)
    return array[:length]


def _pages(size: int) -> int:
    return -(-size // PAGE_BYTES) * PAGE_BYTES


def _lent(size: int) -> tuple[Region, tuple[Free, ...]]:
    """A part of a region that was used before, else of one that has room, else of a new one."""
    used = _runs(size, used=True)
    if used:
        region, low, _ = min(used, key=lambda run: run[2] - run[1])
    else:
        region, low, _ = next(iter(_runs(size, used=False)), None) or (_new(size), 0, size)
    return region, region.lend(low, low + size)


def _runs(size: int, used: bool) -> list[tuple[Region, int, int]]:
    return [
        (region, low, high)
        for region in list(_regions)
        for low, high in region.runs(used)
        if high - low >= size
    ]


def _new(size: int) -> Region:
    try:
        region = Region(max(size, _REGION_BYTES))
    except OSError:
        _release(monotonic())
        forget_all()
        try:
            region = Region(size)
        except OSError as error:
            raise MemoryError(f"there is no memory for an array of {size:,} bytes") from error
    _regions.append(region)
    return region


def _settle() -> None:
    """Count what came back among what is free, and keep no more of it than may be."""
    now = monotonic()
    while _returned:
        region, low, high = _returned.popleft()
        region.take_back(low, high, now)
    excess = bytes_kept() - _MOST_KEPT
    if excess > 0:
        for _, region, part in sorted(_used(), key=lambda used: used[0]):
            region.release(max(part.low, part.high - _pages(excess)), part.high)
            excess -= part.high - part.low
            if excess <= 0:
                break


def _used() -> list[tuple[float, Region, Free]]:
    """What nobody has and the system has memory for, since when."""
    return [(part.since, r, part) for r in list(_regions) for part in list(r.free) if part.since is not None]


def _release(before: float) -> None:
    """Give back to the system what came back by then, and the address space of what nobody uses."""
    for since, region, part in _used():
        if since <= before:
            region.release(part.low, part.high)
    for region in list(_regions):
        if region.is_free and not region.used_bytes:
            _regions.remove(region)


def release_idle() -> None:
    """Give back to the system what was not borrowed for some time."""
    if not _regions:
        return
    with _lock:
        _settle()
        _release(monotonic() - _IDLE_SECONDS)


def bytes_kept() -> int:
    """Bytes that are kept and not borrowed."""
    return sum([region.used_bytes for region in list(_regions)])
