"""Have the C library keep the memory of arrays that are freed, for the next ones.

New memory costs more than what is done with it: the system clears each page when it is first touched.  The
GNU C library takes an array's memory from the system alone, and gives it back, from a size on that grows with
what a program has freed: to that of the largest array freed so far, of at most 32 MiB, and it keeps twice as
much at the end of its heap.  So a program that has freed one array of that size, as most programs over large
data do sooner or later, is quicker from then on: what six new columns of 300,000 numbers take falls from 9 ms
to 1.

The first arrays of a program, small ones too, find no memory that was freed before: a page of 4 KiB that the
system has to clear, and in a virtual machine to ask for, takes as long as computing on it.  So a little is
touched, and freed, beforehand.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

_LARGEST_BYTES = (1 << 25) - (1 << 13)
"""An array of the most there is, less the two pages that its beginning and rounding may take."""

_FIRST_BYTES = 1 << 20
"""What the first arrays of a program over small data take, and what is imported before them."""


def keep_freed_memory() -> None:
    """Free an array of the largest size, which nobody has touched and so took no memory, and a small one."""
    with suppress(MemoryError):
        np.empty(_LARGEST_BYTES, np.uint8)
        np.ones(_FIRST_BYTES, np.uint8)
