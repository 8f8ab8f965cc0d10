"""What a program takes further after it was computed, or after many passes: not from its beginning each time.

A program that goes on step by step, and looks at where it stands after each, would else compute the first
step again for each of the others, by a program that it has never run before.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from lazyframe.record.computing import compute
from lazyframe.run.bindings import bind_array
from passes.facts.stages import stages
from passes.ir.rows import Range
from passes.ir.values import Aggregate, Gather, Map, Reduce, RowNumber, Value
from passes.ir.walk import topological

MOST_STAGES = 4
"""Passes over rows that a scalar may wait for before it is computed."""


def taken_further(value: Value) -> Value:
    """``value``, or what it came to where it stands at the end of a long chain."""
    if not value.reached and not _waits_long(value):
        return value
    from lazyframe.run.kept import kept_value

    known = kept_value(value) or _further.get(value)
    if known is None:
        (result,) = compute([value])
        known = _loaded(value, result)
    return known


def as_computed(value: Value, result: Any) -> Value:
    """What stands for a column whose values were looked at: itself, if it comes to the same bits again.

    What is made of sums of groups need not, as another program may add them up in another order.
    """
    if not any(isinstance(node, Aggregate) for node in topological([value])):
        return value
    return _loaded(value, result)


def _loaded(value: Value, result: Any) -> Value:
    from lazyframe.run.kept import keep_value

    if value.rows is None or isinstance(value.rows, Range):
        return keep_value(value, result)
    known = _further[value] = Gather(bind_array(result, "kept"), RowNumber(value.rows))
    return known


_further: WeakKeyDictionary[Value, Value] = WeakKeyDictionary()
"""What stands for columns of other rows than a source's."""


def _waits_long(value: Value) -> bool:
    return value.rows is None and type(value) in (Map, Reduce) and stages(value) >= MOST_STAGES
