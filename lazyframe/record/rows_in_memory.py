"""Columns that lie in several arrays in memory, one behind the other: loops read them piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from itertools import accumulate
from typing import Any

import numpy as np

from lazyframe.run.bindings import bind_late, bound_to, data_of
from lazyframe.run.late import Bounds, Fetching, LateColumn, LateSource, ReadPiece, ReadRows
from lazyframe.run.memory import borrow
from lazyframe.run.morsels import MORSEL_ROWS
from passes.ir.values import Read, Value

_BYTES_ALONE = 1 << 19
"""What is copied sooner than another thread begins."""


class PartsInMemory(LateSource):
    """Frames in memory whose rows are one behind the other.

    Parameters
    ----------
    lengths : sequence of int
        How many rows each has.
    """

    in_files = False

    def __init__(self, lengths: Sequence[int]) -> None:
        self.lengths = tuple(lengths)
        self.rows = sum(lengths)
        firsts = accumulate(lengths, initial=0)
        self._places = [
            (first, part, low, min(MORSEL_ROWS, length - low))
            for part, (first, length) in enumerate(zip(firsts, lengths, strict=False))
            for low in range(0, length, MORSEL_ROWS)
        ]

    @property
    def name(self) -> str:
        return f"{len(self.lengths)} frames"

    @cached_property
    def pieces(self) -> Sequence[tuple[int, int]]:
        return [(first + low, rows) for first, _, low, rows in self._places]

    def bounds(self, column: LateColumn, piece: int) -> Bounds | None:
        return None

    def fetch(self, columns: Sequence[LateColumn]) -> list[Any]:
        return [self._end_to_end(column) for column in columns]

    def start(self, columns: Sequence[LateColumn]) -> Fetching:
        found: list[Any] = [None] * len(columns)

        def put_together(number: int) -> None:
            found[number] = self._end_to_end(columns[number])

        sizes = [self.rows * column.dtype.itemsize for column in columns]
        if sum(sizes) < _BYTES_ALONE:
            return super().start(columns)
        return Fetching([(size, partial(put_together, k)) for k, size in enumerate(sizes)], lambda: found)

    def _end_to_end(self, column: LateColumn) -> np.ndarray:
        whole = borrow(self.rows, column.dtype)
        first = 0
        for part, length in enumerate(self.lengths):
            whole[first : first + length] = _part(column, part, 0, length)
            first += length
        return whole

    @contextmanager
    def reading(self, columns: Sequence[LateColumn]) -> Iterator[ReadPiece]:
        def read(piece: int) -> ReadRows:
            first, part, low, rows = self._places[piece]
            arrays = [np.ascontiguousarray(_part(column, part, low, rows)) for column in columns]
            found = [(array, first + low) for array in arrays]
            return lambda low, high: found

        yield read


class PartedColumn(LateColumn):
    """A column of `PartsInMemory`.

    Parameters
    ----------
    source, name, dtype
        As for `LateColumn`.
    reads : sequence of Read or None
        In each frame the input that it is, at this dtype or one that widens to it; None where it is missing.
    """

    __slots__ = ("reads",)

    def __init__(
        self, source: PartsInMemory, name: str, dtype: np.dtype, reads: Sequence[Read | None]
    ) -> None:
        super().__init__(source, name, dtype, dtype, source.rows)
        self.reads = tuple(reads)


def _part(column: LateColumn, part: int, low: int, rows: int) -> np.ndarray:
    assert isinstance(column, PartedColumn)
    read = column.reads[part]
    if read is None:
        nothing: Any = np.nan if column.dtype.kind == "f" else "NaT"
        return np.full(rows, nothing, column.dtype)
    array: np.ndarray = data_of(read.token)[low : low + rows]
    return array.astype(column.dtype, copy=False)


def bind_parts(
    sources: dict[tuple[int, ...], PartsInMemory],
    dtype: np.dtype,
    reads: Sequence[Read | None],
    lengths: Sequence[int],
) -> Read:
    """A column of frames one behind the other as one input.

    Parameters
    ----------
    sources : dict
        By their lengths, those of the other columns: what has one source is read together.
    dtype : numpy.dtype
        Of the column.
    reads : sequence of Read or None
        As for `PartedColumn`; one that is parted itself is taken apart.
    lengths : sequence of int
        Of each frame.
    """
    parts: list[Read | None] = []
    rows: list[int] = []
    for read, length in zip(reads, lengths, strict=True):
        bound = None if read is None else bound_to(read.token)
        if isinstance(bound, PartedColumn):
            assert isinstance(bound.source, PartsInMemory)
            parts += bound.reads
            rows += bound.source.lengths
        else:
            parts.append(read)
            rows.append(length)
    source = sources.setdefault(tuple(rows), PartsInMemory(rows))
    return bind_late(PartedColumn(source, "column", dtype, parts), "column")


def is_in_memory(value: Value | None) -> bool:
    """Whether a column is an input that is in no file, or is missing."""
    if value is None:
        return True
    if not isinstance(value, Read):
        return False
    bound = bound_to(value.token)
    return not isinstance(bound, LateColumn) or not bound.source.in_files
