"""The part of a kernel that marks the rows of a batch that pass a filter, and walks those alone.

Marking has no branch and nothing that one row leaves to the next, so it vectorises; and a step is made for
each row that is left, not for each that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lazyframe.codegen.group_tables import BATCH_ROWS, MARKED_ROWS
from lazyframe.codegen.source_text import SourceText
from passes.facts.guards import finds_rows_first, paid_by_all
from passes.ir.loops import Loop, row_values
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Product
from passes.ir.values import Map, SlotTable

FEW_IN_BATCH = 4
"""Where fewer than one row in so many is left of a batch, the others are not computed on."""

DEAR_TO_APPEND = 7
"""Cycles of work for a row above which what is appended is computed of the rows that are left, however many
they are: once these are noted the work vectorises, and where it is appended at once it does not."""

DEAR_TO_MERGE = 40
"""The same where nothing is appended: that vectorises if it is merged at once, but of all rows."""

SOME_COLUMNS = 3
"""Columns appended behind a filter from which rows that fail are left out where something is of all rows:
of few rows that takes a third of the time of writing all in vain, and of all rows a quarter more."""

LEAVING_COST = 2
"""What noting a row costs, and loading from where it is, beside appending one column of it."""

MANY_IN_BATCH = 3, 4
"""The share of a batch's rows from which on they branch one by one, if more is computed of some than of
others behind a lookup: nearly all of them foreseen, that costs less than noting where they are."""

UNMARKED_BATCHES = 8
"""So many in a row are computed as they are, from one on of which many rows are left: where a filter leaves
nearly all rows, marking them costs more than it saves."""


class Marks:
    """The ``flags`` of a batch, from ``first`` to ``last``, and the ``count`` rows that are ``left``."""

    def __init__(self, text: SourceText) -> None:
        self.text = text

    def make(self) -> None:
        """Reserve the memory, before the loops."""
        self.text.put("left = batch(int64(0))")
        self.text.put("flags = batch(uint8(0))")
        with self.text.block(f"for r in range({BATCH_ROWS}):"):
            self.text.put("flags[r] = uint8(0)")

    def mark(self, guard: str) -> None:
        """Mark the present row if it passes."""
        self.text.put(f"flags[i - first] = uint8({guard})")

    def add_up(self) -> None:
        """Count the rows that are marked."""
        self.text.put("count = 0")
        with self._words():
            self.text.put("count += int64(count_ones(bits))")

    def leave_out(self, streams: Sequence[str]) -> None:
        """Note the rows that are marked, and tell the cache of what is loaded of them from ``streams``.

        They may be so far apart that nothing else foresees it.
        """
        put = self.text.put
        put("count = 0")
        with self._words(), self.text.block("while bits != uint64(0):"):
            put("i = at + lowest(bits)")
            put("left[count] = i")
            for name in streams:
                put(f"prefetch({name}, i)")
            put("count += 1")
            put("bits = bits & (bits - uint64(1))")

    @contextmanager
    def _words(self) -> Iterator[None]:
        """The loop over words of ``bits`` of marks, with ``at`` the first row of each."""
        with self.text.block(f"for at in range(first, last, {MARKED_ROWS}):"):
            self.text.put("bits = marked(flags, at - first)")
            with self.text.block(f"if last - at < {MARKED_ROWS}:"):
                self.text.put("bits = bits & ((uint64(1) << uint64(last - at)) - uint64(1))")
            yield


def is_compacted(loop: Loop) -> bool:
    """Whether rows are appended, go into group tables, or both, behind one filter, shared and of little cost.

    Rows that fail are merged into spare slots, or overwritten by the next one, which costs less than a branch
    for each row.  Where enough of a batch fail, it costs less again to find out first which do not.
    """
    guards = {builder.guards for builder in loop.builders}
    if len(guards) > 1 or () in guards or isinstance(loop.domain, Product):
        return False
    noted = all(builder.appends or isinstance(builder.target, SlotTable) for builder in loop.builders)
    return noted and all(builder.select for builder in loop.builders)


def is_dear(loop: Loop) -> bool:
    """Whether so much is computed, or appended, of rows that one filter leaves that others are left out.

    Beside what is appended or merged of them there may be what is of all rows.
    """
    behind = [builder for builder in loop.builders if builder.guards]
    if not finds_rows_first(loop) or not all(builder.select for builder in behind):
        return False
    if len(behind) < len(loop.builders) and sum([builder.appends for builder in behind]) >= SOME_COLUMNS:
        return True
    work = set(row_values([builder.expression for builder in behind])) - paid_by_all(loop)
    limit = DEAR_TO_APPEND if any(builder.appends for builder in behind) else DEAR_TO_MERGE
    return sum([OPERATIONS[value.operation].cost for value in work if isinstance(value, Map)]) > limit


def are_few(loop: Loop) -> str:
    """The condition on which so few rows of a batch are left that the others are not computed on."""
    columns = len(loop.builders)
    if all(builder.appends for builder in loop.builders):  # a row that is left costs two more than these
        return f"count * {columns + LEAVING_COST} < (last - first) * {columns}"
    return f"count * {FEW_IN_BATCH} < last - first"
