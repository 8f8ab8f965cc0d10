"""Files are read piece by piece where a loop can work on a piece as soon as it is there.

A loop over the rows of a file that alone needs some columns, and at each row nothing of other rows, gets them
a row group at a time: each thread decodes a row group and runs the kernel on it, so that one decodes while
another computes.  Where fewer threads compute than there are, because all rows go into one group table, the
others decode ahead of them, a column at a time, and those that compute help where they would wait.  What a
third computation decodes is kept for the next one, piece by piece, as far as there is room, and what takes
longer to decode than to load already the first time.

Row groups of which no row can pass the filters of a loop are neither decoded nor walked.  That is found out
just before the loop runs, of what is known by then: the least and greatest values that the file notes of
each row group, those of codes and masks that are in memory, and the keys of the tables that rows are looked
up in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np

from lazyframe import settings
from lazyframe.run.bindings import bound_to
from lazyframe.run.bounds import bounds_of
from lazyframe.run.environment import Environment
from lazyframe.run.late import Bounds, LateColumn, LateSource, ReadPiece, ReadRows, WrongLimitsError
from lazyframe.run.outputs import Layout
from lazyframe.run.plan import Plan
from lazyframe.run.pruning import may_pass
from passes.ir.loops import Loop
from passes.ir.rows import Range
from passes.ir.values import Read, Value

LONGEST_MORSEL = 1 << 20
"""Rows of one kernel call, however long a row group is."""

SMALL_COLUMN_BYTES = 1 << 22
"""Columns up to this size are fetched as a whole: they are likely to be asked for again, and cost little."""


Limits = dict[tuple[Read, int], Bounds | None]


@dataclass(slots=True)
class Stream:
    """How one loop reads a file.

    Parameters
    ----------
    source : LateSource
        The file.
    leaves : tuple of Read
        What the loop loads, that is read piece by piece; perhaps nothing.
    columns : tuple of LateColumn
        In the same order.
    pieces : tuple of int
        Those that the loop walks, ascending.
    limits : dict
        Of inputs that are in memory, in pieces: what was found out so far.
    bounding : tuple of bool
        Of which columns the source's limits were taken for those of all values: it is checked that they are.
    """

    source: LateSource
    leaves: tuple[Read, ...]
    columns: tuple[LateColumn, ...]
    pieces: tuple[int, ...]
    limits: Limits
    bounding: tuple[bool, ...]

    def narrow(self, loop: Loop, late: Mapping[Read, LateColumn], environment: Environment) -> None:
        """Leave out what earlier steps have shown to be of no use to the loop."""
        self.pieces = _contributing(loop, self.source, self.pieces, late, environment, self.limits)

    def layout(self, layout: Layout) -> Layout:
        """Morsels that are row groups, or parts of long ones; those of one stay together, in order."""
        length = min(layout.morsel_rows, LONGEST_MORSEL)
        cuts: list[tuple[int, int]] = []
        firsts: list[int] = []
        share = -(-len(self.pieces) // max(len(layout.tasks), 1)) or 1
        for count, piece in enumerate(self.pieces):
            first, rows = self.source.pieces[piece]
            if layout.together == 1 or count % share == 0:
                firsts.append(len(cuts))
            cuts += [(low, min(low + length, first + rows)) for low in range(first, first + rows, length)]
        return Layout(layout.outer, 1, length, cuts=tuple(cuts), firsts=tuple(firsts))


Parts = list[tuple[np.ndarray, int]]
"""Of each leaf an array, and its first row."""


class Pieces:
    """What a loop reads of a file as it goes: some rows of one piece a task.

    Parameters
    ----------
    stream : Stream, optional
        Of the loop; without one there is nothing to read.
    reads : sequence of callable
        Each from the number of a piece to what reads its rows, of some of the leaves; together all, in order.
    following : mapping
        From the first row of a morsel to the rows of that which the same task comes to next.
    pool : Executor, optional
        Reads that one meanwhile.  What it has not come to when the rows are needed is read by whoever needs
        them, beside it.
    """

    def __init__(
        self,
        stream: Stream | None = None,
        reads: Sequence[ReadPiece] = (),
        following: Mapping[int, tuple[int, int]] | None = None,
        pool: Executor | None = None,
    ) -> None:
        self._following = following or {}
        self._pool = pool
        self._ahead: dict[int, list[tuple[int, Future[Parts]]]] = {}
        self.leaves: tuple[Read, ...] = () if stream is None else stream.leaves
        self._reads = reads
        self._pieces = () if stream is None else stream.source.pieces
        self._firsts = [first for first, _ in self._pieces]
        self._begun: dict[tuple[int, int], ReadRows] = {}
        self._seconds = [0.0] * len(reads)

    def at(self, low: int, high: int) -> dict[Value, tuple[np.ndarray, int]]:
        """Arrays that have the rows of a morsel, and the first row of each."""
        parts: list[Parts] = [[] for _ in self._reads]
        futures = self._ahead.pop(low, None)
        if futures is None:
            for k in range(len(parts)):
                parts[k] = self._rows(k, low, high)
        else:
            for k, future in reversed(futures):  # begun in their order: what is before one that was, was too
                if not future.cancel():
                    break
                parts[k] = self._rows(k, low, high)
            for k, future in futures:
                if not future.cancelled():
                    parts[k] = future.result()
        following = self._following.get(low)
        if following is not None:
            self.begin(*following)
        return dict(zip(self.leaves, [part for each in parts for part in each], strict=True))

    def begin(self, low: int, high: int) -> None:
        """Have the rows of a morsel read by others, if there are any."""
        if self._pool is not None:
            longest_first = sorted(range(len(self._reads)), key=lambda k: -self._seconds[k])
            self._ahead[low] = [(k, self._pool.submit(self._rows, k, low, high)) for k in longest_first]

    def _rows(self, k: int, low: int, high: int) -> Parts:
        started = perf_counter()
        number = bisect_right(self._firsts, low) - 1
        read = self._begun.pop((k, number), None) or self._reads[k](number)
        parts = read(low, high)
        if high < sum(self._pieces[number]):
            self._begun[k, number] = read
        self._seconds[k] = perf_counter() - started
        return parts


def _checking(stream: Stream, read: ReadPiece, columns: Sequence[int]) -> ReadPiece:
    """The same, of which no value is outside the limits that were said to be those of all."""
    checked = [(n, stream.columns[k]) for n, k in enumerate(columns) if stream.bounding[k]]

    def read_and_check(piece: int) -> ReadRows:
        rows_of = read(piece)
        end = sum(stream.source.pieces[piece])
        limits = [stream.source.bounds(column, piece) for _, column in checked]
        seen: list[Bounds | None] = [None] * len(checked)

        def checked_rows(low: int, high: int) -> Parts:
            parts = rows_of(low, high)
            for n, (k, column) in enumerate(checked):
                array, first = parts[k]
                found = seen[n] = _with_more(seen[n], array[low - first : high - first])
                known = limits[n]
                assert known is not None
                if found.low < known.low or found.high > known.high:
                    raise WrongLimitsError(column)
                if high == end and (found.low, found.high) != (known.low, known.high):
                    raise WrongLimitsError(column)
            return parts

        return checked_rows

    return read_and_check if checked else read


def _with_more(bounds: Bounds | None, values: np.ndarray) -> Bounds:
    """The limits of some values, and of more."""
    low, high = bounds_of(values)
    return Bounds(low, high) if bounds is None else Bounds(min(bounds.low, low), max(bounds.high, high))


_NOTHING = nullcontext(Pieces())


def reading(stream: Stream | None, layout: Layout, threads: int) -> AbstractContextManager[Pieces]:
    """What a loop reads of a file while it runs, with so many threads, over the stream's layout."""
    return _NOTHING if stream is None or not stream.leaves else _reading(stream, layout, threads)


@contextmanager
def _reading(stream: Stream, layout: Layout, threads: int) -> Iterator[Pieces]:
    together = range(len(stream.columns))
    idle = threads - len(layout.tasks)
    with ExitStack() as stack:

        def begun(columns: Sequence[int]) -> ReadPiece:
            read = stack.enter_context(stream.source.reading([stream.columns[k] for k in columns]))
            return _checking(stream, read, columns)

        if idle <= 0:
            yield Pieces(stream, [begun(together)])
            return
        reads = [begun([k]) for k in together]
        pool = ThreadPoolExecutor(idle, thread_name_prefix="lazyframe")
        try:
            pieces = Pieces(stream, reads, _following(layout), pool)
            for task in layout.tasks:
                pieces.begin(*layout.bounds(task[0]))
            yield pieces
        finally:
            pool.shutdown(cancel_futures=True)


def _following(layout: Layout) -> dict[int, tuple[int, int]]:
    """From the first row of each morsel to the rows of the next that the same task comes to."""
    found: dict[int, tuple[int, int]] = {}
    for task in layout.tasks:
        bounds = [layout.bounds(morsel) for morsel in task]
        found.update((before[0], after) for before, after in pairwise(bounds))
    return found


def late_inputs(plan: Plan, environment: Environment) -> dict[Read, LateColumn]:
    """The inputs of a plan that are columns of files, whether or not their data is there."""
    found: dict[Read, LateColumn] = {}
    for value in plan.program.inputs:
        if isinstance(value, Read):
            column = bound_to(environment.tokens[value.token])
            if isinstance(column, LateColumn):
                found[value] = column
    return found


def describe(late: Mapping[Read, LateColumn], streams: dict[int, Stream]) -> tuple[str, ...]:
    """What is read of which files, a line each; ``late`` are the inputs that are columns of files."""
    by_source: dict[int, list[LateColumn]] = {}
    for column in late.values():
        by_source.setdefault(id(column.source), []).append(column)
    lines: list[str] = []
    for columns in by_source.values():
        source = columns[0].source
        if not source.in_files:
            continue
        names = ", ".join(sorted({column.name for column in columns}))
        line = f"{source.name}: {names}"
        for stream in streams.values():
            if stream.source is source:
                few = f"{len(stream.pieces)} of {len(source.pieces)} row groups"
                ruled = ", the others ruled out" * (len(stream.pieces) < len(source.pieces))
                how = "read one by one as they are computed on" if stream.leaves else "computed on"
                line += f"; {few} {how}{ruled}"
        lines.append(line)
    return tuple(lines)


def streams_of(plan: Plan, late: Mapping[Read, LateColumn], environment: Environment) -> dict[int, Stream]:
    """Which loops of a plan read files piece by piece, or not all of them, by the numbers of their steps."""
    if not late:
        return {}
    alone = plan.read_by_one_loop()
    bounding = plan.only_bounds_groups()
    streams: dict[int, Stream] = {}
    for number, step in enumerate(plan.program.steps):
        if not isinstance(step, Loop) or not isinstance(step.domain, Range):
            continue
        mine = [leaf for leaf in plan.leaves(number) if isinstance(leaf, Read) and leaf in late]
        sources = {id(late[leaf].source): late[leaf].source for leaf in mine if leaf.rows is step.domain}
        for source in sources.values():
            stream = _stream(step, source, mine, late, alone.get(number, frozenset()), bounding, environment)
            if stream is not None:
                streams[number] = stream
                break
    return streams


def _stream(
    loop: Loop,
    source: LateSource,
    leaves: list[Read],
    late: Mapping[Read, LateColumn],
    alone: frozenset[Read],
    bounding: frozenset[Read],
    environment: Environment,
) -> Stream | None:
    filled = [piece for piece, (_, rows) in enumerate(source.pieces) if rows]
    limits: Limits = {}
    pieces = _contributing(loop, source, filled, late, environment, limits)
    threads = settings.current().threads
    streamed = [
        leaf
        for leaf in leaves
        if leaf in alone
        and late[leaf].source is source
        and is_streamed(late[leaf])
        and (leaf not in bounding or _has_limits(late[leaf]))
    ]
    if len(pieces) < 2 * threads and len(pieces) == len(source.pieces):
        streamed = []  # columns of few row groups are decoded side by side instead
    if not streamed and len(pieces) == len(source.pieces):
        return None
    columns = tuple([late[leaf] for leaf in streamed])
    checked = tuple([leaf in bounding for leaf in streamed])
    return Stream(source, tuple(streamed), columns, pieces, limits, checked)


def _has_limits(column: LateColumn) -> bool:
    return column.dtype.kind in "iu" and column.limits() is not None


def is_streamed(column: LateColumn) -> bool:
    """Whether loops read a column piece by piece where they can: it is large, and not there."""
    small = column.rows * column.dtype.itemsize <= SMALL_COLUMN_BYTES
    return not small and column.held() is None


def _contributing(
    loop: Loop,
    source: LateSource,
    pieces: Sequence[int],
    late: Mapping[Read, LateColumn],
    environment: Environment,
    in_memory: Limits,
) -> tuple[int, ...]:
    """Those pieces of which some row may pass the filters of some builder."""
    guards = dict.fromkeys([builder.guards for builder in loop.builders])
    if () in guards:
        return tuple(pieces)

    def may_contribute(piece: int) -> bool:
        def bounds(leaf: Read) -> Bounds | None:
            column = late.get(leaf)
            if column is not None:
                return source.bounds(column, piece) if column.source is source else None
            if leaf.rows is not loop.domain:
                return None
            if (leaf, piece) not in in_memory:
                first, rows = source.pieces[piece]
                in_memory[leaf, piece] = _bounds_of(environment.get(leaf)[first : first + rows])
            return in_memory[leaf, piece]

        return any(all(may_pass(guard, bounds, environment) for guard in each) for each in guards)

    return tuple([piece for piece in pieces if may_contribute(piece)])


def _bounds_of(part: Any) -> Bounds | None:
    if not isinstance(part, np.ndarray) or part.dtype.kind not in "biu":
        return None
    return Bounds(part.min(), part.max())
