"""Groups of which there are few beside the rows that they are of: what is aggregated of them is small."""

from __future__ import annotations

import numpy as np

from lazyframe.run.bindings import bound_to
from lazyframe.run.bounds import bounds_of_input
from lazyframe.run.environment import slots_of
from lazyframe.run.late import LateColumn
from lazyframe.run.steps import known_progression
from passes.facts.positions import source_of
from passes.ir.rows import Group, Range
from passes.ir.values import Read, Value

_ROWS_A_GROUP = 64
"""Rows beside which what is kept of a group is next to nothing, as is making it."""


def has_few_groups(group: Group) -> bool:
    """Whether there are many rows for each group that there can be, by what is known of inputs."""
    sources = [source_of(key) for key in group.keys]
    if not all(isinstance(source, Read) and isinstance(source.rows, Range) for source in sources):
        return False
    lengths = [source.rows.extent for source in sources]  # type: ignore[union-attr]  # they are of ranges
    spans = [_span(source) for source in sources]
    known = [span for span in spans if span is not None]
    return len(known) == len(spans) and slots_of(known) * _ROWS_A_GROUP <= min(map(int, lengths))


def _span(source: Value) -> int | None:
    """How many values there are from the least to the greatest of an input."""
    if source.dtype.kind == "b":
        return 2
    assert isinstance(source, Read)
    array = bound_to(source.token)
    if source.dtype.kind not in "iu":
        return None
    if isinstance(array, LateColumn):
        limits = array.limits()
        return None if limits is None else int(limits.high) - int(limits.low) + 1
    assert isinstance(array, np.ndarray)
    if (known := known_progression(source.token)) is not None:
        return known.numbers
    low, high = bounds_of_input(source.token, array)
    return int(high) - int(low) + 1
