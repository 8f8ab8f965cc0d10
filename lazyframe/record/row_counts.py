"""How many rows there are, asked when a program is recorded."""

from __future__ import annotations

from lazyframe.record.computing import compute
from lazyframe.record.reductions import Whole, count_rows
from lazyframe.record.row_labels import length_of
from passes.ir.rows import Rows


def has_rows(rows: Rows) -> bool:
    """Whether there are any; counts them where that is not known, as of filtered ones it is not."""
    return count_of(rows) > 0


def count_of(rows: Rows) -> int:
    """How many rows there are; counts them where that is not known."""
    length = length_of(rows)
    return int(compute([count_rows(Whole(rows))])[0]) if length is None else length
