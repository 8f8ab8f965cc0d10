"""How the tables of group-bys lie in memory: what the emitter writes kernels for and the runner allocates.

The aggregates of one group that merge alike are a **bank**: they lie side by side in one table, so that a row
merges into its slot with one vector operation and touches one place in memory, however many aggregates there
are.  Kernels compute a batch of rows first, in vectors, and merge them then, a row at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lazyframe.codegen.emit_reductions import accumulator_dtype, compensated
from passes.ir.loops import Builder, Loop
from passes.ir.rows import Rows
from passes.ir.values import SlotTable, Value

SMALL_TABLE = 256
"""Slots up to which a group table has `LANES` accumulators a slot, and floats are summed in blocks."""

LANES = 4
"""Rows in a row go to different lanes, so that adding to one slot does not wait for the addition before."""

TOTAL, LOST = LANES, LANES + 1
"""The layers of a small table of float sums behind its lanes."""

SPARE_SLOTS = 8
"""Slots behind the groups' own, for rows that fail their guards: several, for the reason that lanes are."""

SPARE_SPACING = 128
"""Slots from the spare ones of one morsel to those of the next, where morsels share a table: no cache line is
two morsels'."""

BATCH_ROWS = 256
"""Rows that are computed before they are merged: a few columns of a batch stay in the first-level cache."""

MARKED_ROWS = 64
"""Rows of a batch of which a word of bits says which are left."""

GROUP_ROWS = 8
"""Rows that are merged by one call of an intrinsic: as many as a vector register has 64-bit elements."""

MOST_COLUMNS = 8
"""Aggregates of one bank, so that a slot's accumulators fit a vector register."""


class Destination(NamedTuple):
    """Which rows go to which slot of which group's table.

    Parameters
    ----------
    rows : Rows
        The group.
    guards : tuple of Value
        Rows that fail them go nowhere.
    slot : Value
        The slot of a row that passes.
    select : bool
        Whether rows that fail are merged into spare slots rather than left out.
    """

    rows: Rows
    guards: tuple[Value, ...]
    slot: Value
    select: bool


class Bank(NamedTuple):
    """Aggregates that merge alike, side by side.

    Parameters
    ----------
    destination : Destination
        Of their rows.
    operation : str
        By which they merge.
    dtype : numpy.dtype
        Of their accumulators.
    members : tuple of int
        The numbers of their builders, in the order of the columns.
    small : bool
        Whether the table has at most `SMALL_TABLE` slots.
    """

    destination: Destination
    operation: str
    dtype: np.dtype
    members: tuple[int, ...]
    small: bool

    @property
    def compensated(self) -> bool:
        """Whether what rounding loses is kept beside the totals."""
        return compensated(self.operation, self.dtype)

    @property
    def width(self) -> int:
        """Columns, up to the next power of two."""
        return 1 << (len(self.members) - 1).bit_length()

    @property
    def layers(self) -> int:
        """Accumulators of one slot and column: lanes, and for float sums the total and what was lost."""
        return (LANES if self.small else 0) + 2 * self.compensated or 1

    def shape(self, parts: int, slots: int) -> tuple[int, int, int, int]:
        """Of the memory, with so many slots, spare ones included: parts, slots, layers, columns."""
        return parts, slots, self.layers, self.width


def destination_of(builder: Builder) -> Destination:
    """Where the rows of a group table's builder go."""
    assert builder.target.rows is not None
    assert builder.slot is not None
    return Destination(builder.target.rows, builder.guards, builder.slot, builder.select)


def banks_of(loop: Loop, small: frozenset[Rows]) -> tuple[Bank, ...]:
    """The banks of a loop's group tables, in order of their first builders."""
    alike: dict[tuple[Destination, str, np.dtype], list[int]] = {}
    for k, builder in enumerate(loop.builders):
        target = builder.target
        if isinstance(target, SlotTable):
            destination = destination_of(builder)
            operation = target.aggregate.operation
            dtype = accumulator_dtype(operation, target.dtype)
            alike.setdefault((destination, operation, dtype), []).append(k)
    return tuple(
        [
            Bank(destination, operation, dtype, tuple(members), destination.rows in small)
            for (destination, operation, dtype), found in alike.items()
            for members in _pieces(found)
        ]
    )


def _pieces(members: Sequence[int]) -> list[Sequence[int]]:
    return [members[k : k + MOST_COLUMNS] for k in range(0, len(members), MOST_COLUMNS)]
