"""Choose between NumPy now and a kernel: by what each is estimated to cost."""

from __future__ import annotations

from collections.abc import Sequence

from lazyframe import settings
from lazyframe.codegen import compiler
from lazyframe.codegen.emitted import EmittedLoop
from lazyframe.codegen.kernel import CompileError, Kernel, KernelSource
from lazyframe.run.morsels import MORSEL_ROWS
from lazyframe.run.outputs import Layout
from lazyframe.run.plan import NEVER, Spent
from passes.ir.loops import Builder, Loop, row_values
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Filter, Group, Rows, Slice
from passes.ir.values import Gather, Map, Probe, SlotTable

COMPILE_SECONDS = 0.3
"""Front end, LLVM and loading for one kernel, in a compiler that has run before."""

START_SECONDS = 1.3
"""Until a compiler that is started can compile."""

OVERHEAD_CYCLES = 2.0
"""NumPy's cost per row and operation on top of the operation's own: loading and storing in the cache."""

_GATHER_CYCLES = 10.0
_PROBE_CYCLES = 25.0
"""NumPy's cost per row of loading from elsewhere, and of finding a row in a table."""

SECONDS_PER_CYCLE = 0.35e-9


def interpreted_seconds(loop: Loop, layout: Layout) -> float:
    """An estimate of running a loop in NumPy, on one thread."""
    cycles = _cycles(loop.builders) * layout.inner + _cycles(loop.behind)
    return cycles * layout.outer * SECONDS_PER_CYCLE


def _cycles(builders: Sequence[Builder]) -> float:
    cycles = 0.0
    for value in row_values([root for builder in builders for root in builder.roots()]):
        if isinstance(value, Map):
            cycles += OPERATIONS[value.operation].cost + OVERHEAD_CYCLES
        elif isinstance(value, (Gather, Probe)):
            cycles += _GATHER_CYCLES if isinstance(value, Gather) else _PROBE_CYCLES
    for builder in builders:
        cycles += 20.0 if isinstance(builder.target, SlotTable) else 3.0
        cycles += 6.0 * bool(builder.guards)
    return cycles


def runs_on_groups(rows: Rows) -> bool:
    """Whether ``rows`` are groups, or some of them: as a rule too few for a kernel to pay."""
    while isinstance(rows, (Filter, Slice)):
        rows = rows.parent
    return isinstance(rows, Group)


def _compile_seconds() -> float:
    """How long a caller would wait for one more kernel: for the compiler to start, and for those before."""
    return max(START_SECONDS - compiler.running_seconds(), 0.0) + COMPILE_SECONDS * (1 + compiler.waiting())


_PART_ASKED = 0.1
"""Of the rows, how many are thought to be walked by a loop that stops when it has what is looked at."""


REPEATED_TIMES = 2
_REPEATED_SECONDS = 1e-4
"""How often NumPy has run a loop, and how long that takes, before it is thought that it will run again."""


def kernel_for(
    emitted: EmittedLoop, loop: Loop, layout: Layout, stops_early: bool = False, spent: Spent = NEVER
) -> Kernel | None:
    """The kernel to run a loop with, or None: NumPy should.

    A kernel that exists is used.  Otherwise it is compiled while the caller waits when NumPy would take
    longer than that, and behind the caller's back when the input is large enough for it to pay next time, or
    when NumPy has run the loop again and again.  With ``min_rows=0`` every loop runs as a kernel, except what
    is left to do for the groups of a grouping: that is NumPy's unless there are more groups than a morsel has
    rows.
    """
    if runs_on_groups(loop.domain) and layout.outer <= MORSEL_ROWS:
        return None
    least = settings.current().min_rows
    if least == 0:
        return _obtain(emitted.kernel)
    rows = layout.outer * layout.inner
    if rows < least:
        kernel = compiler.at_hand(emitted.kernel)
        often = spent.times >= REPEATED_TIMES and spent.seconds >= spent.times * _REPEATED_SECONDS
        if kernel is None and often:
            compiler.prepare(emitted.kernel)
        return kernel
    kernel = compiler.find(emitted.kernel)
    if kernel is not None:
        return kernel
    seconds = _compile_seconds()
    if interpreted_seconds(loop, layout) * (_PART_ASKED if stops_early else 1.0) > seconds:
        return _obtain(emitted.kernel)
    compiler.prepare(emitted.kernel)
    return None


failures: list[str] = []
"""What kernels could not be compiled in this process, and why; NumPy ran in their place."""


def scan_for(source: KernelSource, rows: int) -> Kernel | None:
    """The kernel for one pass over ``rows`` rows that NumPy or pandas can do as well, or None: they should.

    It is compiled behind the caller's back where it is missing and the input is large enough for it to pay
    next time, and while the caller waits with ``min_rows=0``.
    """
    least = settings.current().min_rows
    if rows < least:
        return compiler.at_hand(source)
    kernel = compiler.find(source)
    if kernel is not None:
        return kernel
    if least == 0:
        return _obtain(source)
    compiler.prepare(source)
    return None


def _obtain(source: KernelSource) -> Kernel | None:
    try:
        return compiler.obtain(source)
    except CompileError as error:
        failures.append(f"{source.operations}: {error}")
        return None
