"""How many rows inputs have beside each other, where a plan depends on it."""

from __future__ import annotations

from itertools import permutations

from lazyframe.run.anonymous import Anonymous
from passes.facts.sizes import Longer
from passes.ir.rows import Range

_TIMES = 2
"""So many times as many rows are many more."""


def longer_rows(named: Anonymous) -> Longer:
    """The pairs of rows of inputs of which the first are many more, if rows may look for groups."""
    if not named.seeks_groups:
        return frozenset()
    lengths = named.extents.items()
    return frozenset(
        [
            (Range(many), Range(few))
            for (many, rows), (few, fewer) in permutations(lengths, 2)
            if rows >= _TIMES * fewer
        ]
    )
