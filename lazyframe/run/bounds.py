"""The least and the greatest value of an input column, found in one pass over its memory."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from lazyframe import settings
from lazyframe.codegen import emit_scans
from lazyframe.codegen.kernel import Kernel
from lazyframe.run import morsels, tiers
from lazyframe.run.addresses import address
from passes.ir.node import Token
from passes.ir.operations import neutral

_CHUNK_BYTES = 1 << 17
"""Bytes that are read for the minimum and are still in the second-level cache for the maximum."""

_TASK_BYTES = 1 << 22
"""Bytes that a thread takes on at once."""

_known: WeakKeyDictionary[Token, tuple[np.generic, np.generic]] = WeakKeyDictionary()


def bounds_of_input(token: Token, array: np.ndarray) -> tuple[np.generic, np.generic]:
    """The bounds of the column that ``token`` stands for, remembered as long as it is bound.

    Parameters
    ----------
    token : Token
        The user's.
    array : numpy.ndarray
        What is bound to it: integers, in one dimension.

    Returns
    -------
    tuple of numpy.generic
        Least and greatest; of no rows the neutral elements of minimum and maximum.
    """
    found = _known.get(token)
    if found is None:
        found = _known[token] = bounds_of(array)
    return found


def bounds_of(array: np.ndarray) -> tuple[np.generic, np.generic]:
    """Likewise, of an array that nobody may ask of again."""
    if len(array) == 0:
        return neutral("minimum", array.dtype), neutral("maximum", array.dtype)
    if array.strides[0] == array.itemsize and array.dtype.kind in "iu":
        kernel = tiers.scan_for(emit_scans.find_bounds(array.dtype), len(array))
        if kernel is not None:
            return _bounds_by_kernel(kernel, array)
    chunk = _CHUNK_BYTES // array.itemsize
    chunks = -(-len(array) // chunk)
    together = _TASK_BYTES // _CHUNK_BYTES
    lowest = np.empty(chunks, array.dtype)
    highest = np.empty(chunks, array.dtype)

    def one(number: int) -> None:
        part = array[number * chunk : (number + 1) * chunk]
        lowest[number] = part.min()
        highest[number] = part.max()

    tasks = [range(first, min(first + together, chunks)) for first in range(0, chunks, together)]
    morsels.run(tasks, one, settings.current().threads)
    return lowest.min(), highest.max()


def _bounds_by_kernel(kernel: Kernel, array: np.ndarray) -> tuple[np.generic, np.generic]:
    rows = _TASK_BYTES // array.itemsize
    tasks = -(-len(array) // rows)
    limits = np.empty((tasks, 2), array.dtype)

    def one(number: int) -> None:
        low = number * rows
        kernel(low, min(low + rows, len(array)), address(array), address(limits[number]))

    morsels.run([range(number, number + 1) for number in range(tasks)], one, settings.current().threads)
    return limits[:, 0].min(), limits[:, 1].max()
