"""Walk no more rows than are looked at: of what a filter leaves, ``head`` and ``tail`` want an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lazyframe.run import morsels
from lazyframe.run.outputs import Layout, Output
from lazyframe.run.progress import Progress
from passes.ir.loops import Host, Loop, Program, step_reads
from passes.ir.rows import Slice
from passes.ir.values import Take, Value


class AskedRows(NamedTuple):
    """Of all that a loop appends, the first ``rows`` are looked at and nothing else, or the last."""

    rows: int
    last: bool


def asked_rows(program: Program) -> dict[int, AskedRows]:
    """By their numbers, the loops of which an end is enough: all their arrays are sliced, not read else."""
    readers: dict[Value, list[Value | None]] = {}
    for step in program.steps:
        reader = step.target if isinstance(step, Host) else None
        for value in step_reads(step):
            readers.setdefault(value, []).append(reader)
    for result in program.results:
        readers.setdefault(result, []).append(None)
    found: dict[int, AskedRows] = {}
    for number, step in enumerate(program.steps):
        if not isinstance(step, Loop) or not all(b.appends and b.guards for b in step.all_builders):
            continue
        parts = [_part(b.target, reader) for b in step.builders for reader in readers.get(b.target, [None])]
        ends = {part.last for part in parts if part is not None}
        if None not in parts and len(ends) == 1:
            found[number] = AskedRows(max([part.rows for part in parts if part is not None]), ends.pop())
    return found


def _part(value: Value, reader: Value | None) -> AskedRows | None:
    """The part of an array that a step looks at; None where it is no end that is known before."""
    match reader:
        case Take(column, _, Slice(_, start, stop)) if column is value:
            if (start is None or start >= 0) and stop is not None and stop >= 0:
                return AskedRows(stop, last=False)
            if start is not None and start < 0 and (stop is None or stop < 0):
                return AskedRows(-start, last=True)
    return None


def walked_rows(output: Output, layout: Layout) -> int:
    """How many rows a loop has walked that was told to stop early, by the pieces of one of its arrays."""
    assert output.pieces is not None
    done = [layout.bounds(morsel) for morsel, piece in enumerate(output.pieces) if piece is not None]
    return sum([high - low for low, high in done]) * layout.inner


def walk(
    layout: Layout,
    one: Callable[[int], None],
    threads: int,
    progress: Progress,
    counts: np.ndarray,
    asked: AskedRows | None,
) -> None:
    """Do ``one`` morsel after another: all, or from one end until there are as many rows as are asked for.

    Parameters
    ----------
    layout : Layout
        Of the morsels.
    one : callable
        Takes the number of a morsel.
    threads : int
        At most how many work.
    progress : Progress
        Told how far this is, where all morsels are walked.
    counts : numpy.ndarray
        int64, how many rows each morsel has appended so far: a row per guard set and a column per morsel.
    asked : AskedRows or None
        What is enough.
    """
    if asked is None:
        morsels.run(layout.tasks, one, threads, progress)
        return
    tasks = layout.tasks[::-1] if asked.last else layout.tasks
    # what was begun is finished, and nothing between was left out: the end has no gaps
    morsels.run(tasks, one, threads, is_enough=lambda: bool((counts.sum(axis=1) >= asked.rows).all()))
