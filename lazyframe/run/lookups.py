"""Find rows by their keys: tables addressed by the keys themselves, or hashed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import prod

import numpy as np

from lazyframe.codegen.emit_lookups import TableForm, Way
from lazyframe.codegen.emit_steps import inverse_and_shift
from lazyframe.run.hashed_tables import find_in_table, hashed_table, integers_of, slots_of
from lazyframe.run.memory import borrow_full
from lazyframe.run.runs import ascends_strictly
from lazyframe.run.steps import step_of
from lazyframe.run.table_filling import MANY_ROWS, Coded, filled, starts_of

_SMALL = 1 << 16
_LARGE = 1 << 23
"""Slots of 4 bytes: so many are cleared in a few milliseconds, and stay in a last-level cache."""

_MANY_BITS = 1 << 23
"""Bits that say which keys there are: a megabyte stays in the second-level cache."""

_BITS_A_ROW = 64

_RANKED_BITS_A_ROW = 128
"""With so many, and how many rows there are before each 64, a table takes less than a hashed one."""

_WORD = np.dtype("<u8")
"""Bits are counted in bytes from the least, whatever the machine's order."""

_SPARSE = 8
"""Codes a row, undivided, from which on dividing keys is tried, and how many times fewer codes pay for it."""

_FEWEST = 16
"""Rows of which it is no chance that their keys have a common divisor."""

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
    steps : tuple of int
        From one of these values to the next, one a key.
    starts : numpy.ndarray, optional
        Of rows found by runs, what `starts_of` gives of the key that ascends.
    """

    def __init__(
        self,
        keys: Sequence[np.ndarray],
        lows: tuple[int, ...],
        spans: tuple[int, ...],
        strides: tuple[int, ...],
        form: TableForm,
        steps: tuple[int, ...] = (),
        starts: np.ndarray | None = None,
    ) -> None:
        self._keys = tuple(keys)
        self._rows = len(keys[0])
        self._unsigned = tuple([key.dtype.kind == "u" for key in keys])
        self.lows = lows
        self.spans = spans
        self.strides = strides
        self.form = form
        self.steps = steps or (1,) * len(lows)
        self.runs = [] if starts is None else [starts, *map(np.ascontiguousarray, _others(keys, form))]
        """Where the rows of each value of the key that ascends begin, and the other keys."""

    @cached_property
    def array(self) -> np.ndarray:
        """Addressed: int32, a position or -1 for each code; -1 behind the last.

        Hashed: int64, for each slot the keys and a position, -1 in an empty slot; at most half are used.
        """
        if self.form.way is Way.BY_HASH:
            return hashed_table(self._keys)
        array = filled(self.nothing + 1, -1, np.int32)
        if not self._coded().place(array):
            array[self._own_codes()] = np.arange(self._rows, dtype=np.int32)
        return array

    @cached_property
    def bits(self) -> np.ndarray:
        """uint64, a bit for each code from the least of the first; and 0 behind the last code."""
        words = (self.nothing >> 6) + 1
        marked = borrow_full(words, 0, np.uint64)
        ascending = self.form.way is Way.BY_RANK
        if self._coded().mark(marked, self._codes_of_some if ascending else None):
            return marked
        if self.nothing > _SLOTS_A_ROW * self._rows:
            code = self._own_codes()
            bits = borrow_full(words * 8, 0, np.uint8)
            np.bitwise_or.at(bits, code >> 3, np.left_shift(1, code & 7).astype(np.uint8))
            return bits.view(_WORD).astype(np.uint64, copy=False)
        packed = np.packbits(self._marks(words * 64), bitorder="little")
        return packed.view(_WORD).astype(np.uint64, copy=False)

    @cached_property
    def ranks(self) -> np.ndarray:
        """int32, how many rows there are before the codes of each word of `bits`, where codes ascend."""
        ranks = np.zeros(len(self.bits), np.int32)
        np.cumsum(np.bitwise_count(self.bits[:-1]), dtype=np.int32, out=ranks[1:])
        return ranks

    @cached_property
    def _there(self) -> np.ndarray:
        return self._marks(self.nothing + 1)

    def _marks(self, size: int) -> np.ndarray:
        """A byte for each code: whether there is such a row; and 0 behind the last."""
        there = borrow_full(size, 0, np.bool_)
        there[self._own_codes()] = True
        return there

    def _coded(self) -> Coded:
        return Coded(self._keys, self.lows, self.strides, self.steps)

    def _own_codes(self) -> np.ndarray:
        """Of the rows in the table, none of which has a key out of range."""
        return self._codes_of_some(slice(None))

    def _codes_of_some(self, some: slice) -> np.ndarray:
        codes: np.ndarray | None = None
        for k, (key, stride) in enumerate(zip(self._keys, self.strides, strict=True)):
            offset = self._offset(k, key[some])
            term = offset if stride == 1 else offset * np.int64(stride)
            codes = term if codes is None else codes + term
        assert codes is not None
        return codes

    @property
    def bytes(self) -> int:
        """What is made of the keys where all is asked for."""
        bits = self.nothing // 8 if self.form.tested else 0
        match self.form.way:
            case Way.AS_CODE:
                return 0
            case Way.BY_RANK:
                return bits + self.nothing // 64 * 4
            case Way.BY_RUN:
                return self.runs[0].nbytes
            case Way.BY_CODE:
                return bits + self.nothing * 4
        return bits + (self.mask + 1) * (len(self.lows) + 1) * 8

    def complete(self) -> None:
        """Make all that anybody may ask for, and let go of the keys."""
        match self.form.way:
            case Way.BY_RANK:
                _ = self.ranks
            case Way.BY_CODE | Way.BY_HASH:
                _ = self.array
        if self.form.tested and self.form.way is not Way.AS_CODE:
            _ = self.bits
        if self.form.way is Way.BY_HASH and self.nothing <= _MANY_BITS:
            _ = self._there
        self._keys = ()

    @property
    def nothing(self) -> int:
        """The code behind the last, where nothing is ever found."""
        return prod(self.spans)

    @property
    def mask(self) -> int:
        """Of a hashed table what hashes are masked with."""
        return slots_of(self._rows) - 1

    @property
    def limits(self) -> list[tuple[int, int]]:
        """The least and the greatest value of each key."""
        lows = [
            low % (1 << 64) if unsigned else low
            for unsigned, low in zip(self._unsigned, self.lows, strict=True)
        ]
        return [
            (low, low + (span - 1) * step)
            for low, span, step in zip(lows, self.spans, self.steps, strict=True)
        ]

    def find(self, keys: Sequence[np.ndarray]) -> np.ndarray:
        """The positions of rows with these keys; -1 where there is none."""
        if self.form.way is Way.BY_RUN:
            return self._among_runs(keys)
        if self.form.way is not Way.BY_HASH:
            return self._at(self.codes(keys))
        columns = [integers_of(key) for key in keys]
        if self.nothing > _MANY_BITS or len(columns[0]) < MANY_ROWS:
            return find_in_table(self.array, columns)
        # most rows of which there are none are told by one look
        perhaps = np.flatnonzero(self._there.take(self.codes(columns)))
        found = np.full(len(columns[0]), -1, np.int64)
        found[perhaps] = find_in_table(self.array, [column.take(perhaps) for column in columns])
        return found

    def _at(self, codes: np.ndarray) -> np.ndarray:
        """The positions of the rows with these codes."""
        position: np.ndarray
        match self.form.way:
            case Way.AS_CODE:
                position = np.where(codes == self.nothing, -1, codes)
            case Way.BY_RANK:
                word, bit = codes >> 6, (codes & 63).view(np.uint64)
                bits = self.bits.take(word)
                below = np.bitwise_count(bits & ((np.uint64(1) << bit) - np.uint64(1)))
                there = ((bits >> bit) & np.uint64(1)).view(np.int64)
                position = np.where(there == 1, self.ranks.take(word).astype(np.int64) + below, -1)
            case _:
                position = self.array.take(codes).astype(np.int64)
        return position

    def _among_runs(self, keys: Sequence[np.ndarray]) -> np.ndarray:
        starts, *others = self.runs
        leading = self.form.leading
        offset = self._offset(leading, keys[leading]).view(np.uint64)
        code = np.minimum(offset, np.uint64(self.spans[leading])).view(np.int64)
        at, end = starts.take(code).astype(np.int64), starts.take(code + 1)
        found = np.full(len(code), -1, np.int64)
        waiting = np.flatnonzero(at < end)
        while len(waiting):
            rows = at[waiting]
            hit = np.ones(len(waiting), np.bool_)
            for other, key in zip(others, _others(keys, self.form), strict=True):
                hit &= other.take(rows) == key.take(waiting)
            found[waiting[hit]] = rows[hit]
            waiting = waiting[~hit]
            at[waiting] += 1
            waiting = waiting[at[waiting] < end[waiting]]
        return found

    def codes(self, keys: Sequence[np.ndarray]) -> np.ndarray:
        """Where an addressed table has each row: `nothing` where no row can have the keys."""
        if len(keys) == 1:
            distance = self._offset(0, keys[0]).view(np.uint64)
            code: np.ndarray = np.minimum(distance, np.uint64(self.nothing)).view(np.int64)
            return code
        codes: np.ndarray | None = None
        inside: np.ndarray | None = None
        for k, (key, span, stride) in enumerate(zip(keys, self.spans, self.strides, strict=True)):
            offset = self._offset(k, key)
            fits = offset.view(np.uint64) < np.uint64(span)
            inside = fits if inside is None else inside & fits
            term = offset * np.int64(stride)
            codes = term if codes is None else codes + term
        assert codes is not None
        assert inside is not None
        return np.where(inside, codes, self.nothing)

    def _offset(self, k: int, key: np.ndarray) -> np.ndarray:
        """How many values of key ``k`` there are below each; bits of something larger where it is none."""
        offset: np.ndarray = integers_of(key) - np.int64(self.lows[k])
        if not self.form.stepped:
            return offset
        inverse, shift = inverse_and_shift(self.steps[k])
        product = offset.view(np.uint64) * np.uint64(inverse)
        if shift:
            product = (product >> np.uint64(shift)) | (product << np.uint64(64 - shift))
        return product.view(np.int64)


def table_of(keys: Sequence[np.ndarray], whole: bool = False) -> RowTable:
    """The table of rows with these keys, no two of them equal.

    ``whole`` says that they are inputs, whose keys are the same each time: what filters leave has a gap today
    and none tomorrow, which is not worth a kernel of its own.
    """
    rows = len(keys[0])
    ascending = len(keys) == 1 and rows > 0 and ascends_strictly(keys[0])
    if ascending:
        limits = [(int(keys[0][0]), int(keys[0][-1]))]
    else:
        limits = [(int(key.min()), int(key.max())) if rows else (0, -1) for key in keys]
    lows = tuple([(low + (1 << 63)) % (1 << 64) - (1 << 63) for low, _ in limits])
    spans = tuple([high - low + 1 for low, high in limits])
    form = _form(rows, prod(spans), ascending, whole)
    steps = (1,) * len(keys)
    if rows >= _FEWEST and prod(spans) > max(_SMALL, _SPARSE * rows):
        divided = _divided(keys, limits)
        fewer = tuple([(span - 1) // step + 1 for span, step in zip(spans, divided, strict=True)])
        divided_form = _form(rows, prod(fewer), ascending, whole)
        hashed = form.way is Way.BY_HASH or _SPARSE * prod(fewer) <= prod(spans)
        if hashed and divided_form.way is not Way.BY_HASH and divided != steps:
            steps, spans, form = divided, fewer, divided_form._replace(stepped=True)
    strides = tuple([prod(spans[k + 1 :]) for k in range(len(spans))])
    starts = None
    for k in range(len(keys) if form.way is Way.BY_HASH and len(keys) > 1 else 0):
        starts = starts_of(keys[k], lows[k], spans[k])
        if starts is not None:
            form = TableForm(Way.BY_RUN, tested=False, leading=k)
            break
    return RowTable(keys, lows, spans, strides, form, steps, starts)


def _others(keys: Sequence[np.ndarray], form: TableForm) -> list[np.ndarray]:
    """The keys but for the one that ascends."""
    return [key for k, key in enumerate(keys) if k != form.leading]


def _divided(keys: Sequence[np.ndarray], limits: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """What the values of each key are multiples of."""
    columns = [key.view(np.uint8) if key.dtype.kind == "b" else key for key in keys]
    return tuple([max(step_of(key, *ends), 1) for key, ends in zip(columns, limits, strict=True)])


def _form(rows: int, size: int, ascending: bool, whole: bool) -> TableForm:
    """How rows are found by keys with so many codes."""
    if ascending and whole and size == rows:
        return TableForm(Way.AS_CODE)
    if ascending and size <= max(_SMALL, rows * _RANKED_BITS_A_ROW):
        return TableForm(Way.BY_RANK)
    hashed = size > max(_SMALL, rows * _SLOTS_A_ROW) and (size > _LARGE or rows < MANY_ROWS)
    tested = size <= max(_MANY_BITS, rows * _BITS_A_ROW)
    return TableForm(Way.BY_HASH if hashed else Way.BY_CODE, tested)
