"""Fill tables of rows by their codes with kernels, on several threads where no two write to one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.codegen import compiler
from lazyframe.codegen.emit_lookup_tables import find_starts, mark_codes, place_rows
from lazyframe.codegen.emit_steps import inverse_and_shift
from lazyframe.codegen.kernel import CompileError, Kernel, KernelSource
from lazyframe.run import morsels
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow
from lazyframe.run.runs import ascends, begins_sorted

MANY_ROWS = 1 << 14
"""Rows for which a kernel is compiled."""

LONGEST_CALL = 1 << 20
"""Rows after which Ctrl-C is heard."""

_FILLED_BY_ONE = 1 << 19
"""Numbers that are written to new memory before it pays to ask another thread."""

_VALUES_A_ROW = 4
_LONGEST_RUN = 32
"""From the least to the greatest, and rows of one of them: of first keys whose rows are found by runs."""


def kernel_of_table(source: KernelSource, rows: int) -> Kernel | None:
    """What puts rows into a table, if it is there; where it would pay it will be the next time."""
    if settings.current().min_rows == 0:
        try:
            return compiler.obtain(source)
        except CompileError:
            return None
    if rows <= MANY_ROWS:
        return compiler.at_hand(source)
    kernel = compiler.find(source)
    if kernel is None:
        compiler.prepare(source)
    return kernel


class Coded:
    """Rows that have codes: ``sum((key - low) / step * stride)``.

    Parameters
    ----------
    keys : sequence of numpy.ndarray
        Integer or boolean columns.
    lows, strides, steps : sequence of int
        One a key.
    """

    def __init__(
        self, keys: Sequence[np.ndarray], lows: Sequence[int], strides: Sequence[int], steps: Sequence[int]
    ) -> None:
        columns = [np.ascontiguousarray(key) for key in keys]
        self._columns = [key.view(np.uint8) if key.dtype.kind == "b" else key for key in columns]
        self._stepped = any(step != 1 for step in steps)
        self._arguments: list[Any] = []
        for column, low, stride, step in zip(self._columns, lows, strides, steps, strict=True):
            self._arguments += [
                address(column),
                low,
                stride,
                *(inverse_and_shift(step) if self._stepped else ()),
            ]

    def mark(self, bits: np.ndarray, codes: Callable[[slice], np.ndarray] | None) -> bool:
        """Set the bit of each row's code; whether that could be done.

        Of rows whose codes ascend, ``codes`` gives those of some; threads then write to different words.
        """
        kernel = self._kernel(mark_codes)
        if kernel is None:
            return False
        rows = len(self._columns[0])
        if codes is None:
            cuts = [*range(0, rows, LONGEST_CALL), rows]
            threads = 1
        else:
            cuts = _cuts_between_words(rows, codes)
            threads = settings.current().threads
        self._run(kernel, bits, cuts, threads)
        return True

    def place(self, places: np.ndarray) -> bool:
        """Write each row's number where its code is, no two rows having one; whether that could be done."""
        kernel = self._kernel(place_rows)
        if kernel is None:
            return False
        rows = len(self._columns[0])
        cuts = [*range(0, rows, morsels.morsel_rows(rows)), rows]
        self._run(kernel, places, cuts, settings.current().threads)
        return True

    def _kernel(self, source: Callable[[tuple[np.dtype, ...], bool], KernelSource]) -> Kernel | None:
        dtypes = tuple([column.dtype for column in self._columns])
        return kernel_of_table(source(dtypes, self._stepped), len(self._columns[0]))

    def _run(self, kernel: Kernel, written: np.ndarray, cuts: list[int], threads: int) -> None:
        arguments = [*self._arguments, address(written)]

        def one(part: int) -> None:
            kernel(cuts[part], cuts[part + 1], *arguments)

        morsels.run([range(part, part + 1) for part in range(len(cuts) - 1)], one, threads)


def _cuts_between_words(rows: int, codes: Callable[[slice], np.ndarray]) -> list[int]:
    """Rows at which ascending codes come to another word of bits, about a morsel apart, and both ends."""
    length = morsels.morsel_rows(rows)
    cuts = [0]
    for row in range(length, rows, length):
        words = codes(slice(row - 1, row + 64)) >> 6
        changes = np.flatnonzero(words[1:] != words[:-1])
        if len(changes):
            cuts.append(row + int(changes[0]))
    return [*cuts, rows]


def starts_of(key: np.ndarray, low: int, span: int) -> np.ndarray | None:
    """Of each of ``span`` values from the least on, the first row of it, or of the next that there is.

    int32, with how many rows there are behind the last, twice.  None where there are few rows, keys do not
    ascend or leave many gaps, or one has many rows.
    """
    rows = len(key)
    if rows < MANY_ROWS or span > _VALUES_A_ROW * rows or not begins_sorted(key):
        return None
    starts = _starts(key, low, span)
    return None if starts is None or int(np.diff(starts).max()) > _LONGEST_RUN else starts


def _starts(key: np.ndarray, low: int, span: int) -> np.ndarray | None:
    """The same of keys that ascend in their first rows."""
    rows = len(key)
    starts = np.empty(span + 2, np.int32)
    starts[span:] = rows
    own = np.ascontiguousarray(key.view(np.uint8) if key.dtype.kind == "b" else key)
    kernel = kernel_of_table(find_starts(own.dtype), rows)
    if kernel is None:
        if not ascends(own):
            return None
        counts = np.bincount(own.astype(np.int64) - np.int64(low), minlength=span)
        starts[0] = 0
        np.cumsum(counts[:-1], dtype=np.int32, out=starts[1:span])
        return starts
    cuts = [*range(0, rows, morsels.morsel_rows(rows)), rows]
    statuses = [0] * (len(cuts) - 1)

    def find(part: int) -> None:
        statuses[part] = kernel(cuts[part], cuts[part + 1], address(own), low, address(starts))

    morsels.run([range(part, part + 1) for part in range(len(statuses))], find, settings.current().threads)
    return None if any(statuses) else starts


def filled(size: int, value: int, dtype: type[np.generic]) -> np.ndarray:
    """Borrowed memory, full of one number."""
    array = borrow(size, dtype)
    cuts = [*range(0, size, _FILLED_BY_ONE), size]

    def one(part: int) -> None:
        array[cuts[part] : cuts[part + 1]] = value

    morsels.run([range(part, part + 1) for part in range(len(cuts) - 1)], one, settings.current().threads)
    return array
