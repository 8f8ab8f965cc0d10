"""What each pass did, as text."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from passes.ir.loops import Program, step_reads, step_targets
from passes.ir.print_program import print_program
from passes.ir.printer import print_graph
from passes.ir.values import Value

MOST_LINES = 40
"""Lines of one pass that are printed: of a thousand operations fused into one, nobody reads each."""


@dataclass(frozen=True, slots=True)
class PassReport:
    """What one pass did.

    Parameters
    ----------
    name : str
    changed : bool
    summary : str
        In a few words.
    lines : tuple of str
        Lines of the program that it removed (``-``) and added (``+``).
    """

    name: str
    changed: bool
    summary: str = ""
    lines: tuple[str, ...] = ()


class PassLog:
    """An observer that keeps what passes say and do."""

    def __init__(self) -> None:
        self.reports: list[PassReport] = []
        self.kept_by: dict[Value, str] = {}
        self._lowered = False

    def observe(
        self, name: str, before: Sequence[Value], after: Sequence[Value], changed: int, elapsed_s: float
    ) -> None:
        """A rule has run over the graph."""
        lines = _difference(print_graph(before), print_graph(after)) if changed else ()
        times = "once" if changed == 1 else f"{changed} times"
        self.reports.append(PassReport(name, bool(changed), f"matched {times}", lines))

    def observe_program(self, name: str, before: Program, after: Program, elapsed_s: float) -> None:
        """A pass over the loop program has run."""
        if not self._lowered:
            self._lowered = True
            self.reports.append(PassReport("lower_to_loops", True, f"the graph became {_counts(before)}"))
        for value in sorted(after.kept - before.kept, key=_order_in(after).__getitem__):
            self.kept_by[value] = name
        if before == after:
            self.reports.append(PassReport(name, False))
            return
        lines = _difference(print_program(before), print_program(after))
        if after.kept != before.kept:
            summary = f"{len(after.kept - before.kept)} values are to be stored"
        elif _counts(before) != _counts(after):
            summary = f"{_counts(before)} -> {_counts(after)}"
        else:
            summary = "other builders" if lines else "other inputs"
        self.reports.append(PassReport(name, True, summary, lines))


def _order_in(program: Program) -> dict[Value, int]:
    targets = [target for step in program.steps for target in step_targets(step)]
    return {target: number for number, target in enumerate(targets)}


def _counts(program: Program) -> str:
    loops = len(program.loops)
    hosts = len(program.steps) - loops
    arrays = len({v for step in program.steps for v in step_reads(step) if v.rows is not None})
    return f"{_number(loops, 'loop')}, {_number(hosts, 'host step')}, {_number(arrays, 'array')} read back"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _difference(before: str, after: str) -> tuple[str, ...]:
    lines = [
        f"{line[0]} {line[1:]}"
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"... and {len(lines) - MOST_LINES} more lines"]
    return tuple(lines)
