"""Address space that is lent in parts, with what is known of each part that nobody has."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from lazyframe.run.addresses import address

PAGE_BYTES = mmap.PAGESIZE


class Free(NamedTuple):
    """A part that nobody has.

    Parameters
    ----------
    low, high : int
        Bytes from the beginning of the region.
    since : float or None
        When it came back; None where the system has no memory for it, as nobody has written there.
    """

    low: int
    high: int
    since: float | None


class Region:
    """One piece of address space.

    Whoever calls must see to it that one thread does at a time.  Each change of what is free is one step, so
    that an interrupt may lose a part, but never lends one twice.

    Parameters
    ----------
    size_bytes : int
        Whole pages.

    Raises
    ------
    OSError
        If there is no room for it.
    """

    __slots__ = ("_map", "free", "size_bytes", "start")

    def __init__(self, size_bytes: int) -> None:
        self._map = mmap.mmap(-1, size_bytes, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        with suppress(AttributeError, OSError):  # as NumPy asks for its arrays
            self._map.madvise(mmap.MADV_HUGEPAGE)
        self.start = address(np.frombuffer(self._map, np.uint8))
        self.size_bytes = size_bytes
        self.free = [Free(0, size_bytes, None)]

    @property
    def is_free(self) -> bool:
        """Whether nobody has any of it."""
        return sum([part.high - part.low for part in self.free]) == self.size_bytes

    @property
    def used_bytes(self) -> int:
        """Bytes that nobody has, and that the system has memory for."""
        return sum([part.high - part.low for part in self.free if part.since is not None])

    def runs(self, used: bool) -> Iterator[tuple[int, int]]:
        """Where parts lie that nobody has, neighbours together; of all, or of those that were ``used``."""
        parts = [part for part in list(self.free) if not used or part.since is not None]
        k = 0
        while k < len(parts):
            low, high, _ = parts[k]
            k += 1
            while k < len(parts) and parts[k].low == high:
                high = parts[k].high
                k += 1
            yield low, high

    def lend(self, low: int, high: int) -> tuple[Free, ...]:
        """Take a part out of what is free, all of which must be, and return what it was made of."""
        first = next(k for k, part in enumerate(self.free) if part.high > low)
        last = next(k for k, part in enumerate(self.free) if part.high >= high)
        parts = self.free[first : last + 1]
        rest = [parts[0]._replace(high=low), parts[-1]._replace(low=high)]
        self.free[first : last + 1] = [part for part in rest if part.low < part.high]
        return tuple([p._replace(low=max(p.low, low), high=min(p.high, high)) for p in parts])

    def take_back(self, low: int, high: int, now: float) -> None:
        """Add a part that was used to what is free."""
        self._add(Free(low, high, now))

    def release(self, low: int, high: int) -> None:
        """Give the memory of a part that nobody shows back to the system; the address space stays."""
        self._map.madvise(mmap.MADV_DONTNEED, low, high - low)
        for part in list(self.free):
            if part.low <= low and high <= part.high:
                self.lend(low, high)
        self._add(Free(low, high, None))

    def _add(self, part: Free) -> None:
        """Add a part, as one with those beside it that are used, or not, as it is."""
        at = next((k for k, other in enumerate(self.free) if other.low >= part.high), len(self.free))
        first, end, low, high = at, at, part.low, part.high
        if at and self._is_beside(self.free[at - 1], part):
            first, low = at - 1, self.free[at - 1].low
        if at < len(self.free) and self._is_beside(part, self.free[at]):
            end, high = at + 1, self.free[at].high
        self.free[first:end] = [Free(low, high, part.since)]

    @staticmethod
    def _is_beside(left: Free, right: Free) -> bool:
        return left.high == right.low and (left.since is None) == (right.since is None)
