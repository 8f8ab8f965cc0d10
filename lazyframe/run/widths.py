"""How rows had better find their groups, as far as can be foreseen: whether keys are far apart, or sorted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from lazyframe.run.anonymous import Anonymous
from lazyframe.run.bounds import bounds_of_input
from lazyframe.run.environment import SMALL_TABLE, Environment, is_too_wide, slots_of
from lazyframe.run.late import LateColumn
from lazyframe.run.runs import as_integers, begins_sorted, sorted_column
from lazyframe.run.steps import limits_of_input, progression_of_input
from passes.facts.groups import source_of_key
from passes.facts.progressions import Progression, progression_of, progressions_of_keys
from passes.ir.loops import GroupPlan
from passes.ir.rows import Filter, Group, Range, Rows, Slice
from passes.ir.values import Gather, Literal, Map, Parameter, Read, Reduce, Take, Value, View

_MOST_ROWS = 1 << 31
"""Runs have numbers of 32 bits."""


def too_wide_groups(plans: Iterable[GroupPlan], named: Anonymous) -> frozenset[int]:
    """The numbers of the groups whose table is too large by what is known before anything runs.

    That is the case where all bounds are those of inputs in memory, or noted by the files that these are in
    (of times those that are not missing), and the number of rows before all filters is known; and where a key
    is a float: its bits are in order, but those of 0.5 and 1.0 are 2**52 apart.
    """
    found: set[int] = set()
    for plan in plans:
        if not plan.dense:
            continue
        if any(_is_of_floats(low) for low in plan.lows):
            found.add(plan.number)
            continue
        rows = _rows(plan.group.parent, named)
        if rows is None:
            continue
        lows = [_bound(low, named) for low in plan.lows]
        highs = [_bound(high, named) for high in plan.highs]
        spans = [
            max(high - low + 1, 0)
            for low, high in zip(lows, highs, strict=True)
            if low is not None and high is not None
        ]
        if len(spans) == len(lows) and is_too_wide(slots_of(spans), rows):
            found.add(plan.number)
    return frozenset(found)


def stepped_groups(
    plans: Iterable[GroupPlan], named: Anonymous, wide: frozenset[int]
) -> dict[int, tuple[Progression, ...]]:
    """What the keys are of groups whose tables are narrow once keys are divided by what they share.

    Inputs are looked through for what their values are multiples of where a table would be too wide
    otherwise.  Keys that are multiples of something by what was computed (times that were rounded down) are
    divided whether or not that is known, and keys whose bounds would have to be looked for among computed
    values (the years of times) get those that follow from the inputs': then no loop has to go before.

    Parameters
    ----------
    plans : iterable of GroupPlan
        Of the groups.
    named : Anonymous
        What inputs stand for.
    wide : frozenset of int
        The numbers of groups that are known to be too wide.
    """
    found: dict[int, tuple[Progression, ...]] = {}
    for plan in plans:
        rows = _rows(plan.group.parent, named) if plan.dense else None
        if rows is None or rows == 0:
            continue
        if not (plan.number in wide or _has_step(plan.group, named) or _are_walked_for(plan)):
            continue
        keys = progressions_of_keys(plan.group, partial(_known, named=named, searched=plan.number in wide))
        if keys is None or is_too_wide(slots_of([key.slots for key in keys]), rows):
            continue
        if plan.number not in wide or any(key.step > 1 for key in keys):
            found[plan.number] = keys
    return found


def _are_walked_for(plan: GroupPlan) -> bool:
    """Whether some loop computes keys only to find their bounds."""
    return any(isinstance(low, Reduce) and _input_of(low.column) is None for low in plan.lows)


def _has_step(group: Group, named: Anonymous) -> bool:
    """Whether a key is made a multiple of something, whatever inputs are."""
    for key in group.keys:
        if isinstance(key, Take) and isinstance(key.column, Map):
            key = key.column
        if isinstance(key, Map):
            made = progression_of(key, partial(_supposed, named=named))
            if made is not None and made.step > 1:
                return True
    return False


_SUPPOSED = Progression(0, 1 << 32, 1)


def _supposed(leaf: Read | Parameter, named: Anonymous) -> Progression | None:
    if isinstance(leaf, Read):
        return _SUPPOSED if leaf.dtype.itemsize == 8 else None
    return _constant(leaf, named)


def _constant(leaf: Parameter, named: Anonymous) -> Progression | None:
    value = named.data.get(leaf.token)
    if not isinstance(value, np.generic) or value.dtype.kind not in "biu":
        return None
    return Progression(int(value), int(value), 0)


def _known(leaf: Read | Parameter, named: Anonymous, searched: bool) -> Progression | None:
    if isinstance(leaf, Parameter):
        return _constant(leaf, named)
    array, token = named.data[leaf.token], named.tokens[leaf.token]
    if isinstance(array, LateColumn):
        array = array.held()
    if not isinstance(array, np.ndarray) or len(array) == 0:
        return None
    if array.dtype.kind == "b":
        return Progression(0, 1, 1)
    if searched:
        return progression_of_input(token, array)
    low, high, missing = limits_of_input(token, array)
    return Progression(low, high, 1 if low < high else 0, missing)


def groups_in_runs(plans: Iterable[GroupPlan], named: Anonymous | Environment) -> frozenset[int]:
    """The numbers of the groups whose rows are better found by runs than by addressing a table by keys.

    They have one key, a column in memory that is sorted.  Runs are as many as there are groups before
    filters, however far keys are apart.  Declines where keys are so close that their numbers would be no
    better than they are.
    """
    found: set[int] = set()
    for plan in plans:
        read = source_of_key(plan.group)
        if read is None:
            continue
        array = named.data[read.token]
        if isinstance(array, LateColumn):
            array = _in_memory(array)
        if not isinstance(array, np.ndarray) or not 1 < len(array) < _MOST_ROWS:
            continue
        column = sorted_column(named.tokens[read.token], as_integers(array))
        if column is None:
            continue
        span = column.high - column.low + 1
        if is_too_wide(span, len(array)) or (span > SMALL_TABLE and column.count <= span * 3 // 4):
            found.add(plan.number)
    return frozenset(found)


def _in_memory(column: LateColumn) -> Any:
    """The data of a column of a file, if it was read before, and may be sorted."""
    pieces = column.kept_pieces()
    if pieces is not None and all(begins_sorted(as_integers(piece)) for piece in pieces):
        return column.whole()
    return column.held()


def _rows(rows: Rows, named: Anonymous) -> int | None:
    while isinstance(rows, (Filter, Slice)):
        rows = rows.parent
    if not isinstance(rows, Range):
        return None
    return named.extents[rows.extent] if isinstance(rows.extent, str) else rows.extent


def _is_of_floats(bound: Value) -> bool:
    """Whether a bound is one of the bits of floats."""
    waiting: list[Value] = [bound]
    while waiting:
        match waiting.pop():
            case Map("reinterpret", (value,)) if value.dtype.kind == "f":
                return True
            case Map(_, arguments):
                waiting += arguments
            case Reduce(_, column) | Gather(column) | Take(column) | View(column):
                waiting.append(column)
    return False


def _bound(bound: Value, named: Anonymous) -> int | None:
    match bound:
        case Literal():
            return int(bound.value)
        case Reduce(operation, Read(token, dtype)) if dtype.kind in "iu":
            array = named.data[token]
            if isinstance(array, LateColumn):
                limits = array.limits()
                return None if limits is None else int(limits.high if operation == "maximum" else limits.low)
            return int(bounds_of_input(named.tokens[token], array)[operation == "maximum"])
        case Reduce(operation, column) if (times := _input_times(column)) is not None:
            array = named.data[times.token]
            if isinstance(array, np.ndarray):
                return limits_of_input(named.tokens[times.token], array)[operation == "maximum"]
    return None


def _input_times(key: Value) -> Read | None:
    """The times of an input that a key is the integers of."""
    found = _input_of(key)
    return found if found is not None and found.dtype.kind in "mM" else None


def _input_of(key: Value) -> Read | None:
    """The input that a key is, or is the integers of."""
    while isinstance(key, Take) or (isinstance(key, Map) and key.operation == "reinterpret"):
        key = key.column if isinstance(key, Take) else key.arguments[0]
    return key if isinstance(key, Read) else None
