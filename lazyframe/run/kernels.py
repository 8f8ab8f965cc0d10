"""Run a loop as a compiled kernel over its morsels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from lazyframe.codegen.emit_lookups import Way
from lazyframe.codegen.emit_steps import inverse_and_shift
from lazyframe.codegen.emitted import EmittedLoop
from lazyframe.codegen.group_tables import SPARE_SPACING
from lazyframe.codegen.kernel import Kernel
from lazyframe.run.addresses import address
from lazyframe.run.appending import Appends
from lazyframe.run.asked import AskedRows, walk
from lazyframe.run.environment import Environment
from lazyframe.run.group_tables import empty_slots
from lazyframe.run.lookups import RowTable
from lazyframe.run.memory import borrow
from lazyframe.run.morsels import run
from lazyframe.run.outputs import Layout, Output
from lazyframe.run.progress import Progress
from lazyframe.run.streaming import Pieces
from passes.ir.values import Reduce, Value


class KernelError(RuntimeError):
    """A kernel reported a status that the host does not know."""


def run_kernel(
    kernel: Kernel,
    emitted: EmittedLoop,
    outputs: list[Output],
    banks: list[np.ndarray],
    counts: np.ndarray,
    layout: Layout,
    environment: Environment,
    threads: int,
    pieces: Pieces,
    asked: AskedRows | None = None,
) -> None:
    """Call ``kernel`` for every morsel, with the memory of ``outputs``, ``banks`` and ``counts`` to write to.

    Parameters
    ----------
    kernel : Kernel
        Compiled from ``emitted.kernel``.
    emitted : EmittedLoop
        Says what the arguments are.
    outputs : list of Output
        One for each builder that is no group table's.
    banks : list of numpy.ndarray
        The group tables' memory.
    counts : numpy.ndarray
        int64, a row per guard set and a column per morsel.
    layout : Layout
        Of the morsels.
    environment : Environment
        Where inputs are found.
    threads : int
        At most how many run at once.
    pieces : Pieces
        What is read of files as the loop comes to it.
    asked : AskedRows, optional
        Of what is appended, the part that anybody looks at: no more morsels than have it are walked.
    """
    arrays = [None if a.leaf in pieces.leaves else environment.get(a.leaf) for a in emitted.arrays]
    fixed, late = _fixed_arguments(emitted, arrays, layout, environment, pieces)
    counters = [(address(row), row.itemsize) for row in counts]
    own = [(address(output.parts), _step(output)) for output in outputs]
    tables = [(address(table), table.strides[0] if len(table) > 1 else 0) for table in banks]
    shared = _shared_sizes(emitted, layout)
    placed = [k for k, output in enumerate(outputs) if output.builder.guards and output.in_place]
    appends = _appends([outputs[k] for k in placed], emitted, counts, layout, threads) if placed else None

    def call(low: int, high: int, arguments: Sequence[Any], pointers: Sequence[int]) -> None:
        status = kernel(low, high, *arguments, *pointers)
        if status:
            raise KernelError(f"kernel returned status {status} at rows {low}..{high - 1}")

    def one_in_place(morsel: int) -> None:
        call(*layout.bounds(morsel), fixed, [base + step * morsel for base, step in moving])

    def one(morsel: int) -> None:
        low, high = layout.bounds(morsel)
        part, _ = layout.task_of(morsel)
        empty_slots(emitted, banks, layout, morsel)
        loaded = pieces.at(low, high) if late else {}
        arguments = fixed
        if late or shared:
            arguments = list(fixed)
            for position, leaf in late:
                array, first = loaded[leaf]
                arguments[position] = address(array) - first * array.itemsize
            for position in shared:
                arguments[position] += SPARE_SPACING * morsel
        pointers = [base + step * morsel for base, step in counters]
        for output, (base, step) in zip(outputs, own, strict=True):
            parts = output.pieces
            if parts is None:
                pointers.append(base + step * morsel)
                continue
            piece = borrow((high - low) * layout.inner, output.parts.dtype)
            parts[morsel] = piece
            pointers.append(address(piece) - low * layout.inner * piece.itemsize)
        if appends is not None:
            memory = appends.begin(morsel)
            for k, pointer in zip(placed, appends.pointers(memory), strict=True):
                before = low * layout.inner * outputs[k].parts.itemsize
                pointers[len(counters) + k] = pointer - before
        pointers += [base + step * part for base, step in tables]
        call(low, high, arguments, pointers)
        if appends is not None:
            appends.end(morsel, memory)
        for output in outputs:
            if output.pieces is not None:
                _trim(output, emitted, counts, morsel)

    moving = [*counters, *own]
    simple = not (late or shared or banks or placed) and all(output.pieces is None for output in outputs)
    if simple and layout.cuts is None and not any(step for _, step in moving):
        pointers = [base for base, _ in moving]
        long_calls(layout, lambda low, high: call(low, high, fixed, pointers), threads, environment.progress)
        return
    walk(layout, one_in_place if simple else one, threads, environment.progress, counts, asked)
    if appends is not None:
        appends.finish()


_CALL_SECONDS = 0.02
"""What one call is to take at most: Ctrl-C waits for its end, and rows may take longer than those before."""

_FIRST_ROWS = 1 << 14
"""Rows, or pairs of rows, of which is seen how long they take."""


def long_calls(layout: Layout, call: Callable[[int, int], None], threads: int, progress: Progress) -> None:
    """Call a kernel for all rows, as many at a time as it is quick with.

    Between two calls Python finds nothing in the processor's caches that it had there, and takes its time.

    Parameters
    ----------
    layout : Layout
        Of the morsels.
    call : callable
        Takes the first row and the one behind the last, and leaves nothing of its own behind.
    threads : int
        At most how many call at once.
    progress : Progress
        Told how far this is.
    """
    if layout.morsels <= 1:
        call(0, layout.outer)
        return

    def timed(low: int, high: int) -> int:
        """How many rows the next call may have."""
        started = perf_counter()
        call(low, high)
        seconds_a_row = (perf_counter() - started) / (high - low)
        return layout.whole_blocks(_CALL_SECONDS / max(seconds_a_row, 1e-12))

    begin = layout.whole_blocks(min(layout.morsel_rows, _FIRST_ROWS / max(layout.inner, 1)))
    most = timed(0, begin)
    spans = layout.spans(threads, begin, most)

    def one(number: int) -> None:
        nonlocal most
        low, end = spans[number]
        while low < end:
            high = end if end - low <= 2 * most else low + most
            most = timed(low, high)
            low = high

    run([range(number, number + 1) for number in range(len(spans))], one, threads, progress)


def _shared_sizes(emitted: EmittedLoop, layout: Layout) -> list[int]:
    """Where among the arguments are the sizes of tables that morsels share: behind them are spare slots."""
    before = 2 if emitted.inner_extent else 0
    return [before + k for k, rows in enumerate(emitted.tables) if rows in layout.edges]


def _appends(
    outputs: Sequence[Output], emitted: EmittedLoop, counts: np.ndarray, layout: Layout, threads: int
) -> Appends:
    for output in outputs:
        output.together = True
    counters = [emitted.counters.index(output.builder.guards) for output in outputs]
    return Appends(outputs, counters, counts, layout, threads)


def _trim(output: Output, emitted: EmittedLoop, counts: np.ndarray, morsel: int) -> None:
    assert output.pieces is not None
    survivors = counts[emitted.counters.index(output.builder.guards), morsel]
    piece = output.pieces[morsel]
    assert piece is not None
    output.pieces[morsel] = piece[:survivors].copy()


_NOTHING = np.zeros(8)
"""What is read of an array without rows: by a lookup that finds nothing, at row 0, and not used."""


def _fixed_arguments(
    emitted: EmittedLoop,
    arrays: Sequence[np.ndarray | None],
    layout: Layout,
    environment: Environment,
    pieces: Pieces,
) -> tuple[list[Any], list[tuple[int, Value]]]:
    """The arguments that are the same for all morsels, and where among them those from files go.

    Of ``arrays``, one for each that the kernel loads from, addresses are taken: the caller keeps them.
    """
    arguments: list[Any] = []
    late: list[tuple[int, Value]] = []
    if emitted.inner_extent:
        arguments += [layout.inner, layout.outer]
    arguments += [environment.groups[rows].size for rows in emitted.tables]  # type: ignore[index]  # groups
    for lookup in emitted.lookups:
        found: RowTable = environment.stored[lookup.table]
        if lookup.by_bits:
            arguments.append(address(found.bits))
        if lookup.way is Way.BY_RUN:
            arguments += [address(array) for array in found.runs]
            arguments += [found.lows[lookup.leading], found.spans[lookup.leading]]
            continue
        if lookup.found and lookup.way is not Way.AS_CODE:
            arguments.append(address(found.ranks if lookup.way is Way.BY_RANK else found.array))
        if lookup.found and lookup.way is Way.BY_HASH:
            arguments.append(found.mask)
        if lookup.coded:
            numbers = [found.lows, found.spans, found.strides]
            if lookup.stepped:
                numbers += zip(*map(inverse_and_shift, found.steps), strict=True)
            arguments += [found.nothing, *[number for key in zip(*numbers, strict=True) for number in key]]
    for wanted, array in zip(emitted.arrays, arrays, strict=True):
        if array is None:
            assert (wanted.start, wanted.step, wanted.strided) == (0, 1, False)
            late.append((len(arguments), wanted.leaf))
            arguments.append(0)
            continue
        stride = array.strides[0] if len(array) else array.itemsize
        arguments.append((address(array) if len(array) else address(_NOTHING)) + wanted.start * stride)
        if wanted.strided:
            arguments.append(wanted.step * stride // array.itemsize)
    arguments += [plain(value, environment) for value in emitted.scalars]
    return arguments, late


def plain(value: Value, environment: Environment) -> Any:
    """A scalar as the Python number that ctypes takes."""
    scalar = environment.get(value)
    if scalar.dtype.kind in "mM":
        return int(scalar.view(np.int64))
    return scalar.item()


def _step(output: Output) -> int:
    """How much further the next morsel writes: what is appended is indexed by row."""
    return output.parts.strides[0] if isinstance(output.builder.target, Reduce) else 0
