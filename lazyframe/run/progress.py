"""A progress bar for what takes more than two seconds, where somebody can see it."""

from __future__ import annotations

import os
import sys
import warnings
from time import perf_counter
from typing import Any

AFTER_SECONDS = 2.0
"""Nothing is shown before: most computations are done by then."""


class Progress:
    """The progress of one computation, counted in morsels; costs nothing to speak of until it is shown.

    The bar appears on standard error if that is a terminal, or in the notebook that is attached, and
    disappears when the computation ends.  ``LAZYFRAME_PROGRESS=0`` in the environment keeps it away.
    """

    __slots__ = ("_bar", "_began", "_done", "_never", "_total")

    def __init__(self) -> None:
        self._began = perf_counter()
        self._bar: Any = None
        self._never = False
        self._done = 0
        self._total = 0

    def expect(self, morsels: int) -> None:
        """So many morsels come next, after all that were expected before."""
        self._done = self._total
        self._total += morsels

    def reached(self, morsels: int) -> None:
        """So many of the morsels expected last are about done."""
        if self._never or perf_counter() - self._began < AFTER_SECONDS:
            return
        if self._bar is None:
            self._bar = _bar() if _is_watched() else None
            self._never = self._bar is None
        if self._bar is not None:
            self._bar.total = self._total
            self._bar.update(min(self._done + morsels, self._total) - self._bar.n)

    def close(self) -> None:
        """The computation has ended, one way or another."""
        if self._bar is not None:
            self._bar.close()
        self._never = True


def _is_watched() -> bool:
    if os.environ.get("LAZYFRAME_PROGRESS") == "0":
        return False
    stream = sys.stderr
    if stream is not None and stream.isatty():
        return True
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return hasattr(running, "kernel")


def _bar() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # in a notebook without widgets tqdm says that it prints text
            from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(desc="lazyframe", unit=" morsels", leave=False, dynamic_ncols=True)
