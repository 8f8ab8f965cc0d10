"""Find rows by their keys: tables addressed by the keys themselves, or hashed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import prod

import numpy as np

from lazyframe import settings
from lazyframe.codegen import compiler, emit_lookup_tables
from lazyframe.codegen.emit_lookups import (
    FIRST_FACTOR,
    FIRST_SHIFT,
    KEY_FACTOR,
    SECOND_FACTOR,
    SECOND_SHIFT,
    TableForm,
)
from lazyframe.codegen.kernel import CompileError, Kernel
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow_full

_SMALL = 1 << 16
_LARGE = 1 << 23
"""Slots of 4 bytes: so many are cleared in a few milliseconds, and stay in a last-level cache."""

_MANY_BITS = 1 << 23
"""Bits that say which keys there are: a megabyte stays in the second-level cache."""

_BITS_A_ROW = 64

_MANY_ROWS = 1 << 14
_LONGEST_CALL = 1 << 20
"""Rows after which Ctrl-C is heard."""

_SLOTS_A_ROW = 16
"""A hashed table takes as much memory with this many slots of four bytes in the place of each row."""


class RowTable:
    """Positions of rows by their keys, which are distinct.

    Parameters
    ----------
    keys : sequence of numpy.ndarray
        The keys' columns.
    lows, spans, strides : tuple of int
        One a key, as int64 bits; no row has a key outside ``span`` values from ``low``.
    form : TableForm
        How rows are found.
    """

    def __init__(
        self,
        keys: Sequence[np.ndarray],
        lows: tuple[int, ...],
        spans: tuple[int, ...],
        strides: tuple[int, ...],
        form: TableForm,
    ) -> None:
        self._keys = tuple(keys)
        self.lows = lows
        self.spans = spans
        self.strides = strides
        self.form = form

    @cached_property
    def array(self) -> np.ndarray:
        """Addressed: int32, a position or -1 for each code; -1 behind the last.

        Hashed: int64, for each slot the keys and a position, -1 in an empty slot; at most half are used.
        """
        if self.form.hashed:
            return _hashed(self._keys)
        array = borrow_full(self.nothing + 1, -1, np.int32)
        array[self._own_codes()] = np.arange(len(self._keys[0]), dtype=np.int32)
        return array

    @cached_property
    def bits(self) -> np.ndarray:
        """A bit for each code, eight a byte, from the least; and 0 behind the last."""
        if self.nothing > _SLOTS_A_ROW * len(self._keys[0]):
            bits = borrow_full((self.nothing >> 3) + 1, 0, np.uint8)
            code = self._own_codes()
            np.bitwise_or.at(bits, code >> 3, np.left_shift(1, code & 7).astype(np.uint8))
            return bits
        return np.packbits(self._marks(), bitorder="little")

    @cached_property
    def _there(self) -> np.ndarray:
        return self._marks()

    def _marks(self) -> np.ndarray:
        """A byte for each code: whether there is such a row; and 0 behind the last."""
        there = borrow_full(self.nothing + 1, 0, np.bool_)
        there[self._own_codes()] = True
        return there

    def _own_codes(self) -> np.ndarray:
        """Of the rows in the table, none of which has a key out of range."""
        codes: np.ndarray | None = None
        for key, low, stride in zip(self._keys, self.lows, self.strides, strict=True):
            offset = _bits(key) - np.int64(low)
            term = offset if stride == 1 else offset * np.int64(stride)
            codes = term if codes is None else codes + term
        assert codes is not None
        return codes

    @property
    def nothing(self) -> int:
        """The code behind the last, where nothing is ever found."""
        return prod(self.spans)

    @property
    def mask(self) -> int:
        """Of a hashed table what hashes are masked with."""
        return _slots(len(self._keys[0])) - 1

    @property
    def limits(self) -> list[tuple[int, int]]:
        """The least and the greatest value of each key."""
        lows = [
            low % (1 << 64) if key.dtype.kind == "u" else low
            for key, low in zip(self._keys, self.lows, strict=True)
        ]
        return [(low, low + span - 1) for low, span in zip(lows, self.spans, strict=True)]

    def find(self, keys: Sequence[np.ndarray]) -> np.ndarray:
        """The positions of rows with these keys; -1 where there is none."""
        if not self.form.hashed:
            position: np.ndarray = self.array.take(self.codes(keys)).astype(np.int64)
            return position
        columns = [_bits(key) for key in keys]
        if self.nothing > _MANY_BITS or len(columns[0]) < _MANY_ROWS:
            return self._find_hashed(columns)
        # most rows of which there are none are told by one look
        perhaps = np.flatnonzero(self._there.take(self.codes(columns)))
        found = np.full(len(columns[0]), -1, np.int64)
        found[perhaps] = self._find_hashed([column.take(perhaps) for column in columns])
        return found

    def _find_hashed(self, columns: Sequence[np.ndarray]) -> np.ndarray:
        slots = self.array.reshape(-1, len(columns) + 1)
        found = np.full(len(columns[0]), -1, np.int64)
        waiting, at = np.arange(len(found)), hashes(columns) & self.mask
        while len(waiting):
            position = slots[at, -1]
            hit = position >= 0
            for k, column in enumerate(columns):
                hit &= slots[at, k] == column[waiting]
            found[waiting[hit]] = position[hit]
            on = ~hit & (position >= 0)
            waiting, at = waiting[on], (at[on] + 1) & self.mask
        return found

    def codes(self, keys: Sequence[np.ndarray]) -> np.ndarray:
        """Where an addressed table has each row: `nothing` where no row can have the keys."""
        if len(keys) == 1:
            distance = (_bits(keys[0]) - np.int64(self.lows[0])).view(np.uint64)
            code: np.ndarray = np.minimum(distance, np.uint64(self.nothing)).view(np.int64)
            return code
        codes: np.ndarray | None = None
        inside: np.ndarray | None = None
        for key, low, span, stride in zip(keys, self.lows, self.spans, self.strides, strict=True):
            offset = _bits(key) - np.int64(low)
            fits = offset.view(np.uint64) < np.uint64(span)
            inside = fits if inside is None else inside & fits
            term = offset * np.int64(stride)
            codes = term if codes is None else codes + term
        assert codes is not None
        assert inside is not None
        return np.where(inside, codes, self.nothing)


def _bits(key: np.ndarray) -> np.ndarray:
    """Any integer or bool as the int64 of the same value, or for large unsigned ones of the same bits."""
    return np.asarray(key).astype(np.int64, copy=False)


def mixed(codes: np.ndarray) -> np.ndarray:
    """64 bits for each code, all of which depend on all of the code's; as the kernels mix them."""
    bits = codes.view(np.uint64)
    bits = (bits ^ (bits >> np.uint64(FIRST_SHIFT))) * np.uint64(FIRST_FACTOR)
    bits = (bits ^ (bits >> np.uint64(SECOND_SHIFT))) * np.uint64(SECOND_FACTOR)
    return (bits ^ (bits >> np.uint64(FIRST_SHIFT))).view(np.int64)


def hashes(columns: Sequence[np.ndarray]) -> np.ndarray:
    """The hash of each row of int64 columns, as the kernels compute it."""
    bits = columns[0].view(np.uint64)
    for column in columns[1:]:
        bits = bits * np.uint64(KEY_FACTOR) + column.view(np.uint64)
    return mixed(bits.view(np.int64))


def table_of(keys: Sequence[np.ndarray]) -> RowTable:
    """The table of rows with these keys, no two of them equal."""
    rows = len(keys[0])
    lows = [int(key.min()) if rows else 0 for key in keys]
    spans = [int(key.max()) - low + 1 if rows else 0 for key, low in zip(keys, lows, strict=True)]
    strides: list[int] = []
    size = 1
    for span in reversed(spans):
        strides.append(size)
        size *= span
    as_bits = tuple([(low + (1 << 63)) % (1 << 64) - (1 << 63) for low in lows])
    hashed = size > max(_SMALL, rows * _SLOTS_A_ROW) and (size > _LARGE or rows < _MANY_ROWS)
    form = TableForm(hashed, tested=size <= max(_MANY_BITS, rows * _BITS_A_ROW))
    return RowTable(keys, as_bits, tuple(spans), tuple(strides[::-1]), form)


def _slots(rows: int) -> int:
    """Of a hashed table."""
    return 1 << max(2 * rows - 1, 1).bit_length()


def _hashed(keys: Sequence[np.ndarray]) -> np.ndarray:
    rows = len(keys[0])
    slots = _slots(rows)
    table = borrow_full((slots, len(keys) + 1), -1, np.int64)
    kernel = _kernel(keys)
    if kernel is None:
        _insert([_bits(key) for key in keys], table)
        return table.reshape(-1)
    columns = [np.ascontiguousarray(key) for key in keys]
    pointers = [*[address(column) for column in columns], address(table)]
    for low in range(0, rows, _LONGEST_CALL):
        kernel(low, min(low + _LONGEST_CALL, rows), *pointers, slots - 1)
    return table.reshape(-1)


def _kernel(keys: Sequence[np.ndarray]) -> Kernel | None:
    """What inserts rows, if it is there; where it would pay it will be the next time."""
    source = emit_lookup_tables.insert_rows(tuple([key.dtype for key in keys]))
    least = settings.current().min_rows
    if least == 0:
        try:
            return compiler.obtain(source)
        except CompileError:
            return None
    kernel = compiler.find(source)
    if kernel is None and len(keys[0]) > _MANY_ROWS:
        compiler.prepare(source)
    return kernel


def _insert(columns: Sequence[np.ndarray], table: np.ndarray) -> None:
    """Open addressing: all rows try their slot at once, and those that find it taken the next."""
    mask = len(table) - 1
    waiting, at = np.arange(len(columns[0])), hashes(columns) & mask
    while len(waiting):
        free = table[at, -1] < 0
        table[at[free], -1] = waiting[free]
        placed = table[at, -1] == waiting
        for k, column in enumerate(columns):
            table[at[placed], k] = column[waiting[placed]]
        waiting, at = waiting[~placed], (at[~placed] + 1) & mask
