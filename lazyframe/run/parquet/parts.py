"""Columns of a row group that several threads decode, each some of the pages.

Files of one or two row groups, and row groups that are longer than others, would leave threads without work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np

from lazyframe.codegen import decode_pages

DecodePart = Callable[[], bool]
"""Decodes some pages, and says whether that was possible."""


class Parts:
    """A column of a row group, whose parts are decoded in any order, on any thread.

    Parameters
    ----------
    count : int
        Of the parts.
    prepare : callable
        Gives what decodes each; None where no kernel can.
    done : callable
        Called when all are decoded.
    otherwise : callable
        Called in the place of that if one could not be: decodes the whole in another way.
    """

    def __init__(
        self,
        count: int,
        prepare: Callable[[], Sequence[DecodePart] | None],
        done: Callable[[], None],
        otherwise: Callable[[], None],
    ) -> None:
        self.count = count
        self._left = count
        self._prepare = prepare
        self._done = done
        self._otherwise = otherwise
        self._parts: Sequence[DecodePart] | None = None
        self._is_prepared = self._has_failed = False
        self._lock = threading.Lock()

    def decode(self, part: int) -> None:
        """Decode the part of this number, and conclude if it is the last."""
        with self._lock:
            if not self._is_prepared:
                self._is_prepared = True
                self._has_failed = True  # until it is known to have gone well
                self._parts = self._prepare()
                self._has_failed = self._parts is None
            parts = None if self._has_failed else self._parts
        try:
            decoded = parts is not None and parts[part]()
        except MemoryError:
            decoded = False  # who reads the whole in another way may need less, or say so
        with self._lock:
            self._has_failed |= not decoded
            self._left -= 1
            is_last = not self._left
        if is_last:
            self._parts = None
            (self._otherwise if self._has_failed else self._done)()


def divided(pages: np.ndarray, count: int) -> list[slice]:
    """Which pages each of so many parts has, one behind the other; some may have none."""
    ends = np.cumsum(pages[:, decode_pages.UNCOMPRESSED])
    total = int(ends[-1]) if len(ends) else 0
    cuts = np.searchsorted(ends, [total * k // count for k in range(1, count)]).tolist()
    return [slice(low, high) for low, high in zip([0, *cuts], [*cuts, len(pages)], strict=True)]
