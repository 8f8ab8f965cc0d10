"""Put together what morsels append behind guards, in their order, while the loop runs.

How many rows a morsel leaves is known when it is done.  When all before it are done, it appends where they
have ended.  Otherwise it appends to memory of its own, which is copied behind them, out of a cache, by who is
done with the last of them; if it left few rows it is these alone that wait.  So memory is touched only where
there are results.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from lazyframe.run.addresses import address
from lazyframe.run.memory import shortened
from lazyframe.run.outputs import Layout, Output

Memory = list[np.ndarray]
"""For each output what one morsel has appended to it, from the beginning."""

_FEW = 4
"""One row in so many of a morsel, and fewer, are copied to wait for those before them."""


class Appends:
    """The arrays that a loop appends to behind guards.

    Parameters
    ----------
    outputs : sequence of Output
        With memory for all rows.
    counters : sequence of int
        For each of them its row of ``counts``.
    counts : numpy.ndarray
        int64, how many rows each morsel has appended: a row per guard set and a column per morsel.
    layout : Layout
        Of the morsels.
    threads : int
        At most how many call at once.
    """

    def __init__(
        self,
        outputs: Sequence[Output],
        counters: Sequence[int],
        counts: np.ndarray,
        layout: Layout,
        threads: int,
    ) -> None:
        self._outputs = outputs
        self._arrays = [output.parts for output in outputs]
        self._begins = [address(array) for array in self._arrays]
        self._counters = counters
        self._counts = counts
        self._layout = layout
        self._ends = [0] * len(counts)
        self._next = 0
        self._moving = False
        self._lock = threading.Lock()
        self._done: dict[int, Memory | None] = {}
        self._waiting = 0  # of those that are done, how many have memory for a whole morsel
        self._spare: list[Memory] = []
        self._most_waiting = threads

    def begin(self, morsel: int) -> Memory | None:
        """Where to append to: None stands for where all before have ended."""
        with self._lock:
            if self._next == morsel and not self._moving:
                return None
            if self._waiting < self._most_waiting:
                if self._spare:
                    return self._spare.pop()
                rows = self._layout.most_rows
                return [np.empty(rows, array.dtype) for array in self._arrays]
        # of long tasks too much would wait: these rows' own place is free until all before are in theirs
        low, high = self._layout.bounds(morsel)
        inner = self._layout.inner
        return [array[low * inner : high * inner] for array in self._arrays]

    def pointers(self, memory: Memory | None) -> list[int]:
        """Where the first row of a morsel is appended, in each array."""
        if memory is not None:
            return [address(array) for array in memory]
        return [
            begin + self._ends[counter] * array.itemsize
            for begin, array, counter in zip(self._begins, self._arrays, self._counters, strict=True)
        ]

    def end(self, morsel: int, memory: Memory | None) -> None:
        """Put what was appended behind what all before have, if these are done, and whatever waits for it."""
        if memory is not None and self._is_whole(memory) and (self._next != morsel or self._moving):
            memory = self._as_few(morsel, memory)
        with self._lock:
            self._done[morsel] = memory
            self._waiting += self._is_whole(memory)
            if self._moving or self._next not in self._done:
                return
            self._moving = True
        while True:
            with self._lock:
                if self._next not in self._done:
                    self._moving = False
                    return
                ready = self._done.pop(self._next)
                self._waiting -= self._is_whole(ready)
            self._put(self._next, ready)
            self._next += 1

    def _put(self, morsel: int, memory: Memory | None) -> None:
        counts = self._counts[:, morsel].tolist()
        if memory is not None:
            for array, part, counter in zip(self._arrays, memory, self._counters, strict=True):
                first, rows = self._ends[counter], counts[counter]
                array[first : first + rows] = part[:rows]
            if self._is_whole(memory):
                self._spare.append(memory)
        self._ends = [end + count for end, count in zip(self._ends, counts, strict=True)]

    def _is_whole(self, memory: Memory | None) -> bool:
        """Whether memory is such as `begin` lends for a morsel of any length."""
        return memory is not None and memory[0].base is None and len(memory[0]) == self._layout.most_rows

    def _as_few(self, morsel: int, memory: Memory) -> Memory:
        """What a morsel has appended, in memory of no more than its length if that is little."""
        rows = [int(self._counts[counter, morsel]) for counter in self._counters]
        if max(rows) * _FEW > len(memory[0]):
            return memory
        few = [part[:count].copy() for part, count in zip(memory, rows, strict=True)]
        self._spare.append(memory)
        return few

    def finish(self) -> None:
        """Leave what was appended; memory that nobody lent is given back where there is nothing."""
        for output, counter in zip(self._outputs, self._counters, strict=True):
            end = self._ends[counter]
            if output.parts.flags.owndata:
                output.parts.resize(end, refcheck=False)
            else:
                output.parts = shortened(output.parts, end)
