"""What was computed and how: for ``explain``, without the data.

Every computation leaves its shape and the kernels that it was given; it leaves times as well while profiling
is on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from lazyframe.codegen import compiler
from lazyframe.codegen.emit_lookups import LookupInput, Way
from lazyframe.codegen.emitted import EmittedLoop
from lazyframe.codegen.kernel import Kernel
from passes.facts.keys import UniqueKeys
from passes.facts.progressions import Stepped
from passes.facts.sizes import Longer
from passes.ir.loops import GroupPlan, Program
from passes.ir.node import Node, Origin, Token
from passes.ir.values import Literal, SlotTable, Value


class LoopRun(NamedTuple):
    """What running one loop took.

    Parameters
    ----------
    tier : str
        ``"kernel"`` or ``"NumPy"``.
    rows : int
        Of the domain.
    seconds : float
        Wall time, compiling not included.
    bytes_read, bytes_written : int
        Of the arrays that it loads from, each counted once, and of what it leaves.
    compile_seconds : float or None
        None when the kernel was there.
    threads : int
        That could take part: no more than there were morsels.
    choices : tuple of str
        What was decided from the data.
    """

    tier: str
    rows: int
    seconds: float
    bytes_read: int
    bytes_written: int
    compile_seconds: float | None
    threads: int
    choices: tuple[str, ...]

    @property
    def gigabytes_per_second(self) -> float:
        """Bytes moved per second, in 1e9."""
        return (self.bytes_read + self.bytes_written) / self.seconds / 1e9 if self.seconds > 0 else 0.0


@dataclass(slots=True)
class Computation:
    """A computation's plan with what `explain` needs to name its parts.

    Parameters
    ----------
    values : tuple of Value
        Over numbered inputs, as they were given to the passes.
    nodes : tuple of Node
        All that they are made of.
    lines : list of Origin or None
        The user's lines of each.
    hints : dict
        From numbered inputs to the printed names of the user's.
    extents : dict
        From names of lengths to lengths.
    disabled : frozenset of str
        Passes that were off.
    hashed : frozenset of int
        The numbers of groups that are not addressed by their keys.
    program : Program
        What ran.
    constants : dict
        The constants that numbered parameters stand for.
    unique : frozenset of tuple of Value
        Inputs that were found to tell rows apart.
    by_runs : frozenset of int
        The numbers of groups whose rows are found by runs of sorted keys.
    longer : frozenset of tuple of Range
        Rows of inputs that are many more than others.
    stepped : Stepped
        The groups of whose keys it is known what they are.
    emitted : dict
        By the step's number, the kernel that was emitted for a loop.
    runs : dict or None
        By the step's number; None when profiling was off.
    host_seconds : dict
        By the step's number, what host steps took.
    provenance : tuple
        What is known of how its inputs came to be: see `lazyframe.run.bindings.note_provenance`.
    files : tuple of str
        What is read of which files.
    """

    values: tuple[Value, ...]
    nodes: tuple[Node, ...]
    lines: list[Origin | None]
    hints: dict[Token, str]
    extents: dict[str, int]
    disabled: frozenset[str]
    hashed: frozenset[int]
    program: Program
    constants: dict[Token, Literal]
    unique: UniqueKeys = frozenset()
    by_runs: frozenset[int] = frozenset()
    longer: Longer = frozenset()
    stepped: Stepped = frozenset()
    emitted: dict[int, EmittedLoop] = field(default_factory=dict)
    runs: dict[int, LoopRun] | None = None
    host_seconds: dict[int, float] = field(default_factory=dict)
    provenance: tuple[Any, ...] = ()
    files: tuple[str, ...] = ()


class AtOnce(NamedTuple):
    """A computation for which there was no program, as NumPy is done sooner.

    Parameters
    ----------
    steps : tuple of (str, int, Origin or None)
        For each the operation, how many rows it went through, and the user's line.
    provenance : tuple
        What is known of how its inputs came to be: see `lazyframe.run.bindings.note_provenance`.
    """

    steps: tuple[tuple[str, int, Origin | None], ...]
    provenance: tuple[Any, ...] = ()


class _State(threading.local):
    profiling = False
    last: Computation | AtOnce | None = None


_state = _State()


@contextmanager
def profiling() -> Iterator[None]:
    """Measure what this thread computes until the block ends."""
    before, _state.profiling = _state.profiling, True
    try:
        yield
    finally:
        _state.profiling = before


def is_profiling() -> bool:
    """Whether this thread's computations are measured."""
    return _state.profiling


def last_computation() -> Computation | AtOnce | None:
    """What this thread computed last, of what took any step."""
    return _state.last


def remember(computation: Computation | AtOnce) -> None:
    """Note what this thread has computed; reading an input is no computation."""
    if isinstance(computation, AtOnce) or computation.program.steps:
        _state.last = computation


class Stopwatch:
    """Measures one loop: start it, tell it when the kernel is there, and stop it when results are."""

    __slots__ = ("_began", "_compiled_before", "_kernel", "_source")

    def __init__(self, emitted: EmittedLoop) -> None:
        self._source = emitted.kernel
        self._compiled_before = compiler.seconds(self._source)
        self._began = perf_counter()
        self._kernel: Kernel | None = None

    def obtained(self, kernel: Kernel | None) -> None:
        """The kernel is there, or NumPy will run the loop: what follows is running."""
        self._kernel = kernel
        self._began = perf_counter()

    def stop(
        self, rows: int, read: Sequence[Any], left: Sequence[Any], threads: int, choices: tuple[str, ...]
    ) -> LoopRun:
        """The record of a loop that has read some arrays and left others."""
        seconds = perf_counter() - self._began
        compiled = compiler.seconds(self._source) if self._compiled_before is None else None
        return LoopRun(
            "NumPy" if self._kernel is None else "kernel",
            rows,
            seconds,
            sum([array.nbytes for array in {id(array): array for array in read}.values()]),
            sum([np.asarray(array).nbytes for array in left]),
            compiled if self._kernel is not None else None,
            threads,
            choices,
        )


def choices_of(
    emitted: EmittedLoop,
    tables: Mapping[Any, tuple[int, bool, bool]],
    plans: Mapping[Any, GroupPlan],
    survivors: int | None,
    rows: int,
    domain_rows: int,
) -> tuple[str, ...]:
    """What was decided for a loop from its data, in words.

    Parameters
    ----------
    emitted : EmittedLoop
        What ran.
    tables : mapping
        From groups to the slots of their tables, whether rows were numbered as their first key ascends, and
        whether all morsels fill one table.
    plans : mapping
        How rows find their groups.
    survivors : int or None
        Rows that passed the first set of guards, where they were counted.
    rows : int
        That were walked.
    domain_rows : int
        That there are.
    """
    found: dict[str, None] = {}
    stopped = rows < domain_rows
    if stopped:
        found[f"stopped when it had the rows that are looked at: {rows:,} of {domain_rows:,} walked"] = None
    for builder in emitted.builders:
        if isinstance(builder.target, SlotTable):
            size, sorted_first, shared = tables[builder.target.rows]
            how = _way(plans[builder.target.rows], sorted_first)
            found[f"groups {how}: a table of {size:,} slots{', which threads share' * shared}"] = None
        if builder.guards:
            how = "selected away" if builder.select else "branched around"
            how = "left out batch by batch, before the next lookup" if emitted.staged else how
            how = "left out of batches of which few pass, else selected away" if emitted.compacted else how
            how = "left out of each batch before more is computed of it" if emitted.left_out else how
            found[f"rows that fail the filter: {how}"] = None
        if builder.appends and builder.guards:
            sized = "allocated once for all rows" if builder.sized and not stopped else "gathered in pieces"
            found[f"filtered arrays {sized}"] = None
    for lookup in emitted.lookups:
        found[f"rows are looked up {_how(lookup)}"] = None
    if survivors is not None and rows:
        found[f"{survivors / rows:.1%} of rows pass"] = None
    return tuple(found)


def _way(plan: GroupPlan, sorted_first: bool) -> str:
    if plan.runs is not None:
        return "numbered by runs, as their keys are sorted"
    if sorted_first:
        return "numbered within runs, as their first keys are sorted"
    if any(shift is not None for shift in plan.shifts):
        return "addressed by key, divided by what all keys are multiples of"
    return "addressed by key" if plan.dense else "numbered by hashing, as their keys' range is wide"


def _how(lookup: LookupInput) -> str:
    divided = ", divided by what all keys are multiples of" * lookup.stepped
    if not lookup.tested or lookup.way is Way.AS_CODE:
        return lookup.way.value + divided
    how = f"{lookup.way.value}, if bits say that they are there" if lookup.found else "in bits alone"
    return how + divided
