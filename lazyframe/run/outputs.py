"""Where a loop's builders write, and how the parts that morsels leave become one result."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from lazyframe.codegen.emit_reductions import BLOCK_ROWS, accumulator_dtype, compensated
from lazyframe.codegen.group_tables import SMALL_TABLE
from lazyframe.run import morsels
from lazyframe.run.environment import Environment
from lazyframe.run.morsels import LEAST_MORSEL_ROWS, morsel_rows
from passes.ir.loops import Builder, Loop
from passes.ir.operations import REDUCTIONS, neutral
from passes.ir.rows import Group, Product, Rows
from passes.ir.values import Fold, Reduce

_TABLE_BYTES = 1 << 26
"""Memory that the partial tables of one aggregate may take."""

_LONGEST_MORSEL = 1 << 20
"""Rows that no kernel works on for more than a small part of a second."""

_COPIED_BY_ONE = 1 << 22
"""Bytes up to which one thread joins what morsels left."""

_MOST_PARTS = 8
"""Parts of a large group table: enough for the threads of a common machine to share."""


@dataclass(slots=True)
class Output:
    """One builder's memory.

    Parameters
    ----------
    builder : Builder
        Whose.
    parts : numpy.ndarray
        An appended array itself; a row of cells for each morsel; for each part a table of slots by layers.
    pieces : list of numpy.ndarray or None
        For an append without a size: an array per morsel, made when the morsel runs.
    together : bool
        Whether what morsels append behind guards has no gaps between them.
    """

    builder: Builder
    parts: np.ndarray
    pieces: list[np.ndarray | None] | None = None
    together: bool = False

    @property
    def in_place(self) -> bool:
        """Whether rows are appended to one array."""
        return self.builder.appends and self.pieces is None


@dataclass(slots=True)
class Layout:
    """How a loop's outer rows are divided: the same for any number of threads.

    ``together`` morsels in a row fill one group table, and so run one after another.  A loop that reads files
    has morsels of any length, ``cuts``, which need not be all rows, and ``firsts``, the morsels that begin a
    task.  So has one that fills tables of groups whose rows lie together: all its morsels share a table of
    such a group, and ``edges`` are the first slot of each, and the one behind the last.
    """

    outer: int
    inner: int
    morsel_rows: int
    together: int = 1
    cuts: tuple[tuple[int, int], ...] | None = None
    firsts: tuple[int, ...] = ()
    edges: Mapping[Rows, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def morsels(self) -> int:
        """How many kernel calls there are."""
        if self.cuts is not None:
            return len(self.cuts)
        return -(-self.outer // self.morsel_rows)

    @property
    def tasks(self) -> list[range]:
        """The morsels of each thing that a thread takes on."""
        if self.cuts is not None:
            ends = (*self.firsts[1:], len(self.cuts))[: len(self.firsts)]
            return [range(first, end) for first, end in zip(self.firsts, ends, strict=True)]
        morsels, together = self.morsels, self.together
        if together == 1:
            return [range(morsel, morsel + 1) for morsel in range(morsels)]
        return [range(first, min(first + together, morsels)) for first in range(0, morsels, together)]

    def whole_blocks(self, rows: float) -> int:
        """At least one, and about so many rows: calls of that many begin whole blocks."""
        unit = 1 if self.inner > 1 else min(BLOCK_ROWS, self.morsel_rows)
        return max(int(rows) // unit, 1) * unit

    def spans(self, threads: int, begin: int, most: int) -> list[tuple[int, int]]:
        """First row and the row behind the last of each kernel call, where calls leave no parts of a result.

        What such a kernel writes for a row is the same wherever its call began, in whole blocks: calls are
        fewer than morsels, and get shorter towards the end, so that threads are done together.

        Parameters
        ----------
        threads : int
            At most how many call at once.
        begin : int
            The first row, where a whole block begins.
        most : int
            Rows of the longest call.
        """
        least = self.whole_blocks(min(self.morsel_rows, LEAST_MORSEL_ROWS / max(self.inner, 1)))
        shares = 1 if threads == 1 else 2 * threads
        found: list[tuple[int, int]] = []
        low = begin
        while low < self.outer:
            left = self.outer - low
            rows = min(most, max(least, -(-left // shares)))
            high = self.outer if left <= rows else low + self.whole_blocks(rows)
            found.append((low, high))
            low = high
        return found

    @property
    def rows(self) -> int:
        """How many rows the morsels have."""
        if self.cuts is not None:
            return sum([high - low for low, high in self.cuts])
        return self.outer * self.inner

    @property
    def most_rows(self) -> int:
        """How many rows the longest morsel has."""
        if self.cuts is not None:
            return max([high - low for low, high in self.cuts], default=0)
        return min(self.morsel_rows, self.outer) * self.inner

    def bounds(self, morsel: int) -> tuple[int, int]:
        """First row and the row behind the last of a morsel."""
        if self.cuts is not None:
            return self.cuts[morsel]
        low = morsel * self.morsel_rows
        return low, min(low + self.morsel_rows, self.outer)

    def task_of(self, morsel: int) -> tuple[int, bool]:
        """The number of the task that a morsel is part of, and whether it is the first of it."""
        if self.cuts is not None:
            task = bisect_right(self.firsts, morsel) - 1
            return task, self.firsts[task] == morsel
        task, nth = divmod(morsel, self.together)
        return task, nth == 0


def layout_of(loop: Loop, filled: Sequence[Group], environment: Environment) -> Layout:
    """Divide a loop's rows; of loops that fill large tables of groups, many morsels share a table."""
    domain = loop.domain
    if isinstance(domain, Product):
        sides = (environment.extent(domain.left), environment.extent(domain.right))
        inner_axis = loop.folded_axis or 0
        outer, inner = sides[1 - inner_axis], sides[inner_axis]
        count = -(-outer * inner // morsel_rows(outer * inner))
        return Layout(outer, inner, -(-outer // max(count, 1)) or 1)
    rows = environment.extent(domain)
    if not filled:
        return Layout(rows, 1, morsel_rows(rows))
    largest = max([environment.groups[group].size for group in filled])
    parts = max(1, min(_MOST_PARTS, _TABLE_BYTES // max(largest * 16, 1), rows // max(4 * largest, 1)))
    if largest <= SMALL_TABLE:
        return Layout(rows, 1, morsel_rows(rows))
    # NumPy goes through the whole table for each morsel, and Ctrl-C waits for the end of one
    length = max(morsel_rows(rows), min(largest, _LONGEST_MORSEL))
    return Layout(rows, 1, length, max(1, -(-rows // (length * parts))))


def small_tables(filled: Sequence[Group], environment: Environment) -> frozenset[Rows]:
    """The groups whose tables are small enough for lanes."""
    if not filled:
        return frozenset()
    return frozenset([group for group in filled if environment.groups[group].size <= SMALL_TABLE])


Make = Callable[[int, np.dtype], np.ndarray]
"""Gives an array of a length, with anything in it."""


def allocate(builder: Builder, layout: Layout, make: Make, in_pieces: bool = False) -> Output:
    """Memory for the results of a builder that is no group table's.

    Parameters
    ----------
    builder : Builder
        Whose.
    layout : Layout
        That the loop runs with.
    make : callable
        Gives memory.
    in_pieces : bool
        Whether not all morsels may run, so that there is memory only for those that do.
    """
    target = builder.target
    if isinstance(target, Reduce):
        width = 2 if compensated(target.operation, target.dtype) else 1
        dtype = accumulator_dtype(target.operation, target.dtype)
        return Output(builder, np.empty((layout.morsels, width), dtype))
    if isinstance(target, Fold):
        return Output(builder, np.empty(layout.outer, target.dtype))
    if builder.guards and (in_pieces or not builder.sized):
        return Output(builder, np.empty(0, target.dtype), [None] * layout.morsels)
    return Output(builder, make(layout.outer * layout.inner, target.dtype))


def allocate_behind(builder: Builder, layout: Layout, make: Make) -> Output:
    """The same for a builder behind folds: a row for each of the side that stays."""
    return Output(builder, make(layout.outer, builder.target.dtype))


def finish(
    output: Output, counts: np.ndarray | None, layout: Layout, lasting: bool, make: Make, threads: int
) -> Any:
    """The builder's result from what the morsels left, combined in their order.

    Parameters
    ----------
    output : Output
        Filled.
    counts : numpy.ndarray or None
        For an append behind guards: how many rows survived in each morsel.
    layout : Layout
        That the loop ran with.
    lasting : bool
        Whether the user may get the memory, which then is no larger than the result.
    make : callable
        As for `allocate`.
    threads : int
        At most how many copy.
    """
    target = output.builder.target
    if isinstance(target, Reduce):
        return _combine_cells(target, output.parts)
    if counts is None or output.together:
        return output.parts
    if output.pieces is not None:
        parts = [piece for piece in output.pieces if piece is not None]
    else:
        begins = [layout.bounds(morsel)[0] * layout.inner for morsel in range(layout.morsels)]
        parts = [output.parts[b : b + n] for b, n in zip(begins, counts.tolist(), strict=True)]
    return parts[0] if len(parts) == 1 and not lasting else _joined(parts, target.dtype, make, threads)


def _joined(parts: Sequence[np.ndarray], dtype: np.dtype, make: Make, threads: int) -> np.ndarray:
    """The parts end to end."""
    ends = np.cumsum([len(part) for part in parts]).tolist()
    joined = make(ends[-1] if ends else 0, dtype)

    def copy(number: int) -> None:
        part = parts[number]
        joined[ends[number] - len(part) : ends[number]] = part

    many = joined.nbytes > _COPIED_BY_ONE
    morsels.run([range(number, number + 1) for number in range(len(parts))], copy, threads if many else 1)
    return joined


def _combine_cells(target: Reduce, cells: np.ndarray) -> Any:
    kind = target.dtype.type
    if len(cells) == 0:
        return neutral(target.operation, target.dtype)
    if compensated(target.operation, target.dtype):
        return kind(add_up(cells[:, 0].tolist(), cells[:, 1].tolist()))
    whole = REDUCTIONS[target.operation].whole
    if cells.dtype.kind != "f":
        return kind(whole(cells[:, 0]))
    with np.errstate(all="ignore"):
        return kind(whole(cells[:, 0]))


def add_up(totals: Sequence[float], lost: Sequence[float]) -> float:
    """Neumaier's compensated sum of totals that carry what their own rounding lost."""
    total, carry = -0.0, 0.0
    for part, missing in zip(totals, lost, strict=True):
        grown = total + part
        carry += (total - grown) + part if abs(total) >= abs(part) else (part - grown) + total
        carry += missing
        total = grown
    return total + carry if carry == carry and carry != 0.0 else total
