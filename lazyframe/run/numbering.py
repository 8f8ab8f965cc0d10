"""Number rows by their keys: groups whose keys are too far apart for a table of all that is between them.

Numbers are given out in order of first appearance, so that groups met one after another lie side by side, and
so that how the work was divided cannot be seen.  Few groups are numbered by tables that fit in a cache, one
for each part of the rows, which are then merged in order; many are partitioned by hash first, so that each
partition's table fits.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe import settings
from lazyframe.codegen import compiler, emit_numbering
from lazyframe.codegen.kernel import CompileError, Kernel, KernelSource
from lazyframe.run import morsels, tiers
from lazyframe.run.addresses import address
from lazyframe.run.combined_keys import INT64, as_int64, combine, fit, span_of
from lazyframe.run.memory import borrow, borrow_full
from lazyframe.run.numbering_in_runs import numbered_in_runs
from lazyframe.run.runs import begins_sorted

SEED = secrets.randbits(64)
"""Another in each process, so that nobody can prepare keys that all collide."""

SAMPLE_ROWS = 1 << 17
"""So many rows tell whether there are many groups."""

MANY_GROUPS = 100_000
"""Groups among `SAMPLE_ROWS` rows from which on, as there are then 250,000 or more, partitions pay."""

PARTITION_ROWS = 1 << 15
"""About how many rows a partition has: a table of 1 MB at most."""

LEAST_PART_ROWS = 1 << 18
"""Rows for which a table of their own pays."""

_FEW_ROWS = 1 << 12
"""So many rows show of most columns that they do not follow from others."""

_FIRST_SLOTS = 1 << 12
_PANDAS_SECONDS = 4e-8
"""What numbering one row takes pandas."""

_NOTICEABLE_SECONDS = 5e-4
"""What a kernel would save is as much, nearly."""

_COMPILE_SECONDS = 7 * tiers.COMPILE_SECONDS


class Numbered(NamedTuple):
    """Rows by their groups.

    Parameters
    ----------
    numbers : numpy.ndarray
        int64, each row's group; groups are numbered from 0 in order of their first rows.
    firsts : numpy.ndarray
        int64, each group's first row, ascending.
    in_runs : bool
        Whether the first key ascends, so that groups that differ in it lie in the order of their numbers.
    """

    numbers: np.ndarray
    firsts: np.ndarray
    in_runs: bool = False


def number_rows(keys: Sequence[np.ndarray], threads: int) -> Numbered:
    """Number rows by the combinations of their keys.

    Parameters
    ----------
    keys : sequence of numpy.ndarray
        At least one, of integers or booleans, all of one length.
    threads : int
        At most how many work.
    """
    columns = [key.view(np.uint8) if key.dtype.kind == "b" else key for key in keys]
    rows = len(columns[0])
    found = _in_runs(columns, threads)
    if found is not None:
        return found
    if rows == 0:
        return Numbered(np.empty(0, INT64), np.empty(0, INT64))
    return _number(columns, _kernels(rows), threads)


def _in_runs(columns: Sequence[np.ndarray], threads: int) -> Numbered | None:
    """Rows numbered without hashing, where the first key ascends and the others fit an integer."""
    if len(columns[0]) < 2 or not begins_sorted(columns[0]):
        return None
    others = columns[1:] or columns[:1]
    keys = as_int64(others[0])
    if len(others) > 1:
        spans = [span_of(column) for column in others]
        if not fit(spans):
            return None
        keys = combine(others, spans, threads)
    found = numbered_in_runs(np.ascontiguousarray(columns[0]), np.ascontiguousarray(keys), threads)
    return None if found is None else Numbered(*found, in_runs=True)


# -- several keys as one --------------------------------------------------------------------------------


def _number(columns: Sequence[np.ndarray], kernels: _Kernels | None, threads: int) -> Numbered:
    """Number rows by as few integers as hold all columns, those of least range first.

    Columns that do not fit one integer with the others are replaced by their numbers, which need fewer bits.
    One that does not, as amounts of money beside whom they belong to, may have one value in each group of the
    others, and is passed over then.
    """
    waiting = [(span_of(column), column) for column in columns]
    rows = len(columns[0])
    is_decided = False
    while len(waiting) > 1:
        waiting.sort(key=lambda found: found[0][1])
        together = len(waiting)
        while not fit([span for span, _ in waiting[:together]]):
            together -= 1
        widest, rest = waiting[-1][0][1], [span for span, _ in waiting[:-1]]
        if together == len(waiting):
            columns = [column for _, column in waiting]
            return _number_one(combine(columns, [span for span, _ in waiting], threads), kernels, threads)
        if together == len(waiting) - 1 and not is_decided:
            is_decided = True
            others, last = [column for _, column in waiting[:-1]], waiting[-1]
            some = [column[:_FEW_ROWS] for column in others]
            if _follows(last[1][:_FEW_ROWS], _number(some, kernels, threads)):
                found = _number(others, kernels, threads)
                if _follows(last[1], found):
                    return found
                waiting = [((0, len(found.firsts)), found.numbers), last]
                continue
        if together < 2 or (widest > rows and fit([*rest, (0, rows)])):
            pack, waiting = waiting[-1:], waiting[:-1]
        else:
            pack, waiting = waiting[:together], waiting[together:]
        found = _number([column for _, column in pack], kernels, threads)
        waiting.append(((0, len(found.firsts)), found.numbers))
    return _number_one(np.ascontiguousarray(as_int64(waiting[0][1])), kernels, threads)


def _follows(column: np.ndarray, found: Numbered) -> bool:
    """Whether all rows of a group have the value that the first one has."""
    return np.array_equal(column[found.firsts].take(found.numbers), column)


# -- one key --------------------------------------------------------------------------------------------


def _number_one(keys: np.ndarray, kernels: _Kernels | None, threads: int) -> Numbered:
    if kernels is None:
        return _by_pandas(keys)
    rows = len(keys)
    numbers = borrow(rows, INT64)
    table = _Table(kernels)
    sampled = min(rows, SAMPLE_ROWS)
    table.number(keys, 0, sampled, numbers)
    many = table.count > MANY_GROUPS
    if many and sampled == SAMPLE_ROWS and rows < 1 << 31:
        return _partitioned(keys, numbers, kernels, threads)
    parts = max(1, min(threads, rows // LEAST_PART_ROWS))
    if parts == 1 or many:
        table.number(keys, sampled, rows, numbers)
    else:
        _in_parts(keys, sampled, numbers, table, kernels, parts)
    return Numbered(numbers, table.firsts[: table.count])


def _in_parts(
    keys: np.ndarray, begin: int, numbers: np.ndarray, table: _Table, kernels: _Kernels, parts: int
) -> None:
    """Number parts of the rows from ``begin`` on by tables of their own, and merge those in order."""
    bounds = np.linspace(begin, len(keys), parts + 1).astype(int).tolist()
    tables = [table.copy() for _ in range(parts)]

    def one(part: int) -> None:
        tables[part].number(keys, bounds[part], bounds[part + 1], numbers)

    morsels.run([range(part, part + 1) for part in range(parts)], one, parts)
    known = table.count
    new: list[np.ndarray] = []
    for mine in tables:
        found = np.empty(mine.count, INT64)
        found[:known] = np.arange(known)
        before = table.count
        table.number(mine.keys, known, mine.count, found)
        table.firsts[before : table.count] = mine.firsts[table.firsts[before : table.count]]
        new.append(found)

    def renumber(part: int) -> None:
        low, high = bounds[part], bounds[part + 1]
        kernels.renumber_rows(low, high, address(new[part]), address(numbers))

    # the first part's numbers are right
    morsels.run([range(part, part + 1) for part in range(1, parts)], renumber, parts)


def _partitioned(keys: np.ndarray, numbers: np.ndarray, kernels: _Kernels, threads: int) -> Numbered:
    leaders = _leaders(keys, kernels, threads)
    state = np.zeros(1, INT64)
    firsts = borrow(len(keys), INT64)
    pointers = address(leaders), address(state), address(firsts), address(numbers)
    kernels.number_leaders(0, len(keys), *pointers)
    found = firsts[: state[0]]
    return Numbered(numbers, found.copy() if len(found) < len(keys) // 2 else found)


def _leaders(keys: np.ndarray, kernels: _Kernels, threads: int) -> np.ndarray:
    """The first row of the same key, of each row."""
    rows = len(keys)
    bits = max(1, min(12, (rows // PARTITION_ROWS).bit_length()))
    shift, partitions = 64 - bits, 1 << bits
    parts = max(1, min(threads, rows // LEAST_PART_ROWS))
    bounds = np.linspace(0, rows, parts + 1).astype(int).tolist()
    counts = np.zeros((parts, partitions), INT64)
    each = [range(part, part + 1) for part in range(parts)]

    def count(part: int) -> None:
        low, high = bounds[part], bounds[part + 1]
        kernels.count_partitions(low, high, address(keys), SEED, shift, address(counts[part]))

    morsels.run(each, count, parts)
    sizes = counts.sum(axis=0)
    ends = np.cumsum(sizes)
    behind = (ends - sizes) + np.cumsum(counts, axis=0) - counts
    moved, origins = borrow(rows, INT64), borrow(rows, np.int32)

    def scatter(part: int) -> None:
        pointers = address(behind[part]), address(moved), address(origins)
        kernels.scatter_rows(bounds[part], bounds[part + 1], address(keys), SEED, shift, *pointers)

    morsels.run(each, scatter, parts)
    leaders = borrow(rows, np.int32)
    ends = np.concatenate([[0], ends]).tolist()

    def lead(partition: int) -> None:
        low, high = ends[partition], ends[partition + 1]
        slots = 1 << min(high - low, PARTITION_ROWS).bit_length()
        status = emit_numbering.FULL
        while status == emit_numbering.FULL:
            slots *= 2
            table = borrow_full(2 * slots, 0, INT64)
            fixed = address(moved), address(origins), address(table), slots - 1, SEED
            status = kernels.lead_rows(low, high, *fixed, slots * 3 // 4, address(leaders))

    morsels.run([range(p, p + 1) for p in range(partitions) if sizes[p]], lead, threads)
    return leaders


class _Table:
    """Groups met so far, and a hash table of them that grows."""

    def __init__(self, kernels: _Kernels, slots: int = _FIRST_SLOTS) -> None:
        self._kernels = kernels
        self._slots = slots
        self._table = borrow_full(2 * slots, 0, INT64)
        self._state = np.zeros(2, INT64)
        self.keys = borrow(slots // 2, INT64)
        self.firsts = borrow(slots // 2, INT64)

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(self._state[0])

    def copy(self) -> _Table:
        """A table that goes on by itself."""
        made = _Table(self._kernels, 2)
        made._slots = self._slots
        made._table, made._state = self._table.copy(), self._state.copy()
        made.keys, made.firsts = self.keys.copy(), self.firsts.copy()
        return made

    def number(self, keys: np.ndarray, low: int, high: int, numbers: np.ndarray) -> None:
        """Number the rows from ``low`` to ``high``; ``firsts`` are their positions."""
        while low < high:
            pointers = address(self._state), self._slots // 2, address(self.keys), address(self.firsts)
            fixed = address(keys), address(self._table), self._slots - 1, SEED
            stop = min(high, low + _LONGEST_CALL)
            status = self._kernels.number_rows(low, stop, *fixed, *pointers, address(numbers))
            low = int(self._state[1])
            if status == emit_numbering.FULL:
                self._grow()

    def _grow(self) -> None:
        self._slots *= 4
        self._table = borrow_full(2 * self._slots, 0, INT64)
        self.keys = _longer(self.keys, self._slots // 2)
        self.firsts = _longer(self.firsts, self._slots // 2)
        pointers = address(self.keys), address(self._table), self._slots - 1, SEED
        self._kernels.insert_keys(0, self.count, *pointers)


def _longer(array: np.ndarray, length: int) -> np.ndarray:
    grown = borrow(length, array.dtype)
    grown[: len(array)] = array
    return grown


_LONGEST_CALL = 1 << 22
"""Rows after which Ctrl-C is heard."""


# -- kernels --------------------------------------------------------------------------------------------


class _Kernels(NamedTuple):
    number_rows: Any
    insert_keys: Any
    renumber_rows: Any
    count_partitions: Any
    scatter_rows: Any
    lead_rows: Any
    number_leaders: Any


def _sources() -> list[KernelSource]:
    return [getattr(emit_numbering, name)() for name in _Kernels._fields]


def _kernels(rows: int) -> _Kernels | None:
    """All kernels, if they are there or worth waiting for; pandas numbers the rows otherwise.

    They are the same for all keys, so where pandas has taken noticeable time for it again they are compiled
    behind the caller's back, for few rows as well.
    """
    least = settings.current().min_rows
    sources = _sources()
    look = compiler.find if rows >= least else compiler.at_hand
    found: list[Kernel | None] = [look(source) for source in sources]
    if None in found:
        seconds = rows * _PANDAS_SECONDS
        if least > 0 and (rows < least or seconds < _COMPILE_SECONDS):
            if rows >= least or _noticed.again(seconds):
                for source in sources:
                    compiler.prepare(source)
            return None
        try:
            found = [compiler.obtain(source) for source in sources]
        except CompileError as error:
            tiers.failures.append(f"numbering of rows: {error}")
            return None
    return _Kernels(*found)


class _Noticed:
    """How often pandas has been given rows, too few for kernels to be made, that take it noticeable time."""

    def __init__(self) -> None:
        self._times = 0

    def again(self, seconds: float) -> bool:
        """Count what will take so long; whether that has happened so often that it will again."""
        self._times += seconds >= _NOTICEABLE_SECONDS
        return seconds >= _NOTICEABLE_SECONDS and self._times > tiers.REPEATED_TIMES


_noticed = _Noticed()


def _by_pandas(keys: np.ndarray) -> Numbered:
    numbers, distinct = pandas.factorize(keys)
    firsts = np.full(len(distinct), len(numbers), INT64)
    firsts[numbers[::-1]] = np.arange(len(numbers))[::-1]  # the last write is that of the first row
    return Numbered(numbers.astype(INT64, copy=False), firsts)
