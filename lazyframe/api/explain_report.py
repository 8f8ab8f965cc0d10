"""What ``explain`` knows of a computation: kernels, arrays between them, what the host runs and why."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from lazyframe.api.explain_passes import PassLog, PassReport
from lazyframe.api.explain_steps import host_entry, materialized_arrays, reasons_apart
from lazyframe.codegen import compiler
from lazyframe.codegen.emitted import EmittedLoop
from lazyframe.record.fallbacks import Fallback
from lazyframe.run.profile import Computation, LoopRun
from lazyframe.run.tiers import runs_on_groups
from passes.facts.keys import UniqueKeys
from passes.ir.loops import Host, Loop, step_targets
from passes.ir.node import Node, Origin, Token
from passes.ir.print_program import ProgramPrintout
from passes.ir.printer import print_graph
from passes.ir.rows import Filter, Rows
from passes.ir.values import Parameter, Read, Value
from passes.ir.walk import children, rebuild, topological
from passes.pipeline import optimise

LONGEST_LINE = 90


@dataclass(frozen=True)
class Kernel:
    """One kernel of a plan.

    Attributes
    ----------
    number : int
        As printed.
    operations : str
        What it computes, one name for each operation.
    lines : tuple of str
        The user's lines that asked for it, as ``file.py:12  source``.
    text : str
        Its loop.
    source : str
        The generated source, with the user's lines as comments.  What is compiled has no such comments.
    in_store : bool
        Whether the store has it compiled.
    run : LoopRun or None
        What running it took, when analysed: ``tier``, ``rows``, ``seconds``, ``bytes_read``,
        ``bytes_written``, ``gigabytes_per_second``, ``compile_seconds``, ``threads``, ``choices``.
    """

    number: int
    operations: str
    lines: tuple[str, ...]
    text: str
    source: str = field(repr=False)
    in_store: bool
    run: LoopRun | None = None

    @property
    def rows(self) -> int | None:
        """Rows of the loop, when analysed."""
        return None if self.run is None else self.run.rows

    @property
    def seconds(self) -> float | None:
        """Seconds that it ran, compiling not included, when analysed."""
        return None if self.run is None else self.run.seconds

    @property
    def gigabytes_per_second(self) -> float | None:
        """Bytes read and written per second in 1e9, when analysed."""
        return None if self.run is None else self.run.gigabytes_per_second


@dataclass(frozen=True)
class Materialized:
    """An array that one kernel, or the host, leaves in memory for a later one.

    Attributes
    ----------
    name : str
        In the printed program.
    what : str
        How it is computed, as far as it is an operation of the user's.
    why : str
        Why it is not computed where it is needed.
    """

    name: str
    what: str
    why: str


@dataclass(frozen=True)
class Report:
    """Everything that is printed, in the order in which it is printed."""

    recorded: str
    passes: tuple[PassReport, ...]
    program: str
    kernels: tuple[Kernel, ...]
    materialized: tuple[Materialized, ...]
    not_fused: tuple[str, ...]
    on_groups: tuple[Kernel, ...]
    host: tuple[str, ...]
    fallbacks: tuple[Fallback, ...]
    disabled: tuple[str, ...]
    files: tuple[str, ...] = ()


def report(computation: Computation) -> Report:
    """Say what a computation is, by running its passes again with an observer."""
    values, unique = _named(computation)
    log = PassLog()
    program = optimise(
        values,
        computation.disabled,
        computation.hashed,
        log,
        unique,
        computation.by_runs,
        computation.longer,
        computation.stepped,
    )
    printout = ProgramPrintout(program)
    loops = {n: step for n, step in enumerate(program.steps) if isinstance(step, Loop)}
    small = [n for n, loop in loops.items() if _is_small(n, loop, computation)]
    numbers = {n: k for k, n in enumerate([n for n in loops if n not in small])}
    entries = {
        n: _kernel(numbers.get(n, small.index(n) if n in small else 0), n, loop, printout, computation)
        for n, loop in loops.items()
    }
    steps = [step for step in program.steps if isinstance(step, Host)]
    hosts = [host_entry(step, printout, _lines([step.target])) for step in steps]
    arrays = materialized_arrays(program, set(small), log.kept_by, computation.disabled)
    return Report(
        print_graph(values),
        tuple(log.reports),
        printout.text,
        tuple([entries[n] for n in numbers]),
        tuple([Materialized(printout.expression(v), ", ".join(_lines([v])), why) for v, why in arrays]),
        tuple(reasons_apart(program, numbers, printout, computation.disabled)),
        tuple([entries[n] for n in small]),
        tuple([text for text, _ in hosts]),
        (*computation.provenance, *[fallback for _, fallback in hosts if fallback is not None]),
        tuple(sorted(computation.disabled)),
        computation.files,
    )


def _named(computation: Computation) -> tuple[tuple[Value, ...], UniqueKeys]:
    """The values over inputs of their own, that have the user's names and lines; and which are distinct."""
    tokens: dict[Token, Token] = {}
    became: dict[Node, Node] = {}
    lines = dict(zip(computation.nodes, computation.lines, strict=True))
    for node in topological(computation.values):
        fresh: Node
        if isinstance(node, (Read, Parameter)):
            hint, constant = computation.hints.get(node.token, ""), computation.constants.get(node.token)
            token = tokens.setdefault(node.token, Token(hint, constant))
            if isinstance(node, Read):
                rows = became[node.rows]
                fresh = Read(token, node.dtype, rows)  # type: ignore[arg-type]  # rows stay rows
            else:
                fresh = Parameter(token, node.dtype)
        else:
            fresh = rebuild(node, became.__getitem__)
        if fresh is not node:
            fresh.origin = lines.get(node)
        became[node] = fresh
    unique = frozenset([_as(became, keys) for keys in computation.unique])
    return _as(became, computation.values), unique


def _as(became: Mapping[Node, Node], values: Sequence[Value]) -> tuple[Value, ...]:
    return tuple([became[value] for value in values])  # type: ignore[misc]  # values stay values


def _is_small(number: int, loop: Loop, computation: Computation) -> bool:
    """Whether NumPy runs a loop because its rows are groups."""
    if not runs_on_groups(loop.domain):
        return False
    run = (computation.runs or {}).get(number)
    return run is None or run.tier == "NumPy"


def _kernel(
    shown: int, number: int, loop: Loop, printout: ProgramPrintout, computation: Computation
) -> Kernel:
    emitted = computation.emitted.get(number)
    nodes: list[Value] = [*loop.values(), *step_targets(loop)]
    nodes += _masks([value.rows for value in nodes if value.rows is not None])
    lines = _lines(nodes)
    if emitted is None:
        return Kernel(shown, "", lines, printout.steps[number], "", False)
    run = (computation.runs or {}).get(number)
    return Kernel(
        shown,
        emitted.kernel.operations,
        lines,
        printout.steps[number],
        _commented(emitted, computation.program.steps[number], loop),
        compiler.in_store(emitted.kernel),
        run,
    )


def _masks(spaces: Iterable[Rows]) -> list[Value]:
    found: dict[Value, None] = {}
    for rows in dict.fromkeys(spaces):
        while isinstance(rows, Filter):
            found[rows.mask] = None
            rows = rows.parent
    return list(found)


def _commented(emitted: EmittedLoop, planned: object, loop: Loop) -> str:
    """The source with the user's lines; the planned loop's values are those of ``loop``, in their order."""
    assert isinstance(planned, Loop)
    named: Mapping[Value, Value] = dict(zip(planned.values(), loop.values(), strict=True))
    lines = emitted.kernel.source.rstrip("\n").split("\n")
    for at, value in emitted.marks:
        origin = _origin(named[value]) if value in named else None
        if origin is not None:
            mark = "  " if "  # " in lines[at] else "  # "
            lines[at] += f"{mark}{_place(origin)}"
    return "\n".join(lines)


def _lines(nodes: Sequence[Node]) -> tuple[str, ...]:
    """The user's lines of some nodes, in the order of the program's text."""
    origins = {(o.filename, o.line): o for node in nodes if (o := _origin(node)) is not None}
    return tuple([line_of(origins[key]) for key in sorted(origins)])


_on_input: WeakKeyDictionary[Node, bool] = WeakKeyDictionary()


def _origin(node: Node) -> Origin | None:
    """The user's line, unless ``node`` rests on no input: all programs share such nodes."""
    if node.origin is None:
        return None
    for one in topological([node], lambda found: () if found in _on_input else children(found)):
        if one not in _on_input:
            rests = any(_on_input[child] for child in children(one))
            _on_input[one] = rests or (isinstance(one, (Read, Parameter)) and one.token.constant is None)
    return node.origin if _on_input[node] else None


def line_of(origin: Origin) -> str:
    """A line of the user's, with its place."""
    text = " ".join(linecache.getline(origin.filename, origin.line).split()) or origin.what
    if len(text) > LONGEST_LINE:
        text = text[: LONGEST_LINE - 3] + "..."
    return f"{_place(origin)}  {text}"


def _place(origin: Origin) -> str:
    return f"{os.path.basename(origin.filename)}:{origin.line}"
